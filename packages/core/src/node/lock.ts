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
  const database = openLock(home, path);
  try {
    chmodSync(path, 0o600);
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw lockError(home, error);
  }
  return async () => database.close();
}

function openLock(home: string, path: string): DatabaseSync {
  try {
    return new DatabaseSync(path);
  } catch (error) {
    throw lockError(home, error);
  }
}

/** Network disks without locks, and homes that can't be written, are not to be worked in half. */
function lockError(home: string, error: unknown): CloudlessError {
  const { errcode, message } = error as { readonly errcode?: number; readonly message: string };
  if (errcode === busy) return new CloudlessError('busy', `Another program uses the home ${home}.`, { cause: error });
  const hint = 'put the home on a disk of this machine that this user can write, with --home or CLOUDLESS_HOME';
  return new CloudlessError('io', `The home ${home} cannot be locked (${message}): ${hint}.`, { cause: error });
}
