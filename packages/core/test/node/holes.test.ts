import { closeSync, ftruncateSync, openSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildContent, gearTable, type SealedChunk } from '../../src/content/index.js';
import type { FolderId } from '../../src/model/index.js';
import type { ContentKeys, Files } from '../../src/ports/index.js';
import { seededBytes } from '../../src/testing/index.js';
import { type NodeWorld, nodeWorld } from './world.js';

const keys: ContentKeys = { gear: new Uint8Array(32).fill(1), convergence: new Uint8Array(32).fill(2) };
const temp = 'a0';
const mib = 1_048_576;

let world: NodeWorld;
let files: Files;

beforeEach(async () => {
  world = nodeWorld();
  files = world.open();
  await files.claim('a5'.repeat(32) as FolderId, true);
});

afterEach(async () => world.close());

/** Zeros, but for two runs of data that begin and end at odd places. */
function sparse(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  bytes.set(seededBytes(100_003, 1), 4 * mib + 17);
  bytes.set(seededBytes(70_001, 2), 9 * mib - 5);
  return bytes;
}

function chunksOf(bytes: Uint8Array): readonly (SealedChunk & { readonly offset: number })[] {
  const { crypto } = world;
  return buildContent(crypto, { ...keys, gear: gearTable(crypto, keys.gear) }, bytes).chunks;
}

async function store(bytes: Uint8Array, chunks = chunksOf(bytes)): Promise<void> {
  for (const { id, key, length, ciphertext, offset } of chunks) {
    const target = { temp, offset, size: bytes.length };
    const outcome = await files.storeChunk({ id, key, length }, keys, ciphertext.slice(), [target]);
    expect(outcome).toEqual({ outcome: 'stored' });
  }
}

async function place(bytes: Uint8Array): Promise<string> {
  const common = { type: 'place-file', path: 'f', size: bytes.length, mtimeUs: 1_000_000, executable: false } as const;
  const [result] = await files.apply([{ ...common, temp, expected: undefined }]);
  expect(result?.outcome).toBe('done');
  return join(world.root, 'f');
}

function roomOf(path: string): number {
  return statSync(path).blocks * 512;
}

/** Whether this disk can have holes at all. */
function hasHoles(): boolean {
  const path = join(world.outside, 'hole');
  const handle = openSync(path, 'w');
  ftruncateSync(handle, mib);
  closeSync(handle);
  return roomOf(path) < mib;
}

describe('a file with holes', () => {
  it.each([12 * mib, 12 * mib + 1_234, 9 * mib + 80_000])(
    '[FIL-127] of %d bytes takes room for its data alone',
    async (size) => {
      const bytes = sparse(size);
      await store(bytes, chunksOf(bytes).toReversed());
      const path = await place(bytes);
      expect(readFileSync(path).equals(bytes)).toBe(true);
      expect(hasHoles() ? roomOf(path) : 0).toBeLessThan(mib);
    },
  );

  it('of nothing but zeros has its size', async () => {
    const bytes = new Uint8Array(3 * mib);
    await store(bytes);
    expect(readFileSync(await place(bytes)).equals(bytes)).toBe(true);
  });

  it('keeps nothing that an earlier try left where its holes are', async () => {
    const bytes = sparse(12 * mib);
    writeFileSync(join(world.root, '.cloudless/tmp', temp), seededBytes(2 * mib, 3));
    await store(bytes);
    expect(readFileSync(await place(bytes)).equals(bytes)).toBe(true);
  });
});
