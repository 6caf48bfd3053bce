import { CloudlessError } from '../errors.js';
import { Reader } from './reader.js';
import { Writer } from './writer.js';

/**
 * How values of one type are written and read (`spec/00 §1`). `write` refuses what `read` would refuse, with the same
 * code, so nothing leaves this device that another one could not read.
 */
export interface Codec<T> {
  write(w: Writer, value: T): void;
  read(r: Reader): T;
}

/** The one encoding of `value`. Throws `malformed` or `over-limit` for a value outside the codec's bounds. */
export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const writer = new Writer();
  codec.write(writer, value);
  return writer.finish();
}

/**
 * The value of `bytes`, all of them. What this accepts re-encodes to the same bytes, unless a `skip` codec passed over
 * unknown fields. Throws `malformed`, `non-canonical` or `over-limit`, and whatever a `mapped` codec in it throws.
 */
export function decode<T>(codec: Codec<T>, bytes: Uint8Array, bytesMax: number): T {
  if (bytes.length > bytesMax) {
    throw new CloudlessError('over-limit', `${bytes.length} bytes, where at most ${bytesMax} are allowed.`);
  }
  const reader = new Reader(bytes);
  const value = codec.read(reader);
  reader.finish();
  return value;
}
