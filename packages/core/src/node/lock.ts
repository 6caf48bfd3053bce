import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { CloudlessError } from '../errors.js';

const busy = 5;

/**
 * Holds a home for this process until the returned function is called or the process ends, however it ends: SQLite's
 * exclusive lock on a file is one of the kernel's, so none is ever stale. Rejects with `busy` when somebody has it.
 */
export async function lockHome(home: string): Promise<() => Promise<void>> {
  const path = join(home, 'lock');
  const database = new DatabaseSync(path);
  try {
    chmodSync(path, 0o600);
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if ((error as { readonly errcode?: number }).errcode !== busy) throw error;
    throw new CloudlessError('busy', `Another program uses the home ${home}.`, { cause: error });
  }
  return async () => database.close();
}
