import { expect, test } from 'vitest';
import { concat, utf8 } from '../../src/bytes.js';
import { deriveKey, domainHash, domainMac, domainPrefix, signDomain, verifyDomain } from '../../src/crypto/index.js';
import { providers } from '../providers.js';

const secret = new Uint8Array(32).fill(7);
const part = Uint8Array.of(1, 2, 3);

test('[PRM-15] the prefix is the protocol, the purpose and a zero byte', () => {
  expect(domainPrefix('entry header')).toEqual(utf8('cloudless/1 entry header\0'));
});

test('[PRM-15] a purpose is words of printable ASCII joined by single spaces', () => {
  for (const purpose of ['', ' ', 'a ', ' a', 'a  b', 'a\0b', 'a\nb', 'ä', 'a\tb']) {
    expect(() => domainPrefix(purpose)).toThrow('purpose');
  }
});

test.each(providers)('[PRM-16] [PRM-18] [PRM-19] $name: each construction is what the spec writes out', (crypto) => {
  const prefix = domainPrefix('test');
  const nothing = new Uint8Array(0);
  const derived = crypto.hkdf(secret, nothing, concat(prefix, part), 32);
  const macKey = crypto.hkdf(secret, nothing, prefix, 32);
  expect(domainHash(crypto, 'test', part, part)).toEqual(crypto.blake3(concat(prefix, part, part)));
  expect(deriveKey(crypto, secret, 'test', part)).toEqual(derived);
  expect(domainMac(crypto, secret, 'test', part)).toEqual(crypto.blake3Keyed(macKey, concat(prefix, part)));
});

test.each(providers)('[PRM-17] $name: a signature holds for its purpose, parts and key only', (crypto) => {
  const publicKey = crypto.ed25519Public(secret);
  const signature = signDomain(crypto, secret, 'test', part);
  const otherKey = crypto.ed25519Public(new Uint8Array(32));
  expect(verifyDomain(crypto, publicKey, signature, 'test', part)).toBe(true);
  expect(verifyDomain(crypto, publicKey, signature, 'tests', part)).toBe(false);
  expect(verifyDomain(crypto, publicKey, signature, 'test', part, part)).toBe(false);
  expect(verifyDomain(crypto, otherKey, signature, 'test', part)).toBe(false);
});
