/** What comes between a change of the disk and the commit that knows of it. */

import { expect, test } from 'vitest';
import { perform } from './perform.js';
import { type Device, World } from './world.js';

/** Two devices in step, with a file. */
function shared(seed: number): readonly [World, Device, Device] {
  const world = new World(seed);
  const [a, b] = [world.add(), world.add({ founded: false })];
  a.disk.write('f', 'one');
  a.disk.write('other', 'other');
  world.converge();
  expect(b.disk.text('f')).toBe('one');
  return [world, a, b];
}

/** Lets one device work by itself, until something is so or for ten minutes. */
function alone(world: World, device: Device, until: () => boolean = () => false): void {
  device.look();
  for (let i = 0; i < 20_000 && !until(); i++) {
    if (device.turn()) continue;
    world.nowMs += 100;
    if (i > 6_000) return;
    device.wake();
  }
}

test.each<[string, (a: Device) => void, (b: Device) => boolean]>([
  ['replaced', (a) => a.disk.write('f', 'two'), (b) => b.disk.text('f') === 'two'],
  ['removed', (a) => a.disk.remove('f'), (b) => b.disk.text('f') === undefined],
  ['moved', (a) => a.disk.rename('f', 'g'), (b) => b.disk.text('g') === 'one'],
])('[FIL-31] what was %s before a crash is nobody’s act, though others went on', (_what, change, isDone) => {
  const [world, a, b] = shared(5);
  change(a);
  alone(world, a);
  b.take(a);
  alone(world, b, () => b.pending.some(({ work }) => work.task === 'apply'));
  for (const { work } of b.pending.splice(0)) if (work.task === 'apply') perform(b.disk, work);
  expect(isDone(b)).toBe(true);
  a.disk.write('f', 'three');
  alone(world, a);
  b.take(a);
  b.crash();
  world.converge();
  expect(b.disk.listing()).toEqual(a.disk.listing());
  expect(b.disk.text('f')).toBe('three');
  expect(b.logs.get(b.id) ?? []).toEqual([]);
});

test('an edit of what was just written is an edit, however soon it comes', () => {
  const [world, a, b] = shared(6);
  const apply = b.disk.apply.bind(b.disk);
  let edits = 0;
  b.disk.apply = (operations, group) => {
    const results = apply(operations, group);
    return operations.map((operation, i) => {
      const result = results[i];
      if (result?.outcome !== 'done' || operation.path !== 'f' || edits++ > 0) return result ?? { outcome: 'changed' };
      b.disk.append('f', ', and mine');
      return { ...result, row: b.disk.row('f') };
    });
  };
  a.disk.write('f', 'two');
  world.converge();
  expect(edits).toBe(1);
  for (const { disk } of [a, b]) expect(disk.text('f')).toBe('two, and mine');
});
