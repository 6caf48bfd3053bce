/** The `file` record: one version of one path as it stands in an entry (`spec/07 §2`). */

import {
  bool,
  type Codec,
  choice,
  int,
  list,
  mapped,
  type Reader,
  raw,
  text,
  tuple,
  u64,
  uint,
  upTo,
  type Writer,
} from '../codec/index.js';
import { type ContentRef, contentRefCodec } from '../content/index.js';
import { check } from '../errors.js';
import { pathBytesMax, recordBytesMax, vectorKeysMax } from '../limits.js';
import {
  type ContentId,
  checkPath,
  checkSymlinkTarget,
  contentIdCodec,
  type DeviceId,
  deviceIdCodec,
} from '../model/index.js';
import type { Made, Stamp, Vector, Version, VersionType } from './types.js';
import { directoryContent, extendVector } from './versions.js';

/** A version before it stands in an entry: without what the entry itself says. */
export interface FileRecord {
  readonly path: string;
  readonly typeNumber: number;
  /** Of a file or symlink. */
  readonly ref?: ContentRef | undefined;
  readonly mtimeUs?: number | undefined;
  readonly executable?: true | undefined;
  /** Without the entry that it stands in. */
  readonly vector: Vector;
  readonly base?: ContentId | undefined;
  /** Absent: clock and device of the entry. */
  readonly stamp?: Stamp | undefined;
  readonly made?: Exclude<Made, 'person'> | undefined;
  readonly oldContent?: ContentId | undefined;
  /** Of what is settled or adopted: the vector of the version that it carries on. */
  readonly origin?: Vector | undefined;
  /** Fields of later protocols by key, encoded: kept when a version is carried on. */
  readonly extra?: ReadonlyMap<number, Uint8Array> | undefined;
}

/** Where a record was found. */
export interface RecordPlace {
  /** Of the log, or of the branch of one. */
  readonly device: DeviceId;
  readonly seq: number;
  readonly index: number;
  /** The entry's hybrid logical clock. */
  readonly clock: bigint;
  /** Whose key signed it, if not that of the log's name. */
  readonly author?: DeviceId;
}

const typeNumbers = { absent: 0, file: 1, directory: 2, symlink: 3 } as const;
const knownTypes: readonly VersionType[] = ['absent', 'file', 'directory', 'symlink'];

export function typeNumberOf(type: keyof typeof typeNumbers): number {
  return typeNumbers[type];
}

/** Entries in ascending order of device, each once, none of 0. */
const vectorCodec: Codec<Vector> = mapped(
  list(tuple(deviceIdCodec, uint), vectorKeysMax - 1),
  (pairs) => {
    const vector: Record<DeviceId, number> = {};
    let before = '';
    for (const [device, seq] of pairs) {
      check(device > before, 'non-canonical', 'A vector names devices in ascending order, each once.');
      check(seq >= 1, 'malformed', 'Sequence numbers start at 1.');
      vector[device] = seq;
      before = device;
    }
    return vector;
  },
  (vector) => (Object.keys(vector) as DeviceId[]).sort().map((device) => [device, vector[device] ?? 0] as const),
);

const stampCodec: Codec<Stamp> = mapped(
  tuple(u64, deviceIdCodec),
  ([hlc, device]) => ({ hlc, device }),
  (stamp) => [stamp.hlc, stamp.device] as const,
);

const trueCodec: Codec<true> = mapped(
  bool,
  (value) => {
    check(value, 'non-canonical', 'What is not executable does not say so.');
    return true as const;
  },
  () => true,
);

const pathCodec: Codec<string> = mapped<string, string>(text(pathBytesMax), checkPath, (path) => path);

/** Fields in the order of their keys; 0 and 1 and the vector are always there. */
const fields = {
  path: pathCodec,
  typeNumber: upTo(127),
  ref: contentRefCodec,
  mtimeUs: int,
  executable: trueCodec,
  vector: vectorCodec,
  base: contentIdCodec,
  stamp: stampCodec,
  made: choice({ settle: 1, copy: 2, adopt: 3 }),
  oldContent: contentIdCodec,
  origin: vectorCodec,
} as const;
const fieldNames = Object.keys(fields) as readonly (keyof typeof fields)[];
const rawField = raw(recordBytesMax);

function writeRecord(w: Writer, record: FileRecord): void {
  checkShape(record);
  const present = fieldNames.filter((name) => record[name] !== undefined);
  const extra = [...(record.extra ?? [])].sort(([a], [b]) => a - b);
  w.mapHead(present.length + extra.length);
  for (const name of present) {
    w.uint(fieldNames.indexOf(name));
    (fields[name] as Codec<unknown>).write(w, record[name]);
  }
  for (const [key, value] of extra) {
    check(key >= fieldNames.length, 'malformed', 'An extra field has a key of its own.');
    w.uint(key);
    rawField.write(w, value);
  }
}

function readRecord(r: Reader): FileRecord {
  const found: Record<string, unknown> = {};
  const extra = new Map<number, Uint8Array>();
  const count = r.enterMap();
  let key = -1;
  for (let i = 0; i < count; i++) {
    key = r.key(key);
    const name = fieldNames[key];
    if (name === undefined) extra.set(key, rawField.read(r));
    else found[name] = (fields[name] as Codec<unknown>).read(r);
  }
  r.leave();
  if (extra.size > 0) found.extra = extra;
  for (const name of ['path', 'typeNumber', 'vector']) {
    check(found[name] !== undefined, 'malformed', `A file record without ${name}.`);
  }
  const record = found as unknown as FileRecord;
  checkShape(record);
  return record;
}

/** Payload of a record of type `file`. Unknown fields and types are kept (`FIL-9`). */
export const fileRecordCodec: Codec<FileRecord> = { write: writeRecord, read: readRecord };

const refKinds = { file: ['empty', 'inline', 'chunks', 'tree'], symlink: ['symlink'] } as const;

/** What a type must and must not have. */
function checkShape(record: FileRecord): void {
  const carries = record.made === 'settle' || record.made === 'adopt';
  check(carries || record.origin === undefined, 'malformed', 'Only what carries on a version says which.');
  const type = knownTypes[record.typeNumber];
  if (type === undefined) return;
  check(type === 'file' || record.executable === undefined, 'malformed', 'Only a file is executable.');
  check(type !== 'absent' || record.mtimeUs === undefined, 'malformed', 'What is gone has no time.');
  if (type !== 'file' && type !== 'symlink') {
    check(record.ref === undefined, 'malformed', 'Only a file or symlink has content.');
    return;
  }
  const kinds: readonly string[] = refKinds[type];
  check(record.ref !== undefined && kinds.includes(record.ref.kind), 'malformed', `This is no content of a ${type}.`);
  check(type !== 'file' || record.mtimeUs !== undefined, 'malformed', 'A file has a time.');
  if (record.ref.kind === 'symlink') checkSymlinkTarget(checkPath(record.path), record.ref.target);
}

/**
 * The version that a record is at its place. Throws `malformed` when its vector claims the entry's own log at or past
 * the entry.
 */
export function versionOf(record: FileRecord, place: RecordPlace): Version {
  const own = record.vector[place.device] ?? 0;
  check(own < place.seq, 'malformed', 'A version can only build on what came before it.');
  return {
    path: record.path,
    type: knownTypes[record.typeNumber] ?? 'unknown',
    typeNumber: record.typeNumber,
    content: contentOf(record),
    oldContent: record.oldContent,
    ref: record.ref,
    size: record.ref?.size ?? 0,
    mtimeUs: record.mtimeUs ?? 0,
    executable: record.executable ?? false,
    target: record.ref?.kind === 'symlink' ? record.ref.target : undefined,
    vector: extendVector(record.vector, place.device, place.seq),
    base: record.base,
    stamp: record.stamp ?? { hlc: place.clock, device: place.author ?? place.device },
    made: record.made ?? 'person',
    ...(record.origin === undefined ? {} : { origin: record.origin }),
    at: { device: place.device, seq: place.seq, index: place.index },
    ...(record.extra === undefined ? {} : { extra: record.extra }),
  };
}

function contentOf(record: FileRecord): ContentId | undefined {
  if (record.typeNumber === typeNumbers.directory) return directoryContent;
  return record.ref?.id;
}

/** Fields of a version that stay when the engine carries it on under another vector. */
export function carriedFields(version: Version): Omit<FileRecord, 'vector' | 'base' | 'made'> {
  const isFile = version.type === 'file';
  return {
    path: version.path,
    typeNumber: version.typeNumber,
    ref: version.ref,
    mtimeUs: isFile || version.mtimeUs !== 0 ? version.mtimeUs : undefined,
    executable: version.executable ? true : undefined,
    stamp: version.stamp,
    oldContent: version.oldContent,
    extra: version.extra,
  };
}

/** The record by which another writer, or a checkpoint, publishes a version anew. */
export function adoptRecord(version: Version): FileRecord {
  const { vector, base, origin = vector } = version;
  return { ...carriedFields(version), vector, base, made: 'adopt', origin };
}
