import { describe, expect, test } from 'vitest';
import type { RootState } from '../../../src/ports/index.js';
import { type Device, World } from './world.js';

const here: RootState = { state: 'ok', nonce: 'n', place: '1' };
const against: readonly RootState[] = [
  { state: 'missing', reason: 'the directory is not there' },
  { state: 'foreign', reason: 'it is of another folder' },
  { state: 'unreadable', reason: 'it cannot be read' },
  { state: 'read-only', reason: 'it cannot be written' },
  { state: 'ok', nonce: 'of somebody else', place: '1' },
];

/** Two devices in step, with a file; the second one's root is the one that things happen to. */
function shared(): readonly [World, Device, Device] {
  const world = new World();
  const [a, b] = [world.add(), world.add()];
  a.disk.write('kept', 'as it was');
  a.disk.write('dir/below', 'as it was, too');
  world.converge();
  return [world, a, b];
}

/** Takes everything off a disk; the returned function puts it back. */
function emptied(device: Device): () => void {
  const kept = new Map(device.disk.nodes);
  device.disk.nodes.clear();
  return () => {
    for (const [path, node] of kept) device.disk.nodes.set(path, node);
  };
}

describe('a root that is not what it was', () => {
  test.each(against)('[FIL-51] stops the folder while it lasts, and deletes nothing: %o', (state) => {
    const [world, a, b] = shared();
    const restore = emptied(b);
    b.disk.rootState = state;
    b.look();
    world.settle();
    expect(b.tree.status().state).toBe('stopped');
    expect(b.tree.settled()).toBe(false);
    a.disk.write('new', 'written meanwhile');
    a.look();
    world.settle();
    world.exchange();
    world.settle();
    expect([...b.disk.nodes.keys()]).toEqual([]);
    expect(a.disk.text('kept')).toBe('as it was');
    b.disk.rootState = here;
    restore();
    world.nowMs += 60_000;
    world.converge();
    expect(b.tree.status().state).toBe('inStep');
    for (const device of [a, b]) {
      expect(device.disk.text('dir/below')).toBe('as it was, too');
      expect(device.disk.text('new')).toBe('written meanwhile');
    }
  });

  test('is found out without anybody asking, and so is that it is back', () => {
    const [world, , b] = shared();
    b.disk.rootState = against[0] as RootState;
    world.nowMs += 60_000;
    world.settle();
    expect(b.tree.status()).toMatchObject({ state: 'stopped', reason: 'the directory is not there' });
    b.disk.rootState = here;
    world.nowMs += 5_000;
    world.settle();
    expect(b.tree.status().state).toBe('inStep');
  });

  test('[FIL-52] stops a group that was planned before, between any two of its steps', () => {
    for (let after = 0; after < 12; after++) {
      const [world, a, b] = shared();
      a.disk.write('kept', 'newer');
      a.disk.write('other', 'new');
      a.look();
      world.settle();
      world.exchange();
      for (let turn = 0; turn < after; turn++) b.turn();
      b.disk.rootState = against[0] as RootState;
      const before = new Map(b.disk.nodes);
      b.look();
      world.settle();
      expect(b.tree.status().state).toBe('stopped');
      b.disk.nodes.clear();
      world.settle();
      expect(a.disk.text('kept')).toBe('newer');
      for (const [path, node] of before) b.disk.nodes.set(path, node);
      b.disk.rootState = here;
      world.nowMs += 60_000;
      world.converge();
      expect(b.disk.text('kept')).toBe('newer');
      expect(a.disk.text('dir/below')).toBe('as it was, too');
    }
  });

  test('is noted and looked at whole when it is another directory with the same token', () => {
    const [world, , b] = shared();
    expect(b.tree.status().movedMs).toBe(0);
    const scans = b.tasks['scan'] ?? 0;
    b.disk.rootState = { ...here, place: '2' };
    world.nowMs += 60_000;
    world.settle();
    expect(b.tree.status().movedMs).toBeGreaterThan(0);
    expect(b.tasks['scan']).toBe(scans + 1);
    expect(b.disk.text('kept')).toBe('as it was');
  });

  test('and a crash: nothing is done before the token was seen', () => {
    const [world, a, b] = shared();
    const restore = emptied(b);
    b.disk.rootState = against[0] as RootState;
    b.crash();
    world.settle();
    b.look();
    world.settle();
    expect(b.tree.status().state).toBe('stopped');
    world.exchange();
    world.settle();
    expect(a.disk.text('kept')).toBe('as it was');
    restore();
    b.disk.rootState = here;
    b.crash();
    world.converge();
    expect(b.disk.text('kept')).toBe('as it was');
    expect(b.disk.text('dir/below')).toBe('as it was, too');
  });
});
