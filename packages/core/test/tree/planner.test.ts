import { describe, expect, test } from 'vitest';
import { type BaseRow, closeSet, type DiskRow, type Operation, type Plan, planTree } from '../../src/tree/index.js';
import { describe as brief, contentId, Device, parentOf, seeded } from './world.js';

let now = 0;
const tick = (): number => ++now;
const [x, y] = [contentId(0), contentId(1)];

function pair(): readonly [Device, Device] {
  return [new Device(0, tick), new Device(1, tick)];
}

/** Both in step with what the first has on disk. */
function shared(set: (device: Device) => void): readonly [Device, Device] {
  const [a, b] = pair();
  set(a);
  a.settle();
  b.syncFrom(a);
  b.settle();
  expect(b.listing()).toEqual(a.listing());
  return [a, b];
}

function opsOf(plan: Plan): readonly string[] {
  return plan.operations.map((operation) => `${operation.op} ${operation.path}`);
}

function restricted(plan: Plan, paths: ReadonlySet<string>): Plan {
  const keep = <T extends { readonly path: string }>(items: readonly T[]): readonly T[] =>
    items.filter(({ path }) => paths.has(path));
  return {
    acts: keep(plan.acts),
    operations: keep(plan.operations),
    needs: keep(plan.needs),
    hash: plan.hash.filter((path) => paths.has(path)),
    waits: keep(plan.waits),
    conflicts: keep(plan.conflicts),
    unsyncable: keep(plan.unsyncable),
  };
}

/** Two devices in the middle of random edits: rows that disagree in every way. */
function muddle(seed: number, rules = false): Device {
  const rnd = seeded(seed);
  const [a, b] = pair();
  const paths = ['a', 'a/b', 'a/c', 'd', 'd/b', 'e', 'f'];
  let contents = 0;
  const touch = (device: Device): void => {
    const path = paths[Math.floor(rnd() * paths.length)] as string;
    const parent = parentOf(path);
    if (parent !== undefined && device.disk.get(parent)?.kind !== 'directory') return;
    const choice = rnd();
    if (choice < 0.3) device.remove(path);
    else if (choice < 0.5) {
      device.remove(path);
      device.mkdir(path);
    } else if (choice < 0.65 && device.disk.size > 0) {
      const from = [...device.disk.keys()][Math.floor(rnd() * device.disk.size)] as string;
      if (from === path || path.startsWith(`${from}/`) || from.startsWith(`${path}/`)) return;
      device.remove(path);
      device.rename(from, path);
    } else {
      if (device.disk.get(path)?.kind === 'directory') device.remove(path);
      device.write(path, contentId(contents++ % 9));
    }
  };
  for (let i = 0; i < 14; i++) touch(rnd() < 0.5 ? a : b);
  a.settle();
  b.syncFrom(a);
  b.settle();
  a.syncFrom(b);
  a.settle();
  for (let i = 0; i < 10; i++) touch(rnd() < 0.5 ? a : b);
  if (rnd() < 0.7) a.settle();
  b.syncFrom(a);
  if (rnd() < 0.3) b.round(b.plan(), 2);
  for (let i = 0; i < 2; i++) touch(b);
  if (rnd() < 0.3) b.unreadable.add(paths[Math.floor(rnd() * paths.length)] as string);
  b.online = rnd() < 0.5;
  if (rules) for (const path of paths) if (rnd() < 0.25) b.ignored.add(path);
  return b;
}

describe('planTree', () => {
  test('[FIL-33] planning a closed set is planning everything, restricted to it', () => {
    let smaller = 0;
    for (let seed = 0; seed < 800; seed++) {
      const device = muddle(seed, seed >= 600);
      const all = device.allPaths();
      const whole = device.plan();
      for (const dirty of all) {
        const closed = closeSet(device.closure(), [dirty]);
        if (closed.size < all.size) smaller++;
        expect(planTree(device.input(closed)), `seed ${seed}, ${dirty}`).toEqual(restricted(whole, closed));
      }
    }
    expect(smaller).toBeGreaterThan(100);
  });

  test('[FIL-34] planning again after applying gives an empty plan', () => {
    for (let seed = 0; seed < 600; seed++) {
      const device = muddle(seed);
      device.unreadable.clear();
      device.online = true;
      device.settle();
      const plan = device.plan();
      expect({ ...plan, conflicts: [] }, `seed ${seed}`).toEqual({
        acts: [],
        operations: [],
        needs: [],
        hash: [],
        waits: [],
        conflicts: [],
        unsyncable: [],
      });
    }
  });

  test('[FIL-71] whatever the rules leave out stays as it is, and the rest comes to rest', () => {
    for (let seed = 0; seed < 600; seed++) {
      const device = muddle(seed, true);
      device.unreadable.clear();
      device.online = true;
      const left = (path: string): boolean =>
        [...device.ignored].some((rule) => path === rule || path.startsWith(`${rule}/`));
      const before = [...device.disk].filter(([path]) => left(path));
      const rows = [...device.base].filter(([path]) => left(path));
      device.settle();
      const plan = device.plan();
      expect({ ...plan, conflicts: [], waits: [] }, `seed ${seed}`).toMatchObject({
        acts: [],
        operations: [],
        needs: [],
        hash: [],
      });
      expect([...device.disk].filter(([path]) => left(path))).toEqual(before);
      expect([...device.base].filter(([path]) => left(path))).toEqual(rows);
    }
  });

  test('does not depend on the order of paths', () => {
    for (let seed = 0; seed < 50; seed++) {
      const device = muddle(seed);
      const reversed = [...device.allPaths()].sort().reverse();
      expect(planTree(device.input(reversed))).toEqual(device.plan());
    }
  });

  test('[FIL-36] a rename is a move on the other side, directories too', () => {
    const [a, b] = shared((device) => {
      device.mkdir('dir');
      device.write('dir/f', x);
      device.write('dir/g', y);
    });
    a.rename('dir', 'other');
    a.settle();
    b.syncFrom(a);
    b.online = false;
    expect(opsOf(b.plan())).toEqual(['mkdir other', 'rename other/f', 'rename other/g', 'rmdir dir']);
    b.settle();
    expect(b.listing()).toEqual(a.listing());
  });

  test('[FIL-36] a delete waits while a place for its content could not be looked at', () => {
    const [a, b] = shared((device) => {
      device.write('f', x);
      device.write('g', y);
    });
    b.write('g', contentId(2));
    a.rename('f', 'g');
    a.settle();
    b.syncFrom(a);
    b.unreadable.add('g');
    const plan = b.plan();
    expect(opsOf(plan)).toEqual([]);
    expect(plan.waits).toContainEqual({ path: 'f', reason: 'partner', on: 'g' });
    expect(plan.waits).toContainEqual({ path: 'g', reason: 'unknown', on: 'g' });
  });

  test('[FIL-37] nothing happens in or above what can not be read', () => {
    const [a, b] = shared((device) => {
      device.mkdir('d');
      device.mkdir('d/e');
      device.write('d/e/f', x);
    });
    a.remove('d');
    a.settle();
    b.syncFrom(a);
    b.unreadable.add('d/e');
    const plan = b.plan();
    expect(opsOf(plan)).toEqual([]);
    expect(plan.acts).toEqual([]);
    expect(plan.waits.map(({ path, reason }) => `${path} ${reason}`)).toEqual(
      expect.arrayContaining(['d/e unknown', 'd/e/f unknown', 'd not-empty']),
    );
  });

  test('[FIL-35] content that is not here is a need and nothing else', () => {
    const [a, b] = shared((device) => device.write('f', x));
    a.write('f', y);
    a.settle();
    b.syncFrom(a);
    b.online = false;
    const plan = b.plan();
    expect(plan.operations).toEqual([]);
    expect(plan.needs.map((need) => need.version.content)).toEqual([y]);
    b.online = true;
    expect(opsOf(b.plan())).toEqual(['write f']);
  });

  test('[FIL-38] an operation names what it was planned against', () => {
    const [a, b] = shared((device) => device.write('f', x));
    a.write('f', y);
    a.settle();
    b.syncFrom(a);
    const [write] = b.plan().operations as readonly [Operation];
    expect(write.expect).toEqual(b.disk.get('f'));
    expect(write).toMatchObject({ op: 'write', over: 'file', keep: false });
  });

  test('two files that swap their names keep both contents while they do', () => {
    const [a, b] = shared((device) => {
      device.write('f', x);
      device.write('g', y);
    });
    a.rename('f', 't');
    a.rename('g', 'f');
    a.rename('t', 'g');
    a.settle();
    b.syncFrom(a);
    b.online = false;
    const plan = b.plan();
    expect(
      plan.operations.map((operation) => [operation.op, operation.path, 'keep' in operation && operation.keep]),
    ).toEqual([
      ['write', 'f', true],
      ['write', 'g', true],
    ]);
    b.settle();
    expect(b.listing()).toEqual(a.listing());
  });

  test('a file not read yet is asked for, and is no delete of what moved there', () => {
    const [a] = shared((device) => device.write('f', x));
    const row = a.disk.get('f') as DiskRow;
    a.rename('f', 'g');
    a.disk.set('g', { ...row, path: 'g', content: undefined, size: 77 });
    const plan = a.plan();
    expect(plan.hash).toEqual(['g']);
    expect(plan.acts).toEqual([]);
    expect(plan.waits).toContainEqual({ path: 'f', reason: 'partner', on: 'g' });
  });

  test('a moved file needs no reading where inodes tell', () => {
    const [a] = shared((device) => device.write('f', x));
    a.rename('f', 'g');
    const row = a.disk.get('g') as DiskRow;
    a.disk.set('g', { ...row, content: undefined });
    expect(brief(a.plan())).toMatchObject({ acts: ['delete f', 'put g'] });
    expect(planTree({ ...a.input(a.allPaths()), inodesTrusted: false }).hash).toEqual(['g']);
  });

  test('[FIL-28] a time alone is told, and gives way to an edit and to a delete made meanwhile', () => {
    const [a] = shared((device) => device.write('f', x));
    const row = a.disk.get('f') as DiskRow;
    a.disk.set('f', { ...row, mtimeUs: tick(), ctimeUs: tick() });
    expect(brief(a.plan())).toMatchObject({ acts: ['put f'], operations: [] });
    a.settle();
    expect(brief(a.plan())).toMatchObject({ acts: [], operations: [] });
  });

  test.each(['an edit', 'a delete'])('a time alone gives way to %s made meanwhile, with no copy', (what) => {
    const [a, b] = shared((device) => device.write('f', x));
    const row = a.disk.get('f') as DiskRow;
    if (what === 'an edit') b.write('f', y);
    else b.remove('f');
    b.settle();
    a.disk.set('f', { ...row, mtimeUs: tick(), ctimeUs: tick() });
    a.settle();
    a.syncFrom(b);
    b.syncFrom(a);
    for (const device of [a, b]) {
      device.settle();
      const files = [...device.disk.values()].filter(({ kind }) => kind === 'file');
      expect(files.map(({ path, content }) => [path, content])).toEqual(what === 'an edit' ? [['f', y]] : []);
    }
  });

  test('[FIL-39] what a rule leaves out is neither recorded nor deleted, and keeps its directory', () => {
    const [a, b] = shared((device) => {
      device.mkdir('d');
      device.write('d/f', x);
      device.write('d/keep', y);
    });
    a.remove('d');
    a.settle();
    b.syncFrom(a);
    const rule = (path: string): 'sync' | 'ignored' => (path === 'd/keep' ? 'ignored' : 'sync');
    const plan = planTree({ ...b.input(b.allPaths()), rule });
    expect(opsOf(plan)).toEqual(['remove d/f']);
    expect(plan.waits).toContainEqual({ path: 'd', reason: 'not-empty', on: 'd/keep' });
    b.remove('d/keep');
    expect(planTree({ ...b.input(b.allPaths()), rule }).acts).toEqual([]);
  });

  test('[FIL-39] a name that this disk can not hold is left alone, with what is below it', () => {
    const [a, b] = pair();
    a.mkdir('con');
    a.write('con/f', x);
    a.write('g', y);
    a.settle();
    b.syncFrom(a);
    const unsyncable = (path: string): string | undefined => (path === 'con' ? 'reserved' : undefined);
    const plan = planTree({ ...b.input(b.allPaths()), unsyncable });
    expect(opsOf(plan)).toEqual(['write g']);
    expect(plan.unsyncable).toEqual([
      { path: 'con', reason: 'reserved' },
      { path: 'con/f', reason: 'reserved', on: 'con' },
    ]);
  });

  test('[FIL-39] of two names that this disk can not tell apart the one on disk stands, else the smaller', () => {
    const [a, b] = pair();
    a.write('F', x);
    a.write('f', y);
    a.settle();
    b.syncFrom(a);
    const fold = (path: string): string => path.toLowerCase();
    const plan = planTree({ ...b.input(b.allPaths()), fold });
    expect(opsOf(plan)).toEqual(['write F']);
    expect(plan.unsyncable.map(({ path }) => path)).toEqual(['f']);
  });

  test('[FIL-39] a change of case alone is one rename', () => {
    const [a, b] = shared((device) => device.write('f', x));
    a.rename('f', 'F');
    a.settle();
    b.syncFrom(a);
    expect(opsOf(planTree({ ...b.input(b.allPaths()), fold: (path) => path.toLowerCase() }))).toEqual(['rename F']);
    a.write('F', y);
    a.settle();
    b.syncFrom(a);
    const plan = planTree({ ...b.input(b.allPaths()), fold: (path) => path.toLowerCase() });
    expect(opsOf(plan)).toEqual(['remove f']);
    expect(plan.waits).toContainEqual({ path: 'F', reason: 'twin', on: 'f' });
  });

  test('[FIL-10] a path whose vector is full waits', () => {
    const [a] = shared((device) => device.write('f', x));
    const full = Object.fromEntries(Array.from({ length: 256 }, (_, n) => [n.toString(16).padStart(64, '0'), 1]));
    a.base.set('f', { ...(a.base.get('f') as BaseRow), vector: full });
    a.write('f', y);
    expect(brief(a.plan())).toMatchObject({ acts: [], waits: [{ path: 'f', reason: 'vector-full' }] });
  });

  test('a path with more than 64 versions waits', () => {
    const device = new Device(70, tick);
    for (let n = 0; n < 65; n++) {
      const other = new Device(n, tick);
      other.write('f', contentId(n));
      other.settle();
      device.syncFrom(other);
    }
    const plan = planTree(device.input(['f']));
    expect(plan.operations).toEqual([]);
    expect(plan.waits).toEqual([{ path: 'f', reason: 'too-many-versions', on: undefined }]);
  });

  test('a link that leads out of the folder is not recorded', () => {
    const [a] = shared((device) => device.write('f', x));
    a.symlink('f', '../elsewhere');
    const plan = a.plan();
    expect(plan.acts).toEqual([]);
    expect(plan.unsyncable.map(({ path }) => path)).toEqual(['f']);
  });

  test('what the folder has forgotten waits for a person instead of being deleted', () => {
    const [a] = shared((device) => device.write('f', x));
    const plan = planTree({ ...a.input(['f']), view: () => undefined });
    expect(plan.operations).toEqual([]);
    expect(plan.waits).toEqual([{ path: 'f', reason: 'quarantine', on: undefined }]);
  });
});
