/** The calls of the file system that a group of changes makes: their order, and what comes between two of them. */

import * as fs from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { utf8 } from '../../src/bytes.js';
import type { FolderId } from '../../src/model/index.js';
import type { FileOperation, FileResult, FileStamp, Files } from '../../src/ports/index.js';
import { seededBytes } from '../../src/testing/index.js';
import { filesBelow, type NodeWorld, nodeWorld } from './world.js';

interface Call {
  readonly name: string;
  /** Below the root; of a call with a handle, what it was opened as. */
  readonly path: string;
  /** Of a link or rename. */
  readonly to?: string | undefined;
}

/** What is told of each call before it is made, while somebody listens. It may throw what the system would. */
const listener = vi.hoisted(() => ({
  before: undefined as ((name: string, args: readonly unknown[]) => void) | undefined,
}));

vi.mock('node:fs', async (importOriginal) => {
  const system = await importOriginal<typeof fs>();
  const told = new Map<string, unknown>();
  const names = [
    'closeSync',
    'copyFileSync',
    'fchmodSync',
    'fsync',
    'fsyncSync',
    'futimesSync',
    'linkSync',
    'mkdirSync',
    'openSync',
    'readSync',
    'renameSync',
    'rmdirSync',
    'symlinkSync',
    'unlinkSync',
    'writeSync',
  ] as const;
  for (const name of names) {
    const call = system[name] as (...args: unknown[]) => unknown;
    told.set(name, (...args: unknown[]) => {
      listener.before?.(name, args);
      return call(...args);
    });
  }
  return { ...system, ...Object.fromEntries(told) };
});

const folder = 'a5'.repeat(32) as FolderId;
const mtimeUs = 1_600_000_000_123_456;

let world: NodeWorld;
let files: Files;

beforeEach(async () => {
  world = nodeWorld();
  files = world.open();
  await files.claim(folder, true);
});

afterEach(async () => {
  listener.before = undefined;
  await world.close();
});

function at(path: string): string {
  return join(world.root, path);
}

function text(path: string): string {
  return fs.readFileSync(at(path), 'utf8');
}

async function stamp(path: string): Promise<FileStamp> {
  const [row] = await files.look([path]);
  return row as FileStamp;
}

function place(path: string, bytes: string, expected?: FileStamp): FileOperation {
  return { type: 'place-file', path, bytes: utf8(bytes), size: bytes.length, mtimeUs, executable: false, expected };
}

/** A path as the system was given it, perhaps through the handle of a directory. */
function inRoot(path: string): string {
  const real = join(fs.realpathSync(dirname(path)), basename(path));
  return real === world.root ? '' : real.slice(world.root.length + 1);
}

/** Applies operations; each call is remembered, after `meanwhile` was told of it. */
async function applyTold(
  operations: readonly FileOperation[],
  meanwhile: (call: Call) => void = () => undefined,
): Promise<{ readonly calls: readonly Call[]; readonly results: readonly FileResult[] }> {
  const calls: Call[] = [];
  listener.before = (name, args) => {
    const [first, second] = args as [string | number, unknown];
    const path = typeof first === 'number' ? inRoot(fs.readlinkSync(`/proc/self/fd/${first}`)) : inRoot(first);
    const call = { name, path, to: typeof second === 'string' && /link|rename|copy/i.test(name) ? second : undefined };
    const whole = { ...call, to: call.to === undefined || name === 'symlinkSync' ? undefined : inRoot(call.to) };
    const told = name === 'symlinkSync' ? { ...whole, path: inRoot(second as string) } : whole;
    const { before } = listener;
    listener.before = undefined;
    try {
      meanwhile(told);
    } finally {
      listener.before = before;
    }
    calls.push(told);
  };
  try {
    return { results: await files.apply(operations, 'group'), calls };
  } finally {
    listener.before = undefined;
  }
}

const archived = '.cloudless/archive/group';
const temps = '.cloudless/tmp';
const isSync = ({ name }: Call): boolean => name === 'fsync' || name === 'fsyncSync';
const isPrivate = (path: string): boolean => path.startsWith('.cloudless/');
const above = (path: string): string => (path.includes('/') ? dirname(path) : '');

/** Where a path was made durable, after a call and before another one. */
function syncedBetween(calls: readonly Call[], path: string, from: number, to = calls.length): boolean {
  return calls.some((call, i) => i > from && i < to && isSync(call) && call.path === path);
}

/** Places at which calls of some names changed a path. */
function changesOf(calls: readonly Call[], names: readonly string[], test: (call: Call) => boolean): readonly number[] {
  return calls.flatMap((call, i) => (names.includes(call.name) && test(call) ? [i] : []));
}

/** One of every kind, on what stands in `a` to `i`. */
async function everything(): Promise<readonly FileOperation[]> {
  for (const name of ['a', 'c', 'd', 'e', 'f', 'i']) fs.writeFileSync(at(name), `old ${name}`);
  fs.mkdirSync(at('dir'));
  fs.mkdirSync(at('empty'));
  fs.writeFileSync(at('dir/c'), 'old dir/c');
  return [
    { type: 'make-directory', path: 'made' },
    place('made/new', 'new'),
    place('a', 'new a', await stamp('a')),
    { type: 'remove', path: 'dir/c', expected: await stamp('dir/c') },
    { type: 'place-symlink', path: 'd', target: 'a', expected: await stamp('d') },
    { type: 'rename', from: 'e', path: 'dir/e', expectedFrom: await stamp('e'), expected: undefined },
    { type: 'rename', from: 'f', path: 'c', expectedFrom: await stamp('f'), expected: await stamp('c') },
    { type: 'set-metadata', path: 'i', mtimeUs, executable: true, expected: await stamp('i') },
    { type: 'remove-directory', path: 'empty' },
  ];
}

describe('a group of changes', () => {
  it('has the bytes of each new file durable before its name', async () => {
    const { calls, results } = await applyTold(await everything());
    expect(results.map(({ outcome }) => outcome)).toEqual(Array(9).fill('done'));
    const named = changesOf(calls, ['renameSync', 'linkSync'], ({ path, to }) => {
      return path.startsWith(temps) && to !== undefined && !isPrivate(to) && !fs.lstatSync(at(to)).isSymbolicLink();
    });
    expect(named.map((i) => calls[i]?.to)).toEqual(['made/new', 'a']);
    for (const i of named) {
      const temp = calls[i]?.path as string;
      const [written = -1] = changesOf(calls, ['writeSync', 'futimesSync', 'fchmodSync'], (c) => c.path === temp).slice(
        -1,
      );
      expect(written).toBeGreaterThanOrEqual(0);
      expect(syncedBetween(calls, temp, written, i), `${temp} before ${calls[i]?.to}`).toBe(true);
    }
  });

  it('[FIL-43] has what it replaces or removes durable in the archive before it does', async () => {
    const { calls } = await applyTold(await everything());
    const gone = ['a', 'c', 'd', 'dir/c'];
    for (const path of gone) {
      const [linked = -1] = changesOf(calls, ['linkSync'], ({ to }) => to === `${archived}/${path}`);
      const changes = changesOf(calls, ['renameSync', 'unlinkSync', 'linkSync'], (c) => (c.to ?? c.path) === path);
      expect(linked, path).toBeGreaterThanOrEqual(0);
      expect(changes, `${path} is never absent`).toHaveLength(1);
      const [changed] = changes as readonly [number];
      for (let directory = above(`${archived}/${path}`); directory.startsWith(archived); directory = above(directory))
        expect(syncedBetween(calls, directory, linked, changed), `${directory} before ${path}`).toBe(true);
      expect(syncedBetween(calls, '.cloudless/archive', linked, changed), path).toBe(true);
    }
    expect(filesBelow(at(archived)).map((path) => text(`${archived}/${path}`))).toEqual(
      gone.map((path) => `old ${path}`),
    );
  });

  it('has every name, time and mode durable at its end', async () => {
    const { calls } = await applyTold(await everything());
    const made = ['renameSync', 'linkSync', 'unlinkSync', 'mkdirSync', 'rmdirSync'];
    const touched = new Set<string>();
    for (const i of changesOf(calls, made, ({ path, to }) => !isPrivate(to ?? path) || !isPrivate(path))) {
      const { path, to } = calls[i] as Call;
      for (const each of [path, to]) {
        if (each === undefined || isPrivate(each) || (to !== undefined && isPrivate(to))) continue;
        touched.add(above(each));
        expect(syncedBetween(calls, above(each), i), `the directory of ${each}`).toBe(true);
      }
    }
    expect([...touched].sort()).toEqual(['', 'dir', 'made']);
    const [timed = -1] = changesOf(calls, ['futimesSync'], ({ path }) => path === 'i');
    expect(syncedBetween(calls, 'i', timed)).toBe(true);
  });

  it('has a copy durable in the archive where the disk has no links', async () => {
    fs.writeFileSync(at('a'), 'old');
    const { calls, results } = await applyTold([place('a', 'new', await stamp('a'))], ({ name }) => {
      if (name === 'linkSync') throw Object.assign(new Error('no links here'), { code: 'EPERM' });
    });
    expect(results[0]?.outcome).toBe('done');
    const [copied = -1] = changesOf(calls, ['copyFileSync'], ({ to }) => to === `${archived}/a`);
    const [replaced = -1] = changesOf(calls, ['renameSync'], ({ to }) => to === 'a');
    expect(copied).toBeGreaterThanOrEqual(0);
    expect(syncedBetween(calls, `${archived}/a`, copied, replaced)).toBe(true);
    expect(syncedBetween(calls, archived, copied, replaced)).toBe(true);
    expect([text('a'), text(`${archived}/a`)]).toEqual(['new', 'old']);
  });
});

describe('what somebody does between two calls', () => {
  /** Once, before the first call for which this is true. */
  function once(when: (call: Call) => boolean, act: () => void): (call: Call) => void {
    let done = false;
    return (call) => {
      if (done || !when(call)) return;
      done = true;
      act();
    };
  }

  const toArchive = ({ name, to }: Call): boolean => name === 'linkSync' && to === `${archived}/a`;
  const archiveSync = (call: Call): boolean => isSync(call) && call.path === archived;
  const edits: readonly [string, () => void][] = [
    ['edits it', () => fs.appendFileSync(at('a'), ' mine')],
    ['puts another in its place', () => fs.renameSync(at('mine'), at('a'))],
    ['removes it', () => fs.unlinkSync(at('a'))],
  ];
  const moments: readonly [string, (call: Call) => boolean][] = [
    ['before it is archived', toArchive],
    ['after that', archiveSync],
  ];
  const cases = moments.flatMap(([when, moment]) => edits.map(([what, edit]) => ({ when, moment, what, edit })));

  it.each(cases)('[FIL-38] who $what $when keeps what they did', async ({ moment, edit }) => {
    for (const name of ['a', 'b', 'from']) fs.writeFileSync(at(name), `old ${name}`);
    const expected = await stamp('a');
    const operations: readonly FileOperation[] = [
      place('a', 'new', expected),
      { type: 'remove', path: 'a', expected },
      { type: 'place-symlink', path: 'a', target: 'b', expected },
      { type: 'rename', from: 'from', path: 'a', expectedFrom: await stamp('from'), expected },
    ];
    for (const operation of operations) {
      fs.rmSync(at('a'), { force: true });
      fs.writeFileSync(at('a'), 'old a');
      fs.writeFileSync(at('mine'), 'mine');
      const now = await stamp('a');
      let left: string | undefined;
      const { results } = await applyTold(
        [{ ...operation, expected: now } as FileOperation],
        once(moment, () => {
          edit();
          left = fs.existsSync(at('a')) ? text('a') : undefined;
        }),
      );
      expect(results[0]?.outcome, operation.type).toBe('changed');
      expect(fs.existsSync(at('a')) ? text('a') : undefined, operation.type).toBe(left);
      expect(filesBelow(at(archived)), operation.type).toEqual([]);
      expect(text('from')).toBe('old from');
    }
  });

  it('[FIL-43] what was there for a moment only is not archived instead of what is replaced', async () => {
    fs.writeFileSync(at('a'), 'old');
    const { results } = await applyTold([place('a', 'new', await stamp('a'))], (call) => {
      if (toArchive(call)) {
        fs.renameSync(at('a'), at('aside'));
        fs.writeFileSync(at('a'), 'brief');
      } else if (archiveSync(call)) fs.renameSync(at('aside'), at('a'));
    });
    expect([results[0]?.outcome, text('a'), filesBelow(at(archived))]).toEqual(['changed', 'old', []]);
  });

  it('[FIL-38] an edit that keeps size and time is seen', async () => {
    fs.writeFileSync(at('a'), 'old');
    const expected = await stamp('a');
    fs.writeFileSync(at('a'), 'new');
    const seconds = (expected.mtimeUs + 0.5) / 1e6;
    fs.utimesSync(at('a'), seconds, seconds);
    const operations: readonly FileOperation[] = [
      place('a', 'other', expected),
      { type: 'remove', path: 'a', expected },
      { type: 'set-metadata', path: 'a', mtimeUs, executable: true, expected },
    ];
    for (const operation of operations) {
      const { results } = await applyTold([operation]);
      expect(results[0]?.outcome, operation.type).toBe('changed');
    }
    expect([text('a'), filesBelow(at('.cloudless/archive'))]).toEqual(['new', []]);
  });

  it('a file that is written while it is read has changed', async () => {
    fs.writeFileSync(at('a'), 'x'.repeat(5_000));
    fs.utimesSync(at('a'), 1, 1);
    const expected = await stamp('a');
    const keys = { gear: seededBytes(32, 1), convergence: seededBytes(32, 2) };
    let reads = 0;
    listener.before = (name) => {
      if (name !== 'readSync' || ++reads !== 2) return;
      const handle = fs.openSync(at('a'), 'r+');
      fs.writeSync(handle, 'y', 0);
      fs.closeSync(handle);
    };
    expect((await files.hash('a', expected, keys)).outcome).toBe('changed');
    expect(reads).toBe(2);
  });

  it.each([undefined, 'EPERM'])('nothing is made over what appeared at the last moment (links: %s)', async (code) => {
    fs.writeFileSync(at('from'), 'moved');
    const expectedFrom = await stamp('from');
    const operations: readonly FileOperation[] = [
      place('a', 'new'),
      { type: 'place-symlink', path: 'a', target: 'b', expected: undefined },
      { type: 'rename', from: 'from', path: 'a', expectedFrom, expected: undefined },
    ];
    for (const operation of operations) {
      fs.rmSync(at('a'), { force: true });
      const { results } = await applyTold([operation], ({ name, to }) => {
        if (name !== 'linkSync' || to !== 'a') return;
        fs.writeFileSync(at('a'), 'mine');
        if (code !== undefined) throw Object.assign(new Error('no links here'), { code });
      });
      expect(results[0]?.outcome, operation.type).toBe('changed');
      expect([text('a'), text('from')], operation.type).toEqual(['mine', 'moved']);
    }
  });

  it.each(['ENOSPC', 'EDQUOT'])('[FIL-43] a disk that is full for the archive (%s) replaces nothing', async (code) => {
    fs.writeFileSync(at('a'), 'old');
    const { results } = await applyTold([place('a', 'new', await stamp('a'))], ({ name, to }) => {
      if (/^(link|copyFile)Sync$/.test(name) && to?.startsWith(archived) === true)
        throw Object.assign(new Error('full'), { code });
    });
    expect(results[0]).toMatchObject({ outcome: 'failed', code: 'disk-full' });
    expect([text('a'), filesBelow(at(archived))]).toEqual(['old', []]);
  });

  it.each([temps, archived, ''])('what can not be made durable in "%s" is no success', async (directory) => {
    fs.writeFileSync(at('a'), 'old');
    const applied = applyTold([place('a', 'new', await stamp('a'))], (call) => {
      const isThere = directory === temps ? call.path.startsWith(temps) : call.path === directory;
      if (isSync(call) && isThere) throw Object.assign(new Error('broken'), { code: 'EIO' });
    });
    await expect(applied).rejects.toThrow();
    if (directory !== '') expect(text('a')).toBe('old');
  });
});

describe('the token', () => {
  it('[FIL-52] that goes while the disk is looked at says that nothing is known', async () => {
    for (const name of ['a', 'b']) fs.writeFileSync(at(name), name);
    const state = await files.scan('all', () => fs.rmSync(at('.cloudless/root'), { force: true }));
    expect(state.state).toBe('missing');
  });

  it('[FIL-52] that is another one says so before anything is looked at', async () => {
    fs.writeFileSync(at('a'), 'theirs');
    fs.writeFileSync(at('.cloudless/root'), `cloudless 1 ${'5b'.repeat(32)} ${'0'.repeat(32)}\n`);
    const slices: unknown[] = [];
    const state = await files.scan('all', (slice) => slices.push(slice));
    expect([state.state, slices]).toEqual(['foreign', []]);
  });

  it('[FIL-53] of another folder that comes at the last moment stays', async () => {
    fs.rmSync(at('.cloudless'), { recursive: true });
    const theirs = `cloudless 1 ${'5b'.repeat(32)} ${'0'.repeat(32)}\n`;
    listener.before = (name, args) => {
      if (/^(link|rename)Sync$/.test(name) && args[1] === at('.cloudless/root'))
        fs.writeFileSync(at('.cloudless/root'), theirs);
    };
    const state = await files.claim(folder, true);
    expect([state.state, text('.cloudless/root')]).toEqual(['foreign', theirs]);
  });

  it('a look that the disk breaks off says so', async () => {
    fs.writeFileSync(at('a'), 'a');
    listener.before = (name, args) => {
      if (name === 'openSync' && args[0] === world.root) throw Object.assign(new Error('broken'), { code: 'EIO' });
    };
    const state = await files.scan('all', () => undefined);
    expect(state.state).toBe('unreadable');
  });
});
