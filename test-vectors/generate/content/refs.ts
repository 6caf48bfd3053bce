import { bytes as byteString, encode, fixed, list, struct, text, tuple, u8, uint, union } from '@cloudless/core/codec';
import type { ChunkRef, NodeRef } from '@cloudless/core/content';
import { type Case, hex } from '../primitives/case.js';
import { chunkByRule, chunksByRule } from './material.js';

const id = new Uint8Array(32).fill(0xaa);

// Codecs without the bounds of the real one, so that what must be refused can be written at all.
const chunkTuple = tuple(fixed(32), uint, byteString(64));
const nodeTuple = tuple(fixed(32), uint, fixed(32), uint, uint);
const loose = union('kind', {
  empty: [0, { id: [1, byteString(64)] }],
  inline: [1, { id: [1, fixed(32)], bytes: [2, byteString(65_536)] }],
  symlink: [2, { id: [1, fixed(32)], target: [2, text(65_536)] }],
  chunks: [3, { id: [1, fixed(32)], chunks: [2, list(chunkTuple, 65_536)] }],
  tree: [4, { id: [1, fixed(32)], height: [2, uint], nodes: [3, list(nodeTuple, 65_536)] }],
  unknown: [5, { id: [1, fixed(32)] }],
});

function raw(chunk: ChunkRef, length: number = chunk.length): readonly [Uint8Array, number, Uint8Array] {
  return [Buffer.from(chunk.id, 'hex'), length, chunk.key];
}

function listed(...lengths: readonly number[]): Uint8Array {
  return encode(loose, { kind: 'chunks', id, chunks: lengths.map((length, index) => raw(chunkByRule(index), length)) });
}

type Numbers = Pick<NodeRef, 'length' | 'size' | 'chunkCount'>;

function tree(height: number, ...nodes: readonly Numbers[]): Uint8Array {
  const tuples = nodes.map(({ length, size, chunkCount }, index) => {
    const [nodeId, , key] = raw(chunkByRule(index));
    return [nodeId, length, key, size, chunkCount] as const;
  });
  return encode(loose, { kind: 'tree', id, height, nodes: tuples });
}

const mebibyte = 1_048_576;
const node: Numbers = { length: 20_000, size: 300 * 65_536, chunkCount: 300 };
const short: Numbers = { length: 20_000, size: 300 * 65_536 - 1, chunkCount: 300 };

type Row = readonly [name: string, comment: string, expect: string, encoded: Uint8Array, size?: number];

function listRows(): readonly Row[] {
  const many = chunksByRule(9).map((chunk) => raw(chunk));
  return [
    ['chunk-one-byte', 'the shortest last chunk', 'ok', listed(mebibyte, 1), mebibyte + 1],
    ['chunk-longest', 'a chunk at its limit', 'ok', listed(mebibyte), mebibyte],
    ['chunk-empty', 'a chunk without bytes', 'malformed', listed(mebibyte, 0)],
    ['chunk-short-first', 'only the last chunk may be shorter than 64 KiB', 'malformed', listed(65_535, 65_536)],
    ['chunk-too-long', 'a chunk of 1 MiB and a byte', 'over-limit', listed(mebibyte + 1, 1)],
    ['chunk-too-long-last', 'the last chunk has the same limit', 'over-limit', listed(mebibyte, mebibyte + 1)],
    ['chunks-none', 'a list of no chunks', 'malformed', listed()],
    ['chunks-9', 'a list that has to be cut', 'over-limit', encode(loose, { kind: 'chunks', id, chunks: many })],
    [
      'chunk-short-key',
      'a key of 31 bytes',
      'malformed',
      encode(loose, { kind: 'chunks', id, chunks: [[id, 70_000, new Uint8Array(31)]] }),
    ],
  ];
}

function treeRows(): readonly Row[] {
  const sum = 300 * 65_536;
  return [
    ['tree', 'two nodes', 'ok', tree(1, node, node), 2 * sum],
    ['tree-short-end', 'the last chunk may be short', 'ok', tree(1, node, short), 2 * sum - 1],
    ['tree-short-middle', 'a short chunk in the middle', 'malformed', tree(1, short, node)],
    ['tree-height-0', 'nodes need a height', 'malformed', tree(0, node)],
    ['tree-height-5', 'the highest', 'ok', tree(5, node), sum],
    ['tree-height-6', 'higher than the highest', 'over-limit', tree(6, node)],
    ['tree-nine', 'a node of 9 chunks', 'ok', tree(1, { ...node, size: 9 * 65_536, chunkCount: 9 }), 9 * 65_536],
    [
      'tree-small',
      '8 chunks fit in the record',
      'non-canonical',
      tree(1, { ...node, size: 8 * 65_536, chunkCount: 8 }),
    ],
    ['tree-nodes-9', 'a list of nodes that has to be cut', 'over-limit', tree(1, ...new Array<Numbers>(9).fill(node))],
    ['tree-node-empty', 'a node without bytes', 'malformed', tree(1, { ...node, length: 0 })],
    ['tree-node-too-long', 'a node of 1 MiB and a byte', 'over-limit', tree(1, { ...node, length: mebibyte + 1 })],
    ['tree-no-chunks', 'a node of no chunks', 'malformed', tree(1, node, { length: 9, size: 0, chunkCount: 0 })],
    [
      'tree-too-many-chunks',
      'a node of height 1 with 4,097',
      'malformed',
      tree(1, { ...node, size: 4_097 * 65_536, chunkCount: 4_097 }),
    ],
    ['tree-too-small', 'fewer bytes than the chunks need', 'malformed', tree(1, { ...node, size: 299 * 65_536 })],
    [
      'tree-too-large',
      'more bytes than the chunks can hold',
      'malformed',
      tree(1, { ...node, size: 300 * mebibyte + 1 }),
    ],
    [
      'tree-past-limit',
      'a node past 2^48 bytes',
      'over-limit',
      tree(4, { ...node, size: 2 ** 48 + 1, chunkCount: 2 ** 32 }),
    ],
    [
      'tree-sum-past-limit',
      'two nodes past 2^48 bytes together',
      'over-limit',
      tree(4, { ...node, size: 2 ** 48, chunkCount: 2 ** 32 }, { ...node, size: 1, chunkCount: 1 }),
    ],
    ['tree-none', 'a tree of no nodes', 'malformed', tree(1)],
  ];
}

function shortRows(): readonly Row[] {
  const empty = encode(loose, { kind: 'empty', id });
  const inline = (length: number): Uint8Array => encode(loose, { kind: 'inline', id, bytes: new Uint8Array(length) });
  const link = (target: string): Uint8Array => encode(loose, { kind: 'symlink', id, target });
  const later = struct({ kind: [0, u8], id: [1, fixed(32)], later: [9, text(9)] });
  return [
    ['empty', 'a file of no bytes', 'ok', empty, 0],
    [
      'later-field',
      'a field of a later version is passed over',
      'ok',
      encode(later, { kind: 0, id, later: 'more' }),
      0,
    ],
    ['inline', 'the longest inline file', 'ok', inline(1_024), 1_024],
    ['inline-none', 'no bytes are the kind empty', 'malformed', inline(0)],
    ['inline-too-long', '1,025 bytes are a chunk', 'over-limit', inline(1_025)],
    ['symlink', 'a link with a target of 4 characters and 7 bytes', 'ok', link('à/b…'), 7],
    ['symlink-nowhere', 'a link to nothing', 'malformed', link('')],
    ['symlink-too-long', 'a target of 4,097 bytes', 'over-limit', link('a'.repeat(4_097))],
    ['unknown-kind', 'a kind of a later version', 'malformed', encode(loose, { kind: 'unknown', id })],
    ['short-id', 'an id of 31 bytes', 'malformed', encode(loose, { kind: 'empty', id: id.subarray(1) })],
    ['trailing', 'a byte after the value', 'malformed', Uint8Array.from([...empty, 0])],
    ['truncated', 'the last byte is missing', 'malformed', inline(10).subarray(0, -1)],
    [
      'long-number',
      'the kind as a two-byte number',
      'non-canonical',
      Uint8Array.from([0x82, 0, 0xcc, 0, ...empty.subarray(3)]),
    ],
  ];
}

const requirementsOf: Readonly<Record<string, readonly string[]>> = {
  chunk: ['CNT-15'],
  chunks: ['CNT-15'],
  tree: ['CNT-16'],
};

function toCase([name, comment, expect, encoded, size]: Row): Case {
  const family = name.split('-')[0] as string;
  const requirements = name === 'tree-small' ? ['CNT-17'] : (requirementsOf[family] ?? ['CNT-18']);
  const vector = {
    comment,
    requirements,
    expect,
    operation: 'decode-ref',
    encoded: hex(encoded),
    ...(size === undefined ? {} : { size }),
  };
  return { name: `ref-${name}`, vector };
}

export function refCases(): readonly Case[] {
  return [...shortRows(), ...listRows(), ...treeRows()].map(toCase);
}
