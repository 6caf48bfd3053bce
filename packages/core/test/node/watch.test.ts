import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DirectoryWatch, machine, type WatchSystem } from '../../src/node/watch/system.js';
import { Watcher, watchCount } from './watch-kit.js';
import { newPlace, type Place } from './world.js';

const hasInotify = process.platform === 'linux';
const queueMax = machine.limit('max_queued_events') ?? 0;

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

  it('of four times as many files is four times the work: events, hints, rows looked at', async () => {
    const [small, large] = [await portions(2_000), await portions(8_000)];
    for (const count of ['events', 'hinted', 'rows'] as const) expect(large[count]).toBeLessThan(6 * small[count]);
    expect(large.rows).toBeLessThan(5 * 8_000);
  });

  it.runIf(hasInotify)(
    '[FIL-113] that may be longer than the queue of the system is looked for everywhere',
    async () => {
      make('d');
      watcher = new Watcher(root, { system: { ...machine, limit: () => 100 } });
      for (let f = 0; f < 60; f++) write(`d/${f}`);
      await watcher.until((known) => known.size === 61);
      const all = watcher.hints.filter(({ paths }) => paths === undefined);
      expect(all.length).toBeGreaterThan(0);
    },
  );

  it.runIf(queueMax > 0 && queueMax <= 65_536)(
    '[FIL-113] that fills the queue of the system loses nothing',
    async () => {
      for (const path of ['d', 'e/f']) make(path);
      watcher = new Watcher(root);
      for (let i = 0; i < queueMax + 100; i++) appendFileSync(join(root, 'd', `${i % 64}`), 'x');
      write('e/f/lost');
      make('e/f/lost too/below');
      await watcher.until((known) => known.has('e/f/lost') && known.has('e/f/lost too/below'));
      write('e/f/lost too/below/late');
      await watcher.until((known) => known.has('e/f/lost too/below/late'));
    },
  );

  it('of names that are numbers, as those of handles are, is hinted at by their names', async () => {
    make('d');
    watcher = new Watcher(root);
    for (let f = 0; f < 100; f++) write(`d/${f}`);
    await watcher.until((known) => known.size === 101);
    expect(watcher.hints.flatMap(({ paths }) => paths ?? [''])).not.toContain('d');
  });

  /** Files come in portions, while earlier ones are hinted at and looked at. */
  async function portions(files: number): Promise<Record<'events' | 'hinted' | 'rows', number>> {
    const top = `burst of ${files}`;
    make(top);
    let events = 0;
    const watch: WatchSystem['watch'] = (path, seen) =>
      machine.watch(path, (event, name) => {
        events += 1;
        seen(event, name);
      });
    watcher = new Watcher(join(root, top), { system: { ...machine, watch } });
    for (let at = 0; at < files; at += 100) {
      make(`${top}/${at}`);
      for (let f = 0; f < 100; f++) write(`${top}/${at}/${f}`);
      await setImmediate();
    }
    await watcher.until((known) => known.size === files + files / 100);
    watcher.close();
    const hinted = watcher.hints.flatMap(({ paths }) => paths ?? ['']).length;
    return { events, hinted, rows: watcher.rows };
  }
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

  it('[FIL-113] are watched after another one has taken their name at once', async () => {
    make('a/old');
    mkdirSync(join(place.path, 'other/new'), { recursive: true });
    watcher = new Watcher(root);
    renameSync(join(root, 'a'), join(place.path, 'gone'));
    renameSync(join(place.path, 'other'), join(root, 'a'));
    await watcher.until((known) => known.has('a/new') && !known.has('a/old'));
    write('a/new/late');
    await watcher.until((known) => known.has('a/new/late'));
    const { length } = watcher.hints;
    writeFileSync(join(place.path, 'gone/old/later'), 'x');
    write('end');
    await watcher.until((known) => known.has('end'));
    expect(watcher.hints.slice(length).flatMap(({ paths }) => paths)).toEqual(['end']);
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
  it('[FIL-112] the others are named, with what to do; and watched once there is room again', async () => {
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

describe('where the system watches whole trees', () => {
  it('one watch is enough, and its paths are hinted at', async () => {
    for (const path of ['a/b', 'c']) make(path);
    const seens: ((event: string, name: string | null) => void)[] = [];
    const watch: WatchSystem['watch'] = (_path, seen) => {
      seens.push(seen);
      return { on: () => undefined, close: () => undefined };
    };
    watcher = new Watcher(root, { system: { ...machine, seesTrees: true, watch } });
    // The first look finds out which directory the root is.
    expect(seens).toHaveLength(2);
    write('a/b/file');
    seens[1]?.('rename', join('a', 'b', 'file'));
    seens[1]?.('rename', join('.cloudless', 'temps', 'file'));
    await watcher.until((known) => known.has('a/b/file'));
    expect(watcher.hints.flatMap(({ paths }) => paths ?? [''])).toEqual(['a/b/file']);
    write('c/unsaid');
    seens[1]?.('change', null);
    await watcher.until((known) => known.has('c/unsaid'));
  });
});
