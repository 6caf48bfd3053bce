import { describe, expect, test } from 'vitest';
import { concat } from '../../src/bytes.js';
import { cutLengths, gearTable } from '../../src/content/index.js';
import { nobleCrypto } from '../../src/crypto/index.js';
import { noise } from './material.js';

const mebibyte = 1_048_576;
const folders = 6;
const edits = 25;
const crypto = nobleCrypto();
const content = noise(77, 10 * mebibyte);
const overwriting = noise(78, mebibyte);
/** Where the cuts of an edit must have met the old ones again. */
const meetBytesMax = 3 * mebibyte;

/** Where chunks end. */
function cuts(gear: Int32Array, bytes: Uint8Array, start = 0): readonly number[] {
  let end = start;
  return cutLengths(gear, bytes).map((length) => (end += length));
}

/** Bytes of the chunks that an edit makes: from the last old cut before it to the first old cut after it. */
function costOf(old: readonly number[], made: readonly number[], start: number, from: number): number {
  const known = new Set(old);
  const met = made.find((end) => end >= from && known.has(end));
  if (met === undefined) throw new Error('the cuts never met again');
  return met - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

describe('what has to be sent of a file again', () => {
  /** Where the cuts are depends on the folder's keys. */
  const all = Array.from({ length: folders }, (_, folder) => {
    const gear = gearTable(crypto, new Uint8Array(32).fill(folder));
    return { gear, old: cuts(gear, content) };
  });

  test('is at most 1.6 times what was overwritten in its middle, in the median of 25 places in 6 folders', () => {
    const costs = all.flatMap(({ gear, old }) =>
      Array.from({ length: edits }, (_, index) => {
        const from = 2 * mebibyte + index * 97_000;
        const start = old.findLast((end) => end <= from) ?? 0;
        const changed = content.slice(start, from + mebibyte + meetBytesMax);
        changed.set(overwriting, from - start);
        return costOf(old, cuts(gear, changed, start), start, from + mebibyte);
      }),
    );
    expect(costs).toHaveLength(folders * edits);
    expect(Math.min(...costs)).toBeGreaterThanOrEqual(mebibyte);
    expect(median(costs)).toBeLessThanOrEqual(1.6 * mebibyte);
  });

  test('is at most 0.4 % of 256 MiB after 1 KiB was put before it, in the median of 25 files', () => {
    const [{ gear, old }] = all as [(typeof all)[0]];
    const costs = Array.from({ length: edits }, (_, index) => {
      const start = old[index] ?? 0;
      const added = noise(2_000 + index, 1_024);
      // The rest of the content after a cut is cut as a file of its own would be.
      const made = cuts(gear, concat(added, content.subarray(start, start + meetBytesMax)), start - added.length);
      return costOf(old, made, start - added.length, start);
    });
    expect(Math.min(...costs)).toBeGreaterThan(1_024);
    expect(median(costs)).toBeLessThanOrEqual(0.004 * 256 * mebibyte);
  });
});
