import { type MemoryStorage, noFaults } from '../memory/index.js';
import type { Agenda } from './agenda.js';
import type { CrashPlan, SimDevice } from './device.js';
import type { SimNetwork } from './network.js';
import type { Prng } from './prng.js';
import type { Trace } from './trace.js';
import type { Writers } from './writers.js';

export interface FaultParts {
  readonly agenda: Agenda;
  readonly network: SimNetwork;
  readonly prng: Prng;
  readonly trace: Trace;
  readonly devices: readonly SimDevice[];
  /** Whether databases come back from backups, and directories go and come. */
  readonly restores: boolean;
  /** Whether a device may be away for so long that archives are emptied meanwhile. */
  readonly absences: boolean;
  readonly writers: Writers;
}

/** What a device had when it was backed up. */
interface Backup {
  readonly storage: MemoryStorage;
  readonly confirmed: ReadonlySet<string>;
}

const dayMs = 86_400_000;
/** By how much a clock may jump at most: a correction, a wrong time zone, a battery that was empty. */
const jumps: readonly number[] = [5_000, 600_000, 1.5 * dayMs, 400 * dayMs];
const skewMsMax = 600_000;
const crashPoints: readonly CrashPlan['at'][] = ['before-commit', 'between-commits', 'after-commit', 'disk'];

/** What goes wrong in the world, one thing at a time and often several at once. */
export class Faults {
  readonly #parts: FaultParts;
  readonly #backups = new Map<SimDevice, Backup>();
  /** By how much all clocks went on while somebody was away. */
  #passedMs = 0;
  /** Whether a clock went on for so long that archives may be emptied. */
  aged = false;
  #healed = false;

  constructor(parts: FaultParts) {
    this.#parts = parts;
  }

  /** Something goes wrong. */
  strike(): void {
    const { prng } = this.#parts;
    const device = prng.pick(this.#parts.devices);
    if (this.#parts.restores && prng.chance(0.4)) return this.#backUpOrLose(device);
    const choice = prng.int(1, 100);
    if (choice <= 21) this.#break();
    else if (choice <= 30) this.#clog();
    else if (choice <= 44) this.#part();
    else if (choice <= 70) this.#crash(device);
    else if (choice <= 77) this.#fill(device);
    else if (choice <= 84) this.#unreadable(device);
    else if (choice <= 90) this.#unwritable(device);
    else if (choice <= 97) this.#jump(device);
    else if (this.#parts.absences) this.#leave(device);
  }

  /** All is well again, for good. */
  heal(): void {
    this.#healed = true;
    const { devices, network } = this.#parts;
    network.parted.clear();
    network.slowestMs = 300;
    for (const device of devices) {
      device.plan = undefined;
      device.returnRoot();
      device.lossyHints = false;
      device.away = false;
      // Where members meet depends on the day, so clocks have to be about right in the end.
      device.skewMs = this.#passedMs + this.#parts.prng.int(-skewMsMax, skewMsMax);
      device.storage.fill(false);
      Object.assign(device.disk.faults, noFaults());
      device.start();
    }
  }

  #backUpOrLose(device: SimDevice): void {
    const { prng } = this.#parts;
    if (prng.chance(0.5)) return this.#lose(device);
    if (!device.running) return;
    const backup = this.#backups.get(device);
    if (backup === undefined) this.#backUp(device);
    else this.#restore(device, backup);
  }

  #backUp(device: SimDevice): void {
    const confirmed = new Set(this.#parts.writers.confirmed);
    this.#backups.set(device, { storage: device.storage.backup(), confirmed });
    this.#say(`${device.name} is backed up`);
  }

  /** What was only in the database is gone with it; what others have of it may come back. */
  #restore(device: SimDevice, { storage, confirmed }: Backup): void {
    this.#backups.delete(device);
    this.#say(`the databases of ${device.name} come back from a backup`);
    device.restore(storage);
    this.#parts.writers.lost(device, confirmed);
  }

  #lose(device: SimDevice): void {
    if (!device.hasRoot) return;
    this.#say(`the directory of ${device.name} goes`);
    device.loseRoot(this.#parts.prng.chance(0.5));
    this.#later(60_000, () => device.returnRoot());
  }

  #break(): void {
    const { network, prng } = this.#parts;
    const wires = network.wires();
    if (wires.length > 0) network.break(prng.pick(wires), 'broken');
    this.#say('a connection breaks');
  }

  #clog(): void {
    const { network, prng } = this.#parts;
    const wires = network.wires();
    if (wires.length > 0) network.clog(prng.pick(wires), prng.int(100, 30_000));
    this.#say('a connection stands still');
  }

  #part(): void {
    const { network, devices, prng } = this.#parts;
    const [a, b] = [prng.pick(devices), prng.pick(devices)];
    if (a === b) return;
    network.part(a, b);
    this.#say(`${a.name} and ${b.name} are parted`);
    this.#later(60_000, () => network.parted.delete([a.name, b.name].sort().join(' ')));
  }

  #crash(device: SimDevice): void {
    const { prng } = this.#parts;
    const power = prng.chance(0.5);
    if (prng.chance(0.3)) return device.crash(power);
    const at = prng.pick(crashPoints);
    device.plan = { at, power, count: prng.int(1, at === 'disk' ? 12 : 6) };
  }

  #fill(device: SimDevice): void {
    const { prng } = this.#parts;
    device.disk.faults.freeBytes = prng.int(0, 100_000);
    if (prng.chance(0.2)) device.storage.fill(true);
    this.#say(`the disk of ${device.name} is full`);
    this.#later(20_000, () => {
      device.disk.faults.freeBytes = Number.POSITIVE_INFINITY;
      device.storage.fill(false);
    });
  }

  #unreadable(device: SimDevice): void {
    const { what, isBad } = this.#bad(device);
    device.disk.faults.unreadable = isBad;
    this.#say(`${device.name} can not read ${what}`);
    this.#later(30_000, () => {
      device.disk.faults.unreadable = () => false;
    });
  }

  #unwritable(device: SimDevice): void {
    const { what, isBad } = this.#bad(device);
    device.disk.faults.unwritable = isBad;
    this.#say(`${device.name} can not write ${what}`);
    this.#later(30_000, () => {
      device.disk.faults.unwritable = () => false;
    });
  }

  /** One path, or with all below it. */
  #bad(device: SimDevice): { readonly what: string; readonly isBad: (path: string) => boolean } {
    const bad = this.#somewhere(device);
    if (this.#parts.prng.chance(0.5)) return { what: bad, isBad: (path) => path === bad };
    return { what: `${bad} and what is below`, isBad: (path) => path === bad || path.startsWith(`${bad}/`) };
  }

  /** Somebody, or something, sets the clock. */
  #jump(device: SimDevice): void {
    const { prng } = this.#parts;
    const most = prng.pick(jumps);
    device.skewMs += prng.int(-most, most);
    this.aged ||= most > 30 * dayMs;
    this.#say(`the clock of ${device.name} is set`);
  }

  /** A device is off while months go by for the others, who sleep through most of them. */
  #leave(device: SimDevice): void {
    const { prng, devices } = this.#parts;
    if (devices.some(({ away }) => away)) return;
    device.away = true;
    this.aged = true;
    device.crash(prng.chance(0.2));
    const passedMs = prng.int(dayMs, 500 * dayMs);
    this.#passedMs += passedMs;
    for (const each of devices) each.skewMs += passedMs;
    this.#say(`${device.name} is away for long`);
    this.#later(60_000, () => {
      device.away = false;
      device.start();
    });
  }

  #somewhere(device: SimDevice): string {
    const paths = device.hasRoot ? device.onWholeDisk(() => device.person.paths()) : [];
    return paths.length === 0 ? `${device.root}/a` : `${device.root}/${this.#parts.prng.pick(paths)}`;
  }

  #later(msMax: number, act: () => void): void {
    const { agenda, prng } = this.#parts;
    agenda.after(prng.int(100, msMax), () => {
      if (!this.#healed) act();
    });
  }

  #say(what: string): void {
    this.#parts.trace.add(`${this.#parts.agenda.nowMs} ${what}`);
  }
}
