import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';

/** Shorter runs of zeros are written like all else. */
const holeBytes = 65_536;
const zeros = Buffer.alloc(holeBytes);

/**
 * Writes bytes into a file that is to have `size` bytes in the end. Where a long run of zeros comes upon nothing but
 * zeros nothing is written, so that a hole stays a hole, and takes no room.
 */
export function writeWithHoles(handle: number, bytes: Uint8Array, offset: number, size: number): void {
  let from = 0;
  let isShort = false;
  for (let at = -offset & (holeBytes - 1); at + holeBytes <= bytes.length; at += holeBytes) {
    if (!isZero(bytes.subarray(at, at + holeBytes)) || !isZeroAt(handle, offset + at)) continue;
    writeAll(handle, bytes.subarray(from, at), offset + from);
    from = at + holeBytes;
    isShort = from === bytes.length;
  }
  writeAll(handle, bytes.subarray(from), offset + from);
  // Others may write behind this place meanwhile: only the size in the end cuts nothing off.
  if (isShort && fstatSync(handle).size < offset + bytes.length) ftruncateSync(handle, size);
}

function writeAll(handle: number, bytes: Uint8Array, offset: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done, bytes.length - done, offset + done);
}

function isZero(bytes: Uint8Array): boolean {
  return bytes[0] === 0 && bytes.at(-1) === 0 && zeros.compare(bytes, 0, bytes.length, 0, bytes.length) === 0;
}

/** What lies behind the end of a file is zero once something is written beyond. */
function isZeroAt(handle: number, offset: number): boolean {
  const there = Buffer.allocUnsafe(holeBytes);
  const count = readSync(handle, there, 0, holeBytes, offset);
  return isZero(there.subarray(0, count)) || count === 0;
}
