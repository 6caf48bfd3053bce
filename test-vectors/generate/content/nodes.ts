import { type Codec, encode, list, tuple, uint } from '@cloudless/core/codec';
import {
  type ChunkRef,
  chunkRefCodec,
  listKey,
  type NodeRef,
  nodeRefCodec,
  type SealedChunk,
  sealChunk,
} from '@cloudless/core/content';
import { type Case, flipped, hex } from '../primitives/case.js';
import { chunkByRule, convergenceKey, crypto, otherKey } from './material.js';

interface NodeCase {
  readonly name: string;
  readonly comment: string;
  readonly expect: string;
  readonly fault?: 'peer' | 'author';
  readonly requirements: readonly string[];
  readonly sealed: SealedChunk;
  readonly size: number;
  readonly chunkCount: number;
  readonly height?: number;
  readonly last?: boolean;
  readonly convergence?: Uint8Array;
}

function seal(bytes: Uint8Array, convergence: Uint8Array = convergenceKey): SealedChunk {
  return sealChunk(crypto, listKey(crypto, convergence), bytes);
}

function entriesOf<T>(height: number, codec: Codec<T>, entries: readonly T[]): Uint8Array {
  return encode(tuple(uint, list(codec, 65_536)), [height, entries] as const);
}

function chunkNode(...lengths: readonly number[]): Uint8Array {
  return entriesOf<ChunkRef>(
    1,
    chunkRefCodec,
    lengths.map((length, index) => ({ ...chunkByRule(index), length })),
  );
}

function innerNode(height: number, ...nodes: readonly Omit<NodeRef, 'id' | 'key'>[]): Uint8Array {
  const refs = nodes.map((node, index) => ({ ...chunkByRule(index), ...node }));
  return entriesOf<NodeRef>(height, nodeRefCodec, refs);
}

const totals = { size: 210_000, chunkCount: 3 };
const valid = chunkNode(70_000, 70_000, 70_000);
const author = { expect: 'malformed', fault: 'author', requirements: ['CNT-21'] } as const;
const ok = { expect: 'ok', requirements: ['CNT-19', 'CNT-21'] } as const;
const below = { length: 5_000, size: 5_000_000, chunkCount: 70 };

function acceptances(): readonly NodeCase[] {
  return [
    { name: 'chunks', comment: 'three chunks', ...ok, sealed: seal(valid), ...totals },
    {
      name: 'short-end',
      comment: 'the last chunk of the content may be short',
      ...ok,
      sealed: seal(chunkNode(70_000, 70_000, 1)),
      size: 140_001,
      chunkCount: 3,
      last: true,
    },
    {
      name: 'nodes',
      comment: 'a node over two nodes',
      ...ok,
      sealed: seal(innerNode(2, below, below)),
      size: 10_000_000,
      chunkCount: 140,
      height: 2,
    },
  ];
}

function wrongBytes(): readonly NodeCase[] {
  const good = seal(valid);
  const peer = { expect: 'bad-hash', fault: 'peer', requirements: ['CNT-9', 'CNT-21'] } as const;
  const badHash = { expect: 'bad-hash', fault: 'author', requirements: ['CNT-10', 'CNT-21'] } as const;
  return [
    {
      name: 'flipped',
      comment: 'one bit is wrong',
      ...peer,
      sealed: { ...good, ciphertext: flipped(good.ciphertext, 7) },
      ...totals,
    },
    {
      name: 'wrong-key',
      comment: 'another key',
      ...badHash,
      sealed: { ...good, key: flipped(good.key, 7) },
      ...totals,
    },
    {
      name: 'sealed-as-chunk',
      comment: 'sealed under the convergence key as if it were a file',
      ...badHash,
      sealed: sealChunk(crypto, convergenceKey, valid),
      ...totals,
    },
    { name: 'other-folder', comment: 'sealed in another folder', ...badHash, sealed: seal(valid, otherKey), ...totals },
    {
      name: 'garbage',
      comment: 'bytes that are no node',
      ...author,
      sealed: seal(new Uint8Array(40).fill(0xc1)),
      ...totals,
    },
    {
      name: 'trailing',
      comment: 'a byte after the entries',
      ...author,
      sealed: seal(Uint8Array.from([...valid, 0])),
      ...totals,
    },
    {
      name: 'truncated',
      comment: 'the last byte is missing',
      ...author,
      sealed: seal(valid.subarray(0, -1)),
      ...totals,
    },
    {
      name: 'long-number',
      comment: 'the height as a two-byte number',
      ...author,
      expect: 'non-canonical',
      sealed: seal(Uint8Array.from([0x92, 0xcc, 1, ...valid.subarray(2)])),
      ...totals,
    },
  ];
}

function wrongEntries(): readonly NodeCase[] {
  // Only the head of the list: its count is refused before anything after it is read.
  const full = Uint8Array.of(0x92, 1, 0xdc, 0x10, 0x01);
  return [
    {
      name: 'height-above',
      comment: 'chunks where nodes should be',
      ...author,
      sealed: seal(valid),
      ...totals,
      height: 2,
    },
    {
      name: 'height-below',
      comment: 'nodes where chunks should be',
      ...author,
      sealed: seal(innerNode(2, below)),
      size: below.size,
      chunkCount: below.chunkCount,
    },
    {
      name: 'size-wrong',
      comment: 'one byte more than the chunks have',
      ...author,
      sealed: seal(valid),
      ...totals,
      size: 210_001,
    },
    {
      name: 'count-wrong',
      comment: 'one chunk less than there is',
      ...author,
      sealed: seal(valid),
      size: 210_000,
      chunkCount: 2,
    },
    { name: 'empty', comment: 'no entries', ...author, sealed: seal(chunkNode()), size: 65_536, chunkCount: 1 },
    {
      name: 'chunk-empty',
      comment: 'a chunk without bytes',
      ...author,
      sealed: seal(chunkNode(70_000, 0, 140_000)),
      ...totals,
    },
    {
      name: 'chunk-too-long',
      comment: 'a chunk of more than 1 MiB',
      ...author,
      expect: 'over-limit',
      sealed: seal(chunkNode(1_048_577)),
      size: 1_048_577,
      chunkCount: 1,
    },
    {
      name: 'short-middle',
      comment: 'a short chunk, and the content goes on after the node',
      ...author,
      sealed: seal(chunkNode(70_000, 70_000, 1)),
      size: 140_001,
      chunkCount: 3,
    },
    {
      name: 'too-many',
      comment: '4,097 entries are announced',
      ...author,
      expect: 'over-limit',
      sealed: seal(full),
      size: 4_097 * 65_536,
      chunkCount: 4_097,
    },
    {
      name: 'node-impossible',
      comment: 'a node below that claims more bytes than its chunks can hold',
      ...author,
      sealed: seal(innerNode(2, { length: 100, size: 2_000_000, chunkCount: 1 })),
      size: 2_000_000,
      chunkCount: 1,
      height: 2,
    },
  ];
}

function toCase(node: NodeCase): Case {
  const { id, length, key, ciphertext } = node.sealed;
  const vector = {
    comment: node.comment,
    requirements: node.requirements,
    expect: node.expect,
    ...(node.fault === undefined ? {} : { fault: node.fault }),
    operation: 'open-node',
    convergence: hex(node.convergence ?? convergenceKey),
    id,
    length,
    key: hex(key),
    size: node.size,
    chunkCount: node.chunkCount,
    height: node.height ?? 1,
    last: node.last ?? false,
    ciphertext: hex(ciphertext),
  };
  return { name: `node-${node.name}`, vector };
}

export function nodeCases(): readonly Case[] {
  return [...acceptances(), ...wrongBytes(), ...wrongEntries()].map(toCase);
}
