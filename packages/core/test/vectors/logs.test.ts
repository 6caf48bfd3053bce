import { describe, expect, test } from 'vitest';
import type { Crypto } from '../../src/crypto/index.js';
import { errorCode } from '../../src/errors.js';
import {
  decodeEntry,
  decodeHeader,
  type Entry,
  encodeRecords,
  findFork,
  headerHash,
  openBody,
  type RunStart,
  verifyRun,
} from '../../src/model/index.js';
import { providers } from '../providers.js';
import { bytes, type Vector, vectors } from './read.js';

function startOf(vector: Vector): RunStart {
  const { folder, device, log, seq = 0, hash } = vector;
  return { folder, name: { device, log }, seq, hash } as RunStart;
}

function entriesOf(crypto: Crypto, texts: unknown): readonly Entry[] {
  return (texts as readonly string[]).map((text) => decodeEntry(crypto, bytes(text)));
}

const operations: Readonly<Record<string, (crypto: Crypto, vector: Vector) => void>> = {
  header(crypto, vector) {
    decodeHeader(bytes(vector.header));
    expect(headerHash(crypto, bytes(vector.header))).toBe(vector.hash);
  },
  run(crypto, vector) {
    const once = entriesOf(crypto, vector.entries);
    const run = Array.from({ length: Number(vector.times ?? 1) }, () => once).flat();
    const verified = verifyRun(crypto, run, startOf(vector));
    expect(verified.map(({ hash }) => hash)).toEqual(run.map(({ hash }) => hash));
  },
  body(crypto, vector) {
    const header = decodeHeader(bytes(vector.header));
    const records = openBody(crypto, bytes(vector.key), header, bytes(vector.sealed));
    expect(encodeRecords(records)).toEqual(bytes(vector.records));
  },
};

/** What becomes of two branches of a log. */
function forkVerdict(crypto: Crypto, vector: Vector): string {
  const [one, other] = (vector.branches as readonly unknown[]).map((branch) =>
    verifyRun(crypto, entriesOf(crypto, branch), startOf({ ...vector, seq: 0 })),
  );
  const fork = findFork(one ?? [], other ?? []);
  if (fork === undefined) return 'ok';
  expect(fork.first.header.seq).toBe(vector.seq);
  expect([fork.first.hash, fork.second.hash]).toEqual(vector.hashes);
  return 'fork';
}

function verdict(crypto: Crypto, vector: Vector): string {
  if (vector.operation === 'fork') return forkVerdict(crypto, vector);
  try {
    operations[vector.operation]?.(crypto, vector);
    return 'ok';
  } catch (error) {
    const code = errorCode(error);
    if (code === 'internal') throw error;
    return code;
  }
}

describe.each(providers.map((crypto) => ({ name: crypto.name, crypto })))('log vectors with $name', ({ crypto }) => {
  test.each(vectors('logs'))('$name', ({ vector }) => {
    expect([...Object.keys(operations), 'fork']).toContain(vector.operation);
    expect(verdict(crypto, vector)).toBe(vector.expect);
  });
});
