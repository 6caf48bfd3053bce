import { describe, expect, test } from 'vitest';
import { randomBytes } from './random-bytes.js';
import { type Device, type Pending, World } from './world.js';

function pair(): readonly [World, Device, Device] {
  const world = new World(7);
  return [world, world.add(), world.add()];
}

/** All that can happen before the clock moves on. */
function now(device: Device): void {
  while (device.turn());
}

/** Looks at the disk, and lets deletes have their time to gather. */
function look(world: World, device: Device): void {
  device.look();
  now(device);
  world.nowMs += 1_000;
  device.wake();
  now(device);
}

function tell(world: World, device: Device): void {
  look(world, device);
  world.exchange();
}

/** Takes what another device has in the step that records files of this one. */
function takeWhileRecording(world: World, device: Device, other: Device): void {
  for (const path of ['mine', 'mine too']) device.disk.write(path, path);
  device.hint('mine', 'mine too');
  while (!device.pending.some(({ work }) => work.task === 'hash')) device.run(device.pending.shift() as Pending);
  device.run(device.pending.shift() as Pending);
  world.nowMs += 1_000;
  const recorded = device.applied();
  device.take(other);
  expect(device.applied()).toBe(recorded + 2);
}

describe('nothing is left', () => {
  test('of a fetched file that could not be placed and is not wanted any more', () => {
    const [world, a, b] = pair();
    b.disk.unwritable.add('f');
    a.disk.write('f', randomBytes(5_000, 1));
    tell(world, a);
    world.settle();
    expect(b.disk.temps.size).toBe(1);
    a.disk.write('f', 'short');
    tell(world, a);
    b.disk.unwritable.clear();
    world.settle();
    expect(b.disk.text('f')).toBe('short');
    expect(b.disk.temps.size).toBe(0);
  });

  test('of content that was put aside for another path and then not taken', () => {
    const [world, a, b] = pair();
    for (const [i, path] of ['x', 'y', 'z'].entries()) a.disk.write(path, randomBytes(5_000, i));
    world.converge();
    a.disk.rename('x', 'old');
    a.disk.rename('y', 'x');
    a.disk.rename('z', 'y');
    a.disk.rename('old', 'z');
    const before = b.disk.listing();
    tell(world, a);
    b.disk.unwritable.add('z');
    while (b.disk.listing().join() === before.join()) b.turn();
    expect(b.disk.temps.size).toBe(1);
    for (const path of ['x', 'y', 'z']) a.disk.write(path, `short ${path}`);
    tell(world, a);
    b.disk.unwritable.clear();
    world.settle();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(b.disk.temps.size).toBe(0);
  });

  test('of content that was on its way when it was not wanted any more', () => {
    const [world, other, a] = pair();
    const b = world.add();
    a.disk.write('f', randomBytes(5_000, 1));
    tell(world, a);
    now(other);
    while (b.fetches.length === 0) b.turn();
    a.disk.write('f', 'short');
    a.look();
    now(a);
    b.take(a);
    world.settle();
    expect(b.chunksReceived).toBe(1);
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(b.disk.temps.size).toBe(0);
  });

  test('by an earlier life, however late its temp files are listed', () => {
    const [world, a, b] = pair();
    a.disk.write('f', randomBytes(3_000_000, 1));
    tell(world, a);
    b.cutAfter = 2;
    for (let i = 0; i < 2_000 && b.cutAfter > 0; i++) b.turn();
    b.crash();
    b.disk.temps.set('place-0', randomBytes(10, 2));
    a.disk.remove('f');
    tell(world, a);
    const slow = { kind: 'list-temps' as const, tasks: [] };
    b.slow = slow;
    world.settle();
    expect(b.disk.temps.size).toBe(2);
    b.slow = undefined;
    for (const task of slow.tasks) b.run(task);
    world.settle();
    expect(b.disk.temps.size).toBe(0);
  });

  test('by an earlier life in a directory that was away when this one began', () => {
    const [world, a, b] = pair();
    a.disk.write('f', randomBytes(3_000_000, 1));
    tell(world, a);
    b.cutAfter = 2;
    for (let i = 0; i < 2_000 && b.cutAfter > 0; i++) b.turn();
    b.crash();
    b.disk.temps.set('place-0', randomBytes(10, 2));
    a.disk.remove('f');
    tell(world, a);
    const here = b.disk.rootState;
    b.disk.rootState = { state: 'missing', reason: 'There is nothing.' };
    world.settle();
    expect(b.disk.temps.size).toBe(2);
    b.disk.rootState = here;
    world.settle();
    expect(b.disk.temps.size).toBe(0);
  });

  test('of a need that ended in the same plan as something was recorded', () => {
    const [world, a, b] = pair();
    a.disk.write('f', randomBytes(5_000, 1));
    tell(world, a);
    while (b.fetches.length === 0) b.turn();
    a.disk.remove('f');
    look(world, a);
    takeWhileRecording(world, b, a);
    world.settle();
    expect(b.needs()).toEqual([]);
    expect(b.tree.settled()).toBe(true);
  });

  test('but a fetched file stays while its path waits for something else', () => {
    const [world, a, b] = pair();
    a.disk.write('dir/mine', 'x');
    world.converge();
    b.disk.unreadable.add('dir/mine');
    b.hint('dir/mine');
    now(b);
    a.disk.remove('dir');
    a.disk.write('dir', randomBytes(5_000, 1));
    world.converge();
    expect(b.disk.nodes.get('dir')?.kind).toBe('directory');
    expect(b.disk.temps.size).toBe(1);
    b.disk.unreadable.clear();
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(b.chunksReceived).toBe(1);
  });
});

describe('trouble with a path', () => {
  test('ends, and is not tried again, once there is nothing to do there', () => {
    const [world, a, b] = pair();
    b.disk.unwritable.add('f');
    a.disk.write('f', 'x');
    tell(world, a);
    world.settle();
    expect(b.tree.why('f')).toEqual({ state: 'error', reason: 'no permission' });
    expect(b.tree.status().state).toBe('syncing');
    a.disk.remove('f');
    tell(world, a);
    now(b);
    expect(b.tree.why('f').state).toBe('inStep');
    expect(b.tree.status()).toMatchObject({ state: 'inStep' });
    expect(b.tree.status().reason).toBeUndefined();
    expect(b.tree.settled()).toBe(true);
  });

  test('ends in a plan that records something elsewhere too', () => {
    const [world, a, b] = pair();
    b.disk.unwritable.add('f');
    a.disk.write('f', 'x');
    tell(world, a);
    world.settle();
    a.disk.remove('f');
    look(world, a);
    takeWhileRecording(world, b, a);
    expect(b.tree.why('f').state).toBe('inStep');
    expect(b.tree.status().reason).toBeUndefined();
  });

  test('of a full disk ends with the first chunk that finds room', () => {
    const [world, a, b] = pair();
    b.disk.full = true;
    a.disk.write('f', randomBytes(3_000_000, 1));
    tell(world, a);
    now(b);
    expect(b.tree.why('f').state).toBe('error');
    b.disk.full = false;
    b.cutAfter = 2;
    world.nowMs += 10_000;
    b.wake();
    for (let i = 0; i < 2_000 && b.cutAfter > 0; i++) b.turn();
    expect(b.tree.why('f').state).toBe('syncing');
  });
});
