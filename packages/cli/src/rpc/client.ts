import { connect, type Socket } from 'node:net';
import { CloudlessError } from '@cloudless/core';
import { readJsonLines, writeJsonLine } from './lines.js';

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: CloudlessError) => void;
  readonly item: ((item: unknown) => void) | undefined;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data?: { readonly code?: CloudlessError['code']; readonly details?: Record<string, unknown> } };
  readonly method?: string;
  readonly params?: { readonly id: number; readonly items: readonly unknown[] };
}

/** A connection to a daemon's control socket (`docs/control-api.md`). */
export class Client {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #counter = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    readJsonLines(socket, (value) => this.#answered(value as Answer));
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
  }

  /** Rejects when no daemon answers there. */
  static connect(path: string): Promise<Client> {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Client(socket));
      });
    });
  }

  /** Calls a method; `item` gets what it streams until it answers. */
  call(method: string, params: Readonly<Record<string, unknown>> = {}, item?: (item: unknown) => void): Promise<unknown> {
    const id = ++this.#counter;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject, item });
    writeJsonLine(this.#socket, { jsonrpc: '2.0', id, method, params });
    return promise;
  }

  /** Calls back once the connection is over. */
  onClosed(call: () => void): void {
    this.#socket.once('close', call);
  }

  close(): void {
    this.#socket.end();
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
    waiting?.reject(new CloudlessError(data.code ?? 'internal', message, { details: data.details ?? {} }));
  }

  #closed(): void {
    for (const { reject } of this.#waiting.values()) reject(new CloudlessError('closed', 'The daemon has stopped; run the command again.'));
    this.#waiting.clear();
  }
}
