/** Which chunks of a content are here: for resuming, and for saying what a partial holder can serve (`spec/06 §8`). */

import { bytes, type Codec, encode, list, mapped, type UnionValue, uint, union } from '../codec/index.js';
import { check, invariant } from '../errors.js';
import { bitmapChunksMax } from '../limits.js';

/** A set of chunk places, 0 up to the content's number of chunks. */
export class ChunkBitmap {
  /** Chunks of the content. */
  readonly chunkCount: number;
  private readonly bits: Uint8Array;
  private present = 0;

  /** An empty set for content of `chunkCount` chunks, at most 2^23. */
  constructor(chunkCount: number) {
    invariant(Number.isInteger(chunkCount) && chunkCount >= 1 && chunkCount <= bitmapChunksMax, 'chunks of a bitmap');
    this.chunkCount = chunkCount;
    this.bits = new Uint8Array(Math.ceil(chunkCount / 8));
  }

  /** The set that `toBytes` gave. Throws `malformed` for another number of bytes or a bit past the last chunk. */
  static fromBytes(chunkCount: number, bits: Uint8Array): ChunkBitmap {
    const bitmap = new ChunkBitmap(chunkCount);
    check(bits.length === bitmap.bits.length, 'malformed', 'A bitmap of the wrong length.');
    const spare = 8 * bits.length - chunkCount;
    const lastByte = bits[bits.length - 1] as number;
    check((lastByte & ((1 << spare) - 1)) === 0, 'malformed', 'A bitmap with a chunk past the end.');
    bitmap.bits.set(bits);
    for (const byte of bits) bitmap.present += onesOf(byte);
    return bitmap;
  }

  /** How many chunks are here. */
  get presentCount(): number {
    return this.present;
  }

  get complete(): boolean {
    return this.present === this.chunkCount;
  }

  has(index: number): boolean {
    return index >= 0 && index < this.chunkCount && ((this.bits[index >> 3] as number) & maskOf(index)) !== 0;
  }

  /** Whether this changed anything. */
  add(index: number): boolean {
    invariant(Number.isInteger(index) && index >= 0 && index < this.chunkCount, `chunk ${index} of a bitmap`);
    if (this.has(index)) return false;
    this.bits[index >> 3] = (this.bits[index >> 3] as number) | maskOf(index);
    this.present++;
    return true;
  }

  /** Whether this changed anything. */
  delete(index: number): boolean {
    if (!this.has(index)) return false;
    this.bits[index >> 3] = (this.bits[index >> 3] as number) & ~maskOf(index);
    this.present--;
    return true;
  }

  /** Up to `max` places that are not in the set, ascending from `from`. */
  missing(from: number, max: number): readonly number[] {
    const missing: number[] = [];
    for (let index = from; index < this.chunkCount && missing.length < max; index++) {
      if (!this.has(index)) missing.push(index);
    }
    return missing;
  }

  /** A bit a chunk, from the highest bit of the first byte; spare bits are zero. A copy. */
  toBytes(): Uint8Array {
    return this.bits.slice();
  }

  /** Lengths of the stretches of places out of the set and in it by turns; the first may be 0. */
  toRuns(): readonly number[] {
    const runs: number[] = [];
    let inside = false;
    let start = 0;
    for (let index = 0; index < this.chunkCount; index++) {
      if (this.has(index) === inside) continue;
      runs.push(index - start);
      start = index;
      inside = !inside;
    }
    runs.push(this.chunkCount - start);
    return runs;
  }
}

function maskOf(index: number): number {
  return 0x80 >> (index & 7);
}

function onesOf(byte: number): number {
  let ones = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) ones++;
  return ones;
}

const runsMax = bitmapChunksMax + 1;
const runsCodec = list(uint, runsMax, 1);
const wireVariants = {
  runs: [0, { runs: [1, runsCodec] }],
  bits: [1, { bits: [1, bytes(bitmapChunksMax / 8, 1)] }],
} as const;
const wireCodec = union('form', wireVariants);
type WireBitmap = UnionValue<'form', typeof wireVariants>;

/**
 * The shorter of two forms, runs where both are equal. The number of chunks is not on the wire: the reader knows
 * the content. Throws `malformed` when the bitmap is of another number of chunks, `non-canonical` for the longer
 * form.
 */
export function bitmapCodec(chunkCount: number): Codec<ChunkBitmap> {
  return mapped(
    wireCodec,
    (wire) => {
      const bitmap =
        wire.form === 'bits' ? ChunkBitmap.fromBytes(chunkCount, wire.bits) : fromRuns(chunkCount, wire.runs);
      check(toWire(bitmap).form === wire.form, 'non-canonical', 'A bitmap in the longer of its two forms.');
      return bitmap;
    },
    toWire,
  );
}

function toWire(bitmap: ChunkBitmap): WireBitmap {
  const runs = bitmap.toRuns();
  const bits = bitmap.toBytes();
  return encode(runsCodec, runs).length <= encode(bytes(bits.length), bits).length
    ? { form: 'runs', runs }
    : { form: 'bits', bits };
}

function fromRuns(chunkCount: number, runs: readonly number[]): ChunkBitmap {
  let total = 0;
  runs.forEach((run, index) => {
    check(run > 0 || index === 0, 'malformed', 'A bitmap with an empty run.');
    total += run;
    check(total <= chunkCount, 'malformed', 'A bitmap with a chunk past the end.');
  });
  check(total === chunkCount, 'malformed', 'A bitmap of the wrong length.');
  const bitmap = new ChunkBitmap(chunkCount);
  let index = 0;
  runs.forEach((run, place) => {
    if (place % 2 === 1) for (let i = index; i < index + run; i++) bitmap.add(i);
    index += run;
  });
  return bitmap;
}
