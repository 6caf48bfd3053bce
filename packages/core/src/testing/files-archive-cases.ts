import { utf8 } from '../bytes.js';
import type { FileStamp, Files } from '../ports/index.js';
import {
  applied,
  bigBytes,
  chunksOf,
  claimed,
  type FilesCase,
  placeBytes,
  rowAt,
  stampAt,
  suiteKeys,
} from './files-world.js';
import { expectEqual, expectThat, seededBytes } from './suite.js';

const mine = utf8('what a person wrote');
const theirs = utf8('what came from a peer');
const later = utf8('what a person wrote a moment later');

/** Replaces `a`; gives its name in the archive and how it looked there. */
async function replaced(files: Files): Promise<{ readonly name: string; readonly stamp: FileStamp }> {
  const { archived } = await applied(files, placeBytes('a', theirs, { expected: await stampAt(files, 'a') }));
  expectThat(archived !== undefined, 'it was archived');
  return archived;
}

function looksOf(stamp: FileStamp | undefined): readonly unknown[] {
  return [stamp?.kind, stamp?.size, stamp?.mtimeUs, stamp?.inode];
}

/** What became of a file after it was replaced. */
export const archiveCases: readonly FilesCase[] = [
  {
    name: 'an archived version looks as it did',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', mine);
      const { name, stamp } = await replaced(files);
      const [looks] = await files.recheck([name]);
      expectEqual(looksOf(looks), looksOf(stamp), 'looks of the archived version');
    },
  },
  {
    name: 'a version that somebody still writes to shows it, and can be read',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', mine);
      const write = world.person.open('a');
      const { name, stamp } = await replaced(files);
      write(later);
      const [looks] = await files.recheck([name]);
      expectThat(looks !== undefined && looks.mtimeUs !== stamp.mtimeUs, 'its looks have changed');
      const outcome = await files.hashArchived(name, looks, suiteKeys);
      expectThat(outcome.outcome === 'hashed' && outcome.content.kind === 'inline', 'it is read');
      expectEqual(outcome.content.bytes, later, 'what is read');
      expectEqual((await files.hashArchived(name, stamp, suiteKeys)).outcome, 'changed', 'it is no more what it was');
      expectEqual(world.person.read('a'), theirs, 'what stands at the path');
    },
  },
  {
    name: 'chunks are had from an archived version',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', mine);
      const write = world.person.open('a');
      const { name } = await replaced(files);
      write(seededBytes(bigBytes, 5));
      const [looks] = await files.recheck([name]);
      expectThat(looks !== undefined, 'it is there');
      const outcome = await files.hashArchived(name, looks, suiteKeys);
      expectThat(outcome.outcome === 'hashed', 'it is read');
      for (const { offset, ...chunk } of chunksOf(outcome.content)) {
        const loaded = await files.loadChunk(chunk, [{ from: { archived: name }, offset }]);
        expectEqual(loaded.outcome, 'loaded', `the chunk at ${offset}`);
      }
    },
  },
  {
    name: 'what was taken out of the archive is not there, and not changed',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', mine);
      const { name } = await replaced(files);
      await files.removeArchived([name, name]);
      expectEqual(world.person.archive(), [], 'archive');
      expectEqual(await files.recheck([name]), [undefined], 'looks');
    },
  },
  {
    name: 'a group has the name it is given, and no name leads out of the archive',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.makeDirectory('d');
      person.write('d/a', mine);
      await files.apply([{ type: 'remove', path: 'd/a', expected: await stampAt(files, 'd/a') }], 'group');
      expectEqual(person.archive(), [{ name: 'group/d/a', bytes: mine }], 'archive');
      person.write('d/a', mine);
      for (const name of ['../../d/a', 'group/../../../d/a', '/d/a']) {
        const code = await files.removeArchived([name]).then(
          () => undefined,
          (error: { readonly code?: string }) => error.code,
        );
        expectEqual(code, 'unsafe-path', `code for ${name}`);
      }
      expectEqual(person.read('d/a'), mine, 'what stands there');
    },
  },
  {
    name: 'what lies in the archive is listed, group by group',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      expectEqual(await files.archiveGroups(), [], 'groups of an empty archive');
      person.makeDirectory('d');
      for (const path of ['a', 'd/a']) person.write(path, mine);
      const remove = async (path: string, group: string): Promise<unknown> =>
        files.apply([{ type: 'remove', path, expected: await stampAt(files, path) }], group);
      await remove('a', 'one');
      await remove('d/a', 'two');
      expectEqual([...(await files.archiveGroups())].sort(), ['one', 'two'], 'groups');
      const [found, ...more] = await files.listArchived(['two', 'three']);
      expectEqual([found?.name, found?.stamp.size, more], ['two/d/a', mine.length, []], 'what is in the second one');
    },
  },
  {
    name: 'an archived version is placed again as a copy',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.write('a', mine);
      const write = person.open('a');
      const { name, stamp } = await replaced(files);
      const { size, mtimeUs } = stamp;
      const place = { type: 'place-file', path: 'a', archived: name, size, mtimeUs, executable: false } as const;
      const { archived, row } = await applied(files, { ...place, expected: await stampAt(files, 'a') });
      expectEqual([row?.size, row?.mtimeUs], [size, mtimeUs], 'its size and time');
      write(later);
      expectEqual(person.read('a'), mine, 'what stands there');
      const bytes = person.archive().map((each) => each.bytes);
      expectEqual(bytes.length, 2, 'versions in the archive');
      expectThat(archived !== undefined && archived.name !== name, 'what it replaced is archived too');
      await applied(files, {
        ...place,
        path: 'gone',
        archived: archived.name,
        size: theirs.length,
        expected: undefined,
      });
      expectEqual(person.read('gone'), theirs, 'what it replaced');
    },
  },
  {
    name: 'an archived version is copied out of the root, over nothing that is there',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.write('a', mine);
      const { name } = await replaced(files);
      const codeOf = (to: string, which = name, above = 0): Promise<string | undefined> =>
        files.exportArchived(which, to, above).then(
          () => undefined,
          (error: { readonly code?: string }) => error.code,
        );
      expectEqual(await codeOf(`${person.outside}/copy`), undefined, 'code');
      expectEqual(person.listOutside(), ['copy'], 'what is outside');
      expectEqual(await codeOf(`${person.outside}/copy`), 'exists', 'code where something is');
      expectEqual(await codeOf(`${person.outside}/no/where`), 'not-found', 'code where no directory is');
      expectEqual(await codeOf(`${person.outside}/no/where/at`, name, 1), 'not-found', 'code where more are missing');
      expectEqual(await codeOf(`${person.outside}/other`, `${name}x`), 'not-found', 'code of what is not there');
      expectEqual(person.listOutside(), ['copy'], 'what is outside');
    },
  },
  {
    name: 'a look shows paths as they are, and nothing below them',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.makeDirectory('d');
      person.write('d/a', mine);
      const rows = await files.look(['d', 'd/a', 'd/b', 'e/f']);
      const shown = rows.map(({ path, kind, size }) => `${path} ${kind} ${size}`);
      expectEqual(shown, ['d directory 0', `d/a file ${mine.length}`, 'd/b absent 0', 'e/f absent 0'], 'looks');
      expectEqual(rows[1], await rowAt(files, 'd/a'), 'the row');
    },
  },
];
