import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { formatLink, parseLink } from '@cloudless/core/model';
import { expect, onTestFinished } from 'vitest';
import { TestDevice } from './device.js';
import { Wire } from './wire.js';

/** Devices of one test, in a directory of their own; everything ends and goes with the test. */
export class World {
  readonly root: string = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'cloudless-e2e-')));
  readonly #devices: TestDevice[] = [];
  readonly #wires: Wire[] = [];

  device(name: string): TestDevice {
    const device = new TestDevice(name, path.join(this.root, name));
    this.#devices.push(device);
    return device;
  }

  /** A wire to where a device listens. */
  async wire(target: TestDevice): Promise<Wire> {
    const wire = await Wire.open(target.address);
    this.#wires.push(wire);
    return wire;
  }

  async close(): Promise<void> {
    await Promise.all(this.#devices.map((device) => device.end()));
    await Promise.all(this.#wires.map((wire) => wire.close()));
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

export function newWorld(): World {
  const world = new World();
  onTestFinished(() => world.close());
  return world;
}

export interface Two {
  readonly world: World;
  readonly ada: TestDevice;
  readonly ben: TestDevice;
  /** The folder at Ada's, and at Ben's. */
  readonly adas: string;
  readonly bens: string;
}

export interface WiredTwo extends Two {
  /** The only way that Ben knows to Ada when he joins, and the one he goes back to when it breaks. */
  readonly wire: Wire;
}

interface Start {
  /** Puts into Ada's directory what is there from the beginning. */
  readonly fill?: (directory: string) => void;
  /** Prepares the wire before anybody uses it. */
  readonly prepare?: (wire: Wire) => void;
}

/** Ada and Ben, up, with a folder `garden` in common. Its content is not waited for. */
export async function twoDevices(start: Start = {}): Promise<Two> {
  const { two, link } = await inviting(start);
  await two.ben.join(link, 'garden');
  return two;
}

/** The same, joined over a wire. */
export async function wiredDevices(start: Start = {}): Promise<WiredTwo> {
  const { two, link } = await inviting(start);
  const wire = await two.world.wire(two.ada);
  start.prepare?.(wire);
  await two.ben.join(through(wire, link), 'garden');
  return { ...two, wire };
}

async function inviting(start: Start): Promise<{ readonly two: Two; readonly link: string }> {
  const world = newWorld();
  const [ada, ben] = [world.device('ada'), world.device('ben')];
  await Promise.all([ada.up(), ben.up()]);
  const adas = ada.directory('garden');
  start.fill?.(adas);
  const { link } = await ada.share('garden');
  return { two: { world, ada, ben, adas, bens: ben.path('garden') }, link };
}

/** The same invitation, with the way leading over a wire. */
export function through(wire: Wire, link: string): string {
  return formatLink({ ...parseLink(link), addresses: [wire.address] });
}

/** Waits until devices of one folder have seen all of each other, whatever one of them does because of another. */
export async function settle(...devices: readonly TestDevice[]): Promise<void> {
  const prints: string[] = [];
  for (let round = 0; round < 10; round++) {
    for (const device of devices) prints.push(await device.inStep());
    const last = prints.slice(-2 * devices.length);
    if (round > 0 && new Set(last).size === 1) return;
  }
  expect(prints.slice(-devices.length)).toEqual(devices.map(() => prints.at(-1)));
}
