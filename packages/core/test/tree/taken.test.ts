/** A person takes from the disk what the engine announced and had not taken when it was stopped. */

import { describe, expect, test } from 'vitest';
import type { DiskRow } from '../../src/tree/index.js';
import { describe as brief, contentId, converge, Device } from './world.js';

let now = 0;
const tick = (): number => ++now;
const [x, y, z] = [contentId(0), contentId(1), contentId(3)];

/**
 * `a` wrote x; what `b` wrote is to stand in its place, x beside it. `a` said so and stopped: before it did any of it,
 * or when both was done and not committed.
 */
function stopped(when: 'before' | 'after' = 'before'): readonly [Device, Device] {
  const [a, b] = [new Device(0, tick), new Device(1, tick)];
  for (const device of [a, b]) device.peers = [a, b];
  a.write('p', x);
  a.settle();
  b.write('p', y);
  b.settle();
  a.syncFrom(b);
  if (when === 'before') a.group({ stopAt: 0 });
  else for (let i = 0; i < 2; i++) a.group({ stopAt: 1 });
  const announced = a.base.get('p')?.leaving;
  expect(announced).toBe(true);
  return [a, b];
}

function contentsOf(device: Device): readonly string[] {
  return [...device.disk.values()].flatMap((row) => row.content ?? []).sort();
}

function copyOf(device: Device): string {
  return [...device.disk.keys()].find((path) => path.startsWith('p (conflict')) as string;
}

describe('[FIL-80] what was about to go and a person took', () => {
  test.each<[string, (a: Device) => void, readonly string[]]>([
    ['by deleting it', (a) => a.remove('p'), [y]],
    ['by writing over it', (a) => a.write('p', z), [y, z]],
    ['by making a link of it', (a) => a.symlink('p', 'q'), [y]],
  ])('%s is gone everywhere, and nobody waits for it', (_how, take, left) => {
    const [a, b] = stopped();
    take(a);
    converge([a, b]);
    expect(a.listing()).toEqual(b.listing());
    expect(contentsOf(b)).toEqual(expect.arrayContaining([...left]));
    expect(contentsOf(b)).not.toContain(x);
    for (const device of [a, b]) expect(device.plan().needs).toEqual([]);
  });

  test('by putting a directory in its place is gone too', () => {
    const [a, b] = stopped();
    a.remove('p');
    a.mkdir('p');
    a.write('p/q', z);
    converge([a, b]);
    expect(contentsOf(b)).toEqual([y, z].sort());
    for (const device of [a, b]) expect(device.plan().needs).toEqual([]);
  });

  test('by moving it stands where it was moved to, and only there', () => {
    const [a, b] = stopped();
    a.rename('p', 'q');
    converge([a, b]);
    expect(b.disk.get('q')?.content).toBe(x);
    expect(contentsOf(b)).toEqual([x, y].sort());
  });

  test('by moving and then deleting it is gone', () => {
    const [a, b] = stopped();
    a.rename('p', 'q');
    a.group({ stopAt: 0 });
    a.remove('q');
    converge([a, b]);
    expect(contentsOf(b)).toEqual([y]);
    for (const device of [a, b]) expect(device.plan().needs).toEqual([]);
  });

  test('[FIL-81] waits for what may be it and was not read yet', () => {
    const [a] = stopped();
    a.rename('p', 'q');
    const row = a.disk.get('q') as DiskRow;
    a.disk.set('q', { ...row, mtimeUs: tick(), content: undefined });
    expect(brief(a.plan())).toMatchObject({
      waits: expect.arrayContaining([{ path: 'p', reason: 'partner', on: 'q' }]),
    });
    expect(a.plan().operations).not.toContainEqual(expect.objectContaining({ op: 'note', path: 'p' }));
  });
});

describe('[FIL-31] what the engine took itself', () => {
  test('stays as a copy when a person deletes what it put there', () => {
    const [a, b] = stopped('after');
    expect(a.disk.get('p')?.content).toBe(y);
    a.write('p', z);
    converge([a, b]);
    expect(contentsOf(b)).toEqual(expect.arrayContaining([x, z].sort()));
  });

  test('is written anew where only the archive has it', () => {
    const [a, b] = stopped('after');
    const copy = copyOf(a);
    a.remove(copy);
    a.base.delete(copy);
    a.remove('p');
    converge([a, b]);
    expect(contentsOf(b)).toContain(x);
    expect(a.listing()).toEqual(b.listing());
  });
});
