import { describe, expect, test } from 'vitest';
import type { ChunkId } from '../../../src/model/index.js';
import { randomBytes } from './random-bytes.js';
import { type Device, type Pending, World } from './world.js';

const dayMs = 86_400_000;
const [one, two] = [randomBytes(5_000, 1), randomBytes(5_000, 2)];

describe('[FIL-82] what lies in the archive', () => {
  /** `b` has had one, and has two now. */
  function replaced(): readonly [World, Device, Device] {
    const world = new World(3);
    const [a, b] = [world.add(), world.add()];
    for (const bytes of [one, two]) {
      a.disk.write('f', bytes);
      world.converge();
    }
    expect(b.disk.archive.size).toBe(1);
    return [world, a, b];
  }

  function serves(device: Device): boolean {
    const [first] = device.fetchedIds as ChunkId[];
    return device.tree.serve([first as ChunkId]).chunks.length > 0;
  }

  test('is not fetched again', () => {
    const [world, a, b] = replaced();
    const received = b.chunksReceived;
    a.disk.write('g', one);
    world.converge();
    expect(b.disk.nodes.get('g')?.bytes).toEqual(one);
    expect(b.chunksReceived).toBe(received);
  });

  test('is given to others, also after a restart, until it goes from there', () => {
    const [world, , b] = replaced();
    expect(serves(b)).toBe(true);
    b.crash();
    world.settle();
    expect(serves(b)).toBe(true);
    world.nowMs += 91 * dayMs;
    world.settle();
    expect(b.disk.archive.size).toBe(0);
    expect(serves(b)).toBe(false);
    expect(b.rows('archived')).toEqual([]);
  });

  test('[FIL-83] stays there while a path that wants it can not have it yet', () => {
    const [world, a, b] = replaced();
    b.disk.unwritable.add('g');
    a.disk.write('g', one);
    world.converge();
    a.setOnline(false);
    world.nowMs += 91 * dayMs;
    world.settle();
    expect(b.disk.archive.size).toBe(1);
    b.disk.unwritable.clear();
    world.nowMs += dayMs;
    world.settle();
    expect(b.disk.nodes.get('g')?.bytes).toEqual(one);
  });

  test('and was written to there is what it was no more', () => {
    const world = new World(3);
    const [a, b] = [world.add(), world.add()];
    b.writer = false;
    a.disk.write('f', one);
    world.converge();
    const write = b.disk.open('f');
    a.disk.write('f', two);
    a.look();
    while (a.turn());
    b.take(a);
    while (b.disk.archive.size === 0) b.turn();
    write(randomBytes(5_000, 3));
    world.converge();
    expect(serves(b)).toBe(false);
  });
});

describe('stopped while another version was about to take the place of a file', () => {
  /** `a` wrote one, `b` two; `a` has announced that two takes its place, and that is under way. */
  function stopping(): readonly [World, Device, Device, Pending] {
    const world = new World(11);
    const [a, b] = [world.add(), world.add()];
    for (const [device, bytes] of [
      [a, one],
      [b, two],
    ] as const) {
      device.disk.write('p', bytes);
      device.look();
      world.settle();
      world.nowMs += 1_000;
    }
    a.take(b);
    a.disk.unwritable.add(copyOf(a));
    for (let i = 0; i < 10_000; i++) {
      const found = a.pending.find(
        ({ work }) => work.task === 'apply' && work.operations.some(({ path }) => path === 'p'),
      );
      if (found !== undefined) return [world, a, b, found];
      if (!a.turn()) {
        world.nowMs = Math.max(world.nowMs, a.soonMs());
        a.wake();
      }
    }
    throw new Error('nothing takes the place of the file');
  }

  function copyOf(device: Device): string {
    return device.tree.conflictsList()[0]?.copies[0]?.path as string;
  }

  /** Starts again with nothing of a task done but what was done by hand; people do something before. */
  function again(device: Device, act: () => void): void {
    const copy = copyOf(device);
    device.pending = [];
    act();
    device.disk.unwritable.delete(copy);
    device.crash();
  }

  function left(device: Device): readonly number[] {
    const first = [...device.disk.nodes.values()].map(({ bytes }) => bytes[0] as number);
    return first.sort((x, y) => x - y);
  }

  test.each<[string, (a: Device) => void, readonly Uint8Array[]]>([
    ['deleted', (a) => a.disk.remove('p'), [two]],
    ['replaced', (a) => a.disk.write('p', 'mine'), [two, new TextEncoder().encode('mine')]],
    ['moved', (a) => a.disk.rename('p', 'q'), [one, two]],
  ])('[FIL-80] what a person %s before that is nobody’s need', (_how, act, stays) => {
    const [world, a, b] = stopping();
    again(a, () => act(a));
    world.converge();
    expect(left(b)).toEqual(stays.map((bytes) => bytes[0] as number).sort((x, y) => x - y));
    for (const device of [a, b]) {
      expect(device.disk.listing()).toEqual(b.disk.listing());
      expect(device.needs()).toEqual([]);
      expect(device.tree.settled()).toBe(true);
    }
  });

  test('[FIL-31] [FIL-81] what a person wrote after it was done leaves both, one of them from the archive', () => {
    const [world, a, b, { work }] = stopping();
    again(a, () => {
      if (work.task === 'apply') a.disk.apply(work.operations, work.group);
      expect(a.disk.nodes.get('p')?.bytes).toEqual(two);
      a.disk.write('p', 'mine');
      a.disk.temps.clear();
    });
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    const bytes = [...b.disk.nodes.values()].map((node) => node.bytes);
    expect(bytes).toContainEqual(one);
    expect(bytes).toContainEqual(new TextEncoder().encode('mine'));
  });

  test('[FIL-81] nor is it taken for done where only the record of the archive says so', () => {
    const [world, a, b] = stopping();
    again(a, () => a.disk.remove('p'));
    expect(a.disk.archive.size).toBe(0);
    expect(a.rows('archive')).not.toEqual([]);
    world.converge();
    expect(a.rows('archive')).toEqual([]);
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(left(b)).toEqual([two[0]]);
  });
});
