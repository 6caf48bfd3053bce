/** Stores on `node:sqlite`: each store is one database with one table for each of the store's tables. */

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { CloudlessError, check, invariant } from '../errors.js';
import type { Range, Row, Storage, Store } from '../ports/index.js';

const suffix = '.db';
/** The write-ahead log is copied into the database after so many commits or bytes, and then begins anew. */
const checkpointCommits = 256;
const checkpointBytes = 16_777_216;
const cacheKib = 4_096;

/** Stores as SQLite databases in a directory of their own (mode 0700, files 0600). */
export function sqliteStorage(directory: string): Storage {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = (name: string): string => {
    invariant(/^[a-z0-9-]+$/.test(name), 'names of stores are plain');
    return join(directory, name + suffix);
  };
  return {
    open: (name) => new SqliteStore(path(name)),
    remove: (name) => {
      for (const end of ['', '-wal', '-shm']) rmSync(path(name) + end, { force: true });
    },
    identity: () => `${machineId()} ${statSync(path('home'), { bigint: true, throwIfNoEntry: false })?.ino ?? ''}`,
    names: () => {
      const files = existsSync(directory) ? readdirSync(directory) : [];
      return files.filter((file) => file.endsWith(suffix)).map((file) => file.slice(0, -suffix.length));
    },
  };
}

/** Empty where the system has none. */
function machineId(): string {
  for (const path of ['/etc/machine-id', '/var/lib/dbus/machine-id']) {
    try {
      return readFileSync(path, 'utf8').trim();
    } catch {
      // The next one.
    }
  }
  return '';
}

interface Statements {
  readonly get: StatementSync;
  readonly put: StatementSync;
  readonly delete: StatementSync;
  readonly forward: StatementSync;
  readonly backward: StatementSync;
  readonly count: StatementSync;
}

/** Greater than any key: keys are shorter. */
const lastKey = new Uint8Array(8_192).fill(255);
const firstKey = new Uint8Array(0);

class SqliteStore implements Store {
  readonly #database: DatabaseSync;
  readonly #tables = new Map<string, Statements>();
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #rollback: StatementSync;
  readonly #checkpoint: StatementSync;
  #dirty = false;
  /** Since the last checkpoint. */
  #commits = 0;
  #written = 0;

  constructor(path: string) {
    this.#database = guarded(() => new DatabaseSync(path));
    chmodSync(path, 0o600);
    guarded(() => {
      const { exec } = { exec: (sql: string) => this.#database.exec(sql) };
      exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0');
      exec(`PRAGMA cache_size = -${cacheKib}; PRAGMA temp_store = MEMORY; PRAGMA locking_mode = EXCLUSIVE`);
    });
    this.#begin = this.#database.prepare('BEGIN');
    this.#commit = this.#database.prepare('COMMIT');
    this.#rollback = this.#database.prepare('ROLLBACK');
    this.#checkpoint = this.#database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  }

  get dirty(): boolean {
    return this.#dirty;
  }

  get(table: string, key: Uint8Array): Uint8Array | undefined {
    const { get } = this.#table(table);
    try {
      return (get.get(key) as readonly [Uint8Array] | undefined)?.[0];
    } catch (error) {
      throw failure(error);
    }
  }

  put(table: string, key: Uint8Array, value: Uint8Array): void {
    const { put } = this.#table(table);
    this.#write();
    this.#written += key.length + value.length;
    try {
      put.run(key, value);
    } catch (error) {
      throw failure(error);
    }
  }

  delete(table: string, key: Uint8Array): void {
    const statements = this.#table(table);
    this.#write();
    guarded(() => statements.delete.run(key));
  }

  scan(table: string, range: Range): readonly Row[] {
    const { forward, backward } = this.#table(table);
    const statement = range.reverse === true ? backward : forward;
    const rows = guarded(() => statement.all(range.from ?? firstKey, range.to ?? lastKey, range.limit));
    return (rows as unknown as readonly [Uint8Array, Uint8Array][]).map(([key, value]) => ({ key, value }));
  }

  count(table: string): number {
    return Number(guarded(() => this.#table(table).count.get())?.n ?? 0);
  }

  commit(): void {
    if (!this.#dirty) return;
    try {
      guarded(() => this.#commit.run());
      this.#dirty = false;
    } catch (error) {
      this.rollback();
      throw error;
    }
    this.#commits += 1;
    if (this.#commits < checkpointCommits && this.#written < checkpointBytes) return;
    this.#commits = 0;
    this.#written = 0;
    this.#checkpoint.get();
  }

  rollback(): void {
    if (!this.#dirty) return;
    this.#dirty = false;
    if (this.#database.isTransaction) this.#rollback.run();
    // A table made meanwhile is gone with the rest, and what was prepared for it with the table.
    this.#tables.clear();
  }

  close(): void {
    this.rollback();
    this.#database.close();
  }

  #write(): void {
    // SQLite itself gives a transaction up when the disk is full; half of one must never be written.
    if (this.#dirty) return check(this.#database.isTransaction, 'io', 'The database gave the transaction up.');
    guarded(() => this.#begin.run());
    this.#dirty = true;
  }

  #table(name: string): Statements {
    let statements = this.#tables.get(name);
    if (statements === undefined) {
      invariant(/^[a-z][a-z-]*$/.test(name), 'names of tables are plain');
      statements = this.#prepare(`"t-${name}"`);
      this.#tables.set(name, statements);
    }
    return statements;
  }

  #prepare(table: string): Statements {
    const prepare = (sql: string): StatementSync => guarded(() => this.#database.prepare(sql));
    // Rows as arrays: to make an object of each takes longer than to find it.
    const reading = (sql: string): StatementSync => {
      const statement = prepare(sql);
      statement.setReturnArrays(true);
      return statement;
    };
    guarded(() =>
      this.#database.exec(`CREATE TABLE IF NOT EXISTS ${table} (k BLOB PRIMARY KEY, v BLOB NOT NULL) WITHOUT ROWID`),
    );
    const rows = `SELECT k, v FROM ${table} WHERE k >= ? AND k < ? ORDER BY k`;
    // With a bare parameter behind LIMIT, SQLite plans the statement anew at each call: four times the cost of a seek.
    const limit = 'LIMIT CAST(? AS INTEGER)';
    return {
      get: reading(`SELECT v FROM ${table} WHERE k = ?`),
      put: prepare(`INSERT INTO ${table} (k, v) VALUES (?, ?) ON CONFLICT (k) DO UPDATE SET v = excluded.v`),
      delete: prepare(`DELETE FROM ${table} WHERE k = ?`),
      forward: reading(`${rows} ${limit}`),
      backward: reading(`${rows} DESC ${limit}`),
      count: prepare(`SELECT count(*) AS n FROM ${table}`),
    };
  }
}

const full = 13;

/** Runs a call of SQLite; its errors become ours. What is called most does without the closure. */
function guarded<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw failure(error);
  }
}

function failure(error: unknown): CloudlessError {
  const code = (error as { readonly errcode?: number }).errcode;
  return code === full
    ? new CloudlessError('disk-full', 'The disk is full: the database could not grow.', { cause: error })
    : new CloudlessError('io', `The database could not be used: ${String((error as Error).message)}`, { cause: error });
}
