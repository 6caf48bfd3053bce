/** The equality fingerprint of a folder view (`spec/07 §8`). */

import { concat, fromHex } from '../bytes.js';
import { bool, type Codec, encode, fixed, int, list, text, tuple, u8 } from '../codec/index.js';
import { type Crypto, deriveKey, domainPrefix } from '../crypto/index.js';
import { check, invariant } from '../errors.js';
import { pathBytesMax } from '../limits.js';
import type { Version } from './types.js';

/** Buckets a view is summed in, so that a difference can be narrowed down. */
export const fingerprintBuckets = 256;
const bucketBytes = 32;

/** Path, then type, content, time and mode of each version that counts, greatest first. */
const termCodec: Codec<readonly [string, readonly (readonly [number, Uint8Array, number, boolean])[]]> = tuple(
  text(pathBytesMax),
  list(tuple(u8, fixed(32), int, bool), 0xffff),
);

/** Hashes the state of one path; holds the derived key. */
export class FingerprintHasher {
  private readonly crypto: Crypto;
  private readonly key: Uint8Array;
  private readonly prefix: Uint8Array;

  /** `folderKey`: the folder constant of 32 bytes. */
  constructor(crypto: Crypto, folderKey: Uint8Array) {
    this.crypto = crypto;
    this.key = deriveKey(crypto, folderKey, 'fingerprint');
    this.prefix = domainPrefix('fingerprint');
  }

  /** The 32 bytes that a path adds; none when no live version of it counts (`countedOf`). */
  term(path: string, counted: readonly Version[]): Uint8Array | undefined {
    if (counted.length === 0) return undefined;
    const versions = counted.map(
      (version) => [version.typeNumber, contentBytes(version), version.mtimeUs, version.executable] as const,
    );
    return this.crypto.blake3Keyed(this.key, concat(this.prefix, encode(termCodec, [path, versions])));
  }
}

/** The content id, of before a change of the folder's constants where that is known. */
function contentBytes(version: Version): Uint8Array {
  const id = version.oldContent ?? version.content;
  if (id === undefined) return new Uint8Array(32);
  const found = fromHex(id);
  invariant(found !== undefined, 'a content id that is not hex');
  return found;
}

/**
 * Sum modulo 2^256 of the terms of all paths, kept in buckets by the first byte of the term. Independent of the order
 * in which terms come and go.
 */
export class Fingerprint {
  private readonly sums: Uint8Array;

  private constructor(sums: Uint8Array) {
    this.sums = sums;
  }

  static empty(): Fingerprint {
    return new Fingerprint(new Uint8Array(fingerprintBuckets * bucketBytes));
  }

  /** From `bytes()`. Throws `malformed` for any other length. */
  static from(sums: Uint8Array): Fingerprint {
    check(sums.length === fingerprintBuckets * bucketBytes, 'malformed', 'A fingerprint has 256 buckets of 32 bytes.');
    return new Fingerprint(sums.slice());
  }

  /** All buckets, for keeping. */
  bytes(): Uint8Array {
    return this.sums.slice();
  }

  /** The path's term was `before` and is `after`. */
  replace(before: Uint8Array | undefined, after: Uint8Array | undefined): void {
    if (before !== undefined) subtractFrom(this.bucketOf(before), before);
    if (after !== undefined) addTo(this.bucketOf(after), after);
  }

  /** The sum of all buckets: 32 bytes, equal for equal views. */
  total(): Uint8Array {
    const sum = new Uint8Array(bucketBytes);
    for (let i = 0; i < fingerprintBuckets; i++) addTo(sum, this.bucket(i));
    return sum;
  }

  bucket(index: number): Uint8Array {
    return this.sums.subarray(index * bucketBytes, (index + 1) * bucketBytes);
  }

  /** Buckets in which two views differ. */
  differences(other: Fingerprint): readonly number[] {
    const found: number[] = [];
    for (let i = 0; i < fingerprintBuckets; i++) {
      const [a, b] = [this.bucket(i), other.bucket(i)];
      if (a.some((byte, at) => byte !== b[at])) found.push(i);
    }
    return found;
  }

  private bucketOf(term: Uint8Array): Uint8Array {
    return this.bucket(term[0] ?? 0);
  }
}

/** Big-endian, modulo 2^256. */
function addTo(sum: Uint8Array, term: Uint8Array): void {
  let carry = 0;
  for (let i = bucketBytes - 1; i >= 0; i--) {
    carry += (sum[i] ?? 0) + (term[i] ?? 0);
    sum[i] = carry & 0xff;
    carry >>= 8;
  }
}

function subtractFrom(sum: Uint8Array, term: Uint8Array): void {
  let borrow = 0;
  for (let i = bucketBytes - 1; i >= 0; i--) {
    const difference = (sum[i] ?? 0) - (term[i] ?? 0) - borrow;
    sum[i] = difference & 0xff;
    borrow = difference < 0 ? 1 : 0;
  }
}
