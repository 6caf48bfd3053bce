import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '../../src/codec/index.js';
import {
  checkCiphertext,
  checkConstants,
  constantsCommitment,
  faultOf,
  folderConstantsCodec,
  newFolderConstants,
  openChunk,
  sealChunk,
} from '../../src/content/index.js';
import { nobleCrypto } from '../../src/crypto/index.js';
import { errorCode } from '../../src/errors.js';
import { providers } from '../providers.js';
import { convergence, noise } from './material.js';

function faultIn(attempt: () => unknown): string {
  try {
    attempt();
    return 'none';
  } catch (error) {
    return `${errorCode(error)} ${faultOf(error)}`;
  }
}

describe.each(providers.map((crypto) => [crypto.name, crypto] as const))('chunks with %s', (_name, crypto) => {
  const plaintext = fc.uint8Array({ minLength: 1, maxLength: 3_000 });

  test('what was sealed opens, and both providers seal alike', () => {
    fc.assert(
      fc.property(plaintext, (bytes) => {
        const sealed = sealChunk(crypto, convergence, bytes);
        expect(sealed.length).toBe(bytes.length);
        expect(sealed.ciphertext).not.toBe(bytes);
        expect(openChunk(crypto, sealed, convergence, sealed.ciphertext)).toEqual(bytes);
        expect(sealed).toEqual(sealChunk(nobleCrypto(), convergence, bytes));
      }),
    );
  });

  test('[CNT-9] any wrong bit of ciphertext is the fault of the peer, before the key is looked at', () => {
    fc.assert(
      fc.property(plaintext, fc.nat(), fc.integer({ min: 0, max: 7 }), (bytes, place, bit) => {
        const sealed = sealChunk(crypto, convergence, bytes);
        const at = place % bytes.length;
        const wrong = sealed.ciphertext.with(at, (sealed.ciphertext[at] as number) ^ (1 << bit));
        const ref = { ...sealed, key: new Uint8Array(32) };
        expect(faultIn(() => openChunk(crypto, ref, convergence, wrong))).toBe('bad-hash peer');
        expect(faultIn(() => checkCiphertext(crypto, sealed.id, wrong))).toBe('bad-hash peer');
      }),
      { numRuns: 50 },
    );
  });

  test('[CNT-10] any wrong bit of a key is the fault of the author', () => {
    const sealed = sealChunk(crypto, convergence, noise(1, 500));
    for (let bit = 0; bit < 256; bit++) {
      const key = sealed.key.with(bit >> 3, (sealed.key[bit >> 3] as number) ^ (1 << (bit & 7)));
      const ref = { ...sealed, key };
      expect(faultIn(() => openChunk(crypto, ref, convergence, sealed.ciphertext))).toBe('bad-hash author');
    }
  });

  test('the largest chunk', () => {
    const bytes = noise(2, 1_048_576);
    const sealed = sealChunk(crypto, convergence, bytes);
    expect(openChunk(crypto, sealed, convergence, sealed.ciphertext)).toEqual(bytes);
    expect(() => sealChunk(crypto, convergence, new Uint8Array(1_048_577))).toThrow();
    expect(() => sealChunk(crypto, convergence, new Uint8Array(0))).toThrow();
  });

  test('[CNT-2] only the committed constants pass', () => {
    let next = 0;
    const constants = newFolderConstants((length) => noise(next++, length));
    const commitment = constantsCommitment(crypto, constants);
    checkConstants(crypto, constants, commitment);
    for (const name of ['gear', 'convergence', 'fingerprint'] as const) {
      const other = { ...constants, [name]: new Uint8Array(32) };
      expect(faultIn(() => checkConstants(crypto, other, commitment))).toBe('bad-mac undefined');
    }
    const swapped = { ...constants, gear: constants.convergence, convergence: constants.gear };
    expect(faultIn(() => checkConstants(crypto, swapped, commitment))).toBe('bad-mac undefined');
    expect(decode(folderConstantsCodec, encode(folderConstantsCodec, constants), 256)).toEqual(constants);
  });

  test('[CNT-1] each constant has random bytes of its own', () => {
    const asked: number[] = [];
    const constants = newFolderConstants((length) => {
      asked.push(length);
      return new Uint8Array(length).fill(asked.length);
    });
    expect(asked).toEqual([32, 32, 32]);
    expect(new Set([constants.gear[0], constants.convergence[0], constants.fingerprint[0]]).size).toBe(3);
  });
});
