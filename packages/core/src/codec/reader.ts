import { utf8Text } from '../bytes.js';
import { CloudlessError } from '../errors.js';

/** Arrays and maps within one another (`spec/00 §1`). */
export const depthMax = 16;

/** The greatest key of a map; there is no room for more fields than keys. */
export const mapKeyMax = 127;

/** Up to this length a loop over ASCII bytes is quicker than the platform's decoder. */
const shortTextBytes = 48;

/**
 * Reads items strictly, each check in the order that `spec/00 §1` gives: kind of head, presence of its length bytes,
 * shortest form, bound, presence of what it announces. Never allocates before these have passed.
 */
export class Reader {
  private readonly buffer: Uint8Array;
  private at = 0;
  private depth = 0;

  constructor(bytes: Uint8Array) {
    this.buffer = bytes;
  }

  /** Refuses trailing bytes. */
  finish(): void {
    if (this.at !== this.buffer.length) throw malformed('more bytes than the value has');
  }

  bool(): boolean {
    const head = this.head();
    if (head === 0xc2) return false;
    if (head === 0xc3) return true;
    throw unexpected(head, 'a boolean');
  }

  /** An integer 0 to 2^53 - 1. */
  uint(): number {
    const head = this.head();
    if (head < 0x80) return head;
    if (head === 0xcc) return atLeast(this.unsigned8(), 0x80);
    if (head === 0xcd) return atLeast(this.unsigned16(), 0x100);
    if (head === 0xce) return atLeast(this.unsigned32(), 0x10000);
    if (head === 0xcf) return this.wideNumber();
    throw unexpected(head, 'a number');
  }

  /** An integer 0 to 2^64 - 1. */
  uint64(): bigint {
    if (this.at < this.buffer.length && this.buffer[this.at] === 0xcf) {
      this.at++;
      return this.wide();
    }
    return BigInt(this.uint());
  }

  /** An integer of magnitude up to 2^53 - 1. */
  int(): number {
    const head = this.peek();
    if (head >= 0xe0) {
      this.at++;
      return head - 0x100;
    }
    if (head < 0xd0 || head > 0xd3) return this.uint();
    this.at++;
    if (head === 0xd0) return below((this.unsigned8() << 24) >> 24, -0x20);
    if (head === 0xd1) return below((this.unsigned16() << 16) >> 16, -0x80);
    if (head === 0xd2) return below(this.unsigned32() | 0, -0x8000);
    return safe(this.wideNegative());
  }

  /** A copy of the bytes, which may therefore outlive what they were read from. */
  bytes(max: number, min: number): Uint8Array {
    const length = this.bytesLength(this.head());
    const start = this.take(length, max, min);
    return this.buffer.slice(start, start + length);
  }

  /** The bytes where they lie. */
  bytesView(max: number, min: number): Uint8Array {
    const length = this.bytesLength(this.head());
    const start = this.take(length, max, min);
    return this.buffer.subarray(start, start + length);
  }

  /** A copy of exactly `length` bytes. */
  fixed(length: number): Uint8Array {
    const found = this.bytesLength(this.head());
    if (found !== length) throw malformed(`${found} bytes where ${length} belong`);
    const start = this.advance(length);
    return this.buffer.slice(start, start + length);
  }

  text(bytesMax: number): string {
    const length = this.textLength(this.head());
    const start = this.take(length, bytesMax, 0);
    if (length <= shortTextBytes) {
      const ascii = this.ascii(start, length);
      if (ascii !== undefined) return ascii;
    }
    const text = utf8Text(this.buffer.subarray(start, start + length));
    if (text === undefined) throw malformed('text that is not UTF-8');
    return text;
  }

  /** The count of an array, which is entered: `leave` it after its items. */
  enterArray(max: number, min: number): number {
    const head = this.head();
    let count: number;
    if (head >= 0x90 && head <= 0x9f) count = head & 0x0f;
    else if (head === 0xdc) count = atLeast(this.unsigned16(), 0x10);
    else if (head === 0xdd) count = atLeast(this.unsigned32(), 0x10000);
    else throw unexpected(head, 'a list');
    return this.enter(count, max, min, count);
  }

  /** The number of fields of a map, which is entered: `leave` it after them. */
  enterMap(): number {
    const head = this.head();
    let count: number;
    if (head >= 0x80 && head <= 0x8f) count = head & 0x0f;
    else if (head === 0xde) count = atLeast(this.unsigned16(), 0x10);
    else if (head === 0xdf) count = atLeast(this.unsigned32(), 0x10000);
    else throw unexpected(head, 'a map');
    return this.enter(count, mapKeyMax + 1, 0, 2 * count);
  }

  leave(): void {
    this.depth--;
  }

  /** The next key of a map, greater than the one before it. */
  key(previous: number): number {
    const key = this.uint();
    if (key > mapKeyMax) throw malformed(`key ${key} in a map`);
    if (key <= previous) throw nonCanonical(`key ${key} after key ${previous}`);
    return key;
  }

  /** Passes over one item of any kind, checking that it is canonical. */
  skip(): void {
    const head = this.peek();
    if (head === 0xc2 || head === 0xc3) this.at++;
    else if (head < 0x80 || (head >= 0xcc && head <= 0xcf)) this.uint64();
    else if (head >= 0xe0 || (head >= 0xd0 && head <= 0xd3)) this.skipNegative();
    else if (head >= 0xc4 && head <= 0xc6) this.advance(this.bytesLength(this.head()));
    else if ((head >= 0xa0 && head <= 0xbf) || (head >= 0xd9 && head <= 0xdb)) this.text(Number.POSITIVE_INFINITY);
    else if ((head >= 0x90 && head <= 0x9f) || head === 0xdc || head === 0xdd) this.skipArray();
    else if (head <= 0x8f || head === 0xde || head === 0xdf) this.skipMap();
    else throw unexpected(head, 'a value');
  }

  /** One whole item of up to `bytesMax` bytes as it is encoded. */
  raw(bytesMax: number): Uint8Array {
    const start = this.at;
    this.skip();
    if (this.at - start > bytesMax) throw overLimit(`an item of more than ${bytesMax} bytes`);
    return this.buffer.slice(start, this.at);
  }

  private skipNegative(): void {
    if (this.peek() !== 0xd3) {
      this.int();
      return;
    }
    this.at++;
    this.wideNegative();
  }

  private bytesLength(head: number): number {
    if (head === 0xc4) return this.unsigned8();
    if (head === 0xc5) return atLeast(this.unsigned16(), 0x100);
    if (head === 0xc6) return atLeast(this.unsigned32(), 0x10000);
    throw unexpected(head, 'bytes');
  }

  private skipArray(): void {
    const count = this.enterArray(Number.POSITIVE_INFINITY, 0);
    for (let i = 0; i < count; i++) this.skip();
    this.leave();
  }

  private skipMap(): void {
    const count = this.enterMap();
    let key = -1;
    for (let i = 0; i < count; i++) {
      key = this.key(key);
      this.skip();
    }
    this.leave();
  }

  private textLength(head: number): number {
    if (head >= 0xa0 && head <= 0xbf) return head & 0x1f;
    if (head === 0xd9) return atLeast(this.unsigned8(), 0x20);
    if (head === 0xda) return atLeast(this.unsigned16(), 0x100);
    if (head === 0xdb) return atLeast(this.unsigned32(), 0x10000);
    throw unexpected(head, 'text');
  }

  private ascii(start: number, length: number): string | undefined {
    let text = '';
    for (let i = start; i < start + length; i++) {
      const unit = this.buffer[i] as number;
      if (unit >= 0x80) return undefined;
      text += String.fromCharCode(unit);
    }
    return text;
  }

  private enter(count: number, max: number, min: number, bytesAtLeast: number): number {
    if (count > max) throw overLimit(`${count} items, where at most ${max} are allowed`);
    if (count < min) throw malformed(`${count} items, where at least ${min} are needed`);
    if (this.depth === depthMax) throw overLimit(`more than ${depthMax} lists and maps within one another`);
    if (bytesAtLeast > this.buffer.length - this.at) throw truncated();
    this.depth++;
    return count;
  }

  private take(length: number, max: number, min: number): number {
    if (length > max) throw overLimit(`${length} bytes, where at most ${max} are allowed`);
    if (length < min) throw malformed(`${length} bytes, where at least ${min} are needed`);
    return this.advance(length);
  }

  private peek(): number {
    if (this.at >= this.buffer.length) throw truncated();
    return this.buffer[this.at] as number;
  }

  private head(): number {
    if (this.at >= this.buffer.length) throw truncated();
    return this.buffer[this.at++] as number;
  }

  private advance(count: number): number {
    const start = this.at;
    if (count > this.buffer.length - start) throw truncated();
    this.at = start + count;
    return start;
  }

  private unsigned8(): number {
    return this.buffer[this.advance(1)] as number;
  }

  private unsigned16(): number {
    const at = this.advance(2);
    return ((this.buffer[at] as number) << 8) | (this.buffer[at + 1] as number);
  }

  private unsigned32(): number {
    const high = this.unsigned16();
    return high * 0x1_0000 + this.unsigned16();
  }

  private wide(): bigint {
    const { high, low } = this.halves();
    if (high === 0) throw nonCanonical('a number not in its shortest form');
    return BigInt(high) * 0x1_0000_0000n + BigInt(low);
  }

  /** The same where 53 bits are enough; most are times, and need no big numbers. */
  private wideNumber(): number {
    const { high, low } = this.halves();
    if (high === 0) throw nonCanonical('a number not in its shortest form');
    if (high > 0x1f_ffff) throw outOfRange();
    return high * 0x1_0000_0000 + low;
  }

  private wideNegative(): bigint {
    const { high, low } = this.halves();
    const value = BigInt.asIntN(64, BigInt(high) * 0x1_0000_0000n + BigInt(low));
    if (value >= -0x8000_0000n) throw nonCanonical('a number not in its shortest form');
    return value;
  }

  private halves(): { readonly high: number; readonly low: number } {
    if (this.buffer.length - this.at < 8) throw truncated();
    return { high: this.unsigned32(), low: this.unsigned32() };
  }
}

function atLeast(value: number, least: number): number {
  if (value < least) throw nonCanonical('a number or length not in its shortest form');
  return value;
}

function below(value: number, bound: number): number {
  if (value >= bound) throw nonCanonical('a number not in its shortest form');
  return value;
}

function safe(value: bigint): number {
  if (value > 0x1f_ffff_ffff_ffffn || value < -0x1f_ffff_ffff_ffffn) throw outOfRange();
  return Number(value);
}

function outOfRange(): CloudlessError {
  return malformed('a number out of its range');
}

function malformed(what: string): CloudlessError {
  return new CloudlessError('malformed', `The data is damaged or of another kind: ${what}.`);
}

function nonCanonical(what: string): CloudlessError {
  return new CloudlessError('non-canonical', `The data is not in the one allowed form: ${what}.`);
}

function overLimit(what: string): CloudlessError {
  return new CloudlessError('over-limit', `The data is past a limit: ${what}.`);
}

function truncated(): CloudlessError {
  return malformed('it ends too early');
}

function unexpected(head: number, wanted: string): CloudlessError {
  return malformed(`byte ${head.toString(16)} where ${wanted} should begin`);
}
