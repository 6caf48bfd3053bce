import { describe, expect, test } from 'vitest';
import { randomBytes } from './random-bytes.js';
import { crypto, type Device, World } from './world.js';

const paths = ['a', 'b', 'dir', 'dir/a', 'dir/b', 'dir/sub', 'dir/sub/a', 'other/a', 'c.txt'];

/** One act of a person on one disk. Returns the content written, if any. */
function act(world: World, device: Device, count: number): void {
  const { disk } = device;
  const { rnd } = world;
  const path = paths[Math.floor(rnd() * paths.length)] as string;
  const kind = disk.nodes.get(path)?.kind;
  const choice = rnd();
  if (choice < 0.2) disk.remove(path);
  else if (choice < 0.3) {
    const from = [...disk.nodes.keys()][Math.floor(rnd() * disk.nodes.size)];
    if (
      from === undefined ||
      from === '.cloudlessignore' ||
      from === path ||
      path.startsWith(`${from}/`) ||
      from.startsWith(`${path}/`)
    )
      return;
    disk.rename(from, path);
  } else if (choice < 0.36) {
    if (kind === 'file') disk.remove(path);
    disk.mkdir(path);
  } else if (choice < 0.4) disk.symlink(path, 'c.txt');
  else if (choice < 0.46 && kind === 'file') disk.chmod(path, rnd() < 0.5);
  else if (choice < 0.57 && kind === 'file') disk.append(path, `line ${count}\n`);
  else if (choice < 0.6 && kind === 'file') device.open.push(disk.open(path));
  else if (choice < 0.63 && device.open.length > 0) device.open.shift()?.(`late ${count}\n`);
  else {
    if (kind !== undefined && kind !== 'file') disk.remove(path);
    const size = [20, 900, 5_000, 200_000][Math.floor(rnd() * 4)] as number;
    const bytes = randomBytes(size, count);
    bytes.set(new TextEncoder().encode(`#${count}#`));
    disk.write(path, bytes);
  }
}

function history(seed: number, crashes: boolean): World {
  const world = new World(seed);
  const devices = [world.add(), world.add({ founded: false }), world.add({ founded: false })];
  for (let i = 0; i < 60; i++) {
    const device = devices[Math.floor(world.rnd() * devices.length)] as Device;
    const choice = world.rnd();
    if (choice < 0.45) act(world, device, seed * 1_000 + i);
    else if (choice < 0.6) device.look();
    else if (choice < 0.85) for (let turns = world.rnd() * 12; turns > 0; turns--) device.turn();
    else if (choice < 0.95) {
      const other = devices[Math.floor(world.rnd() * devices.length)] as Device;
      if (other !== device) device.take(other);
    } else if (crashes) device.crash();
    world.nowMs += Math.floor(world.rnd() * 2_000);
  }
  return world;
}

/** Until all disks are equal, also in what a person is asked about first. */
function finish(world: World): void {
  world.converge();
  for (;;) {
    const braked = world.devices.filter((device) => device.tree.status().state === 'braked');
    if (braked.length === 0) return;
    for (const device of braked) device.handle(() => void device.tree.brake.approve());
    world.converge();
  }
}

function check(seed: number, crashes: boolean): void {
  const world = history(seed, crashes);
  finish(world);
  const [a, ...others] = world.devices as [Device, ...Device[]];
  for (const other of others) {
    expect(other.disk.listing(), `seed ${seed}`).toEqual(a.disk.listing());
    expect(other.tree.status().fingerprint).toBe(a.tree.status().fingerprint);
  }
  for (const device of world.devices) {
    expect(device.needs(), `seed ${seed}`).toEqual([]);
    expect(device.tree.settled(), `seed ${seed}`).toBe(true);
    expect(device.tree.status()).toMatchObject({ state: 'inStep', bytesLeft: 0 });
  }
}

const shared = ['*.txt\n', 'dir/\n!dir/a\n', '/other\na\n', ''];
const ignores = [['dir/sub'], ['a'], ['b', '!dir/b'], []];
const wants = [['dir'], ['other', 'c.txt'], ['*b', 'a'], [], []];

function changeRules(world: World, device: Device): void {
  const choice = world.rnd();
  const one = <T>(items: readonly T[]): T => items[Math.floor(world.rnd() * items.length)] as T;
  if (choice < 0.35) device.disk.write('.cloudlessignore', one(shared));
  else if (choice < 0.7) device.setRules({ ignore: one(ignores) });
  else device.setRules({ want: one(wants) });
}

/** Files that the rules leave out, with their bytes. */
function leftOut(device: Device): readonly string[] {
  const files = [...device.disk.nodes].filter(([, { kind }]) => kind === 'file');
  const out = files.filter(([path]) => /ignored by|not among/.test(device.tree.why(path).reason));
  return out.map(([path, { bytes }]) => `${path} ${digest(bytes)}`);
}

function digest(bytes: Uint8Array): string {
  return [...crypto.blake3(bytes)].join('.');
}

function filesOf(device: Device): readonly string[] {
  return [...device.disk.nodes.values()].filter(({ kind }) => kind === 'file').map(({ bytes }) => digest(bytes));
}

function historyWithRules(seed: number): void {
  const world = new World(seed);
  const devices = [world.add(), world.add({ founded: false }), world.add({ founded: false })];
  const some = (): Device => devices[Math.floor(world.rnd() * devices.length)] as Device;
  for (let i = 0; i < 60; i++) {
    const choice = world.rnd();
    if (choice < 0.35) act(world, some(), seed * 1_000 + i);
    else if (choice < 0.5) changeRules(world, some());
    else if (choice < 0.6) some().look();
    else if (choice < 0.85) {
      const device = some();
      for (let turns = world.rnd() * 12; turns > 0; turns--) device.turn();
    } else if (choice < 0.95) world.exchange();
    else some().crash();
    world.nowMs += Math.floor(world.rnd() * 2_000);
  }
  world.converge();
  const [idle, ...others] = devices as [Device, ...Device[]];
  const before = leftOut(idle);
  for (let i = 0; i < 10; i++) act(world, others[i % 2] as Device, seed * 2_000 + i);
  world.converge();
  expect(leftOut(idle), `seed ${seed}`).toEqual(expect.arrayContaining(before as string[]));
  for (const device of devices) device.setRules({ ignore: [], want: [] });
  for (const { disk } of devices) if (disk.text('.cloudlessignore') !== undefined) disk.write('.cloudlessignore', '');
  const there = devices.flatMap(filesOf);
  finish(world);
  for (const other of others) expect(other.disk.listing(), `seed ${seed}`).toEqual(idle.disk.listing());
  const kept = new Set([
    ...devices.flatMap(filesOf),
    ...devices.flatMap(({ disk }) => [...disk.archive.values()].map(({ bytes }) => digest(bytes))),
  ]);
  expect(
    there.filter((file) => !kept.has(file)),
    `seed ${seed}`,
  ).toEqual([]);
  for (const device of devices) expect(device.rows('aside'), `seed ${seed}`).toEqual([]);
}

describe('random histories of three devices', () => {
  test('[FIL-71] what rules leave out stays, and all disks become equal once there are none', () => {
    for (let seed = 2_001; seed <= 2_060; seed++) historyWithRules(seed);
  }, 120_000);

  test('all disks become equal', () => {
    for (let seed = 1; seed <= 60; seed++) check(seed, false);
  }, 120_000);

  test('all disks become equal over crashes at any point', () => {
    for (let seed = 1_001; seed <= 1_060; seed++) check(seed, true);
  }, 120_000);
});
