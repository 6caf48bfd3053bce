import { createHash } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, fromHex } from '../../src/bytes.js';
import { type Crypto, checkEd25519Key } from '../../src/crypto/index.js';
import { errorCode } from '../../src/errors.js';
import { providers } from '../providers.js';

const Point = ed25519.Point;
const order = Point.Fn.ORDER;
const prime = Point.Fp.ORDER;
const torsion = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05');
const [portable, native] = providers as readonly [Crypto, Crypto];
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const scalar = fc.bigInt({ min: 1n, max: order - 1n });
const message = fc.uint8Array({ maxLength: 200 });

function littleEndian(value: bigint): Uint8Array {
  return (fromHex(value.toString(16).padStart(64, '0')) as Uint8Array).reverse();
}

/** Both providers' verdict, which must be one. */
function verdict(publicKey: Uint8Array, text: Uint8Array, signature: Uint8Array): boolean {
  const verdicts = providers.map((crypto) => crypto.ed25519Verify(publicKey, text, signature));
  expect(new Set(verdicts).size).toBe(1);
  return verdicts[0] as boolean;
}

function keyRefusal(publicKey: Uint8Array): string {
  try {
    checkEd25519Key(publicKey);
    return 'ok';
  } catch (error) {
    return errorCode(error);
  }
}

/** A signature over `text` with the multiples of the point of order 8 added to R and to the public key. */
function crafted(
  secret: bigint,
  nonce: bigint,
  inR: number,
  inKey: number,
  text: Uint8Array,
): { readonly publicKey: Uint8Array; readonly signature: Uint8Array } {
  const publicKey = Point.BASE.multiply(secret)
    .add(torsion.multiplyUnsafe(BigInt(inKey)))
    .toBytes();
  const encodedR = Point.BASE.multiply(nonce)
    .add(torsion.multiplyUnsafe(BigInt(inR)))
    .toBytes();
  const k = Point.Fn.create(BigInt(`0x${digestHex(concat(encodedR, publicKey, text))}`));
  return { publicKey, signature: concat(encodedR, littleEndian(Point.Fn.create(nonce + k * secret))) };
}

function digestHex(input: Uint8Array): string {
  return createHash('sha512').update(input).digest().reverse().toString('hex');
}

describe('the two providers', () => {
  test('[PRM-2] derive the same keys and make the same signatures', () => {
    const property = fc.property(bytes32, message, (seed, text) => {
      const publicKey = portable.ed25519Public(seed);
      const signature = portable.ed25519Sign(seed, text);
      expect(native.ed25519Public(seed)).toEqual(publicKey);
      expect(native.ed25519Sign(seed, text)).toEqual(signature);
      expect(verdict(publicKey, text, signature)).toBe(true);
    });
    fc.assert(property, { numRuns: 50 });
  });

  test('[PRM-4] [PRM-6] accept a crafted signature exactly where neither R nor key has a part of small order', () => {
    const eighth = fc.integer({ min: 0, max: 7 });
    const property = fc.property(scalar, scalar, eighth, eighth, message, (secret, nonce, inR, inKey, text) => {
      const { publicKey, signature } = crafted(secret, nonce, inR, inKey, text);
      expect(verdict(publicKey, text, signature)).toBe(inR === 0 && inKey === 0);
      expect(keyRefusal(publicKey)).toBe(inKey === 0 ? 'ok' : 'bad-key');
    });
    fc.assert(property, { numRuns: 150 });
  });

  test('[PRM-5] [PRM-6] refuse a signature with any bit turned over', () => {
    const place = fc.integer({ min: 0, max: 511 });
    const property = fc.property(bytes32, message, place, (seed, text, bit) => {
      const signature = native.ed25519Sign(seed, text);
      const at = bit >> 3;
      const turned = signature.with(at, (signature[at] as number) ^ (1 << (bit & 7)));
      expect(verdict(native.ed25519Public(seed), text, turned)).toBe(false);
    });
    fc.assert(property, { numRuns: 100 });
  });

  test('agree on bytes that mean nothing, of any length', () => {
    const any = fc.uint8Array({ maxLength: 70 });
    const property = fc.property(any, message, any, (publicKey, text, signature) => {
      expect(verdict(publicKey, text, signature)).toBe(false);
    });
    fc.assert(property, { numRuns: 200 });
  });
});

describe('keys', () => {
  test('[PRM-3] none of the 38 encodings with y of p or more is a key', () => {
    for (let y = prime; y < 2n ** 255n; y++) {
      for (const sign of [0n, 1n]) {
        const publicKey = littleEndian(y | (sign << 255n));
        expect(keyRefusal(publicKey)).toBe('bad-key');
        expect(verdict(publicKey, new Uint8Array(0), new Uint8Array(64).with(0, 1))).toBe(false);
      }
    }
  });

  test('[PRM-4] none of the eight points of small order is a key', () => {
    for (let times = 0n; times < 8n; times++) {
      const publicKey = torsion.multiplyUnsafe(times).toBytes();
      expect(keyRefusal(publicKey)).toBe('bad-key');
      expect(verdict(publicKey, new Uint8Array(0), new Uint8Array(64).with(0, 1))).toBe(false);
    }
  });

  test('a verdict remembered is the verdict given', () => {
    const good = native.ed25519Public(new Uint8Array(32).fill(5));
    const mixed = Point.fromBytes(good).add(torsion).toBytes();
    for (let round = 0; round < 3; round++) {
      const signature = native.ed25519Sign(new Uint8Array(32).fill(5), good);
      expect(verdict(good, good, signature)).toBe(true);
      expect(verdict(mixed, good, signature)).toBe(false);
    }
  });
});

test.each(providers)('$name: a seed of another length is a mistake in the program', (crypto) => {
  for (const length of [0, 31, 33, 64]) {
    expect(() => crypto.ed25519Public(new Uint8Array(length))).toThrow('Ed25519 seed');
    expect(() => crypto.ed25519Sign(new Uint8Array(length), new Uint8Array(1))).toThrow('Ed25519 seed');
  }
});
