import { utf8 } from '../bytes.js';
import { claimed, type FilesCase, mtimeUs, otherFolder, rowAt, rowsOf, stampAt, suiteFolder } from './files-world.js';
import { expectEqual, expectThat } from './suite.js';

const text = utf8('some text');

/** The token of the root, and looking at the tree. */
export const claimCases: readonly FilesCase[] = [
  {
    name: 'a root without a token is missing until it is claimed',
    run: async (world) => {
      const files = world.open();
      expectEqual((await files.claim(suiteFolder, false)).state, 'missing', 'before');
      const first = await files.claim(suiteFolder, true);
      expectThat(first.state === 'ok' && first.nonce.length >= 16, 'a claimed root has a nonce');
      expectEqual(await files.claim(suiteFolder, false), first, 'asked again');
      expectEqual(await world.open().claim(suiteFolder, false), first, 'after a restart');
      const again = await world.open().claim(suiteFolder, true);
      expectEqual(again.state, 'ok', 'taken over');
      expectThat(again.state === 'ok' && first.nonce !== again.nonce, 'who had it before sees that');
    },
  },
  {
    name: "another folder's token is never replaced",
    run: async (world) => {
      const files = await claimed(world);
      const first = await files.claim(suiteFolder, false);
      expectEqual((await world.open().claim(otherFolder, true)).state, 'foreign', 'claim by another folder');
      expectEqual(await world.open().claim(suiteFolder, false), first, 'claim by its own folder');
    },
  },
  {
    name: 'a released root is missing again and keeps its archive',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', text);
      await files.apply([{ type: 'remove', path: 'a', expected: await stampAt(files, 'a') }]);
      await files.release();
      expectEqual((await files.claim(suiteFolder, false)).state, 'missing', 'state');
      expectEqual(world.person.archive().length, 1, 'files in the archive');
    },
  },
  {
    name: 'a scan of a root that lost its token says so',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', text);
      world.person.remove('.cloudless/root');
      expectEqual((await files.scan('all', () => undefined)).state, 'missing', 'state');
    },
  },
  {
    name: 'a scan of a root that is gone says so, and nothing is changed there',
    run: async (world) => {
      const files = await claimed(world);
      world.person.loseRoot();
      const state = await files.scan('all', (rows) => expectEqual(rows.length, 0, 'rows'));
      expectThat(state.state !== 'ok', 'the root is not ok');
      const [result] = await files.apply([{ type: 'make-directory', path: 'd' }]);
      expectThat(result?.outcome !== 'done', 'no directory is made');
    },
  },
];

export const scanCases: readonly FilesCase[] = [
  {
    name: 'an empty root has no rows, and the private directory is never shown',
    run: async (world) => {
      const files = await claimed(world);
      expectEqual(await rowsOf(files), [], 'rows');
    },
  },
  {
    name: 'tells of files and directories, parents before children',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.makeDirectory('b');
      person.makeDirectory('b/c');
      person.write('b/c/d', text);
      person.write('a', text);
      person.write('b.txt', text);
      person.setModified('a', mtimeUs);
      const rows = await rowsOf(files);
      const paths = rows.map(({ path }) => path);
      expectEqual([...paths].sort(), ['a', 'b', 'b.txt', 'b/c', 'b/c/d'], 'paths');
      expectThat(paths.indexOf('b') < paths.indexOf('b/c'), 'b comes before b/c');
      expectThat(paths.indexOf('b/c') < paths.indexOf('b/c/d'), 'b/c comes before b/c/d');
      const kinds = rows.map(({ path, kind }) => `${path} ${kind}`).sort();
      expectEqual(kinds, ['a file', 'b directory', 'b.txt file', 'b/c directory', 'b/c/d file'], 'kinds');
      const row = await rowAt(files, 'a');
      expectEqual([row.size, row.mtimeUs], [text.length, mtimeUs], 'size and time of a');
    },
  },
  {
    name: 'tells of the executable bit',
    needs: 'executable',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', text);
      expectEqual((await rowAt(files, 'a')).executable, false, 'before');
      world.person.setExecutable('a', true);
      expectEqual((await rowAt(files, 'a')).executable, true, 'after');
    },
  },
  {
    name: 'tells of links and never goes through one',
    needs: 'symlinks',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.makeDirectory('d');
      person.write('d/a', text);
      person.symlink('in', 'd');
      person.symlink('out', person.outside);
      person.symlink('nowhere', 'not/there');
      const rows = await rowsOf(files);
      const seen = rows.map(({ path, kind, target }) => `${path} ${kind} ${target ?? ''}`).sort();
      expectEqual(
        seen,
        ['d directory ', 'd/a file ', 'in symlink d', 'nowhere symlink not/there', `out symlink ${person.outside}`],
        'rows',
      );
      expectEqual((await rowAt(files, 'in/a')).kind, 'absent', 'a path behind a link');
      expectEqual((await files.look(['in/a']))[0]?.kind, 'absent', 'what a look says of it');
      expectEqual((await files.look(['d/a/b']))[0]?.kind, 'absent', 'what a look says of a path below a file');
    },
  },
  {
    name: 'a look at one path tells of it and what is below it, and of nothing else',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.makeDirectory('b');
      person.write('b/c', text);
      person.write('a', text);
      expectEqual((await rowsOf(files, ['b'])).map(({ path }) => path).sort(), ['b', 'b/c'], 'below b');
      expectEqual(
        (await rowsOf(files, ['b/c'])).map(({ path }) => path),
        ['b/c'],
        'at b/c',
      );
      const both = (await rowsOf(files, ['b', 'a'])).map(({ path }) => path).sort();
      expectEqual(both, ['a', 'b', 'b/c'], 'at two paths');
    },
  },
  {
    name: 'a path that is not there is absent, also below a file and below nothing',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', text);
      for (const path of ['b', 'a/b', 'x/y/z']) {
        expectEqual((await rowAt(files, path)).kind, 'absent', path);
      }
    },
  },
  {
    name: 'a row is the same until something happens, and another one after each act',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.write('a', text);
      const first = await rowAt(files, 'a');
      expectEqual(await rowAt(files, 'a'), first, 'looked at again');
      person.append('a', text);
      const second = await rowAt(files, 'a');
      expectEqual(second.size, 2 * text.length, 'size after appending');
      expectEqual(second.inode, first.inode, 'inode after appending');
      person.setModified('a', mtimeUs);
      expectEqual((await rowAt(files, 'a')).mtimeUs, mtimeUs, 'time after touching');
    },
  },
  {
    name: 'many rows come in slices',
    run: async (world) => {
      const files = await claimed(world);
      world.person.makeDirectory('d');
      for (let i = 0; i < 1_500; i++) world.person.write(`d/${i}`, text.subarray(0, 1));
      const lengths: number[] = [];
      await files.scan('all', (slice) => lengths.push(slice.length));
      expectEqual(
        lengths.reduce((sum, length) => sum + length, 0),
        1_501,
        'rows',
      );
      expectThat(Math.max(...lengths) <= 1_024, 'no slice is long');
      expectThat(Math.min(...lengths) > 0, 'no slice is empty');
    },
  },
  {
    name: 'a directory that cannot be read is unreadable, and nothing below it is absent',
    needs: 'unreadable',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.makeDirectory('d');
      person.write('d/a', text);
      person.setReadable('d', false);
      const rows = await rowsOf(files);
      expectEqual(
        rows.map(({ path, kind }) => [path, kind]),
        [['d', 'unreadable']],
        'rows',
      );
      expectThat((rows[0]?.reason ?? '') !== '', 'the row says why');
      expectEqual((await rowAt(files, 'd/a')).kind, 'unreadable', 'what is below');
      person.setReadable('d', true);
      expectEqual((await rowAt(files, 'd/a')).kind, 'file', 'afterwards');
    },
  },
];
