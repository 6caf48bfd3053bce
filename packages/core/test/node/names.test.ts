import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FolderId } from '../../src/model/index.js';
import type { Files } from '../../src/ports/index.js';
import type { DiskRow } from '../../src/tree/index.js';
import { type NodeWorld, nodeWorld } from './world.js';

const folder = 'a5'.repeat(32) as FolderId;

let world: NodeWorld;
let files: Files;

beforeEach(async () => {
  world = nodeWorld();
  files = world.open();
  await files.claim(folder, true);
});

afterEach(async () => world.close());

async function rows(): Promise<readonly DiskRow[]> {
  const found: DiskRow[] = [];
  expect((await files.scan('all', (slice) => found.push(...slice))).state).toBe('ok');
  return found;
}

async function only(): Promise<DiskRow> {
  const found = await rows();
  expect(found).toHaveLength(1);
  return found[0] as DiskRow;
}

describe('a directory that the rules leave out', () => {
  it('is told of and not gone into, also not for a path that is named in one that is synced', async () => {
    for (const path of ['modules/a/deep', 'src/modules/b', 'src/kept', 'out/x']) {
      mkdirSync(join(world.root, dirname(path)), { recursive: true });
      writeFileSync(join(world.root, path), 'x');
    }
    const rules = { shared: ['# built', 'modules/', '/out'], ignore: [], want: [] };
    const seen = async (paths: readonly string[] | 'all'): Promise<readonly string[]> => {
      const found: string[] = [];
      await files.scan(paths, (slice) => found.push(...slice.map(({ path }) => path)), rules);
      return found.sort();
    };
    expect(await seen('all')).toEqual(['modules', 'out', 'src', 'src/kept', 'src/modules']);
    expect(await seen(['src'])).toEqual(['src', 'src/kept', 'src/modules']);
    const everything: string[] = [];
    await files.scan('all', (slice) => everything.push(...slice.map(({ path }) => path)));
    expect(everything).toContain('modules/a/deep');
  });
});

describe('what a disk may hold and others may not', () => {
  it('a name that is not UTF-8 is told of with a reason, and stays', async () => {
    const name = Buffer.from([0x61, 0xff, 0xfe]);
    writeFileSync(Buffer.concat([Buffer.from(`${world.root}/`), name]), 'x');
    writeFileSync(join(world.root, 'plain'), 'x');
    const found = await rows();
    expect(found.map(({ kind }) => kind).sort()).toEqual(['file', 'other']);
    const odd = found.find(({ kind }) => kind === 'other');
    expect(odd?.reason).toContain('UTF-8');
    expect(odd?.path).toBe('a\udcff\udcfe');
    expect(readdirSync(world.root, { encoding: 'buffer' }).some((each) => each.equals(name))).toBe(true);
  });

  it('a name that is not in composed form is told of with a reason, beside its twin', async () => {
    writeFileSync(join(world.root, 'caf\u0065\u0301'), 'decomposed');
    writeFileSync(join(world.root, 'caf\u00e9'), 'composed');
    const kinds = (await rows()).map(({ path, kind }) => [path.length, kind]).sort();
    expect(kinds).toEqual([
      [4, 'file'],
      [5, 'other'],
    ]);
  });

  it('a pipe is neither opened nor synced', async () => {
    execFileSync('mkfifo', [join(world.root, 'pipe')]);
    const row = await only();
    expect(row).toMatchObject({ path: 'pipe', kind: 'other' });
    const keys = { gear: new Uint8Array(32), convergence: new Uint8Array(32) };
    expect(await files.hash('pipe', { ...row, kind: 'file' }, keys)).toEqual({ outcome: 'changed' });
    await expect(files.writeView('pipe', 0, Uint8Array.of(1))).rejects.toThrow();
  });

  it('a folder of its own inside the folder is a boundary', async () => {
    mkdirSync(join(world.root, 'inner/.cloudless'), { recursive: true });
    writeFileSync(join(world.root, 'inner/.cloudless/root'), 'a token');
    writeFileSync(join(world.root, 'inner/a'), 'x');
    expect(await only()).toMatchObject({ path: 'inner', kind: 'other' });
    const below: DiskRow[] = [];
    await files.scan(['inner/a'], (slice) => below.push(...slice));
    expect(below.map(({ kind }) => kind)).toEqual(['other']);
  });

  it('a directory too deep for the wire is told of, and not gone into', async () => {
    mkdirSync(join(world.root, Array.from({ length: 130 }, () => 'd').join('/')), { recursive: true });
    const found = await rows();
    expect(found).toHaveLength(128);
    expect(found.at(-1)).toMatchObject({ kind: 'other' });
    expect(found.filter(({ kind }) => kind === 'directory')).toHaveLength(127);
  });

  it('the private directory is for its owner only, and a name like it is not shown', async () => {
    expect(statSync(join(world.root, '.cloudless')).mode & 0o777).toBe(0o700);
    mkdirSync(join(world.root, '.Cloudless'));
    expect(await rows()).toEqual([]);
  });
});

describe('a name that the disk has in another Unicode form', () => {
  const [composed, decomposed] = ['caf\u00e9', 'cafe\u0301'];
  const keys = { gear: new Uint8Array(32), convergence: new Uint8Array(32) };

  it('[FIL-91] is composed on the wire, and keeps its own bytes on disk through every change', async () => {
    mkdirSync(join(world.root, decomposed));
    writeFileSync(join(world.root, decomposed, decomposed), 'old');
    const found = await rows();
    expect(found.map(({ path, kind }) => [path, kind])).toEqual([
      [composed, 'directory'],
      [`${composed}/${composed}`, 'file'],
    ]);
    const row = found[1] as DiskRow;
    expect((await files.look([row.path]))[0]).toEqual(row);
    expect((await files.hash(row.path, row, keys)).outcome).toBe('hashed');
    const change = { type: 'place-file', path: row.path, bytes: Buffer.from('newer'), size: 5 } as const;
    const [result] = await files.apply([{ ...change, mtimeUs: 1_000_000, executable: false, expected: row }]);
    expect(result?.outcome).toBe('done');
    expect(readdirSync(world.root)).toContain(decomposed);
    expect(readdirSync(join(world.root, decomposed))).toEqual([decomposed]);
    expect(readFileSync(join(world.root, decomposed, decomposed), 'utf8')).toBe('newer');
  });

  it('is unsyncable beside the one that is composed, and when it would stand for a name without accents', async () => {
    for (const name of [composed, decomposed, '\u212a']) writeFileSync(join(world.root, name), name);
    const kinds = new Map((await rows()).map(({ path, kind }) => [path, kind]));
    expect([...kinds].sort()).toEqual([
      [decomposed, 'other'],
      [composed, 'file'],
      ['\u212a', 'other'],
    ]);
  });
});

describe('what is tried out of a disk', () => {
  it('[FIL-90] is said with the claim, and leaves nothing behind', async () => {
    const state = await files.claim(folder, false);
    expect(state).toMatchObject({ state: 'ok', traits: { symlinks: true, executable: true, nameRules: 'posix' } });
    expect(readdirSync(join(world.root, '.cloudless')).filter((name) => name.startsWith('probe'))).toEqual([]);
    expect(await rows()).toEqual([]);
  });
});

describe('times', () => {
  it('before 1970 and after 2106 are kept where the disk can hold them', async () => {
    for (const mtimeUs of [-1_500_000, 8_589_934_593_250_000]) {
      const place = { type: 'place-file', path: `t${mtimeUs}`, bytes: new Uint8Array(0), size: 0 } as const;
      await files.apply([{ ...place, mtimeUs, executable: false, expected: undefined }]);
      expect((await files.look([place.path]))[0]).toMatchObject({ mtimeUs });
    }
  });
});
