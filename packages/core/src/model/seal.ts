/**
 * Sealed parts: records that only members read (`spec/04 §5`). A 32-byte salt, then ChaCha20-Poly1305 over the padded
 * records, bound to the header in which the part stands.
 */

import { concat, uint32Bytes } from '../bytes.js';
import { type Crypto, domainPrefix, nonceBytes, padmeLength, tagBytes } from '../crypto/index.js';
import { check, invariant } from '../errors.js';
import { bodyBytesMax } from '../limits.js';
import { type Header, sealedPartData } from './entry.js';
import { decodeRecords, encodeRecords, type RawRecord } from './records.js';

const saltBytes = 32;
const lengthBytes = 4;
const zeroNonce: Uint8Array = new Uint8Array(nonceBytes);

/** How long the sealed part of records is that encode to `recordsBytes` bytes. */
export function sealedBodyBytes(recordsBytes: number): number {
  return saltBytes + padmeLength(lengthBytes + recordsBytes) + tagBytes;
}

/**
 * Seals `records` under the epoch key for the entry of `header`, whose `sealedPart` is not looked at. `salt` is 32
 * random bytes used for nothing else. Throws `over-limit` for more than a part holds.
 */
export function sealBody(
  crypto: Crypto,
  epochKey: Uint8Array,
  salt: Uint8Array,
  header: Header,
  records: readonly RawRecord[],
): Uint8Array {
  invariant(salt.length === saltBytes, 'a salt is 32 bytes');
  const encoded = encodeRecords(records);
  check(sealedBodyBytes(encoded.length) <= bodyBytesMax, 'over-limit', 'These records are too large for one entry.');
  const padded = new Uint8Array(padmeLength(lengthBytes + encoded.length));
  padded.set(uint32Bytes(encoded.length));
  padded.set(encoded, lengthBytes);
  const key = bodyKey(crypto, epochKey, salt);
  return concat(salt, crypto.aeadSeal(key, zeroNonce, sealedPartData(header), padded));
}

/**
 * The records of a sealed part. Throws `bad-mac` when the key is another or header or part were changed, and
 * `malformed` (or what the records are refused as) when its author sealed something else than padded records.
 */
export function openBody(
  crypto: Crypto,
  epochKey: Uint8Array,
  header: Header,
  sealed: Uint8Array,
): readonly RawRecord[] {
  check(sealed.length >= sealedBodyBytes(1), 'malformed', 'This sealed part is cut short.');
  const key = bodyKey(crypto, epochKey, sealed.subarray(0, saltBytes));
  const padded = crypto.aeadOpen(key, zeroNonce, sealedPartData(header), sealed.subarray(saltBytes));
  check(padded !== undefined, 'bad-mac', 'This entry was sealed under another key, or changed.');
  return decodeRecords(unpadded(padded));
}

function unpadded(padded: Uint8Array): Uint8Array {
  const length = new DataView(padded.buffer, padded.byteOffset, padded.byteLength).getUint32(0);
  const end = lengthBytes + length;
  check(end <= padded.length, 'malformed', 'The records of this entry are cut short.');
  check(padmeLength(end) === padded.length, 'non-canonical', 'The records of this entry have another padding.');
  const zeros = padded.subarray(end).every((byte) => byte === 0);
  check(zeros, 'non-canonical', 'The records of this entry are padded with other bytes than zero.');
  return padded.subarray(lengthBytes, end);
}

/** One key a part: the salt is random, so the nonce may be zero. */
function bodyKey(crypto: Crypto, epochKey: Uint8Array, salt: Uint8Array): Uint8Array {
  return crypto.hkdf(epochKey, salt, domainPrefix('body'), 32);
}
