/**
 * The arithmetic of edwards25519 (RFC 8032 §5.1), written out plainly so that signatures can be made which no library
 * makes. Slow, not constant-time, and fed with constants only.
 */
import { createHash } from 'node:crypto';

export interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
}

export const prime: bigint = 2n ** 255n - 19n;
export const order: bigint = 2n ** 252n + 27742317777372353535851937790883648493n;
const d = modulo(-121665n * power(121666n, prime - 2n));

export const identity: Point = affine(0n, 1n);
export const base: Point = affine(
  15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  46316835694926478169428394003475163141307993866256225615783033603165251855960n,
);

/** A point of order 8: its multiples are the eight points of small order. */
export const torsion: Point = affine(
  14399317868200118260347934320527232580618823971194345261214217575416788799818n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
);

function affine(x: bigint, y: bigint): Point {
  return { x, y, z: 1n, t: modulo(x * y) };
}

function modulo(value: bigint): bigint {
  const rest = value % prime;
  return rest < 0n ? rest + prime : rest;
}

function power(value: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = modulo(value);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = modulo(result * square);
    square = modulo(square * square);
  }
  return result;
}

export function add(a: Point, b: Point): Point {
  const p = modulo((a.y - a.x) * (b.y - b.x));
  const q = modulo((a.y + a.x) * (b.y + b.x));
  const r = modulo(2n * a.t * d * b.t);
  const s = modulo(2n * a.z * b.z);
  const [e, f, g, h] = [q - p, s - r, s + r, q + p];
  return { x: modulo(e * f), y: modulo(g * h), z: modulo(f * g), t: modulo(e * h) };
}

export function multiply(point: Point, scalar: bigint): Point {
  let result = identity;
  let doubled = point;
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = add(result, doubled);
    doubled = add(doubled, doubled);
  }
  return result;
}

export function encodePoint(point: Point): Uint8Array {
  const inverse = power(point.z, prime - 2n);
  const sign = modulo(point.x * inverse) & 1n;
  return littleEndian32(modulo(point.y * inverse) | (sign << 255n));
}

export function littleEndian32(value: bigint): Uint8Array {
  const bytes = new Uint8Array(32);
  for (let i = 0; i < 32; i++) bytes[i] = Number((value >> BigInt(8 * i)) & 0xffn);
  return bytes;
}

/** The `k` of RFC 8032 §5.1.7. */
export function challenge(encodedR: Uint8Array, publicKey: Uint8Array, message: Uint8Array): bigint {
  const digest = createHash('sha512').update(encodedR).update(publicKey).update(message).digest();
  return BigInt(`0x${Buffer.from(digest).reverse().toString('hex')}`) % order;
}
