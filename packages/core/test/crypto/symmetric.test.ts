import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Crypto, nobleCrypto } from '../../src/crypto/index.js';
import { providers } from '../providers.js';

const [portable, native] = providers as readonly [Crypto, Crypto];
const plain = nobleCrypto({ wasm: false });
const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const nonce = fc.uint8Array({ minLength: 12, maxLength: 12 });
const someBytes = fc.uint8Array({ maxLength: 300 });

/** Bytes that differ from block to block, so that swapped or skipped blocks show. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 6) + (i >> 13)) & 0xff);
}

describe('sealing', () => {
  test('[PRM-10] [PRM-11] the providers seal alike and open what the other sealed', () => {
    const property = fc.property(key, nonce, someBytes, someBytes, (k, n, ad, text) => {
      const sealed = portable.aeadSeal(k, n, ad, text);
      expect(native.aeadSeal(k, n, ad, text)).toEqual(sealed);
      expect(native.aeadOpen(k, n, ad, sealed)).toEqual(text);
      expect(portable.aeadOpen(k, n, ad, sealed)).toEqual(text);
    });
    fc.assert(property, { numRuns: 100 });
  });

  test.each(providers)('[PRM-11] $name: one bit turned over anywhere, or a byte less, and nothing opens', (crypto) => {
    const [k, n, ad] = [pattern(32), pattern(12), pattern(5)];
    const sealed = crypto.aeadSeal(k, n, ad, pattern(20));
    for (let at = 0; at < sealed.length; at++) {
      expect(crypto.aeadOpen(k, n, ad, sealed.with(at, (sealed[at] as number) ^ 1))).toBeUndefined();
      expect(crypto.aeadOpen(k, n, ad, sealed.subarray(0, at))).toBeUndefined();
    }
  });

  test.each(providers)('$name: inputs are left as they were and results are their own', (crypto) => {
    const inputs = [pattern(32), pattern(12), pattern(5), pattern(100)] as const;
    const sealed = crypto.aeadSeal(...inputs);
    const before = sealed.slice();
    const opened = crypto.aeadOpen(inputs[0], inputs[1], inputs[2], sealed) as Uint8Array;
    crypto.chacha20(inputs[0], inputs[1], inputs[3]).fill(0);
    opened.fill(0);
    expect(sealed).toEqual(before);
    expect(inputs).toEqual([pattern(32), pattern(12), pattern(5), pattern(100)]);
  });

  test.each(providers)('$name: results are plain byte arrays', (crypto) => {
    const [k, n, text] = [pattern(32), pattern(12), pattern(40)];
    const sealed = crypto.aeadSeal(k, n, text, text);
    const opened = crypto.aeadOpen(k, n, text, sealed) as Uint8Array;
    const others = [crypto.chacha20(k, n, text), crypto.sha256(text), crypto.blake3(text), crypto.ed25519Sign(k, text)];
    for (const result of [sealed, opened, ...others]) expect(Object.getPrototypeOf(result)).toBe(Uint8Array.prototype);
  });

  test.each(providers)('$name: keys and nonces of another length are mistakes in the program', (crypto) => {
    const [k, n, none] = [pattern(32), pattern(12), new Uint8Array(0)];
    expect(() => crypto.aeadSeal(none, n, none, none)).toThrow('AEAD key');
    expect(() => crypto.aeadSeal(k, none, none, none)).toThrow('AEAD nonce');
    expect(() => crypto.aeadOpen(none, n, none, none)).toThrow('AEAD key');
    expect(() => crypto.aeadOpen(k, none, none, none)).toThrow('AEAD nonce');
    expect(() => crypto.chacha20(none, n, none)).toThrow('ChaCha20 key');
    expect(() => crypto.chacha20(k, none, none)).toThrow('ChaCha20 nonce');
  });
});

test('[PRM-12] ChaCha20 is the same with both providers, opens what it seals, and starts at block 0', () => {
  const property = fc.property(key, nonce, someBytes, (k, n, text) => {
    const sealed = portable.chacha20(k, n, text);
    expect(native.chacha20(k, n, text)).toEqual(sealed);
    expect(native.chacha20(k, n, sealed)).toEqual(text);
  });
  fc.assert(property, { numRuns: 100 });
  const [k, n, text] = [pattern(32), pattern(12), pattern(1_048_576)];
  expect(native.chacha20(k, n, text)).toEqual(portable.chacha20(k, n, text));
});

test('[PRM-13] SHA-256, HMAC and HKDF are the same with both providers', () => {
  const length = fc.integer({ min: 1, max: 8_160 });
  const property = fc.property(someBytes, someBytes, someBytes, length, (secret, salt, info, lengthBytes) => {
    expect(native.sha256(secret)).toEqual(portable.sha256(secret));
    expect(native.hmacSha256(secret, info)).toEqual(portable.hmacSha256(secret, info));
    expect(native.hkdf(secret, salt, info, lengthBytes)).toEqual(portable.hkdf(secret, salt, info, lengthBytes));
  });
  fc.assert(property, { numRuns: 50 });
  const longInfo = pattern(5_000);
  expect(native.hkdf(longInfo, longInfo, longInfo, 64)).toEqual(portable.hkdf(longInfo, longInfo, longInfo, 64));
});

test.each(providers)('[PRM-13] $name: HKDF gives 1 to 8,160 bytes and nothing else', (crypto) => {
  const secret = pattern(32);
  for (const length of [1, 8_160]) expect(crypto.hkdf(secret, secret, secret, length).length).toBe(length);
  for (const length of [0, -1, 1.5, 8_161]) expect(() => crypto.hkdf(secret, secret, secret, length)).toThrow('HKDF');
});

describe('BLAKE3', () => {
  // Around the sizes at which blocks (64), chunks (1,024), SIMD groups and the choice of implementation change.
  const lengths = [0, 1, 63, 64, 65, 1_023, 1_024, 1_025, 2_047, 2_048, 2_049, 3_072, 4_095, 4_096, 4_097, 8_193];
  const longer = [6_143, 6_145, 12_288, 16_385, 31_744, 65_537, 102_400, 262_144, 1_048_577];

  test.each([...lengths, ...longer])('[PRM-14] %i bytes have one digest', (length) => {
    const [input, k] = [pattern(length), pattern(32)];
    const digest = plain.blake3(input);
    const keyed = plain.blake3Keyed(k, input);
    for (const crypto of providers) {
      expect(crypto.blake3(input)).toEqual(digest);
      expect(crypto.blake3Keyed(k, input)).toEqual(keyed);
    }
  });

  test('[PRM-14] in pieces, and with other hashing in between, the digest is that of the whole', () => {
    const pieces = fc.array(fc.integer({ min: 0, max: 9_000 }), { maxLength: 8 });
    const property = fc.property(pieces, key, (sizes, k) => {
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const input = pattern(total);
      for (const crypto of [...providers, plain]) {
        const [hasher, keyed] = [crypto.blake3Hasher(), crypto.blake3Hasher(k)];
        let offset = 0;
        for (const size of sizes) {
          hasher.update(input.subarray(offset, offset + size));
          crypto.blake3(input);
          crypto.blake3Keyed(k, input.subarray(0, size));
          keyed.update(input.subarray(offset, offset + size));
          offset += size;
        }
        expect(hasher.digest()).toEqual(plain.blake3(input));
        expect(keyed.digest()).toEqual(plain.blake3Keyed(k, input));
      }
    });
    fc.assert(property, { numRuns: 10 });
  });

  test.each([...providers, plain])('$name: a hasher is spent after its digest, and a key has 32 bytes', (crypto) => {
    const hasher = crypto.blake3Hasher();
    hasher.digest();
    expect(() => hasher.digest()).toThrow('after its digest');
    expect(() => hasher.update(pattern(1))).toThrow('after its digest');
    for (const length of [1, 5_000]) {
      expect(() => crypto.blake3Keyed(pattern(31), pattern(length))).toThrow('BLAKE3 key');
    }
    expect(() => crypto.blake3Hasher(pattern(33))).toThrow('BLAKE3 key');
  });
});
