import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, encode } from '../../src/codec/index.js';
import {
  buildList,
  type ChunkRef,
  checkContentId,
  contentRefCodec,
  faultOf,
  ListBuilder,
  ListReader,
  type SealedNode,
  type TreeRef,
} from '../../src/content/index.js';
import { nobleCrypto } from '../../src/crypto/index.js';
import { errorCode } from '../../src/errors.js';
import { contentBytesMax } from '../../src/limits.js';
import { type ContentId, toChunkId } from '../../src/model/index.js';
import { providers } from '../providers.js';
import { convergence, namedChunks } from './material.js';

interface Built {
  readonly ref: TreeRef;
  readonly nodes: readonly SealedNode[];
}

function tree(chunks: readonly ChunkRef[]): Built {
  const { ref, nodes } = buildList(nobleCrypto(), convergence, chunks);
  if (ref.kind !== 'tree') throw new Error('not a tree');
  return { ref, nodes };
}

/** Reads a whole list, giving of the wanted nodes the one that `choose` points at. */
function readAll(
  crypto = nobleCrypto(),
  { ref, nodes }: Built,
  choose: (count: number) => number,
): readonly ChunkRef[] {
  const byId = new Map(nodes.map((node) => [node.id, node.ciphertext]));
  const reader = new ListReader(crypto, convergence, ref);
  const chunks: ChunkRef[] = [];
  let offset = 0;
  while (!reader.done) {
    const wanted = reader.wanted();
    const node = wanted[choose(wanted.length)];
    if (node !== undefined) reader.give(node.id, byId.get(node.id) as Uint8Array);
    for (const { offset: place, ...chunk } of reader.take()) {
      expect(place).toBe(offset);
      offset += chunk.length;
      chunks.push(chunk);
    }
  }
  expect(offset).toBe(ref.size);
  return chunks;
}

function refusal(attempt: () => unknown): string {
  try {
    attempt();
    return 'none';
  } catch (error) {
    return `${errorCode(error)} ${faultOf(error)}`;
  }
}

const long = namedChunks(3_000);
const zeroLow = namedChunks(9 * 64).map((chunk) => ({
  ...chunk,
  id: toChunkId(Buffer.from(`${chunk.id.slice(0, 60)}0000`, 'hex')),
}));

describe('chunk lists', () => {
  test('[CNT-20] up to 8 chunks stay in the record, one more leaves it', () => {
    const whole = buildList(nobleCrypto(), convergence, long.slice(0, 8));
    expect([whole.ref.kind, whole.nodes.length]).toEqual(['chunks', 0]);
    const cut = buildList(nobleCrypto(), convergence, long.slice(0, 9));
    expect([cut.ref.kind, cut.nodes.length]).toEqual(['tree', 1]);
  });

  test('[CNT-25] content past 2^48 bytes is not listed', () => {
    const builder = new ListBuilder(nobleCrypto(), convergence, () => undefined);
    const chunk = long[0] as ChunkRef;
    builder.add({ ...chunk, length: contentBytesMax });
    expect(refusal(() => builder.add({ ...chunk, length: 1 }))).toBe('over-limit undefined');
  });

  test('references of every shape survive their encoding', () => {
    for (const chunks of [long.slice(0, 1), long.slice(0, 8), long.slice(0, 9), long, zeroLow]) {
      const { ref } = buildList(nobleCrypto(), convergence, chunks);
      const encoded = encode(contentRefCodec, ref);
      expect(encoded.length).toBeLessThan(1_024);
      expect(decode(contentRefCodec, encoded, 1_024)).toEqual(ref);
    }
  });

  test('[CNT-20] an edit changes about one node a level', () => {
    const before = new Set(tree(long).nodes.map((node) => node.id));
    const edited = [...long.slice(0, 1_500), ...namedChunks(2, 9_000), ...long.slice(1_501)];
    const after = tree(edited).nodes.filter((node) => !before.has(node.id));
    expect(before.size).toBeGreaterThan(2);
    expect(tree(edited).ref.height).toBe(2);
    expect(after.length).toBeLessThanOrEqual(4);
  });

  test('[CNT-20] chunks that all look alike make nodes of 4,096, or of 64, and a list that ends', () => {
    const same = (id: string): ChunkRef[] =>
      new Array<ChunkRef>(20_000).fill({
        id: toChunkId(Buffer.from(id.repeat(32), 'hex')),
        length: 65_536,
        key: new Uint8Array(32),
      });
    const full = tree(same('01'));
    expect(full.nodes.map((node) => node.chunkCount)).toEqual([4_096, 4_096, 4_096, 4_096, 3_616]);
    const small = tree(same('00'));
    expect(small.ref.height).toBe(2);
    expect(readAll(undefined, small, () => 0)).toHaveLength(20_000);
  });
});

describe.each(providers.map((crypto) => [crypto.name, crypto] as const))('reading lists with %s', (_name, crypto) => {
  test('[CNT-22] gives the chunks in order whatever the order of the nodes', () => {
    const built = tree(long);
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 20 }), (picks) => {
        let turn = 0;
        const choose = (count: number): number => (picks[turn++ % picks.length] as number) % Math.max(1, count);
        expect(readAll(crypto, built, choose)).toEqual(long);
      }),
      { numRuns: 10 },
    );
  });

  test('two levels', () => {
    const built = tree(zeroLow);
    expect(built.ref.height).toBe(2);
    expect(readAll(crypto, built, (count) => count - 1)).toEqual(zeroLow);
  });

  test('[CNT-22] a list under another id is the fault of its author, found with its last chunk', () => {
    const built = tree(long);
    const ref = { ...built.ref, id: 'ab'.repeat(32) as ContentId };
    expect(refusal(() => readAll(crypto, { ...built, ref }, () => 0))).toBe('bad-hash author');
    checkContentId(crypto, convergence, ref);
  });

  test('[CNT-21] a wrong node is refused and still wanted', () => {
    const { ref, nodes } = tree(long.slice(0, 700));
    const reader = new ListReader(crypto, convergence, ref);
    const [first, second] = [nodes[0] as SealedNode, nodes[1] as SealedNode];
    expect(refusal(() => reader.give(first.id, second.ciphertext))).toBe('bad-hash peer');
    expect(reader.wanted().map((node) => node.id)).toContain(first.id);
    reader.give(first.id, first.ciphertext);
    expect(reader.wanted().map((node) => node.id)).not.toContain(first.id);
    expect(reader.take()).toHaveLength(first.chunkCount);
    reader.give(first.id, first.ciphertext);
    expect(reader.take()).toEqual([]);
  });

  test('[CNT-21] a node of another height than announced is the fault of the author', () => {
    const built = tree(zeroLow);
    const inner = built.nodes.find((node) => node.chunkCount > 64) as SealedNode;
    const higher = { ...built.ref, height: 3, nodes: built.ref.nodes };
    const reader = new ListReader(crypto, convergence, higher);
    expect(refusal(() => reader.give(inner.id, inner.ciphertext))).toBe('malformed author');
  });
});

test('[CNT-22] a reader asks for a few nodes at a time, however often a list repeats one', () => {
  const repeated = new Array<ChunkRef>(40 * 4_096).fill(long[0] as ChunkRef);
  const built = tree(repeated);
  expect(built.ref.height).toBe(2);
  expect(new Set(built.nodes.map((node) => node.id)).size).toBe(2);
  const reader = new ListReader(nobleCrypto(), convergence, built.ref);
  const top = built.nodes.at(-1) as SealedNode;
  reader.give(top.id, top.ciphertext);
  const node = built.nodes[0] as SealedNode;
  reader.give(node.id, node.ciphertext);
  expect(reader.take()).toHaveLength(16 * 4_096);
  expect(reader.wanted()).toHaveLength(1);
});
