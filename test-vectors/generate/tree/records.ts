import {
  bool,
  bytes,
  encode,
  fixed,
  int,
  list,
  optional,
  raw,
  struct,
  text,
  tuple,
  u8,
  u16,
  u64,
  uint,
} from '@cloudless/core/codec';
import { contentRefCodec } from '@cloudless/core/content';
import { type FileRecord, fileRecordCodec } from '@cloudless/core/tree';
import { type Case, hex, kit, unhex } from '../testkit.js';
import { content, device, file, gone, record, saw } from './material.js';

// Without the bounds of the real one, so that what must be refused can be written at all.
const loose = struct({
  path: [0, optional(text(65_536))],
  type: [1, optional(u16)],
  ref: [2, optional(raw(65_536))],
  mtime: [3, optional(int)],
  executable: [4, optional(bool)],
  vector: [5, optional(list(tuple(fixed(32), uint), 1_000))],
  base: [6, optional(bytes(64))],
  stamp: [7, optional(tuple(u64, fixed(32)))],
  made: [8, optional(u8)],
  old: [9, optional(bytes(64))],
  origin: [10, optional(list(tuple(fixed(32), uint), 1_000))],
  later: [20, optional(text(100))],
});

const ref = encode(contentRefCodec, file(1));
const link = encode(contentRefCodec, { kind: 'symlink', id: content(2), size: 1, target: 'b' });
const stray = encode(contentRefCodec, { kind: 'symlink', id: content(2), size: 5, target: '../b' });
const plain = { path: 'a.txt', type: 1, ref, mtime: 5, vector: [] } as const;
type Loose = Parameters<typeof loose.write>[1];

const { accept, refuse } = kit('record');
const place = { device: device(0), seq: 4 };

function good(name: string, comment: string, requirements: string, value: FileRecord): Case {
  return accept(name, comment, requirements, {
    ...place,
    record: hex(encode(fileRecordCodec, value)),
    ...shape(value),
  });
}

function shape(value: FileRecord): Readonly<Record<string, unknown>> {
  const vector = { ...value.vector, [place.device]: place.seq };
  return { path: value.path, type: value.typeNumber, vector, made: value.made ?? 'person' };
}

function bad(name: string, kind: string, comment: string, requirements: string, value: Loose): Case {
  return refuse(name, kind, comment, requirements, { ...place, record: hex(encode(loose, value)) });
}

function accepted(): readonly Case[] {
  const later = { ...plain, later: 'x' };
  return [
    good('file', 'the least that a file has', 'FIL-1 FIL-3', record(1)),
    good('directory', 'a directory has a path and a vector', 'FIL-3', gone({ typeNumber: 2 })),
    good('delete', 'a delete with what it removed', 'FIL-3', gone({ base: content(1), vector: saw([0, 3], [1, 7]) })),
    good(
      'symlink',
      'a link inside the folder',
      'FIL-2 FIL-3',
      gone({
        typeNumber: 3,
        ref: { kind: 'symlink', id: content(2), size: 1, target: 'b' },
      }),
    ),
    good(
      'all-fields',
      'everything a file can have',
      'FIL-1 FIL-4 FIL-7 FIL-8',
      record(1, {
        executable: true,
        vector: saw([0, 2], [1, 9], [2, 1]),
        base: content(3),
        stamp: { hlc: 77n, device: device(2) },
        made: 'settle',
        oldContent: content(4),
        origin: saw([1, 9]),
      }),
    ),
    accept('later-field', 'a field of a later protocol is kept', 'FIL-9', {
      ...place,
      record: hex(encode(loose, later)),
      path: 'a.txt',
      type: 1,
      vector: { [place.device]: place.seq },
      made: 'person',
    }),
    accept('later-type', 'a type of a later protocol is kept, whatever its fields', 'FIL-9', {
      ...place,
      record: hex(encode(loose, { path: 'a.txt', type: 9, executable: true, vector: [], later: 'x' })),
      path: 'a.txt',
      type: 9,
      vector: { [place.device]: place.seq },
      made: 'person',
    }),
  ];
}

function refusedShapes(): readonly Case[] {
  const { path: _path, ...noPath } = plain;
  const { type: _type, ...noType } = plain;
  const { vector: _vector, ...noVector } = plain;
  const { mtime: _mtime, ...noTime } = plain;
  const { ref: _ref, ...noRef } = plain;
  return [
    bad('no-path', 'malformed', 'without a path', 'FIL-1', noPath),
    bad('no-type', 'malformed', 'without a type', 'FIL-1', noType),
    bad('no-vector', 'malformed', 'without a vector', 'FIL-1', noVector),
    bad('path-up', 'bad-path', 'a path that leads out', 'FIL-2', { ...plain, path: '../a' }),
    bad('path-private', 'bad-path', 'the private directory', 'FIL-2', { ...plain, path: '.cloudless/token' }),
    bad('link-out', 'bad-path', 'a link that leads out', 'FIL-2', { path: 'a', type: 3, ref: stray, vector: [] }),
    bad('file-no-content', 'malformed', 'a file without content', 'FIL-3', noRef),
    bad('file-no-time', 'malformed', 'a file without a time', 'FIL-3', noTime),
    bad('file-link-content', 'malformed', 'a file whose content is a link', 'FIL-3', { ...plain, ref: link }),
    bad('link-file-content', 'malformed', 'a link whose content is a file', 'FIL-3', { ...plain, type: 3 }),
    bad('delete-content', 'malformed', 'a delete with content', 'FIL-3', { path: 'a', type: 0, ref, vector: [] }),
    bad('delete-time', 'malformed', 'a delete with a time', 'FIL-3', { path: 'a', type: 0, mtime: 1, vector: [] }),
    bad('directory-content', 'malformed', 'a directory with content', 'FIL-3', { path: 'a', type: 2, ref, vector: [] }),
    bad('directory-executable', 'malformed', 'an executable directory', 'FIL-3', {
      path: 'a',
      type: 2,
      executable: true,
      vector: [],
    }),
    bad('type-too-great', 'malformed', 'a type past 127', 'FIL-1', { ...plain, type: 128 }),
    bad('made-unknown', 'malformed', 'made by nobody known', 'FIL-3', { ...plain, made: 4 }),
    bad('origin-of-a-person', 'malformed', 'what a person made carries on nothing', 'FIL-3', { ...plain, origin: [] }),
    bad('origin-of-a-copy', 'malformed', 'nor does a copy', 'FIL-3', { ...plain, made: 2, origin: [] }),
    bad('not-executable', 'non-canonical', 'executable: false is left out', 'FIL-7', { ...plain, executable: false }),
    bad('base-short', 'malformed', 'a base of 31 bytes', 'FIL-3', { ...plain, base: new Uint8Array(31) }),
  ];
}

function refusedVectors(): readonly Case[] {
  const [d0, d1] = [unhex(device(0)), unhex(device(1))];
  const many = Array.from({ length: 256 }, (_, i) => [new Uint8Array(32).fill(i), 1] as const);
  return [
    bad('vector-order', 'non-canonical', 'devices out of order', 'FIL-4', {
      ...plain,
      vector: [
        [d1, 1],
        [d0, 1],
      ],
    }),
    bad('vector-twice', 'non-canonical', 'one device twice', 'FIL-4', {
      ...plain,
      vector: [
        [d1, 1],
        [d1, 2],
      ],
    }),
    bad('vector-zero', 'malformed', 'entries count from 1', 'FIL-1', { ...plain, vector: [[d1, 0]] }),
    bad('vector-long', 'over-limit', '256 devices and the own', 'FIL-4 FIL-10', { ...plain, vector: many }),
    bad('vector-own', 'malformed', 'it builds on its own entry', 'FIL-5', { ...plain, vector: [[d0, 4]] }),
    bad('vector-future', 'malformed', 'it builds on a later entry of its log', 'FIL-5', {
      ...plain,
      vector: [[d0, 9]],
    }),
  ];
}

export function recordCases(): readonly Case[] {
  return [...accepted(), ...refusedShapes(), ...refusedVectors()];
}
