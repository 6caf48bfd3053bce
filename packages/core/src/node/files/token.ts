import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { FolderId } from '../../model/index.js';
import { privateName } from '../../model/index.js';
import type { RootState } from '../../ports/index.js';
import { hasNoLinks, syncDirectory } from './sync.js';

const tokenName = 'root';
const lifeName = 'life';
const lifeBytesMax = 256;
const tokenPattern = /^cloudless 1 ([0-9a-f]{64}) ([0-9a-f]{32})\n$/;
const lifePattern = /^([0-9a-f]{32}) (.*)\n$/;

/** Directories that the program keeps in a root. */
export const privateDirectories = { temps: 'tmp', archive: 'archive' } as const;

export function privatePath(root: string, ...parts: readonly string[]): string {
  return join(root, privateName, ...parts);
}

/** What the token of a root says (`spec/07 §9`). */
export function readToken(root: string, folder: FolderId): RootState {
  const odd = oddRoot(root);
  if (odd !== undefined) return odd;
  let text: string;
  try {
    text = readFileSync(privatePath(root, tokenName), 'utf8');
  } catch (error) {
    return unreadToken(root, error);
  }
  const [, owner, nonce] = tokenPattern.exec(text) ?? [];
  if (owner !== folder || nonce === undefined) {
    const hint = `put this folder's directory back there, or say with "relink" where it is`;
    return { state: 'foreign', reason: `${root} holds another folder's token: ${hint}.` };
  }
  return { state: 'ok', nonce, place: placeOf(root) };
}

/** What a token says, whomever's it is; `undefined` where there is none that can be read. */
export function tokenAt(root: string): { readonly folder: string; readonly nonce: string } | undefined {
  try {
    const [, folder, nonce] = tokenPattern.exec(readFileSync(privatePath(root, tokenName), 'utf8')) ?? [];
    return folder === undefined || nonce === undefined ? undefined : { folder, nonce };
  } catch {
    return undefined;
  }
}

/** Whether a directory is a folder's root, of whomever. */
export function hasToken(root: string): boolean {
  return lstatSync(privatePath(root, tokenName), { throwIfNoEntry: false }) !== undefined;
}

/** Why a root is none before its token is looked at. */
function oddRoot(root: string): RootState | undefined {
  try {
    const stats = lstatSync(root);
    if (stats.isSymbolicLink()) {
      const reason = `${root} is a link now: put the directory back, or use "relink" with the place it is at.`;
      return { state: 'foreign', reason };
    }
    if (!stats.isDirectory()) {
      const reason = `${root} is not a directory any more: put the directory back, or say with "relink" where it is.`;
      return { state: 'missing', reason };
    }
    if (lstatSync(privatePath(root)).isSymbolicLink()) {
      const reason = `${privatePath(root)} is a link: put the folder's own private directory back.`;
      return { state: 'foreign', reason };
    }
    return undefined;
  } catch (error) {
    return unreadToken(root, error);
  }
}

function unreadToken(root: string, error: unknown): RootState {
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  if (code !== 'ENOENT' && code !== 'ENOTDIR') {
    return {
      state: 'unreadable',
      reason: `${root} cannot be read (${code}): give this user the right to, or mount its disk again.`,
    };
  }
  if (!existsSync(root)) {
    const reason = `${root} is not there: mount its disk or put it back, or say with "relink" where it is now.`;
    return { state: 'missing', reason };
  }
  const hint = `mount its disk, or put ${privateName} back, or say "relink --merge" if this is it all the same`;
  const reason = `${root} has no token of this folder: ${hint}.`;
  return { state: 'missing', reason };
}

/** Why nothing can be written in a root. */
export function readOnlyRoot(root: string): RootState | undefined {
  try {
    for (const path of [root, privatePath(root)]) accessSync(path, constants.W_OK);
    return undefined;
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    const reason = `${root} cannot be written (${code}): mount it for writing, or give this user the right to.`;
    return { state: 'read-only', reason };
  }
}

/** Device and inode of a root. */
export function placeOf(root: string): string {
  const { dev, ino } = lstatSync(root, { bigint: true });
  return `${dev}:${ino}`;
}

/** Makes the private directories that are not there. */
export function makePrivate(root: string): void {
  for (const name of ['', ...Object.values(privateDirectories)]) {
    if (!existsSync(privatePath(root, name))) mkdirSync(privatePath(root, name), { recursive: true, mode: 0o700 });
  }
}

/** Writes a token with a new nonce; one that another folder put there meanwhile stays. Durable when it returns. */
export function writeToken(root: string, folder: FolderId): RootState {
  makePrivate(root);
  const temp = privatePath(root, `${tokenName}.${randomBytes(4).toString('hex')}`);
  const handle = openSync(temp, 'wx', 0o600);
  try {
    writeFileSync(handle, `cloudless 1 ${folder} ${randomBytes(16).toString('hex')}\n`);
    fsyncSync(handle);
    if (tokenAt(root)?.folder === folder) renameSync(temp, privatePath(root, tokenName));
    else linkIfAbsent(temp, privatePath(root, tokenName));
  } finally {
    closeSync(handle);
    rmSync(temp, { force: true });
  }
  for (const directory of [privatePath(root), root]) syncDirectory(directory);
  return readToken(root, folder);
}

/** What `writeLife` left there last, if that was for the token with this nonce. */
export function readLife(root: string, nonce: string): string | undefined {
  try {
    const text = readFileSync(privatePath(root, lifeName), 'utf8').slice(0, lifeBytesMax);
    const [, token, life] = lifePattern.exec(text) ?? [];
    return token === nonce ? life : undefined;
  } catch {
    return undefined;
  }
}

/** Durable when it returns, and never half; on a disk that takes nothing now, what was there before stays. */
export function writeLife(root: string, nonce: string, life: string): void {
  try {
    replaceLife(root, `${nonce} ${life}\n`);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

function replaceLife(root: string, text: string): void {
  makePrivate(root);
  const temp = privatePath(root, `${lifeName}.${randomBytes(4).toString('hex')}`);
  const handle = openSync(temp, 'wx', 0o600);
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
    renameSync(temp, privatePath(root, lifeName));
  } finally {
    closeSync(handle);
    rmSync(temp, { force: true });
  }
  syncDirectory(privatePath(root));
}

/** Removes all that is private but the archive. */
export function removeToken(root: string): void {
  for (const name of [tokenName, lifeName]) rmSync(privatePath(root, name), { force: true });
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
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return;
    if (!hasNoLinks(error)) throw error;
    if (!existsSync(to)) renameSync(from, to);
  }
}
