/**
 * FastCDC with normalised chunking (`spec/06 §3`): cuts depend on the 31 bytes before them, so that an edit moves
 * the cuts around it and no others.
 */

import { chunkBytesAim, chunkBytesMax, chunkBytesMin } from '../limits.js';

/** Where hashing begins before the first place that may be a cut; the bits tested depend on the last 31 bytes. */
const windowBytes = 32;
/** Below the aim a cut needs 20 zero bits, from it on 16: lengths gather around the aim. Bit 31 is free for `find`. */
const maskBelowAim = 0x7ffff800;
const maskFromAim = 0x7fff8000;

/** Finds the cuts of content that arrives in pieces; where the pieces end makes no difference. */
export class Cutter {
  private readonly gear: Int32Array;
  /** Made for the first bytes that may be cut; most files are shorter than any chunk that is. */
  private gearTwice: Int32Array | undefined;
  /** Bytes seen of all the content, and of the chunk not yet cut. */
  private offset = 0;
  private length = 0;
  private hash = 0;

  /** `gear` comes from `gearTable`. */
  constructor(gear: Int32Array) {
    this.gear = gear;
  }

  /** Ends of the chunks that `bytes` complete, as offsets in the content. */
  push(bytes: Uint8Array): readonly number[] {
    const ends: number[] = [];
    let at = 0;
    while (at < bytes.length) {
      const next = this.advance(bytes, at);
      this.offset += next.at - at;
      at = next.at;
      if (next.cut) {
        ends.push(this.offset);
        this.length = 0;
        this.hash = 0;
      }
    }
    return ends;
  }

  /**
   * End of the last chunk; `undefined` when the content is empty or ended with a cut. The cutter is spent
   * afterwards.
   */
  finish(): number | undefined {
    return this.length === 0 ? undefined : this.offset;
  }

  /** Goes through `bytes` from `at` to the end of the chunk, of a stretch with one rule, or of the bytes. */
  private advance(bytes: Uint8Array, at: number): { readonly at: number; readonly cut: boolean } {
    const room = bytes.length - at;
    if (this.length < chunkBytesMin - windowBytes) {
      const skipped = Math.min(room, chunkBytesMin - windowBytes - this.length);
      this.length += skipped;
      return { at: at + skipped, cut: false };
    }
    if (this.length < chunkBytesMin - 1) return this.warmUp(bytes, at, Math.min(room, chunkBytesMin - 1 - this.length));
    if (this.length < chunkBytesAim - 1) {
      return this.seek(bytes, at, Math.min(room, chunkBytesAim - 1 - this.length), maskBelowAim);
    }
    return this.seek(bytes, at, Math.min(room, chunkBytesMax - this.length), maskFromAim);
  }

  private warmUp(bytes: Uint8Array, from: number, count: number): { readonly at: number; readonly cut: boolean } {
    for (let at = from; at < from + count; at++) {
      this.hash = ((this.hash << 1) + (this.gear[bytes[at] as number] as number)) | 0;
    }
    this.length += count;
    return { at: from + count, cut: false };
  }

  private seek(
    bytes: Uint8Array,
    from: number,
    count: number,
    mask: number,
  ): { readonly at: number; readonly cut: boolean } {
    const found = this.find(bytes, from, from + count, mask);
    this.length += found < 0 ? count : found - from;
    return { at: found < 0 ? from + count : found, cut: found >= 0 || this.length === chunkBytesMax };
  }

  /**
   * Index after the first byte whose hash has no bit of `mask`, or -1. All content goes through this loop: it
   * takes two bytes a step, the first with hash and mask shifted by one, which saves a shift on the way to the
   * next hash.
   */
  private find(bytes: Uint8Array, from: number, to: number, mask: number): number {
    const { gear } = this;
    this.gearTwice ??= gear.map((value) => value << 1);
    const { gearTwice } = this;
    const maskTwice = mask << 1;
    const pairsEnd = to - 1;
    let hash = this.hash;
    let at = from;
    for (; at < pairsEnd; at += 2) {
      hash = ((hash << 2) + (gearTwice[bytes[at] as number] as number)) | 0;
      if ((hash & maskTwice) === 0) return at + 1;
      hash = (hash + (gear[bytes[at + 1] as number] as number)) | 0;
      if ((hash & mask) === 0) return at + 2;
    }
    if (at < to) {
      hash = ((hash << 1) + (gear[bytes[at] as number] as number)) | 0;
      if ((hash & mask) === 0) return at + 1;
    }
    this.hash = hash;
    return -1;
  }
}

/** Lengths of the chunks of content that is all here; none for empty content. */
export function cutLengths(gear: Int32Array, content: Uint8Array): readonly number[] {
  const cutter = new Cutter(gear);
  const ends = [...cutter.push(content)];
  const last = cutter.finish();
  if (last !== undefined) ends.push(last);
  return ends.map((end, index) => end - (ends[index - 1] ?? 0));
}
