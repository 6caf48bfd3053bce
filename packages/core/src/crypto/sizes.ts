/** Sizes that the caller must keep: a wrong one is a mistake in the program, never something a peer can cause. */
import { invariant } from '../errors.js';

/** Bytes of keys, seeds, digests and encoded points. */
export const keyBytes = 32;
export const signatureBytes = 64;
export const nonceBytes = 12;
export const tagBytes = 16;
/** The most that HKDF-SHA-256 can give (RFC 5869 §2.3). */
const hkdfBytesMax = 255 * 32;

/** Throws `internal` unless `bytes` has exactly `length` bytes. */
export function expectLength(bytes: Uint8Array, length: number, what: string): void {
  invariant(bytes.length === length, `${what} of ${bytes.length} bytes instead of ${length}`);
}

/** Throws `internal` unless HKDF can give `lengthBytes`. */
export function expectHkdfLength(lengthBytes: number): void {
  const possible = Number.isInteger(lengthBytes) && lengthBytes >= 1 && lengthBytes <= hkdfBytesMax;
  invariant(possible, `HKDF output of ${lengthBytes} bytes`);
}
