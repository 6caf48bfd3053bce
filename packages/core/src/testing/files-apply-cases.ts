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
