import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/bytes.js';
import { buildContent, gearTable, type SealedChunk } from '../../src/content/index.js';
import type { FolderId } from '../../src/model/index.js';
import type { FileOperation, FileResult, FileStamp, Files } from '../../src/ports/index.js';
import { seededBytes } from '../../src/testing/index.js';
import type { DiskRow } from '../../src/tree/index.js';
import { filesBelow, type NodeWorld, nodeWorld } from './world.js';

const folder = 'a5'.repeat(32) as FolderId;
const mtimeUs = 1_600_000_000_123_456;

let world: NodeWorld;
let files: Files;

beforeEach(async () => {
  world = nodeWorld();
  files = world.open();
  await files.claim(folder, true);
});

afterEach(async () => world.close());

function place(path: string, text: string, expected?: FileStamp, executable = false): FileOperation {
  const bytes = utf8(text);
  return { type: 'place-file', path, bytes, size: bytes.length, mtimeUs, executable, expected };
}

async function stamp(path: string): Promise<FileStamp> {
  const rows: DiskRow[] = [];
  await files.scan([path], (slice) => rows.push(...slice));
  return rows[0] as DiskRow;
}

async function apply(operation: FileOperation): Promise<FileResult> {
  return (await files.apply([operation]))[0] as FileResult;
}

function at(path: string): string {
  return join(world.root, path);
}

describe('modes', () => {
  it('of a replaced file stay, and the executable bit follows who may read', async () => {
    writeFileSync(at('a'), 'old');
    chmodSync(at('a'), 0o640);
    await apply(place('a', 'new', await stamp('a'), true));
    expect(statSync(at('a')).mode & 0o777).toBe(0o750);
    await apply(place('a', 'newer', await stamp('a'), false));
    expect(statSync(at('a')).mode & 0o777).toBe(0o640);
  });

  it('of a new file are what the system gives new files', async () => {
    writeFileSync(at('ordinary'), '');
    await apply(place('a', 'new'));
    await apply(place('x', 'new', undefined, true));
    const ordinary = statSync(at('ordinary')).mode & 0o777;
    expect(statSync(at('a')).mode & 0o777).toBe(ordinary);
    expect(statSync(at('x')).mode & 0o777).toBe(ordinary | ((ordinary & 0o444) >> 2));
  });

  it('are changed without a new inode', async () => {
    writeFileSync(at('a'), 'old');
    chmodSync(at('a'), 0o600);
    const expected = await stamp('a');
    await apply({ type: 'set-metadata', path: 'a', mtimeUs, executable: true, expected });
    expect(statSync(at('a')).mode & 0o777).toBe(0o700);
    expect((await stamp('a')).inode).toBe(expected.inode);
  });
});

describe('what a replaced file was besides its bytes', () => {
  it('[FIL-126] stays: its owner, its group, and who may read it', async (context) => {
    if (process.getuid?.() !== 0) context.skip('only the superuser may give files away');
    process.seteuid?.(0);
    writeFileSync(at('a'), 'old');
    chownSync(at('a'), 1_234, 2_345);
    chmodSync(at('a'), 0o604);
    await apply(place('a', 'new', await stamp('a')));
    const { uid, gid, mode } = statSync(at('a'));
    expect([readFileSync(at('a'), 'utf8'), uid, gid, mode & 0o777]).toEqual(['new', 1_234, 2_345, 0o604]);
  });

  it('[FIL-125] is its own: another name of the file keeps bytes, time and mode', async () => {
    writeFileSync(at('a'), 'old');
    linkSync(at('a'), at('b'));
    const before = statSync(at('b'), { bigint: true });
    const kept = (): readonly unknown[] => {
      const { mtimeNs, mode, ino } = statSync(at('b'), { bigint: true });
      return [readFileSync(at('b'), 'utf8'), mtimeNs, mode, ino];
    };
    const expected = ['old', before.mtimeNs, before.mode, before.ino];
    const change = { type: 'set-metadata', path: 'a', mtimeUs, executable: true } as const;
    expect(await apply({ ...change, expected: await stamp('a') })).toMatchObject({ outcome: 'done' });
    expect(kept()).toEqual(expected);
    expect(await stamp('a')).toMatchObject({ mtimeUs, executable: true, size: 3 });
    linkSync(at('a'), at('c'));
    await apply(place('a', 'new', await stamp('a')));
    expect([kept(), readFileSync(at('c'), 'utf8')]).toEqual([expected, 'old']);
  });
});

describe('a directory that may not be written', () => {
  it('[FIL-95] stays as it is with a reason, keeps its mode, and takes the change once it may be', async () => {
    mkdirSync(at('d'));
    writeFileSync(at('d/a'), 'old');
    chmodSync(at('d/a'), 0o444);
    chmodSync(at('d'), 0o555);
    const changes: readonly ((seen: FileStamp) => FileOperation)[] = [
      () => place('d/b', 'b'),
      () => ({ type: 'make-directory', path: 'd/c' }),
      (seen) => place('d/a', 'new', seen),
      (seen) => ({ type: 'remove', path: 'd/a', expected: seen }),
    ];
    for (const change of changes) {
      expect(await apply(change(await stamp('d/a')))).toMatchObject({
        outcome: 'failed',
        reason: expect.stringMatching(/EACCES/),
      });
    }
    expect(readdirSync(at('d'))).toEqual(['a']);
    expect(readFileSync(at('d/a'), 'utf8')).toBe('old');
    expect(filesBelow(at('.cloudless/archive'))).toEqual([]);
    expect(statSync(at('d')).mode & 0o777).toBe(0o555);
    chmodSync(at('d'), 0o755);
    expect((await apply(place('d/a', 'new', await stamp('d/a')))).outcome).toBe('done');
    expect(statSync(at('d/a')).mode & 0o777).toBe(0o444);
  });
});

describe('a root that is not the one it was', () => {
  it('gets nothing when its disk is not mounted and an empty directory stands there', async () => {
    renameSync(world.root, `${world.root}-elsewhere`);
    mkdirSync(world.root);
    const results = await files.apply([{ type: 'make-directory', path: 'd' }, place('a', 'x')]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['failed', 'failed']);
    expect(readdirSync(world.root)).toEqual([]);
  });

  it("gets nothing when it has another folder's token", async () => {
    rmSync(at('.cloudless/root'));
    await world.open().claim('5b'.repeat(32) as FolderId, true);
    expect((await apply({ type: 'make-directory', path: 'd' })).outcome).toBe('failed');
    expect(existsSync(at('d'))).toBe(false);
  });

  it('has no private directory that is a link', async () => {
    renameSync(at('.cloudless'), join(world.outside, 'private'));
    symlinkSync(join(world.outside, 'private'), at('.cloudless'));
    expect((await files.claim(folder, true)).state).toBe('foreign');
    expect((await apply({ type: 'make-directory', path: 'd' })).outcome).toBe('failed');
  });
});

const keys = { gear: seededBytes(32, 1), convergence: seededBytes(32, 2) };

function firstChunk(bytes: Uint8Array): SealedChunk {
  const gear = gearTable(world.crypto, keys.gear);
  const [chunk] = buildContent(world.crypto, { ...keys, gear }, bytes).chunks;
  if (chunk === undefined) throw new Error('the content has a chunk');
  return chunk;
}

describe('a private directory that somebody tidied', () => {
  it('gets its place for temp files back', async () => {
    const chunk = firstChunk(seededBytes(100_000, 3));
    rmSync(at('.cloudless/tmp'), { recursive: true });
    const target = { temp: 'c0', offset: 0, size: chunk.length };
    expect((await files.storeChunk(chunk, keys, chunk.ciphertext, [target])).outcome).toBe('stored');
    rmSync(at('.cloudless/tmp'), { recursive: true });
    expect((await apply(place('a', 'x'))).outcome).toBe('done');
    expect(statSync(at('.cloudless/tmp')).mode & 0o777).toBe(0o700);
  });

  it('is not made where there is none: the disk may not be mounted', async () => {
    const chunk = firstChunk(seededBytes(100_000, 3));
    rmSync(at('.cloudless'), { recursive: true });
    const target = { temp: 'c0', offset: 0, size: chunk.length };
    expect((await files.storeChunk(chunk, keys, chunk.ciphertext, [target])).outcome).toBe('failed');
    expect((await apply(place('a', 'x'))).outcome).toBe('failed');
    expect(readdirSync(world.root)).toEqual([]);
  });
});

describe('what a crash leaves', () => {
  it('a temp file that is also a file of the folder is no temp file', async () => {
    const bytes = seededBytes(100_000, 3);
    const chunk = firstChunk(bytes);
    const target = { temp: 'c0', offset: 0, size: bytes.length };
    await files.storeChunk(chunk, keys, chunk.ciphertext, [target]);
    // Between the two steps of placing a file there is a moment with both names.
    linkSync(at('.cloudless/tmp/c0'), at('document'));
    writeFileSync(at('document'), 'mine');
    const outcome = await files.storeChunk(chunk, keys, chunk.ciphertext, [target]);
    expect(outcome.outcome).toBe('failed');
    expect(readFileSync(at('document'), 'utf8')).toBe('mine');
    expect(await files.listTemps()).toEqual([]);
    expect((await files.storeChunk(chunk, keys, chunk.ciphertext, [target])).outcome).toBe('stored');
    expect(readFileSync(at('document'), 'utf8')).toBe('mine');
  });

  it('temp files never lie in the folder itself, and none are left', async () => {
    await files.apply([place('a', 'x'), place('no/where', 'x'), place('b', 'y')]);
    expect(readdirSync(at('.cloudless/tmp'))).toEqual([]);
    expect(readdirSync(world.root).sort()).toEqual(['.cloudless', 'a', 'b']);
  });

  it('half a temp file becomes no file', async () => {
    const bytes = seededBytes(100_000, 3);
    const chunk = firstChunk(bytes);
    await files.storeChunk(chunk, keys, chunk.ciphertext, [{ temp: 'c0', offset: 0, size: bytes.length }]);
    writeFileSync(at('a'), 'old');
    const size = chunk.length + 1;
    const expected = await stamp('a');
    const result = await apply({
      type: 'place-file',
      path: 'a',
      temp: 'c0',
      size,
      mtimeUs,
      executable: false,
      expected,
    });
    expect(result.outcome).toBe('failed');
    expect(readFileSync(at('a'), 'utf8')).toBe('old');
  });

  it('a temp file is no link, and has no name that leads elsewhere', async () => {
    const chunk = firstChunk(seededBytes(100_000, 3));
    const kept = [join(world.outside, 'theirs'), at('mine')];
    for (const path of kept) writeFileSync(path, 'kept');
    symlinkSync(kept[0] as string, at('.cloudless/tmp/c0'));
    for (const temp of ['c0', '../../mine', '../../../outside/theirs', '', '.', '..']) {
      const target = { temp, offset: 0, size: chunk.length };
      const stored = files.storeChunk(chunk, keys, chunk.ciphertext, [target]).then(
        ({ outcome }) => outcome,
        () => 'refused',
      );
      expect(['failed', 'refused']).toContain(await stored);
      await files.removeTemps([temp]).catch(() => undefined);
    }
    expect(kept.map((path) => readFileSync(path, 'utf8'))).toEqual(['kept', 'kept']);
  });

  it('a flush of a temp file that is not there is an error', async () => {
    await expect(files.flushTemps(['c0'])).rejects.toThrow();
    expect(await files.listTemps()).toEqual([]);
  });
});

it('a log that is shown as a file is not written through a link', async () => {
  const theirs = join(world.outside, 'theirs');
  writeFileSync(theirs, 'theirs');
  mkdirSync(at('log'));
  symlinkSync(theirs, at('log/a.log'));
  await expect(files.writeView('log/a.log', 0, utf8('mine'))).rejects.toThrow();
  expect(readFileSync(theirs, 'utf8')).toBe('theirs');
});

describe('the archive', () => {
  it('holds the very inode that was replaced, and other names of it stay', async () => {
    writeFileSync(at('a'), 'old');
    linkSync(at('a'), at('twin'));
    const { ino } = lstatSync(at('a'));
    const result = await apply(place('a', 'new', await stamp('a')));
    if (result.outcome !== 'done' || result.archived === undefined) throw new Error('it was archived');
    expect(lstatSync(at(`.cloudless/archive/${result.archived.name}`)).ino).toBe(ino);
    expect(readFileSync(at('twin'), 'utf8')).toBe('old');
  });

  it('takes paths that are too long for the system with its own before them', async () => {
    const long = Array.from({ length: 20 }, () => 'd'.repeat(199)).join('/');
    const path = long.slice(0, 4_090 - world.root.length);
    const parts = path.split('/');
    const directories = parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
    await files.apply(directories.map((directory) => ({ type: 'make-directory', path: directory })));
    expect((await apply(place(path, 'old'))).outcome).toBe('done');
    const [row] = await files.look([path]);
    const result = await apply(place(path, 'new', row));
    if (result.outcome !== 'done' || result.archived === undefined) throw new Error('it was archived');
    const { name, stamp: archived } = result.archived;
    expect((await files.recheck([name]))[0]).toMatchObject({ size: archived.size, inode: archived.inode });
    await files.exportArchived(name, join(world.outside, 'copy'), 0);
    expect(readFileSync(join(world.outside, 'copy'), 'utf8')).toBe('old');
    await files.removeArchived([name]);
    expect(await files.archiveGroups()).toEqual([]);
  });

  it('is not led elsewhere by a link in it', async () => {
    writeFileSync(at('a'), 'old');
    symlinkSync(world.outside, at('.cloudless/archive/group'));
    const [result] = await files.apply([{ type: 'remove', path: 'a', expected: await stamp('a') }], 'group');
    expect(result).toMatchObject({ outcome: 'failed', code: 'unsafe-path' });
    expect(readFileSync(at('a'), 'utf8')).toBe('old');
    writeFileSync(join(world.outside, 'kept'), 'kept');
    expect(await files.recheck(['group/kept'])).toEqual([undefined]);
    expect(await files.listArchived(['group'])).toEqual([]);
    await files.removeArchived(['group/kept']);
    expect(filesBelow(world.outside)).toEqual(['kept']);
  });

  it('holds nothing of a change that was not made', async () => {
    mkdirSync(at('d'));
    writeFileSync(at('d/a'), 'old');
    const expected = await stamp('d/a');
    const results = await files.apply([
      { type: 'rename', from: 'd', path: 'e', expectedFrom: await stamp('d'), expected: undefined },
      place('d/a', 'new', expected),
    ]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['done', 'changed']);
    expect(readFileSync(at('e/a'), 'utf8')).toBe('old');
    expect(lstatSync(at('e/a')).nlink).toBe(1);
    expect(filesBelow(at('.cloudless/archive'))).toEqual([]);
  });
});

/** Swaps the directory `d` for a link that leads outside and back, as fast as it can. */
const thief = `
  import { renameSync } from 'node:fs';
  process.chdir(process.argv[1]);
  for (let round = 0; ; round++) {
    try {
      renameSync('d', 'directory');
      renameSync('link', 'd');
      renameSync('d', 'link');
      renameSync('directory', 'd');
    } catch {
      // Between two of these somebody made a directory of that name.
      try {
        renameSync('d', 'directory' + round);
        renameSync('directory', 'd');
      } catch {
        // And once more.
      }
    }
    if (round === 100) console.log('at work');
  }
`;

describe('somebody who swaps directories for links', () => {
  it('never gets anything written, removed or read outside', async () => {
    writeFileSync(join(world.outside, 'secret'), 'theirs');
    mkdirSync(at('d'));
    symlinkSync(world.outside, at('link'));
    const child = spawn(process.execPath, ['--input-type=module', '-e', thief, world.root], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    const outcomes = new Set<string>();
    for (let i = 0; i < 200; i++) {
      expect(['absent', 'unreadable']).toContain((await stamp('d/secret')).kind);
      const results = await files.apply([place(`d/new${i}`, 'x'), { type: 'make-directory', path: `d/dir${i}` }]);
      for (const { outcome } of results) outcomes.add(outcome);
      await files.writeView(`d/view${i}`, 0, utf8('x')).catch(() => undefined);
      const { outcome } = await files.hash('d/secret', await stamp('d/secret'), keys);
      expect(outcome).not.toBe('hashed');
    }
    child.kill('SIGKILL');
    await exited;
    expect(outcomes).toContain('done');
    expect(outcomes.size).toBeGreaterThan(1);
    expect(readdirSync(world.outside)).toEqual(['secret']);
    expect(readFileSync(join(world.outside, 'secret'), 'utf8')).toBe('theirs');
  });
});
