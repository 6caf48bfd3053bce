import type { Crypto } from '../crypto/index.js';
import { EngineLoop, type Host } from '../host/index.js';
import type { Clock, FilesProvider, Random, Storage } from '../ports/index.js';

export interface MemoryHostOptions {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly random: Random;
  readonly storage: Storage;
  readonly files: FilesProvider;
}

/** A host on the calling thread whose parts are given. For tests, examples and browsers. */
export function memoryHost(options: MemoryHostOptions): Host {
  return {
    ...options,
    startEngine: (start) => Promise.resolve(new EngineLoop({ ...options, ...start })),
    close: () => Promise.resolve(),
  };
}
