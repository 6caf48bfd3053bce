import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { utf8Text } from '../../bytes.js';
import { pathDepthMax } from '../../limits.js';
import { isPrivateName, privateName } from '../../model/index.js';
import type { DiskRow } from '../../tree/index.js';
import type { WatchedLook } from '../watch/index.js';
import { Anchor, look } from './anchor.js';
import { composedNames, isAscii, type Listings } from './listings.js';
import { mountsBelow } from './mounts.js';
import { absentRow, rowOf, unreadableRow } from './rows.js';

const sliceRows = 512;

/**
 * Rows of what was looked at, in slices, parents before children. Nothing is held open between two of them but the
 * way there.
 */
export type Slices = Generator<readonly DiskRow[], void, void>;

/** How a tree is looked at. */
export interface ScanOptions {
  /** See `Anchor.open`. */
  readonly listings?: Listings | undefined;
  /** Directories that are not gone into. */
  readonly isSkipped?: ((path: string) => boolean) | undefined;
  /** Told of each directory right before it is listed. */
  readonly watched?: Pick<WatchedLook, 'enter'> | undefined;
}

/** Looks at the named paths and all that is below them; the whole tree for `all`. */
export function* scanTree(root: string, paths: readonly string[] | 'all', options: ScanOptions = {}): Slices {
  const { listings, isSkipped = () => false, watched } = options;
  const device = look(`${root}/.`)?.dev ?? 0n;
  const scan: Scan = { root, device, mounts: mountsBelow(root), listings, isSkipped, watched };
  let slice: DiskRow[] = [];
  for (const row of paths === 'all' ? scanRoot(scan) : scanPaths(scan, paths)) {
    slice.push(row);
    if (slice.length < sliceRows) continue;
    yield slice;
    slice = [];
  }
  if (slice.length > 0) yield slice;
}

interface Scan {
  readonly root: string;
  readonly device: bigint;
  /** Paths at which something is mounted: a bind mount has the device of what it shows. */
  readonly mounts: ReadonlySet<string>;
  readonly listings: Listings | undefined;
  readonly isSkipped: (path: string) => boolean;
  readonly watched: ScanOptions['watched'];
}

type Rows = Generator<DiskRow, void, void>;

/** A directory that is being looked through, and the names in it that were not looked at yet. */
interface Level {
  readonly anchor: Anchor;
  readonly parts: readonly string[];
  readonly names: Iterator<Name>;
}

/** As it is on the wire and on disk, or why it is on neither. */
type Name =
  | { readonly name: string; readonly onDisk: string }
  | { readonly name: string; readonly fault: string }
  | string;

function* scanRoot(scan: Scan): Rows {
  const anchor = Anchor.open(scan.root, []);
  scan.watched?.enter([], anchor.base, look(`${anchor.base}/.`)?.ino);
  yield* walk(scan, { anchor, parts: [], names: names(anchor).values() });
}

function* scanPaths(scan: Scan, paths: readonly string[]): Rows {
  const seen = new Set(paths);
  for (const path of seen) if (!hasAncestor(path, seen)) yield* scanPath(scan, path);
}

function hasAncestor(path: string, paths: ReadonlySet<string>): boolean {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    if (paths.has(path.slice(0, slash))) return true;
  }
  return false;
}

function* scanPath(scan: Scan, path: string): Rows {
  const parts = path.split('/');
  const name = parts.pop() as string;
  let anchor: Anchor;
  try {
    anchor = Anchor.open(scan.root, parts, scan.listings);
  } catch (error) {
    const gone = ['not-found', 'unsafe-path'].includes((error as { readonly code?: string }).code ?? '');
    yield gone ? absentRow(path) : unreadableRow(path, error);
    return;
  }
  const boundary = boundaryAbove(scan, anchor, parts);
  if (boundary !== undefined || (parts.length === 0 && isPrivateName(name))) {
    anchor.close();
    if (boundary !== undefined) yield oddRow(path, boundary);
    return;
  }
  yield* walk(scan, { anchor, parts, names: [name].values() }, path);
}

/** Why what is in a directory does not belong to the folder. */
function boundaryAbove(scan: Scan, anchor: Anchor, parts: readonly string[]): string | undefined {
  if (parts.length === 0) return undefined;
  const isMounted = parts.some((_, index) => scan.mounts.has(parts.slice(0, index + 1).join('/')));
  if (isMounted || look(`${anchor.base}/.`)?.dev !== scan.device) return mounted;
  return isOtherFolder(anchor) ? otherFolder : undefined;
}

const mounted = 'another file system is mounted there';
const otherFolder = 'it is a folder of its own';

function isOtherFolder(anchor: Anchor): boolean {
  return lstatSync(join(anchor.base, privateName, 'root'), { throwIfNoEntry: false }) !== undefined;
}

/** Looks at the names of `first` and at all below them. `asked` is told of even when it is not there. */
function* walk(scan: Scan, first: Level, asked?: string): Rows {
  const levels = [first];
  try {
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const { value: entry, done } = level.names.next();
      if (done === true) {
        level.anchor.close();
        levels.pop();
        continue;
      }
      const found = lookAt(scan, level, entry);
      if (found.row !== undefined) yield found.row;
      else if (asked !== undefined && level === first) yield absentRow(asked);
      if (found.below !== undefined) levels.push(found.below);
    }
  } finally {
    for (const { anchor } of levels) anchor.close();
  }
}

interface Found {
  /** None for what is not there any more, or is private. */
  readonly row?: DiskRow;
  readonly below?: Level;
}

function lookAt(scan: Scan, { anchor, parts }: Level, entry: Name): Found {
  const name = typeof entry === 'string' ? entry : entry.name;
  if (parts.length === 0 && isPrivateName(name)) return {};
  const path = parts.length === 0 ? name : `${parts.join('/')}/${name}`;
  if (typeof entry !== 'string' && 'fault' in entry) return { row: oddRow(path, entry.fault) };
  try {
    const at = typeof entry === 'string' ? anchor.at(name) : `${anchor.base}/${entry.onDisk}`;
    const stats = typeof entry === 'string' ? anchor.find(name) : look(at);
    if (stats === undefined) return {};
    if (scan.mounts.has(path)) return { row: oddRow(path, mounted) };
    const row = rowOf(path, stats, at);
    if (row.kind !== 'directory') return { row };
    if (stats.dev !== scan.device) return { row: oddRow(path, mounted) };
    if (scan.isSkipped(path)) return { row };
    if (parts.length + 1 >= pathDepthMax) return { row: oddRow(path, 'it lies too deep') };
    return openBelow(scan, row, anchor, [...parts, name]);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'not-found' ? {} : { row: unreadableRow(path, error) };
  }
}

/** Opens a directory before anything is said of it: one that can't be read is unreadable, not empty. */
function openBelow(scan: Scan, row: DiskRow, parent: Anchor, parts: readonly string[]): Found {
  const anchor = parent.below(parts.at(-1) as string);
  try {
    if (isOtherFolder(anchor)) {
      anchor.close();
      return { row: oddRow(row.path, otherFolder) };
    }
    scan.watched?.enter(parts, anchor.base, BigInt(row.inode));
    return { row, below: { anchor, parts, names: names(anchor).values() } };
  } catch (error) {
    anchor.close();
    throw error;
  }
}

/** What a directory lists; as bytes where something is not UTF-8: it would come back as another name. */
function names(anchor: Anchor): Name[] {
  const texts = readdirSync(anchor.base);
  if (texts.every(isAscii)) return texts;
  const odd: Name[] = [];
  const known: string[] = [];
  for (const bytes of readdirSync(anchor.base, { encoding: 'buffer' })) {
    const text = utf8Text(bytes);
    if (text === undefined) odd.push({ name: escaped(bytes), fault: 'its name is not UTF-8' });
    else known.push(text);
  }
  const composed = composedNames(known);
  return [...odd, ...known.map((name) => nameOf(name, composed))];
}

function nameOf(onDisk: string, composed: ReadonlyMap<string, string>): Name {
  const name = onDisk.normalize('NFC');
  if (name === onDisk) return isAscii(name) ? name : { name, onDisk };
  if (composed.get(name) === onDisk) return { name, onDisk };
  return { name: onDisk, fault: 'its name differs from another one in its Unicode form alone' };
}

/** A name that no text has: each byte that is no ASCII as half of a pair that stands alone. */
function escaped(name: Buffer): string {
  return [...name].map((byte) => String.fromCharCode(byte < 0x80 ? byte : 0xdc00 + byte)).join('');
}

function oddRow(path: string, reason: string): DiskRow {
  return { ...absentRow(path), kind: 'other', reason };
}
