import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import { CloudlessError } from '../errors.js';
import type { FileOperation, FileStamp, FilesProvider, WatchHint } from '../ports/index.js';
import { nodeCrypto } from './crypto.js';
import { answerCalls, type Call, type Caller, PortCaller, type TakeItem } from './files/calls.js';
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
const youngMib = 3;
/** Far more than a worker ever has in use. The smaller this is, the earlier the collector looks for what is not. */
const oldMib = 1_024;
/** What the bytes of files go through. All else is for the walk worker, so that neither delays the other for long. */
const byteMethods: ReadonlySet<string> = new Set([
  'hash',
  'hashArchived',
  'loadChunk',
  'storeChunk',
  'copyChunk',
  'flushTemps',
  'apply',
  'exportArchived',
]);
/** So little of that is left to the walk worker: so many bytes a call, and so many calls at the same moment. */
const fewBytes = 1_048_576;
const fewCalls = 4;
/** A byte worker that had nothing to do for so long ends: each takes twenty mebibytes. */
const idleMsDefault = 30_000;

export interface NodeFilesOptions {
  /** Threads of its own, or `inline` the calling one. */
  readonly workers: 'threads' | 'inline';
  /** When a byte worker that has nothing to do ends. */
  readonly idleMs?: number | undefined;
}

/** Files of this machine. */
export function nodeFilesProvider({ workers, idleMs = idleMsDefault }: NodeFilesOptions): NodeFiles {
  const pool = workers === 'threads' ? new WorkerPool(idleMs) : new InlinePool();
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

  call(call: Call, item?: TakeItem): Promise<unknown> {
    return this.#local.call(call, item);
  }

  close(): Promise<void> {
    return this.#local.close();
  }
}

interface Hand {
  readonly name: string;
  readonly worker: Worker;
  readonly caller: PortCaller;
  /** Calls that have to do with bytes and are not answered yet. */
  byteCalls: number;
  /** Ends it when there is nothing to do. */
  idle: NodeJS.Timeout | undefined;
}

/**
 * A walk worker, and byte workers when there is more to do than it can do besides. Each is started when needed, again
 * after it died, and byte workers end when there was nothing to do for a while.
 */
class WorkerPool implements Caller {
  readonly #byteWorkers = Math.min(workersMax, Math.max(1, availableParallelism() - 1));
  readonly #hands = new Map<string, Hand>();
  /** What the walk worker watches, to be watched by the next one should it die. */
  readonly #watches = new Map<string, { readonly call: Call; readonly item: TakeItem }>();
  readonly #idleMs: number;
  #closed = false;

  constructor(idleMs: number) {
    this.#idleMs = idleMs;
  }

  async call(call: Call, item?: TakeItem): Promise<unknown> {
    if (this.#closed) throw new CloudlessError('closed', 'The files are closed.');
    const watch = `${call.root} ${String(call.args[0])}`;
    if (call.method === 'unwatch') this.#watches.delete(watch);
    const result = await this.#do(call, item);
    if (call.method === 'watch' && item !== undefined) this.#watches.set(watch, { call, item });
    return result;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#hands.values()].map(({ worker }) => worker.terminate()));
  }

  async #do(call: Call, item: TakeItem | undefined): Promise<unknown> {
    if (!byteMethods.has(call.method)) return this.#hand('walk').caller.call(call, item);
    const hand = this.#handFor(call);
    clearTimeout(hand.idle);
    hand.byteCalls += 1;
    try {
      return await hand.caller.call(call, item);
    } finally {
      hand.byteCalls -= 1;
      if (hand.byteCalls === 0 && hand.name !== 'walk') this.#endLater(hand);
    }
  }

  #endLater(hand: Hand): void {
    const { name, worker } = hand;
    hand.idle = setTimeout(() => {
      if (this.#hands.get(name) === hand) this.#hands.delete(name);
      void worker.terminate();
    }, this.#idleMs).unref();
  }

  #handFor(call: Call): Hand {
    const walk = this.#hand('walk');
    if (!this.#hands.has('bytes 0') && walk.byteCalls < fewCalls && bytesOf(call) <= fewBytes) return walk;
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
      hand = { name, worker, caller: new PortCaller(worker), byteCalls: 0, idle: undefined };
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
      const all = (): unknown => item({ paths: undefined } satisfies WatchHint);
      this.call(call, item).then(all, all);
    }
  }
}

/** Bytes that the call may go through at once. Those of a chunk are few. */
function bytesOf({ method, args }: Call): number {
  if (method === 'hash' || method === 'hashArchived') return (args[1] as FileStamp).size;
  if (method === 'exportArchived') return Number.POSITIVE_INFINITY;
  if (method !== 'apply') return 0;
  // What is flushed, and where the disk has no links what is copied.
  return (args[1] as readonly FileOperation[]).reduce((sum, operation) => {
    const placed = 'size' in operation ? operation.size : 0;
    const replaced = 'expected' in operation ? (operation.expected?.size ?? 0) : 0;
    return sum + placed + replaced;
  }, 0);
}
