import { compareBytes } from '../bytes.js';
import { CloudlessError } from '../errors.js';
import type { Range, Row, Storage, Store } from '../ports/index.js';

/** Storage in RAM, with what a machine has of it: `crash` drops what was not committed. */
export interface MemoryStorage extends Storage {
  /** Power cut: all stores are closed, and what was not committed is gone. */
  crash(): void;
  /** A copy as it would come back from a backup made now. */
  backup(): MemoryStorage;
  /** Makes commits fail as a full disk would, until called with `false`. */
  fill(full: boolean): void;
  /** Called before each commit that has something to commit; what it throws ends that commit with nothing done. */
  beforeCommit: () => void;
}

type Tables = Map<string, Row[]>;

interface Shared {
  full: boolean;
  beforeCommit: () => void;
}

/** Empty storage. */
export function memoryStorage(): MemoryStorage {
  return storageOf(new Map(), newShared());
}

function storageOf(durable: Map<string, Tables>, shared: Shared): MemoryStorage {
  let stores = new Map<string, MemoryStore>();
  return {
    open(name) {
      const tables = durable.get(name) ?? new Map<string, Row[]>();
      durable.set(name, tables);
      const store = new MemoryStore(tables, shared);
      stores.set(name, store);
      return store;
    },
    remove: (name) => {
      durable.delete(name);
      stores.delete(name);
    },
    names: () => [...durable.keys()],
    identity: () => 'memory',
    crash: () => {
      for (const store of stores.values()) store.rollback();
      stores = new Map();
    },
    backup: () => storageOf(new Map([...durable].map(([name, tables]) => [name, copyOf(tables)])), newShared()),
    fill: (full) => {
      shared.full = full;
    },
    get beforeCommit() {
      return shared.beforeCommit;
    },
    set beforeCommit(call) {
      shared.beforeCommit = call;
    },
  };
}

function newShared(): Shared {
  return { full: false, beforeCommit: () => undefined };
}

function copyOf(tables: Tables): Tables {
  return new Map([...tables].map(([name, rows]) => [name, [...rows]]));
}

interface Undo {
  readonly table: string;
  readonly key: Uint8Array;
  readonly before: Uint8Array | undefined;
}

class MemoryStore implements Store {
  readonly #tables: Tables;
  readonly #shared: Shared;
  readonly #undo: Undo[] = [];

  constructor(tables: Tables, shared: Shared) {
    this.#tables = tables;
    this.#shared = shared;
  }

  get dirty(): boolean {
    return this.#undo.length > 0;
  }

  get(table: string, key: Uint8Array): Uint8Array | undefined {
    const rows = this.#rows(table);
    const row = rows[lowerBound(rows, key)];
    return row !== undefined && compareBytes(row.key, key) === 0 ? row.value.slice() : undefined;
  }

  put(table: string, key: Uint8Array, value: Uint8Array): void {
    this.#undo.push({ table, key: key.slice(), before: this.#set(table, key.slice(), value.slice()) });
  }

  delete(table: string, key: Uint8Array): void {
    this.#undo.push({ table, key: key.slice(), before: this.#set(table, key, undefined) });
  }

  scan(table: string, range: Range): readonly Row[] {
    const rows = this.#rows(table);
    const from = range.from === undefined ? 0 : lowerBound(rows, range.from);
    const to = range.to === undefined ? rows.length : lowerBound(rows, range.to);
    const found =
      range.reverse === true
        ? rows.slice(Math.max(from, to - range.limit), Math.max(from, to)).reverse()
        : rows.slice(from, Math.min(to, from + range.limit));
    return found.map((row) => ({ key: row.key.slice(), value: row.value.slice() }));
  }

  count(table: string): number {
    return this.#rows(table).length;
  }

  commit(): void {
    if (this.dirty) this.#shared.beforeCommit();
    if (this.#shared.full && this.dirty) {
      this.rollback();
      throw new CloudlessError('disk-full', 'The disk is full: the database could not grow.');
    }
    this.#undo.length = 0;
  }

  rollback(): void {
    for (const { table, key, before } of this.#undo.splice(0).reverse()) this.#set(table, key, before);
  }

  close(): void {
    this.rollback();
  }

  #set(table: string, key: Uint8Array, value: Uint8Array | undefined): Uint8Array | undefined {
    const rows = this.#rows(table);
    const at = lowerBound(rows, key);
    const found = rows[at];
    const known = found !== undefined && compareBytes(found.key, key) === 0;
    rows.splice(at, known ? 1 : 0, ...(value === undefined ? [] : [{ key, value }]));
    return known ? found.value : undefined;
  }

  #rows(table: string): Row[] {
    let rows = this.#tables.get(table);
    if (rows === undefined) {
      rows = [];
      this.#tables.set(table, rows);
    }
    return rows;
  }
}

/** Index of the first row whose key is not before `key`. */
function lowerBound(rows: readonly Row[], key: Uint8Array): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes((rows[middle] as Row).key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
