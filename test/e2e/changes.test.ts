import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { arrives } from './arrives.js';
import { settle, twoDevices, wiredDevices } from './kit.js';
import { conflictCopies, expectEqualTrees, treeOf } from './tree.js';

const mebibyte = 1_048_576;

describe('a folder of two devices', () => {
  it('is the same on both after joining, whatever is in it', async () => {
    const { ada, ben, adas, bens } = await twoDevices({ fill: everyKind });
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    expect(treeOf(bens)).toMatchObject({
      'empty/inside': { type: 'directory' },
      'tool.sh': { type: 'file', executable: true, mtimeUs: 1_000_000_000_000_000 },
      'nothing.txt': { type: 'file', bytes: 0, executable: false },
      'way/to-tool': { type: 'symlink', target: '../tool.sh' },
      'to nowhere': { type: 'symlink', target: 'not-there' },
    });
  });

  it('shows live on each what happens on the other', async () => {
    const { ada, ben, adas, bens } = await twoDevices();
    await settle(ada, ben);
    fs.writeFileSync(path.join(adas, 'from-ada.txt'), 'one\n');
    await arrives(path.join(bens, 'from-ada.txt'), 'one\n');
    fs.writeFileSync(path.join(bens, 'from-ben.txt'), 'two\n');
    await arrives(path.join(adas, 'from-ben.txt'), 'two\n');
    fs.writeFileSync(path.join(bens, 'from-ada.txt'), 'one, by Ben\n');
    await arrives(path.join(adas, 'from-ada.txt'), 'one, by Ben\n');
    fs.appendFileSync(path.join(adas, 'from-ben.txt'), 'three\n');
    await arrives(path.join(bens, 'from-ben.txt'), 'two\nthree\n');
    fs.rmSync(path.join(adas, 'from-ada.txt'));
    await arrives(path.join(bens, 'from-ada.txt'), undefined);
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
  });

  it('follows edits, appends, deletions, modes, times, links and kinds, both ways', async () => {
    const { ada, ben, adas, bens } = await twoDevices({ fill: everyKind });
    await settle(ada, ben);
    fs.appendFileSync(path.join(bens, 'big.bin'), randomBytes(70_000));
    fs.rmSync(path.join(bens, 'way'), { recursive: true });
    fs.chmodSync(path.join(bens, 'tool.sh'), 0o644);
    fs.writeFileSync(path.join(bens, 'nothing.txt'), 'something\n');
    fs.utimesSync(path.join(bens, 'nothing.txt'), 1_234_567_890, 1_234_567_890);
    fs.rmSync(path.join(adas, 'to nowhere'));
    fs.symlinkSync('notes/day one.txt', path.join(adas, 'to nowhere'));
    fs.rmSync(path.join(adas, 'empty'), { recursive: true });
    fs.writeFileSync(path.join(adas, 'empty'), 'a file where a directory was\n');
    fs.rmSync(path.join(adas, 'notes/two.txt'));
    fs.mkdirSync(path.join(adas, 'notes/two.txt'));
    fs.writeFileSync(path.join(adas, 'notes/two.txt/inside'), 'a directory where a file was\n');
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    expect(treeOf(adas)).toMatchObject({
      'tool.sh': { executable: false },
      'nothing.txt': { mtimeUs: 1_234_567_890_000_000 },
      'to nowhere': { target: 'notes/day one.txt' },
      empty: { type: 'file' },
      'notes/two.txt/inside': { type: 'file' },
    });
    expect(treeOf(adas)).not.toHaveProperty('way');
    expect(conflictCopies(adas)).toEqual([]);
  });

  it('follows a change of time alone', async () => {
    const { ada, ben, adas, bens } = await twoDevices({ fill: everyKind });
    await settle(ada, ben);
    fs.utimesSync(path.join(adas, 'tool.sh'), 1_111_111_111, 1_111_111_111);
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    expect(treeOf(bens)).toMatchObject({ 'tool.sh': { mtimeUs: 1_111_111_111_000_000, executable: true } });
  });

  it('moves no content for a rename, of a file or of a directory', async () => {
    const { ada, ben, adas, bens, wire } = await wiredDevices({
      fill: (directory) => {
        fs.mkdirSync(path.join(directory, 'photos'));
        for (const name of ['a', 'b', 'c'])
          fs.writeFileSync(path.join(directory, 'photos', name), randomBytes(mebibyte));
      },
    });
    await settle(ada, ben);
    const before = wire.bytesToDialler;
    fs.renameSync(path.join(adas, 'photos/a'), path.join(adas, 'best.jpg'));
    fs.renameSync(path.join(adas, 'photos'), path.join(adas, 'pictures'));
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    expect(Object.keys(treeOf(bens))).toEqual(['best.jpg', 'pictures', 'pictures/b', 'pictures/c']);
    expect(before).toBeGreaterThan(3 * mebibyte);
    expect(wire.bytesToDialler - before).toBeLessThan(mebibyte / 4);
  });

  it('keeps both of two edits at once, under the same name on both sides', async () => {
    const { ada, ben, adas, bens } = await twoDevices({
      fill: (directory) => fs.writeFileSync(path.join(directory, 'plan.txt'), 'beans\n'),
    });
    await settle(ada, ben);
    await ben.down();
    fs.writeFileSync(path.join(adas, 'plan.txt'), 'beans and roses\n');
    fs.writeFileSync(path.join(bens, 'plan.txt'), 'beans and kale\n');
    await ben.up();
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    const copies = conflictCopies(adas);
    expect(copies).toHaveLength(1);
    const texts = ['plan.txt', ...copies].map((name) => fs.readFileSync(path.join(bens, name), 'utf8'));
    expect(texts.sort()).toEqual(['beans and kale\n', 'beans and roses\n']);
  });

  it('brings together what was done while each was alone', async () => {
    const { ada, ben, adas, bens } = await twoDevices({ fill: everyKind });
    await settle(ada, ben);
    await Promise.all([ada.down(), ben.down()]);
    fs.writeFileSync(path.join(adas, 'new at ada.txt'), 'a');
    fs.rmSync(path.join(adas, 'notes/two.txt'));
    fs.writeFileSync(path.join(bens, 'new at ben.txt'), 'b');
    fs.renameSync(path.join(bens, 'big.bin'), path.join(bens, 'notes/big.bin'));
    await Promise.all([ada.up(), ben.up()]);
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    const names = Object.keys(treeOf(bens));
    expect(names).toEqual(expect.arrayContaining(['new at ada.txt', 'new at ben.txt', 'notes/big.bin']));
    expect(names).not.toContain('notes/two.txt');
    expect(names).not.toContain('big.bin');
  });
});

/** One of everything that a folder keeps. */
function everyKind(directory: string): void {
  const at = (name: string): string => path.join(directory, name);
  fs.mkdirSync(at('empty/inside'), { recursive: true });
  fs.mkdirSync(at('notes'));
  fs.mkdirSync(at('way'));
  fs.writeFileSync(at('notes/day one.txt'), 'rain\n');
  fs.writeFileSync(at('notes/two.txt'), 'sun\n');
  fs.writeFileSync(at('notes/ünïcödé 🌱.txt'), 'names are text\n');
  fs.writeFileSync(at('nothing.txt'), '');
  fs.writeFileSync(at('big.bin'), randomBytes(3 * mebibyte + 17));
  fs.writeFileSync(at('tool.sh'), '#!/bin/sh\n', { mode: 0o755 });
  fs.utimesSync(at('tool.sh'), 1_000_000_000, 1_000_000_000);
  fs.symlinkSync('../tool.sh', at('way/to-tool'));
  fs.symlinkSync('not-there', at('to nowhere'));
}
