import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Crypto,
  checkX25519Key,
  hpkeKeyPair,
  hpkeOpen,
  hpkeOverheadBytes,
  hpkeSeal,
} from '../../src/crypto/index.js';
import { errorCode } from '../../src/errors.js';
import { providers } from '../providers.js';

const [portable, native] = providers as readonly [Crypto, Crypto];
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const someBytes = fc.uint8Array({ maxLength: 100 });

function refusal(attempt: () => unknown): string {
  try {
    attempt();
    return 'ok';
  } catch (error) {
    return errorCode(error);
  }
}

test('[PRM-7] the providers agree on every secret and every 32 bytes as public key', () => {
  const property = fc.property(bytes32, bytes32, (secret, publicKey) => {
    expect(native.x25519Public(secret)).toEqual(portable.x25519Public(secret));
    expect(native.x25519(secret, publicKey)).toEqual(portable.x25519(secret, publicKey));
  });
  fc.assert(property, { numRuns: 100 });
});

test('[PRM-7] two sides agree, each with its own provider', () => {
  const property = fc.property(bytes32, bytes32, (mine, theirs) => {
    const forward = native.x25519(mine, portable.x25519Public(theirs));
    expect(portable.x25519(theirs, native.x25519Public(mine))).toEqual(forward);
  });
  fc.assert(property, { numRuns: 50 });
});

test.each(providers)('[PRM-8] $name: zeros never come out of an agreement', (crypto) => {
  const secret = new Uint8Array(32).fill(3);
  for (const first of [0, 1]) {
    expect(refusal(() => crypto.x25519(secret, new Uint8Array(32).with(0, first)))).toBe('bad-key');
  }
});

test.each(providers)('[PRM-9] $name: the key of every secret is usable, other encodings of it are not', (crypto) => {
  const property = fc.property(bytes32, (secret) => {
    const publicKey = crypto.x25519Public(secret);
    expect(refusal(() => checkX25519Key(crypto, publicKey))).toBe('ok');
    const topBit = publicKey.with(31, (publicKey[31] as number) | 0x80);
    expect(refusal(() => checkX25519Key(crypto, topBit))).toBe('bad-key');
  });
  fc.assert(property, { numRuns: 30 });
});

test.each(providers)('$name: a secret or key of another length is a mistake in the program', (crypto) => {
  const [right, wrong] = [new Uint8Array(32).fill(9), new Uint8Array(31)];
  expect(() => crypto.x25519Public(wrong)).toThrow('X25519 secret');
  expect(() => crypto.x25519(wrong, right)).toThrow('X25519 secret');
  expect(() => crypto.x25519(right, wrong)).toThrow('X25519 public key');
});

test('[PRM-20] what one provider seals to a key the other opens', () => {
  const property = fc.property(bytes32, bytes32, someBytes, someBytes, someBytes, (ikm, own, info, aad, text) => {
    const recipient = hpkeKeyPair(native, own);
    const sealed = hpkeSeal(portable, recipient.publicKey, info, aad, text, ikm);
    expect(sealed.length).toBe(text.length + hpkeOverheadBytes);
    expect(sealed).toEqual(hpkeSeal(native, recipient.publicKey, info, aad, text, ikm));
    expect(hpkeOpen(native, recipient.secret, info, aad, sealed)).toEqual(text);
  });
  fc.assert(property, { numRuns: 30 });
});

test('[PRM-21] [PRM-22] a box cut short, or with any bit turned over, is refused alike', () => {
  const recipient = hpkeKeyPair(native, new Uint8Array(32).fill(1));
  const nothing = new Uint8Array(0);
  const sealed = hpkeSeal(native, recipient.publicKey, nothing, nothing, Uint8Array.of(1, 2, 3), new Uint8Array(32));
  const opens = (box: Uint8Array): readonly string[] =>
    providers.map((crypto) => refusal(() => hpkeOpen(crypto, recipient.secret, nothing, nothing, box)));
  for (let length = 0; length < sealed.length; length++) {
    const expected = length < hpkeOverheadBytes ? 'malformed' : 'bad-mac';
    expect(opens(sealed.subarray(0, length))).toEqual([expected, expected]);
  }
  for (let at = 0; at < sealed.length; at++) {
    expect(opens(sealed.with(at, (sealed[at] as number) ^ 0x40))).toEqual(['bad-mac', 'bad-mac']);
  }
});

test.each(providers)('[PRM-8] $name: nothing is sealed to a key of small order', (crypto) => {
  const nothing = new Uint8Array(0);
  const seal = (): Uint8Array => hpkeSeal(crypto, new Uint8Array(32), nothing, nothing, nothing, new Uint8Array(32));
  expect(refusal(seal)).toBe('bad-key');
});
