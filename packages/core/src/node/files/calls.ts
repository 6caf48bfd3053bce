/** Calls between threads: requests and answers by id, items of a stream in between. */

import type { MessagePort, Worker } from 'node:worker_threads';
import { free } from '../../bytes.js';
import { CloudlessError, type ErrorCode, errorCode } from '../../errors.js';

export interface Call {
  /** Directory that it is about. */
  readonly root: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

interface Request extends Call {
  readonly id: number;
}

/** Messages are posted once a turn, and before that when this much of chunks waits. */
const postBytesMax = 524_288;

/** Items of a stream that are on the way to whoever asked; the next waits until one of them was taken. */
const itemsAhead = 2;
/** Methods whose items wait for each other. */
const paced: ReadonlySet<string> = new Set(['scan']);

/** Takes an item of a stream. What it gives is awaited where items wait for each other. */
export type TakeItem = (item: unknown) => unknown;

/** An item of a stream was taken. */
interface Taken {
  readonly taken: number;
}

type Answer =
  | { readonly id: number; readonly item: unknown }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly code: ErrorCode; readonly message: string } };

/** Somewhere that calls are carried out. */
export interface Caller {
  /** Items of a stream may go on to come after the result, until `forget`. */
  call(call: Call, item?: TakeItem): Promise<unknown>;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: CloudlessError) => void;
  /** The answer is here; a watch goes on to give items. */
  readonly last: () => void;
}

type Port = Pick<MessagePort | Worker, 'postMessage' | 'on'>;

/** Gathers what is said to the other thread in one turn: a message for each call costs more than most calls. */
class Outbox<T> {
  readonly #port: Port;
  #messages: T[] = [];
  #handed: ArrayBuffer[] = [];
  #bytes = 0;
  #due: NodeJS.Immediate | undefined;

  constructor(port: Port) {
    this.#port = port;
  }

  /** The memory under `handed` goes over to the other thread. */
  post(message: T, handed?: Uint8Array | undefined): void {
    this.#messages.push(message);
    if (handed !== undefined && handed.buffer instanceof ArrayBuffer) {
      this.#handed.push(handed.buffer);
      this.#bytes += handed.length;
    }
    if (this.#bytes >= postBytesMax) this.#send();
    else this.#due ??= setImmediate(() => this.#send());
  }

  #send(): void {
    clearImmediate(this.#due);
    this.#due = undefined;
    this.#port.postMessage(this.#messages, this.#handed);
    this.#messages = [];
    this.#handed = [];
    this.#bytes = 0;
  }
}

/** Carries calls over a port. */
export class PortCaller implements Caller {
  readonly #outbox: Outbox<Request | Taken>;
  readonly #waiting = new Map<number, Waiting>();
  readonly #streams = new Map<number, (item: unknown) => void>();
  #counter = 0;

  constructor(port: Port) {
    this.#outbox = new Outbox(port);
    port.on('message', (answers: readonly Answer[]) => {
      for (const answer of answers) this.#answered(answer);
    });
  }

  /** Calls without an answer yet. */
  get pending(): number {
    return this.#waiting.size;
  }

  call(call: Call, item?: TakeItem): Promise<unknown> {
    const id = ++this.#counter;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const last = (): void => void (call.method === 'watch' || this.#streams.delete(id));
    this.#waiting.set(id, { resolve, reject, last });
    if (item !== undefined) this.#streams.set(id, paced.has(call.method) ? this.#paced(id, item) : item);
    this.#outbox.post({ id, ...call }, handedBytes(call));
    return promise;
  }

  /** Tells the other side of each item that was taken. */
  #paced(id: number, take: TakeItem): (item: unknown) => void {
    return (item) => void Promise.resolve(take(item)).then(() => this.#outbox.post({ taken: id }));
  }

  /** The other side is gone. */
  fail(error: CloudlessError): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
    this.#streams.clear();
  }

  #answered(answer: Answer): void {
    const { id } = answer;
    if ('item' in answer) return this.#streams.get(id)?.(answer.item);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.last();
    if ('result' in answer) waiting?.resolve(answer.result);
    else waiting?.reject(new CloudlessError(answer.error.code, answer.error.message));
  }
}

/** What is on the way of a stream that waits for whoever takes it. */
class Pace {
  #ahead = 0;
  #waiting: (() => void) | undefined;

  /** Resolves once there is room for another item. */
  sent(): Promise<void> | undefined {
    this.#ahead += 1;
    if (this.#ahead < itemsAhead) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = resolve;
    return promise;
  }

  taken(): void {
    this.#ahead -= 1;
    this.#waiting?.();
    this.#waiting = undefined;
  }
}

/** Answers the calls that come over a port. */
export function answerCalls(port: Port, carryOut: (call: Call, item: TakeItem) => Promise<unknown> | unknown): void {
  const outbox = new Outbox<Answer>(port);
  const paces = new Map<number, Pace>();
  const answer = async ({ id, ...call }: Request): Promise<void> => {
    if (paced.has(call.method)) paces.set(id, new Pace());
    try {
      const result = await carryOut(call, (item) => {
        outbox.post({ id, item });
        return paces.get(id)?.sent();
      });
      outbox.post({ id, result }, loadedBytes(result));
    } catch (error) {
      const code = error instanceof CloudlessError ? errorCode(error) : 'io';
      outbox.post({ id, error: { code, message: error instanceof Error ? error.message : String(error) } });
    }
    paces.delete(id);
    const memory = handedBytes(call)?.buffer;
    // Unless it was handed on to another thread.
    if (memory instanceof ArrayBuffer && !memory.detached) free(new Uint8Array(memory));
  };
  port.on('message', (requests: readonly (Request | Taken)[]) => {
    for (const request of requests) {
      if ('taken' in request) paces.get(request.taken)?.taken();
      else void answer(request);
    }
  });
}

/** The bytes of a chunk to store are handed over, with the memory under them. */
function handedBytes(call: Call): Uint8Array | undefined {
  return call.method === 'storeChunk' ? (call.args[2] as Uint8Array) : undefined;
}

/** The bytes of a loaded chunk are handed over, not copied. */
function loadedBytes(result: unknown): Uint8Array | undefined {
  const bytes = (result as { readonly bytes?: unknown } | undefined)?.bytes;
  return bytes instanceof Uint8Array && bytes.byteLength === bytes.buffer.byteLength ? bytes : undefined;
}
