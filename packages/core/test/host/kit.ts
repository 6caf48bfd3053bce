/** What host tests give a device that needs no disk. */

import { randomBytes } from 'node:crypto';
import { CloudlessError } from '../../src/errors.js';
import type { MemoryStorage } from '../../src/memory/index.js';
import type { Clock, FilesProvider, Random } from '../../src/ports/index.js';

export type { Clock, FilesProvider };
export type StorageOf = MemoryStorage;

export const realClock: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, call) => {
    if (delayMs <= 0) {
      const immediate = setImmediate(call);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

export const realRandom: Random = { bytes: (length) => randomBytes(length) };

/** Directories are taken as they are named, and there is nothing in them. */
export const noFiles: FilesProvider = {
  prepareRoot: (path) => Promise.resolve(path),
  open: () => {
    throw new CloudlessError('not-supported', 'This device has no disk.');
  },
};
