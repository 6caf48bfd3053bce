import type { Crypto } from '../crypto/index.js';
import type { Command, StreamItem } from '../engine/index.js';
import { Agenda } from './agenda.js';
import { archiveFaults, diskFaults, listing, logFaults, lossFaults, restFaults } from './checks.js';
import { type Reply, SimDevice } from './device.js';
import { DiskTroubles } from './disk-troubles.js';
import { Faults } from './faults.js';
import { SimNetwork } from './network.js';
import { People } from './people.js';
import { Prng } from './prng.js';
import { Settings } from './settings.js';
import { Trace } from './trace.js';
import { streamName, Writers } from './writers.js';

export interface SimOptions {
  readonly crypto: Crypto;
  readonly seed: number;
  /** How many acts people do before the world heals. */
  readonly acts: number;
  /** How many devices; by the seed when absent. */
  readonly devices?: number | undefined;
  /** Whether anything goes wrong at all. Default: yes. */
  readonly faults?: boolean | undefined;
  /** Whether databases come back from backups, and directories go and come. Default: no. */
  readonly restores?: boolean | undefined;
  /** Whether temp files that nobody wants any more must be gone while the programs still run. Default: yes. */
  readonly temps?: boolean | undefined;
  /** Whether people now and then remove everything at once, as the brake is there for. Default: no. */
  readonly clears?: boolean | undefined;
  /** Whether disks refuse one thing and not another, and lose names whose bytes they keep. Default: no. */
  readonly disks?: boolean | undefined;
  /** Whether bits turn on disks; all files are read again at the end. Default: no. */
  readonly rots?: boolean | undefined;
  /** How many acts people do in one go, before time passes and anything goes wrong. Default: 1. */
  readonly burst?: number | undefined;
  /** Whether a version that nobody wrote over may lie in an archive alone at the end. Default: no. */
  readonly archives?: boolean | undefined;
  /** Whether people approve whatever they are asked about. Default: they reject half of it. */
  readonly approves?: boolean | undefined;
}

export interface SimResult {
  readonly seed: number;
  readonly devices: number;
  readonly acts: number;
  readonly lines: number;
  readonly crashes: number;
  readonly turns: number;
  /** How long it took in the world, milliseconds. */
  readonly passedMs: number;
  /** Equal for equal runs. */
  readonly trace: string;
}

/** A promise that did not hold, with the seed that shows it and what happened last. */
export class SimFailure extends Error {
  override readonly name = 'SimFailure';
  readonly seed: number;
  readonly faults: readonly string[];
  readonly tail: readonly string[];

  constructor(seed: number, faults: readonly string[], tail: readonly string[], cause?: unknown) {
    super(`seed ${seed}: ${faults.slice(0, 30).join('\n  ')}`, { cause });
    this.seed = seed;
    this.faults = faults;
    this.tail = tail;
  }
}

const firstMs = 1_790_000_000_000;
const dayMs = 86_400_000;
const roundsMax = 40;
const waitMs = 120_000;
/** By then the watchers have said all, and what they said was looked at. */
const lateMs = 30_000;

/** Runs one world to its end. Throws `SimFailure` when a promise does not hold. */
export function simulate(options: SimOptions): SimResult {
  const world = new SimWorld(options);
  try {
    return world.run();
  } catch (error) {
    if (error instanceof SimFailure) throw error;
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new SimFailure(options.seed, [what], world.trace.tail(), error);
  }
}

class SimWorld {
  readonly trace = new Trace();
  readonly #options: SimOptions;
  readonly #prng: Prng;
  readonly #agenda: Agenda;
  readonly #network: SimNetwork;
  readonly #people: People;
  readonly #settings: Settings;
  readonly #writers = new Writers();
  readonly #devices: SimDevice[] = [];
  readonly #faults: Faults;
  readonly #troubles: DiskTroubles | undefined;
  /** Whether somebody took back what they did themselves: it is in an archive then. */
  #rejected = false;
  #folder = '';

  constructor(options: SimOptions) {
    this.#options = options;
    this.#prng = new Prng(`seed ${options.seed}`);
    const start = this.#prng.fork('start');
    this.#agenda = new Agenda(firstMs + start.int(0, dayMs));
    this.#network = new SimNetwork(this.#agenda, options.crypto, this.#prng.fork('network'));
    // What a restored database does not know any more of open files nobody looks after.
    const opens = options.restores !== true && options.archives !== true;
    this.#people = new People(options.crypto, this.#prng.fork('people'), this.trace, opens);
    this.#settings = new Settings(this.#prng.fork('settings'));
    const count = options.devices ?? start.int(2, 4);
    for (let i = 0; i < count; i++) this.#devices.push(this.#newDevice(`device${i}`, start));
    const parts = { agenda: this.#agenda, network: this.#network, trace: this.trace, devices: this.#devices };
    const restores = options.restores ?? false;
    const absences = options.clears !== true && options.archives !== true;
    const prng = this.#prng.fork('faults');
    this.#faults = new Faults({ ...parts, prng, restores, absences, writers: this.#writers });
    if (options.disks !== true && options.rots !== true) return;
    const rest = { prng: this.#prng.fork('disks'), people: this.#people, rots: options.rots ?? false };
    this.#troubles = new DiskTroubles({ ...parts, ...rest });
  }

  run(): SimResult {
    const startMs = this.#agenda.nowMs;
    this.#found();
    this.#live();
    this.#faults.heal();
    this.#troubles?.heal();
    for (const device of this.#devices) this.#settings.clear(device, this.#folder);
    this.#converge();
    if (this.#readAgain()) this.#converge();
    this.#judge();
    const sum = (value: (device: SimDevice) => number): number =>
      this.#devices.reduce((total, device) => total + value(device), 0);
    return {
      seed: this.#options.seed,
      devices: this.#devices.length,
      acts: this.#people.acts,
      lines: this.#writers.said.size,
      crashes: sum((device) => device.crashes),
      turns: sum((device) => device.turns),
      passedMs: this.#agenda.nowMs - startMs,
      trace: this.trace.digest(),
    };
  }

  #newDevice(name: string, start: Prng): SimDevice {
    const skewMs = start.chance(0.6) ? start.int(-2_000, 2_000) : start.int(-600_000, 600_000);
    const { crypto } = this.#options;
    const parts = { agenda: this.#agenda, network: this.#network, crypto, prng: this.#prng, trace: this.trace };
    return new SimDevice(name, parts, skewMs);
  }

  /** One device makes the folder, the others join; some have files of their own already. */
  #found(): void {
    const [first, ...others] = this.#devices as [SimDevice, ...SimDevice[]];
    const prng = this.#prng.fork('found');
    for (const device of this.#devices) {
      device.start();
      if (prng.chance(0.5)) for (let i = prng.int(0, 6); i > 0; i--) this.#people.act(device);
    }
    const made = this.#ask(first, { command: 'create', path: first.root, name: 'sim', kind: 'files' });
    this.#folder = (made.result as { readonly folder: string }).folder;
    for (const device of others) {
      const invited = this.#ask(first, { command: 'invite', folder: this.#folder, level: 'write', ttlMs: dayMs });
      const { link } = invited.result as { readonly link: string };
      this.#ask(device, { command: 'join', code: link, path: device.root, parent: '/home', timeoutMs: 60_000 });
    }
  }

  /** People work and things go wrong. */
  #live(): void {
    const prng = this.#prng.fork('live');
    const minds = this.#prng.fork('minds');
    const disks = this.#prng.fork('disk troubles');
    const clears = this.#options.clears === true ? this.#prng.fork('clears') : undefined;
    const { acts, burst = 1 } = this.#options;
    for (let left = acts; left > 0; left--) {
      const device = prng.pick(this.#devices);
      if (prng.chance(0.2)) this.#writers.append(device, this.#folder);
      else if (device.hasRoot) this.#people.act(device);
      if (clears?.chance(0.1) === true) this.#clear(clears.pick(this.#devices));
      if (left % burst !== 0) continue;
      if (this.#options.faults !== false && minds.chance(0.06))
        this.#settings.change(minds.pick(this.#devices), this.#folder);
      if (this.#options.faults !== false && prng.chance(0.15)) this.#faults.strike();
      if (disks.chance(0.15)) this.#troubles?.strike();
      this.#pass(prng.chance(0.5) ? prng.int(0, 300) : prng.int(0, 8_000));
    }
  }

  /** Whoever may have damaged files reads all of them again; says whether somebody did. */
  #readAgain(): boolean {
    const turned = [...(this.#troubles?.turned ?? [])];
    for (const device of turned) this.#ask(device, { command: 'doctor', quick: false });
    return turned.length > 0;
  }

  #clear(device: SimDevice): void {
    if (device.hasRoot) this.#people.clear(device);
  }

  /** Lets devices come to rest: each says so, and then nothing changes any more. */
  #converge(): void {
    const prng = this.#prng.fork('answers');
    let before = '';
    let replies: readonly (Reply | undefined)[] = [];
    for (let round = 0; round < roundsMax; round++) {
      replies = this.#waitAll();
      this.#answer(replies, prng);
      const now = JSON.stringify(this.#devices.map((device) => this.#standing(device)));
      if (now === before && replies.every((reply) => reply?.code === undefined)) return;
      before = now;
    }
    const stuck = replies.map((reply, index) => `device${index}: ${reply?.message ?? 'in step'}`);
    const seen = [...lossFaults(this.#devices, this.#people), ...diskFaults(this.#devices, this.#people)];
    this.#fail(['the devices do not come to rest', ...stuck, ...seen]);
  }

  #waitAll(): readonly (Reply | undefined)[] {
    const replies: (Reply | undefined)[] = this.#devices.map(() => undefined);
    for (const [index, device] of this.#devices.entries()) {
      device.command({ command: 'wait', folder: undefined, timeoutMs: waitMs }, (reply) => {
        replies[index] = reply;
      });
    }
    for (let passed = 0; passed < 2 * waitMs && replies.includes(undefined); passed += 1_000) this.#pass(1_000);
    if (replies.includes(undefined)) this.#fail(['a device never answers']);
    return replies;
  }

  /** Where a person has to decide, one does. */
  #answer(replies: readonly (Reply | undefined)[], prng: Prng): void {
    for (const [index, reply] of replies.entries()) {
      if (reply?.code !== 'needs-person') continue;
      const command = prng.chance(0.5) || this.#options.approves === true ? 'approve' : 'reject';
      this.#rejected ||= command === 'reject';
      this.trace.add(`the person at device${index} says ${command}`);
      this.#devices[index]?.command({ command, folder: this.#folder }, () => undefined);
    }
  }

  #standing(device: SimDevice): unknown {
    const folder = device.engine?.folders()[0];
    const heads = folder?.logs.book.logs().map((log) => `${log.device} ${log.log} ${log.seq}`);
    return [listing(device, this.#people), heads?.sort(), folder?.tree?.status().fingerprint];
  }

  #judge(): void {
    const streams = this.#devices.map((device) => this.#tail(device));
    this.#pass(lateMs);
    const faults = [
      ...diskFaults(this.#devices, this.#people),
      ...lossFaults(this.#devices, this.#people, this.#rejected || this.#options.archives === true),
      ...(this.#faults.aged ? [] : archiveFaults(this.#devices, this.#people)),
      ...logFaults(streams, this.#writers),
      ...(this.#options.temps === false ? [] : restFaults(this.#devices)),
    ];
    if (faults.length > 0) this.#fail(faults);
  }

  #tail(device: SimDevice): readonly StreamItem[] {
    let found: readonly StreamItem[] | undefined;
    device.tail(this.#folder, streamName, (items) => {
      found = items;
    });
    for (let passed = 0; passed < 10_000 && found === undefined; passed += 100) this.#pass(100);
    return found ?? this.#fail([`${device.name} does not show its log`]);
  }

  #ask(device: SimDevice, command: Command): Reply {
    let reply: Reply | undefined;
    device.command(command, (given) => {
      reply = given;
    });
    for (let passed = 0; passed < waitMs && reply === undefined; passed += 100) this.#pass(100);
    if (reply === undefined || reply.code !== undefined) {
      return this.#fail([`${command.command} at ${device.name}: ${reply?.message ?? 'no answer'}`]);
    }
    return reply;
  }

  #pass(ms: number): void {
    this.#agenda.runUntil(this.#agenda.nowMs + ms);
  }

  #fail(faults: readonly string[]): never {
    throw new SimFailure(this.#options.seed, faults, this.trace.tail());
  }
}
