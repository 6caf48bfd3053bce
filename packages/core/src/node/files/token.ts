import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { FolderId } from '../../model/index.js';
import { privateName } from '../../model/index.js';
import type { RootState } from '../../ports/index.js';
import { syncDirectory } from './sync.js';

const tokenName = 'root';
const tokenPattern = /^cloudless 1 ([0-9a-f]{64}) ([0-9a-f]{32})\n$/;

/** Directories that the program keeps in a root. */
export const privateDirectories = { temps: 'tmp', archive: 'archive' } as const;

export function privatePath(root: string, ...parts: readonly string[]): string {
  return join(root, privateName, ...parts);
}

/** What the token of a root says (`spec/07 §9`). */
export function readToken(root: string, folder: FolderId): RootState {
  let text: string;
  try {
    if (!statSync(root).isDirectory())
      return { state: 'missing', reason: 'The folder’s directory is not a directory any more.' };
    if (lstatSync(privatePath(root)).isSymbolicLink())
      return { state: 'foreign', reason: 'The private directory is a link.' };
    text = readFileSync(privatePath(root, tokenName), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return { state: 'missing', reason: 'The directory has no token of this folder: is its disk mounted?' };
    }
    return { state: 'unreadable', reason: `The directory cannot be read: ${code ?? 'unknown'}.` };
  }
  const [, owner, nonce] = tokenPattern.exec(text) ?? [];
  if (owner !== folder || nonce === undefined)
    return { state: 'foreign', reason: 'The directory belongs to another folder.' };
  return { state: 'ok', nonce };
}

/** Makes the private directories that are not there. */
export function makePrivate(root: string): void {
  for (const name of ['', ...Object.values(privateDirectories)]) {
    if (!existsSync(privatePath(root, name))) mkdirSync(privatePath(root, name), { recursive: true, mode: 0o700 });
  }
}

/** Writes a token where there is none; an existing one, of whomever, stays. Durable when it returns. */
export function writeToken(root: string, folder: FolderId): RootState {
  makePrivate(root);
  const temp = privatePath(root, `${tokenName}.${randomBytes(4).toString('hex')}`);
  const handle = openSync(temp, 'wx', 0o600);
  try {
    writeFileSync(handle, `cloudless 1 ${folder} ${randomBytes(16).toString('hex')}\n`);
    fsyncSync(handle);
    linkIfAbsent(temp, privatePath(root, tokenName));
  } finally {
    closeSync(handle);
    unlinkSync(temp);
  }
  for (const directory of [privatePath(root), root]) syncDirectory(directory);
  return readToken(root, folder);
}

/** Removes all that is private but the archive. */
export function removeToken(root: string): void {
  rmSync(privatePath(root, tokenName), { force: true });
  rmSync(privatePath(root, privateDirectories.temps), { recursive: true, force: true });
  for (const directory of [privatePath(root, privateDirectories.archive), privatePath(root)]) {
    try {
      rmdirSync(directory);
    } catch {
      // Something is kept there, or it is gone already.
    }
  }
}

function linkIfAbsent(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
