import { encode } from '@cloudless/core/codec';
import type { ContentRef } from '@cloudless/core/content';
import type { ContentId, DeviceId } from '@cloudless/core/model';
import { type FileRecord, fileRecordCodec, type Vector } from '@cloudless/core/tree';
import { hex } from '../testkit.js';

/** Device `n`: 32 equal bytes. */
export function device(n: number): DeviceId {
  return (0x10 + n).toString(16).repeat(32) as DeviceId;
}

export function content(n: number): ContentId {
  return (0xa0 + n).toString(16).repeat(32) as ContentId;
}

export function file(n: number): ContentRef {
  return { kind: 'inline', id: content(n), size: 1, bytes: new Uint8Array([n]) };
}

/** A file record of content `n` at `a.txt`, with what `fields` changes. */
export function record(n: number, fields: Partial<FileRecord> = {}): FileRecord {
  return { path: 'a.txt', typeNumber: 1, ref: file(n), mtimeUs: 1_700_000_000_000_000 + n, vector: {}, ...fields };
}

export function gone(fields: Partial<FileRecord> = {}): FileRecord {
  return { path: 'a.txt', typeNumber: 0, vector: {}, ...fields };
}

/** A record in its place, as vectors give it. */
export interface Placed {
  readonly record: string;
  readonly device: string;
  readonly seq: number;
  readonly index: number;
  /** Decimal. */
  readonly clock: string;
}

/** 2026-11-22 20:17:05 UTC, and `n` counts. */
export function clock(n: number): bigint {
  return (1_795_378_625_000n << 16n) + BigInt(n);
}

/** The record as entry `seq` of device `n`, made at clock `at`. */
export function placed(n: number, seq: number, at: number, value: FileRecord): Placed {
  return { record: hex(encode(fileRecordCodec, value)), device: device(n), seq, index: 0, clock: `${clock(at)}` };
}

export function saw(...pairs: readonly (readonly [number, number])[]): Vector {
  return Object.fromEntries(pairs.map(([n, seq]) => [device(n), seq]));
}
