/** Frames on a byte stream: two bytes of length, then that many sealed bytes (`spec/08 §4`). */

import { concat, emptyBytes } from '../bytes.js';
import { tagBytes } from '../crypto/index.js';
import { check, invariant } from '../errors.js';
import { frameBytesMax, rekeyFrames } from '../limits.js';
import type { NoiseCipher } from './noise.js';

/** Bytes of the length before a frame. */
export const frameLengthBytes = 2;
/** What a frame costs on the wire beyond its content. */
export const frameOverheadBytes: number = frameLengthBytes + tagBytes;
/** The most that one frame can carry. */
export const frameContentBytesMax: number = frameBytesMax - tagBytes;

/** A flush that begins with a frame of this size is taken for a large one, and gets room at once. */
const largeFrameBytes = 16_384;
const roomBytes = 327_680;

/** Seals frames, those of one flush into one buffer. */
export class FrameWriter {
  readonly #cipher: NoiseCipher;
  #target = emptyBytes;
  #waitingBytes = 0;
  #frames = 0;

  constructor(cipher: NoiseCipher) {
    this.#cipher = cipher;
  }

  /** Bytes that the next `take` gives. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Seals 1 to `frameContentBytesMax` bytes. They are not needed afterwards. */
  add(content: Uint8Array): void {
    const sealedBytes = content.length + tagBytes;
    const at = this.#reserve(frameLengthBytes + sealedBytes);
    this.#target[at] = sealedBytes >> 8;
    this.#target[at + 1] = sealedBytes & 0xff;
    const start = at + frameLengthBytes;
    this.#cipher.sealInto(content, this.#target.subarray(start, start + sealedBytes));
    this.#frames += 1;
    if (this.#frames % rekeyFrames === 0) this.#cipher.rekey();
  }

  /** Bytes that go out as they are, before any frame: the end of the handshake. */
  addPlain(bytes: Uint8Array): void {
    invariant(this.#frames === 0, 'a handshake ends before the first frame');
    const at = this.#reserve(bytes.length);
    this.#target.set(bytes, at);
  }

  /** All that waits as one buffer of its own, or `undefined`. */
  take(): Uint8Array | undefined {
    if (this.#waitingBytes === 0) return undefined;
    const taken = this.#target.subarray(0, this.#waitingBytes);
    const little = taken.length * 2 < this.#target.length;
    if (!little) this.#target = emptyBytes;
    this.#waitingBytes = 0;
    return little ? taken.slice() : taken;
  }

  /** Makes room for so many bytes and gives their place. */
  #reserve(bytes: number): number {
    const at = this.#waitingBytes;
    const needed = at + bytes;
    if (needed > this.#target.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#target.length, bytes < largeFrameBytes ? 0 : roomBytes));
      grown.set(this.#target.subarray(0, at));
      this.#target = grown;
    }
    this.#waitingBytes = needed;
    return at;
  }
}

/**
 * Takes a byte stream in pieces of any size and gives the content of its frames. A frame that lies whole in one piece
 * is opened where it lies; else its bytes are gathered once in a buffer that is used again.
 */
export class FrameReader {
  readonly #cipher: NoiseCipher;
  #piece: Uint8Array = emptyBytes;
  #offset = 0;
  #partial = emptyBytes;
  #partialBytes = 0;
  #frames = 0;
  #dead = false;

  constructor(cipher: NoiseCipher) {
    this.#cipher = cipher;
  }

  /** Whether the stream stands inside a frame: a peer that stops here has been cut off. */
  get inFrame(): boolean {
    return this.#partialBytes > 0 || this.#offset < this.#piece.length;
  }

  /** The next bytes of the stream. They must stay as they are until `next` gave `undefined` or `hold` was called. */
  push(bytes: Uint8Array): void {
    const rest = this.#piece.subarray(this.#offset);
    this.#piece = rest.length === 0 ? bytes : concat(rest, bytes);
    this.#offset = 0;
  }

  /** Copies what was not read yet, so that the bytes given to `push` may be reused. */
  hold(): void {
    this.#piece = this.#piece.slice(this.#offset);
    this.#offset = 0;
  }

  /**
   * Content of the next whole frame, or `undefined` until more bytes come. Throws `malformed` for an impossible length
   * and `bad-mac` for a frame that was changed, repeated, left out or moved; from then on always `closed`.
   */
  next(): Uint8Array | undefined {
    check(!this.#dead, 'closed', 'This path has ended.');
    try {
      const sealed = this.#partialBytes > 0 ? this.#gather() : this.#inPlace();
      if (sealed !== undefined) return this.#open(sealed);
      // All of it was copied, and its memory is no longer ours.
      this.#piece = emptyBytes;
      this.#offset = 0;
      return undefined;
    } catch (error) {
      this.#dead = true;
      throw error;
    }
  }

  #open(sealed: Uint8Array): Uint8Array {
    const content = this.#cipher.open(emptyBytes, sealed);
    this.#frames += 1;
    if (this.#frames % rekeyFrames === 0) this.#cipher.rekey();
    return content;
  }

  #inPlace(): Uint8Array | undefined {
    const available = this.#piece.length - this.#offset;
    if (available >= frameLengthBytes) {
      const end = this.#offset + frameLengthBytes + frameLength(this.#piece, this.#offset);
      if (end <= this.#piece.length) {
        const sealed = this.#piece.subarray(this.#offset + frameLengthBytes, end);
        this.#offset = end;
        return sealed;
      }
    }
    this.#keep(available);
    return undefined;
  }

  /** Completes the frame whose start is kept in `#partial`. */
  #gather(): Uint8Array | undefined {
    if (this.#partialBytes < frameLengthBytes && !this.#fillTo(frameLengthBytes)) return undefined;
    const wholeBytes = frameLengthBytes + frameLength(this.#partial, 0);
    if (!this.#fillTo(wholeBytes)) return undefined;
    this.#partialBytes = 0;
    return this.#partial.subarray(frameLengthBytes, wholeBytes);
  }

  #fillTo(bytes: number): boolean {
    this.#keep(Math.min(bytes - this.#partialBytes, this.#piece.length - this.#offset));
    return this.#partialBytes === bytes;
  }

  #keep(bytes: number): void {
    if (bytes <= 0) return;
    this.#reserve(this.#partialBytes + bytes);
    this.#partial.set(this.#piece.subarray(this.#offset, this.#offset + bytes), this.#partialBytes);
    this.#partialBytes += bytes;
    this.#offset += bytes;
  }

  #reserve(bytes: number): void {
    if (this.#partial.length >= bytes) return;
    const sizeMax = frameLengthBytes + frameBytesMax;
    const grown = new Uint8Array(Math.min(sizeMax, Math.max(bytes, 2 * this.#partial.length)));
    grown.set(this.#partial.subarray(0, this.#partialBytes));
    this.#partial = grown;
  }
}

/** Throws `malformed` for a frame that has no room for a tag and one byte. */
function frameLength(bytes: Uint8Array, offset: number): number {
  const length = ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
  check(length > tagBytes, 'malformed', 'A frame carries at least one byte.');
  return length;
}
