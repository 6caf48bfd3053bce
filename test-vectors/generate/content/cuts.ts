import { constantsCommitment, cutLengths, gearTable } from '@cloudless/core/content';
import { type Case, flipped, hex } from '../primitives/case.js';
import { convergenceKey, crypto, fingerprintKey, gearKey, keystream, otherKey } from './material.js';

const constants = { gear: gearKey, convergence: convergenceKey, fingerprint: fingerprintKey };

function constantsCase(name: string, comment: string, expect: string, commitment: Uint8Array): Case {
  const vector = {
    comment,
    requirements: ['CNT-2'],
    expect,
    operation: 'constants',
    gear: hex(gearKey),
    convergence: hex(convergenceKey),
    fingerprint: hex(fingerprintKey),
    commitment: hex(commitment),
  };
  return { name, vector };
}

function gearCase(): Case {
  const table = new Uint8Array(1_024);
  const view = new DataView(table.buffer);
  gearTable(crypto, gearKey).forEach((value, index) => {
    view.setInt32(4 * index, value);
  });
  const vector = {
    comment: 'the 256 values as they come out of HKDF, 4 bytes each, big-endian',
    requirements: ['CNT-3'],
    expect: 'ok',
    operation: 'gear',
    gear: hex(gearKey),
    table: hex(table),
  };
  return { name: 'gear-table', vector };
}

interface Cut {
  readonly name: string;
  readonly comment: string;
  readonly content:
    | { readonly keystream: number; readonly length: number }
    | { readonly fill: number; readonly length: number };
  readonly gear?: Uint8Array;
}

const cuts: readonly Cut[] = [
  { name: 'empty', comment: 'no bytes have no chunk', content: { keystream: 1, length: 0 } },
  { name: 'one-byte', comment: 'the shortest chunk', content: { keystream: 1, length: 1 } },
  { name: 'shortest-cut', comment: '64 KiB are one chunk', content: { keystream: 1, length: 65_536 } },
  { name: 'random', comment: 'cuts below and above the aim', content: { keystream: 1, length: 4_194_304 } },
  {
    name: 'random-other-key',
    comment: 'another gear key, other cuts',
    content: { keystream: 1, length: 2_097_152 },
    gear: otherKey,
  },
  {
    name: 'odd-length',
    comment: 'the rest after the last cut is a chunk',
    content: { keystream: 2, length: 1_234_567 },
  },
  { name: 'zeros', comment: 'a hash that never fits is cut at 1 MiB', content: { fill: 0, length: 2_500_000 } },
];

function cutCase({ name, comment, content, gear = gearKey }: Cut): Case {
  const bytes =
    'fill' in content
      ? new Uint8Array(content.length).fill(content.fill)
      : keystream(content.keystream, content.length);
  const vector = {
    comment,
    requirements: ['CNT-4', 'CNT-5'],
    expect: 'ok',
    operation: 'cut',
    gear: hex(gear),
    content,
    lengths: cutLengths(gearTable(crypto, gear), bytes),
  };
  return { name: `cut-${name}`, vector };
}

export function cutCases(): readonly Case[] {
  const commitment = constantsCommitment(crypto, constants);
  return [
    constantsCase('constants', 'what the genesis carries of the constants', 'ok', commitment),
    constantsCase('constants-other', 'constants of another folder', 'bad-mac', flipped(commitment, 31)),
    constantsCase('constants-truncated', 'a commitment that is too short', 'bad-mac', commitment.subarray(0, 31)),
    gearCase(),
    ...cuts.map(cutCase),
  ];
}
