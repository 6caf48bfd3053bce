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
  { name: 'whole', comment: 'the longest list that stays in the record', count: 8 },
  { name: 'one-node', comment: 'one chunk more: a tree with one node', count: 9 },
  { name: 'nodes', comment: 'cut where the low 7 bits of an id are zero', count: 1_000 },
  { name: 'shortest-nodes', comment: 'every id would end a node: 64 entries each', count: 300, lowBits: 'zero' },
  { name: 'two-levels', comment: '9 nodes of 64 entries are a list of their own', count: 9 * 64, lowBits: 'zero' },
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
