import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { CloudlessError } from '../errors.js';
import type { FilesProvider, WatchHint } from '../ports/index.js';
import { nodeCrypto } from './crypto.js';
import { answerCalls, type Call, type Caller, PortCaller } from './files/calls.js';
import { LocalFiles } from './files/carry-out.js';
import { RootFiles } from './files/root-files.js';

/** Directories of this machine. */
export interface NodeFiles extends FilesProvider {
  /** A port over which another thread gets the same, by `connectFiles`. */
  port(): MessagePort;
  close(): Promise<void>;
}

const workersMax = 8;
/** Memory of a worker for what lives only for a call. */
const youngMib = 6;
/** Far more than a worker ever has in use. The smaller this is, the earlier the collector looks for what is not. */
const oldMib = 1_024;
/** What walks trees goes to the walk worker, so that it delays no transfer and no transfer delays it. */
const walkMethods = new Set(['scan', 'watch', 'unwatch', 'prepareRoot']);

/** Files of this machine, worked on by threads of their own or, with `inline`, by the calling one. */
export function nodeFilesProvider(options: { readonly workers: 'threads' | 'inline' }): NodeFiles {
  const pool = options.workers === 'threads' ? new WorkerPool() : new InlinePool();
  const ports: MessagePort[] = [];
  return {
    ...providerOf(pool),
    port: () => {
      const { port1, port2 } = new MessageChannel();
      answerCalls(port1, (call, item) => pool.call(call, item));
      ports.push(port1);
      return port2;
    },
    close: async () => {
      for (const port of ports) port.close();
      await pool.close();
    },
  };
}

/** The files that another thread has given a port to. */
export function connectFiles(port: MessagePort): FilesProvider {
  return providerOf(new PortCaller(port));
}

function providerOf(caller: Caller): FilesProvider {
  return {
    open: (root) => new RootFiles(caller, root),
    prepareRoot: async (root, { create, otherRoots, token }) => {
      return (await caller.call({ root, method: 'prepareRoot', args: [{ create, otherRoots, token }] })) as string;
    },
  };
}

class InlinePool implements Caller {
  readonly #local = new LocalFiles(nodeCrypto());

  call(call: Call, item?: (item: unknown) => void): Promise<unknown> {
    return this.#local.call(call, item);
  }

  close(): Promise<void> {
    return this.#local.close();
  }
}

interface Hand {
  readonly worker: Worker;
  readonly caller: PortCaller;
}

type Item = (item: unknown) => void;

/** Byte workers and a walk worker, each started when first needed, and again after it died. */
class WorkerPool implements Caller {
  readonly #byteWorkers = Math.min(workersMax, Math.max(1, availableParallelism() - 1));
  readonly #hands = new Map<string, Hand>();
  /** What the walk worker watches, to be watched by the next one should it die. */
  readonly #watches = new Map<string, { readonly call: Call; readonly item: Item }>();
  #closed = false;

  async call(call: Call, item?: Item): Promise<unknown> {
    if (this.#closed) throw new CloudlessError('closed', 'The files are closed.');
    const watch = `${call.root} ${String(call.args[0])}`;
    if (call.method === 'unwatch') this.#watches.delete(watch);
    const result = await this.#handFor(call).caller.call(call, item);
    if (call.method === 'watch' && item !== undefined) this.#watches.set(watch, { call, item });
    return result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#hands.values()].map(({ worker }) => worker.terminate()));
  }

  #handFor(call: Call): Hand {
    if (walkMethods.has(call.method)) return this.#hand('walk');
    let best: Hand | undefined;
    for (let i = 0; i < this.#byteWorkers; i++) {
      const hand = this.#hand(`bytes ${i}`);
      if (hand.caller.pending === 0) return hand;
      if (best === undefined || hand.caller.pending < best.caller.pending) best = hand;
    }
    return best ?? this.#hand('bytes 0');
  }

  #hand(name: string): Hand {
    let hand = this.#hands.get(name);
    if (hand === undefined) {
      const resourceLimits = { maxYoungGenerationSizeMb: youngMib, maxOldGenerationSizeMb: oldMib };
      const worker = new Worker(new URL('./workers/file-worker.js', import.meta.url), { resourceLimits });
      hand = { worker, caller: new PortCaller(worker) };
      this.#hands.set(name, hand);
      const { caller } = hand;
      const gone = (reason: string): void => {
        const isFirst = this.#hands.get(name)?.worker === worker;
        if (isFirst) this.#hands.delete(name);
        caller.fail(new CloudlessError('io', `A worker stopped: ${reason}.`));
        if (isFirst && name === 'walk' && !this.#closed) this.#watchAgain();
      };
      worker.on('error', (error) => gone(String(error)));
      worker.on('exit', (code) => gone(`exit ${code}`));
    }
    return hand;
  }

  /** What happened meanwhile was not seen, so everything is hinted at. A second death at once is not survived. */
  #watchAgain(): void {
    const watches = [...this.#watches.values()];
    this.#watches.clear();
    for (const { call, item } of watches) {
      const all = (): void => item({ paths: undefined } satisfies WatchHint);
      this.call(call, item).then(all, all);
    }
  }
}
