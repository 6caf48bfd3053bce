/** Cases that random histories found, or would find too seldom, kept by name. */

import { describe, expect, test } from 'vitest';
import { closeSet, type DiskRow, planTree } from '../../src/tree/index.js';
import { describe as brief, contentId, converge, Device } from './world.js';

let now = 0;
const tick = (): number => ++now;
const [x, y, z, w] = [contentId(0), contentId(1), contentId(2), contentId(3)];

function pair(): readonly [Device, Device] {
  return [new Device(0, tick), new Device(1, tick)];
}

/** Words of what is left, without the names of copies. */
function contentsOf(device: Device): readonly string[] {
  return [...device.disk.values()].flatMap((row) => row.content ?? []).sort();
}

describe('first join', () => {
  test('[FIL-40] equal content is adopted without a record', () => {
    const [a, b] = pair();
    a.write('f', x);
    a.settle();
    b.firstJoin = true;
    b.write('f', x);
    b.write('g', y);
    b.syncFrom(a);
    expect(brief(b.plan())).toMatchObject({ acts: ['put g'], operations: ['note f'] });
    converge([a, b]);
    expect(b.listing()).toEqual(a.listing());
    expect(b.held.get(b.id)?.map((one) => [one.path, one.stamp.hlc])).toEqual([['g', 0n]]);
  });

  test('[FIL-40] what the shown version replaced is replaced here too', () => {
    const [a, b] = pair();
    a.write('f', x);
    a.settle();
    a.write('f', y);
    a.settle();
    b.firstJoin = true;
    b.write('f', x);
    b.syncFrom(a);
    b.settle();
    expect(b.listing()).toEqual(a.listing());
    expect(b.held.get(b.id)).toBeUndefined();
  });

  test('[FIL-40] an act between adopting and replacing knows only what it saw', () => {
    const [a, b] = pair();
    a.write('f', x);
    a.settle();
    a.write('f', y);
    a.settle();
    b.write('f', x);
    b.syncFrom(a);
    b.round(b.plan());
    b.write('f', z);
    converge([a, b]);
    expect(contentsOf(a)).toEqual([y, z].sort());
  });

  test('[FIL-40] different content becomes a copy, and the one who joins loses', () => {
    const [a, b] = pair();
    a.write('f', x);
    a.settle();
    b.firstJoin = true;
    b.write('f', y);
    b.syncFrom(a);
    converge([a, b]);
    expect(a.disk.get('f')?.content).toBe(x);
    expect(contentsOf(b)).toEqual([x, y].sort());
  });
});

describe('stopped in the middle', () => {
  test('a file made where a directory just gave way does not take away what was to come there', () => {
    const [a, b] = pair();
    a.mkdir('p');
    a.settle();
    b.write('p', x);
    b.settle();
    a.syncFrom(b);
    while (a.disk.get('p') !== undefined) a.round(a.plan());
    a.write('p', y);
    converge([a, b]);
    expect(contentsOf(a)).toEqual([x, y].sort());
    expect(b.listing()).toEqual(a.listing());
  });

  test.each([1, 2, 3])('moving away a file that was replaced before a crash keeps its copy (stop %i)', (stopAt) => {
    const [a, b] = pair();
    a.write('p', x);
    a.settle();
    b.write('p', y);
    b.settle();
    a.syncFrom(b);
    a.round(a.plan(), stopAt, true);
    const shown = a.disk.get('p')?.content;
    a.rename('p', 'q');
    converge([a, b]);
    expect(contentsOf(a)).toEqual(expect.arrayContaining([x, y]));
    expect(a.disk.get('q')?.content).toBe(shown);
  });

  test('a small file that a directory replaces has its copy first', () => {
    const small = contentId(2);
    const [a, b] = pair();
    a.write('p', small);
    a.settle();
    b.mkdir('p');
    b.settle();
    a.syncFrom(b);
    const plan = a.plan();
    expect(plan.operations.map((operation) => operation.op)).toEqual(['write']);
    expect(plan.waits).toContainEqual({ path: 'p', reason: 'partner', on: plan.operations[0]?.path });
  });
});

describe('what the engine made anew of a version that others replaced twice', () => {
  test('[FIL-32] a new time is no version of its own beside what came of the content', () => {
    const [a, b] = pair();
    a.write('f', x);
    converge([a, b]);
    b.write('f', y);
    b.settle();
    b.write('f', z);
    b.settle();
    const row = a.disk.get('f') as DiskRow;
    a.disk.set('f', { ...row, mtimeUs: tick(), ctimeUs: tick() });
    a.settle();
    converge([a, b]);
    expect(contentsOf(a)).toEqual([z]);
  });

  test('[FIL-32] nor is a path that was settled with an act on its copy', () => {
    const [a, b] = pair();
    const c = new Device(2, tick);
    a.write('f', x);
    b.write('f', y);
    converge([a, b, c]);
    const copy = [...a.disk.keys()].find((path) => path !== 'f') as string;
    const shown = a.disk.get('f')?.content;
    b.remove(copy);
    b.settle();
    for (const content of [z, w]) {
      c.write('f', content);
      c.settle();
    }
    converge([a, b, c]);
    expect(a.disk.get('f')?.content).toBe(w);
    expect(contentsOf(a)).not.toContain(shown);
  });
});

describe('stopped when an operation was done, while others go on', () => {
  test.each<[string, (a: Device) => void]>([
    ['replaced', (a) => a.write('f', y)],
    ['removed', (a) => a.remove('f')],
    ['given another mode', (a) => a.chmod('f')],
    ['replaced by a link', (a) => a.symlink('f', 'g')],
    ['moved', (a) => a.rename('f', 'g')],
  ])('[FIL-31] what was %s is nobody’s act', (_what, change) => {
    const [a, b] = pair();
    a.write('f', w);
    a.settle();
    b.syncFrom(a);
    b.settle();
    change(a);
    a.settle();
    b.syncFrom(a);
    b.round(b.plan(), 1, true);
    a.remove('f');
    a.write('f', z);
    a.settle();
    b.syncFrom(a);
    b.settle();
    expect(b.listing()).toEqual(a.listing());
    expect(b.held.get(b.id)).toBeUndefined();
  });
});

test('[FIL-31] a file that was made before a stop is nobody’s act, though others replaced it twice since', () => {
  const [a, b] = pair();
  a.write('f', x);
  a.settle();
  b.syncFrom(a);
  b.group({ stopAt: 1 });
  expect(b.disk.get('f')?.content).toBe(x);
  for (const content of [y, z]) {
    a.write('f', content);
    a.settle();
  }
  b.syncFrom(a);
  b.settle();
  expect(b.listing()).toEqual(a.listing());
  expect(b.held.get(b.id)).toBeUndefined();
});

describe('stopped while a file gave way to another version', () => {
  /** `a` had written what became a copy; it stopped after its files were exchanged and before a row said so. */
  function exchanged(): readonly [Device, Device] {
    const [a, b] = pair();
    a.write('f', x);
    a.settle();
    b.write('f', y);
    b.settle();
    a.syncFrom(b);
    a.round(a.plan(), 1);
    a.round(a.plan(), 1, true);
    expect(a.disk.get('f')?.content).toBe(y);
    a.base.delete([...a.disk.keys()].find((path) => path !== 'f') as string);
    return [a, b];
  }

  test('[FIL-30] [FIL-31] what replaced it is not taken for a change made here', () => {
    const [a, b] = exchanged();
    expect(brief(a.plan())).toMatchObject({ acts: [] });
    converge([a, b]);
    expect(contentsOf(b)).toEqual([x, y].sort());
    expect([...b.held.values()].flat()).toHaveLength(2);
  });

  test('[FIL-31] a change made after the stop leaves both', () => {
    const [a, b] = exchanged();
    a.write('f', z);
    converge([a, b]);
    expect(contentsOf(b)).toEqual([x, y, z].sort());
  });

  test('[FIL-26] deleting a copy deletes it, even where the folder shows it at the path by now', () => {
    const [a, b] = pair();
    a.write('f', x);
    a.settle();
    b.write('f', y);
    b.settle();
    converge([a, b]);
    const copy = [...a.disk.keys()].find((path) => path !== 'f') as string;
    b.remove('f');
    b.settle();
    a.syncFrom(b);
    a.remove(copy);
    converge([a, b]);
    expect(contentsOf(b)).not.toContain(x);
  });
});

describe('a conflict copy that never came', () => {
  /** Both wrote `f`; the third has what is shown there, and nobody gave it the other content. */
  function parted(): readonly [Device, Device, Device] {
    const [c, a, b] = [new Device(2, tick), new Device(0, tick), new Device(1, tick)];
    for (const device of [a, b, c]) device.peers = [];
    a.write('f', x);
    a.settle();
    b.write('f', y);
    b.settle();
    c.syncFrom(a);
    c.syncFrom(b);
    c.peers = [b];
    c.settle();
    expect(c.listing()).toEqual([`f file ${y.slice(0, 8)}`]);
    return [a, b, c];
  }

  test('[FIL-29] is not written down by an act on the path, and goes when its author replaces it', () => {
    const [a, b, c] = parted();
    c.write('f', z);
    expect(brief(c.plan())).toMatchObject({ acts: ['put f'] });
    c.settle();
    a.write('f', w);
    a.settle();
    for (const device of [a, b, c]) device.peers = [a, b, c];
    converge([a, b, c]);
    expect(c.plan().needs).toEqual([]);
    expect(contentsOf(c)).toEqual([w, z].sort());
    expect([...c.held.values()].flat().filter(({ made }) => made === 'copy')).toEqual([]);
  });

  test('comes later, and an act on the path then writes it down', () => {
    const [a, b, c] = parted();
    c.write('f', z);
    c.settle();
    for (const device of [a, b, c]) device.peers = [a, b, c];
    converge([a, b, c]);
    expect(contentsOf(c)).toEqual([x, z].sort());
    c.write('f', w);
    converge([a, b, c]);
    expect(contentsOf(b)).toEqual([x, w].sort());
    expect(a.plan().conflicts).toEqual([]);
  });
});

describe('something else in the place of a version', () => {
  test('[FIL-32] a directory made where a file was says so, though another device shows a directory there too', () => {
    const [a, b] = pair();
    a.write('p', x);
    a.settle();
    b.mkdir('p');
    b.write('p/f', y);
    b.settle();
    a.syncFrom(b);
    a.remove('p');
    a.mkdir('p');
    expect(brief(a.plan())).toMatchObject({ acts: ['put p'] });
    converge([a, b]);
    expect(a.listing()).toEqual(b.listing());
    expect(contentsOf(a)).not.toContain(x);
    expect(contentsOf(a)).toContain(y);
  });
});

describe('closed sets', () => {
  test('[FIL-33] hold the file that has the inode of a missing one', () => {
    const [a] = pair();
    a.write('f', x);
    a.write('other', y);
    a.settle();
    a.rename('f', 'g');
    a.disk.set('g', { ...(a.disk.get('g') as DiskRow), content: undefined });
    const closed = closeSet(a.closure(), ['f']);
    expect([...closed].sort()).toEqual(['f', 'g']);
    expect([...closeSet(a.closure(), ['g'])].sort()).toEqual(['f', 'g']);
    expect(brief(planTree(a.input(closed)))).toMatchObject({ acts: ['delete f', 'put g'] });
  });

  test('[FIL-33] leave out what holds the same content and is to stay', () => {
    const [a, b] = pair();
    a.write('f', x);
    a.write('same', x);
    a.write('gone', x);
    converge([a, b]);
    a.remove('gone');
    a.settle();
    b.syncFrom(a);
    expect([...closeSet(b.closure(), ['gone'])]).toEqual(['gone']);
  });
});
