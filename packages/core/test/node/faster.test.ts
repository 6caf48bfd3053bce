import fs, { chmodSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes.js';
import type { FolderId } from '../../src/model/index.js';
import type { FileOperation, FileResult, FileStamp, Files } from '../../src/ports/index.js';
import type { DiskRow } from '../../src/tree/index.js';
import { type NodeWorld, nodeWorld } from './world.js';

const mtimeUs = 1_600_000_000_123_456;

let world: NodeWorld;
let files: Files;

beforeEach(async () => {
  world = nodeWorld();
  files = world.open();
  await files.claim('a5'.repeat(32) as FolderId, true);
});

afterEach(async () => world.close());

function at(path: string): string {
  return join(world.root, path);
}

async function look(path: string): Promise<DiskRow> {
  const rows: DiskRow[] = [];
  await files.scan([path], (slice) => rows.push(...slice));
  return rows[0] as DiskRow;
}

function place(path: string, text: string, expected: FileStamp | undefined): FileOperation {
  const bytes = utf8(text);
  return { type: 'place-file', path, bytes, size: bytes.length, mtimeUs, executable: false, expected };
}

/** Lets somebody act right after a call of the system, before whoever called does anything else. */
async function right<T>(after: 'renameSync' | 'linkSync' | 'futimesSync', act: () => void, run: () => T): Promise<T> {
  const call = fs[after] as (...args: unknown[]) => void;
  Object.assign(fs, {
    [after]: (...args: unknown[]) => {
      call(...args);
      act();
    },
  });
  syncBuiltinESMExports();
  try {
    return await run();
  } finally {
    Object.assign(fs, { [after]: call });
    syncBuiltinESMExports();
  }
}

/** What was said to be left there is not what is there, so that the next look finds it; and one is asked for. */
async function expectNoticed(result: FileResult | undefined, path: string): Promise<void> {
  if (result?.outcome !== 'done' || result.row === undefined) throw new Error('it was not done');
  const { ctimeUs: _, ...now } = await look(path);
  const { ctimeUs: __, ...left } = result.row;
  expect(left).not.toEqual(now);
  expect(result.meanwhile).toBe(true);
}

describe('somebody who is faster than the look at what an operation left', () => {
  it.each([
    ['writes as many bytes into a replaced file', () => writeFileSync(at('a'), 'own')],
    ['writes more into it', () => writeFileSync(at('a'), 'their own')],
    ['replaces it', () => writeFileSync(at('b'), 'own') ?? renameSync(at('b'), at('a'))],
    ['changes its mode', () => chmodSync(at('a'), 0o755)],
  ])('%s, and is noticed', async (_, act) => {
    writeFileSync(at('a'), 'old');
    const expected = await look('a');
    let acts = 0;
    const once = (): void => {
      if (acts++ === 0) act();
    };
    const [result] = await right('renameSync', once, () => files.apply([place('a', 'new', expected)]));
    await expectNoticed(result, 'a');
  });

  it('writes into a new file, and is noticed', async () => {
    const act = (): void => writeFileSync(at('a'), 'own');
    const [result] = await right('linkSync', act, () => files.apply([place('a', 'new', undefined)]));
    await expectNoticed(result, 'a');
  });

  it('writes into a renamed file, and is noticed', async () => {
    writeFileSync(at('a'), 'old');
    const operation = {
      type: 'rename',
      from: 'a',
      path: 'b',
      expectedFrom: await look('a'),
      expected: undefined,
    } as const;
    const act = (): void => writeFileSync(at('b'), 'own');
    const [result] = await right('linkSync', act, () => files.apply([operation]));
    await expectNoticed(result, 'b');
  });

  it('writes into a file whose time was just set, and is noticed', async () => {
    writeFileSync(at('a'), 'old');
    const operation = {
      type: 'set-metadata',
      path: 'a',
      mtimeUs,
      executable: false,
      expected: await look('a'),
    } as const;
    const act = (): void => writeFileSync(at('a'), 'own');
    const [result] = await right('futimesSync', act, () => files.apply([operation]));
    await expectNoticed(result, 'a');
  });

  it('is nobody, as a rule', async () => {
    writeFileSync(at('a'), 'old');
    utimesSync(at('a'), 1_000_000_000, 1_000_000_000);
    const [result] = await files.apply([place('a', 'new', await look('a'))]);
    expect(result).toMatchObject({ outcome: 'done', row: await look('a') });
    expect(result).not.toHaveProperty('meanwhile', true);
  });
});
