import { describe, expect, test } from 'vitest';
import { rawRecord } from '../../../src/engine/tree/disk/local.js';
import type { Reach } from '../../../src/engine/tree/read-version.js';
import type { DeviceId, RawRecord } from '../../../src/model/index.js';
import type { FileRecord, Vector } from '../../../src/tree/index.js';
import { World } from './world.js';

const stranger = '77'.repeat(32) as DeviceId;

/** A delete of `f` by somebody else that says it builds on this. */
function absent(vector: Vector): RawRecord {
  const record: FileRecord = { path: 'f', typeNumber: 0, vector };
  return rawRecord(record);
}

function reach(vector: Vector): Reach {
  return { vector, resolve: (named) => named };
}

describe('[FIL-6] a version over entries that its own entry does not reach', () => {
  test('is void: nobody hides what others have yet to write', () => {
    const world = new World();
    const a = world.add();
    a.disk.write('f', 'one');
    world.converge();
    const before = a.tree.status().fingerprint;
    const place = { device: stranger, seq: 3, index: 0, clock: BigInt(world.nowMs + 1) << 16n };
    a.handle(() => a.tree.record(absent({ [a.id]: 1_000_000 }), place, 'first', reach({ [a.id]: 1, [stranger]: 2 })));
    world.settle();
    expect(a.tree.status().fingerprint).toBe(before);
    expect(a.disk.text('f')).toBe('one');
    a.handle(() =>
      a.tree.record(absent({ [a.id]: 1 }), { ...place, seq: 4 }, 'first', reach({ [a.id]: 1, [stranger]: 3 })),
    );
    world.settle();
    expect(a.disk.text('f')).toBeUndefined();
  });

  test('[FIL-84] is not made by a device that may not name all it applied: what it leaves out stands beside', () => {
    const world = new World();
    const [a, b] = [world.add(), world.add()];
    a.disk.write('f', 'one');
    world.converge();
    b.reach = {};
    b.disk.write('f', 'two');
    world.converge();
    b.reach = undefined;
    for (const { disk, tree } of [a, b]) {
      expect(disk.text('f')).toBe('two');
      expect(tree.status().conflicts).toBe(0);
    }
  });
});
