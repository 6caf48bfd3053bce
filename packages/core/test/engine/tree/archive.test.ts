import { describe, expect, test } from 'vitest';
import { CloudlessError } from '../../../src/errors.js';
import { randomBytes } from './random-bytes.js';
import { type Device, World } from './world.js';

const dayMs = 86_400_000;

type Request = Parameters<Device['tree']['restore']>;

/** Two devices in step. */
function shared(set: (device: Device) => void): readonly [World, Device, Device] {
  const world = new World(5);
  const [a, b] = [world.add(), world.add()];
  set(a);
  world.converge();
  return [world, a, b];
}

/** Brings a version back; gives what came of it, or the code of the refusal. */
function restore(device: Device, path: string, to: Request[2] = { inside: path }, version?: string): unknown {
  let found: unknown = 'no answer';
  try {
    device.handle(() =>
      device.tree.restore(path, version, to, (outcome) => {
        found = outcome instanceof CloudlessError ? outcome.code : outcome;
      }),
    );
  } catch (error) {
    return (error as CloudlessError).code;
  }
  device.world.settle();
  return found;
}

function history(device: Device, path: string): readonly string[] {
  return device.tree.history(path).map((item) => `${item.path} ${item.why} ${item.size}`);
}

function version(device: Device, path: string, index = 0): string {
  return device.tree.history(path)[index]?.version ?? '';
}

describe('history', () => {
  test('[FIL-43] says what others replaced and removed, when, and who', () => {
    const [world, a, b] = shared(({ disk }) => {
      disk.write('d/edited', 'one');
      disk.write('d/gone', 'gone');
      disk.symlink('link', 'd/gone');
    });
    a.disk.write('d/edited', 'three');
    a.disk.remove('d/gone');
    a.disk.symlink('link', 'd/edited');
    world.converge();
    expect([...history(b, '')].sort()).toEqual(['d/edited replaced 3', 'd/gone removed 4', 'link replaced 0']);
    expect(history(b, 'd')).toHaveLength(2);
    expect(history(b, 'd/edited')).toEqual(['d/edited replaced 3']);
    expect(history(b, 'other')).toEqual([]);
    expect(history(a, '')).toEqual([]);
    for (const { by, timeMs } of b.tree.history('')) {
      expect(by).toBe(a.id);
      expect(Math.abs(timeMs - world.nowMs)).toBeLessThan(dayMs);
    }
  });

  test('lists versions of a path, the latest first', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', '1'));
    for (const text of ['22', '333', '4444']) {
      a.disk.write('f', text);
      world.converge();
    }
    expect(history(b, 'f')).toEqual(['f replaced 3', 'f replaced 2', 'f replaced 1']);
    expect(new Set(b.tree.history('f').map((item) => item.version)).size).toBe(3);
  });

  test('knows nothing of a change that was not made', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', '1'));
    a.disk.write('f', 'two');
    b.disk.full = true;
    world.converge();
    expect(b.disk.text('f')).toBe('1');
    expect(history(b, '')).toEqual([]);
    expect(b.tree.status()).toMatchObject({ state: 'error', reason: 'The disk is full.' });
    b.disk.full = false;
    world.nowMs += 120_000;
    world.converge();
    expect(history(b, '')).toEqual(['f replaced 1']);
  });

  test('finds what lies there and is not in the index', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('d/f', 'one'));
    a.disk.write('d/f', 'two');
    world.converge();
    const reborn = world.add({ disk: b.disk });
    reborn.take(a);
    world.settle();
    expect(history(reborn, '')).toEqual(['d/f found 3']);
    expect(Math.abs((reborn.tree.history('')[0]?.timeMs ?? 0) - world.nowMs)).toBeLessThan(dayMs);
    expect(restore(reborn, 'd/f')).toMatchObject({ size: 3 });
    expect(b.disk.text('d/f')).toBe('one');
  });
});

describe('restore', () => {
  test('[FIL-44] is an act that goes to everybody, and archives what it replaces', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'one'));
    a.disk.write('f', 'two!');
    world.converge();
    expect(restore(b, 'f')).toMatchObject({ version: version(b, 'f', 1), size: 3 });
    expect(b.disk.text('f')).toBe('one');
    world.converge();
    expect(a.disk.text('f')).toBe('one');
    expect(a.disk.listing()).toEqual(b.disk.listing());
    expect(history(b, 'f')).toEqual(['f replaced 4', 'f replaced 3']);
    expect(b.tree.history('f')[0]?.by).toBe(b.id);
    expect(history(a, 'f')).toEqual(['f replaced 4']);
    expect(a.tree.status().conflicts).toBe(0);
  });

  test('brings back what was removed, with its directories, its time and its mode', () => {
    const [world, a, b] = shared(({ disk }) => {
      disk.write('d/e/tool', randomBytes(9_000, 1), true);
      disk.symlink('link', 'd/e/tool');
    });
    const before = b.disk.nodes.get('d/e/tool')?.mtimeUs;
    for (const path of ['d', 'link']) a.disk.remove(path);
    world.converge();
    restore(b, 'd/e/tool');
    restore(b, 'link');
    world.converge();
    for (const { disk } of [a, b]) {
      expect(disk.nodes.get('d/e/tool')).toMatchObject({ executable: true, mtimeUs: before });
      expect(disk.nodes.get('d/e/tool')?.bytes).toEqual(randomBytes(9_000, 1));
      expect(disk.nodes.get('link')).toMatchObject({ target: 'd/e/tool' });
    }
  });

  test('of a directory brings back all that is not there, and leaves what is', () => {
    const many = 300;
    const [world, a, b] = shared(({ disk }) => {
      for (let i = 0; i < many; i++) disk.write(`d/${i % 7}/f${i}`, `file ${i}`);
      disk.write('d/kept', 'first');
      disk.write('drum', 'no part of it');
    });
    a.disk.write('d/kept', 'second');
    a.disk.write('d/0/f0', 'file 0, later');
    world.converge();
    a.disk.remove('drum');
    a.disk.remove('d/0');
    a.disk.remove('d/1');
    for (let i = 0; i < many; i++) if (i % 7 > 1) a.disk.remove(`d/${i % 7}/f${i}`);
    world.converge();
    for (const { tree } of [a, b]) {
      tree.brake.approve();
      world.converge();
    }
    expect([...b.disk.nodes.keys()].filter((path) => path.includes('/f'))).toEqual([]);

    expect(restore(b, 'd')).toMatchObject({ version: undefined, files: many });
    world.converge();
    expect(a.disk.listing()).toEqual(b.disk.listing());
    for (let i = 1; i < many; i++) expect(a.disk.text(`d/${i % 7}/f${i}`)).toBe(`file ${i}`);
    expect(a.disk.text('d/0/f0')).toBe('file 0, later');
    expect(a.disk.text('d/kept')).toBe('second');
    expect(a.disk.nodes.has('drum')).toBe(false);
    expect(restore(b, 'd')).toBe('exists');

    const old = version(b, 'd/kept', 0);
    expect(restore(b, 'd', { inside: 'd' }, old)).toMatchObject({ version: old, files: 2 });
    expect(b.disk.text('d/kept')).toBe('first');
    expect(b.disk.text('d/0/f0')).toBe('file 0');
  });

  test('of a directory goes elsewhere as a whole, and says what it could not bring back', () => {
    const [world, a, b] = shared(({ disk }) => {
      for (const name of ['one', 'in/two', 'three']) disk.write(`d/${name}`, name);
      disk.write('else', 'stays');
    });
    a.disk.remove('d');
    world.converge();
    expect(restore(b, 'd', { outside: '/elsewhere' })).toMatchObject({ files: 3 });
    expect([...b.disk.exported.keys()].sort()).toEqual(['/elsewhere/in/two', '/elsewhere/one', '/elsewhere/three']);
    b.disk.write('new/in', 'in the way');
    expect(restore(b, 'd', { inside: 'new' })).toBe('exists');
    expect([b.disk.text('new/one'), b.disk.text('new/in'), b.disk.text('new/three')]).toEqual([
      'one',
      'in the way',
      'three',
    ]);
  });

  test('takes the version that is named, to the path that is named', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', '1'));
    for (const text of ['22', '333']) {
      a.disk.write('f', text);
      world.converge();
    }
    restore(b, 'f', { inside: 'old/f' }, version(b, 'f', 1));
    restore(b, 'f', { outside: '/elsewhere/f' });
    world.converge();
    expect([a.disk.text('old/f'), a.disk.text('f')]).toEqual(['1', '333']);
    expect(new TextDecoder().decode(b.disk.exported.get('/elsewhere/f'))).toBe('22');
  });

  test('keeps what nobody has recorded yet', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'one'));
    a.disk.write('f', 'two');
    world.converge();
    b.disk.write('f', 'mine, not looked at');
    restore(b, 'f');
    world.converge();
    expect(a.disk.text('f')).toBe('one');
    expect(b.disk.archived()).toContain('mine, not looked at');
    expect(restore(b, 'f')).toMatchObject({ size: 19 });
  });

  test('says what it can not do', () => {
    const [world, a, b] = shared(({ disk }) => {
      disk.write('f', 'one');
      disk.write('d/f', 'one');
    });
    a.disk.write('f', 'two');
    a.disk.remove('d/f');
    world.converge();
    a.disk.remove('d');
    a.disk.write('d', 'a file now');
    world.converge();
    expect(restore(b, 'nothing')).toBe('not-found');
    expect(restore(b, 'f', { inside: 'f' }, 'no such version')).toBe('not-found');
    expect(restore(b, 'f', { inside: '.cloudless/f' })).toBe('bad-path');
    expect(restore(b, 'f', { inside: '../f' })).toBe('bad-path');
    expect(restore(b, 'f', { inside: 'log-view/f' })).toBe('usage');
    expect(restore(b, 'd/f')).toBe('exists');
    b.disk.mkdir('dir');
    expect(restore(b, 'f', { inside: 'dir' })).toBe('exists');
    b.writer = false;
    expect(restore(b, 'f')).toBe('not-allowed');
    b.writer = true;
    b.disk.archive.clear();
    expect(restore(b, 'f')).toBe('not-found');
    expect(history(b, 'f')).toEqual([]);
  });
});

describe('the bounds of the archive', () => {
  /** A device that had a file of 1,000 bytes replaced so many times, a day apart. */
  function worn(times: number): readonly [World, Device, Device] {
    const [world, a, b] = shared(({ disk }) => disk.write('f', randomBytes(1_000, 0)));
    for (let i = 1; i <= times; i++) {
      a.disk.write('f', randomBytes(1_000, i));
      world.converge();
      world.nowMs += dayMs;
    }
    return [world, a, b];
  }

  function trim(world: World, device: Device): number {
    world.nowMs += 3_600_000;
    device.wake();
    world.settle();
    expect(device.disk.archive.size).toBe(device.tree.history('').length);
    return device.disk.archive.size;
  }

  test('are ninety days and ten gibibytes', () => {
    const [world, , b] = worn(3);
    expect(trim(world, b)).toBe(3);
    world.nowMs += 87 * dayMs - 3_600_000;
    expect(trim(world, b)).toBe(2);
    world.nowMs += 90 * dayMs;
    expect(trim(world, b)).toBe(0);
  });

  test('are set by age and by size, the oldest goes first', () => {
    const [world, , b] = worn(5);
    b.settings.set('archive-size', '3000B');
    expect(trim(world, b)).toBe(3);
    expect(b.tree.history('').map(({ size }) => size)).toEqual([1_000, 1_000, 1_000]);
    const oldest = Math.min(...b.tree.history('').map(({ timeMs }) => timeMs));
    expect((world.nowMs - oldest) / dayMs).toBeLessThan(3.5);
    b.settings.set('archive-days', '2');
    expect(trim(world, b)).toBe(1);
  });

  test('spare what was replaced within a day', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', randomBytes(5_000, 0)));
    b.settings.set('archive-size', '10B');
    a.disk.write('f', randomBytes(5_000, 1));
    world.converge();
    expect(trim(world, b)).toBe(1);
    world.nowMs += dayMs;
    expect(trim(world, b)).toBe(0);
  });

  test('[FIL-43] are no matter of how full the disk is', () => {
    const [world, a, b] = worn(3);
    b.disk.full = true;
    a.disk.write('f', randomBytes(2_000, 9));
    world.converge();
    expect(b.disk.archive.size).toBe(3);
  });

  test('spare what somebody may still be writing to', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'one'));
    b.settings.set('archive-size', '1B');
    const write = b.disk.open('f');
    a.disk.write('f', 'two');
    b.look();
    a.look();
    world.settle();
    b.take(a);
    world.settle();
    world.nowMs += 2 * dayMs;
    write('late');
    world.converge();
    expect(b.disk.text('f')).toBe('late');
  });
});
