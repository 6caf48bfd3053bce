/** Curve25519 in its two forms. Only this module knows the library the arithmetic comes from. */
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { concat, equalBytes } from '../bytes.js';
import { CloudlessError } from '../errors.js';
import { portableSha512 } from './hashes.js';
import { keyBytes, signatureBytes } from './sizes.js';

/** A public key that has passed every check of `spec/01 §2`, decoded. */
export type Ed25519Point = InstanceType<typeof ed25519.Point>;

/** The public key of a seed (RFC 8032 §5.1.5). */
export function ed25519PublicOf(seed: Uint8Array): Uint8Array {
  return ed25519.getPublicKey(seed);
}

/** The deterministic signature of RFC 8032 §5.1.6. */
export function ed25519SignatureOf(seed: Uint8Array, message: Uint8Array): Uint8Array {
  return ed25519.sign(message, seed);
}

/**
 * The point a public key encodes, or `undefined` unless the encoding is the canonical one and the point has the prime
 * order L: so neither one of the eight points of small order, nor a sum of one of them and a point of order L.
 */
export function primeOrderPoint(publicKey: Uint8Array): Ed25519Point | undefined {
  if (publicKey.length !== keyBytes) return undefined;
  try {
    const point = ed25519.Point.fromBytes(publicKey, false);
    return !point.isSmallOrder() && point.isTorsionFree() ? point : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Cofactorless verification: S < L, R not the identity, and encode([S]B - [k]A) = R as bytes (`spec/01 §2`).
 *
 * The library's own `verify` multiplies by the cofactor, and so accepts signatures that other implementations refuse.
 */
export function verifyCofactorless(point: Ed25519Point, message: Uint8Array, signature: Uint8Array): boolean {
  if (!plausibleSignature(signature)) return false;
  const encodedR = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  const order = ed25519.Point.Fn.ORDER;
  if (s >= order) return false;
  const k = littleEndian(portableSha512(concat(encodedR, point.toBytes(), message))) % order;
  const expected = ed25519.Point.BASE.multiplyUnsafe(s).subtract(point.multiplyUnsafe(k));
  return equalBytes(expected.toBytes(), encodedR);
}

/**
 * Whether a signature has the right length and an R other than the identity. Implementations disagree on that one R,
 * the only point of small order which the equation can give under a key of prime order.
 */
export function plausibleSignature(signature: Uint8Array): boolean {
  return signature.length === signatureBytes && !equalBytes(signature.subarray(0, 32), encodedIdentity);
}

const encodedIdentity: Uint8Array = new Uint8Array(32).with(0, 1);

function littleEndian(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let value = 0n;
  for (let offset = bytes.length - 8; offset >= 0; offset -= 8) {
    value = (value << 64n) | view.getBigUint64(offset, true);
  }
  return value;
}

/** X25519 of a secret and the base point (RFC 7748 §6.1). */
export function x25519PublicOf(secret: Uint8Array): Uint8Array {
  return x25519.getPublicKey(secret);
}

/** X25519 (RFC 7748 §5). Throws `bad-key` when the result would be all zero. */
export function x25519SharedSecret(secret: Uint8Array, publicKey: Uint8Array): Uint8Array {
  try {
    return x25519.getSharedSecret(secret, publicKey);
  } catch (cause) {
    throw allZeroSecret(cause);
  }
}

/** The refusal of a key that makes an agreement worth nothing (RFC 7748 §6.1). */
export function allZeroSecret(cause: unknown): CloudlessError {
  return new CloudlessError('bad-key', 'This key agreement would give a secret that everybody knows.', { cause });
}
