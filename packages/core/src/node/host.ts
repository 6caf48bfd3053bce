import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EngineLoop, type Host } from '../host/index.js';
import { systemClock, systemRandom } from './clock.js';
import { nodeCrypto } from './crypto.js';
import { startEngineThread } from './engine-thread.js';
import { nodeFilesProvider } from './files.js';
import { lockHome } from './lock.js';
import { sqliteStorage } from './sqlite-store.js';

export interface NodeHostOptions {
  /** Directory of this installation; made with mode 0700. Two homes on one machine are two devices. */
  readonly home: string;
  /** False runs everything on the calling thread. Default: true. */
  readonly threads?: boolean | undefined;
}

/** A device on this machine: SQLite, the file system, worker threads. */
export function nodeHost(options: NodeHostOptions): Host {
  const { home, threads = true } = options;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const files = nodeFilesProvider({ workers: threads ? 'threads' : 'inline' });
  const stores = join(home, 'stores');
  let unlock: (() => Promise<void>) | undefined;
  return {
    crypto: nodeCrypto(),
    clock: systemClock,
    random: systemRandom,
    files,
    startEngine: async (start) => {
      unlock = await lockHome(home);
      if (threads) {
        const port = files.port();
        return startEngineThread(
          new URL('./workers/engine-worker.js', import.meta.url),
          { stores, port },
          [port],
          start,
        );
      }
      const loop = new EngineLoop({
        ...start,
        crypto: nodeCrypto(),
        storage: sqliteStorage(stores),
        files,
        clock: systemClock,
        random: systemRandom,
      });
      return loop;
    },
    close: async () => {
      await files.close();
      await unlock?.();
    },
  };
}
