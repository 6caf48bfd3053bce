import { describe, expect, test } from 'vitest';
import { isConflictName } from '../../../src/tree/index.js';
import { randomBytes } from './random-bytes.js';
import { type Device, type Pending, World } from './world.js';

const big = (seed: number): Uint8Array => randomBytes(40_000, seed);

/** Two devices in step. */
function shared(set: (device: Device) => void): readonly [World, Device, Device] {
  const world = new World(3);
  const [a, b] = [world.add(), world.add()];
  set(a);
  world.converge();
  return [world, a, b];
}

/** Until the device's disk is so; nothing that comes later is done. */
function until(device: Device, isSo: () => boolean): void {
  for (let i = 0; i < 1_000; i++) {
    if (isSo()) return;
    if (!device.turn()) device.world.nowMs += 100;
    device.wake();
  }
  throw new Error('it never came to that');
}

/** The first task of that kind that comes to be done, which is then not done yet. */
function pending(device: Device, kind: string): Pending {
  const isOne = ({ work }: Pending): boolean => work.task === kind;
  until(device, () => device.pending.some(isOne));
  const one = device.pending.find(isOne) as Pending;
  device.pending = device.pending.filter((other) => other !== one);
  return one;
}

/** What one device did is applied at the other, and not a step more is made. */
function apply(from: Device, to: Device, isSo: () => boolean): void {
  from.look();
  from.world.settle();
  to.take(from);
  until(to, isSo);
}

function texts(device: Device): readonly (string | undefined)[] {
  const paths = [...device.disk.nodes.keys()].filter((path) => device.disk.nodes.get(path)?.kind === 'file');
  return paths.map((path) => `${isConflictName(path) ? 'copy' : path}: ${device.disk.text(path)}`).sort();
}

function expectSame(...devices: readonly Device[]): void {
  for (const device of devices) {
    expect(device.disk.listing()).toEqual(devices[0]?.disk.listing());
    expect(device.tree.status()).toMatchObject({ state: 'inStep' });
  }
}

describe('late writes', () => {
  test('[FIL-41] what is written to a file after it was replaced stands beside what replaced it', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'one'));
    const write = b.disk.open('f');
    a.disk.write('f', 'two');
    apply(a, b, () => b.disk.text('f') === 'two');
    write('one, and more');
    world.converge();
    expect(texts(b)).toEqual(['copy: two', 'f: one, and more']);
    expectSame(a, b);
  });

  test('[FIL-41] what is written to a file after it was removed is back', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('d/f', 'one'));
    const write = b.disk.open('d/f');
    a.disk.remove('d');
    apply(a, b, () => b.disk.text('d/f') === undefined);
    write('one, and more');
    world.converge();
    expect(texts(b)).toEqual(['d/f: one, and more']);
    expectSame(a, b);
  });

  test('long content comes from the archive and goes to others', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', big(1)));
    const write = b.disk.open('f');
    a.disk.write('f', big(2));
    apply(a, b, () => b.disk.archive.size > 0);
    write(big(3));
    world.converge();
    for (const { disk } of [a, b]) expect(disk.nodes.get('f')?.bytes).toEqual(big(3));
    expect(b.tree.status().conflicts).toBe(1);
    expectSame(a, b);
  });

  test('the archive keeps its own entries', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'one'));
    const write = b.disk.open('f');
    a.disk.write('f', 'two');
    apply(a, b, () => b.disk.text('f') === 'two');
    write('late');
    world.converge();
    expect(b.disk.archived()).toEqual(['late', 'two']);
  });

  test('whoever goes on writing has each version follow the one before', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('log', 'one'));
    const write = b.disk.open('log');
    a.disk.write('log', 'two');
    apply(a, b, () => b.disk.text('log') === 'two');
    for (const text of ['one, 1', 'one, 1, 2', 'one, 1, 2, 3']) {
      write(text);
      until(b, () => b.disk.text('log') === text);
      world.nowMs += 20_000;
    }
    world.converge();
    expect(texts(b)).toEqual(['copy: two', 'log: one, 1, 2, 3']);
    expectSame(a, b);
  });

  test('a write after the last look but one is found with the next whole scan', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'one'));
    const write = b.disk.open('f');
    a.disk.write('f', 'two');
    apply(a, b, () => b.disk.text('f') === 'two');
    world.settle();
    write('very late');
    world.settle();
    expect(texts(b)).toEqual(['f: two']);
    world.converge();
    expect(texts(b)).toEqual(['copy: two', 'f: very late']);
    expectSame(a, b);
  });

  test('a file that only got a new time, or what it is to be anyway, is none', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'one'));
    const write = b.disk.open('f');
    a.disk.write('f', 'two');
    apply(a, b, () => b.disk.text('f') === 'two');
    write('one');
    world.converge();
    write('two');
    world.converge();
    expect(texts(b)).toEqual(['f: two']);
    expect(b.logs.get(b.id) ?? []).toHaveLength(0);
    expectSame(a, b);
  });

  test('what is no more in the archive says nothing', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'one'));
    a.disk.write('f', 'two');
    apply(a, b, () => b.disk.text('f') === 'two');
    b.disk.archive.clear();
    world.converge();
    expect(texts(b)).toEqual(['f: two']);
    expect(b.logs.get(b.id) ?? []).toHaveLength(0);
    expectSame(a, b);
  });

  test('copies that stood beside it stay', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'one'));
    a.disk.write('f', 'mine');
    b.disk.write('f', 'yours');
    world.converge();
    const [shown] = texts(a).filter((text) => text?.startsWith('f: '));
    const write = b.disk.open('f');
    a.disk.write('f', 'both');
    apply(a, b, () => b.disk.text('f') === 'both');
    write('late');
    world.converge();
    const copy = shown === 'f: mine' ? 'yours' : 'mine';
    expect(texts(b)).toEqual(['copy: both', `copy: ${copy}`, 'f: late']);
    expectSame(a, b);
  });
});

describe('late writes over restarts and ranks', () => {
  test('[FIL-41] what was replaced before a crash is looked at after it', () => {
    for (let seed = 0; seed < 20; seed++) {
      const world = new World(seed);
      const [a, b] = [world.add(), world.add()];
      a.disk.write('f', 'one');
      world.converge();
      const write = b.disk.open('f');
      a.disk.write('f', 'two');
      a.look();
      world.settle();
      b.take(a);
      until(b, () => b.pending.some(({ work }) => work.task === 'apply'));
      if (seed % 2 === 1) until(b, () => b.disk.text('f') === 'two');
      b.crash();
      write('late');
      world.settle();
      write('later');
      world.converge();
      const contents = texts(b).map((text) => text?.split(': ')[1]);
      expect(contents, `seed ${seed}`).toContain('two');
      expect(contents, `seed ${seed}`).toContain('later');
      expectSame(a, b);
    }
  });

  test('[FIL-42] who writes at the path before it is there makes it real as a copy', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'one'));
    const write = b.disk.open('f');
    a.disk.write('f', 'two');
    apply(a, b, () => b.disk.text('f') === 'two');
    write('late');
    until(b, () => (b.logs.get(b.id) ?? []).length > 0);
    expect(b.disk.text('f')).toBe('two');
    b.disk.write('f', 'mine, over two');
    world.converge();
    expect(texts(b)).toEqual(expect.arrayContaining(['copy: late', 'f: mine, over two']));
    expectSame(a, b);
  });

  test('[FIL-42] it stands too when the next change of the path is applied at the same time', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'one'));
    const write = b.disk.open('f');
    a.disk.write('f', 'two');
    apply(a, b, () => b.disk.text('f') === 'two' && b.tree.settled());
    write('late');
    const hash = pending(b, 'hash-archived');
    a.disk.write('f', 'three');
    a.look();
    until(a, () => a.applied() > b.applied());
    b.take(a);
    const change = pending(b, 'apply');
    b.run(hash);
    b.run(change);
    expect(b.disk.text('f')).toBe('three');
    b.disk.write('f', 'four');
    world.converge();
    expect(texts(b)).toEqual(['copy: late', 'copy: three', 'f: four']);
    expectSame(a, b);
  });

  test('a file that was linked and never replaced leaves the archive again', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'one'));
    const file = b.disk.nodes.get('f');
    a.disk.write('f', 'two');
    a.look();
    world.settle();
    b.take(a);
    until(b, () => b.pending.some(({ work }) => work.task === 'apply'));
    const [pending] = b.pending;
    if (pending?.work.task !== 'apply' || pending.work.group === undefined || file === undefined) throw new Error();
    b.disk.archive.set(`${pending.work.group}/f`, file);
    b.pending = [];
    b.crash();
    b.disk.write('f', 'mine');
    a.setOnline(false);
    b.look();
    world.settle();
    expect(b.disk.archived()).toEqual([]);
    expect(b.logs.get(b.id)).toHaveLength(1);
    a.setOnline(true);
    world.converge();
    expect(texts(b)).toEqual(['copy: two', 'f: mine']);
    expectSame(a, b);
  });

  test('a reader keeps it in the archive and tells it when it may', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'one'));
    b.writer = false;
    const write = b.disk.open('f');
    a.disk.write('f', 'two');
    apply(a, b, () => b.disk.text('f') === 'two');
    write('late');
    world.converge();
    expect(texts(b)).toEqual(['f: two']);
    expectSame(a, b);
    b.writer = true;
    world.converge();
    expect(texts(b)).toEqual(['copy: two', 'f: late']);
    expectSame(a, b);
  });
});
