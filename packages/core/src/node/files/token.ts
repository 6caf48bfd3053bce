import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { FolderId } from '../../model/index.js';
import { privateName } from '../../model/index.js';
import type { RootState } from '../../ports/index.js';

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
    if (!statSync(root).isDirectory()) return { state: 'missing', reason: 'The folder’s directory is not a directory any more.' };
    text = readFileSync(privatePath(root, tokenName), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      return { state: 'missing', reason: 'The directory has no token of this folder: is its disk mounted?' };
    }
    return { state: 'unreadable', reason: `The directory cannot be read: ${code ?? 'unknown'}.` };
  }
  const [, owner, nonce] = tokenPattern.exec(text) ?? [];
  if (owner !== folder || nonce === undefined) return { state: 'foreign', reason: 'The directory belongs to another folder.' };
  return { state: 'ok', nonce };
}

/** Writes a token where there is none; an existing one, of whomever, stays. */
export function writeToken(root: string, folder: FolderId): RootState {
  for (const name of ['', ...Object.values(privateDirectories)]) {
    mkdirSync(privatePath(root, name), { recursive: true, mode: 0o700 });
  }
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
  return readToken(root, folder);
}

export function removeToken(root: string): void {
  unlinkSync(privatePath(root, tokenName));
}

function linkIfAbsent(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
