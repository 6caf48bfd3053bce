import { type Case, flipped, hex, textHex, unhex } from './case.js';
import { aead, blake3Digests, blake3Key, chacha20Keystreams, hkdf, hmacs, sha256OfAbc } from './published.js';

export function symmetricCases(): readonly Case[] {
  return [...aeadCases(), ...chacha20Cases(), ...kdfCases(), ...blake3Cases()];
}

function aeadCase(name: string, comment: string, requirement: string, expect: string, changes: object): Case {
  return {
    name: `aead-${name}`,
    vector: { comment, requirements: [requirement], expect, operation: 'aead', ...aead, ...changes },
  };
}

function aeadCases(): readonly Case[] {
  const sealed = unhex(aead.sealed);
  const refused = (name: string, comment: string, changes: object): Case =>
    aeadCase(name, comment, 'PRM-11', 'bad-mac', changes);
  return [
    aeadCase('rfc8439', 'RFC 8439 §2.8.2.', 'PRM-10', 'ok', {}),
    refused('ciphertext-changed', 'One bit of the ciphertext turned over.', { sealed: hex(flipped(sealed, 0)) }),
    refused('tag-changed', 'One bit of the tag turned over.', { sealed: hex(flipped(sealed, -1)) }),
    refused('tag-cut', 'The last byte of the tag is missing.', { sealed: hex(sealed.slice(0, -1)) }),
    refused('tag-first', 'The tag before the ciphertext.', {
      sealed: aead.sealed.slice(-32) + aead.sealed.slice(0, -32),
    }),
    refused('shorter-than-tag', '15 bytes.', { sealed: '00'.repeat(15) }),
    refused('empty', 'No bytes at all.', { sealed: '' }),
    refused('other-ad', 'Other associated data.', { ad: hex(flipped(unhex(aead.ad), 0)) }),
    refused('no-ad', 'Associated data left out.', { ad: '' }),
    refused('other-nonce', 'Another nonce.', { nonce: hex(flipped(unhex(aead.nonce), -1)) }),
    refused('other-key', 'Another key.', { key: hex(flipped(unhex(aead.key), 0)) }),
  ];
}

function chacha20Cases(): readonly Case[] {
  return chacha20Keystreams.map(({ nonce, output }) => ({
    name: `chacha20-keystream-${Number.parseInt(nonce.slice(-2), 16)}`,
    vector: {
      comment: 'RFC 8439 A.1: the keystream of the key of zeros, from block 0 on.',
      requirements: ['PRM-12'],
      expect: 'ok',
      operation: 'chacha20',
      key: '00'.repeat(32),
      nonce,
      input: '00'.repeat(output.length / 2),
      output,
    },
  }));
}

function kdfCases(): readonly Case[] {
  return [
    ...hkdf.map(({ name, ...fields }) => kdfCase(`hkdf-rfc5869-${name}`, 'RFC 5869 A.1 to A.3.', 'hkdf', fields)),
    ...hmacs.map(({ name, ...fields }) => kdfCase(`hmac-rfc4231-${name}`, 'RFC 4231 §4.', 'hmac-sha256', fields)),
    kdfCase('sha256-abc', 'FIPS 180-4.', 'sha256', { input: textHex('abc'), output: sha256OfAbc }),
  ];
}

function kdfCase(name: string, comment: string, operation: string, fields: object): Case {
  return { name, vector: { comment, requirements: ['PRM-13'], expect: 'ok', operation, ...fields } };
}

function blake3Cases(): readonly Case[] {
  return blake3Digests.map(({ length, hash, keyed }) => ({
    name: `blake3-${length}`,
    vector: {
      comment: 'Digests of 0, 1, … 250, 0, 1, … up to this length in bytes; the keyed one under `key`.',
      requirements: ['PRM-14'],
      expect: 'ok',
      operation: 'blake3',
      length,
      hash,
      key: blake3Key,
      keyed,
    },
  }));
}
