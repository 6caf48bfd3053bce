/** Bytes that change on a disk without anybody writing them. */

import { describe, expect, test } from 'vitest';
import { randomBytes } from './random-bytes.js';
import { type Device, World } from './world.js';

const kinds = [
  ['in its record', 900],
  ['in a chunk', 30_000],
  ['in many chunks', 2_500_000],
] as const;

/** Two devices in step with a file. */
function shared(size: number): readonly [World, Device, Device] {
  const world = new World(7);
  const [a, b] = [world.add(), world.add()];
  a.disk.write('d/f', randomBytes(size, 1));
  a.disk.write('other', 'other');
  world.converge();
  world.nowMs += 3_600_000;
  return [world, a, b];
}

/** Reads everything on a device again, and lets happen what comes of it. */
function reread(world: World, device: Device): void {
  let done = false;
  device.handle(() => device.tree.rot.readAll(() => (done = true)));
  world.settle();
  expect(done).toBe(true);
}

function entries(...devices: readonly Device[]): readonly number[] {
  return devices.map((device) => device.logs.get(device.id)?.length ?? 0);
}

describe.each(kinds)('content that stands %s', (_what, size) => {
  test('[FIL-120] [FIL-121] what a disk lost is fetched again, is told, and nobody records it', () => {
    const [world, a, b] = shared(size);
    const before = b.disk.listing();
    const had = entries(a, b);
    b.disk.rot('d/f', size - 5);
    const damaged = b.disk.nodes.get('d/f')?.bytes;
    world.converge();
    expect(b.tree.status().damaged).toBe(0);
    b.chunksReceived = 0;
    reread(world, b);
    world.converge();
    expect(b.disk.listing()).toEqual(before);
    expect(entries(a, b)).toEqual(had);
    expect(b.tree.status()).toMatchObject({ state: 'inStep', damaged: 0 });
    expect(b.told).toContain('damaged d/f');
    expect([...b.disk.archive.values()].map(({ bytes }) => bytes)).toContainEqual(damaged);
    expect(b.chunksReceived).toBe(size > 1_024 ? 1 : 0);
  });
});

describe('bit rot', () => {
  test('[FIL-122] a chunk that does not fit any more is told of, and comes back', () => {
    const [world, a, b] = shared(30_000);
    b.setOnline(false);
    a.disk.rot('d/f');
    const d = world.add();
    d.setOnline(true);
    d.take(a);
    world.settle();
    expect(a.tree.status()).toMatchObject({ damaged: 1, state: 'waiting' });
    expect(a.tree.why('d/f').reason).toContain('changed on this disk, though nobody wrote to it');
    expect(d.disk.text('d/f')).toBeUndefined();
    b.setOnline(true);
    world.converge();
    expect(a.tree.status()).toMatchObject({ damaged: 0, state: 'inStep' });
    expect(d.disk.listing()).toEqual(b.disk.listing());
    expect(a.disk.listing()).toEqual(b.disk.listing());
  });

  test('[FIL-122] a copy of it that does not come out is told of too', () => {
    const [world, a, b] = shared(30_000);
    b.disk.rot('d/f');
    a.disk.write('copy', randomBytes(30_000, 1));
    world.converge();
    expect(b.told).toContain('damaged d/f');
    expect(b.disk.listing()).toEqual(a.disk.listing());
  });

  test('[FIL-121] while nobody has the content, what is there stays; a person may take it as it is', () => {
    const [world, a, b] = shared(30_000);
    b.setOnline(false);
    a.disk.rot('d/f');
    const damaged = a.disk.nodes.get('d/f')?.bytes as Uint8Array;
    const had = entries(a);
    reread(world, a);
    a.crash();
    world.converge();
    expect(a.tree.status()).toMatchObject({ damaged: 1, state: 'waiting' });
    expect(a.tree.status().reason).toContain('d/f changed on this disk');
    expect(a.tree.why('d/f').state).toBe('waiting');
    expect(a.disk.nodes.get('d/f')?.bytes).toEqual(damaged);
    expect(entries(a)).toEqual(had);
    a.disk.write('d/f', damaged);
    world.converge();
    expect(a.tree.status()).toMatchObject({ damaged: 0, state: 'inStep' });
    b.setOnline(true);
    world.converge();
    expect(b.disk.nodes.get('d/f')?.bytes).toEqual(damaged);
  });

  test('[FIL-120] a second name, or one that was taken back, makes no act of damage', () => {
    const [world, a, b] = shared(30_000);
    const before = a.disk.listing();
    b.setOnline(false);
    a.disk.rot('d/f');
    const had = entries(a);
    reread(world, a);
    const node = a.disk.nodes.get('d/f');
    for (let i = 0; i < 2; i++) {
      if (node !== undefined) node.ctimeUs = a.disk.tick();
      world.converge();
      expect(a.tree.status()).toMatchObject({ damaged: 1, state: 'waiting' });
    }
    a.disk.rot('d/f');
    reread(world, a);
    expect(a.tree.status()).toMatchObject({ damaged: 0, state: 'inStep' });
    a.disk.rot('d/f');
    reread(world, a);
    b.setOnline(true);
    world.converge();
    expect(entries(a)).toEqual(had);
    expect(a.disk.listing()).toEqual(before);
  });

  test('[FIL-121] what others do to a damaged file is done', () => {
    for (const act of [
      (each: Device) => each.disk.write('d/f', randomBytes(30_000, 9)),
      (each: Device) => each.disk.remove('d/f'),
      (each: Device) => each.disk.rename('d/f', 'd/g'),
      (each: Device) => each.disk.chmod('d/f', true),
    ]) {
      const [world, a, b] = shared(30_000);
      b.disk.rot('d/f');
      a.setOnline(false);
      reread(world, b);
      expect(b.tree.status().damaged).toBe(1);
      act(a);
      a.look();
      world.settle();
      a.setOnline(true);
      world.converge();
      expect(b.disk.listing()).toEqual(a.disk.listing());
      expect(b.tree.status()).toMatchObject({ state: 'inStep', damaged: 0 });
    }
  });

  test('[FIL-120] bytes that are as they were again need nothing', () => {
    const [world, a, b] = shared(30_000);
    b.setOnline(false);
    a.disk.rot('d/f');
    reread(world, a);
    expect(a.tree.status().damaged).toBe(1);
    a.disk.rot('d/f');
    reread(world, a);
    expect(a.tree.status()).toMatchObject({ damaged: 0, state: 'inStep' });
    expect(a.disk.archive.size).toBe(0);
  });

  test('[FIL-123] everything is read again in four weeks, a little every hour', () => {
    const world = new World(7);
    const a = world.add();
    for (let i = 0; i < 40; i++) a.disk.write(`f${i}`, randomBytes(2_000, i));
    world.converge();
    a.disk.rot('f31');
    const first = a.tasks.hash ?? 0;
    for (let hour = 0; hour < 45; hour++) {
      world.nowMs += 3_600_000;
      world.settle();
      expect((a.tasks.hash ?? 0) - first).toBeLessThanOrEqual(hour + 1);
    }
    expect(a.tree.status().damaged).toBe(1);
    const read = a.tasks.hash ?? 0;
    for (let day = 3; day < 27; day++) {
      world.nowMs += 86_400_000;
      world.settle();
    }
    expect(a.tasks.hash ?? 0).toBe(read);
    for (let hour = 0; hour < 100; hour++) {
      world.nowMs += 3_600_000;
      world.settle();
    }
    expect(a.tasks.hash ?? 0).toBeGreaterThan(read);
  });

  test('[FIL-124] what was written without a trace right after it was recorded is an act', () => {
    const [world, a, b] = shared(30_000);
    const node = a.disk.nodes.get('d/f');
    a.disk.write('d/f', randomBytes(30_000, 2));
    const writtenMs = world.nowMs;
    if (node !== undefined) Object.assign(node, { mtimeUs: writtenMs * 1_000, ctimeUs: writtenMs * 1_000 });
    world.converge();
    a.disk.rot('d/f');
    world.nowMs = writtenMs + 1_000;
    reread(world, a);
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(a.told).not.toContain('damaged d/f');
    expect(a.disk.archive.size).toBe(0);
  });
});
