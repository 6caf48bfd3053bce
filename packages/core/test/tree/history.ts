/** Random histories of three devices whose disks lag behind, in several modes. Not a test by itself. */

import { expect } from 'vitest';
import type { ContentId } from '../../src/model/index.js';
import { contentId, converge, Device, parentOf, type Rnd, seeded } from './world.js';

/** What a history is made of; chances are between 0 and 1. */
export interface Mode {
  /** Acts of people and devices are at most twice as many. */
  readonly steps: number;
  /** The devices join with files of their own. */
  readonly joins?: boolean;
  /** Files alone, at two paths: everything meets. */
  readonly files?: boolean;
  /** That a device stops in the middle of a group. */
  readonly stop?: number;
  /** That a person does something between two operations of a group. */
  readonly edit?: number;
  /** That an operation that was done is taken for one that was not. */
  readonly fail?: number;
  /** That a device may or may not write from now on. */
  readonly reader?: number;
}

const usual = { steps: 25, stop: 0.5, edit: 0.2, fail: 0.1 } as const;

export const modes = {
  usual,
  long: { ...usual, steps: 60 },
  joins: { ...usual, joins: true },
  stops: { ...usual, joins: true, stop: 1, edit: 0.4 },
  undisturbed: { ...usual, edit: 0, fail: 0 },
  fails: { ...usual, edit: 0.4, fail: 0.3 },
  readers: { ...usual, reader: 0.6 },
  files: { ...usual, files: true, steps: 15 },
  'files stopped': { ...usual, files: true, stop: 1 },
} as const satisfies Readonly<Record<string, Mode>>;

export type ModeName = keyof typeof modes;

const names = ['a', 'b.txt', 'd'];
const pool = [...names, ...names.flatMap((dir) => names.slice(0, 2).map((name) => `${dir}/${name}`)), 'd/a/b.txt'];

/** The history with this number; throws what is wrong with its end. */
export function runHistory(mode: Mode, seed: number): void {
  const history = new History(mode, seed);
  history.run();
  history.check();
}

class History {
  private readonly devices: readonly Device[];
  private readonly mode: Mode;
  private readonly rnd: Rnd;
  /** Contents that a person wrote. */
  private readonly written = new Set<ContentId>();
  /** Contents that a person saw and replaced or deleted. */
  private readonly consumed = new Set<ContentId>();
  private contents = 0;

  constructor(mode: Mode, seed: number) {
    this.mode = mode;
    this.rnd = seeded(seed);
    let now = 1_000_000;
    this.devices = [0, 1, 2].map((n) => new Device(n, () => ++now));
    for (const device of this.devices) device.peers = this.devices;
  }

  run(): void {
    if (this.mode.joins === true) for (const device of this.devices) this.join(device);
    const count = 4 + Math.floor(this.rnd() * this.mode.steps * 2);
    for (let i = 0; i < count; i++) this.act();
    for (const device of this.devices) device.writer = true;
    converge(this.devices);
  }

  check(): void {
    const [first, ...others] = this.devices.map((device) => device.listing());
    for (const other of others) expect(other, 'the devices show the same').toEqual(first);
    for (const device of this.devices) expect(device.plan().needs, 'nobody waits for what nobody has').toEqual([]);
    const left = new Set([...(this.devices[0] as Device).disk.values()].map((row) => row.content));
    const lost = [...this.written].filter((content) => !left.has(content) && !this.consumed.has(content));
    expect(lost, 'nothing is lost').toEqual([]);
  }

  private join(device: Device): void {
    device.firstJoin = true;
    for (let i = 0; i < 4; i++) this.put(device);
    device.settle();
    device.firstJoin = false;
  }

  private chance(of: number | undefined): boolean {
    return of !== undefined && of > 0 && this.rnd() < of;
  }

  private pick<T>(items: readonly T[]): T {
    return items[Math.floor(this.rnd() * items.length)] as T;
  }

  private act(): void {
    const device = this.pick(this.devices);
    const choice = this.rnd();
    if (choice < 0.35) this.put(device);
    else if (choice < 0.43) this.remove(device);
    else if (choice < 0.48) this.move(device);
    else if (choice < 0.5) this.chmod(device);
    else if (choice < 0.52) this.unread(device);
    else if (choice < 0.54) device.online = !device.online;
    else if (choice < 0.7) device.syncFrom(this.pick(this.devices));
    else if (choice < 0.94) for (let i = 0; i < 3 && this.group(device); i++);
    else if (choice < 0.97) device.round(device.plan(), this.stopAt(4), this.chance(0.5));
    else if (this.chance(this.mode.reader)) device.writer = !device.writer;
    else if (device.writer) device.settle();
  }

  private group(device: Device): boolean {
    const { edit, fail } = this.mode;
    return device.group({
      stopAt: this.chance(this.mode.stop) ? this.stopAt(6) : undefined,
      between: () => {
        if (this.chance(edit)) this.person(device);
      },
      fails: () => this.chance(fail),
    });
  }

  private stopAt(most: number): number {
    return Math.floor(this.rnd() * most);
  }

  // What a person does.

  private person(device: Device): void {
    const choice = this.rnd();
    if (choice < 0.5) this.put(device);
    else if (choice < 0.75) this.remove(device);
    else this.move(device);
  }

  private put(device: Device): void {
    const path = this.place(device);
    if (path === undefined) return;
    const old = device.disk.get(path);
    const choice = this.mode.files === true ? 1 : this.rnd();
    if (choice < 0.25 && old?.kind === 'directory') return;
    this.consume(device, path);
    if (choice < 0.3 || (old !== undefined && old.kind !== 'file')) device.remove(path);
    if (choice < 0.25) device.mkdir(path);
    else if (choice < 0.3) device.symlink(path, this.pick(['a', 'd']));
    else this.write(device, path);
  }

  private write(device: Device, path: string): void {
    const content = contentId(this.contents++);
    this.written.add(content);
    device.write(path, content);
  }

  private move(device: Device): void {
    const to = this.place(device);
    const from = this.pick([...device.disk.keys(), undefined]);
    if (to === undefined || from === undefined || to === from) return;
    if (to.startsWith(`${from}/`) || from.startsWith(`${to}/`)) return;
    this.consume(device, to);
    device.remove(to);
    device.rename(from, to);
  }

  private remove(device: Device): void {
    if (device.disk.size === 0) return;
    const path = this.pick([...device.disk.keys()]);
    this.consume(device, path);
    device.remove(path);
  }

  private chmod(device: Device): void {
    if (device.disk.size > 0) device.chmod(this.pick([...device.disk.keys()]));
  }

  private unread(device: Device): void {
    if (device.unreadable.size > 0) device.unreadable.clear();
    else if (device.disk.size > 0) device.unreadable.add(this.pick([...device.disk.keys()]));
  }

  /** Somewhere a person could put something: below directories only. */
  private place(device: Device): string | undefined {
    const known = this.rnd() < 0.5 && device.disk.size > 0;
    const path = known
      ? this.pick([...device.disk.keys()])
      : this.pick(this.mode.files === true ? names.slice(0, 2) : pool);
    const parent = parentOf(path);
    return parent === undefined || device.disk.get(parent)?.kind === 'directory' ? path : undefined;
  }

  private consume(device: Device, path: string): void {
    for (const [at, row] of device.disk) {
      if ((at === path || at.startsWith(`${path}/`)) && row.content !== undefined) this.consumed.add(row.content);
    }
  }
}
