import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/bytes.js';
import type { Crypto } from '../../src/crypto/index.js';
import { errorCode } from '../../src/errors.js';
import {
  type Epoch,
  type OpenedEpoch,
  openEpoch,
  openGivenKey,
  pairRendezvous,
  type Rendezvous,
  rendezvous,
} from '../../src/membership/index.js';
import {
  decodeEntry,
  decodeRecords,
  type EpochId,
  epochCodec,
  type FolderId,
  type GenesisRecord,
  genesisRecordOf,
  type PersonId,
  payloadOf,
} from '../../src/model/index.js';
import { providers } from '../providers.js';
import { expectJudged } from './judged.js';
import { bytes, type Vector, vectors } from './read.js';

function genesisOf(crypto: Crypto, vector: Vector): GenesisRecord {
  return genesisRecordOf(decodeEntry(crypto, bytes(vector.genesis)));
}

function epochOf(crypto: Crypto, vector: Vector): Epoch {
  const { header, hash, publicBytes } = decodeEntry(crypto, bytes(vector.entry));
  const [raw] = decodeRecords(publicBytes ?? new Uint8Array());
  if (raw === undefined) throw new Error('an epoch entry has a record');
  return { id: hash as string as EpochId, author: header.device, record: payloadOf(epochCodec, raw) };
}

function expectSecrets(opened: OpenedEpoch, vector: Vector): void {
  const { gear, convergence, fingerprint } = opened.constants;
  const { key, discovery } = opened;
  for (const [name, value] of Object.entries({ key, discovery, gear, convergence, fingerprint })) {
    expect(toHex(value)).toBe(vector[name]);
  }
}

function expectPlace(place: Rendezvous, vector: Vector): void {
  for (const [name, value] of Object.entries(place)) expect(toHex(value)).toBe(vector[name]);
}

const operations: Readonly<Record<string, (crypto: Crypto, vector: Vector) => void>> = {
  judge: expectJudged,
  open(crypto, vector) {
    const reader = { person: vector.person as PersonId, boxSecret: bytes(vector.boxSecret) };
    const epoch = epochOf(crypto, vector);
    expectSecrets(openEpoch(crypto, vector.folder as FolderId, genesisOf(crypto, vector), epoch, reader), vector);
  },
  given(crypto, vector) {
    const opened = openGivenKey(crypto, genesisOf(crypto, vector), epochOf(crypto, vector), bytes(vector.key));
    expect(toHex(opened.key)).toBe(vector.key);
  },
  meeting(crypto, vector) {
    expectPlace(rendezvous(crypto, bytes(vector.secret), vector.day as number), vector);
  },
  pair(crypto, vector) {
    const [secret, other] = [bytes(vector.agreementSecret), bytes(vector.otherAgreement)];
    const place = pairRendezvous(crypto, vector.folder as FolderId, secret, other, vector.day as number);
    expectPlace(place, vector);
  },
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

describe.each(providers.map((crypto) => ({ name: crypto.name, crypto })))('epoch vectors with $name', ({ crypto }) => {
  test.each(vectors('epochs'))('$name', ({ vector }) => {
    expect(Object.keys(operations)).toContain(vector.operation);
    expect(verdict(crypto, vector)).toBe(vector.expect);
  });
});
