import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Daemon } from '../../proof/src/daemon.js';
import { create, join, settle } from '../../proof/src/pair.js';
import { root as repository } from '../tidy/source.js';
import { through } from './kit.js';
import { expectEqualTrees } from './tree.js';
import { Wire } from './wire.js';

const mebibyte = 1_048_576;
/** How much there is to rename; the bounds don't grow with it. Larger on demand. */
const mebibytes = Number(process.env.COST_MEBIBYTES ?? 24);
const files = 3;
const fileBytes = (mebibytes / files) * mebibyte;
/** Of a change that moves no content: entries of the log, heads, acknowledgements. */
const renameBytesMax = 20_000;
const smallBytesMax = 4_096;
/** The last chunk of a file and what stands before it of its list. */
const appendBytesMax = 1.1 * mebibyte;
/** Files of a directory that is renamed; of more chunks than a record names. */
const manyFiles = 64;
const tailBytes = 3.5 * mebibyte;

function names(directory: string): readonly string[] {
  return Array.from({ length: files }, (_, index) => path.join(directory, `film-${index}.bin`));
}

function writeRandom(file: string, bytes: number): void {
  const handle = fs.openSync(file, 'w');
  for (let left = bytes; left > 0; left -= mebibyte) fs.writeSync(handle, randomBytes(Math.min(left, mebibyte)));
  fs.closeSync(handle);
}

interface Two {
  readonly ada: Daemon;
  readonly ben: Daemon;
  readonly adas: string;
  readonly bens: string;
  readonly wire: Wire;
}

/** Ada and Ben with a folder in common, and one wire between them. */
async function wiredTwo(fill: (directory: string) => void): Promise<Two> {
  const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'cloudless-cost-')));
  const [ada, ben] = ['ada', 'ben'].map((name) => new Daemon(repository, path.join(base, `${name}.home`)));
  const [adas, bens] = [path.join(base, 'ada'), path.join(base, 'ben')];
  if (ada === undefined || ben === undefined) throw new Error('two daemons');
  fs.mkdirSync(adas);
  fill(adas);
  await Promise.all([ada.up(), ben.up()]);
  const wire = await Wire.open(ada.address);
  onTestFinished(async () => {
    await Promise.all([ada.kill(), ben.kill(), wire.close()]);
    fs.rmSync(base, { recursive: true, force: true });
  });
  const { link } = await create(ada, adas);
  await join(ben, through(wire, link), bens);
  return { ada, ben, adas, bens, wire };
}

/** Bytes of both directions, as the network saw them. */
async function costOf({ ada, ben, adas, bens, wire }: Two, act: () => unknown): Promise<number> {
  const before = wire.bytesToDialler + wire.bytesToTarget;
  await act();
  await settle([ada, ben]);
  expectEqualTrees(adas, bens);
  // Nothing went another way.
  const peers = await ben.call<readonly { readonly address: string }[]>('peers');
  expect(peers.map(({ address }) => address)).toEqual([wire.address]);
  return wire.bytesToDialler + wire.bytesToTarget - before;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number;
}

describe('what goes over the wire', () => {
  it('is what is new, and little more', async () => {
    const two = await wiredTwo((root) => {
      fs.mkdirSync(path.join(root, 'films'));
      for (const file of names(path.join(root, 'films'))) writeRandom(file, fileBytes);
    });
    const { ada, adas, bens } = two;
    const movies = path.join(adas, 'movies');
    const [first = '', second = '', third = ''] = names(movies);

    const all = await costOf(two, () => undefined);
    expect(all).toBeLessThan(1.01 * files * fileBytes);

    const renamed = await costOf(two, () => fs.renameSync(path.join(adas, 'films'), movies));
    expect(renamed, 'a directory renamed').toBeLessThanOrEqual(renameBytesMax);
    const moved = await costOf(two, () => fs.renameSync(first, path.join(adas, 'moved.bin')));
    expect(moved, 'a file moved').toBeLessThanOrEqual(renameBytesMax);
    const back = await costOf(two, () =>
      fs.renameSync(path.join(bens, 'moved.bin'), path.join(bens, 'movies/film-0.bin')),
    );
    expect(back, 'a file moved back by the other').toBeLessThanOrEqual(renameBytesMax);

    const touched = await costOf(two, () => fs.utimesSync(first, 1_500_000_000, 1_500_000_000));
    expect(touched, 'a time set').toBeLessThanOrEqual(smallBytesMax);
    const mode = await costOf(two, () => fs.chmodSync(first, 0o755));
    expect(mode, 'a mode set').toBeLessThanOrEqual(smallBytesMax);

    const copied = await costOf(two, () => fs.copyFileSync(first, path.join(adas, 'copy.bin')));
    expect(copied, 'content that the other has').toBeLessThanOrEqual(renameBytesMax);
    const equal = await costOf(two, () => {
      for (const root of [adas, bens]) fs.copyFileSync(second, path.join(root, 'equal.bin'));
    });
    expect(equal, 'the same content by both').toBeLessThanOrEqual(renameBytesMax);

    const inserted: number[] = [];
    const overwritten: number[] = [];
    for (const file of [first, second, third]) {
      inserted.push(
        await costOf(two, () => fs.writeFileSync(file, Buffer.concat([randomBytes(1_024), fs.readFileSync(file)]))),
      );
      overwritten.push(await costOf(two, () => overwrite(file)));
    }
    // How much of a chunk is sent again depends on the folder's keys; the median over many is checked where cuts are.
    expect(median(inserted), '1 KiB put before').toBeLessThanOrEqual(2 * mebibyte);
    expect(median(overwritten), '1 MiB overwritten').toBeLessThanOrEqual(3 * mebibyte);

    const longer = await costOf(two, () => fs.appendFileSync(second, randomBytes(1_024)));
    expect(longer, '1 KiB put behind').toBeLessThanOrEqual(appendBytesMax);

    const item = Buffer.alloc(1_024, 'x').toString('base64');
    const appended = await costOf(two, () => ada.call('append', { folder: adas, stream: 'diary', items: [item] }));
    expect(appended, '1 KiB appended to a log').toBeLessThanOrEqual(smallBytesMax);
    expect(appended).toBeGreaterThan(1_024);
    const small = await costOf(two, () => fs.writeFileSync(path.join(adas, 'note.txt'), randomBytes(1_024)));
    expect(small, 'a new file of 1 KiB').toBeLessThanOrEqual(smallBytesMax);
  });

  it('is at most 20 kB when a directory of 64 large files is renamed', async () => {
    // What they have in common goes over once; each has a list of its own.
    const tail = randomBytes(tailBytes);
    const two = await wiredTwo((root) => {
      fs.mkdirSync(path.join(root, 'films'));
      for (let i = 0; i < manyFiles; i++) {
        fs.writeFileSync(path.join(root, `films/${i}.bin`), Buffer.concat([randomBytes(65_536), tail]));
      }
    });
    await costOf(two, () => undefined);
    const { adas } = two;
    const renamed = await costOf(two, () => fs.renameSync(path.join(adas, 'films'), path.join(adas, 'movies')));
    expect(renamed).toBeLessThanOrEqual(renameBytesMax);
  });
});

function overwrite(file: string): void {
  const handle = fs.openSync(file, 'r+');
  fs.writeSync(handle, randomBytes(mebibyte), 0, mebibyte, Math.floor(fileBytes / 2));
  fs.closeSync(handle);
}
