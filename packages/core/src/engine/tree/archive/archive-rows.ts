import { concat } from '../../../bytes.js';
import {
  bool,
  type Codec,
  choice,
  decode,
  encode,
  int,
  optional,
  type StructValue,
  struct,
  text,
  uint,
} from '../../../codec/index.js';
import { type ContentId, contentIdCodec, type DeviceId, deviceIdCodec } from '../../../model/index.js';
import type { Contents } from '../store/contents.js';
import { afterPrefix } from '../store/key-range.js';
import { keyPath, pathKey, rowBytesMax } from '../store/rows.js';
import { isBulk, type Tables } from '../store/tables.js';

const pageRows = 256;
const none = new Uint8Array(0);
const afterName = new Uint8Array([0]);

/** What lies in the archive, and how it came there. */
export interface ArchiveRow {
  /** When it was put there, Unix ms. */
  readonly timeMs: number;
  readonly kind: 'file' | 'symlink';
  readonly size: number;
  readonly mtimeUs: number;
  readonly executable: boolean;
  /** Of a link. */
  readonly target: string | undefined;
  /** `found`: it lay there, and nothing is known of it. */
  readonly why: 'replaced' | 'removed' | 'found';
  /** Whose change it was, if that is known. */
  readonly by: DeviceId | undefined;
  readonly content: ContentId | undefined;
}

const fields = {
  timeMs: [0, uint],
  kind: [1, choice({ file: 1, symlink: 2 })],
  size: [2, uint],
  mtimeUs: [3, int],
  executable: [4, bool],
  target: [5, optional(text(8_192))],
  why: [6, choice({ replaced: 1, removed: 2, found: 3 })],
  by: [7, optional(deviceIdCodec)],
  content: [8, optional(contentIdCodec)],
} as const;
const codec: Codec<StructValue<typeof fields>> = struct(fields);

export interface NamedRow extends ArchiveRow {
  /** `GROUP/PATH`; names sort by the time of their group. */
  readonly name: string;
}

/** The index of the archive: by name, thus by age, by path, and by content, which can be had from there. */
export class ArchiveRows {
  readonly #tables: Tables;
  readonly #contents: Contents;

  constructor(tables: Tables, contents: Contents) {
    this.#tables = tables;
    this.#contents = contents;
  }

  get(name: string): ArchiveRow | undefined {
    const value = this.#tables.store.get('archive', pathKey(name));
    return value === undefined ? undefined : (decode(codec, value, rowBytesMax) as ArchiveRow);
  }

  put(name: string, row: ArchiveRow): void {
    const before = this.get(name);
    this.#count(row.size - (before?.size ?? 0));
    const { timeMs, kind, size, mtimeUs, executable, target, why, by, content } = row;
    const value = { timeMs, kind, size, mtimeUs, executable, target, why, by, content } as StructValue<typeof fields>;
    this.#tables.store.put('archive', pathKey(name), encode(codec, value));
    this.#tables.store.put('archive-at', placeKey(name), none);
    if (before?.content === content) return;
    if (content !== undefined && isBulk(size)) this.#contents.holdArchived(content, name, undefined);
    if (before?.content !== undefined) this.#contents.releaseArchived(before.content, name);
  }

  /** Somebody wrote to it: what it holds is not known any more. */
  unread(name: string): void {
    const row = this.get(name);
    if (row?.content !== undefined) this.put(name, { ...row, content: undefined });
  }

  drop(name: string): void {
    const row = this.get(name);
    if (row === undefined) return;
    this.#count(-row.size);
    this.#tables.store.delete('archive', pathKey(name));
    this.#tables.store.delete('archive-at', placeKey(name));
    if (row.content !== undefined) this.#contents.releaseArchived(row.content, name);
  }

  /** Of all that lies there. */
  get bytes(): number {
    return this.#tables.number('archive-bytes');
  }

  hasGroup(group: string): boolean {
    const from = pathKey(`${group}/`);
    return this.#tables.store.scan('archive', { from, to: afterPrefix(from), limit: 1 }).length > 0;
  }

  /** From the oldest on, after a name. */
  oldest(after: string | undefined): readonly NamedRow[] {
    const from = after === undefined ? none : concat(pathKey(after), afterName);
    return this.#tables.store.scan('archive', { from, limit: pageRows }).map(({ key, value }) => {
      return { name: keyPath(key), ...(decode(codec, value, rowBytesMax) as ArchiveRow) };
    });
  }

  /** What lay at a path, or below it, at most so many; the latest first. The empty path is the root. */
  of(path: string, limit: number): readonly NamedRow[] {
    const prefixes = path === '' ? [none] : [pathKey(`${path}\0`), pathKey(`${path}/`)];
    const keys = prefixes.flatMap((from) =>
      this.#tables.store.scan('archive-at', { from, to: afterPrefix(from), limit }).map(({ key }) => keyPath(key)),
    );
    const rows = keys.flatMap((key) => {
      const name = nameOfPlace(key);
      const row = this.get(name);
      return row === undefined ? [] : [{ name, ...row }];
    });
    return rows.sort((a, b) => (a.name < b.name ? 1 : -1)).slice(0, limit);
  }

  /** Of each path below another one the latest version, or that of one group; in the order of paths. */
  *below(path: string, group: string | undefined): Generator<NamedRow> {
    const prefix = pathKey(`${path}/`);
    const to = afterPrefix(prefix);
    let from = prefix;
    let last: string | undefined;
    for (;;) {
      const keys = this.#tables.store.scan('archive-at', { from, to, limit: pageRows }).map(({ key }) => key);
      for (const key of keys) {
        const name = nameOfPlace(keyPath(key));
        if (group !== undefined && groupOf(name) !== group) continue;
        if (last !== undefined && pathOf(last) !== pathOf(name)) yield* this.#named(last);
        last = name;
      }
      const end = keys.at(-1);
      if (end === undefined) break;
      from = concat(end, afterName);
    }
    if (last !== undefined) yield* this.#named(last);
  }

  *#named(name: string): Generator<NamedRow> {
    const row = this.get(name);
    if (row !== undefined) yield { name, ...row };
  }

  #count(bytes: number): void {
    if (bytes !== 0) this.#tables.putNumber('archive-bytes', Math.max(0, this.bytes + bytes));
  }
}

/** The group of an archived file: what tells versions of one path apart. */
export function groupOf(name: string): string {
  return name.slice(0, name.indexOf('/'));
}

/** Where an archived file stood. */
export function pathOf(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}

/** Key of a path with one of its versions; no path has a NUL in it. */
function placeKey(name: string): Uint8Array {
  return pathKey(`${pathOf(name)}\0${groupOf(name)}`);
}

function nameOfPlace(key: string): string {
  const [path = '', group = ''] = key.split('\0');
  return `${group}/${path}`;
}
