import { expect, test } from 'vitest';
import type { ContentId } from '../../src/model/index.js';
import { contentId, converge, Device, parentOf, type Rnd, seeded } from './world.js';

const names = ['a', 'b.txt', 'd'];
const pool = [...names, ...names.flatMap((dir) => names.slice(0, 2).map((name) => `${dir}/${name}`)), 'd/a/b.txt'];

interface History {
  readonly devices: readonly Device[];
  /** Contents that a person wrote. */
  readonly written: Set<ContentId>;
  /** Contents that a person saw and replaced or deleted. */
  readonly consumed: Set<ContentId>;
  contents: number;
}

function consume(history: History, device: Device, path: string): void {
  for (const [at, row] of device.disk) {
    if ((at === path || at.startsWith(`${path}/`)) && row.content !== undefined) history.consumed.add(row.content);
  }
}

function pick<T>(rnd: Rnd, items: readonly T[]): T {
  return items[Math.floor(rnd() * items.length)] as T;
}

/** Somewhere a person could put something: below directories only. */
function place(rnd: Rnd, device: Device): string | undefined {
  const path = rnd() < 0.5 && device.disk.size > 0 ? pick(rnd, [...device.disk.keys()]) : pick(rnd, pool);
  const parent = parentOf(path);
  return parent === undefined || device.disk.get(parent)?.kind === 'directory' ? path : undefined;
}

function put(history: History, rnd: Rnd, device: Device): void {
  const path = place(rnd, device);
  if (path === undefined) return;
  const old = device.disk.get(path);
  const choice = rnd();
  if (choice < 0.25) {
    if (old?.kind === 'directory') return;
    consume(history, device, path);
    device.remove(path);
    device.mkdir(path);
    return;
  }
  consume(history, device, path);
  if (old !== undefined && old.kind !== 'file') device.remove(path);
  if (choice < 0.3) {
    device.remove(path);
    device.symlink(path, pick(rnd, ['a', 'd']));
    return;
  }
  const content = contentId(history.contents++);
  history.written.add(content);
  device.write(path, content);
}

function move(history: History, rnd: Rnd, device: Device): void {
  const to = place(rnd, device);
  const from = pick(rnd, [...device.disk.keys(), undefined]);
  if (to === undefined || from === undefined || to === from || to.startsWith(`${from}/`) || from.startsWith(`${to}/`))
    return;
  consume(history, device, to);
  device.remove(to);
  device.rename(from, to);
}

function act(history: History, rnd: Rnd): void {
  const device = pick(rnd, history.devices);
  const paths = [...device.disk.keys()];
  const choice = rnd();
  if (choice < 0.35) put(history, rnd, device);
  else if (choice < 0.45 && paths.length > 0) {
    const path = pick(rnd, paths);
    consume(history, device, path);
    device.remove(path);
  } else if (choice < 0.52) move(history, rnd, device);
  else if (choice < 0.55 && paths.length > 0) device.chmod(pick(rnd, paths));
  else if (choice < 0.58 && paths.length > 0) {
    if (device.unreadable.size > 0) device.unreadable.clear();
    else device.unreadable.add(pick(rnd, paths));
  } else if (choice < 0.6) device.online = !device.online;
  else if (choice < 0.75) device.syncFrom(pick(rnd, history.devices));
  else if (choice < 0.9) device.round(device.plan(), rnd() < 0.3 ? Math.floor(rnd() * 4) : undefined, rnd() < 0.5);
  else device.settle();
}

function run(seed: number, steps: number, prepared: boolean): void {
  const rnd = seeded(seed);
  let now = 1_000_000;
  const tick = (): number => ++now;
  const devices = [0, 1, 2].map((n) => new Device(n, tick));
  for (const device of devices) device.peers = devices;
  const history: History = { devices, written: new Set(), consumed: new Set(), contents: 0 };
  if (prepared) {
    for (const device of devices) {
      device.firstJoin = true;
      for (let i = 0; i < 4; i++) put(history, rnd, device);
      device.settle();
      device.firstJoin = false;
    }
  }
  const count = 4 + Math.floor(rnd() * steps * 2);
  for (let i = 0; i < count; i++) act(history, rnd);
  converge(devices);
  const [first, ...others] = devices.map((device) => device.listing());
  for (const other of others) expect(other, `seed ${seed} diverged`).toEqual(first);
  for (const device of devices) expect(device.plan().needs, `seed ${seed} wants what nobody has`).toEqual([]);
  const left = new Set([...(devices[0] as Device).disk.values()].map((row) => row.content));
  for (const content of history.written) {
    expect(left.has(content) || history.consumed.has(content), `seed ${seed} lost ${content.slice(0, 8)}`).toBe(true);
  }
}

const scale = 2;

test('[FIL-20] random histories of three devices converge and lose nothing', () => {
  for (let seed = 0; seed < 1_500 * scale; seed++) run(seed, 25, false);
});

test('[FIL-40] so do devices that join with files of their own', () => {
  for (let seed = 10_000; seed < 10_000 + 500 * scale; seed++) run(seed, 20, true);
});
