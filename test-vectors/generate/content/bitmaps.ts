import { bytes, encode, list, uint, union } from '@cloudless/core/codec';
import { bitmapCodec, ChunkBitmap } from '@cloudless/core/content';
import { type Case, hex } from '../primitives/case.js';

const loose = union('form', {
  runs: [0, { runs: [1, list(uint, 1_000)] }],
  bits: [1, { bits: [1, bytes(1_000)] }],
});

interface Bitmap {
  readonly name: string;
  readonly comment: string;
  readonly chunkCount: number;
  readonly present: readonly number[];
}

const every = (step: number, below: number): number[] =>
  Array.from({ length: Math.ceil(below / step) }, (_, i) => i * step);

const valid: readonly Bitmap[] = [
  { name: 'none', comment: 'nothing is here', chunkCount: 1_000, present: [] },
  {
    name: 'all',
    comment: 'everything is here: the first run is of no places',
    chunkCount: 1_000,
    present: every(1, 1_000),
  },
  { name: 'first', comment: 'the first of one', chunkCount: 1, present: [0] },
  { name: 'range', comment: 'two stretches', chunkCount: 500, present: [10, 11, 12, 400, 401] },
  { name: 'scattered', comment: 'every third: bits are shorter', chunkCount: 100, present: every(3, 100) },
];

function validCase({ name, comment, chunkCount, present }: Bitmap): Case {
  const bitmap = new ChunkBitmap(chunkCount);
  for (const place of present) bitmap.add(place);
  const encoded = hex(encode(bitmapCodec(chunkCount), bitmap));
  const vector = { comment, requirements: ['CNT-23'], expect: 'ok', operation: 'bitmap', chunkCount, encoded, present };
  return { name: `bitmap-${name}`, vector };
}

type Refusal = readonly [name: string, comment: string, expect: string, chunkCount: number, encoded: Uint8Array];

function runs(...lengths: readonly number[]): Uint8Array {
  return encode(loose, { form: 'runs', runs: lengths });
}

function bits(...values: readonly number[]): Uint8Array {
  return encode(loose, { form: 'bits', bits: Uint8Array.from(values) });
}

const refusals: readonly Refusal[] = [
  ['runs-longer', 'runs where bits are shorter', 'non-canonical', 8, runs(0, 1, 1, 1, 1, 1, 1, 1, 1)],
  ['bits-longer', 'bits where runs are shorter', 'non-canonical', 40, bits(0, 0, 0, 0, 0)],
  ['spare-bit', 'a bit past the last chunk', 'malformed', 12, bits(0b1010_1010, 0b1010_1000)],
  ['bits-short', 'a byte too few', 'malformed', 100, bits(0xaa)],
  ['bits-long', 'a byte too many', 'malformed', 8, bits(0xaa, 0)],
  ['run-empty', 'a run of no places that is not the first', 'malformed', 100, runs(10, 0, 90)],
  ['runs-none', 'no runs', 'malformed', 100, runs()],
  ['runs-short', 'runs that end before the last chunk', 'malformed', 100, runs(10, 89)],
  ['runs-long', 'runs that go past the last chunk', 'malformed', 100, runs(10, 91)],
  ['runs-huge', 'a run of 2^53 - 1 places', 'malformed', 100, runs(0, Number.MAX_SAFE_INTEGER)],
  ['truncated', 'the last byte is missing', 'malformed', 100, runs(10, 90).subarray(0, -1)],
  ['unknown-form', 'a form that is not known', 'malformed', 100, Uint8Array.from([0x82, 0, 2, 1, 0x91, 100])],
];

function refusedCase([name, comment, expect, chunkCount, encoded]: Refusal): Case {
  const requirements = [expect === 'non-canonical' ? 'CNT-26' : 'CNT-24'];
  const vector = { comment, requirements, expect, operation: 'bitmap', chunkCount, encoded: hex(encoded) };
  return { name: `bitmap-${name}`, vector };
}

export function bitmapCases(): readonly Case[] {
  return [...valid.map(validCase), ...refusals.map(refusedCase)];
}
