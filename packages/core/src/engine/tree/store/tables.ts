import { compareBytes, concat, fromHex, toHex, utf8 } from '../../../bytes.js';
import { decode, encode, uint } from '../../../codec/index.js';
import { invariant } from '../../../errors.js';
import { inlineBytesMax } from '../../../limits.js';
import type { ContentId } from '../../../model/index.js';
import type { Store } from '../../../ports/index.js';
import type { BaseRow, DiskRow } from '../../../tree/index.js';
import { KeptRows, keptIn } from './kept-rows.js';
import { afterPrefix } from './key-range.js';
import {
  baseCodec,
  baseLooks,
  diskOfBase,
  keyPath,
  type LateRow,
  lateCodec,
  looksOf,
  type NeedRow,
  needCodec,
  pathKey,
  rowBytesMax,
  type Seen,
  seenCodec,
} from './rows.js';

const none = new Uint8Array(0);
const pageRows = 512;
/** Lists of paths that have something in common are kept up to this length. */
const linkedKeptMax = 16;

/** Large tables, of which nobody asks how many rows they have. */
const uncounted: ReadonlySet<string> = new Set([
  'base',
  'versions',
  'inodes',
  'contents',
  'listed',
  'held',
  'archived',
  'wanted',
]);

/** Sets of paths that are kept over restarts. */
const pathSets = [
  /** To be planned. */
  'dirty',
  /** Planned, and waiting for something else. */
  'waiting',
  /** Changed here by a device that may not write. */
  'unrecorded',
  /** With a base row, and left out by the rules, now or when the disk was last looked at. */
  'aside',
  /** With a base row, and nothing is known of them in the folder. */
  'forgotten',
  /** Of those, what is to be recorded as found. */
  'offered',
] as const;
export type PathSet = (typeof pathSets)[number];

/** Which paths have a content or want it, and which archived files have it. */
const linkTables = ['held', 'archived', 'wanted'] as const;
type LinkTable = (typeof linkTables)[number];

/** Rows of paths: what was applied, what the disk shows otherwise, what is to be done; all but the versions. */
export class Tables {
  readonly store: Store;
  readonly #counts = new Map<string, number>();
  readonly #bases = new KeptRows<BaseRow | undefined>();
  readonly #seen = new KeptRows<Seen | undefined>();
  readonly #needs = new KeptRows<NeedRow | undefined>();
  readonly #inodes = new KeptRows<readonly string[]>();
  /** Whether a path is in a set, and which paths have content in common. */
  readonly #marks = keptIn<PathSet, boolean>(pathSets, 4_096);
  readonly #links = keptIn<LinkTable, readonly string[]>(linkTables, 2_048);
  /** Tables in which nothing was found and nothing written since; absent where that is not known. */
  readonly #empty = new Map<LinkTable, boolean>();

  constructor(store: Store) {
    this.store = store;
  }

  /** Rows of a table; kept in memory after the first call. */
  count(table: string): number {
    let count = this.#counts.get(table);
    if (count === undefined) {
      count = this.store.count(table);
      this.#counts.set(table, count);
    }
    return count;
  }

  put(table: string, key: Uint8Array, value: Uint8Array): void {
    if (uncounted.has(table)) this.store.put(table, key, value);
    else this.#put(table, key, value, this.count(table) > 0 && this.store.get(table, key) !== undefined);
  }

  delete(table: string, key: Uint8Array): boolean {
    if (uncounted.has(table)) this.store.delete(table, key);
    else return this.#delete(table, key, this.count(table) > 0 && this.store.get(table, key) !== undefined);
    return true;
  }

  #put(table: string, key: Uint8Array, value: Uint8Array, was: boolean): void {
    if (!was) this.#counts.set(table, this.count(table) + 1);
    this.store.put(table, key, value);
  }

  #delete(table: string, key: Uint8Array, was: boolean): boolean {
    if (!was) return false;
    this.#counts.set(table, this.count(table) - 1);
    this.store.delete(table, key);
    return true;
  }

  // Sets of paths.

  mark(set: PathSet, path: string): void {
    if (this.isMarked(set, path)) return;
    this.#marks[set].set(path, true);
    this.#put(set, pathKey(path), none, false);
  }

  unmark(set: PathSet, path: string): boolean {
    if (!this.isMarked(set, path)) return false;
    this.#marks[set].set(path, false);
    return this.#delete(set, pathKey(path), true);
  }

  isMarked(set: PathSet, path: string): boolean {
    if (this.count(set) === 0) return false;
    return this.#marks[set].get(path, () => this.store.get(set, pathKey(path)) !== undefined);
  }

  marked(set: PathSet, limit: number): readonly string[] {
    return this.store.scan(set, { limit }).map((row) => keyPath(row.key));
  }

  /** Paths of a table from a key on, in order. */
  pathsFrom(table: string, from: Uint8Array = none, limit: number = pageRows): readonly string[] {
    return this.store.scan(table, { from, limit }).map((row) => keyPath(row.key));
  }

  /** Moves a whole set into another, in pages. */
  moveAll(from: PathSet, to: PathSet): void {
    for (let paths = this.marked(from, pageRows); paths.length > 0; paths = this.marked(from, pageRows)) {
      for (const path of paths) {
        this.unmark(from, path);
        this.mark(to, path);
      }
    }
  }

  // Base rows. A value begins with what an untouched disk looks like, so that a scan compares without decoding.

  base(path: string): BaseRow | undefined {
    return this.#bases.get(path, () => this.#readBase(path));
  }

  #readBase(path: string): BaseRow | undefined {
    const value = this.store.get('base', pathKey(path));
    if (value === undefined) return undefined;
    const head = 2 + ((value[0] as number) << 8) + (value[1] as number);
    return { path, ...decode(baseCodec, value.subarray(head), rowBytesMax) };
  }

  putBaseRow(row: BaseRow): void {
    const { path, ...fields } = row;
    this.#bases.set(path, row);
    const looks = utf8(baseLooks(row));
    const head = new Uint8Array([looks.length >> 8, looks.length & 0xff]);
    this.put('base', pathKey(path), concat(head, looks, encode(baseCodec, fields)));
  }

  deleteBaseRow(path: string): void {
    this.#bases.set(path, undefined);
    this.delete('base', pathKey(path));
  }

  /** Whether the disk still shows what the base row says. */
  isUntouched(row: DiskRow, key: Uint8Array): boolean {
    const value = this.store.get('base', key);
    if (value === undefined) {
      this.#bases.set(row.path, undefined);
      return false;
    }
    const looks = utf8(looksOf(row));
    const length = ((value[0] as number) << 8) + (value[1] as number);
    return length === looks.length && compareBytes(looks, value.subarray(2, 2 + length)) === 0;
  }

  // What the disk shows where that differs from the base row.

  seen(path: string): Seen | undefined {
    return this.count('disk') === 0 ? undefined : this.#seen.get(path, () => this.#readSeen(path));
  }

  #readSeen(path: string): Seen | undefined {
    const value = this.store.get('disk', pathKey(path));
    if (value === undefined) return undefined;
    const { row, ref } = decode(seenCodec, value, rowBytesMax);
    return { row: { path, ...row }, ref };
  }

  putSeen({ row, ref }: Seen): void {
    const { reason } = row;
    const short = reason === undefined ? row : { ...row, reason: reason.slice(0, 1_000) };
    const was = this.seen(row.path) !== undefined;
    this.#seen.set(row.path, { row: short, ref });
    this.#put('disk', pathKey(row.path), encode(seenCodec, { row: short, ref }), was);
  }

  dropSeen(path: string): boolean {
    const was = this.seen(path) !== undefined;
    this.#seen.set(path, undefined);
    return this.#delete('disk', pathKey(path), was);
  }

  /** What stands on disk as far as is known: what was seen there last, else what the base row says. */
  disk(path: string): DiskRow | undefined {
    const seen = this.seen(path);
    if (seen !== undefined) return seen.row.kind === 'absent' ? undefined : seen.row;
    const base = this.base(path);
    return base === undefined ? undefined : diskOfBase(base);
  }

  // Needs.

  need(path: string): NeedRow | undefined {
    if (this.count('need') === 0) return undefined;
    return this.#needs.get(path, () => {
      const value = this.store.get('need', pathKey(path));
      return value === undefined ? undefined : decode(needCodec, value, 128);
    });
  }

  putNeed(path: string, need: NeedRow): void {
    const was = this.need(path) !== undefined;
    this.#needs.set(path, need);
    this.#put('need', pathKey(path), encode(needCodec, need), was);
  }

  dropNeed(path: string): boolean {
    const was = this.need(path) !== undefined;
    this.#needs.set(path, undefined);
    return this.#delete('need', pathKey(path), was);
  }

  /** Needs after a path, in order. */
  needsAfter(path: string | undefined, limit: number): readonly (NeedRow & { readonly path: string })[] {
    const from = path === undefined ? none : concat(pathKey(path), new Uint8Array([0]));
    return this.store
      .scan('need', { from, limit })
      .map((row) => ({ path: keyPath(row.key), ...decode(needCodec, row.value, 128) }));
  }

  /** All needs, in order. */
  *needs(): Generator<NeedRow & { readonly path: string }> {
    for (let after: string | undefined; ; ) {
      const rows = this.needsAfter(after, pageRows);
      yield* rows;
      after = rows.at(-1)?.path;
      if (after === undefined) return;
    }
  }

  // Archived files that somebody may still be writing to, by name; names begin with their group.

  late(name: string): LateRow | undefined {
    const value = this.store.get('late', pathKey(name));
    return value === undefined ? undefined : decode(lateCodec, value, rowBytesMax);
  }

  putLate(name: string, row: LateRow): void {
    this.put('late', pathKey(name), encode(lateCodec, row));
  }

  dropLate(name: string): void {
    this.delete('late', pathKey(name));
  }

  // Paths by something that they have in common.

  link(table: LinkTable, content: ContentId, path: string): void {
    this.#empty.set(table, false);
    this.#links[table].drop(content);
    this.put(table, contentPathKey(content, path), none);
  }

  unlink(table: LinkTable, content: ContentId, path: string): void {
    if (this.#isEmpty(table)) return;
    this.#links[table].drop(content);
    this.delete(table, contentPathKey(content, path));
  }

  linked(table: LinkTable, content: ContentId, limit = 65_536): readonly string[] {
    if (this.#isEmpty(table)) return [];
    const few = this.#links[table].get(content, () => this.#readLinked(table, content, linkedKeptMax));
    if (few.length < linkedKeptMax || limit <= few.length) return few.slice(0, limit);
    return this.#readLinked(table, content, limit);
  }

  #isEmpty(table: LinkTable): boolean {
    const isEmpty = this.#empty.get(table) ?? this.store.scan(table, { limit: 1 }).length === 0;
    this.#empty.set(table, isEmpty);
    return isEmpty;
  }

  #readLinked(table: LinkTable, content: ContentId, limit: number): readonly string[] {
    const prefix = contentKey(content);
    return this.store
      .scan(table, { from: prefix, to: afterPrefix(prefix), limit })
      .map((row) => keyPath(row.key.subarray(32)));
  }

  linkInode(inode: string, path: string): void {
    if (inode === '') return;
    this.#inodes.drop(inode);
    this.put('inodes', inodeKey(inode, path), none);
  }

  unlinkInode(inode: string, path: string): void {
    if (inode === '') return;
    this.#inodes.drop(inode);
    this.delete('inodes', inodeKey(inode, path));
  }

  withInode(inode: string): readonly string[] {
    return this.#inodes.get(inode, () => {
      const prefix = inodeKey(inode, '');
      return this.store
        .scan('inodes', { from: prefix, to: afterPrefix(prefix), limit: 256 })
        .map((row) => keyPath(row.key.subarray(prefix.length)));
    });
  }

  /** Paths below one that have a row in a table, in order. */
  below(table: string, path: string): Generator<string> {
    return this.#between(table, pathKey(`${path}/`), pathKey(`${path}0`));
  }

  /** Every path of a table, in order. */
  paths(table: string): Generator<string> {
    return this.#between(table, none, undefined);
  }

  *#between(table: string, first: Uint8Array, to: Uint8Array | undefined): Generator<string> {
    for (let from = first; ; ) {
      const rows = this.store.scan(table, { from, to, limit: pageRows });
      for (const row of rows) yield keyPath(row.key);
      const last = rows.at(-1);
      if (last === undefined || rows.length < pageRows) return;
      from = concat(last.key, new Uint8Array([0]));
    }
  }

  // Single numbers and texts.

  number(name: string): number {
    const value = this.store.get('tree', utf8(name));
    return value === undefined ? 0 : decode(uint, value, 16);
  }

  putNumber(name: string, value: number): void {
    this.store.put('tree', utf8(name), encode(uint, value));
  }

  bytes(name: string): Uint8Array | undefined {
    return this.store.get('tree', utf8(name));
  }

  putBytes(name: string, value: Uint8Array): void {
    this.store.put('tree', utf8(name), value);
  }
}

/** Whether content has to be moved: what is smaller stands in records. */
export function isBulk(size: number): boolean {
  return size > inlineBytesMax;
}

export function contentKey(content: string): Uint8Array {
  const key = fromHex(content);
  invariant(key?.length === 32, 'a content id is 32 bytes');
  return key;
}

export function contentOfKey(key: Uint8Array): ContentId {
  return toHex(key) as ContentId;
}

function contentPathKey(content: ContentId, path: string): Uint8Array {
  return concat(contentKey(content), pathKey(path));
}

function inodeKey(inode: string, path: string): Uint8Array {
  return utf8(`${inode}\0${path}`);
}
