import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/bytes.js';
import { decode, encode } from '../../src/codec/index.js';
import { type LogPlace, Pasts } from '../../src/engine/pasts.js';
import { readVersion } from '../../src/engine/tree/read-version.js';
import { errorCode } from '../../src/errors.js';
import { recordBytesMax } from '../../src/limits.js';
import { memoryStorage } from '../../src/memory/index.js';
import { type ContentId, type DeviceId, recordTypes } from '../../src/model/index.js';
import {
  conflictName,
  Fingerprint,
  FingerprintHasher,
  fileRecordCodec,
  MemoryView,
  type Vector as Reach,
  recordActs,
  type Version,
  versionOf,
  viewRow,
} from '../../src/tree/index.js';
import { providers } from '../providers.js';
import { version } from '../tree/arbitrary.js';
import { bytes, type Vector, vectors } from './read.js';

interface Placed {
  readonly record: string;
  readonly device: string;
  readonly seq: number;
  readonly index?: number;
  readonly clock?: string;
}

function read(placed: Placed): Version {
  const record = decode(fileRecordCodec, bytes(placed.record), recordBytesMax);
  expect(toHex(encode(fileRecordCodec, record))).toBe(placed.record);
  const { seq, index = 0, clock = '1' } = placed;
  return versionOf(record, { device: placed.device as DeviceId, seq, index, clock: BigInt(clock) });
}

function checkRecord(vector: Vector): void {
  let code = 'ok';
  try {
    const { path, typeNumber, vector: found, made } = read(vector as unknown as Placed);
    const { path: wantedPath, type, vector: wanted, made: wantedMade } = vector;
    expect({ path, type: typeNumber, vector: found, made }).toEqual({
      path: wantedPath,
      type,
      vector: wanted,
      made: wantedMade,
    });
  } catch (error) {
    code = errorCode(error);
    if (code === 'internal') throw error;
  }
  expect(code).toBe(vector.expect);
}

interface Shown {
  readonly kind: string;
  readonly record: number | null;
  readonly copies: Readonly<Record<string, number>>;
}

/** In every order that is a rotation of the given one or its reverse. */
function checkState(vector: Vector): void {
  const records = (vector['records'] as readonly Placed[]).map(read);
  for (let turn = 0; turn < records.length; turn++) {
    const turned = [...records.slice(turn), ...records.slice(0, turn)];
    for (const order of [turned, [...turned].reverse()]) {
      const view = new MemoryView();
      for (const one of order) view.add(one);
      const wanted = vector['shown'] as Readonly<Record<string, Shown>>;
      for (const [path, shown] of Object.entries(wanted)) expect(shownAt(view, path, records)).toEqual(shown);
      const names = Object.values(wanted).flatMap((shown) => Object.keys(shown.copies));
      expect([...view.copyNames()].sort()).toEqual(names.sort());
    }
  }
}

function shownAt(view: MemoryView, path: string, records: readonly Version[]): Shown {
  const row = viewRow(view, path);
  const copies = (row?.copies ?? []).map((copy) => [copy.path, records.indexOf(copy.version)] as const);
  const record = row?.version === undefined ? null : records.indexOf(row.version);
  return { kind: row?.kind ?? 'absent', record, copies: Object.fromEntries(copies) };
}

function checkName(vector: Vector): void {
  const stamp = { hlc: BigInt(String(vector['clock'])), device: vector['device'] as DeviceId };
  const one = version({ stamp, content: vector['content'] as never, mtimeUs: Number(vector['mtimeUs']) });
  const name = conflictName(String(vector['path']), one, Number(vector['digits']));
  expect(name ?? null).toBe(vector['name']);
}

interface FingerprintRow {
  readonly path: string;
  readonly versions: readonly {
    readonly type: number;
    readonly content: string;
    readonly mtimeUs: number;
    readonly executable: boolean;
  }[];
}

function checkFingerprint(vector: Vector): void {
  for (const crypto of providers) {
    const hasher = new FingerprintHasher(crypto, bytes(vector['key']));
    const sum = Fingerprint.empty();
    for (const { path, versions } of vector['rows'] as readonly FingerprintRow[]) {
      const counted = versions.map(({ type, content, mtimeUs, executable }) =>
        version({ typeNumber: type, content: content as never, mtimeUs, executable }),
      );
      sum.replace(undefined, hasher.term(path, counted));
    }
    expect(toHex(sum.total()), crypto.name).toBe(vector['total']);
  }
}

interface Reaching extends Placed {
  readonly heads: readonly { readonly log: string; readonly device: string; readonly seq: number }[];
  readonly reaches: Reach;
  readonly isVoid: boolean;
}

function checkReach(vector: Vector): void {
  const pasts = new Pasts(memoryStorage().open('folder'), () => 1);
  const entries = vector['entries'] as readonly Reaching[];
  const view = new MemoryView();
  const versions = entries.map(({ reaches, isVoid, heads, ...placed }) => {
    const { device, seq, clock = '1', index = 0 } = placed;
    pasts.add(device as DeviceId, seq, heads as readonly LogPlace[], {});
    const reached = pasts.at(device as DeviceId, seq);
    expect(reached).toEqual(reaches);
    const place = { device: device as DeviceId, seq, index, clock: BigInt(clock) };
    const raw = { type: recordTypes.file, payload: bytes(placed.record) };
    const found = readVersion(raw, place, { vector: reached, resolve: (named) => named });
    expect(found === undefined).toBe(isVoid);
    if (found !== undefined) view.add(found);
    return found;
  });
  const shown = viewRow(view, 'a.txt');
  expect(shown?.copies ?? []).toEqual([]);
  const wanted = vector['shown'];
  expect(shown?.version).toEqual(wanted === null ? undefined : versions[Number(wanted)]);
}

function checkWithinReach(vector: Vector): void {
  const path = 'a.txt';
  const fields = { path, size: 1, mtimeUs: 5 };
  const base = { ...fields, kind: 'file', content: vector['content'] as ContentId, executable: false } as const;
  const row = { ...base, vector: vector['base'] as Reach };
  const act = { act: 'delete', path, base: row } as const;
  const { records } = recordActs([act], {
    place: { device: vector['device'] as DeviceId, seq: Number(vector['seq']) },
    ref: () => undefined,
    base: () => row,
    view: () => undefined,
    reach: vector['reaches'] as Reach,
  });
  expect(records.map((record) => record.vector)).toEqual([vector['vector']]);
}

const checks: Readonly<Record<string, (vector: Vector) => void>> = {
  record: checkRecord,
  state: checkState,
  name: checkName,
  fingerprint: checkFingerprint,
  reach: checkReach,
  'within-reach': checkWithinReach,
};

describe('tree', () => {
  test.each(vectors('tree'))('$name', ({ vector }) => {
    const check = checks[vector.operation];
    expect(check, vector.operation).toBeDefined();
    check?.(vector);
  });
});
