import { appendFileSync, closeSync, openSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FolderId } from '../../src/model/index.js';
import type { FileStamp, Files } from '../../src/ports/index.js';
import { seededBytes } from '../../src/testing/index.js';
import type { DiskRow } from '../../src/tree/index.js';
import { type NodeWorld, nodeWorld } from './world.js';

const keys = { gear: seededBytes(32, 1), convergence: seededBytes(32, 2) };

let world: NodeWorld;
let files: Files;
let path: string;

beforeEach(async () => {
  world = nodeWorld();
  files = world.open();
  path = join(world.root, 'a');
  await files.claim('a5'.repeat(32) as FolderId, true);
});

afterEach(async () => world.close());

async function stamp(): Promise<FileStamp> {
  const rows: DiskRow[] = [];
  await files.scan(['a'], (slice) => rows.push(...slice));
  return rows[0] as DiskRow;
}

describe('a file that somebody is writing', () => {
  it('never gets a name for bytes it does not hold, however quickly it is written again', async () => {
    const bytes = seededBytes(5_000, 1);
    writeFileSync(path, bytes);
    for (let i = 0; i < 40; i++) {
      const seen = await stamp();
      const hashing = files.hash('a', seen, keys);
      const handle = openSync(path, 'r+');
      writeSync(handle, Uint8Array.of(i), 0, 1, i);
      closeSync(handle);
      bytes[i] = i;
      const first = await hashing;
      const now = await stamp();
      if (first.outcome !== 'hashed' || now.ctimeUs !== first.row.ctimeUs) continue;
      const again = await files.hash('a', now, keys);
      expect(again.outcome === 'hashed' && again.content.id === first.content.id).toBe(true);
    }
    const last = await files.hash('a', await stamp(), keys);
    writeFileSync(path, bytes);
    const same = await files.hash('a', await stamp(), keys);
    if (last.outcome !== 'hashed' || same.outcome !== 'hashed') throw new Error('nobody writes any more');
    expect(last.content.id).toBe(same.content.id);
  });

  it('is changed when it grew while it was read', async () => {
    writeFileSync(path, new Uint8Array(40_000_000));
    utimesSync(path, 1, 1);
    const hashing = files.hash('a', await stamp(), keys);
    appendFileSync(path, 'more');
    expect(await hashing).toEqual({ outcome: 'changed' });
  });
});
