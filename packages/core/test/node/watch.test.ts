import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DirectoryWatch, machine, type WatchSystem } from '../../src/node/watch/system.js';
import { Watcher, watchCount } from './watch-kit.js';
import { newPlace, type Place } from './world.js';

const hasInotify = process.platform === 'linux';

let place: Place;
let root: string;
let watcher: Watcher | undefined;

beforeEach(() => {
  place = newPlace();
  root = join(place.path, 'root');
  mkdirSync(root);
});

afterEach(() => {
  watcher?.close();
  watcher = undefined;
  place.remove();
});

function make(path: string): void {
  mkdirSync(join(root, path), { recursive: true });
}

function write(path: string): void {
  writeFileSync(join(root, path), 'x');
}

/** The machine's, with a limit; `refuse` says with which error. */
function limited(system: Partial<WatchSystem> & { max: number; code: string }): WatchSystem & { max: number } {
  let open = 0;
  const fake = {
    ...machine,
    limit: (name: string) => (name === 'max_queued_events' ? machine.limit(name) : 20),
    ...system,
    watch: (path: string, seen: (event: string, name: string | null) => void): DirectoryWatch => {
      if (open >= fake.max) throw Object.assign(new Error('no more'), { code: fake.code });
      open += 1;
      const watch = machine.watch(path, seen);
      return {
        on: (event, listener) => watch.on(event, listener),
        close: () => {
          open -= 1;
          watch.close();
        },
      };
    },
  };
  return fake;
}

describe('a burst', () => {
  it('of 20,000 files in new directories is found to its end, and each is looked at a few times', async () => {
    watcher = new Watcher(root);
    for (let d = 0; d < 200; d++) {
      make(`d${d}`);
      for (let f = 0; f < 100; f++) write(`d${d}/${f}`);
    }
    await watcher.until((known) => known.size === 20_200);
    expect(watcher.rows).toBeLessThan(5 * 20_200);
  });

  it('in one directory is found to its last file', async () => {
    make('d');
    watcher = new Watcher(root);
    for (let f = 0; f < 5_000; f++) write(`d/${f}`);
    await watcher.until((known) => known.size === 5_001);
    expect(watcher.hints.length).toBeLessThan(100);
  });

  it.runIf(hasInotify)('that is longer than the queue of the system is found all the same', async () => {
    make('d');
    watcher = new Watcher(root, { system: { ...machine, limit: () => 100 } });
    for (let f = 0; f < 60; f++) write(`d/${f}`);
    await watcher.until((known) => known.size === 61);
    const all = watcher.hints.filter(({ paths }) => paths === undefined);
    expect(all.length).toBeGreaterThan(0);
  });
});

describe('directories that come and go', () => {
  it('are watched below, however deep and fast they come', async () => {
    watcher = new Watcher(root);
    const deep = Array.from({ length: 60 }, (_, i) => `n${i}`).join('/');
    make(deep);
    await watcher.until((known) => known.has(deep));
    write(`${deep}/late`);
    await watcher.until((known) => known.has(`${deep}/late`));
  });

  it('are found below when they are moved in, and not watched when they are moved out', async () => {
    mkdirSync(join(place.path, 'tree/a/b'), { recursive: true });
    watcher = new Watcher(root);
    const before = watchCount();
    renameSync(join(place.path, 'tree'), join(root, 'tree'));
    await watcher.until((known) => known.has('tree/a/b'));
    write('tree/a/b/late');
    await watcher.until((known) => known.has('tree/a/b/late'));
    if (hasInotify) expect(watchCount()).toBe(before + 3);
    renameSync(join(root, 'tree'), join(place.path, 'tree'));
    await watcher.until((known) => !known.has('tree'));
    if (hasInotify) expect(watchCount()).toBe(before);
    const { length } = watcher.hints;
    writeFileSync(join(place.path, 'tree/a/later'), 'x');
    write('end');
    await watcher.until((known) => known.has('end'));
    expect(watcher.hints.slice(length).flatMap(({ paths }) => paths)).toEqual(['end']);
  });

  it('are watched by their new names after a rename, and by the old one again when another one takes it', async () => {
    make('a/below');
    watcher = new Watcher(root);
    renameSync(join(root, 'a'), join(root, 'b'));
    await watcher.until((known) => known.has('b/below') && !known.has('a'));
    write('b/below/one');
    await watcher.until((known) => known.has('b/below/one'));
    make('a/below');
    await watcher.until((known) => known.has('a/below'));
    write('a/below/two');
    await watcher.until((known) => known.has('a/below/two'));
    expect([...watcher.known].sort()).toEqual(['a', 'a/below', 'a/below/two', 'b', 'b/below', 'b/below/one']);
  });

  it('are watched again when they are removed and made anew, over and over', async () => {
    watcher = new Watcher(root);
    for (let round = 0; round < 20; round++) {
      make('d/e');
      await watcher.until((known) => known.has('d/e'));
      write(`d/e/${round}`);
      await watcher.until((known) => known.has(`d/e/${round}`));
      rmSync(join(root, 'd'), { recursive: true });
      if (round % 2 === 0) await watcher.until((known) => !known.has('d'));
    }
  });

  it('are all looked at anew when the root itself is replaced', async () => {
    make('a/b');
    watcher = new Watcher(root);
    renameSync(root, join(place.path, 'old'));
    mkdirSync(join(root, 'a/b'), { recursive: true });
    await watcher.until(() => watcher?.hints.some(({ paths }) => paths === undefined) === true);
    watcher.look('all');
    write('a/b/new');
    await watcher.until((known) => known.has('a/b/new'));
  });

  it.runIf(hasInotify)('are not watched behind links, nor where the rules leave them out', async () => {
    mkdirSync(join(place.path, 'outside/below'), { recursive: true });
    make('node_modules/a/b');
    make('.cloudless/archive');
    make('kept');
    symlinkSync(join(place.path, 'outside'), join(root, 'link'));
    const before = watchCount();
    watcher = new Watcher(root, { skip: ['node_modules'] });
    expect(watchCount()).toBe(before + 2);
    expect([...watcher.known].sort()).toEqual(['kept', 'link', 'node_modules']);
  });
});

describe('where the system watches no more directories', () => {
  it('the others are named, with what to do; and watched once there is room again', async () => {
    for (const path of ['a', 'b', 'c/d']) make(path);
    const system = limited({ max: 3, code: 'ENOSPC' });
    watcher = new Watcher(root, { system });
    expect(watcher.blind).toEqual({
      paths: ['c'],
      reason:
        "2 directories are looked at now and then, for the system's limit of watched directories (20) is reached; " +
        'to raise it: sudo sysctl fs.inotify.max_user_watches=524288',
    });
    write('b/seen');
    await watcher.until((known) => known.has('b/seen'));
    system.max = 10;
    watcher.look(['c']);
    expect(watcher.blind).toEqual({ paths: [], reason: '' });
    write('c/d/seen');
    await watcher.until((known) => known.has('c/d/seen'));
  });

  it('and what is looked at finds no room, that is said once', () => {
    for (const path of ['a', 'b']) make(path);
    watcher = new Watcher(root, { system: limited({ max: 2, code: 'ENOSPC' }) });
    for (let i = 0; i < 3; i++) watcher.look(['b']);
    expect(watcher.hints.filter(({ blind }) => blind !== undefined && blind.reason !== '')).toHaveLength(1);
    rmSync(join(root, 'b'), { recursive: true });
    watcher.look(['b']);
    expect(watcher.blind?.reason).toBe('');
  });

  it('nothing is where there is no watcher at all, and the limit of those is named', () => {
    make('a');
    watcher = new Watcher(root, { system: limited({ max: 0, code: 'EMFILE' }) });
    expect(watcher.blind?.paths).toBe('all');
    expect(watcher.blind?.reason).toContain('sudo sysctl fs.inotify.max_user_instances=512');
  });

  it('is all of a file system that others change unseen', () => {
    watcher = new Watcher(root, { system: { ...machine, isRemote: () => true } });
    expect(watcher.blind).toMatchObject({ paths: 'all', reason: expect.stringContaining('file system') });
  });
});
