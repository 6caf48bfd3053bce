/** Files of a device that comes back after the folder has forgotten them. */

import { describe, expect, test } from 'vitest';
import { isConflictName } from '../../../src/tree/index.js';
import { randomBytes } from './random-bytes.js';
import { type Device, World } from './world.js';

const paths = ['old', 'old/large', 'old/small'];
const large = randomBytes(30_000, 4);

/** A device with files that nobody knows any more, and another one that never heard of them. */
function returned(): readonly [World, Device, Device] {
  const world = new World(11);
  const z = world.add();
  z.disk.write('old/large', large);
  z.disk.write('old/small', 'small');
  z.disk.write('known', 'known');
  world.converge();
  const a = world.add();
  a.logs.set(z.id, [...(z.logs.get(z.id) ?? [])]);
  z.forget(...paths);
  world.converge();
  return [world, z, a];
}

describe('what the folder no longer knows', () => {
  test('[FIL-128] waits for a person, is told, and nothing is done with it', () => {
    const [world, z, a] = returned();
    const before = z.disk.listing();
    z.crash();
    world.converge();
    const status = z.tree.status();
    expect([status.state, status.holds.map(({ side, forgotten }) => [side, forgotten])]).toEqual([
      'braked',
      [['out', 3]],
    ]);
    expect(status.reason).toContain('"cloudless approve garden" shares it anew');
    expect(z.tree.why('old/large').reason).toContain('no longer knows it');
    expect(z.tree.plan(undefined).operations).toEqual(paths.map((path) => ({ path, op: 'put', held: true })));
    expect(z.disk.listing()).toEqual(before);
    expect(a.disk.listing()).toEqual([]);
  });

  test('[FIL-129] is shared anew once approved, and gives way to whatever others have there', () => {
    const [world, z, a] = returned();
    a.setOnline(false);
    a.disk.write('old/large', 'of another');
    a.look();
    world.settle();
    z.handle(() => {
      expect(z.tree.brake.approve()).toEqual({ deletes: 0, overwrites: 0, conflicts: 0, forgotten: 3 });
    });
    z.crash();
    world.converge();
    expect(z.tree.status()).toMatchObject({ state: 'inStep', holds: [] });
    a.setOnline(true);
    world.converge();
    expect(a.disk.listing().filter((line) => !line.startsWith('known'))).toEqual(
      z.disk.listing().filter((line) => !line.startsWith('known')),
    );
    expect([a.disk.text('old/large'), a.disk.text('old/small')]).toEqual(['of another', 'small']);
    const copy = [...z.disk.nodes.keys()].find((path) => isConflictName(path));
    expect(z.disk.nodes.get(copy ?? '')?.bytes).toEqual(large);
  });

  test('[FIL-128] goes to the archive once rejected, and nobody hears of it', () => {
    const [world, z] = returned();
    const entries = z.logs.get(z.id)?.length;
    z.handle(() => void z.tree.brake.reject());
    world.converge();
    expect(z.disk.listing()).toEqual(['known file known']);
    expect(z.disk.archived()).toContain('small');
    expect([...z.disk.archive.values()].map(({ bytes }) => bytes)).toContainEqual(large);
    expect(z.logs.get(z.id)?.length).toBe(entries);
    expect(z.tree.status()).toMatchObject({ state: 'inStep', holds: [] });
  });

  test('[FIL-128] is no question any more once the folder knows it again, or it is gone from here', () => {
    const [world, z, a] = returned();
    z.disk.remove('old/small');
    a.disk.write('old/large', large);
    world.converge();
    expect(z.tree.status()).toMatchObject({ state: 'inStep', holds: [] });
    expect(z.disk.nodes.get('old/large')?.bytes).toEqual(large);
    expect(a.disk.text('old/small')).toBeUndefined();
  });
});
