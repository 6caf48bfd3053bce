/** Devices with as many files as a test wants, some of which somebody deletes or changes. */

import { expect } from 'vitest';
import { type Device, World } from './world.js';

export const minuteMs = 60_000;

export function write(device: Device, count: number, text = 'text', from = 0): void {
  for (let i = from; i < from + count; i++) device.disk.write(`dir${i % 4}/${i}`, `${text} of ${i}`);
}

export function remove(device: Device, count: number, from = 0): void {
  for (let i = from; i < from + count; i++) device.disk.remove(`dir${i % 4}/${i}`);
}

export function files(device: Device): number {
  return [...device.disk.nodes.values()].filter(({ kind }) => kind === 'file').length;
}

/** Two or more devices that have the same files. */
export function shared(count: number, devices = 2): readonly [World, Device, Device, Device] {
  const world = new World(5);
  const all = Array.from({ length: devices }, () => world.add());
  write(all[0] as Device, count);
  world.converge();
  for (const device of all) expect(files(device)).toBe(count);
  world.nowMs += 20 * minuteMs;
  const [a, b, c = b] = all as [Device, Device, Device];
  return [world, a, b, c];
}

export function state(device: Device): string {
  return device.tree.status().state;
}

export function held(device: Device): number {
  return device.tree.status().holds.reduce((sum, hold) => sum + hold.deletes + hold.overwrites + hold.conflicts, 0);
}

export function archived(device: Device): readonly string[] {
  return [...device.disk.archive.values()].map(({ bytes }) => new TextDecoder().decode(bytes));
}
