/**
 * Names that come from others. `checkPath` is the one gate: nothing received becomes a path on disk without it
 * (`spec/00 §5`).
 */

import { utf8 } from '../bytes.js';
import { type Codec, mapped, text } from '../codec/index.js';
import { CloudlessError } from '../errors.js';
import { pathBytesMax, pathDepthMax, pathPartBytesMax } from '../limits.js';

/** A path that is allowed on the wire: relative to the folder's root, parts separated by `/`. The root has none. */
export type WirePath = string & { readonly isPath: true };

/** Why a path is refused. */
export type PathFault =
  | 'empty'
  | 'absolute'
  | 'empty-part'
  | 'dot'
  | 'dot-dot'
  | 'nul'
  | 'not-text'
  | 'not-nfc'
  | 'part-too-long'
  | 'path-too-long'
  | 'too-deep'
  | 'private';

/** The directory at the root of each folder that belongs to the program alone. */
export const privateName = '.cloudless';

/** As `checkPath`; a path of more than `pathBytesMax` bytes is `over-limit`, one that is not UTF-8 `malformed`. */
export const wirePathCodec: Codec<WirePath> = mapped(text(pathBytesMax), checkPath, (path) => path);

/** The path, if it is allowed. Throws `bad-path` whose `details.fault` is a `PathFault`. */
export function checkPath(path: string): WirePath {
  const fault = pathFault(path);
  if (fault !== undefined) throw badPath(path, fault);
  return path as WirePath;
}

/** What is wrong with a path, the first in the order of `spec/00 §5`; nothing for one that is allowed. */
export function pathFault(path: string): PathFault | undefined {
  if (path === '') return 'empty';
  if (path.length > pathBytesMax || utf8(path).length > pathBytesMax) return 'path-too-long';
  if (!path.isWellFormed()) return 'not-text';
  if (path.normalize('NFC') !== path) return 'not-nfc';
  if (path.startsWith('/')) return 'absolute';
  const parts = path.split('/');
  if (parts.length > pathDepthMax) return 'too-deep';
  for (const part of parts) {
    const fault = partFault(part);
    if (fault !== undefined) return fault;
  }
  return isPrivateName(parts[0] as string) ? 'private' : undefined;
}

/**
 * Whether some disk would take `name` for the private directory: in any case, with characters that a disk ignores,
 * with dots or spaces at the end, or with a stream's name behind a colon.
 */
export function isPrivateName(name: string): boolean {
  const plain = name
    .replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu, '')
    .replace(/:.*$/su, '')
    .replace(/[. ]+$/u, '')
    .replaceAll('\u017f', 's');
  return plain.toLowerCase() === privateName;
}

/** The path of the directory that holds `path`; nothing if that is the root. */
export function parentPath(path: WirePath): WirePath | undefined {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? undefined : (path.slice(0, slash) as WirePath);
}

/** The last part of a path. */
export function baseName(path: WirePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The number of parts of a path, from 1. */
export function pathDepth(path: WirePath): number {
  let depth = 1;
  for (let i = 0; i < path.length; i++) if (path.charCodeAt(i) === 0x2f) depth++;
  return depth;
}

/** The path of `name` in the directory `parent`, or in the root. Throws `bad-path`. */
export function joinPath(parent: WirePath | undefined, name: string): WirePath {
  if (name.includes('/')) throw badPath(name, 'empty-part');
  return checkPath(parent === undefined ? name : `${parent}/${name}`);
}

/** Whether `path` is below the directory `ancestor`, at any depth; nothing is inside itself. */
export function isInside(path: WirePath, ancestor: WirePath): boolean {
  return path.length > ancestor.length && path.charCodeAt(ancestor.length) === 0x2f && path.startsWith(ancestor);
}

/** The directories that hold `path`, from the top one down. */
export function ancestorPaths(path: WirePath): readonly WirePath[] {
  const ancestors: WirePath[] = [];
  for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
    ancestors.push(path.slice(0, slash) as WirePath);
  }
  return ancestors;
}

/**
 * Equal for all paths that a disk blind to case may hold as one. Two paths can be equal here and still be two on a
 * disk: it is a reason to look, not a verdict.
 */
export function foldCase(path: string): string {
  // Lower case first: the capital sharp s is its own upper case, the small one is "SS".
  return path.normalize('NFC').toLowerCase().toUpperCase().toLowerCase().normalize('NFC');
}

function partFault(part: string): PathFault | undefined {
  if (part === '') return 'empty-part';
  if (part === '.') return 'dot';
  if (part === '..') return 'dot-dot';
  if (part.includes('\0')) return 'nul';
  if (3 * part.length > pathPartBytesMax && utf8(part).length > pathPartBytesMax) return 'part-too-long';
  return undefined;
}

const faultTexts: Readonly<Record<PathFault, string>> = {
  empty: 'it is empty',
  absolute: 'it begins with a slash',
  'empty-part': 'a part between two slashes is empty',
  dot: 'a part is "."',
  'dot-dot': 'a part is ".."',
  nul: 'it has a zero character in it',
  'not-text': 'it has half a character in it',
  'not-nfc': 'its characters are not in composed form (NFC)',
  'part-too-long': `a part is longer than ${pathPartBytesMax} bytes`,
  'path-too-long': `it is longer than ${pathBytesMax} bytes`,
  'too-deep': `it has more than ${pathDepthMax} parts`,
  private: `its first part is reserved for ${privateName}`,
};

function badPath(path: string, fault: PathFault): CloudlessError {
  return new CloudlessError('bad-path', `The path ${shown(path)} is not allowed: ${faultTexts[fault]}.`, {
    details: { fault },
  });
}

function shown(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path);
}
