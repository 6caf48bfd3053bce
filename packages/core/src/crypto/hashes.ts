/** The portable hashes, in plain JavaScript. Only this module knows the library they come from. */
import { blake3 as nobleBlake3 } from '@noble/hashes/blake3.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';

/** SHA-256 (FIPS 180-4). */
export function portableSha256(bytes: Uint8Array): Uint8Array {
  return sha256(bytes);
}

/** SHA-512 (FIPS 180-4); Ed25519 needs it. */
export function portableSha512(bytes: Uint8Array): Uint8Array {
  return sha512(bytes);
}

/** HMAC-SHA-256 (RFC 2104). */
export function portableHmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return hmac(sha256, key, bytes);
}

/** HKDF-SHA-256 (RFC 5869), extract then expand. */
export function portableHkdf(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, lengthBytes: number): Uint8Array {
  return hkdf(sha256, secret, salt, info, lengthBytes);
}

/** A running BLAKE3 of the library; keyed when `key` is given. */
export interface PortableBlake3 {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
}

/** Starts BLAKE3 in plain JavaScript: right everywhere, and slow (tens of MB/s). */
export function portableBlake3(key?: Uint8Array): PortableBlake3 {
  return nobleBlake3.create(key === undefined ? {} : { key });
}
