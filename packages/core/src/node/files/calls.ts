/** Calls between threads: requests and answers by id, items of a stream in between. */

import type { MessagePort, Transferable, Worker } from 'node:worker_threads';
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

type Answer =
  | { readonly id: number; readonly item: unknown }
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: { readonly code: ErrorCode; readonly message: string } };

/** Somewhere that calls are carried out. */
export interface Caller {
  /** Items of a stream may go on to come after the result, until `forget`. */
  call(call: Call, item?: (item: unknown) => void): Promise<unknown>;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: CloudlessError) => void;
  /** The answer is here; a watch goes on to give items. */
  readonly last: () => void;
}

type Port = Pick<MessagePort | Worker, 'postMessage' | 'on'>;

/** Carries calls over a port. */
export class PortCaller implements Caller {
  readonly #port: Port;
  readonly #waiting = new Map<number, Waiting>();
  readonly #streams = new Map<number, (item: unknown) => void>();
  #counter = 0;

  constructor(port: Port) {
    this.#port = port;
    port.on('message', (answer: Answer) => this.#answered(answer));
  }

  /** Calls without an answer yet. */
  get pending(): number {
    return this.#waiting.size;
  }

  call(call: Call, item?: (item: unknown) => void): Promise<unknown> {
    const id = ++this.#counter;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const last = (): void => void (call.method === 'watch' || this.#streams.delete(id));
    this.#waiting.set(id, { resolve, reject, last });
    if (item !== undefined) this.#streams.set(id, item);
    const handed = call.method === 'storeChunk' ? ownedBuffer(call.args[2]) : [];
    this.#port.postMessage({ id, ...call } satisfies Request, handed);
    return promise;
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

/** Answers the calls that come over a port. */
export function answerCalls(
  port: Port,
  carryOut: (call: Call, item: (item: unknown) => void) => Promise<unknown> | unknown,
): void {
  const answer = (message: Answer): void => port.postMessage(message, ownedBuffers(message));
  port.on('message', ({ id, ...call }: Request) => {
    void (async () => {
      try {
        const result = await carryOut(call, (item) => answer({ id, item }));
        answer({ id, result });
      } catch (error) {
        const code = error instanceof CloudlessError ? errorCode(error) : 'io';
        answer({ id, error: { code, message: error instanceof Error ? error.message : String(error) } });
      }
    })();
  });
}

/** The bytes of a loaded chunk are handed over, not copied. */
function ownedBuffers(message: Answer): Transferable[] {
  return 'result' in message ? ownedBuffer((message.result as { readonly bytes?: unknown } | undefined)?.bytes) : [];
}

/** The memory under bytes that fill all of it. */
function ownedBuffer(bytes: unknown): Transferable[] {
  if (!(bytes instanceof Uint8Array) || bytes.byteLength !== bytes.buffer.byteLength) return [];
  return bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [];
}
