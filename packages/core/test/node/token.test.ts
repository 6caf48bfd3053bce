import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes.js';
import type { FolderId } from '../../src/model/index.js';
import { mountsIn } from '../../src/node/files/mounts.js';
import type { Files, RootState } from '../../src/ports/index.js';
import { type NodeWorld, nodeWorld } from './world.js';

const folder = 'a5'.repeat(32) as FolderId;
const relink = /relink/;

let world: NodeWorld;
let files: Files;

beforeEach(async () => {
  world = nodeWorld();
  files = world.open();
  await files.claim(folder, true);
});

afterEach(async () => world.close());

function look(): Promise<RootState> {
  return files.claim(folder, false);
}

function moveAway(): string {
  const elsewhere = join(world.outside, 'moved');
  renameSync(world.root, elsewhere);
  return elsewhere;
}

const place = { type: 'place-file', path: 'f', size: 1, mtimeUs: 1, executable: false, expected: undefined } as const;

/** What writes: a change, and a log shown as a file. */
async function write(): Promise<readonly string[]> {
  const [result] = await files.apply([{ ...place, bytes: utf8('x') }]);
  const view = await files.writeView('log/d.log', 0, utf8('x')).then(
    () => 'done',
    () => 'failed',
  );
  return [result?.outcome ?? '', view];
}

describe('the directory of a folder', () => {
  it('that is not there is missing', async () => {
    moveAway();
    expect(await look()).toMatchObject({ state: 'missing', reason: expect.stringMatching(relink) });
    expect(await write()).toEqual(['failed', 'failed']);
    expect(existsSync(world.root)).toBe(false);
  });

  it('without its token is missing, as where a disk is not mounted, and nothing is written there', async () => {
    moveAway();
    mkdirSync(world.root);
    expect(await look()).toMatchObject({ state: 'missing', reason: expect.stringMatching(/mount/) });
    expect(await write()).toEqual(['failed', 'failed']);
    expect(world.person.list('')).toEqual([]);
  });

  it('that became a file is missing, and one that became a link is another', async () => {
    const elsewhere = moveAway();
    writeFileSync(world.root, '');
    expect(await look()).toMatchObject({ state: 'missing', reason: expect.stringMatching(relink) });
    rmSync(world.root);
    symlinkSync(elsewhere, world.root);
    expect(await look()).toMatchObject({ state: 'foreign', reason: expect.stringMatching(relink) });
    expect(await write()).toEqual(['failed', 'failed']);
  });

  it('that cannot be looked into is unreadable, not missing', async () => {
    const above = join(world.root, '..');
    chmodSync(above, 0);
    expect(await look()).toMatchObject({ state: 'unreadable', reason: expect.stringMatching(/EACCES/) });
    chmodSync(above, 0o755);
    expect(await look()).toMatchObject({ state: 'ok' });
  });

  it('whose private directory is a link is foreign', async () => {
    const elsewhere = join(world.outside, 'private');
    renameSync(join(world.root, '.cloudless'), elsewhere);
    symlinkSync(elsewhere, join(world.root, '.cloudless'));
    expect(await look()).toMatchObject({ state: 'foreign' });
  });

  it('keeps its token through a move, and shows that it is a copy', async () => {
    const first = await look();
    const elsewhere = moveAway();
    expect(await world.provider.open(elsewhere).claim(folder, false)).toEqual(first);
    cpSync(elsewhere, world.root, { recursive: true });
    const copy = await look();
    expect(copy).toMatchObject({ state: 'ok', nonce: first.state === 'ok' ? first.nonce : '' });
    expect(copy).not.toEqual(first);
  });

  it('[FIL-53] is written by nobody else once another installation took it over', async () => {
    const other = world.open();
    await other.claim(folder, true);
    expect(await write()).toEqual(['failed', 'failed']);
    expect(world.person.list('')).toEqual([]);
    const [result] = await other.apply([{ ...place, bytes: utf8('x') }]);
    expect(result?.outcome).toBe('done');
  });
});

describe('what a life of the program left in the directory', () => {
  const token = (): string => join(world.root, '.cloudless', 'root');

  it('is told with its token, and with no other', async () => {
    expect(await files.claim(folder, false, { life: '5 1000' })).toMatchObject({ life: '5 1000' });
    const before = readFileSync(token());
    expect(await world.open().claim(folder, false, { take: true, life: '6 1000' })).toMatchObject({ life: '6 1000' });
    // As one sees it that looks while the other has not put its token in place yet.
    writeFileSync(token(), before);
    const state = await look();
    expect(state).toMatchObject({ state: 'ok' });
    expect(state).not.toHaveProperty('life', expect.anything());
    expect(await files.scan('all', () => undefined)).not.toHaveProperty('life', expect.anything());
  });

  it('[FIL-53] does not make a token that another one left there the own', async () => {
    const first = await look();
    await world.open().claim(folder, false, { take: true });
    const own = first.state === 'ok' ? [first.nonce] : [];
    expect((await files.claim(folder, false, { own })).state).toBe('ok');
    expect(await write()).toEqual(['failed', 'failed']);
    expect((await files.claim(folder, false)).state).toBe('ok');
    expect(await write()).toEqual(['done', 'done']);
  });
});

describe('mounts', () => {
  const table = [
    '21 1 8:1 / / rw - ext4 /dev/sda1 rw',
    '30 21 0:30 / /data/garden rw - tmpfs none rw',
    '31 30 0:31 / /data/garden/in/side rw - tmpfs none rw',
    '32 30 8:1 /other /data/garden/with\\040blank rw - ext4 /dev/sda1 rw',
    '33 21 8:1 / /data/garden2/x rw - ext4 /dev/sda1 rw',
    '',
  ].join('\n');

  it('[FIL-55] below a root are those at paths in it', () => {
    expect(mountsIn(table, '/data/garden')).toEqual(new Set(['in/side', 'with blank']));
    expect(mountsIn(table, '/data/garden2')).toEqual(new Set(['x']));
    expect(mountsIn(table, '/elsewhere')).toEqual(new Set());
  });
});
