import { describe, expect, test } from 'vitest';
import { concat } from '../../../src/bytes.js';
import type { ChunkId } from '../../../src/model/index.js';
import { randomBytes } from './random-bytes.js';
import { type Device, World } from './world.js';

const long = randomBytes(6_000_000, 5);

function pair(): readonly [World, Device, Device] {
  const world = new World(7);
  const [a, b] = [world.add(), world.add()];
  a.disk.write('dir/long', long);
  world.converge();
  expect(b.disk.listing()).toEqual(a.disk.listing());
  return [world, a, b];
}

/** Ids that were named since the last time. */
function takeNamed(device: Device): readonly string[] {
  return device.named.splice(0).flat();
}

/** Every node that is here is of content that is here. */
function expectNoLooseNodes(...devices: readonly Device[]): void {
  for (const device of devices) {
    expect(device.count('loose')).toBe(0);
    expect(device.count('nodes')).toBeLessThanOrEqual(device.count('listed'));
  }
}

describe('files of more chunks than a record names', () => {
  test('[CNT-27] ids of nodes and chunks are named once: not again with a new name, time or place', () => {
    const [world, a, b] = pair();
    const first = takeNamed(a);
    expect(first.length).toBeGreaterThan(9);
    expect(new Set(first).size).toBe(first.length);
    const { chunksReceived } = b;
    expect(first.length).toBe(chunksReceived + 1);
    a.disk.rename('dir', 'other');
    world.converge();
    a.disk.write('copy', long);
    world.converge();
    b.disk.rename('other/long', 'dir');
    world.converge();
    expect([...takeNamed(a), ...takeNamed(b)]).toEqual([]);
    expect(b.chunksReceived).toBe(chunksReceived);
    expect(b.disk.listing()).toEqual(a.disk.listing());
  });

  test('[CNT-27] after an edit only what it made is named, and fetched', () => {
    const [world, a, b] = pair();
    const first = new Set(takeNamed(a));
    const { chunksReceived } = b;
    a.disk.write('dir/long', concat(long, randomBytes(5_000, 9)));
    world.converge();
    const more = takeNamed(a);
    expect(more.length).toBeGreaterThanOrEqual(2);
    expect(more.length).toBeLessThanOrEqual(4);
    expect(more.filter((id) => first.has(id))).toEqual([]);
    expect(b.chunksReceived).toBe(chunksReceived + more.length - 1);
    expect(b.disk.listing()).toEqual(a.disk.listing());
  });

  test('nodes go with the last content that they list, out of the archive too', () => {
    const [world, a, b] = pair();
    expect([a.count('nodes'), b.count('nodes')]).toEqual([1, 1]);
    a.disk.write('dir/long', concat(long, randomBytes(5_000, 9)));
    world.converge();
    expectNoLooseNodes(a, b);
    expect([a.count('nodes'), b.count('nodes')]).toEqual([1, 2]);
    a.disk.remove('dir/long');
    world.converge();
    b.settings.set('archive-size', '1B');
    world.nowMs += 86_400_000;
    b.disk.write('small', 'x');
    world.converge();
    expect(b.disk.archive.size).toBe(0);
    world.converge();
    expectNoLooseNodes(a, b);
    expect([a.count('nodes'), b.count('nodes')]).toEqual([0, 0]);
  });

  test('what an ended life left of a list is used, and taken away once nothing wants it', () => {
    const [world, a, b] = pair();
    b.cutAfter = 3;
    a.disk.write('more', randomBytes(6_000_000, 11));
    world.converge();
    expect(b.count('loose')).toBe(1);
    const before = b.chunksReceived;
    b.crash();
    b.cutAfter = Number.POSITIVE_INFINITY;
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(b.chunksReceived).toBeGreaterThan(before);
    expect(new Set(b.fetchedIds).size).toBe(b.fetchedIds.length);
    expectNoLooseNodes(a, b);

    b.cutAfter = 3;
    a.disk.write('gone', randomBytes(6_000_000, 12));
    world.converge();
    b.crash();
    a.disk.remove('gone');
    b.cutAfter = Number.POSITIVE_INFINITY;
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expectNoLooseNodes(a, b);
    expect(b.count('nodes')).toBe(2);
  });

  test('after a restart content that is only in the archive is given to others still', () => {
    const [world, a, b] = pair();
    const ids = takeNamed(a) as ChunkId[];
    a.disk.remove('dir/long');
    world.converge();
    expect(b.disk.archived().length).toBe(1);
    b.crash();
    world.converge();
    expectNoLooseNodes(a, b);
    const { chunks, nodes, missing, unsure } = b.tree.serve(ids);
    expect([nodes.length, chunks.length]).toEqual([1, ids.length - 1]);
    expect([...missing, ...unsure]).toEqual([]);
    expect(a.tree.serve(ids)).toMatchObject({ nodes: [], chunks: [] });
  });
});
