import type { Crypto } from '../crypto/index.js';
import type { Command } from '../engine/index.js';
import { Agenda } from './agenda.js';
import { diskFaults, listing, lossFaults, restFaults } from './checks.js';
import { type Reply, SimDevice } from './device.js';
import { SimNetwork } from './network.js';
import { People } from './people.js';
import { Prng } from './prng.js';
import type { Scenario } from './scenarios.js';
import { SimFailure } from './simulate.js';
import { Trace } from './trace.js';

const startMs = 1_790_000_000_000;
const hourMs = 3_600_000;
const waitMs = 120_000;
/** After a device lost its peer it may be that long before it dials again. */
const roundsMax = 30;
/** By then tasks that were begun are done, and what their results lead to. */
const lateMs = 30_000;

/** Two devices on a network that works, where what people do and when is written down, and only calls fail. */
export class Stage {
  readonly trace = new Trace();
  readonly devices: readonly [SimDevice, SimDevice];
  readonly people: People;
  readonly #agenda = new Agenda(startMs);
  readonly #network: SimNetwork;
  readonly #seed: number;
  /** Its id, once it was made. */
  folder = '';

  constructor(crypto: Crypto, seed: number) {
    const prng = new Prng(`stage ${seed}`);
    const { trace } = this;
    this.#seed = seed;
    this.#network = new SimNetwork(this.#agenda, crypto, prng.fork('network'));
    this.people = new People(crypto, prng.fork('people'), trace);
    const parts = { agenda: this.#agenda, network: this.#network, crypto, prng, trace };
    this.devices = [new SimDevice('device0', parts, 0), new SimDevice('device1', parts, 0)];
    for (const device of this.devices) device.lossyHints = false;
  }

  /** Plays a scenario to its end; `begins` is called once both devices are about to be members. */
  play(scenario: Scenario, begins: () => void): void {
    try {
      this.#found(scenario, begins);
      for (const step of scenario.steps) {
        step(this);
        this.pass(2_000);
        this.#network.parted.clear();
        this.settle();
      }
      this.pass(lateMs);
      this.settle();
      this.pass(lateMs);
    } catch (error) {
      if (error instanceof SimFailure) throw error;
      const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
      throw new SimFailure(this.#seed, [what], this.trace.tail(), error);
    }
  }

  save(device: number, path: string, bytes: Uint8Array, replacing = false): void {
    const at = this.device(device);
    at.onWholeDisk(() => this.people.save(at, path, bytes, replacing));
  }

  remove(device: number, path: string): void {
    const at = this.device(device);
    at.onWholeDisk(() => this.people.remove(at, path));
  }

  rename(device: number, from: string, path: string): void {
    const at = this.device(device);
    at.onWholeDisk(() => this.people.rename(at, from, path));
  }

  symlink(device: number, path: string, target: string): void {
    const at = this.device(device);
    at.onWholeDisk(() => {
      this.people.remove(at, path);
      at.person.symlink(path, target);
    });
  }

  setExecutable(device: number, path: string, executable: boolean): void {
    const at = this.device(device);
    at.onWholeDisk(() => at.person.setExecutable(path, executable));
  }

  /** Brings back what lay at a path before. Whether the program got to it does not matter. */
  restore(device: number, path: string): void {
    const at = this.device(device);
    const target = `${at.root}/${path}`;
    this.people.overwrites(at, path);
    at.command({ command: 'restore', path: target, version: undefined, to: undefined }, () => undefined);
  }

  part(): void {
    this.#network.part(...this.devices);
  }

  pass(ms: number): void {
    this.#agenda.runUntil(this.#agenda.nowMs + ms);
  }

  /** Lets both come to rest. */
  settle(): void {
    let before = '';
    for (let round = 0; round < roundsMax; round++) {
      const replies = this.devices.map((device) =>
        this.ask(device, { command: 'wait', folder: undefined, timeoutMs: waitMs }),
      );
      const now = JSON.stringify(this.devices.map((device) => listing(device, this.people)));
      if (now === before && replies.every(({ code }) => code === undefined)) return;
      before = now;
      this.pass(1_000);
    }
    this.fail(['the devices do not come to rest', ...this.faults()]);
  }

  /** What of the promises does not hold once all is quiet. */
  faults(): readonly string[] {
    return [
      ...diskFaults(this.devices, this.people),
      ...lossFaults(this.devices, this.people),
      ...restFaults(this.devices),
    ];
  }

  /** Paths whose bytes nobody ever saved there or elsewhere: halves, zeros, mixtures. */
  strangers(device: SimDevice): readonly string[] {
    return device.person.paths().flatMap((path) => {
      const bytes = device.person.read(path);
      if (bytes === undefined || this.people.written.has(this.people.digest(bytes))) return [];
      return [`${device.name} shows at ${path} what nobody saved: ${bytes.length} bytes`];
    });
  }

  fail(faults: readonly string[]): never {
    throw new SimFailure(this.#seed, faults, this.trace.tail());
  }

  ask(device: SimDevice, command: Command): Reply {
    for (let tries = 0; tries < 20; tries++) {
      let reply: Reply | undefined;
      device.command(command, (given) => {
        reply = given;
      });
      for (let passed = 0; passed < 2 * waitMs && reply === undefined; passed += 500) this.pass(500);
      if (reply !== undefined && (reply as Reply).code !== 'closed') return reply;
      this.pass(5_000);
    }
    return this.fail([`${device.name} does not answer ${command.command}`]);
  }

  device(index: number): SimDevice {
    const device = this.devices[index];
    if (device === undefined) throw new Error(`there is no device ${index}`);
    return device;
  }

  #found({ before }: Scenario, begins: () => void): void {
    const [first, second] = this.devices;
    for (const device of this.devices) device.start();
    before?.(this);
    const made = this.ask(first, { command: 'create', path: first.root, name: 'stage', kind: 'files' });
    this.folder = (made.result as { readonly folder: string }).folder;
    const invited = this.ask(first, { command: 'invite', folder: this.folder, level: 'write', ttlMs: hourMs });
    const { link } = invited.result as { readonly link: string };
    const join = { command: 'join', code: link, path: second.root, parent: '/home', timeoutMs: 60_000 } as const;
    if (before !== undefined) begins();
    const joined = this.ask(second, join);
    if (joined.code !== undefined && before === undefined) this.fail([`join: ${joined.message ?? ''}`]);
    this.settle();
    if (before === undefined) begins();
  }
}
