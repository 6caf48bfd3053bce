import { utf8 } from '../bytes.js';
import type { FileOperation, FileStamp } from '../ports/index.js';
import {
  applied,
  applyOne,
  claimed,
  expectChanged,
  type FilesCase,
  mtimeUs,
  placeBytes,
  rowAt,
  rowsOf,
  stampAt,
} from './files-world.js';
import { expectEqual, expectThat } from './suite.js';

const mine = utf8('what a person wrote');
const theirs = utf8('what came from a peer');
const later = utf8('what a person wrote a moment later');

/** Files, links and directories that are made. */
export const makeCases: readonly FilesCase[] = [
  {
    name: 'a directory is made, and one that is there will do',
    run: async (world) => {
      const files = await claimed(world);
      const { row } = await applied(files, { type: 'make-directory', path: 'd' });
      expectEqual(row?.kind, 'directory', 'kind');
      expectEqual(row?.inode, (await rowAt(files, 'd')).inode, 'inode');
      await applied(files, { type: 'make-directory', path: 'd/e' });
      await applied(files, { type: 'make-directory', path: 'd' });
      expectEqual(world.person.list('d'), ['e'], 'what is in it');
    },
  },
  {
    name: 'a directory is not made over a file, nor where none is above it',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', mine);
      await expectChanged(files, { type: 'make-directory', path: 'a' });
      await expectChanged(files, { type: 'make-directory', path: 'x/y' });
      expectEqual(world.person.read('a'), mine, 'the file');
      expectEqual(world.person.list(''), ['a'], 'the root');
    },
  },
  {
    name: 'a new file has the bytes and the time it should have',
    run: async (world) => {
      const files = await claimed(world);
      const { row, archived } = await applied(files, placeBytes('a', theirs));
      expectEqual(world.person.read('a'), theirs, 'bytes');
      expectEqual(row, await rowAt(files, 'a'), 'row');
      expectEqual([row?.size, row?.mtimeUs], [theirs.length, mtimeUs], 'size and time');
      expectEqual(archived, undefined, 'archived');
      expectEqual(await files.listTemps(), [], 'temp files');
      await applied(files, placeBytes('empty', utf8('')));
      expectEqual(world.person.read('empty'), utf8(''), 'an empty file');
    },
  },
  {
    name: 'a file is made executable or not',
    needs: 'executable',
    run: async (world) => {
      const files = await claimed(world);
      const { row } = await applied(files, placeBytes('a', theirs, { executable: true }));
      expectThat(world.person.isExecutable('a') && row?.executable === true, 'a new one is');
      const next = await applied(files, placeBytes('a', mine, { expected: await stampAt(files, 'a') }));
      expectThat(!world.person.isExecutable('a') && next.row?.executable === false, 'its next version is not');
    },
  },
  {
    name: 'nothing is made where something has appeared',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', mine);
      world.person.makeDirectory('d');
      await expectChanged(files, placeBytes('a', theirs));
      await expectChanged(files, placeBytes('d', theirs));
      await expectChanged(files, placeBytes('x/y', theirs));
      expectEqual(world.person.read('a'), mine, 'the file');
      expectEqual(world.person.archive(), [], 'archive');
    },
  },
  {
    name: 'a link is made',
    needs: 'symlinks',
    run: async (world) => {
      const files = await claimed(world);
      const link = { type: 'place-symlink', path: 'l', target: 'a/b', expected: undefined } as const;
      const { row } = await applied(files, link);
      expectEqual(world.person.readLink('l'), 'a/b', 'where it leads');
      expectEqual(row, await rowAt(files, 'l'), 'row');
      await expectChanged(files, { ...link, target: 'c' });
      expectEqual(world.person.readLink('l'), 'a/b', 'where it still leads');
    },
  },
  {
    name: 'nothing is ever made through a link',
    needs: 'symlinks',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.symlink('out', person.outside);
      person.makeDirectory('d');
      person.symlink('d/up', '..');
      const operations: readonly FileOperation[] = [
        placeBytes('out/a', theirs),
        { type: 'make-directory', path: 'out/d' },
        { type: 'place-symlink', path: 'out/l', target: 'x', expected: undefined },
        placeBytes('d/up/a', theirs),
        placeBytes('out', theirs),
        { type: 'make-directory', path: 'out' },
      ];
      for (const operation of operations) {
        expectThat((await applyOne(files, operation)).outcome !== 'done', `${operation.type} ${operation.path}`);
      }
      await files.writeView('out/v/a.log', 0, theirs).catch(() => undefined);
      await files.writeView('out', 0, theirs).catch(() => undefined);
      expectEqual(person.listOutside(), [], 'what is outside');
      expectEqual(person.list(''), ['d', 'out'], 'the root');
    },
  },
  {
    name: 'a path that leads out of the folder or into its private part is unsafe',
    run: async (world) => {
      const files = await claimed(world);
      for (const path of ['../a', '/a', 'd/../../a', '.cloudless/root', '.cloudless', '.Cloudless/x', 'a\0b', '']) {
        const result = await applyOne(files, placeBytes(path, theirs));
        expectThat(result.outcome === 'failed' && result.code === 'unsafe-path', `${JSON.stringify(path)} is unsafe`);
      }
      expectEqual(world.person.list(''), [], 'the root');
      expectEqual(
        (await files.claim('a5'.repeat(32) as Parameters<typeof files.claim>[0], false)).state,
        'ok',
        'token',
      );
    },
  },
  {
    name: 'a name of any characters is a name',
    run: async (world) => {
      const files = await claimed(world);
      for (const path of ['ünïcödé', 'a b\nc', '…', '%2e%2e', '~', '-rf', 'x'.repeat(255), '.hidden', 'c:\\d']) {
        await applied(files, placeBytes(path, theirs));
        expectEqual(world.person.read(path), theirs, path);
      }
      expectEqual((await rowsOf(files)).length, 9, 'rows');
    },
  },
];

/** What takes the place of something else. */
export const replaceCases: readonly FilesCase[] = [
  {
    name: 'a replaced file lies in the archive',
    run: async (world) => {
      const files = await claimed(world);
      world.person.makeDirectory('d');
      world.person.write('d/a', mine);
      const expected = await stampAt(files, 'd/a');
      const { row, archived } = await applied(files, placeBytes('d/a', theirs, { expected }));
      expectEqual(world.person.read('d/a'), theirs, 'what stands there');
      expectEqual(row, await rowAt(files, 'd/a'), 'row');
      expectThat(archived !== undefined, 'it says what it archived');
      expectEqual(world.person.archive(), [{ name: archived.name, bytes: mine }], 'archive');
      expectEqual(await files.recheck([archived]), [], 'archived versions that changed');
    },
  },
  {
    name: 'a file that is not what was seen is left alone',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.write('a', mine);
      const expected = await stampAt(files, 'a');
      person.write('a', later);
      await expectChanged(files, placeBytes('a', theirs, { expected }));
      await expectChanged(files, { type: 'remove', path: 'a', expected });
      await expectChanged(files, { type: 'set-metadata', path: 'a', mtimeUs, executable: true, expected });
      expectEqual(person.read('a'), later, 'what stands there');
      expectEqual(person.archive(), [], 'archive');
      person.remove('a');
      await expectChanged(files, placeBytes('a', theirs, { expected }));
      person.makeDirectory('a');
      await expectChanged(files, placeBytes('a', theirs, { expected }));
      expectEqual(person.list('a'), [], 'the directory');
    },
  },
  {
    name: 'versions that are replaced at once all lie in the archive',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', mine);
      const versions = ['one', 'two', 'three', 'four'].map((word) => utf8(word));
      let expected: FileStamp = await stampAt(files, 'a');
      for (const bytes of versions) {
        await applied(files, placeBytes('a', bytes, { expected }));
        expected = await stampAt(files, 'a');
      }
      const archived = world.person.archive().map(({ bytes }) => new TextDecoder().decode(bytes));
      expectEqual(archived.sort(), ['one', 'three', 'two', 'what a person wrote'], 'archive');
    },
  },
  {
    name: 'a version written to after it was archived is told of',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', mine);
      const { archived } = await applied(files, placeBytes('a', theirs, { expected: await stampAt(files, 'a') }));
      expectThat(archived !== undefined, 'it was archived');
      world.person.writeArchived(archived.name, later);
      expectEqual(await files.recheck([archived]), [archived.name], 'archived versions that changed');
    },
  },
  {
    name: 'a file takes the place of a link, and a link that of a file',
    needs: 'symlinks',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.write('b', mine);
      person.symlink('a', 'b');
      await applied(files, placeBytes('a', theirs, { expected: await stampAt(files, 'a') }));
      expectEqual([person.read('a'), person.readLink('a')], [theirs, undefined], 'a file');
      expectEqual(person.read('b'), mine, 'what the link led to');
      const expected = await stampAt(files, 'a');
      await applied(files, { type: 'place-symlink', path: 'a', target: 'b', expected });
      expectEqual(person.readLink('a'), 'b', 'a link');
      expectEqual(person.archive().length, 2, 'versions in the archive');
    },
  },
  {
    name: 'time and executable bit are set without a new version of the bytes',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', mine);
      const expected = await stampAt(files, 'a');
      const { row, archived } = await applied(files, {
        type: 'set-metadata',
        path: 'a',
        mtimeUs,
        executable: true,
        expected,
      });
      expectEqual(row, await rowAt(files, 'a'), 'row');
      expectEqual([row?.mtimeUs, row?.inode, archived], [mtimeUs, expected.inode, undefined], 'what it is now');
      expectEqual(world.person.read('a'), mine, 'bytes');
    },
  },
];

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
      expectEqual(await files.recheck([archived]), [], 'archived versions that changed');
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
