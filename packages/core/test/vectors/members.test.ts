import { describe, expect, test } from 'vitest';
import { decode } from '../../src/codec/index.js';
import type { Crypto } from '../../src/crypto/index.js';
import { CloudlessError, errorCode } from '../../src/errors.js';
import { decodeEntry, type FolderId, isCertified, memberKeysCodec, verifyGenesis } from '../../src/model/index.js';
import { providers } from '../providers.js';
import { expectJudged } from './judged.js';
import { bytes, type Vector, vectors } from './read.js';

const operations: Readonly<Record<string, (crypto: Crypto, vector: Vector) => void>> = {
  genesis(crypto, vector) {
    verifyGenesis(crypto, vector.folder as FolderId, decodeEntry(crypto, bytes(vector.entry)));
  },
  certificate(crypto, vector) {
    const scope = { folder: vector.folder as FolderId };
    const keys = decode(memberKeysCodec, bytes(vector.keys), 1_000);
    const certificate = bytes(vector.certificate);
    const certified = isCertified(crypto, scope, keys, certificate, vector.generation as number);
    if (!certified) throw new CloudlessError('bad-signature', 'not certified');
  },
  judge: expectJudged,
};

function verdict(crypto: Crypto, vector: Vector): string {
  try {
    operations[vector.operation]?.(crypto, vector);
    return 'ok';
  } catch (error) {
    const code = errorCode(error);
    if (code === 'internal') throw error;
    return code;
  }
}

describe.each(providers.map((crypto) => ({ name: crypto.name, crypto })))('member vectors with $name', ({ crypto }) => {
  test.each(vectors('members'))('$name', ({ vector }) => {
    expect(Object.keys(operations)).toContain(vector.operation);
    expect(verdict(crypto, vector)).toBe(vector.expect);
  });
});
