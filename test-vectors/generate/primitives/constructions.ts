import {
  deriveKey,
  domainHash,
  domainMac,
  hpkeSeal,
  nobleCrypto,
  padmeLength,
  signDomain,
} from '@cloudless/core/crypto';
import { type Case, flipped, hex, unhex } from './case.js';
import { hpke } from './published.js';

const crypto = nobleCrypto();
const seed = new Uint8Array(32).fill(1);
const secret = new Uint8Array(32).fill(2);
const parts = [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.of(4)];

export function constructionCases(): readonly Case[] {
  return [...domainCases(), ...domainRefusals(), ...hpkeCases(), padmeCase()];
}

function domainCases(): readonly Case[] {
  const purpose = 'vector';
  const context = Uint8Array.of(9, 8, 7);
  return [
    domainCase('hash', 'PRM-16', {
      purpose,
      parts: parts.map(hex),
      output: hex(domainHash(crypto, purpose, ...parts)),
    }),
    domainCase(
      'hash-two-words',
      'PRM-15',
      { purpose: 'two words', parts: [], output: hex(domainHash(crypto, 'two words')) },
      'hash',
    ),
    domainCase('derive', 'PRM-18', {
      purpose,
      secret: hex(secret),
      context: '',
      output: hex(deriveKey(crypto, secret, purpose)),
    }),
    domainCase(
      'derive-context',
      'PRM-18',
      { purpose, secret: hex(secret), context: hex(context), output: hex(deriveKey(crypto, secret, purpose, context)) },
      'derive',
    ),
    domainCase('mac', 'PRM-19', {
      purpose,
      key: hex(secret),
      parts: parts.map(hex),
      output: hex(domainMac(crypto, secret, purpose, ...parts)),
    }),
    domainCase('verify', 'PRM-17', signedFields(purpose)),
  ];
}

function domainCase(name: string, requirement: string, fields: object, operation: string = name): Case {
  const comment = 'What is made for a purpose starts with `cloudless/1 <purpose>` and a zero byte.';
  const requirements = ['PRM-15', requirement].filter((id, at, all) => all.indexOf(id) === at);
  return {
    name: `domain-${name}`,
    vector: { comment, requirements, expect: 'ok', operation: `domain-${operation}`, ...fields },
  };
}

function signedFields(purpose: string): object {
  return {
    purpose,
    seed: hex(seed),
    publicKey: hex(crypto.ed25519Public(seed)),
    parts: parts.map(hex),
    signature: hex(signDomain(crypto, seed, purpose, ...parts)),
  };
}

function domainRefusals(): readonly Case[] {
  const refusal = (name: string, comment: string, changes: object): Case => ({
    name: `domain-verify-${name}`,
    vector: {
      comment,
      requirements: ['PRM-15', 'PRM-17'],
      expect: 'bad-signature',
      operation: 'domain-verify',
      ...signedFields('vector'),
      ...changes,
    },
  });
  const unprefixed = crypto.ed25519Sign(seed, Uint8Array.of(1, 2, 3, 4));
  return [
    refusal('other-purpose', 'Signed for `vector`, shown as for `vectors`.', { purpose: 'vectors' }),
    refusal('other-parts', 'One part more.', { parts: [...parts.map(hex), '05'] }),
    refusal('no-prefix', 'A signature over the parts alone.', { signature: hex(unprefixed) }),
  ];
}

function hpkeCase(name: string, comment: string, requirement: string, expect: string, changes: object): Case {
  return {
    name: `hpke-${name}`,
    vector: { comment, requirements: [requirement], expect, operation: 'hpke', ...hpke, ...changes },
  };
}

function hpkeCases(): readonly Case[] {
  const sealed = unhex(hpke.sealed);
  const empty = new Uint8Array(0);
  const ofNothing = hpkeSeal(crypto, unhex(hpke.recipientPublic), empty, empty, empty, unhex(hpke.ephemeralIkm));
  const refused = (name: string, comment: string, changes: object): Case =>
    hpkeCase(name, comment, 'PRM-22', 'bad-mac', changes);
  return [
    hpkeCase('rfc9180', 'RFC 9180 A.2.1, the encryption with sequence number 0.', 'PRM-20', 'ok', {}),
    hpkeCase('empty', 'Empty info, associated data and plaintext.', 'PRM-20', 'ok', {
      info: '',
      aad: '',
      plaintext: '',
      sealed: hex(ofNothing),
    }),
    refused('other-info', 'Sealed for another purpose.', { info: `${hpke.info}00` }),
    refused('other-aad', 'Other associated data.', { aad: '' }),
    refused('other-recipient', 'Sealed to somebody else.', { recipientSecret: hex(secret) }),
    refused('encapsulated-key-changed', 'One bit turned over.', { sealed: hex(flipped(sealed, 0)) }),
    refused('encapsulated-key-top-bit', 'The same key to X25519, but other bytes in the context.', {
      sealed: hex(sealed.with(31, (sealed[31] as number) ^ 0x80)),
    }),
    refused('ciphertext-changed', 'One bit turned over.', { sealed: hex(flipped(sealed, 32)) }),
    refused('tag-changed', 'One bit turned over.', { sealed: hex(flipped(sealed, -1)) }),
    refused('tag-cut', 'The last byte is missing, and others are left.', { sealed: hex(sealed.slice(0, -1)) }),
    hpkeCase('encapsulated-key-zero', 'An encapsulated key that gives no secret.', 'PRM-8', 'bad-key', {
      sealed: hex(Uint8Array.of(...new Uint8Array(32), ...sealed.subarray(32))),
    }),
    hpkeCase('short', '47 bytes: no room for key and tag.', 'PRM-21', 'malformed', {
      sealed: hex(sealed.slice(0, 47)),
    }),
    hpkeCase('nothing', 'No bytes at all.', 'PRM-21', 'malformed', { sealed: '' }),
  ];
}

function padmeCase(): Case {
  const lengths = [
    0, 1, 2, 3, 7, 8, 9, 10, 15, 16, 17, 18, 19, 100, 127, 128, 129, 255, 256, 257, 1000, 4095, 4096, 4097,
  ];
  const large = [
    65_535,
    65_536,
    65_537,
    1_000_000,
    1_048_575,
    1_048_576,
    1_048_577,
    2 ** 32 - 1,
    2 ** 32 + 1,
    2 ** 48 + 1,
  ];
  return {
    name: 'padme',
    vector: {
      comment: 'Lengths, and what they are padded to.',
      requirements: ['PRM-23'],
      expect: 'ok',
      operation: 'padme',
      lengths: [...lengths, ...large].map((length) => [length, padmeLength(length)]),
    },
  };
}
