import { concat, utf8 } from '../bytes.js';
import type { Files } from '../ports/index.js';
import { claimed, type FilesCase, placeBytes, rowAt, rowsOf } from './files-world.js';
import { expectEqual, expectThat } from './suite.js';

const line = utf8('a line\n');

/** Logs shown as files. */
export const viewCases: readonly FilesCase[] = [
  {
    name: 'a view is made with its directories and grows where it is told to',
    run: async (world) => {
      const files = await claimed(world);
      await files.writeView('log/device.log', 0, line);
      await files.writeView('log/device.log', line.length, line);
      expectEqual(world.person.read('log/device.log'), concat(line, line), 'after two lines');
      await files.writeView('log/device.log', 0, line);
      expectEqual(world.person.read('log/device.log'), concat(line, line), 'the first written again');
      expectEqual((await rowAt(files, 'log/device.log')).size, 2 * line.length, 'size');
    },
  },
  {
    name: 'a view is not written over a directory',
    run: async (world) => {
      const files = await claimed(world);
      world.person.makeDirectory('d');
      let refused = false;
      await files.writeView('d', 0, line).catch(() => {
        refused = true;
      });
      expectThat(refused, 'it is refused');
    },
  },
];

/**
 * Looks at what is hinted at, as whoever watches does; `seen` resolves once that was `path`, something above it, or
 * anything.
 */
interface Hints {
  readonly seen: (path: string) => Promise<void>;
  readonly stop: () => Promise<void>;
}

async function hintsOf(files: Files): Promise<Hints> {
  const waiting = new Map<string, () => void>();
  let looks = Promise.resolve();
  const looked = (paths: readonly string[] | undefined): void => {
    for (const [path, resolve] of waiting) {
      const covers = (each: string): boolean => each === path || path.startsWith(`${each}/`);
      if (paths !== undefined && !paths.some(covers)) continue;
      waiting.delete(path);
      resolve();
    }
  };
  const stop = await files.watch(({ paths }) => {
    looks = looks.then(async () => {
      await rowsOf(files, paths ?? 'all');
      looked(paths);
    });
  });
  return { seen: (path) => new Promise((resolve) => waiting.set(path, resolve)), stop };
}

/** Hints of what happens. A case that gets none ends by the runner's time limit. */
export const watchCases: readonly FilesCase[] = [
  {
    name: 'whatever a person does is hinted at',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.write('old', line);
      person.makeDirectory('e');
      const hints = await hintsOf(files);
      const acts: readonly (readonly [string, () => void])[] = [
        ['new', () => person.write('new', line)],
        ['old', () => person.append('old', line)],
        ['moved', () => person.rename('new', 'moved')],
        ['d', () => person.makeDirectory('d')],
        ['d/a', () => person.write('d/a', line)],
        ['d/a', () => person.remove('d/a')],
        ['e', () => person.remove('e')],
        ['old', () => person.remove('old')],
      ];
      for (const [path, act] of acts) {
        const seen = hints.seen(path);
        act();
        await seen;
      }
      await hints.stop();
    },
  },
  {
    name: 'what comes in a new directory is hinted at, however fast it comes',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      const hints = await hintsOf(files);
      const seen = hints.seen('x/y/z');
      person.makeDirectory('x');
      person.makeDirectory('x/y');
      person.write('x/y/z', line);
      await seen;
      const later = hints.seen('x/y/w');
      person.write('x/y/w', line);
      await later;
      await hints.stop();
      expectEqual((await rowsOf(files)).length, 4, 'rows');
    },
  },
  {
    name: 'no hint comes after the watch was stopped, and none of the private directory',
    run: async (world) => {
      const files = await claimed(world);
      const hinted: (string | undefined)[] = [];
      const stop = await files.watch(({ paths }) => hinted.push(...(paths ?? [undefined])));
      await files.storeChunk(
        { id: '00'.repeat(32) as Parameters<Files['loadChunk']>[0]['id'], key: new Uint8Array(32), length: 1 },
        { gear: new Uint8Array(32), convergence: new Uint8Array(32) },
        new Uint8Array(1),
        [],
      );
      await stop();
      const before = hinted.length;
      await files.apply([placeBytes('a', line)]);
      world.person.write('b', line);
      await rowsOf(files);
      expectEqual(hinted.length, before, 'hints');
      expectThat(!hinted.some((path) => path?.startsWith('.cloudless') === true), 'nothing private');
    },
  },
];
