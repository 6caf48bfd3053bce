import type { DiskErrorCode } from '../memory/index.js';
import type { Agenda } from './agenda.js';
import type { SimDevice } from './device.js';
import type { People } from './people.js';
import type { Prng } from './prng.js';
import type { Trace } from './trace.js';

export interface DiskTroubleParts {
  readonly agenda: Agenda;
  readonly prng: Prng;
  readonly trace: Trace;
  readonly devices: readonly SimDevice[];
  readonly people: People;
  /** Whether bits turn too. */
  readonly rots: boolean;
}

const codes: readonly DiskErrorCode[] = ['EACCES', 'EPERM', 'EIO'];
const uses = ['read', 'list', 'write'] as const;
const lastsMsMax = 30_000;

/** Disks that refuse one thing and not another, that keep bytes and lose names, and whose bits turn. */
export class DiskTroubles {
  /** Whose bits turned. */
  readonly turned = new Set<SimDevice>();
  readonly #parts: DiskTroubleParts;
  #healed = false;

  constructor(parts: DiskTroubleParts) {
    this.#parts = parts;
    for (const { disk } of parts.devices) disk.faults.loose = parts.prng.chance(0.5);
  }

  strike(): void {
    const { prng, devices, rots } = this.#parts;
    const device = prng.pick(devices);
    if (!device.hasRoot) return;
    if (rots && prng.chance(0.4)) this.#turn(device);
    else this.#refuse(device);
  }

  /** All disks do again what they are told; what turned stays so. */
  heal(): void {
    this.#healed = true;
    for (const { disk } of this.#parts.devices) Object.assign(disk.faults, { refuses: () => undefined, loose: false });
  }

  /** A path, a directory with all below it, or the private directory, can't be read, listed or written. */
  #refuse(device: SimDevice): void {
    const { prng, agenda } = this.#parts;
    const code = prng.pick(codes);
    const use = prng.pick(uses);
    const places = ['', '.cloudless/temps', '.cloudless/archive', ...device.onWholeDisk(() => device.person.paths())];
    const place = prng.pick(places);
    const bad = place === '' ? device.root : `${device.root}/${place}`;
    const below = prng.chance(0.5);
    device.disk.faults.refuses = (path, what) =>
      what === use && (path === bad || (below && path.startsWith(`${bad}/`))) ? code : undefined;
    this.#say(`${device.name} can not ${use} ${bad}${below ? ' and what is below' : ''}: ${code}`);
    agenda.after(prng.int(100, lastsMsMax), () => {
      if (!this.#healed) device.disk.faults.refuses = () => undefined;
    });
  }

  /** Of a file that somebody else has too, or of a temp file. */
  #turn(device: SimDevice): void {
    const { prng, people, devices } = this.#parts;
    const others = devices.filter((each) => each !== device);
    const files = device.onWholeDisk(() => {
      const temps = device.disk.names(`${device.root}/.cloudless/temps`).map((name) => `.cloudless/temps/${name}`);
      return [...temps, ...device.person.paths().filter((path) => isElsewhere(device, path, others))];
    });
    if (files.length === 0) return;
    const path = prng.pick(files);
    this.turned.add(device);
    device.onWholeDisk(() => {
      const before = device.person.read(path);
      device.disk.turnBit(`${device.root}/${path}`, prng.int(0, 2 ** 30));
      const after = device.person.read(path);
      if (before !== undefined && after !== undefined) people.damaged(before, after);
    });
    this.#say(`a bit turns in ${path} of ${device.name}`);
  }

  #say(what: string): void {
    this.#parts.trace.add(`${this.#parts.agenda.nowMs} ${what}`);
  }
}

function isElsewhere(device: SimDevice, path: string, others: readonly SimDevice[]): boolean {
  const bytes = device.person.read(path);
  return bytes !== undefined && others.some((other) => other.onWholeDisk(() => hasEqual(other, path, bytes)));
}

function hasEqual(device: SimDevice, path: string, bytes: Uint8Array): boolean {
  const there = device.person.read(path);
  return there?.length === bytes.length && there.every((byte, index) => byte === bytes[index]);
}
