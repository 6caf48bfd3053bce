import { describe, expect, test } from 'vitest';
import type { ChunkId } from '../../../src/model/index.js';
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
      reason: 'Nobody who is connected has its content: it comes with who has it. Device 01010101 told of it.',
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

/** `a` removed what it told of and nobody had got, was asked, and rejected that: nobody has it. */
function rejected(): { world: World; a: Device; b: Device; c: Device; kept: Uint8Array } {
  const [world, a, b, c] = parted(3);
  const kept = a.disk.nodes.get('f0000')?.bytes as Uint8Array;
  for (const path of [...a.disk.nodes.keys()]) a.disk.nodes.delete(path);
  a.look();
  world.settle();
  expect(a.tree.status().state).toBe('braked');
  a.handle(() => a.tree.brake.reject());
  a.setOnline(true);
  world.converge();
  return { world, a, b, c, kept };
}

const lost = /^Its content is on no device of the folder: all were asked\. /;

describe('[FIL-86] content that every other member said not to have', () => {
  test('is told of on all devices, and waited for no more', () => {
    const { a, b, c } = rejected();
    for (const device of [a, b, c]) {
      expect(device.disk.listing()).toEqual(b.disk.listing());
      expect(device.needs().length).toBe(3);
      expect(device.tree.settled()).toBe(true);
      expect(device.tree.status()).toMatchObject({
        state: 'inStep',
        missing: 3,
        reason: 'The content of 3 files is on no device of the folder.',
      });
      expect(device.tree.why('f0000').reason).toMatch(lost);
    }
    expect(a.tree.why('f0000').reason).toMatch(/ This device told of it\./);
    expect(b.tree.why('f0000').reason).toMatch(/ Device 01010101 told of it\./);
  });

  test('still counts as lost when who said so has gone, to who comes anew too, who was asked first', () => {
    const { world, a, b } = rejected();
    a.setOnline(false);
    world.settle();
    expect(b.tree.settled()).toBe(true);
    const d = world.add({ founded: false });
    for (let i = 0; i < 3; i++) b.wake();
    expect(b.tree.settled()).toBe(false);
    expect(b.tree.status()).toMatchObject({ missing: 0 });
    world.converge();
    for (const device of [b, d]) expect(device.tree.status()).toMatchObject({ state: 'inStep', missing: 3 });
  });

  test('comes at once to all that want it when a device has it again, under whatever name', () => {
    const { world, a, b, c, kept } = rejected();
    c.disk.write('again', kept);
    world.converge();
    for (const device of [a, b, c]) {
      expect(device.disk.nodes.get('f0000')?.bytes).toEqual(kept);
      expect(device.tree.status()).toMatchObject({ state: 'inStep', missing: 2 });
    }
  });

  test('comes at once from a device that was away', () => {
    const { world, a, b, kept } = rejected();
    const d = world.add({ founded: false });
    d.setOnline(false);
    world.converge();
    expect(b.tree.settled()).toBe(false);
    d.disk.write('f0000', kept);
    d.look();
    world.settle();
    const before = world.nowMs;
    d.setOnline(true);
    world.exchange();
    while (a.turn() || b.turn() || d.turn());
    expect(world.nowMs).toBe(before);
    world.converge();
    for (const device of [a, b]) expect(device.disk.nodes.get('f0000')?.bytes).toEqual(kept);
  });

  test('[FIL-87] is not said to be lost where a member should have it and can not give it now', () => {
    const [world, a, b] = parted(3);
    for (let i = 0; i < 3; i++) a.disk.nodes.delete(`f000${i}`);
    a.setOnline(true);
    world.settle();
    expect(b.tree.status()).toMatchObject({ state: 'waiting', missing: 0 });
    expect(b.tree.settled()).toBe(false);
  });

  test('[FIL-87] is not said to be missing by a device that did not look at all of its disk yet', () => {
    const { a } = rejected();
    const id = 'ab'.repeat(32) as ChunkId;
    expect(a.tree.serve([id])).toMatchObject({ missing: [{ id, also: [] }], unsure: [] });
    a.crash();
    expect(a.tree.serve([id])).toMatchObject({ missing: [], unsure: [id] });
  });
});

test('[FIL-85] what is here of content that waits is not read again, and kept until nobody wants it', () => {
  const world = new World(23);
  const [a, b, c] = [world.add(), world.add(), world.add()];
  a.disk.write('big', randomBytes(900_000, 7));
  c.setOnline(false);
  b.cutAfter = 3;
  a.look();
  for (let i = 0; i < 40; i++) while (a.turn());
  world.nowMs += 2_000;
  a.wake();
  while (a.turn());
  b.take(a);
  for (let i = 0; i < 500 && b.cutAfter > 0; i++) b.turn();
  a.setOnline(false);
  b.cutAfter = Number.POSITIVE_INFINITY;
  c.setOnline(true);
  world.settle();
  expect(b.tree.status().state).toBe('waiting');
  expect(b.disk.temps.size).toBe(1);
  const copies = b.tasks['copy-chunks'] ?? 0;
  world.nowMs += 3_600_000;
  world.settle();
  expect(b.tasks['copy-chunks'] ?? 0).toBe(copies);
  const fetched = b.chunksReceived;
  a.setOnline(true);
  world.converge();
  expect(b.disk.listing()).toEqual(a.disk.listing());
  expect(new Set(b.fetchedIds).size).toBe(b.fetchedIds.length);
  expect(b.chunksReceived).toBeGreaterThan(fetched);
  expect(b.disk.temps.size).toBe(0);
});
