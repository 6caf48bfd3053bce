import { describe, expect, test } from 'vitest';
import { archived, files, held, minuteMs, remove, shared, state, write } from './brake-kit.js';
import type { Device, World } from './world.js';

describe('deletes on this disk', () => {
  test('more than 50 of 100 are shared with nobody before a person approves, and then asked about there too', () => {
    const [world, a, b] = shared(100);
    remove(a, 60);
    a.disk.write('new', 'a creation');
    world.converge();
    expect(state(a)).toBe('braked');
    expect(a.tree.settled()).toBe(false);
    expect(a.tree.status().holds).toMatchObject([
      { side: 'out', device: a.id, deletes: 60, files: 101, empties: false },
    ]);
    expect(a.tree.status().reason).toBe(
      'This device deleted 60 of 101 files; nothing of that was shared: "cloudless approve garden" lets it go on, ' +
        '"cloudless reject garden" undoes it here.',
    );
    expect(files(b)).toBe(101);
    expect(a.tree.why('dir0/0').reason).toContain('approve');
    expect(a.tree.brake.approve()).toEqual({ deletes: 60, overwrites: 0, conflicts: 0, forgotten: 0 });
    world.converge();
    expect(state(a)).toBe('inStep');
    expect(state(b)).toBe('braked');
    expect(files(b)).toBe(101);
    expect(b.tree.status().reason).toContain(`Device ${a.id.slice(0, 8)} deleted 60 of 101 files`);
    b.tree.brake.approve();
    world.converge();
    expect(state(b)).toBe('inStep');
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(files(b)).toBe(41);
  });

  test.each([
    [100, 50, false],
    [100, 51, true],
    [1_000, 60, false],
    [400, 80, false],
    [400, 81, true],
    [20, 19, false],
    [20, 20, true],
    [2, 2, false],
  ])('of %i files %i: held is %s', (count, deletes, isHeld) => {
    const [world, a, b] = shared(count);
    remove(a, deletes);
    world.converge();
    expect(state(a)).toBe(isHeld ? 'braked' : 'inStep');
    expect(files(b)).toBe(isHeld ? count : count - deletes);
  });

  test('a root that is emptied says so', () => {
    const [world, a] = shared(12);
    a.disk.remove('dir0');
    a.disk.remove('dir1');
    a.disk.remove('dir2');
    a.disk.remove('dir3');
    world.converge();
    expect(a.tree.status().reason).toContain('This device deleted all 12 files');
  });

  test('[FIL-63] rejected, all of it comes back, directories too', () => {
    const [world, a, b] = shared(100);
    a.disk.mkdir('dir0/empty');
    world.converge();
    const before = b.disk.listing();
    for (const directory of ['dir0', 'dir1', 'dir2']) a.disk.remove(directory);
    world.converge();
    expect(held(a)).toBe(75);
    a.tree.brake.reject();
    world.converge();
    expect(a.disk.listing()).toEqual(before);
    expect(b.disk.listing()).toEqual(before);
    expect(state(a)).toBe('inStep');
  });

  test('that come later join what is held, and what comes back leaves it', () => {
    const [world, a, b] = shared(100);
    remove(a, 60);
    world.converge();
    remove(a, 5, 60);
    world.converge();
    expect(held(a)).toBe(65);
    write(a, 10);
    world.converge();
    expect(held(a)).toBe(55);
    write(a, 55, 'text', 10);
    world.converge();
    expect(held(a)).toBe(0);
    expect(state(a)).toBe('inStep');
    expect(b.disk.listing()).toEqual(a.disk.listing());
  });

  test.each([
    [7, 30],
    [10, 0],
  ])('are counted for ten minutes from the first: after %i minutes %i of 30 more are held', (minutes, expected) => {
    const [world, a] = shared(100);
    const step = (from: number): void => {
      remove(a, 30, from);
      a.look();
      world.settle();
    };
    step(0);
    expect(held(a)).toBe(0);
    world.nowMs += minutes * minuteMs;
    step(30);
    expect(held(a)).toBe(expected);
  });

  test('are found one after the other, and held all the same', () => {
    const [world, a, b] = shared(100);
    for (let i = 0; i < 60; i++) {
      a.disk.remove(`dir${i % 4}/${i}`);
      a.hint(`dir${i % 4}/${i}`);
      for (let turn = 0; turn < 3; turn++) a.turn();
      world.nowMs += 10;
    }
    world.settle();
    world.exchange();
    world.settle();
    expect(held(a)).toBe(60);
    expect(files(b)).toBe(100);
  });

  test('[FIL-60] of what lives elsewhere count for nothing', () => {
    const [world, a, b] = shared(300);
    for (let i = 0; i < 4; i++) a.disk.rename(`dir${i}`, `moved/dir${i}`);
    world.converge();
    expect([state(a), state(b)]).toEqual(['inStep', 'inStep']);
    expect(b.disk.listing()).toEqual(a.disk.listing());
    for (let i = 0; i < 300; i++) a.disk.write(`copied/${i}`, `text of ${i}`);
    world.converge();
    a.disk.remove('moved');
    world.converge();
    expect([state(a), state(b)]).toEqual(['inStep', 'inStep']);
    expect(files(b)).toBe(300);
  });

  test('stay held over a restart at any time', () => {
    const [world, a, b] = shared(100);
    remove(a, 60);
    a.look();
    for (let i = 0; i < 40; i++) {
      a.turn();
      if (i % 10 === 9) a.crash();
    }
    world.converge();
    a.crash();
    world.converge();
    expect(held(a)).toBe(60);
    expect(files(b)).toBe(100);
    a.tree.brake.approve();
    a.crash();
    world.converge();
    b.crash();
    world.converge();
    expect(held(b) + held(a)).toBeGreaterThan(0);
    a.tree.brake.approve();
    world.converge();
    b.tree.brake.approve();
    b.wake();
    b.crash();
    world.converge();
    expect(files(b)).toBe(40);
  });

  test('[FIL-61] that are held stop nothing that comes in, not even into their directories', () => {
    const [world, a, b] = shared(100);
    for (let i = 0; i < 3; i++) a.disk.remove(`dir${i}`);
    world.converge();
    b.disk.write('dir0/new', 'from b');
    b.disk.write('other', 'from b');
    world.converge();
    expect(a.disk.text('dir0/new')).toBe('from b');
    expect(a.disk.text('other')).toBe('from b');
    expect(held(a)).toBe(75);
    a.tree.brake.approve();
    world.converge();
    b.tree.brake.approve();
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(b.disk.text('dir0/new')).toBe('from b');
    expect(files(b)).toBe(27);
  });

  test('wait together with what takes the place of their directory', () => {
    const [world, a, b] = shared(20);
    a.disk.write('old', 'stays');
    world.converge();
    for (let i = 0; i < 4; i++) {
      a.disk.remove(`dir${i}`);
      a.disk.write(`dir${i}`, `a file ${i}`);
    }
    world.converge();
    expect(a.tree.status()).toMatchObject({ state: 'inStep', conflicts: 0 });
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(files(b)).toBe(5);
    const [other, c, d] = shared(240);
    c.disk.remove('dir0');
    c.disk.write('dir0', 'a file');
    other.converge();
    expect(held(c)).toBe(60);
    expect(files(d)).toBe(240);
    c.tree.brake.approve();
    other.converge();
    d.tree.brake.approve();
    other.converge();
    expect(d.disk.text('dir0')).toBe('a file');
    expect(c.tree.status().conflicts).toBe(0);
  });

  test('of a directory with a file in its place now keep that file, whatever comes into the directory', () => {
    const [world, a, b] = shared(240);
    a.disk.remove('dir0');
    a.disk.write('dir0', 'a file');
    world.converge();
    expect(held(a)).toBe(60);
    b.disk.write('dir0/new', 'into the directory');
    world.converge();
    expect(a.disk.text('dir0')).toBe('a file');
    for (const { tree } of [a, b, a, b]) {
      tree.brake.approve();
      world.converge();
    }
    expect(a.disk.listing()).toEqual(b.disk.listing());
    const texts = [...b.disk.nodes.keys()].map((path) => b.disk.text(path));
    expect(texts).toContain('a file');
    expect(texts).toContain('into the directory');
  });

  test('of what somebody else edits meanwhile do not take the edit along', () => {
    const [world, a, b] = shared(100);
    remove(a, 60);
    world.converge();
    b.disk.write('dir0/0', 'edited by b');
    world.converge();
    expect(held(a)).toBe(60);
    a.tree.brake.approve();
    world.converge();
    b.tree.brake.approve();
    world.converge();
    expect(a.disk.text('dir0/0')).toBe('edited by b');
    expect(b.disk.text('dir0/0')).toBe('edited by b');
    expect(files(b)).toBe(41);
  });
});

describe('deletes elsewhere', () => {
  /** `a` has deleted 60 of 100 and said so; `b` asks. */
  function asked(devices = 2): readonly [World, Device, Device, Device] {
    const [world, a, b, c] = shared(100, devices);
    remove(a, 60);
    world.converge();
    a.tree.brake.approve();
    world.converge();
    expect(held(b)).toBe(60);
    return [world, a, b, c];
  }

  test('[FIL-64] rejected, come back everywhere', () => {
    const [world, a, b, c] = asked(3);
    expect(held(c)).toBe(60);
    b.tree.brake.reject();
    world.converge();
    expect(files(a)).toBe(100);
    expect(files(c)).toBe(100);
    expect([state(a), state(b), state(c)]).toEqual(['inStep', 'inStep', 'inStep']);
    expect(a.disk.listing()).toEqual(b.disk.listing());
    expect(a.disk.text('dir0/0')).toBe('text of 0');
    expect(archived(b)).toEqual([]);
  });

  test('stay held over restarts, and creations by the same device do not wait', () => {
    const [world, a, b] = asked();
    a.disk.write('new', 'from a');
    b.crash();
    world.converge();
    expect(held(b)).toBe(60);
    expect(b.disk.text('new')).toBe('from a');
    expect(files(b)).toBe(101);
  });

  test('[FIL-62] that come later join, and a decision covers what was held', () => {
    const [world, a, b] = asked();
    remove(a, 5, 60);
    world.converge();
    expect(held(b)).toBe(65);
    b.tree.brake.approve();
    remove(a, 3, 65);
    world.converge();
    expect(files(b)).toBe(32);
    expect(state(b)).toBe('inStep');
  });

  test('approved, do not take along what was changed here meanwhile', () => {
    const [world, a, b] = asked();
    b.disk.write('dir1/1', 'edited by b');
    world.converge();
    expect(held(b)).toBe(59);
    b.tree.brake.approve();
    world.converge();
    expect(files(b)).toBe(41);
    expect(a.disk.text('dir1/1')).toBe('edited by b');
  });

  test('are no longer held once they are taken back there', () => {
    const [world, a, b] = asked();
    write(a, 60);
    world.converge();
    expect(state(b)).toBe('inStep');
    expect(files(b)).toBe(100);
    expect(b.disk.listing()).toEqual(a.disk.listing());
  });

  test('rejected by a device that may not write keep its files and are shared with nobody', () => {
    const [world, a, b] = asked();
    b.writer = false;
    b.tree.brake.reject();
    world.converge();
    expect(files(b)).toBe(100);
    expect(files(a)).toBe(40);
  });
});
