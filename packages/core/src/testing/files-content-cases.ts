import { concat, utf8 } from '../bytes.js';
import {
  buildContent,
  type ContentRef,
  chunkIdOf,
  encryptChunk,
  gearTable,
  type SealedChunk,
} from '../content/index.js';
import type { ChunkSource, ChunkTarget, Files } from '../ports/index.js';
import {
  applied,
  applyOne,
  bigBytes,
  chunksOf,
  claimed,
  type FilesCase,
  type FilesWorld,
  hashed,
  placeTemp,
  rowAt,
  stampAt,
  suiteKeys,
} from './files-world.js';
import { codeOf, expectEqual, expectThat, seededBytes } from './suite.js';

interface Big {
  readonly bytes: Uint8Array;
  readonly content: ContentRef;
  readonly chunks: readonly (SealedChunk & { readonly offset: number })[];
}

/** Content of several chunks, cut and sealed here. */
function big(world: FilesWorld, seed = 7): Big {
  const bytes = seededBytes(bigBytes, seed);
  const keys = { gear: gearTable(world.crypto, suiteKeys.gear), convergence: suiteKeys.convergence };
  const { ref, chunks } = buildContent(world.crypto, keys, bytes);
  expectThat(chunks.length >= 2, 'the content has several chunks');
  return { bytes, content: ref, chunks };
}

function named({ id, key, length }: SealedChunk): Pick<SealedChunk, 'id' | 'key' | 'length'> {
  return { id, key, length };
}

const temp = 'c0ffee';

function target(offset: number, name = temp): ChunkTarget {
  return { temp: name, offset, size: bigBytes };
}

async function storeAll(files: Files, { chunks }: Big, name = temp): Promise<void> {
  for (const chunk of chunks) {
    const outcome = await files.storeChunk(named(chunk), suiteKeys, chunk.ciphertext.slice(), [
      target(chunk.offset, name),
    ]);
    expectEqual(outcome, { outcome: 'stored' }, 'a chunk is stored');
  }
}

/** Naming the content of files. */
export const hashCases: readonly FilesCase[] = [
  {
    name: 'content is cut, sealed and named as it is elsewhere',
    run: async (world) => {
      const files = await claimed(world);
      const { bytes, content, chunks } = big(world);
      world.person.write('a', bytes);
      const outcome = await hashed(files, 'a');
      expectEqual(outcome.content, content, 'content');
      expectEqual(
        chunksOf(outcome.content),
        chunks.map((chunk) => ({ ...named(chunk), offset: chunk.offset })),
        'chunks and where they lie',
      );
      expectEqual(outcome.nodes, [], 'list nodes');
      expectEqual(outcome.row, { ...(await rowAt(files, 'a')), content: content.id }, 'row');
    },
  },
  {
    name: 'short content stands in the reference, and so does that there is none',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', utf8('short'));
      world.person.write('b', utf8(''));
      const { content } = await hashed(files, 'a');
      expectThat(content.kind === 'inline', 'a is inline');
      expectEqual(content.bytes, utf8('short'), 'its bytes');
      expectEqual((await hashed(files, 'b')).content.kind, 'empty', 'b');
    },
  },
  {
    name: 'a file that is not what was seen is changed',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.write('a', utf8('one'));
      const seen = await stampAt(files, 'a');
      person.append('a', utf8('two'));
      expectEqual(await files.hash('a', seen, suiteKeys), { outcome: 'changed' }, 'appended to');
      person.remove('a');
      expectEqual(await files.hash('a', seen, suiteKeys), { outcome: 'changed' }, 'removed');
      person.makeDirectory('a');
      expectEqual(await files.hash('a', seen, suiteKeys), { outcome: 'changed' }, 'a directory now');
    },
  },
  {
    name: 'a file that became a link is changed, and what it points to is not read',
    needs: 'symlinks',
    run: async (world) => {
      const { person } = world;
      const files = await claimed(world);
      person.write('a', utf8('one'));
      person.write('b', utf8('one'));
      const seen = await stampAt(files, 'a');
      person.remove('a');
      person.symlink('a', 'b');
      expectEqual(await files.hash('a', seen, suiteKeys), { outcome: 'changed' }, 'outcome');
    },
  },
  {
    name: 'a file that cannot be read is unreadable',
    needs: 'unreadable',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', utf8('one'));
      world.person.setReadable('a', false);
      const outcome = await files.hash('a', await stampAt(files, 'a'), suiteKeys);
      expectThat(outcome.outcome === 'unreadable' && outcome.reason !== '', 'it is unreadable, with a reason');
    },
  },
];

/** Chunks in files and temp files. */
export const readCases: readonly FilesCase[] = [
  {
    name: 'a small file is read with how it looked, a longer one as far as was asked',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', utf8('some text'));
      const outcome = { outcome: 'read', row: await rowAt(files, 'a'), bytes: utf8('some text') };
      expectEqual(await files.readFile('a', 9), outcome, 'all of it');
      expectEqual(await files.readFile('a', 4), { ...outcome, bytes: utf8('some') }, 'the beginning');
    },
  },
  {
    name: 'what is not there is absent, and what is no file is never read',
    run: async (world) => {
      const files = await claimed(world);
      world.person.makeDirectory('d');
      expectEqual(await files.readFile('a', 9), { outcome: 'absent' }, 'nothing');
      expectEqual((await files.readFile('d', 9)).outcome, 'unreadable', 'a directory');
    },
  },
  {
    name: 'a link is not followed to read',
    needs: 'symlinks',
    run: async (world) => {
      const files = await claimed(world);
      world.person.write('a', utf8('some text'));
      world.person.symlink('l', 'a');
      expectEqual((await files.readFile('l', 9)).outcome, 'unreadable', 'a link');
    },
  },
];

export const chunkCases: readonly FilesCase[] = [
  {
    name: 'a chunk is loaded from where it lies',
    run: async (world) => {
      const files = await claimed(world);
      const { bytes, chunks } = big(world);
      world.person.write('a', bytes);
      for (const chunk of chunks) {
        const outcome = await files.loadChunk(named(chunk), [{ from: { path: 'a' }, offset: chunk.offset }]);
        expectThat(outcome.outcome === 'loaded', 'it is loaded');
        expectEqual(outcome.bytes, chunk.ciphertext, 'ciphertext');
      }
    },
  },
  {
    name: 'a chunk is loaded from the first place that still has it',
    run: async (world) => {
      const files = await claimed(world);
      const { bytes, chunks } = big(world);
      const [, chunk] = chunks as [SealedChunk, Big['chunks'][number]];
      const source = (path: string, offset = chunk.offset): ChunkSource => ({ from: { path }, offset });
      world.person.write('other', seededBytes(bigBytes, 8));
      world.person.write('short', utf8('x'));
      world.person.write('right', bytes);
      const load = (sources: readonly ChunkSource[]) => files.loadChunk(named(chunk), sources);
      const found = await load([source('gone'), source('other'), source('short'), source('right')]);
      expectEqual(found, { outcome: 'loaded', bytes: chunk.ciphertext }, 'from the fourth place');
      expectEqual(await load([source('other'), source('gone')]), { outcome: 'changed' }, 'other bytes are there');
      expectEqual(await load([source('short')]), { outcome: 'changed' }, 'a file that ends before it');
      expectEqual(await load([source('gone'), source('no/where')]), { outcome: 'missing' }, 'nothing is there');
      expectEqual(await load([]), { outcome: 'missing' }, 'no place');
    },
  },
  {
    name: 'a chunk is not loaded through a link',
    needs: 'symlinks',
    run: async (world) => {
      const files = await claimed(world);
      const { bytes, chunks } = big(world);
      const chunk = chunks[0] as Big['chunks'][number];
      world.person.makeDirectory('d');
      world.person.write('d/a', bytes);
      world.person.symlink('link', 'd/a');
      world.person.symlink('e', 'd');
      for (const path of ['link', 'e/a']) {
        const { outcome } = await files.loadChunk(named(chunk), [{ from: { path }, offset: 0 }]);
        expectThat(outcome !== 'loaded', `nothing comes through ${path}`);
      }
    },
  },
  {
    name: 'stored chunks make a temp file, in any order, whose content is placed whole',
    run: async (world) => {
      const files = await claimed(world);
      const content = big(world);
      await storeAll(files, { ...content, chunks: [...content.chunks].reverse() });
      expectEqual(await files.listTemps(), [temp], 'temp files');
      await files.flushTemps([temp]);
      const { row } = await applied(files, placeTemp('a', temp, bigBytes));
      expectEqual(world.person.read('a'), content.bytes, 'content');
      expectEqual(row, await rowAt(files, 'a'), 'row');
      expectEqual(await files.listTemps(), [], 'temp files afterwards');
      expectEqual((await hashed(files, 'a')).content, content.content, 'named as it was elsewhere');
    },
  },
  {
    name: 'what was stored and flushed is there after a restart, and can be read',
    run: async (world) => {
      const files = await claimed(world);
      const { chunks } = big(world);
      const [first, second] = chunks as [Big['chunks'][number], Big['chunks'][number]];
      await files.storeChunk(named(first), suiteKeys, first.ciphertext.slice(), [target(first.offset)]);
      await files.flushTemps([temp]);
      const again = await claimed(world);
      expectEqual(await again.listTemps(), [temp], 'temp files');
      const from: ChunkSource = { from: { temp }, offset: first.offset };
      const outcome = await again.loadChunk(named(first), [from]);
      expectEqual(outcome, { outcome: 'loaded', bytes: first.ciphertext }, 'the stored chunk');
      const missed = await again.loadChunk(named(second), [{ from: { temp }, offset: second.offset }]);
      expectThat(missed.outcome !== 'loaded', 'the other chunk is not there');
    },
  },
  {
    name: 'one chunk goes to several places',
    run: async (world) => {
      const files = await claimed(world);
      const chunk = big(world).chunks[0] as SealedChunk;
      const twice = { ...target(0, 'd0'), size: 2 * chunk.length };
      const targets = [twice, { ...twice, offset: chunk.length }, { temp: 'd1', offset: 0, size: chunk.length }];
      await files.storeChunk(named(chunk), suiteKeys, chunk.ciphertext.slice(), targets);
      const plaintext = encryptChunk(world.crypto, chunk.key, chunk.ciphertext);
      await applied(files, placeTemp('a', 'd0', 2 * chunk.length));
      await applied(files, placeTemp('b', 'd1', chunk.length));
      expectEqual(world.person.read('a'), concat(plaintext, plaintext), 'a');
      expectEqual(world.person.read('b'), plaintext, 'b');
    },
  },
  {
    name: 'a chunk that is not what its name says is refused, and it is said by whose fault',
    run: async (world) => {
      const files = await claimed(world);
      const [chunk, other] = big(world).chunks as readonly [Big['chunks'][number], Big['chunks'][number]];
      const store = (each: Partial<SealedChunk>) => {
        const { id, key, length, ciphertext } = { ...chunk, ...each };
        return files.storeChunk({ id, key, length }, suiteKeys, ciphertext.slice(), [target(0)]);
      };
      const peer = { outcome: 'refused', fault: 'peer' };
      expectEqual(await store({ ciphertext: other.ciphertext }), peer, 'other bytes');
      expectEqual(await store({ ciphertext: chunk.ciphertext.subarray(1) }), peer, 'a byte short');
      const author = { outcome: 'refused', fault: 'author' };
      expectEqual(await store({ key: other.key }), author, 'another key');
      expectEqual(await store({ length: chunk.length - 1 }), author, 'another length');
      const claimedId = chunkIdOf(world.crypto, seededBytes(chunk.length, 3));
      expectEqual(await store({ id: claimedId, ciphertext: seededBytes(chunk.length, 3) }), author, 'no sealed bytes');
      expectEqual(await files.listTemps(), [], 'temp files');
    },
  },
  {
    name: 'chunks that are in the folder are copied, and proved on the way',
    run: async (world) => {
      const files = await claimed(world);
      const content = big(world);
      world.person.write('a', content.bytes);
      world.person.write('other', seededBytes(bigBytes, 8));
      const gone: ChunkSource = { from: { path: 'gone' }, offset: 0 };
      for (const chunk of content.chunks) {
        const { offset } = chunk;
        const sources = [gone, { from: { path: 'other' }, offset }, { from: { path: 'a' }, offset }];
        const outcome = await files.copyChunk(named(chunk), suiteKeys, sources, [target(offset)]);
        expectEqual(outcome, { outcome: 'stored' }, 'copied');
        const missed = await files.copyChunk(named(chunk), suiteKeys, sources.slice(0, 2), [target(offset, 'e0')]);
        expectEqual(missed, { outcome: 'missing' }, 'no place has it');
      }
      await applied(files, placeTemp('b', temp, bigBytes));
      expectEqual(world.person.read('b'), content.bytes, 'the copy');
      expectEqual(await files.listTemps(), [], 'temp files');
    },
  },
  {
    name: 'temp files of a root that is gone are not taken for removed',
    run: async (world) => {
      const files = await claimed(world);
      await storeAll(files, big(world), 'f0');
      world.person.remove('.cloudless/root');
      expectEqual(await codeOf(() => files.removeTemps(['f0'])), 'not-found', 'code');
      expectEqual(await files.listTemps(), ['f0'], 'temp files');
    },
  },
  {
    name: 'temp files are removed, and those that are not there do no harm',
    run: async (world) => {
      const files = await claimed(world);
      const content = big(world);
      await storeAll(files, content, 'f0');
      await storeAll(files, content, 'f1');
      expectEqual([...(await files.listTemps())].sort(), ['f0', 'f1'], 'before');
      await files.removeTemps(['f0', 'f2']);
      expectEqual(await files.listTemps(), ['f1'], 'after');
      const result = await applyOne(files, placeTemp('a', 'f0', bigBytes));
      expectThat(result.outcome !== 'done', 'a temp file that is gone is not placed');
      const short = await applyOne(files, placeTemp('a', 'f1', bigBytes + 1));
      expectThat(short.outcome !== 'done', 'nor is one of another size');
      expectEqual(world.person.read('a'), undefined, 'what is there');
    },
  },
];
