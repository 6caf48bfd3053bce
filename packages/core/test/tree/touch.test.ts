import { describe, expect, test } from 'vitest';
import { closeSet, recordActs, splitActs, viewRow } from '../../src/tree/index.js';
import { contentId, converge, Device, deviceId } from './world.js';

let now = 0;
const tick = (): number => ++now;
const [x, y, z] = [contentId(0), contentId(1), contentId(2)];

/** Two devices that wrote different content at one path and have met; the copy's name is the same on both. */
function conflicted(): readonly [Device, Device, string] {
  const devices = [new Device(0, tick), new Device(1, tick)] as const;
  devices[0].write('f', x);
  devices[1].write('f', y);
  converge(devices);
  const copies = [...devices[0].disk.keys()].filter((path) => path !== 'f');
  expect(copies).toHaveLength(1);
  return [...devices, copies[0] as string];
}

function recordsOf(device: Device): readonly string[] {
  const plan = device.plan();
  const touch = recordActs(plan.acts, {
    place: { device: device.id, seq: 9 },
    ref: (act) => ({ kind: 'chunks', id: act.disk.content ?? x, size: 5_000, chunks: [] }),
    base: (path) => device.base.get(path),
    view: (path) => viewRow(device.view, path),
  });
  return touch.records.map((record) => {
    const what = record.ref?.id.slice(0, 8) ?? record.typeNumber;
    const over = Object.keys(record.vector).length;
    return `${record.made ?? 'person'} ${record.path} ${what} on ${record.base?.slice(0, 8) ?? '-'} over ${over}`;
  });
}

const short = (id: string): string => id.slice(0, 8);

describe('first touch makes it real', () => {
  test('a conflict alone is written down by nobody', () => {
    const [a, b] = conflicted();
    expect([...a.held.values(), ...b.held.values()].flat()).toHaveLength(4);
  });

  test('[FIL-24] an act on the path writes its copies down', () => {
    const [a, , copy] = conflicted();
    a.write('f', z);
    expect([...recordsOf(a)].sort()).toEqual([
      `copy ${copy} ${short(x)} on - over 0`,
      `person f ${short(z)} on ${short(y)} over 2`,
    ]);
  });

  test('[FIL-25] an act on a copy settles the path', () => {
    const [a, , copy] = conflicted();
    a.write(copy, z);
    expect([...recordsOf(a)].sort()).toEqual([
      `person ${copy} ${short(z)} on ${short(x)} over 0`,
      `settle f ${short(y)} on - over 2`,
    ]);
  });

  test('[FIL-26] deleting a copy is a delete at its name', () => {
    const [a, b, copy] = conflicted();
    a.remove(copy);
    expect([...recordsOf(a)].sort()).toEqual([
      `person ${copy} 0 on ${short(x)} over 0`,
      `settle f ${short(y)} on - over 2`,
    ]);
    converge([a, b]);
    expect(b.listing()).toEqual([`f file ${short(y)}`]);
  });

  test('[FIL-26] renaming a copy is that and a create', () => {
    const [a, b, copy] = conflicted();
    a.rename(copy, 'g');
    expect([...recordsOf(a)].sort()).toEqual([
      `person ${copy} 0 on ${short(x)} over 0`,
      `person g ${short(x)} on - over 0`,
      `settle f ${short(y)} on - over 2`,
    ]);
    converge([a, b]);
    expect(b.listing()).toEqual([`f file ${short(y)}`, `g file ${short(x)}`]);
  });

  test('acts on the path and its copy together need no settling', () => {
    const [a, , copy] = conflicted();
    a.write('f', z);
    a.remove(copy);
    expect(recordsOf(a).map((line) => line.split(' ')[0])).toEqual(['person', 'person']);
  });

  test('both touching, one the path and one the copy, lose nothing', () => {
    const [a, b, copy] = conflicted();
    a.write('f', z);
    b.write(copy, contentId(3));
    converge([a, b]);
    expect(b.listing()).toEqual([`${copy} file ${short(contentId(3))}`, `f file ${short(z)}`].sort());
  });

  test('[FIL-11] knowledge is the disk, not what arrived since', () => {
    const [a, b] = [new Device(0, tick), new Device(1, tick)];
    a.write('f', x);
    converge([a, b]);
    b.write('f', y);
    b.settle();
    a.syncFrom(b);
    a.write('f', z);
    expect(recordsOf(a)).toEqual([`person f ${short(z)} on ${short(x)} over 1`]);
    converge([a, b]);
    expect(a.listing()).toHaveLength(2);
  });

  test('a copy whose name a person has taken gets another name', () => {
    const [a, b, copy] = conflicted();
    a.remove(copy);
    const row = a.base.get(copy);
    a.base.delete(copy);
    a.write(copy, z);
    a.write('f', contentId(3));
    const paths = recordsOf(a).map((line) => line.replace(/^(person|copy) /, ''));
    expect(row?.copyOf).toBe('f');
    expect(paths).toHaveLength(3);
    converge([a, b]);
    expect(b.listing()).toHaveLength(3);
  });

  test('an implicit directory is settled as a directory that loses every order', () => {
    const [a, b] = [new Device(0, tick), new Device(1, tick)];
    a.write('f', x);
    b.mkdir('f');
    b.write('f/g', y);
    b.settle();
    const dir = b.held.get(b.id)?.find((one) => one.type === 'directory');
    a.settle();
    for (const one of b.held.get(b.id) ?? []) if (one !== dir) a.take(one);
    a.settle();
    const copy = [...a.disk.keys()].find((path) => path.includes('conflict')) as string;
    a.write(copy, z);
    a.settle();
    const settled = a.view.versions('f')[0];
    expect(settled).toMatchObject({ type: 'directory', made: 'settle', stamp: { hlc: 0n } });
  });

  test('[FIL-42] an act does not hide what its own log says and this disk never showed', () => {
    const [a, b] = [new Device(0, tick), new Device(1, tick)];
    a.write('f', x);
    a.settle();
    a.base.delete('f');
    a.write('f', y);
    converge([a, b]);
    expect(a.disk.get('f')?.content).toBe(y);
    expect([...a.disk.values()].map((row) => row.content).sort()).toEqual([x, y].sort());
    expect(b.listing()).toEqual(a.listing());
  });
});

describe('batches', () => {
  test('what touches one path stays in one entry', () => {
    const [a, , copy] = conflicted();
    a.write('f', z);
    a.write(copy, contentId(3));
    a.write('g', contentId(4));
    const acts = a.plan().acts;
    const batches = splitActs(acts, (path) => a.base.get(path), 1);
    expect(batches.map((batch) => batch.map((act) => act.path).sort())).toEqual([[copy, 'f'].sort(), ['g']]);
  });

  test('the closed set of a copy holds its source and its siblings', () => {
    const [a, , copy] = conflicted();
    expect([...closeSet(a.closure(), [copy])].sort()).toEqual([copy, 'f'].sort());
    expect([...closeSet(a.closure(), ['f'])].sort()).toEqual([copy, 'f'].sort());
  });

  test('first join marks what it records', () => {
    const a = new Device(0, tick);
    a.firstJoin = true;
    a.write('f', x);
    a.settle();
    expect(a.view.versions('f')[0]?.stamp).toEqual({ hlc: 0n, device: deviceId(0) });
  });
});
