import type { Crypto } from '../crypto/index.js';
import type { Input } from '../engine/index.js';
import type { Clock, FilesProvider, Logger, Random } from '../ports/index.js';
import type { OutEffect } from './engine-loop.js';

/** An engine somewhere: on this thread or another. */
export interface EnginePort {
  post(input: Input): void;
  close(): Promise<void>;
}

/** A machine that a device can live on; `nodeHost` and `memoryHost` are two. */
export interface Host {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly random: Random;
  /** Files for the side that moves chunks. */
  readonly files: FilesProvider;
  /** Starts the engine of this home. Rejects with `busy` when another program has it open. */
  startEngine(options: {
    readonly logger: Logger;
    readonly out: (effects: readonly OutEffect[]) => void;
    readonly failed: (error: unknown) => void;
  }): Promise<EnginePort>;
  close(): Promise<void>;
}
