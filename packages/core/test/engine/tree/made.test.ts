import { describe, expect, test } from 'vitest';
import { randomBytes } from './random-bytes.js';
import { type Device, type Pending, World } from './world.js';

const [x, y, z] = [randomBytes(5_000, 1), randomBytes(5_000, 2), randomBytes(5_000, 3)];

/** Two devices that have `first`, and what the first then does on its disk is about to be done on the second. */
function about(first: (a: Device) => void, act: (a: Device) => void): { world: World; a: Device; b: Device } {
  const world = new World(31);
  const [a, b] = [world.add(), world.add()];
  a.disk.write('other', randomBytes(3_000, 9));
  first(a);
  world.converge();
  act(a);
  a.look();
  world.settle();
  b.take(a);
  for (let i = 0; i < 5_000 && applyOf(b) === undefined; i++) {
    if (!b.turn()) {
      world.nowMs = Math.max(world.nowMs, Math.min(b.soonMs(), world.nowMs + 1_000));
      b.wake();
    }
  }
  return { world, a, b };
}

function applyOf(device: Device): Pending | undefined {
  return device.pending.find(({ work }) => work.task === 'apply');
}

/** The device ends just after its group was done, or just before, and nobody hears of that. */
function stop(device: Device, isDone: boolean): void {
  const work = applyOf(device)?.work;
  if (work?.task !== 'apply') throw new Error('nothing is about to be applied');
  if (isDone) device.disk.apply(work.operations, work.group);
  device.pending = [];
  device.crash();
}

/** Does something on the disk of a device, which records it while the others stand still. */
function alone(device: Device, act: (device: Device) => void): void {
  act(device);
  device.look();
  for (let i = 0; i < 5_000 && (device.turn() || i < 50); i++) {
    device.world.nowMs += 100;
    device.wake();
  }
}

function acts(device: Device): number {
  return device.logs.get(device.id)?.length ?? 0;
}

interface Case {
  readonly name: string;
  readonly first?: (a: Device) => void;
  readonly act: (a: Device) => void;
  /** What its author does meanwhile. */
  readonly meanwhile: readonly ((a: Device) => void)[];
}

const write = (content: Uint8Array) => (a: Device) => a.disk.write('f', content);
const remove = (a: Device): unknown => a.disk.nodes.delete('f');

const cases: readonly Case[] = [
  { name: 'a file, removed', act: write(x), meanwhile: [remove] },
  { name: 'a file, replaced twice', act: write(x), meanwhile: [write(y), write(z)] },
  { name: 'a file, replaced and removed', act: write(x), meanwhile: [write(y), remove] },
  { name: 'a small file, removed', act: (a) => a.disk.write('f', 'few'), meanwhile: [remove] },
  { name: 'a directory, removed', act: (a) => a.disk.mkdir('f'), meanwhile: [remove] },
  { name: 'a link, removed', act: (a) => a.disk.symlink('f', 'other'), meanwhile: [remove] },
  {
    name: 'a link, replaced twice',
    act: (a) => a.disk.symlink('f', 'other'),
    meanwhile: [write(x), write(y)],
  },
  {
    name: 'a file that was moved, removed',
    first: (a) => a.disk.write('e', x),
    act: (a) => a.disk.rename('e', 'f'),
    meanwhile: [remove],
  },
  {
    name: 'a file that was moved, replaced twice',
    first: (a) => a.disk.write('e', x),
    act: (a) => a.disk.rename('e', 'f'),
    meanwhile: [write(y), write(z)],
  },
  {
    name: 'a file where one was before, removed again',
    first: (a) => {
      a.disk.write('f', y);
      a.look();
      a.world.converge();
      remove(a);
    },
    act: write(x),
    meanwhile: [remove],
  },
];

describe('[FIL-30] what was made where nothing was, before the device stopped', () => {
  test.each(cases)('is known for that: $name meanwhile', ({ first = () => undefined, act, meanwhile }) => {
    const { world, a, b } = about(first, act);
    b.setOnline(false);
    stop(b, true);
    for (const later of meanwhile) alone(a, later);
    const before = acts(b);
    b.take(a);
    b.setOnline(true);
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(acts(b)).toBe(before);
    expect(a.tree.status()).toMatchObject({ state: 'inStep', conflicts: 0 });
  });

  test('[FIL-88] is no longer once it was seen not to be there: a person may make the same', () => {
    const { world, a, b } = about(() => undefined, write(x));
    b.setOnline(false);
    stop(b, false);
    remove(a);
    a.look();
    world.settle();
    b.setOnline(true);
    world.converge();
    expect(b.disk.nodes.has('f')).toBe(false);
    b.disk.write('f', x);
    world.converge();
    expect(a.disk.nodes.get('f')?.bytes).toEqual(x);
    expect(acts(b)).toBe(1);
  });

  test('[FIL-88] is no longer either where something else is to come there', () => {
    const { world, a, b } = about(() => undefined, write(x));
    stop(b, false);
    b.cutAfter = 0;
    for (const content of [y, z]) alone(a, write(content));
    b.take(a);
    world.settle();
    expect(b.disk.nodes.has('f')).toBe(false);
    b.disk.write('f', x);
    b.look();
    world.settle();
    expect(acts(b)).toBe(1);
    b.cutAfter = Number.POSITIVE_INFINITY;
    world.converge();
    expect(a.contents().length).toBe(3);
    expect(b.disk.listing()).toEqual(a.disk.listing());
  });
});
