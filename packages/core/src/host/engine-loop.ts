import type { Crypto } from '../crypto/index.js';
import { DeviceEngine, type Effect, type Input, type TaskId } from '../engine/index.js';
import type { Clock, FilesProvider, Logger, Random, Storage } from '../ports/index.js';
import type { DiskRow } from '../tree/index.js';
import { TaskRunner } from './task-runner.js';

/** Effects that concern connections and callers: they leave the engine's thread. */
export type OutEffect = Exclude<Effect, { readonly type: 'task' }>;

export interface EngineLoopOptions {
  readonly crypto: Crypto;
  readonly storage: Storage;
  readonly files: FilesProvider;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly out: (effects: readonly OutEffect[]) => void;
  /** The engine can't go on: its stores failed, or a bug. */
  readonly failed: (error: unknown) => void;
}

const sliceInputsMax = 256;
/**
 * So long the engine goes on before what it wrote is committed: as many times what a commit takes on this disk, within
 * bounds. Who waits for a commit waits no longer than that.
 */
const sliceMs = { commits: 4, min: 20, max: 80 };
const sliceStepsMax = 256;
const seedBytes = 32;

/**
 * Drives an engine: takes what is queued in one batch, lets the engine handle it, commits, and only then releases
 * the effects
 * (`ARCHITECTURE.md`). A commit for all that waits is the group commit: while it runs, the next batch gathers.
 */
export class EngineLoop {
  readonly #options: EngineLoopOptions;
  readonly #engine: DeviceEngine;
  readonly #tasks: TaskRunner;
  readonly #queue: Input[] = [];
  /** Those that wait until their rows were compared. */
  #scans: { readonly task: TaskId; readonly resolve: () => void }[] = [];
  #cancelTurn: (() => void) | undefined;
  #cancelWake: (() => void) | undefined;
  #wakeMs = Number.POSITIVE_INFINITY;
  #sliceMs = sliceMs.min;
  #closed = false;

  constructor(options: EngineLoopOptions) {
    this.#options = options;
    const { crypto, storage, random, files, logger } = options;
    this.#engine = new DeviceEngine({ crypto, storage, seed: random.bytes(seedBytes) });
    this.#tasks = new TaskRunner({
      files,
      logger,
      post: (input) => this.post(input),
      rows: (...of) => this.#rows(...of),
    });
    this.post({ type: 'start' });
  }

  /** Queues an input; handled soon, in order. */
  post(input: Input): void {
    if (this.#closed) return;
    this.#queue.push(input);
    this.#cancelTurn ??= this.#options.clock.after(0, () => this.#turn());
  }

  /** Stops for good. What was committed stands; the rest never happened. */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#stop();
      this.#engine.close();
    }
    await this.#tasks.close();
  }

  /** Rows that a scan found: there is room for more of them once the engine has compared these. */
  #rows(task: TaskId, rows: readonly DiskRow[]): Promise<void> {
    this.post({ type: 'scanned', task, rows });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#scans.push({ task, resolve });
    return promise;
  }

  #letScansGoOn(): void {
    if (this.#scans.length === 0 || this.#queue.length > 0) return;
    const waiting = this.#scans.filter(({ task }) => this.#engine.hasRows(task));
    const ready = this.#scans.filter(({ task }) => !this.#engine.hasRows(task));
    this.#scans = waiting;
    for (const { resolve } of ready) resolve();
  }

  #turn(): void {
    this.#cancelTurn = undefined;
    if (this.#closed) return;
    try {
      const nowMs = this.#options.clock.nowMs();
      if (nowMs >= this.#wakeMs) this.#queue.push({ type: 'wake' });
      const effects = this.#slice(nowMs);
      this.#commit();
      this.#release(effects);
      this.#letScansGoOn();
      this.#schedule();
    } catch (error) {
      this.#stop();
      this.#engine.close();
      this.#options.failed(error);
    }
  }

  /** Steps until nothing is to be done at once, or for the time of a slice. */
  #slice(beganMs: number): readonly Effect[] {
    const { clock } = this.#options;
    const effects: Effect[] = [];
    let nowMs = beganMs;
    for (let steps = 0; steps < sliceStepsMax; steps++) {
      const inputs = this.#queue.splice(0, sliceInputsMax);
      if (inputs.length === 0) inputs.push({ type: 'wake' });
      for (const effect of this.#engine.handle(nowMs, inputs)) effects.push(effect);
      nowMs = clock.nowMs();
      const more = this.#queue.length > 0 || (this.#engine.nextWake() ?? Number.POSITIVE_INFINITY) <= nowMs;
      // A clock that was set back ends the slice too.
      if (!more || nowMs >= beganMs + this.#sliceMs || nowMs < beganMs) break;
    }
    return effects;
  }

  #commit(): void {
    const { clock } = this.#options;
    const beganMs = clock.nowMs();
    this.#engine.commit();
    const wantedMs = (clock.nowMs() - beganMs) * sliceMs.commits;
    this.#sliceMs = Math.min(Math.max(wantedMs, sliceMs.min), sliceMs.max);
  }

  #release(effects: readonly Effect[]): void {
    const out: OutEffect[] = [];
    for (const effect of effects) {
      if (effect.type === 'task') this.#tasks.run(effect);
      else out.push(effect);
    }
    if (out.length > 0) this.#options.out(out);
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#cancelWake?.();
    this.#cancelWake = undefined;
    const { clock } = this.#options;
    const wakeMs = this.#engine.nextWake();
    this.#wakeMs = wakeMs ?? Number.POSITIVE_INFINITY;
    const delayMs = this.#wakeMs - clock.nowMs();
    if (this.#queue.length > 0 || delayMs <= 0) this.#cancelTurn ??= clock.after(0, () => this.#turn());
    else if (wakeMs !== undefined) this.#cancelWake = clock.after(delayMs, () => this.#turn());
  }

  #stop(): void {
    this.#closed = true;
    this.#cancelTurn?.();
    this.#cancelWake?.();
  }
}
