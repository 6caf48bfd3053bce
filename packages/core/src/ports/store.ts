/**
 * Storage: ordered tables of byte strings with one open transaction (`ARCHITECTURE.md`, "Storage").
 * Synchronous, because a state machine that must wait for its own rows is no longer one step; it runs on the
 * engine's thread.
 * Every implementation passes `storeSuite` of `@cloudless/core/testing`.
 */

export interface Row {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

export interface Range {
  /** Inclusive; from the first key when absent. */
  readonly from?: Uint8Array | undefined;
  /** Exclusive; to the last key when absent. */
  readonly to?: Uint8Array | undefined;
  /** At most this many rows. */
  readonly limit: number;
  /** From the greatest key down. */
  readonly reverse?: boolean | undefined;
}

/**
 * Tables are made on first use; keys sort as bytes. Writes are seen by later reads at once, and last after
 * `commit`.
 */
export interface Store {
  get(table: string, key: Uint8Array): Uint8Array | undefined;
  put(table: string, key: Uint8Array, value: Uint8Array): void;
  delete(table: string, key: Uint8Array): void;
  scan(table: string, range: Range): readonly Row[];
  /** How many rows a table has. */
  count(table: string): number;
  /** Whether anything was written since the last commit. */
  readonly dirty: boolean;
  /**
   * Durable when it returns: survives power loss. Throws `disk-full` or `io`, and then nothing of the transaction
   * stands.
   */
  commit(): void;
  rollback(): void;
  close(): void;
}

export interface Storage {
  /** Opens or makes the store of that name (letters, digits, `-`). One open store a name. */
  open(name: string): Store;
  remove(name: string): void;
  /** Names of the stores that exist. */
  names(): readonly string[];
  /** Where the stores lie: machine and file. Another one than last time where they were copied or restored. */
  identity(): string;
}
