import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat } from '../../src/bytes.js';
import { Cutter, cutLengths } from '../../src/content/index.js';
import { nobleCrypto } from '../../src/crypto/index.js';
import { chunkBytesAim, chunkBytesMax, chunkBytesMin } from '../../src/limits.js';
import { buildKeys, noise } from './material.js';

const gear = buildKeys(nobleCrypto()).gear;

/** The rule of the spec, a byte at a time and without regard to speed. */
function plainLengths(content: Uint8Array): readonly number[] {
  const lengths: number[] = [];
  let start = 0;
  while (start < content.length) {
    const length = plainLength(content.subarray(start));
    lengths.push(length);
    start += length;
  }
  return lengths;
}

function plainLength(rest: Uint8Array): number {
  let hash = 0n;
  for (let at = chunkBytesMin - 32; at < Math.min(rest.length, chunkBytesMax); at++) {
    hash = (2n * hash + BigInt((gear[rest[at] as number] as number) >>> 0)) & 0xffff_ffffn;
    const length = at + 1;
    if (length < chunkBytesMin) continue;
    const tested = length < chunkBytesAim ? (hash >> 11n) & 0xf_ffffn : (hash >> 15n) & 0xffffn;
    if (tested === 0n) return length;
  }
  return Math.min(rest.length, chunkBytesMax);
}

function streamed(content: Uint8Array, pieces: readonly number[]): readonly number[] {
  const cutter = new Cutter(gear);
  const ends: number[] = [];
  let at = 0;
  for (const piece of [...pieces, content.length]) {
    ends.push(...cutter.push(content.subarray(at, at + piece)));
    at = Math.min(content.length, at + piece);
  }
  const last = cutter.finish();
  return last === undefined ? ends : [...ends, last];
}

function endsOf(lengths: readonly number[]): readonly number[] {
  let end = 0;
  return lengths.map((length) => (end += length));
}

describe('FastCDC', () => {
  test('[CNT-4] cuts where the rule of the spec says, and nowhere else', () => {
    const content = noise(1, 3_000_001);
    const lengths = cutLengths(gear, content);
    expect(lengths).toEqual(plainLengths(content));
    expect(lengths.some((length) => length < chunkBytesAim)).toBe(true);
    expect(lengths.some((length) => length > chunkBytesAim)).toBe(true);
  });

  test('[CNT-5] the pieces in which content arrives make no difference', () => {
    const content = noise(2, 1_500_000);
    const whole = endsOf(cutLengths(gear, content));
    const piece = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 300_000 }), fc.constant(65_504));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        expect(streamed(content, pieces)).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });

  test('[CNT-5] byte by byte cuts the same', () => {
    const content = noise(3, 400_000);
    expect(streamed(content, new Array<number>(content.length).fill(1))).toEqual(endsOf(cutLengths(gear, content)));
  });

  test('lengths stay between the bounds and gather around the aim', () => {
    const lengths = cutLengths(gear, noise(4, 64 * chunkBytesMax)).slice(0, -1);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(chunkBytesMin);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(chunkBytesMax);
    const mean = lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
    expect(mean).toBeGreaterThan(0.9 * chunkBytesAim);
    expect(mean).toBeLessThan(1.4 * chunkBytesAim);
  });

  test('an insertion moves the cuts around it and no others', () => {
    const content = noise(5, 16 * chunkBytesMax);
    const before = endsOf(cutLengths(gear, content));
    const at = 5_000_000;
    const after = endsOf(cutLengths(gear, concat(content.subarray(0, at), noise(6, 1_024), content.subarray(at))));
    const shifted = new Set(before.map((end) => (end <= at ? end : end + 1_024)));
    expect(after.filter((end) => !shifted.has(end)).length).toBeLessThanOrEqual(4);
  });
});
