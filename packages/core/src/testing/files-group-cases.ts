import { utf8 } from '../bytes.js';
import { applied, claimed, expectChanged, type FilesCase, placeBytes, rowAt, rowsOf, stampAt } from './files-world.js';
import { expectEqual, expectThat } from './suite.js';

const mine = utf8('what a person wrote');
const theirs = utf8('what came from a peer');
const later = utf8('what a person wrote a moment later');

/** What goes, and what goes elsewhere. */
export const removeCases: readonly FilesCase[] = [
  {
    name: 'a removed file lies in the archive',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', mine);
      const { row, archived } = await applied(files, {
        type: 'remove',
        path: 'a',
        expected: await stampAt(files, 'a'),
      });
      expectEqual(row, undefined, 'row');
      expectThat(archived !== undefined, 'it says what it archived');
      expectEqual(world.person.archive(), [{ name: archived.name, bytes: mine }], 'archive');
      expectEqual(world.person.list(''), [], 'the root');
    },
  },
  {
    name: 'a removed link takes nothing with it',
    needs: 'symlinks',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('b', mine);
      world.person.symlink('a', 'b');
      await applied(files, { type: 'remove', path: 'a', expected: await stampAt(files, 'a') });
      expectEqual(world.person.list(''), ['b'], 'the root');
      expectEqual(world.person.read('b'), mine, 'what it led to');
    },
  },
  {
    name: 'a directory goes only when it is empty',
    run: async (world) => {
      const files = await claimed(world);
      world.person.makeDirectory('d');
      world.person.write('d/a', mine);
      await expectChanged(files, { type: 'remove-directory', path: 'd' });
      expectEqual(world.person.read('d/a'), mine, 'what is in it');
      world.person.remove('d/a');
      expectEqual((await applied(files, { type: 'remove-directory', path: 'd' })).row, undefined, 'row');
      expectEqual(world.person.list(''), [], 'the root');
    },
  },
  {
    name: 'a file keeps its inode under its new name',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', mine);
      world.person.makeDirectory('d');
      const expectedFrom = await stampAt(files, 'a');
      const { row } = await applied(files, {
        type: 'rename',
        from: 'a',
        path: 'd/b',
        expectedFrom,
        expected: undefined,
      });
      expectEqual(row, await rowAt(files, 'd/b'), 'row');
      expectEqual(row?.inode, expectedFrom.inode, 'inode');
      expectEqual(world.person.list(''), ['d'], 'the root');
      expectEqual(world.person.read('d/b'), mine, 'bytes');
    },
  },
  {
    name: 'a directory is renamed with all that is in it',
    run: async (world) => {
      const files = await claimed(world);
      world.person.makeDirectory('d');
      world.person.makeDirectory('d/e');
      world.person.write('d/e/a', mine);
      const expectedFrom = await stampAt(files, 'd');
      await applied(files, { type: 'rename', from: 'd', path: 'f', expectedFrom, expected: undefined });
      expectEqual(world.person.read('f/e/a'), mine, 'bytes');
      expectEqual(world.person.list(''), ['f'], 'the root');
    },
  },
  {
    name: 'what is not there as seen is not renamed, and nothing is renamed over what has appeared',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.write('a', mine);
      const expectedFrom = await stampAt(files, 'a');
      const rename = { type: 'rename', from: 'a', path: 'b', expectedFrom, expected: undefined } as const;
      person.write('b', later);
      await expectChanged(files, rename);
      expectEqual([person.read('a'), person.read('b')], [mine, later], 'both files');
      person.remove('b');
      person.append('a', later);
      await expectChanged(files, rename);
      person.remove('a');
      await expectChanged(files, rename);
      expectEqual(person.list(''), [], 'the root');
    },
  },
  {
    name: 'a rename over a file puts that one into the archive',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', mine);
      world.person.write('b', later);
      const [expectedFrom, expected] = [await stampAt(files, 'a'), await stampAt(files, 'b')];
      const { archived } = await applied(files, { type: 'rename', from: 'a', path: 'b', expectedFrom, expected });
      expectThat(archived !== undefined, 'it says what it archived');
      expectEqual(world.person.archive(), [{ name: archived.name, bytes: later }], 'archive');
      expectEqual([world.person.list(''), world.person.read('b')], [['b'], mine], 'the root');
    },
  },
];

/** Several changes in one group. */
export const groupCases: readonly FilesCase[] = [
  {
    name: 'a group is done in order, and one that can not be done stops no other',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.write('a', mine);
      person.write('taken', mine);
      const results = await files.apply([
        { type: 'make-directory', path: 'd' },
        placeBytes('d/x', theirs),
        placeBytes('taken', theirs),
        placeBytes('no/where', theirs),
        { type: 'remove', path: 'a', expected: await stampAt(files, 'a') },
        placeBytes('z', theirs),
      ]);
      const outcomes = results.map(({ outcome }) => outcome);
      expectEqual(outcomes, ['done', 'done', 'changed', 'changed', 'done', 'done'], 'outcomes');
      expectEqual(person.list(''), ['d', 'taken', 'z'], 'the root');
      expectEqual(person.list('d'), ['x'], 'the directory');
      expectEqual(person.read('taken'), mine, 'what was taken');
    },
  },
  {
    name: 'a file gives way to a directory, and a directory to a file, in one group',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.write('a', mine);
      person.makeDirectory('d');
      person.write('d/x', mine);
      const results = await files.apply([
        { type: 'remove', path: 'a', expected: await stampAt(files, 'a') },
        { type: 'make-directory', path: 'a' },
        placeBytes('a/y', theirs),
        { type: 'remove', path: 'd/x', expected: await stampAt(files, 'd/x') },
        { type: 'remove-directory', path: 'd' },
        placeBytes('d', theirs),
      ]);
      expectThat(
        results.every(({ outcome }) => outcome === 'done'),
        `all is done: ${JSON.stringify(results)}`,
      );
      expectEqual([person.read('a/y'), person.read('d')], [theirs, theirs], 'what is there');
      expectEqual(person.archive().length, 2, 'versions in the archive');
    },
  },
  {
    name: 'a name that a rename left is free for what comes next in the group',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.write('a', mine);
      const expectedFrom = await stampAt(files, 'a');
      const results = await files.apply([
        { type: 'rename', from: 'a', path: 'b', expectedFrom, expected: undefined },
        placeBytes('a', theirs),
      ]);
      expectEqual(
        results.map(({ outcome }) => outcome),
        ['done', 'done'],
        'outcomes',
      );
      expectEqual([person.read('a'), person.read('b')], [theirs, mine], 'what is there');
      for (const [index, path] of ['b', 'a'].entries()) {
        const result = results[index];
        expectThat(result?.outcome === 'done', `${path} is done`);
        expectEqual(result.row, await rowAt(files, path), `row of ${path}`);
      }
    },
  },
  {
    name: 'a group of 256 new files and one of 256 replaced ones',
    run: async (world) => {
      const files = await claimed(world);
      const paths = Array.from({ length: 256 }, (_, index) => `f${index}`);
      const made = await files.apply(paths.map((path) => placeBytes(path, mine)));
      expectThat(
        made.every(({ outcome }) => outcome === 'done'),
        'all are made',
      );
      const stamps = new Map((await rowsOf(files)).map((row) => [row.path, row]));
      const next = paths.map((path) => placeBytes(path, theirs, { expected: stamps.get(path) }));
      const results = await files.apply(next);
      expectThat(
        results.every((result) => result.outcome === 'done' && result.archived !== undefined),
        'all are replaced',
      );
      expectEqual(world.person.archive().length, 256, 'versions in the archive');
      expectThat(
        paths.every((path) => world.person.read(path)?.length === theirs.length),
        'all have the new bytes',
      );
    },
  },
];
