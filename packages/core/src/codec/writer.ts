import { utf8 } from '../bytes.js';
import { CloudlessError } from '../errors.js';

/** Room for the longest text with a one-byte head. */
const shortTextBytes = 32;

/** Growing buffer that writes each kind of item in its shortest form (`spec/00 §1`). */
export class Writer {
  /** As much as engines keep in their own heap; more costs an allocation outside, and most values need no more. */
  private buffer: Uint8Array = new Uint8Array(64);
  private length = 0;

  /** What has been written. The writer is spent afterwards. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.length);
  }

  bool(value: boolean): void {
    this.byte(value ? 0xc3 : 0xc2);
  }

  /** An integer 0 to 2^53 - 1; the caller has checked the range. */
  uint(value: number): void {
    if (value < 0x80) this.byte(value);
    else if (value < 0x100) this.head8(0xcc, value);
    else if (value < 0x10000) this.head16(0xcd, value);
    else if (value < 0x1_0000_0000) this.head32(0xce, value);
    else this.head64(0xcf, Math.floor(value / 0x1_0000_0000), value >>> 0);
  }

  /** An integer 0 to 2^64 - 1; the caller has checked the range. */
  uint64(value: bigint): void {
    if (value <= 0xffff_ffffn) this.uint(Number(value));
    else this.head64(0xcf, Number(value >> 32n), Number(value & 0xffff_ffffn));
  }

  /** An integer of magnitude up to 2^53 - 1; the caller has checked the range. */
  int(value: number): void {
    if (value >= 0) this.uint(value);
    else if (value >= -0x20) this.byte(value & 0xff);
    else if (value >= -0x80) this.head8(0xd0, value & 0xff);
    else if (value >= -0x8000) this.head16(0xd1, value & 0xffff);
    else if (value >= -0x8000_0000) this.head32(0xd2, value >>> 0);
    else this.head64(0xd3, Math.floor(value / 0x1_0000_0000) >>> 0, value >>> 0);
  }

  bytes(value: Uint8Array): void {
    this.bytesHead(value.length);
    this.append(value);
  }

  /** What stands before so many bytes. */
  bytesHead(length: number): void {
    if (length < 0x100) this.head8(0xc4, length);
    else if (length < 0x10000) this.head16(0xc5, length);
    else this.head32(0xc6, length);
  }

  /** Text and its length; refuses lone surrogates and more than `bytesMax` bytes of UTF-8. */
  text(value: string, bytesMax: number): void {
    if (value.length > bytesMax) throw textTooLong(bytesMax);
    if (value.length < 0x20 && this.shortAscii(value)) return;
    if (!value.isWellFormed()) throw new CloudlessError('malformed', 'Text with half a character in it.');
    const encoded = utf8(value);
    if (encoded.length > bytesMax) throw textTooLong(bytesMax);
    this.textHead(encoded.length);
    this.append(encoded);
  }

  arrayHead(count: number): void {
    if (count < 0x10) this.byte(0x90 | count);
    else if (count < 0x10000) this.head16(0xdc, count);
    else this.head32(0xdd, count);
  }

  mapHead(count: number): void {
    if (count < 0x10) this.byte(0x80 | count);
    else this.head16(0xde, count);
  }

  /** Bytes that are already encoded. */
  append(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.length);
    this.length += bytes.length;
  }

  private textHead(length: number): void {
    if (length < 0x20) this.byte(0xa0 | length);
    else if (length < 0x100) this.head8(0xd9, length);
    else if (length < 0x10000) this.head16(0xda, length);
    else this.head32(0xdb, length);
  }

  /** Writes text of up to 31 ASCII characters, or nothing and answers `false`. */
  private shortAscii(value: string): boolean {
    const length = value.length;
    this.reserve(shortTextBytes);
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      if (unit >= 0x80) return false;
      this.buffer[this.length + 1 + i] = unit;
    }
    this.buffer[this.length] = 0xa0 | length;
    this.length += 1 + length;
    return true;
  }

  private byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  private head8(head: number, value: number): void {
    this.reserve(2);
    this.buffer[this.length] = head;
    this.buffer[this.length + 1] = value;
    this.length += 2;
  }

  private head16(head: number, value: number): void {
    this.reserve(3);
    this.buffer[this.length] = head;
    this.buffer[this.length + 1] = value >>> 8;
    this.buffer[this.length + 2] = value & 0xff;
    this.length += 3;
  }

  private head32(head: number, value: number): void {
    this.reserve(5);
    this.buffer[this.length++] = head;
    this.four(value);
  }

  private head64(head: number, high: number, low: number): void {
    this.reserve(9);
    this.buffer[this.length++] = head;
    this.four(high);
    this.four(low);
  }

  private four(value: number): void {
    this.buffer[this.length] = value >>> 24;
    this.buffer[this.length + 1] = (value >>> 16) & 0xff;
    this.buffer[this.length + 2] = (value >>> 8) & 0xff;
    this.buffer[this.length + 3] = value & 0xff;
    this.length += 4;
  }

  private reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.buffer.length * 4));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }
}

function textTooLong(bytesMax: number): CloudlessError {
  return new CloudlessError('over-limit', `Text of more than ${bytesMax} bytes.`);
}
