import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '../../src/codec/index.js';
import { bitmapCodec, ChunkBitmap } from '../../src/content/index.js';
import { CloudlessError } from '../../src/errors.js';
import { bitmapChunksMax } from '../../src/limits.js';

describe('bitmaps', () => {
  const places = fc
    .integer({ min: 1, max: 300 })
    .chain((count) => fc.tuple(fc.constant(count), fc.uniqueArray(fc.nat(count - 1))));

  test('behave as a set of places', () => {
    fc.assert(
      fc.property(places, fc.array(fc.nat(299)), ([count, added], removed) => {
        const bitmap = new ChunkBitmap(count);
        const model = new Set<number>();
        for (const place of added) expect(bitmap.add(place)).toBe(!model.has(place) && model.add(place).has(place));
        for (const place of removed) expect(bitmap.delete(place)).toBe(model.delete(place));
        expect(bitmap.presentCount).toBe(model.size);
        expect(bitmap.complete).toBe(model.size === count);
        const missing = Array.from({ length: count }, (_, place) => place).filter((place) => !model.has(place));
        expect(bitmap.missing(0, count)).toEqual(missing);
        expect(bitmap.missing(0, 2)).toEqual(missing.slice(0, 2));
      }),
    );
  });

  test('[CNT-23] encode in at most a few bytes more than a bit a chunk, and decode again', () => {
    fc.assert(
      fc.property(places, ([count, added]) => {
        const bitmap = new ChunkBitmap(count);
        for (const place of added) bitmap.add(place);
        const encoded = encode(bitmapCodec(count), bitmap);
        expect(encoded.length).toBeLessThanOrEqual(Math.ceil(count / 8) + 8);
        const decoded = decode(bitmapCodec(count), encoded, 1_000);
        expect(decoded.toBytes()).toEqual(bitmap.toBytes());
        expect(decoded.presentCount).toBe(bitmap.presentCount);
        expect(ChunkBitmap.fromBytes(count, bitmap.toBytes()).presentCount).toBe(bitmap.presentCount);
      }),
    );
  });

  test('[CNT-23] a whole content is a few bytes, whatever its size', () => {
    const bitmap = ChunkBitmap.fromBytes(bitmapChunksMax, new Uint8Array(bitmapChunksMax / 8).fill(0xff));
    expect(bitmap.complete).toBe(true);
    expect(encode(bitmapCodec(bitmapChunksMax), bitmap).length).toBeLessThan(16);
  });

  test('[CNT-24] arbitrary bytes are a bitmap or a refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 30 }), fc.integer({ min: 1, max: 100 }), (bytes, count) => {
        try {
          expect(encode(bitmapCodec(count), decode(bitmapCodec(count), bytes, 1_000))).toEqual(bytes);
        } catch (error) {
          if (!(error instanceof CloudlessError)) throw error;
          expect(['malformed', 'non-canonical', 'over-limit']).toContain(error.code);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('places outside the content are in no bitmap', () => {
    const bitmap = new ChunkBitmap(9);
    expect([bitmap.has(-1), bitmap.has(9), bitmap.has(15), bitmap.delete(9)]).toEqual([false, false, false, false]);
    expect(() => bitmap.add(9)).toThrow();
    expect(() => new ChunkBitmap(0)).toThrow();
    expect(() => new ChunkBitmap(bitmapChunksMax + 1)).toThrow();
  });
});
