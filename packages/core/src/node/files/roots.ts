import { type BigIntStats, existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { CloudlessError, check } from '../../errors.js';
import { privateName } from '../../model/index.js';
import type { RootOptions } from '../../ports/index.js';
import { fileError } from './anchor.js';
import { hasToken, tokenAt } from './token.js';

/**
 * Checks a path that is to be a folder's root, and makes the directory if asked to; nothing is made when it is
 * refused.
 */
export function prepareRoot(path: string, options: RootOptions): string {
  if (!isAbsolute(path)) throw new CloudlessError('usage', `"${path}" is not an absolute path.`);
  try {
    return prepare(realPath(resolve(path)), options);
  } catch (error) {
    throw fileError(error);
  }
}

function prepare(real: string, { create, otherRoots, token }: RootOptions): string {
  checkApart(real, otherRoots.map(realPath));
  if (existsSync(real)) {
    check(statSync(real).isDirectory(), 'unsafe-path', `${real} is not a directory.`);
    checkToken(real, token);
    return real;
  }
  check(create, 'not-found', `There is no directory ${real}.`);
  mkdirSync(real, { recursive: true });
  return real;
}

/** Folders do not overlap: not by their paths, and not by directories that have several (bind mounts). */
function checkApart(real: string, otherRoots: readonly string[]): void {
  const own = statsOf(real);
  for (const other of otherRoots) {
    const same = real === other || isSame(own, statsOf(other));
    const isGone = own === undefined ? ', and not there now: mount its disk, or choose another place' : '';
    check(!same, 'nested-folder', `${real} is the place of a folder already${isGone}.`);
    if (real.startsWith(other + sep)) throw nested(real, other);
    const contains = other.startsWith(real + sep) || aboveOf(other).some((above) => isSame(own, statsOf(above)));
    check(!contains, 'nested-folder', `${real} contains the folder ${other}; folders do not overlap.`);
  }
  const roots = otherRoots.map((root) => ({ root, stats: statsOf(root) }));
  for (const above of aboveOf(real)) {
    const stats = statsOf(above);
    const inside = roots.find((each) => isSame(each.stats, stats));
    if (inside !== undefined) throw nested(real, inside.root);
    if (hasToken(above)) throw nested(real, above);
  }
}

/** A directory that is a folder's already is no other folder's: not even a copy of it. */
function checkToken(real: string, token: RootOptions['token']): void {
  if (token === 'any' || !hasToken(real)) return;
  const found = tokenAt(real);
  if (found !== undefined && found.folder === token) return;
  const id = found === undefined ? '' : ` ${found.folder.slice(0, 8)}`;
  const hint = `Join that folder there again, or remove ${join(real, privateName)} to make it a folder of its own`;
  throw new CloudlessError('exists', `${real} holds the token of another folder${id}, or is a copy of one. ${hint}.`);
}

function nested(path: string, other: string): CloudlessError {
  return new CloudlessError('nested-folder', `${path} lies inside the folder ${other}; choose a place outside of it.`);
}

function aboveOf(path: string): readonly string[] {
  const found: string[] = [];
  for (let above = dirname(path); above !== dirname(above); above = dirname(above)) found.push(above);
  return found;
}

function statsOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function isSame(a: BigIntStats | undefined, b: BigIntStats | undefined): boolean {
  return a !== undefined && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

/** The path with links resolved as far as it exists. */
function realPath(path: string): string {
  const missing: string[] = [];
  let at = path;
  for (; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(basename(at));
  return join(realpathSync(at), ...missing);
}
