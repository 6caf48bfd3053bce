/**
 * Which Ed25519 keys are keys at all (`spec/01 §2`). Providers ask this before they verify, so that all agree on keys
 * that libraries treat differently.
 */
import { check } from '../errors.js';
import { BoundedCache } from './bounded-cache.js';
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
