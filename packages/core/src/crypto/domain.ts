/**
 * Domain separation (`spec/01 §6`): whatever is hashed, signed, derived or authenticated starts with
 * `cloudless/1 <purpose>` and a zero byte, so that no value made for one purpose is ever right for another.
 *
 * Purposes are fixed words of the program, printable ASCII; parts are simply joined, so all but the last must have a
 * fixed length or be one encoded value.
 */
import { concat, emptyBytes, utf8 } from '../bytes.js';
import { invariant } from '../errors.js';
import { protocolVersion } from '../limits.js';
import type { Crypto } from './crypto.js';

/** The bytes that stand before everything made for `purpose`. */
export function domainPrefix(purpose: string): Uint8Array {
  invariant(/^[!-~]+( [!-~]+)*$/.test(purpose), `purpose ${JSON.stringify(purpose)}`);
  return utf8(`cloudless/${protocolVersion} ${purpose}\0`);
}

/** BLAKE3 of the prefix and the parts. */
export function domainHash(crypto: Crypto, purpose: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return crypto.blake3(concat(domainPrefix(purpose), ...parts));
}

/** Ed25519 signature over the prefix and the parts. */
export function signDomain(
  crypto: Crypto,
  seed: Uint8Array,
  purpose: string,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  return crypto.ed25519Sign(seed, concat(domainPrefix(purpose), ...parts));
}

/** Whether `signature` is one over the prefix and the parts by a usable key. */
export function verifyDomain(
  crypto: Crypto,
  publicKey: Uint8Array,
  signature: Uint8Array,
  purpose: string,
  ...parts: readonly Uint8Array[]
): boolean {
  return crypto.ed25519Verify(publicKey, concat(domainPrefix(purpose), ...parts), signature);
}

/** 32 bytes of HKDF-SHA-256 of `secret` with an empty salt, info = the prefix and `context`. */
export function deriveKey(
  crypto: Crypto,
  secret: Uint8Array,
  purpose: string,
  context: Uint8Array = emptyBytes,
): Uint8Array {
  return crypto.hkdf(secret, emptyBytes, concat(domainPrefix(purpose), context), 32);
}

/** BLAKE3 of the prefix and the parts, keyed with `deriveKey(key, purpose)`. */
export function domainMac(
  crypto: Crypto,
  key: Uint8Array,
  purpose: string,
  ...parts: readonly Uint8Array[]
): Uint8Array {
  return crypto.blake3Keyed(deriveKey(crypto, key, purpose), concat(domainPrefix(purpose), ...parts));
}
