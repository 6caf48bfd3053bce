import { sealChunk } from '@cloudless/core/content';
import { toChunkId } from '@cloudless/core/model';
import { type Case, flipped, hex, unhex } from '../primitives/case.js';
import { convergenceKey, crypto, keystream, otherKey } from './material.js';

const plaintext = keystream(3, 100);
const chunk = sealChunk(crypto, convergenceKey, plaintext);

interface Opening {
  readonly name: string;
  readonly comment: string;
  readonly requirements: readonly string[];
  readonly fault?: 'peer' | 'author';
  readonly convergence?: Uint8Array;
  readonly id?: string;
  readonly length?: number;
  readonly key?: Uint8Array;
  readonly ciphertext?: Uint8Array;
}

/** A chunk with a key that does not come from its plaintext: well named, wrongly keyed. */
const misKeyed = crypto.chacha20(otherKey, new Uint8Array(12), plaintext);

const openings: readonly Opening[] = [
  { name: 'valid', comment: 'seals to these bytes and opens again', requirements: ['CNT-6', 'CNT-7', 'CNT-8'] },
  {
    name: 'flipped-first',
    comment: 'one bit of the first byte is wrong',
    requirements: ['CNT-9'],
    fault: 'peer',
    ciphertext: flipped(chunk.ciphertext, 0),
  },
  {
    name: 'flipped-last',
    comment: 'one bit of the last byte is wrong',
    requirements: ['CNT-9'],
    fault: 'peer',
    ciphertext: flipped(chunk.ciphertext, -1),
  },
  {
    name: 'truncated',
    comment: 'the last byte is missing',
    requirements: ['CNT-9'],
    fault: 'peer',
    ciphertext: chunk.ciphertext.subarray(0, 99),
  },
  {
    name: 'no-bytes',
    comment: 'nothing was sent',
    requirements: ['CNT-9'],
    fault: 'peer',
    ciphertext: new Uint8Array(0),
  },
  {
    name: 'plaintext',
    comment: 'plaintext in place of ciphertext',
    requirements: ['CNT-9'],
    fault: 'peer',
    ciphertext: plaintext,
  },
  {
    name: 'wrong-key',
    comment: 'the record names another key',
    requirements: ['CNT-10'],
    fault: 'author',
    key: flipped(chunk.key, 0),
  },
  {
    name: 'key-not-of-plaintext',
    comment: 'decrypts under a key that the plaintext does not give',
    requirements: ['CNT-10'],
    fault: 'author',
    key: otherKey,
    id: hex(crypto.blake3(misKeyed)),
    ciphertext: misKeyed,
  },
  {
    name: 'other-folder',
    comment: 'sealed in a folder with another convergence key',
    requirements: ['CNT-10'],
    fault: 'author',
    convergence: otherKey,
  },
  {
    name: 'announced-longer',
    comment: 'the record says 101 bytes',
    requirements: ['CNT-10'],
    fault: 'author',
    length: 101,
  },
  {
    name: 'announced-shorter',
    comment: 'the record says 99 bytes',
    requirements: ['CNT-10'],
    fault: 'author',
    length: 99,
  },
  {
    name: 'peer-before-author',
    comment: 'ciphertext and key are both wrong: the id is checked first',
    requirements: ['CNT-9'],
    fault: 'peer',
    ciphertext: flipped(chunk.ciphertext, 5),
    key: flipped(chunk.key, 5),
    length: 98,
  },
];

function openingCase(opening: Opening): Case {
  const vector = {
    comment: opening.comment,
    requirements: opening.requirements,
    expect: opening.fault === undefined ? 'ok' : 'bad-hash',
    ...(opening.fault === undefined ? {} : { fault: opening.fault }),
    operation: 'open-chunk',
    convergence: hex(opening.convergence ?? convergenceKey),
    id: toChunkId(unhex(opening.id ?? chunk.id)),
    length: opening.length ?? chunk.length,
    key: hex(opening.key ?? chunk.key),
    ciphertext: hex(opening.ciphertext ?? chunk.ciphertext),
    ...(opening.fault === undefined ? { plaintext: hex(plaintext) } : {}),
  };
  return { name: `chunk-${opening.name}`, vector };
}

export function chunkCases(): readonly Case[] {
  return openings.map(openingCase);
}
