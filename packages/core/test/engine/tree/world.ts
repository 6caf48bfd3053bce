/** Devices whose trees are wired to one another: logs and chunks go between them when the test says so. */

import { utf8 } from '../../../src/bytes.js';
import type { FolderContext, Place } from '../../../src/engine/context.js';
import type { Effect, Task } from '../../../src/engine/effects.js';
import type { TaskResult } from '../../../src/engine/inputs.js';
import { FolderTree } from '../../../src/engine/tree/index.js';
import { Tables } from '../../../src/engine/tree/store/tables.js';
import { type MemoryStorage, memoryStorage } from '../../../src/memory/memory-store.js';
import type { ChunkId, DeviceId, FolderId, RawRecord } from '../../../src/model/index.js';
import { nodeCrypto } from '../../../src/node/crypto.js';
import type { ContentKeys, Store } from '../../../src/ports/index.js';
import { type LocalRules, noLocalRules, type Vector } from '../../../src/tree/index.js';
import { type Rnd, seeded } from '../../seeded.js';
import { TestDisk } from './disk.js';
import { perform } from './perform.js';

export const crypto = nodeCrypto();
const keys: ContentKeys = { gear: new Uint8Array(32).fill(1), convergence: new Uint8Array(32).fill(2) };
const fingerprintKey = new Uint8Array(32).fill(3);
const folder = '11'.repeat(32) as FolderId;

const horizonMs = 90_000;

interface Entry {
  readonly place: Omit<Place, 'index'>;
  readonly records: readonly RawRecord[];
}

export interface Pending {
  readonly work: Task;
  readonly task: number;
  readonly done: (result: TaskResult) => void;
}

export class World {
  nowMs = 1_700_000_000_000;
  readonly devices: Device[] = [];
  readonly rnd: Rnd;

  constructor(seed = 1) {
    this.rnd = seeded(seed);
  }

  add(options: { readonly founded?: boolean; readonly disk?: TestDisk } = {}): Device {
    const device = new Device(this, this.devices.length, options);
    this.devices.push(device);
    return device;
  }

  /** Lets everything happen that can, time included, until all is quiet. Throws when it never is. */
  settle(roundsMax = 100_000): void {
    const endMs = this.nowMs + horizonMs;
    for (let i = 0; i < roundsMax; i++) {
      let busy = false;
      for (const device of this.devices) busy = device.turn() || busy;
      if (busy) continue;
      const wake = Math.min(...this.devices.map((device) => device.soonMs()));
      if (wake > endMs) return;
      this.nowMs = Math.max(this.nowMs, wake);
      for (const device of this.devices) device.wake();
    }
    const stuck = this.devices.map(({ tree, pending }) => [tree.status(), pending.map(({ work }) => work.task)]);
    throw new Error(`never quiet: ${JSON.stringify(stuck).slice(0, 2_000)}`);
  }

  /** Everybody takes all entries that the connected others have. */
  exchange(): void {
    for (const a of this.devices) for (const b of this.devices) if (a !== b && a.online && b.online) a.take(b);
  }

  /** Exchanges and settles until nobody records any more, and looks at all disks. */
  converge(): void {
    for (let i = 0; i < 30; i++) {
      for (const device of this.devices) device.look();
      this.settle();
      const before = this.devices.map((device) => device.applied()).join();
      this.exchange();
      this.settle();
      if (before === this.devices.map((device) => device.applied()).join()) return;
    }
    throw new Error('devices keep recording');
  }
}

export class Device {
  readonly world: World;
  readonly number: number;
  readonly id: DeviceId;
  readonly disk: TestDisk;
  readonly storage: MemoryStorage = memoryStorage();
  /** What others may take: entries of each log that are durable. */
  readonly logs = new Map<DeviceId, Entry[]>();
  online = true;
  writer = true;
  rules: LocalRules = noLocalRules;
  /** What own entries reach, where that is less than what is applied. */
  reach: Vector | undefined;
  pending: Pending[] = [];
  /** Tasks of this kind are not done yet, but kept for later. */
  slow: { readonly kind: Task['task']; readonly tasks: Pending[] } | undefined;
  fetches: Extract<Effect, { readonly type: 'fetch' }>[] = [];
  /** Tasks by kind, counted since the start. */
  readonly tasks: Record<string, number> = {};
  chunksReceived = 0;
  readonly fetchedIds: string[] = [];
  /** Chunks until the connection stops giving any. */
  cutAfter = Number.POSITIVE_INFINITY;
  readonly entrySizes: number[] = [];
  /** Ids that own entries named for store peers, an entry each. */
  readonly named: (readonly ChunkId[])[] = [];
  readonly settings = new Map<string, string>();
  /** Events by kind and path, in order. */
  readonly told: string[] = [];
  /** Files that programs keep open, to write over all of them. */
  readonly open: ((content: string) => void)[] = [];
  tree!: FolderTree;
  #store!: Store;
  #effects: Effect[] = [];
  #appended: Entry[] = [];
  #again = false;
  #counter = 0;
  readonly #founded: boolean;

  constructor(world: World, number: number, options: { readonly founded?: boolean; readonly disk?: TestDisk }) {
    this.world = world;
    this.number = number;
    this.id = (number + 1).toString(16).padStart(2, '0').repeat(32) as DeviceId;
    this.disk = options.disk ?? new TestDisk(crypto);
    this.#founded = options.founded ?? true;
    this.start();
  }

  start(): void {
    this.#store = this.storage.open('folder');
    this.tree = new FolderTree(this.#context(), '/root');
    this.handle(() => this.tree.start());
    this.handle(() => this.tree.holdersChanged());
  }

  /** Power is cut: what was not committed is gone, and tasks under way may be done in part. */
  crash(): void {
    for (const { work } of this.pending) if (this.world.rnd() < 0.5) this.#inPart(work);
    this.pending = [];
    this.fetches = [];
    this.#effects = [];
    this.#appended = [];
    this.storage.crash();
    this.start();
  }

  /** Everything that was recorded of these paths is forgotten; what was applied is not. */
  forget(...paths: readonly string[]): void {
    for (const path of paths) {
      for (const table of ['versions', 'live']) this.#store.delete(table, utf8(path));
      new Tables(this.#store).mark('dirty', path);
    }
    this.#store.commit();
    this.crash();
  }

  #inPart(work: Task): void {
    if (work.task === 'apply')
      this.disk.apply(
        work.operations.slice(0, Math.floor(this.world.rnd() * (work.operations.length + 1))),
        work.group,
      );
    else perform(this.disk, work);
  }

  handle(act: () => void): void {
    this.#again = false;
    act();
    const more = this.tree.step(200);
    this.#again = more || this.#again;
    this.tree.flush();
    if (this.#store.dirty) this.#store.commit();
    for (const entry of this.#appended) this.#log(this.id).push(entry);
    this.#appended = [];
    const effects = this.#effects;
    this.#effects = [];
    for (const effect of effects) {
      if (effect.type === 'fetch') this.fetches.push(effect);
      if (effect.type === 'event' && 'path' in effect.event)
        this.told.push(`${effect.event.event} ${effect.event.path}`);
    }
  }

  wake(): void {
    this.handle(() => undefined);
  }

  soonMs(): number {
    return this.tree.nextWake() ?? Number.POSITIVE_INFINITY;
  }

  /** Does one thing that is to be done; false when there is none. */
  turn(): boolean {
    const { rnd } = this.world;
    if (this.#again) {
      this.wake();
      return true;
    }
    if (this.pending.length > 0) {
      const [next] = this.pending.splice(Math.floor(rnd() * this.pending.length), 1) as [Pending];
      this.run(next);
      return true;
    }
    const fetch = this.fetches.shift();
    if (fetch !== undefined) this.#fetch(fetch);
    return fetch !== undefined;
  }

  run({ work, task, done }: Pending): void {
    if (work.task === 'scan') {
      const rows = this.disk.scan(work.paths, work.rules);
      for (let at = 0; at < rows.length; at += 50)
        this.handle(() => this.tree.scanner.scanned(task, rows.slice(at, at + 50)));
    }
    const result = perform(this.disk, work);
    this.handle(() => done(result));
  }

  hint(...paths: readonly string[]): void {
    this.handle(() => this.tree.hint({ paths }));
  }

  look(): boolean {
    let looked = false;
    this.handle(() => this.tree.look(() => (looked = true)));
    return looked;
  }

  setRules(rules: Partial<LocalRules>): void {
    this.rules = { ...this.rules, ...rules };
    this.handle(() => this.tree.rulesChanged());
  }

  setOnline(online: boolean): void {
    this.online = online;
    for (const device of this.world.devices) device.handle(() => device.tree.holdersChanged());
  }

  /** Content that is on the disk. */
  contents(): readonly string[] {
    return [...this.disk.nodes.keys()].flatMap((path) => this.#contentOf(path));
  }

  #contentOf(path: string): readonly string[] {
    const row = this.disk.row(path);
    if (row.kind !== 'file') return [];
    const hashed = this.disk.hash(path, row, keys);
    return hashed.outcome === 'hashed' ? [hashed.content.id] : [];
  }

  /** Content that this device waits for. */
  needs(): readonly string[] {
    return new Tables(this.#store).needsAfter(undefined, 1_000).map(({ content }) => content);
  }

  /** Paths that a table of the tree has rows for. */
  rows(table: string): readonly string[] {
    return [...new Tables(this.#store).paths(table)];
  }

  /** Rows of a table. */
  count(table: string): number {
    return this.#store.count(table);
  }

  applied(): number {
    let count = 0;
    for (const log of this.logs.values()) count += log.length;
    return count;
  }

  take(other: Device): void {
    for (const [device, entries] of other.logs) {
      for (const entry of entries.slice(this.#log(device).length)) this.give(device, entry);
    }
  }

  give(device: DeviceId, entry: Entry): void {
    this.handle(() => {
      for (const [index, record] of entry.records.entries()) {
        this.tree.record(record, { ...entry.place, index }, 'first');
      }
    });
    this.#log(device).push(entry);
  }

  #log(device: DeviceId): Entry[] {
    let log = this.logs.get(device);
    if (log === undefined) {
      log = [];
      this.logs.set(device, log);
    }
    return log;
  }

  #fetch(effect: Extract<Effect, { readonly type: 'fetch' }>): void {
    const peer = this.world.devices[effect.connection - 1];
    const up = this.online && peer?.online === true;
    for (const chunk of effect.chunks) {
      if (!up || peer === undefined || this.cutAfter <= 0) {
        this.handle(() => this.tree.fetched(effect.fetch, chunk.id, { outcome: 'lost' }));
        continue;
      }
      const served = peer.tree.serve([chunk.id]);
      const [node] = served.nodes;
      const [source] = served.chunks;
      const missing = served.missing.map(({ also }) => ({ outcome: 'missing', also }) as const)[0];
      const loaded = source === undefined ? undefined : peer.disk.load(source, source.sources);
      if (node !== undefined)
        this.handle(() => this.tree.fetched(effect.fetch, chunk.id, { outcome: 'node', bytes: node.bytes }));
      else if (loaded?.outcome === 'loaded') {
        const outcome = this.disk.store(chunk, effect.keys, loaded.bytes, chunk.targets);
        if (outcome.outcome === 'stored') this.#stored(chunk.id);
        this.handle(() => this.tree.fetched(effect.fetch, chunk.id, outcome));
      } else {
        const paths = source?.sources.flatMap(({ from }) => ('path' in from ? [from.path] : [])) ?? [];
        if (loaded?.outcome === 'changed') peer.handle(() => peer.tree.misread(paths));
        this.handle(() =>
          this.tree.fetched(effect.fetch, chunk.id, missing === undefined ? { outcome: 'changed' } : missing),
        );
      }
    }
    this.handle(() => this.tree.fetchDone(effect.fetch));
  }

  #stored(id: string): void {
    this.chunksReceived += 1;
    this.fetchedIds.push(id);
    this.cutAfter -= 1;
  }

  #context(): FolderContext {
    const { world } = this;
    return {
      folder,
      name: () => 'garden',
      crypto,
      store: this.#store,
      now: () => world.nowMs,
      steadyMs: () => world.nowMs,
      device: () => this.id,
      contentKeys: () => keys,
      fingerprintKey: () => fingerprintKey,
      mayWrite: () => this.writer,
      founded: () => this.#founded,
      nextPlace: () => ({
        seq: this.#log(this.id).length + this.#appended.length + 1,
        clock: BigInt(world.nowMs) << 16n,
      }),
      reach: () => this.reach,
      append: (records, chunkIds) => this.#append(records, chunkIds),
      emit: (effect) => void this.#effects.push(effect),
      task: (work, done) => {
        const task = ++this.#counter;
        this.tasks[work.task] = (this.tasks[work.task] ?? 0) + 1;
        (work.task === this.slow?.kind ? this.slow.tasks : this.pending).push({ work, task, done });
        return task;
      },
      holders: () =>
        world.devices
          .filter((each) => each !== this && each.online && this.online)
          .map((each) => ({ connection: each.number + 1, channel: 1, device: each.id })),
      others: () => world.devices.filter((each) => each !== this).map(({ id }) => id),
      newFetch: () => ++this.#counter,
      localRules: () => this.rules,
      setting: (key) => this.settings.get(key),
      isView: (path) => path.startsWith('log-view'),
      again: () => {
        this.#again = true;
      },
    };
  }

  #append(records: readonly RawRecord[], chunkIds: readonly ChunkId[]): Place {
    this.world.nowMs += 1;
    const seq = this.#log(this.id).length + this.#appended.length + 1;
    const place = { device: this.id, seq, clock: BigInt(this.world.nowMs) << 16n };
    this.entrySizes.push(records.length);
    this.named.push(chunkIds);
    this.#appended.push({ place, records });
    for (const [index, record] of records.entries()) this.tree.record(record, { ...place, index }, 'own');
    return { ...place, index: 0 };
  }
}
