import { utf8 } from '../bytes.js';
import type { FileStamp, Files } from '../ports/index.js';
import { applied, bigBytes, claimed, type FilesCase, placeBytes, stampAt, suiteKeys } from './files-world.js';
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
      for (const { offset, ...chunk } of outcome.chunks) {
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
];
