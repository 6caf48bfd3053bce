import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it, type TestContext } from 'vitest';
import { arrives } from './arrives.js';
import type { TestDevice } from './device.js';
import { settle, type Two, twoDevices } from './kit.js';
import { freeze, mountAgain, mountNew, unmount } from './mounts.js';
import { expectEqualTrees } from './tree.js';

function fill(root: string): void {
  fs.mkdirSync(path.join(root, 'music'));
  fs.writeFileSync(path.join(root, 'music/song'), 'la\n');
  fs.writeFileSync(path.join(root, 'plan'), 'dig\n');
}

async function why(device: TestDevice, file: string): Promise<string> {
  return (await device.run(['why', file])).stdout;
}

/** Both have written something, and each has what the other wrote. */
async function exchange({ adas, bens }: Two, word: string): Promise<void> {
  fs.writeFileSync(path.join(adas, `of ada ${word}`), word);
  fs.writeFileSync(path.join(bens, `of ben ${word}`), word);
  await Promise.all([
    arrives(path.join(bens, `of ada ${word}`), word),
    arrives(path.join(adas, `of ben ${word}`), word),
  ]);
}

interface Way {
  readonly way: string;
  /** Puts something over a directory; why it can't. */
  readonly cover: (at: string, two: Two) => string | undefined;
}

const ways: readonly Way[] = [
  { way: 'a disk of its own', cover: (at) => mountNew('tmpfs', at) },
  {
    way: 'another directory of the same disk',
    cover: (at, { ben }) => mountAgain(ben.directory('elsewhere'), at),
  },
];

describe.each(ways)('what is mounted in a folder: $way', ({ cover }) => {
  it('[FIL-55] hides what lies below, which is neither deleted nor written to', async (context: TestContext) => {
    const two = await twoDevices({ fill });
    const { ada, ben, adas, bens } = two;
    await settle(ada, ben);
    const music = path.join(bens, 'music');
    const trouble = cover(music, two);
    if (trouble !== undefined) context.skip(trouble);
    fs.writeFileSync(path.join(music, 'private'), 'of the other disk\n');

    await exchange(two, 'at once');
    await ben.down();
    await ben.up();
    await exchange(two, 'after a start');
    expect(await why(ben, music)).toContain('mounted');
    expect(fs.readdirSync(path.join(adas, 'music'))).toEqual(['song']);

    fs.writeFileSync(path.join(adas, 'music/song'), 'la la\n');
    fs.writeFileSync(path.join(adas, 'music/other'), 'lo\n');
    await exchange(two, 'while there is more');
    expect(fs.readdirSync(music)).toEqual(['private']);

    unmount(music);
    await settle(ada, ben);
    expect(fs.readFileSync(path.join(music, 'song'), 'utf8')).toBe('la la\n');
    expectEqualTrees(adas, bens);
    expect(fs.readdirSync(path.join(adas, 'music')).sort()).toEqual(['other', 'song']);
  }, 120_000);
});

describe('a file that nobody may change', () => {
  it('[FIL-95] stays, with the reason, while all else goes on; then it takes the change', async (context) => {
    const two = await twoDevices({ fill });
    const { ada, ben, adas, bens } = two;
    await settle(ada, ben);
    const trouble = freeze(path.join(bens, 'plan'), true);
    if (trouble !== undefined) context.skip(trouble);
    fs.writeFileSync(path.join(adas, 'plan'), 'dig, then sow\n');
    await exchange(two, 'beside it');
    expect(fs.readFileSync(path.join(bens, 'plan'), 'utf8')).toBe('dig\n');
    expect(await why(ben, path.join(bens, 'plan'))).toMatch(/not permitted|may not/);
    fs.rmSync(path.join(adas, 'plan'));
    await exchange(two, 'after it is gone');
    expect(fs.readFileSync(path.join(bens, 'plan'), 'utf8')).toBe('dig\n');
    freeze(path.join(bens, 'plan'), false);
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    expect(fs.existsSync(path.join(adas, 'plan'))).toBe(false);
  }, 120_000);
});
