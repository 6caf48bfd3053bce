import { connect, type Socket } from 'node:net';
import { Failure } from '../failure.js';
import { readJsonLines, writeJsonLine } from './lines.js';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Failure) => void;
  readonly item: ((item: unknown) => void) | undefined;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: {
    readonly message: string;
    readonly data?: { readonly code?: string; readonly details?: Readonly<Record<string, unknown>> };
  };
  readonly method?: string;
  readonly params?: { readonly id: number; readonly items: readonly unknown[] };
}

/** A connection to a daemon's control socket (`docs/control-api.md`). */
export class Client {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #counter = 0;

  /** For `connectClient`. */
  constructor(socket: Socket) {
    this.#socket = socket;
    readJsonLines(socket, (value) => this.#answered(value as Answer));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
  }

  /** Calls a method; `item` gets what it streams until it answers. Rejects with a `Failure` that has the code. */
  call(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
    item?: (item: unknown) => void,
  ): Promise<unknown> {
    const id = ++this.#counter;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject, item });
    writeJsonLine(this.#socket, { jsonrpc: '2.0', id, method, params });
    return promise;
  }

  /** Stops reading, so that the daemon waits; and goes on. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  #answered(answer: Answer): void {
    if (answer.method === 'items' && answer.params !== undefined) {
      const item = this.#waiting.get(answer.params.id)?.item;
      for (const each of answer.params.items) item?.(each);
      return;
    }
    const waiting = this.#waiting.get(answer.id ?? -1);
    this.#waiting.delete(answer.id ?? -1);
    if (answer.error === undefined) return waiting?.resolve(answer.result);
    const { message, data = {} } = answer.error;
    waiting?.reject(new Failure(data.code ?? 'internal', message, data.details));
  }

  #closed(): void {
    const failure = new Failure('closed', 'The daemon has stopped; its log is daemon.log in the home.');
    for (const { reject } of this.#waiting.values()) reject(failure);
    this.#waiting.clear();
  }
}

/** A client of the daemon that listens there; rejects when none does. */
export function connectClient(path: string): Promise<Client> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(new Client(socket));
    });
  });
}
