import { existsSync, mkdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, sep } from 'node:path';
import { CloudlessError } from '../../errors.js';
import { fileError } from './anchor.js';
import { privatePath } from './token.js';

/**
 * Checks a path that is to be a folder's root, and makes the directory if asked to; nothing is made when it is
 * refused.
 */
export function prepareRoot(path: string, create: boolean, otherRoots: readonly string[]): string {
  if (!isAbsolute(path)) throw new CloudlessError('usage', `"${path}" is not an absolute path.`);
  const real = realPath(path);
  if (otherRoots.includes(real) && existsSync(real))
    throw new CloudlessError('nested-folder', `${real} is a folder already.`);
  for (const other of otherRoots) {
    if (real.startsWith(other + sep)) throw nested(real, other);
    if (other.startsWith(real + sep))
      throw new CloudlessError('nested-folder', `${real} contains the folder ${other}; folders do not overlap.`);
  }
  for (let above = dirname(real); above !== dirname(above); above = dirname(above)) {
    if (existsSync(privatePath(above, 'root'))) throw nested(real, above);
  }
  if (existsSync(real)) {
    if (!statSync(real).isDirectory()) throw new CloudlessError('unsafe-path', `${real} is not a directory.`);
    return real;
  }
  if (!create) throw new CloudlessError('not-found', `There is no directory ${real}.`);
  try {
    mkdirSync(real, { recursive: true });
  } catch (error) {
    throw fileError(error);
  }
  return real;
}

function nested(path: string, other: string): CloudlessError {
  return new CloudlessError('nested-folder', `${path} lies inside the folder ${other}; choose a place outside of it.`);
}

/** The path with links resolved as far as it exists. */
function realPath(path: string): string {
  const missing: string[] = [];
  let at = path;
  for (; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(basename(at));
  return join(realpathSync(at), ...missing);
}
