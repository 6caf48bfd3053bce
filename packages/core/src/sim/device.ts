import type { Crypto } from '../crypto/index.js';
import {
  type Command,
  DeviceEngine,
  type DeviceEvent,
  type Effect,
  type Input,
  type StreamItem,
} from '../engine/index.js';
import { CloudlessError } from '../errors.js';
import { DiskPerson, MemoryDisk, type MemoryStorage, memoryStorage, noFaults } from '../memory/index.js';
import type { Agenda } from './agenda.js';
import { SimBulk } from './bulk.js';
import type { SimNetwork } from './network.js';
import type { Prng } from './prng.js';
import { performTask } from './tasks.js';
import { describeInput, type Trace } from './trace.js';

type EffectOf<T extends Effect['type']> = Extract<Effect, { readonly type: T }>;

/** Thrown through whatever runs when the power goes. */
export class PowerCut extends Error {
  override readonly name = 'PowerCut';
}

export interface Reply {
  readonly result?: unknown;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
}

/** Where a program is to end: after so many more turns before or after their commit, or so many changes of the disk. */
export interface CrashPlan {
  readonly at: 'before-commit' | 'between-commits' | 'after-commit' | 'disk';
  /** Whether the power goes, or only the program. */
  readonly power: boolean;
  count: number;
}

export interface DeviceParts {
  readonly agenda: Agenda;
  readonly network: SimNetwork;
  readonly crypto: Crypto;
  readonly prng: Prng;
  readonly trace: Trace;
}

const elsewhere = '/elsewhere';
const startAgainMsMax = 20_000;
const turnInputsMax = 64;
/** No life of a device takes so many turns unless it runs in circles. */
const turnsMax = 400_000;

/** One installation: an engine with its stores and a disk, the clock on its wall, and what crashes of it. */
export class SimDevice {
  readonly name: string;
  readonly root = '/folder';
  readonly disk: MemoryDisk;
  readonly person: DiskPerson;
  storage: MemoryStorage = memoryStorage();
  readonly bulk: SimBulk;
  doors: EffectOf<'doors'>['doors'] = [];
  engine: DeviceEngine | undefined;
  /** Off, and not to be started yet. */
  away = false;
  /** Counts starts; what was begun in another life has no say. */
  life = 0;
  /** How far the clock on the wall is off. */
  skewMs: number;
  plan: CrashPlan | undefined;
  crashes = 0;
  turns = 0;
  /** Whether hints of the watcher may get lost. */
  lossyHints = true;
  /** How often the program changed or flushed the disk or committed a database, where that is counted. */
  calls = 0;
  /** Called when the machine has just ended. */
  ended: () => void = () => undefined;
  #counts = false;
  #endAt: number | undefined;
  #keeps: (() => number) | undefined;
  readonly #parts: DeviceParts;
  readonly #prng: Prng;
  readonly #replies = new Map<number, (reply: Reply) => void>();
  readonly #tails = new Map<number, StreamItem[]>();
  #inputs: Input[] = [];
  #turning = false;
  #wakeMs: number | undefined;
  #watching: string | undefined;
  #commands = 0;

  constructor(name: string, parts: DeviceParts, skewMs: number) {
    this.name = name;
    this.#parts = parts;
    this.#prng = parts.prng.fork(`device ${name}`);
    this.skewMs = skewMs;
    this.disk = new MemoryDisk({ nowUs: () => this.nowMs() * 1_000 });
    this.disk.makeDirectories(this.root);
    this.disk.syncAll();
    this.person = new DiskPerson(this.disk, this.root);
    this.bulk = new SimBulk({ ...parts, device: this, prng: this.#prng.fork('bulk') });
    this.disk.watch((path) => this.#changed(path));
    parts.network.add(this);
  }

  get running(): boolean {
    return this.engine !== undefined;
  }

  nowMs(): number {
    return this.#parts.agenda.nowMs + this.skewMs;
  }

  start(): void {
    if (this.engine !== undefined || this.away) return;
    this.life += 1;
    const { crypto } = this.#parts;
    const seed = this.#prng.fork(`life ${this.life}`).bytes(32);
    this.engine = new DeviceEngine({ crypto, storage: this.storage, seed });
    this.#say('starts');
    this.post({ type: 'start' });
    this.post({ type: 'listening', addresses: [`${this.name}:1`] });
  }

  /** The program ends here and now; with `power` the machine does. Starts again after a while. */
  crash(power: boolean): void {
    if (this.engine === undefined) return;
    this.#say(power ? 'loses power' : 'is killed');
    this.crashes += 1;
    this.life += 1;
    this.engine = undefined;
    this.plan = undefined;
    this.storage.crash();
    if (power) this.disk.crash(this.#keeps ?? (() => this.#prng.number()));
    this.ended();
    this.#inputs = [];
    this.#wakeMs = undefined;
    this.#watching = undefined;
    this.doors = [];
    this.bulk.reset();
    this.#parts.network.breakAll(this, 'the peer is gone');
    for (const [id, reply] of this.#replies) {
      this.#replies.delete(id);
      reply({ code: 'closed', message: 'the program ended' });
    }
    this.#parts.agenda.after(this.#prng.int(0, startAgainMsMax), () => this.start());
  }

  /**
   * Counts calls from here on. At the one numbered `endAt` the program ends, and with `keeps` the machine does: that
   * says, as numbers from 0 to 1, how much of what was not flushed is there all the same.
   */
  countCalls(endAt?: number, keeps?: () => number): void {
    this.calls = 0;
    this.#counts = true;
    this.#endAt = endAt;
    this.#keeps = keeps;
    this.disk.faults.call = () => this.#called();
  }

  /** Does something of the program at which the power may go; says whether it did not. */
  survives(act: () => void): boolean {
    try {
      act();
      return true;
    } catch (error) {
      if (!(error instanceof PowerCut)) throw error;
      this.#endAt = undefined;
      this.crash(this.plan?.power ?? this.#keeps !== undefined);
      return false;
    }
  }

  /** Whoever goes on after the power went gets no further. */
  #called(): void {
    this.calls += 1;
    if (this.#endAt !== undefined && this.calls >= this.#endAt) throw new PowerCut();
  }

  /** The program ends, and starts again on databases from a backup; the disk stays as it is. */
  restore(backup: MemoryStorage): void {
    this.crash(false);
    this.storage = backup;
  }

  /** Whether the folder's directory is where it belongs. */
  get hasRoot(): boolean {
    return this.onWholeDisk(() => this.disk.find(`${this.root}/.cloudless`) !== undefined);
  }

  /** The directory goes elsewhere, as with a disk that is taken out; with `empty` its name stays, and nothing below. */
  loseRoot(empty: boolean): void {
    this.onWholeDisk(() => {
      this.disk.rename(this.root, elsewhere);
      if (empty) this.disk.makeDirectory(this.root);
      this.disk.syncAll();
    });
  }

  /** It comes back. Throws if something was put where there was nothing. */
  returnRoot(): void {
    this.onWholeDisk(() => {
      if (this.disk.find(elsewhere) === undefined) return;
      if (this.disk.find(this.root) !== undefined) this.disk.removeDirectory(this.root);
      this.disk.rename(elsewhere, this.root);
      this.disk.syncAll();
    });
  }

  /** Does something on the disk as if nothing were wrong with it. */
  onWholeDisk<T>(act: () => T): T {
    const { faults } = this.disk;
    const kept = { ...faults };
    Object.assign(faults, noFaults());
    try {
      return act();
    } finally {
      Object.assign(faults, kept);
    }
  }

  post(input: Input): void {
    if (this.engine === undefined) return;
    this.#inputs.push(input);
    this.#turnSoon();
  }

  /** As `post`, unless the device has begun another life. */
  postTo(life: number, input: Input): void {
    if (life === this.life) this.post(input);
  }

  command(command: Command, reply: (reply: Reply) => void): void {
    if (this.engine === undefined) return reply({ code: 'closed', message: 'not running' });
    const id = ++this.#commands;
    this.#replies.set(id, reply);
    if (command.command === 'tail') this.#tails.set(id, []);
    this.post({ type: 'command', id, command });
  }

  /** All items of a stream, in the order this device shows them. */
  tail(folder: string, stream: string, items: (items: readonly StreamItem[]) => void): void {
    const id = this.#commands + 1;
    this.command({ command: 'tail', folder, stream, follow: false }, () => {
      items(this.#tails.get(id) ?? []);
      this.#tails.delete(id);
    });
  }

  #turnSoon(): void {
    if (this.#turning) return;
    this.#turning = true;
    const { life } = this;
    this.#parts.agenda.after(this.#prng.delayMs(3, 300), () => {
      this.#turning = false;
      if (this.life === life) this.#turn();
      else if (this.#inputs.length > 0) this.#turnSoon();
    });
  }

  #turn(): void {
    const { engine } = this;
    if (engine === undefined) return;
    this.turns += 1;
    if (this.turns > turnsMax) throw new Error(`${this.name} runs in circles`);
    const inputs = this.#inputs.splice(0, this.#prng.int(1, turnInputsMax));
    if ((engine.nextWake() ?? Number.POSITIVE_INFINITY) <= this.nowMs()) inputs.push({ type: 'wake' });
    this.#say(inputs.map((input) => describeInput(input)).join(' '));
    const effects = engine.handle(this.nowMs(), inputs);
    if (this.#planned('before-commit')) return this.crash(this.plan?.power ?? false);
    if (!this.#commit(engine)) return;
    if (this.#planned('after-commit')) return this.crash(this.plan?.power ?? false);
    for (const effect of effects) this.#carryOut(effect);
    if (this.#inputs.length > 0) this.#turnSoon();
    else this.#wakeLater(engine);
  }

  #commit(engine: DeviceEngine): boolean {
    try {
      this.storage.beforeCommit = () => {
        this.#maybeCut('between-commits');
        if (this.#counts) this.#called();
      };
      engine.commit();
      return true;
    } catch (error) {
      if (!(error instanceof PowerCut) && !(error instanceof CloudlessError && error.code === 'disk-full')) throw error;
      this.#endAt = undefined;
      this.crash(this.plan?.power ?? (error instanceof PowerCut && this.#keeps !== undefined));
      return false;
    } finally {
      this.storage.beforeCommit = () => undefined;
    }
  }

  #planned(at: CrashPlan['at']): boolean {
    if (this.plan?.at !== at) return false;
    this.plan.count -= 1;
    return this.plan.count <= 0;
  }

  #maybeCut(at: CrashPlan['at']): void {
    if (this.#planned(at)) throw new PowerCut();
  }

  #wakeLater(engine: DeviceEngine): void {
    const wakeMs = engine.nextWake();
    if (wakeMs === undefined || (this.#wakeMs !== undefined && this.#wakeMs <= wakeMs && this.#wakeMs > this.nowMs()))
      return;
    this.#wakeMs = wakeMs;
    const { life } = this;
    this.#parts.agenda.after(wakeMs - this.nowMs(), () => {
      if (this.life !== life || this.#wakeMs !== wakeMs) return;
      this.#wakeMs = undefined;
      this.#turnSoon();
    });
  }

  #carryOut(effect: Effect): void {
    const { network } = this.#parts;
    switch (effect.type) {
      case 'send':
        return network.send(this, effect);
      case 'close': {
        const wire = network.wire(effect.connection);
        if (wire !== undefined) this.#say(`closes ${effect.connection}: ${effect.reason}`);
        return wire === undefined ? undefined : network.break(wire, effect.reason);
      }
      case 'doors':
        this.doors = effect.doors;
        return;
      case 'dial':
        return network.dial(this, effect);
      case 'fetch':
        return this.bulk.fetch(effect);
      case 'cancel-fetch':
        return this.bulk.cancel(effect.fetch);
      case 'serve':
        return this.bulk.serve(effect);
      case 'limits':
        return;
      case 'task':
        return this.#task(effect);
      default:
        return this.#answer(effect);
    }
  }

  #answer(effect: EffectOf<'reply' | 'reject' | 'event'>): void {
    if (effect.type === 'event') return this.#event(effect.event);
    const reply = this.#replies.get(effect.id);
    this.#replies.delete(effect.id);
    if (effect.type === 'reply') reply?.({ result: effect.result });
    else reply?.({ code: effect.code, message: effect.message });
  }

  #event(event: DeviceEvent): void {
    if (event.event === 'items') this.#tails.get(event.id)?.push(...event.items);
  }

  /** A task takes a while to begin and its result a while to be heard of; others overtake it. */
  #task({ task, folder, work }: EffectOf<'task'>): void {
    const { agenda, crypto } = this.#parts;
    const { life } = this;
    agenda.after(this.#prng.delayMs(20, 3_000), () => {
      if (this.life !== life) return;
      this.#say(`does ${work.task}`);
      const post = (input: Input): void => agenda.after(0, () => this.postTo(life, input));
      if (this.plan?.at === 'disk') this.disk.faults.step = () => this.#maybeCut('disk');
      this.survives(() => {
        const result = performTask(this.disk, crypto, folder, work, (rows) => post({ type: 'scanned', task, rows }));
        if (work.task === 'watch') this.#watching = folder;
        agenda.after(this.#prng.delayMs(20, 3_000), () => this.postTo(life, { type: 'task-done', task, result }));
      });
      this.disk.faults.step = () => undefined;
    });
  }

  #changed(path: string): void {
    const folder = this.#watching;
    const below = path.startsWith(`${this.root}/`) ? path.slice(this.root.length + 1) : '';
    if (folder === undefined || below === '' || below.startsWith('.cloudless')) return;
    if (this.lossyHints && this.#prng.chance(0.1)) return;
    const { life } = this;
    this.#parts.agenda.after(this.#prng.delayMs(200, 2_000), () =>
      this.postTo(life, { type: 'hint', folder, paths: [below] }),
    );
  }

  #say(what: string): void {
    this.#parts.trace.add(`${this.#parts.agenda.nowMs} ${this.name} ${what}`);
  }
}
