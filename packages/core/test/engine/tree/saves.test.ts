import { describe, expect, test } from 'vitest';
import type { TestDisk } from './disk.js';
import { type Device, World } from './world.js';

function shared(set: (disk: TestDisk) => void): readonly [World, Device, Device] {
  const world = new World(11);
  const a = world.add();
  const b = world.add();
  set(a.disk);
  world.converge();
  expect(b.disk.listing()).toEqual(a.disk.listing());
  return [world, a, b];
}

/** How programs save a file, in the steps that somebody who watches the directory may see between. */
const saves: Readonly<Record<string, readonly ((disk: TestDisk) => void)[]>> = {
  'writes beside it and renames over it': [
    (disk) => disk.write('.letter.tmp', 'new'),
    (disk) => disk.rename('.letter.tmp', 'letter'),
  ],
  'puts the old one aside, writes the new one, and removes the old one': [
    (disk) => disk.rename('letter', 'letter~'),
    (disk) => disk.write('letter', 'new'),
    (disk) => disk.remove('letter~'),
  ],
  'swaps it with two renames and a lock file': [
    (disk) => disk.write('.~lock.letter#', 'me'),
    (disk) => disk.write('lu7x.tmp', 'new'),
    (disk) => disk.rename('letter', 'lu7y.tmp'),
    (disk) => disk.rename('lu7x.tmp', 'letter'),
    (disk) => disk.remove('lu7y.tmp'),
    (disk) => disk.remove('.~lock.letter#'),
  ],
  'empties it and writes it anew': [(disk) => disk.write('letter', ''), (disk) => disk.write('letter', 'new')],
  'removes it and writes it anew': [(disk) => disk.remove('letter'), (disk) => disk.write('letter', 'new')],
};

describe('a program that saves a file', () => {
  const cases = Object.entries(saves).map(([how, steps]) => ({ how, steps }));

  test.each(cases)('$how: the new one arrives, alone, and the old one is in the archive', ({ steps }) => {
    const [world, a, b] = shared((disk) => disk.write('letter', 'old'));
    for (const step of steps) {
      step(a.disk);
      world.converge();
    }
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect([...b.disk.nodes.keys()]).toEqual(['letter']);
    expect(b.disk.text('letter')).toBe('new');
    expect(b.disk.archived()).toContain('old');
  });

  test.each(cases)('$how, while the other one writes too: both are there', ({ steps }) => {
    const [world, a, b] = shared((disk) => disk.write('letter', 'old'));
    b.disk.write('letter', 'theirs');
    for (const step of steps) step(a.disk);
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect([...b.disk.nodes.keys()].map((path) => b.disk.text(path)).sort()).toEqual(['new', 'theirs']);
  });
});

describe('a change is one of content', () => {
  test('an edit that keeps size and time is one', () => {
    const [world, a, b] = shared((disk) => disk.write('table', 'row 1'));
    const node = a.disk.nodes.get('table');
    const before = node?.mtimeUs;
    a.disk.write('table', 'row 2');
    Object.assign(node ?? {}, { mtimeUs: before });
    world.converge();
    expect(b.disk.text('table')).toBe('row 2');
  });

  test('an old file that is put back with its old time goes to everybody, and what it replaces is kept', () => {
    const [world, a, b] = shared((disk) => disk.write('report', 'first'));
    const old = a.disk.nodes.get('report');
    const time = old?.mtimeUs ?? 0;
    a.disk.write('report', 'second');
    world.converge();
    expect(b.disk.text('report')).toBe('second');

    a.disk.remove('report');
    a.disk.write('report', 'first');
    Object.assign(a.disk.nodes.get('report') ?? {}, { mtimeUs: time });
    world.converge();
    expect(b.disk.text('report')).toBe('first');
    expect(b.disk.nodes.get('report')?.mtimeUs).toBe(time);
    expect(b.disk.archived()).toContain('second');
    expect(b.tree.status().conflicts).toBe(0);
  });

  test('touching every file sends no content and makes no copy', () => {
    const [world, a, b] = shared((disk) => {
      for (let i = 0; i < 5; i++) disk.write(`f${i}`, `some text ${i}`.repeat(200));
    });
    const before = b.chunksReceived;
    for (let i = 0; i < 5; i++) {
      const now = a.disk.tick();
      Object.assign(a.disk.nodes.get(`f${i}`) ?? {}, { mtimeUs: now, ctimeUs: now });
    }
    b.disk.write('f0', 'mine');
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect([...a.disk.nodes.keys()].sort()).toEqual(['f0', 'f1', 'f2', 'f3', 'f4']);
    expect(a.disk.text('f0')).toBe('mine');
    expect(b.chunksReceived).toBe(before);
  });

  test('another program that rewrites what is already there tells nobody', () => {
    const [world, a, b] = shared((disk) => disk.write('same', 'text'));
    const before = b.applied();
    const node = a.disk.nodes.get('same');
    const time = node?.mtimeUs;
    a.disk.write('same', 'text');
    Object.assign(node ?? {}, { mtimeUs: time });
    world.converge();
    expect(b.applied()).toBe(before);
  });
});
