import { encode } from '@cloudless/core/codec';
import { buildList, contentRefCodec } from '@cloudless/core/content';
import { type Case, hex } from '../primitives/case.js';
import { chunksByRule, convergenceKey, crypto } from './material.js';

interface List {
  readonly name: string;
  readonly comment: string;
  readonly count: number;
  readonly lowBits?: 'zero';
}

const lists: readonly List[] = [
  { name: 'one', comment: 'one chunk', count: 1 },
  { name: 'whole', comment: 'the longest list that stays in the record', count: 256 },
  { name: 'one-node', comment: 'one chunk more: a tree with one node', count: 257 },
  { name: 'nodes', comment: 'cut where the low 10 bits of an id are zero', count: 3_000 },
  { name: 'shortest-nodes', comment: 'every id would end a node: 64 entries each', count: 300, lowBits: 'zero' },
  { name: 'two-levels', comment: '257 nodes of 64 entries are a list of their own', count: 257 * 64, lowBits: 'zero' },
];

function toCase({ name, comment, count, lowBits }: List): Case {
  const { ref, nodes } = buildList(crypto, convergenceKey, chunksByRule(count, lowBits));
  const vector = {
    comment,
    requirements: ['CNT-19', 'CNT-20', 'CNT-22'],
    expect: 'ok',
    operation: 'list',
    convergence: hex(convergenceKey),
    chunks: { count, lowBits: lowBits ?? 'hashed' },
    encoded: hex(encode(contentRefCodec, ref)),
    nodes: nodes.map((node) => node.id),
  };
  return { name: `list-${name}`, vector };
}

export function listCases(): readonly Case[] {
  return lists.map(toCase);
}
