import { describe, expect, test } from 'vitest';
import type { Blind } from '../../../src/ports/index.js';
import type { DiskRow, RuleTexts } from '../../../src/tree/index.js';
import { TestDisk } from './disk.js';
import { crypto, type Device, World } from './world.js';

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const reason = '2 directories are looked at now and then';

/** Counts what is looked at, and takes its time for it. */
class WatchedDisk extends TestDisk {
  readonly scans: Scanned[] = [];
  rows = 0;
  tookMs = 0;
  world: World | undefined;

  override scan(paths: readonly string[] | 'all', texts?: RuleTexts): DiskRow[] {
    const rows = super.scan(paths, texts);
    this.scans.push({ atMs: this.world?.nowMs ?? 0, paths });
    this.rows += rows.length;
    if (this.world !== undefined) this.world.nowMs += this.tookMs;
    return rows;
  }
}

interface Scanned {
  readonly atMs: number;
  readonly paths: readonly string[] | 'all';
}

/** A device that has a few files and has looked at all of them. */
function quiet(): { readonly world: World; readonly device: Device; readonly disk: WatchedDisk } {
  const world = new World(5);
  const disk = new WatchedDisk(crypto);
  for (const path of ['seen/a', 'blind/a', 'blind/below/a']) disk.write(path, path);
  const device = world.add({ disk });
  disk.world = world;
  pass(world, device, secondMs);
  disk.scans.length = 0;
  return { world, device, disk };
}

/** All that happens by itself in this time. */
function pass(world: World, device: Device, ms: number): void {
  const endMs = world.nowMs + ms;
  for (;;) {
    while (device.turn());
    const wakeMs = device.soonMs();
    if (wakeMs > endMs) break;
    world.nowMs = Math.max(world.nowMs, wakeMs);
    device.wake();
  }
  world.nowMs = Math.max(world.nowMs, endMs);
}

function blind(device: Device, paths: Blind['paths']): void {
  device.handle(() => device.tree.hint({ paths: [], blind: { paths, reason: paths.length === 0 ? '' : reason } }));
}

function knows(device: Device, path: string): boolean {
  return device.rows('base').includes(path);
}

/** Times between scans. */
function gaps(scans: readonly Scanned[]): readonly number[] {
  return scans.slice(1).map(({ atMs }, index) => atMs - (scans[index]?.atMs ?? 0));
}

describe('everything', () => {
  test('[FIL-110] is looked at again although nothing is told, each time later, and at least each hour', () => {
    const { world, device, disk } = quiet();
    pass(world, device, 24 * hourMs);
    expect(disk.scans.every(({ paths }) => paths === 'all')).toBe(true);
    const waits = gaps(disk.scans);
    expect(waits.slice(0, 3)).toEqual([10 * minuteMs, 20 * minuteMs, 40 * minuteMs]);
    expect(new Set(waits.slice(3))).toEqual(new Set([hourMs]));
  });

  test('[FIL-110] is looked at soon again once something was found that nobody had told', () => {
    const { world, device, disk } = quiet();
    pass(world, device, 10 * hourMs);
    disk.write('seen/missed', 'x');
    pass(world, device, hourMs);
    expect(knows(device, 'seen/missed')).toBe(true);
    disk.write('seen/missed again', 'x');
    pass(world, device, 2 * minuteMs + hourMs / 2);
    expect(knows(device, 'seen/missed again')).toBe(true);
    expect(Math.min(...gaps(disk.scans))).toBe(minuteMs);
  });

  test('is not looked at sooner for what was told', () => {
    const { world, device, disk } = quiet();
    pass(world, device, 10 * hourMs);
    disk.scans.length = 0;
    for (let i = 0; i < 5; i++) {
      disk.write(`seen/${i}`, 'x');
      device.hint(`seen/${i}`);
      pass(world, device, hourMs);
    }
    expect(disk.scans.filter(({ paths }) => paths === 'all')).toHaveLength(5);
  });

  test('[FIL-111] is looked at for a fiftieth of the time at most', () => {
    const { world, device, disk } = quiet();
    disk.tookMs = 5 * minuteMs;
    for (let i = 0; i < 20; i++) {
      disk.write(`seen/${i}`, 'x');
      pass(world, device, 5 * hourMs);
    }
    expect(disk.scans.length).toBeGreaterThan(10);
    expect(Math.min(...gaps(disk.scans))).toBeGreaterThanOrEqual(50 * disk.tookMs);
  });

  test('is in step while it is looked at only because it was time to', () => {
    const { world, device, disk } = quiet();
    world.nowMs += hourMs;
    device.wake();
    while (!device.pending.some(({ work }) => work.task === 'scan')) expect(device.turn()).toBe(true);
    expect(device.tree.status().state).toBe('inStep');
    disk.write('seen/new', 'x');
    device.hint('seen/new');
    expect(device.tree.status().state).toBe('syncing');
    device.look();
    expect(device.tree.status().state).toBe('scanning');
  });
});

describe('what is not watched', () => {
  test('[FIL-110] is looked at often while something is found there, and seldom where all is quiet', () => {
    const { world, device, disk } = quiet();
    blind(device, ['blind']);
    for (let i = 0; i < 5; i++) {
      disk.write(`blind/below/${i}`, 'x');
      pass(world, device, 2 * secondMs + 100);
      expect(knows(device, `blind/below/${i}`)).toBe(true);
    }
    disk.scans.length = 0;
    pass(world, device, 2 * hourMs);
    const waits = gaps(disk.scans);
    expect(disk.scans[0]?.paths).toEqual(['blind']);
    expect(waits.slice(0, 3)).toEqual([4, 8, 16].map((seconds) => seconds * secondMs));
    expect(Math.max(...waits)).toBe(5 * minuteMs);
    expect(disk.scans.length).toBeLessThan(40);
  });

  test('[FIL-111] is looked at for a twentieth of the time at most', () => {
    const { world, device, disk } = quiet();
    blind(device, ['blind']);
    disk.tookMs = 3 * secondMs;
    for (let i = 0; i < 10; i++) {
      disk.write(`blind/${i}`, 'x');
      pass(world, device, minuteMs);
    }
    const waits = gaps(disk.scans.filter(({ paths }) => paths !== 'all'));
    expect(waits.length).toBeGreaterThan(5);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(20 * disk.tookMs);
  });

  test('may be everything', () => {
    const { world, device, disk } = quiet();
    blind(device, 'all');
    disk.write('seen/b', 'x');
    pass(world, device, 2 * secondMs);
    expect(disk.scans.map(({ paths }) => paths)).toEqual(['all']);
    expect(knows(device, 'seen/b')).toBe(true);
  });

  test('[FIL-112] is told of with the reason, until it is watched again', () => {
    const { world, device, disk } = quiet();
    expect(device.tree.status().reason).toBeUndefined();
    blind(device, ['blind']);
    pass(world, device, minuteMs);
    expect(device.tree.status()).toMatchObject({ state: 'inStep', reason });
    blind(device, []);
    disk.scans.length = 0;
    pass(world, device, 3 * minuteMs);
    expect(disk.scans).toEqual([]);
    expect(device.tree.status().reason).toBeUndefined();
  });

  test('comes over although hints of other things come all the time', () => {
    const { world, device, disk } = quiet();
    blind(device, ['blind']);
    disk.write('blind/new', 'x');
    for (let i = 0; i < 40; i++) {
      disk.write(`seen/${i}`, 'x');
      device.hint(`seen/${i}`);
      pass(world, device, 100);
    }
    expect(knows(device, 'blind/new')).toBe(true);
  });
});

describe('a burst', () => {
  /** Files come in portions that are told of while earlier ones are still looked at and read. */
  function burst(files: number): { readonly rows: number; readonly tasks: Readonly<Record<string, number>> } {
    const { world, device, disk } = quiet();
    const before = { ...device.tasks };
    disk.rows = 0;
    for (let at = 0; at < files; at += 100) {
      const paths = Array.from({ length: 100 }, (_, i) => `burst/${at / 100}/${i}`);
      for (const path of paths) disk.write(path, path);
      device.hint(...paths);
      for (let i = 0; i < 20; i++) device.turn();
    }
    pass(world, device, minuteMs);
    expect(device.tree.status()).toMatchObject({ state: 'inStep', files: 3 + files });
    const tasks = Object.entries(device.tasks).map(([task, count]) => [task, count - (before[task] ?? 0)]);
    return { rows: disk.rows, tasks: Object.fromEntries(tasks) };
  }

  test('of four times as many files is four times the work: rows looked at, reads, scans', () => {
    const [small, large] = [burst(1_000), burst(4_000)];
    expect(small.tasks['hash']).toBe(1_000);
    expect(large.tasks['hash']).toBe(4_000);
    expect(large.rows).toBeLessThan(6 * small.rows);
    expect(large.tasks['scan']).toBeLessThan(6 * (small.tasks['scan'] as number));
    expect(large.rows).toBeLessThan(10 * 4_000);
  });
});
