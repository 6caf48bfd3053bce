/** Single plans: what each rule of the planner is there for. */

import { describe, expect, test } from 'vitest';
import { closeSet, type DiskRow, type Plan, type ViewRow } from '../../src/tree/index.js';
import { contentId, converge, Device } from './world.js';

let now = 0;
const tick = (): number => ++now;
const [x, y, z, w] = [contentId(0), contentId(1), contentId(3), contentId(4)];
/** Of few bytes: it stands in records and is always here. */
const small = contentId(2);

/** Both in step with what the first has on disk. */
function shared(set: (device: Device) => void = () => undefined): readonly [Device, Device] {
  const [a, b] = [new Device(0, tick), new Device(1, tick)];
  set(a);
  a.settle();
  b.syncFrom(a);
  b.settle();
  return [a, b];
}

function opsOf(plan: Plan): readonly string[] {
  return plan.operations.map((operation) => `${operation.op} ${operation.path}`);
}

/** What the other has done is known, and not yet applied. */
function told(to: Device, from: Device): Plan {
  from.settle();
  to.syncFrom(from);
  return to.plan();
}

function contentsOf(device: Device): readonly string[] {
  return [...device.disk.values()].flatMap((row) => row.content ?? []).sort();
}

describe('what is seen', () => {
  test('[FIL-37] what is mounted somewhere below is neither recorded, removed nor replaced', () => {
    const [a, b] = shared((device) => {
      device.mkdir('d');
      device.write('d/f', x);
    });
    a.remove('d');
    told(b, a);
    for (const path of ['d', 'new']) b.disk.set(path, { ...(b.disk.get('d') as DiskRow), path, kind: 'other' });
    const plan = b.plan();
    expect([plan.acts, opsOf(plan)]).toEqual([[], []]);
    expect(plan.waits.map(({ path, reason }) => `${path} ${reason}`)).toEqual(
      expect.arrayContaining(['d unknown', 'd/f unknown', 'new unknown']),
    );
  });

  test.each(['size', 'mtimeUs', 'ctimeUs', 'inode'] as const)(
    'an edit is seen by what the file holds, whatever its time and size say (%s)',
    (field) => {
      const [a] = shared((device) => device.write('f', x));
      const row = a.disk.get('f') as DiskRow;
      a.disk.set('f', { ...row, content: undefined });
      expect(a.plan()).toMatchObject({ acts: [], hash: [] });
      a.disk.set('f', { ...row, content: undefined, [field]: field === 'inode' ? 'other' : 4_999 });
      expect(a.plan()).toMatchObject({ acts: [], operations: [], hash: ['f'] });
      a.disk.set('f', { ...row, content: y, [field]: field === 'inode' ? 'other' : 4_999 });
      expect(a.plan().acts.map(({ act, path }) => `${act} ${path}`)).toEqual(['put f']);
    },
  );
});

describe('the order of operations', () => {
  test('[FIL-36] what comes is made before what goes, and that goes from the leaves', () => {
    const [a, b] = shared((device) => {
      device.mkdir('d');
      device.mkdir('d/e');
      device.write('d/e/f', x);
    });
    a.remove('d');
    a.mkdir('m');
    a.mkdir('m/n');
    a.write('m/n/new', y);
    expect(opsOf(told(b, a))).toEqual([
      'mkdir m',
      'mkdir m/n',
      'write m/n/new',
      'remove d/e/f',
      'rmdir d/e',
      'rmdir d',
    ]);
  });

  test('[FIL-35] a directory stands until the file in its place is here', () => {
    const [a, b] = shared((device) => device.mkdir('d'));
    a.remove('d');
    a.write('d', y);
    b.online = false;
    const plan = told(b, a);
    expect([opsOf(plan), plan.needs.map(({ path }) => path)]).toEqual([[], ['d']]);
    b.online = true;
    expect(opsOf(b.plan())).toEqual(['rmdir d']);
  });

  test('[FIL-35] a link that leads out, in the place of a file, does not hold what the file held', () => {
    const [a, b] = shared((device) => device.write('f', x));
    a.write('g', x);
    b.online = false;
    expect(opsOf(told(b, a))).toEqual(['write g']);
    b.remove('f');
    b.symlink('f', '../out');
    const plan = b.plan();
    expect([opsOf(plan), plan.needs.map(({ path }) => path)]).toEqual([[], ['g']]);
  });

  test('[FIL-36] content that a path with an act of its own wants stays until that was recorded', () => {
    const [a, b] = shared((device) => {
      device.write('f', x);
      device.write('g', y);
    });
    a.rename('f', 't');
    a.rename('g', 'f');
    a.rename('t', 'g');
    told(b, a);
    b.write('g', z);
    const plan = b.plan();
    expect([plan.acts.map(({ path }) => path), opsOf(plan)]).toEqual([['g'], []]);
    expect(plan.waits).toContainEqual({ path: 'f', reason: 'partner', on: 'g' });
  });

  test('[FIL-36] a small file that a link replaces has its copy first', () => {
    const [a, b] = shared();
    a.write('p', small);
    a.settle();
    b.symlink('p', 'target');
    const plan = told(a, b);
    expect(plan.operations.map(({ op }) => op)).toEqual(['write']);
    expect(plan.waits).toContainEqual({ path: 'p', reason: 'partner', on: plan.operations[0]?.path });
  });

  test('[FIL-36] a file goes after another was made of it, and is kept for one that is not', () => {
    const [a, b] = shared((device) => {
      device.write('f', x);
      device.write('g', y);
      device.write('h', z);
      device.mkdir('i');
    });
    for (const path of ['g', 'i']) a.remove(path);
    a.rename('f', 'g');
    a.rename('h', 'i');
    b.online = false;
    const plan = told(b, a);
    const removes = plan.operations.filter(({ op }) => op === 'remove');
    expect(removes).toMatchObject([
      { path: 'h', keep: true, after: [] },
      { path: 'f', keep: false, after: ['g'] },
    ]);
    b.settle();
    expect(b.listing()).toEqual(a.listing());
  });

  test('[FIL-36] only what goes is moved, only to where nothing is', () => {
    const [a, b] = shared((device) => {
      device.write('stays', x);
      device.write('goes', y);
      device.write('full', z);
      device.write('edited', w);
    });
    b.online = false;
    a.write('copy', x);
    a.chmod('stays');
    a.rename('goes', 'full');
    a.rename('edited', 'moved');
    told(b, a);
    b.write('edited', contentId(6));
    const plan = b.plan();
    expect(opsOf(plan).filter((line) => !line.startsWith('note'))).toEqual([
      'write copy',
      'write full',
      'meta stays',
      'remove goes',
    ]);
    expect(plan.needs.map(({ path }) => path)).toEqual(['moved']);
  });
});

describe('closed sets', () => {
  test('[FIL-33] a closed set holds names that the disk can not tell apart', () => {
    const [a, b] = shared((device) => device.write('f', x));
    b.blind = true;
    a.write('F', y);
    told(b, a);
    expect([...closeSet(b.closure(), ['F'])].sort()).toEqual(['F', 'f']);
  });

  test('[FIL-33] a closed set holds who has the content under its name of before', () => {
    const [a, b] = shared((device) => device.write('f', y));
    a.remove('f');
    a.write('n', x);
    told(b, a);
    const lookup = b.closure();
    const view = (path: string): ViewRow | undefined => {
      const row = lookup.view(path);
      return row?.version === undefined || path !== 'n' ? row : { ...row, version: { ...row.version, oldContent: y } };
    };
    expect([...closeSet({ ...lookup, view }, ['n'])].sort()).toEqual(['f', 'n']);
  });
});

describe('copies', () => {
  /** The third has seen what both others wrote at `f`: `y`, and `x` as its copy. */
  function seen(): readonly [Device, Device, Device, string] {
    const [a, b] = [new Device(0, tick), new Device(1, tick)];
    const c = new Device(2, tick);
    a.write('f', x);
    told(c, a);
    b.write('f', y);
    told(c, b);
    c.settle();
    const copy = [...c.disk.keys()].find((path) => path !== 'f') as string;
    expect(c.disk.get(copy)?.content).toBe(x);
    return [a, b, c, copy];
  }

  test('conflicts are told', () => {
    const [, , c, copy] = seen();
    expect(c.plan().conflicts).toMatchObject([{ path: 'f', copies: [{ path: copy }] }]);
  });

  test('[FIL-19] a copy that counts no more goes though the folder knows nothing of its name', () => {
    const [a, , c, copy] = seen();
    a.write('f', z);
    told(c, a);
    c.settle();
    expect(c.disk.get(copy)).toBeUndefined();
    expect(contentsOf(c)).toEqual([y, z].sort());
  });

  test('[FIL-24] copies that others settled are not made again', () => {
    const [a, , c] = seen();
    a.write('f', z);
    told(c, a);
    c.write('f', w);
    c.settle();
    expect([...c.held.values()].flat().filter(({ made }) => made === 'copy')).toEqual([]);
  });

  test('[FIL-24] a copy that came before its row is kept by an act on the path', () => {
    const [a, b, c] = [new Device(0, tick), new Device(1, tick), new Device(2, tick)];
    a.write('f', x);
    a.settle();
    b.write('f', y);
    b.settle();
    c.peers = [b];
    c.syncFrom(a);
    c.syncFrom(b);
    c.settle();
    c.peers = [a, b];
    expect(c.round(c.plan())).toBe(true);
    expect(contentsOf(c)).toEqual([x, y].sort());
    c.write('f', z);
    converge([a, b, c]);
    expect(contentsOf(b)).toEqual([x, z].sort());
  });

  test('[FIL-8] [FIL-25] what is settled keeps its stamp', () => {
    const [, , c, copy] = seen();
    const [shown] = c.view.versions('f').filter(({ content }) => content === y);
    c.write(copy, z);
    c.settle();
    expect(c.view.versions('f')).toMatchObject([{ made: 'settle', content: y, stamp: shown?.stamp }]);
  });
});
