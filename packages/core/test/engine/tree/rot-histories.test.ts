/** Random histories in which disks lose bits now and then. */

import { expect, test } from 'vitest';
import type { Node } from './node.js';
import { randomBytes } from './random-bytes.js';
import { crypto, type Device, World } from './world.js';

const paths = ['a', 'b', 'dir/a', 'dir/b', 'dir/sub/a', 'c.txt'];
const sizes = [20, 900, 5_000, 200_000] as const;

function digest(bytes: Uint8Array): string {
  return [...crypto.blake3(bytes).subarray(0, 8)].join('.');
}

function filesOf(device: Device): readonly string[] {
  return [...device.disk.nodes].flatMap(([path, { kind, bytes }]) =>
    kind === 'file' && bytes.length > 0 ? [path] : [],
  );
}

function pick<T>(world: World, items: readonly T[]): T | undefined {
  return items[Math.floor(world.rnd() * items.length)];
}

interface Known {
  /** Contents that people wrote. */
  readonly written: Set<string>;
  /** Files that lost something; a person's rename of one leaves a trace like an edit. */
  readonly lossy: ReadonlySet<Node>;
}

function act(world: World, device: Device, { written, lossy }: Known, count: number): void {
  const { disk } = device;
  const path = pick(world, paths) as string;
  const from = pick(
    world,
    filesOf(device).filter((each) => !lossy.has(disk.nodes.get(each) as Node)),
  );
  const choice = world.rnd();
  if (choice < 0.15) return disk.remove(path);
  if (choice < 0.35 && from !== undefined && !`${path}/`.startsWith(`${from}/`) && !from.startsWith(`${path}/`))
    return disk.rename(from, path);
  if (disk.nodes.get(path)?.kind === 'directory') return;
  const bytes = randomBytes(pick(world, sizes) as number, count);
  bytes.set(new TextEncoder().encode(`#${count}#`));
  written.add(digest(bytes));
  disk.write(path, bytes);
}

/** A disk loses a bit of a file that was recorded. */
function lose(world: World, device: Device, lossy: Set<Node>): void {
  device.look();
  world.settle();
  const path = pick(world, filesOf(device));
  if (path === undefined) return;
  device.disk.rot(path, 12);
  lossy.add(device.disk.nodes.get(path) as Node);
}

function reread(device: Device): void {
  device.handle(() => device.tree.rot.readAll(() => undefined));
}

function finish(world: World): void {
  for (let i = 0; i < 4; i++) {
    for (const device of world.devices) reread(device);
    world.converge();
    for (const device of world.devices) {
      if (device.tree.status().state === 'braked') device.handle(() => void device.tree.brake.approve());
    }
  }
  world.converge();
}

function history(seed: number): { readonly lost: number } {
  const world = new World(seed);
  const written = new Set<string>();
  const lossy = new Set<Node>();
  const devices = [world.add(), world.add({ founded: false }), world.add({ founded: false })];
  for (let i = 0; i < 50; i++) {
    const device = pick(world, devices) as Device;
    const choice = world.rnd();
    if (choice < 0.35) act(world, device, { written, lossy }, seed * 1_000 + i);
    else if (choice < 0.45) lose(world, device, lossy);
    else if (choice < 0.5) reread(device);
    else if (choice < 0.6) device.look();
    else if (choice < 0.8) for (let turns = world.rnd() * 12; turns > 0; turns--) device.turn();
    else if (choice < 0.93) world.exchange();
    else device.crash();
    world.nowMs += Math.floor(world.rnd() * 2_000);
  }
  finish(world);
  return check(world, written, seed);
}

/** Every file is one that somebody wrote, or known to be damaged; only what nobody has is missing anywhere. */
function check({ devices }: World, written: ReadonlySet<string>, seed: number): { readonly lost: number } {
  const there = new Set(devices.flatMap((device) => device.contents()));
  const lost = new Set(devices.flatMap((device) => device.rows('need')));
  const whole = (device: Device): readonly string[] =>
    device.disk.listing().filter((line) => ![...lost].some((path) => line.startsWith(`${path} `)));
  for (const device of devices) {
    const damaged = device.tree.rot.damaged(100);
    for (const path of filesOf(device)) {
      const bytes = device.disk.nodes.get(path)?.bytes ?? new Uint8Array(0);
      expect(written.has(digest(bytes)) || damaged.includes(path), `seed ${seed}: ${path}`).toBe(true);
    }
    expect(
      device.needs().filter((content) => there.has(content)),
      `seed ${seed}`,
    ).toEqual([]);
    expect(whole(device), `seed ${seed}`).toEqual(whole(devices[0] as Device));
  }
  return { lost: lost.size };
}

test('[FIL-120] [FIL-121] no disk has what another one lost, and what somebody has comes back', () => {
  let lost = 0;
  for (let seed = 1; seed <= 15; seed++) lost += history(seed).lost;
  expect(lost).toBeGreaterThan(0);
}, 120_000);
