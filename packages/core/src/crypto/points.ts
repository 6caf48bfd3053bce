/**
 * Which keys are keys at all (`spec/01 §2` and `§3`). Providers ask this before they verify, so that all agree on keys
 * that libraries treat differently.
 */
import { compareBytes } from '../bytes.js';
import { check } from '../errors.js';
import { BoundedCache } from './bounded-cache.js';
import type { Crypto } from './crypto.js';
import { type Ed25519Point, primeOrderPoint } from './curves.js';

/** Verdicts kept; each takes about a millisecond to reach and a folder has a thousand devices at most. */
const verdictsMax = 4_096;

/** Decodes and judges public keys, and remembers the verdicts. */
export class Ed25519Keys {
  readonly #verdicts = new BoundedCache<Ed25519Point | undefined>(verdictsMax);

  /** The point of a key that is canonical and of prime order, else `undefined`. */
  point(publicKey: Uint8Array): Ed25519Point | undefined {
    return publicKey.length === 32 ? this.#verdicts.get(publicKey, primeOrderPoint) : undefined;
  }
}

/** Throws `bad-key` unless `publicKey` is canonical and of prime order: asked before a key is let into a folder. */
export function checkEd25519Key(publicKey: Uint8Array): void {
  const usable = primeOrderPoint(publicKey) !== undefined;
  check(usable, 'bad-key', 'This is not a usable Ed25519 public key.');
}

/**
 * Throws `bad-key` unless `publicKey` is the canonical encoding of an X25519 key with which an agreement gives a
 * secret: asked before a key is let into a folder.
 */
export function checkX25519Key(crypto: Crypto, publicKey: Uint8Array): void {
  const canonical = publicKey.length === 32 && compareBytes(publicKey.toReversed(), fieldPrime) < 0;
  check(canonical, 'bad-key', 'This is not a usable X25519 public key.');
  // Any secret serves: the clamped ones are multiples of 8, and those send just the points of small order to zero.
  crypto.x25519(new Uint8Array(32), publicKey);
}

/** 2^255 - 19, most significant byte first. */
const fieldPrime: Uint8Array = new Uint8Array(32).fill(0xff).with(0, 0x7f).with(31, 0xed);
