/** How the rows of a tree's tables are written: local formats, never sent. */

import { utf8, utf8Text } from '../../../bytes.js';
import {
  bool,
  type Codec,
  choice,
  int,
  list,
  mapped,
  optional,
  type StructValue,
  struct,
  text,
  tuple,
  uint,
} from '../../../codec/index.js';
import type { ContentRef } from '../../../content/index.js';
import { contentRefCodec } from '../../../content/index.js';
import { invariant } from '../../../errors.js';
import { type ContentId, contentIdCodec, type DeviceId, deviceIdCodec } from '../../../model/index.js';
import {
  adoptRecord,
  type BaseRow,
  type ConflictCopy,
  type DiskRow,
  type DiskStat,
  type FileRecord,
  fileRecordCodec,
  type Vector,
  type Version,
  versionOf,
} from '../../../tree/index.js';

const pathText = text(8_192);
const reasonText = text(4_096);

/** Every row of a tree fits. */
export const rowBytesMax = 268_435_456;

export function pathKey(path: string): Uint8Array {
  return utf8(path);
}

export function keyPath(key: Uint8Array): string {
  const path = utf8Text(key);
  invariant(path !== undefined, 'keys of paths are text');
  return path;
}

/** The record that gives the same version at the same place. */
function recordBack(version: Version): FileRecord {
  const { [version.at.device]: _own, ...vector } = version.vector;
  const { made: _made, origin: _origin, ...record } = adoptRecord(version);
  const { made, origin } = version;
  return made === 'person' ? { ...record, vector } : { ...record, vector, made, origin };
}

export const versionCodec: Codec<Version> = mapped(
  tuple(fileRecordCodec, deviceIdCodec, uint, uint),
  ([record, device, seq, index]) => versionOf(record, { device, seq, index, clock: 0n }),
  (version) => [recordBack(version), version.at.device, version.at.seq, version.at.index] as const,
);

const vectorCodec: Codec<Vector> = mapped(
  list(tuple(deviceIdCodec, uint), 65_536),
  (pairs) => Object.fromEntries(pairs) as Vector,
  (vector) => (Object.keys(vector) as DeviceId[]).sort().map((device) => [device, vector[device] ?? 0] as const),
);

const copyCodec: Codec<ConflictCopy> = mapped(
  tuple(pathText, versionCodec),
  ([path, version]) => ({ path, version }),
  (copy) => [copy.path, copy.version] as const,
);

const statCodec: Codec<DiskStat> = mapped(
  tuple(uint, int, int, text(256)),
  ([size, mtimeUs, ctimeUs, inode]) => ({ size, mtimeUs, ctimeUs, inode }),
  (stat) => [stat.size, stat.mtimeUs, stat.ctimeUs, stat.inode] as const,
);

const baseFields = {
  kind: [0, choice({ absent: 0, file: 1, directory: 2, symlink: 3 })],
  content: [1, optional(contentIdCodec)],
  size: [2, uint],
  mtimeUs: [3, int],
  executable: [4, bool],
  target: [5, optional(pathText)],
  vector: [6, vectorCodec],
  copyOf: [7, optional(pathText)],
  shown: [8, optional(versionCodec)],
  copies: [9, optional(list(copyCodec, 65_536))],
  stat: [10, optional(statCodec)],
  leaving: [11, optional(bool)],
} as const;

/** A base row without its path, which is the key. */
export const baseCodec: Codec<Omit<BaseRow, 'path'>> = struct({
  ...baseFields,
  next: [12, optional(struct(baseFields))],
});

/** What the disk shows where that is not what the base row says, and the content reference once it was read. */
export interface Seen {
  readonly row: DiskRow;
  readonly ref?: ContentRef | undefined;
}

const fields = {
  kind: [0, choice({ absent: 0, file: 1, directory: 2, symlink: 3, unreadable: 4, other: 5 })],
  size: [1, uint],
  mtimeUs: [2, int],
  ctimeUs: [3, int],
  inode: [4, text(256)],
  executable: [5, optional(bool)],
  target: [6, optional(pathText)],
  content: [7, optional(contentIdCodec)],
  reason: [8, optional(reasonText)],
  ref: [9, optional(contentRefCodec)],
  damaged: [10, optional(bool)],
} as const;

export const seenCodec: Codec<Omit<Seen, 'row'> & { readonly row: Omit<DiskRow, 'path'> }> = mapped(
  struct(fields),
  ({ ref, ...row }) => ({ row, ref }),
  ({ row, ref }) => {
    const { kind, size, mtimeUs, ctimeUs, inode, executable, target, content, reason, damaged } = row;
    const looks = { kind, size, mtimeUs, ctimeUs, inode, executable, target };
    return { ...looks, content, reason, ref, damaged } as StructValue<typeof fields>;
  },
);

/** Content that is wanted here and is to be put together. */
export interface NeedRow {
  readonly content: string;
  readonly size: number;
}

export const needCodec: Codec<NeedRow> = struct({ content: [0, contentIdCodec], size: [1, uint] });

/** A file that went into the archive, for as long as somebody may still be writing to it. */
export interface LateRow {
  /** Where what is written to it belongs. */
  readonly path: string;
  /** The path's base row as it was when the archived file stood there: what such a write builds on. */
  readonly base: BaseRow | undefined;
  /** How the archived file looked. */
  readonly size: number;
  readonly mtimeUs: number;
  /** Content of the archived file that was recorded and may be nowhere else. */
  readonly content: ContentId | undefined;
}

const lateFields = {
  path: [0, pathText],
  base: [1, optional(baseCodec)],
  size: [2, uint],
  mtimeUs: [3, int],
  content: [4, optional(contentIdCodec)],
} as const;

export const lateCodec: Codec<LateRow> = mapped(
  struct(lateFields),
  ({ path, base, size, mtimeUs, content }) => {
    return { path, base: base === undefined ? undefined : { path, ...base }, size, mtimeUs, content };
  },
  ({ path, base, size, mtimeUs, content }) => {
    return { path, base, size, mtimeUs, content } as StructValue<typeof lateFields>;
  },
);

/** Text that is equal for a look at the disk that shows the same. */
export function looksOf(row: Pick<DiskRow, 'kind' | 'target'> & DiskStat): string {
  if (row.kind === 'directory') return 'd';
  return `${row.kind} ${row.size} ${row.mtimeUs} ${row.ctimeUs} ${row.inode} ${row.target ?? ''}`;
}

/** The disk row of a path that nobody touched since its base row. */
export function diskOfBase(base: BaseRow): DiskRow | undefined {
  if (base.kind === 'absent') return undefined;
  const { path, kind, content, executable, target, stat } = base;
  const { size, mtimeUs, ctimeUs, inode } = stat ?? { size: base.size, mtimeUs: base.mtimeUs, ctimeUs: 0, inode: '' };
  const common = { path, kind, size, mtimeUs, ctimeUs, inode };
  if (kind === 'directory') return common;
  return kind === 'symlink' ? { ...common, target, content } : { ...common, executable, content };
}

/** Empty where no look at the disk can be what the row says. */
export function baseLooks(row: BaseRow): string {
  const { kind, target, stat } = row;
  if (kind === 'directory') return looksOf({ kind, size: 0, mtimeUs: 0, ctimeUs: 0, inode: '' });
  return kind === 'absent' || stat === undefined ? '' : looksOf({ kind, target, ...stat });
}
