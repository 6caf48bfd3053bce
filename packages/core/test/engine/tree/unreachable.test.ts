import { describe, expect, test } from 'vitest';
import { randomBytes } from './random-bytes.js';
import { type Device, World } from './world.js';

/** `a` wrote files that `b` has heard of and not had: `a` has gone, and `c` never had them. */
function parted(count: number): readonly [World, Device, Device, Device] {
  const world = new World(21);
  const [a, b, c] = [world.add(), world.add(), world.add()];
  c.disk.write('mine', randomBytes(5_000, 9_999));
  world.converge();
  c.setOnline(false);
  for (let i = 0; i < count; i++) a.disk.write(`f${`${i}`.padStart(4, '0')}`, randomBytes(1_100, i));
  b.cutAfter = 0;
  a.look();
  while (a.turn());
  world.nowMs += 2_000;
  a.wake();
  while (a.turn());
  b.take(a);
  a.setOnline(false);
  c.setOnline(true);
  b.cutAfter = Number.POSITIVE_INFINITY;
  return [world, a, b, c];
}

describe('[FIL-85] content that nobody who is connected has', () => {
  test('keeps no other from coming, however much of it there is', () => {
    const [world, , b, c] = parted(520);
    c.disk.write('zz', randomBytes(5_000, 1_235));
    c.look();
    while (c.turn());
    world.nowMs += 2_000;
    c.wake();
    while (c.turn());
    b.take(c);
    while (b.turn());
    expect(b.disk.nodes.get('zz')).toBeDefined();
    expect(b.needs().length).toBe(520);
    expect(b.tree.settled()).toBe(false);
    expect(b.tree.status()).toMatchObject({
      state: 'waiting',
      reason: 'The content of 520 files is with nobody who is connected.',
    });
    expect(b.tree.why('f0001')).toEqual({
      state: 'waiting',
      reason: 'Nobody who is connected has its content: it comes with who has it.',
    });
  });

  test('is asked for again at once when somebody comes', () => {
    const [world, a, b] = parted(3);
    world.converge();
    expect(b.needs().length).toBe(3);
    const before = world.nowMs;
    a.setOnline(true);
    while (b.turn());
    expect(world.nowMs).toBe(before);
    expect(b.needs()).toEqual([]);
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
  });
});

describe('[FIL-86] content that every other member said not to have', () => {
  test('is unreachable: it is told, holds up nothing, and comes once somebody has it again', () => {
    const [world, a, b, c] = parted(2);
    const kept = a.disk.nodes.get('f0000')?.bytes as Uint8Array;
    for (const path of ['f0000', 'f0001']) a.disk.nodes.delete(path);
    a.setOnline(true);
    world.settle();
    expect(b.needs().length).toBe(2);
    expect(b.tree.settled()).toBe(true);
    expect(b.tree.status()).toMatchObject({
      state: 'inStep',
      reason: 'The content of 2 files is on no device of the folder.',
    });
    expect(b.tree.why('f0000').reason).toMatch(/^Its content is on no device of the folder/);
    c.setOnline(false);
    world.settle();
    expect(b.tree.settled()).toBe(true);
    c.disk.write('again', kept);
    c.look();
    world.settle();
    c.setOnline(true);
    world.exchange();
    world.settle();
    expect(b.disk.nodes.get('f0000')?.bytes).toEqual(kept);
    expect(b.needs().length).toBe(1);
    expect(b.tree.settled()).toBe(true);
  });
});
