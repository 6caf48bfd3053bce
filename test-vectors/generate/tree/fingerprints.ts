import { nobleCrypto } from '@cloudless/core/crypto';
import { Fingerprint, FingerprintHasher } from '@cloudless/core/tree';
import { type Case, hex, kit, unhex } from '../testkit.js';
import { content, device } from './material.js';

interface Row {
  readonly path: string;
  readonly versions: readonly {
    readonly type: number;
    readonly content: string;
    readonly mtimeUs: number;
    readonly executable: boolean;
  }[];
}

const key = new Uint8Array(32).fill(7);
const { accept } = kit('fingerprint');

function total(rows: readonly Row[]): string {
  const hasher = new FingerprintHasher(nobleCrypto(), key);
  const sum = Fingerprint.empty();
  for (const { path, versions } of rows) {
    const counted = versions.map(({ type, ...rest }) => ({
      ...version,
      ...rest,
      typeNumber: type,
      content: rest.content as never,
    }));
    sum.replace(undefined, hasher.term(path, counted));
  }
  return hex(sum.total());
}

const version = {
  path: '',
  type: 'file',
  size: 0,
  vector: {},
  stamp: { hlc: 1n, device: device(0) },
  made: 'person',
  at: { device: device(0), seq: 1, index: 0 },
} as const;

function fingerprint(name: string, comment: string, requirements: string, rows: readonly Row[]): Case {
  return accept(name, comment, requirements, { key: hex(unhex(hex(key))), rows, total: total(rows) });
}

const file = (n: number): Row['versions'][number] => ({
  type: 1,
  content: content(n),
  mtimeUs: n,
  executable: n === 2,
});

export function fingerprintCases(): readonly Case[] {
  const many = Array.from({ length: 40 }, (_, i) => ({ path: `f${i}`, versions: [file(i % 5)] }));
  return [
    fingerprint('empty', 'an empty folder', 'FIL-46', []),
    fingerprint('one', 'one file', 'FIL-45', [{ path: 'a', versions: [file(1)] }]),
    fingerprint('conflict', 'two versions that count', 'FIL-45', [{ path: 'a', versions: [file(2), file(1)] }]),
    fingerprint('none-counts', 'a path of which none counts has no term', 'FIL-45', [{ path: 'a', versions: [] }]),
    fingerprint('many', 'the sum passes 2^256', 'FIL-46', many),
  ];
}
