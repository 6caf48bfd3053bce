/** What the main thread and the engine's thread say to each other, and the main thread's side of it. */

import { type MessagePort, Worker } from 'node:worker_threads';
import type { Input } from '../engine/index.js';
import { CloudlessError, type ErrorCode } from '../errors.js';
import type { EnginePort, Host, OutEffect } from '../host/index.js';
import type { LogLevel } from '../ports/index.js';

export type ToEngine = { readonly say: 'inputs'; readonly inputs: readonly Input[] } | { readonly say: 'close' };

export type FromEngine =
  | { readonly say: 'ready' }
  | { readonly say: 'effects'; readonly effects: readonly OutEffect[] }
  | {
      readonly say: 'log';
      readonly level: LogLevel;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    }
  | { readonly say: 'failed'; readonly code: ErrorCode; readonly message: string }
  | { readonly say: 'closed' };

/** Memory for what lives only for a step: with the default of 48 MiB all of it is in use at the end. */
const youngMib = 12;
/** Far more than is ever in use. The smaller this is, the earlier the collector looks for what is not. */
const oldMib = 1_024;

type StartOptions = Parameters<Host['startEngine']>[0];

/** Starts the engine's thread; resolves once its stores are open. */
export function startEngineThread(
  workerUrl: URL,
  workerData: unknown,
  transfer: readonly MessagePort[],
  options: StartOptions,
): Promise<EnginePort> {
  const resourceLimits = { maxYoungGenerationSizeMb: youngMib, maxOldGenerationSizeMb: oldMib };
  const worker = new Worker(workerUrl, { workerData, transferList: [...transfer], resourceLimits });
  const { promise, resolve, reject } = Promise.withResolvers<EnginePort>();
  const closed = Promise.withResolvers<void>();
  const fail = (error: CloudlessError): void => {
    reject(error);
    options.failed(error);
  };
  worker.on('message', (message: FromEngine) => {
    if (message.say === 'effects') options.out(message.effects);
    else if (message.say === 'log') options.logger.log(message.level, message.message, message.details);
    else if (message.say === 'ready') resolve(new ThreadPort(worker, closed.promise));
    else if (message.say === 'failed') fail(new CloudlessError(message.code, message.message));
    else closed.resolve();
  });
  worker.on('error', (error) =>
    fail(new CloudlessError('internal', `The engine stopped: ${String(error)}`, { cause: error })),
  );
  worker.on('exit', () => closed.resolve());
  return promise;
}

class ThreadPort implements EnginePort {
  readonly #worker: Worker;
  readonly #closed: Promise<void>;
  #inputs: Input[] = [];
  #due: NodeJS.Immediate | undefined;

  constructor(worker: Worker, closed: Promise<void>) {
    this.#worker = worker;
    this.#closed = closed;
  }

  post(input: Input): void {
    this.#inputs.push(compact(input));
    this.#due ??= setImmediate(() => this.#send());
  }

  /** Inputs of one turn go over together. */
  #send(): void {
    clearImmediate(this.#due);
    this.#due = undefined;
    if (this.#inputs.length > 0) this.#worker.postMessage({ say: 'inputs', inputs: this.#inputs } satisfies ToEngine);
    this.#inputs = [];
  }

  async close(): Promise<void> {
    this.#send();
    this.#worker.postMessage({ say: 'close' } satisfies ToEngine);
    await this.#closed;
    await this.#worker.terminate();
  }
}

/** A message is often a view of a larger buffer, and cloning a view clones all of that. */
function compact(input: Input): Input {
  return input.type === 'message' || input.type === 'wanted' ? { ...input, bytes: input.bytes.slice() } : input;
}
