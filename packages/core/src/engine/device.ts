import type { Crypto } from '../crypto/index.js';
import { CloudlessError, errorCode } from '../errors.js';
import { dayOf } from '../membership/index.js';
import type { FolderId } from '../model/index.js';
import type { Storage, Store } from '../ports/index.js';
import { Clock } from './clock.js';
import { Codes } from './codes.js';
import type { DeviceEvent, StreamItem } from './commands.js';
import { Connections, type Link } from './connections.js';
import { Commands } from './device-commands.js';
import { Dialer } from './dialer.js';
import type { Effect, Task } from './effects.js';
import { FolderEngine, type FolderOwner } from './folder.js';
import { type FolderRow, Home } from './home.js';
import type { ConnectionId, FileInput, Input, TaskId, TaskResult } from './inputs.js';
import { Joins } from './joins.js';
import { SeededRandom } from './random.js';
import { Renewals } from './renewals.js';
import { Roots } from './roots.js';
import { Tasks } from './tasks.js';
import { earlier } from './times.js';

export interface DeviceEngineOptions {
  readonly crypto: Crypto;
  /** 32 bytes, fresh for each life. */
  readonly seed: Uint8Array;
  readonly storage: Storage;
}

const homeStore = 'home';

/**
 * A device: all its folders and connections as one state machine. `handle` takes what happened and gives what is to be
 * done; the caller calls `commit` before it does any of it. After a commit that failed the engine is of no more use:
 * make another from the stores.
 */
export class DeviceEngine {
  readonly home: Home;
  readonly connections: Connections;
  readonly dialer: Dialer;
  readonly codes: Codes;
  readonly joins: Joins;
  readonly roots: Roots;
  readonly renewals: Renewals;
  readonly random: SeededRandom;
  readonly crypto: Crypto;
  readonly clock = new Clock();
  /** Where this device listens, `host:port`. */
  listening: readonly string[] = [];
  readonly #storage: Storage;
  readonly #stores = new Map<string, Store>();
  readonly #folders = new Map<FolderId, FolderEngine>();
  readonly #tasks = new Tasks();
  readonly #fetchFolders = new Map<number, FolderId>();
  readonly #commands: Commands;
  #effects: Effect[] = [];
  #counter = 0;
  #again = false;
  #doorsStale = true;
  #doorsDay = 0;

  constructor(options: DeviceEngineOptions) {
    this.crypto = options.crypto;
    this.#storage = options.storage;
    this.random = new SeededRandom(options.crypto, options.seed);
    this.home = new Home(this.#store(homeStore));
    const { crypto, random, home } = this;
    const shared = {
      ...{ crypto, random, home },
      now: () => this.clock.nowMs,
      emit: (effect: Effect) => this.emit(effect),
      newDial: () => ++this.#counter,
      folders: () => this.folders().filter((folder) => !folder.paused),
    };
    this.connections = new Connections({
      ...shared,
      listening: () => this.listening,
      proved: (link, folder, device, listen) => this.dialer.proved(link, folder, device, listen),
      joining: (link, message) => {
        if (message.type === 'join') this.codes.honour(link, message);
        else this.joins.message(link, message);
      },
    });
    this.dialer = new Dialer({ ...shared, connections: this.connections });
    const codes = {
      ...shared,
      connections: this.connections,
      folder: (id: FolderId) => this.#folders.get(id),
      doorsChanged: () => this.doorsChanged(),
    };
    this.codes = new Codes(codes);
    this.roots = new Roots(this);
    this.renewals = new Renewals(this);
    this.joins = new Joins({
      ...codes,
      attach: (row) => this.attach(row),
      keep: (folder) => this.keep(folder),
      drop: (folder) => this.drop(folder),
      prepareRoot: (path, folder, done) => this.roots.prepare(path, { create: true, token: folder }, done),
    });
    this.#commands = new Commands(this);
  }

  /** What follows from what happened, at `nowMs` (Unix ms). To be carried out after `commit`. */
  handle(nowMs: number, inputs: readonly Input[]): readonly Effect[] {
    const backMs = this.clock.set(nowMs);
    if (backMs > 0) this.#clockWentBack(backMs);
    this.#again = false;
    for (const input of inputs) this.#dispatch(input);
    this.renewals.step();
    for (const folder of this.#folders.values()) this.#again = folder.step() || this.#again;
    this.joins.wake(nowMs);
    this.dialer.wake(nowMs);
    this.#commands.settle();
    if (this.#doorsStale) this.#sendDoors();
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** When to call `handle` with `wake` at the latest; a time past means at once. */
  nextWake(): number | undefined {
    if (this.#again) return this.clock.nowMs;
    let wake = earlier(this.dialer.nextWake(), this.joins.nextWake());
    wake = earlier(wake, this.#commands.nextWake());
    for (const folder of this.#folders.values()) wake = earlier(wake, folder.nextWake());
    return wake;
  }

  /** Makes durable what was written. Throws `disk-full` or `io`. */
  commit(): void {
    for (const { tree } of this.folders()) tree?.flush();
    // The device's own store is last: what it says of a folder is in the folder's store by then.
    const stores = [...this.#stores].sort(([a], [b]) => Number(a === homeStore) - Number(b === homeStore));
    for (const [, store] of stores) if (store.dirty) store.commit();
  }

  /** Closes the stores; what was not committed is dropped. */
  close(): void {
    for (const store of this.#stores.values()) {
      if (store.dirty) store.rollback();
      store.close();
    }
    this.#stores.clear();
  }

  now(): number {
    return this.clock.nowMs;
  }

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  event(event: DeviceEvent): void {
    this.emit({ type: 'event', event });
  }

  task(folder: FolderId | '', work: Task, done: (result: TaskResult) => void): TaskId {
    const task = ++this.#counter;
    this.#tasks.add(task, folder, done);
    this.emit({ type: 'task', task, folder, work });
    return task;
  }

  /** Whether rows that a scan found wait to be compared: until they were, no more should be handed in. */
  hasRows(task: TaskId): boolean {
    return this.#tree(this.#tasks.folderOf(task))?.scanner.hasRows(task) ?? false;
  }

  again(): void {
    this.#again = true;
  }

  folders(): readonly FolderEngine[] {
    return [...this.#folders.values()];
  }

  folder(id: FolderId): FolderEngine | undefined {
    return this.#folders.get(id);
  }

  /** Opens the engine of a folder; its files are left alone until `keep`. */
  attach(row: FolderRow): FolderEngine {
    const folder = new FolderEngine(this.#owner(), this.#store(`folder-${row.folder}`), row);
    this.#folders.set(row.folder, folder);
    this.doorsChanged();
    return folder;
  }

  /** The folder is ours for good: its files come alive, and others may hear of it. */
  keep(folder: FolderEngine): void {
    folder.start();
    this.dialer.refresh();
    this.doorsChanged();
    this.connections.folderAdded(folder);
    this.#again = true;
  }

  /** Forgets a folder that could not be joined. */
  drop(id: FolderId): void {
    if (this.home.folders().some((row) => row.folder === id)) return;
    this.detach(id);
    this.dropStore(id);
  }

  /** Ends the engine of a folder; its rows stay until `dropStore`. */
  detach(id: FolderId): void {
    this.forget(id);
    this.#folders.delete(id);
    this.dialer.refresh();
    this.doorsChanged();
  }

  dropStore(id: FolderId): void {
    const name = `folder-${id}`;
    this.#stores.get(name)?.rollback();
    this.#stores.get(name)?.close();
    this.#stores.delete(name);
    this.#storage.remove(name);
  }

  /** What was begun for a folder's files has no say any more: they are at another place now, or are none of ours. */
  forget(folder: FolderId): void {
    this.#tasks.forget(folder);
    for (const fetch of keysWith(this.#fetchFolders, folder)) {
      this.#fetchFolders.delete(fetch);
      this.emit({ type: 'cancel-fetch', fetch });
    }
  }

  doorsChanged(): void {
    this.#doorsStale = true;
  }

  /** What was to happen at a time happens after the same while. */
  #clockWentBack(byMs: number): void {
    this.joins.clockWentBack(byMs);
    this.#commands.clockWentBack(byMs);
    for (const folder of this.#folders.values()) folder.sync.clockWentBack(byMs);
  }

  #dispatch(input: Input): void {
    switch (input.type) {
      case 'start':
        return this.#start();
      case 'wake':
        return this.#wake();
      case 'command':
        return this.#commands.run(input.id, input.command);
      case 'cancel':
        return this.#commands.cancel(input.id);
      case 'listening':
        this.listening = input.addresses;
        return;
      case 'connected':
        return this.#connected(input);
      case 'message':
        return this.#guard(input.connection, (link) => this.connections.message(link, input.bytes));
      case 'closed':
        return this.#closed(input.connection);
      case 'dial-failed':
        this.dialer.dialFailed(input.dial, input.reason);
        return this.joins.dialFailed(input.dial, input.reason);
      case 'measured':
        return this.#measured(input);
      default:
        return this.#dispatchFiles(input);
    }
  }

  #dispatchFiles(input: FileInput): void {
    switch (input.type) {
      case 'wanted':
        return this.#guard(input.connection, (link) => this.#commands.serve(link, input.stream, input.bytes));
      case 'fetched':
        return this.#tree(this.#fetchFolders.get(input.fetch))?.fetched(input.fetch, input.id, input.outcome);
      case 'fetch-done':
        this.#tree(this.#fetchFolders.get(input.fetch))?.fetchDone(input.fetch);
        this.#fetchFolders.delete(input.fetch);
        return;
      case 'hint':
        return this.#tree(input.folder)?.hint(input);
      case 'misread':
        return this.#tree(input.folder)?.misread(input.paths);
      case 'scanned':
        return this.#tree(this.#tasks.folderOf(input.task))?.scanner.scanned(input.task, input.rows);
      case 'task-done':
        return this.#tasks.end(input.task, input.result);
    }
  }

  #start(): void {
    const rows = this.home.folders();
    const known = new Set([homeStore, ...rows.map((row) => `folder-${row.folder}`)]);
    for (const name of this.#storage.names()) if (!known.has(name)) this.#storage.remove(name);
    for (const row of rows) this.attach(row);
    this.renewals.start(this.#storage.identity());
    for (const folder of this.#folders.values()) folder.start();
    const limits = this.home.limits();
    if (limits.up !== undefined || limits.down !== undefined) this.emit({ type: 'limits', ...limits });
    this.dialer.refresh();
    this.#again = true;
  }

  #wake(): void {
    for (const folder of this.#folders.values()) folder.wake(this.clock.nowMs);
    if (dayOf(this.clock.nowMs) !== this.#doorsDay) this.doorsChanged();
  }

  #connected(input: Extract<Input, { readonly type: 'connected' }>): void {
    const link = this.connections.connected(input);
    this.dialer.connected(input.dial);
    this.joins.connected(link, input.dial);
  }

  #closed(connection: ConnectionId): void {
    const link = this.connections.link(connection);
    if (link === undefined) return;
    this.connections.closed(connection);
    this.dialer.closed(link);
    this.joins.closed(link);
  }

  /** What a peer does wrong ends its connection, and nothing else. */
  #guard(connection: ConnectionId, act: (link: Link) => void): void {
    const link = this.connections.link(connection);
    if (link === undefined) return;
    try {
      act(link);
    } catch (error) {
      if (errorCode(error) === 'internal') throw error;
      const reason = error instanceof CloudlessError ? `${error.code}: ${error.message}` : 'refused';
      this.emit({ type: 'close', connection, reason });
    }
  }

  #measured(input: Extract<Input, { readonly type: 'measured' }>): void {
    const link = this.connections.link(input.connection);
    if (link !== undefined)
      Object.assign(link, { rttMs: input.rttMs, bytesIn: input.bytesIn, bytesOut: input.bytesOut });
  }

  #tree(folder: string | undefined): FolderEngine['tree'] {
    return folder === undefined ? undefined : this.#folders.get(folder as FolderId)?.tree;
  }

  #sendDoors(): void {
    this.#doorsStale = false;
    this.#doorsDay = dayOf(this.clock.nowMs);
    this.codes.purge();
    this.emit({ type: 'doors', doors: [...this.dialer.doors(), ...this.codes.doors()] });
  }

  #store(name: string): Store {
    let store = this.#stores.get(name);
    if (store === undefined) {
      store = this.#storage.open(name);
      this.#stores.set(name, store);
    }
    return store;
  }

  #owner(): FolderOwner {
    return {
      crypto: this.crypto,
      random: this.random,
      home: this.home,
      clock: this.clock,
      now: () => this.clock.nowMs,
      emit: (effect) => this.emit(effect),
      task: (folder, work, done) => this.task(folder, work, done),
      forget: (folder) => this.forget(folder),
      renew: (folder, why) => this.renewals.add(folder, why),
      newFetch: (folder) => {
        this.#fetchFolders.set(++this.#counter, folder);
        return this.#counter;
      },
      items: (items: readonly StreamItem[]) => this.#commands.items(items),
      again: () => this.again(),
      membershipChanged: (folder: FolderId) => {
        this.joins.folderChanged(folder);
        this.dialer.refresh();
        this.doorsChanged();
      },
    };
  }
}

function keysWith<V>(map: ReadonlyMap<number, V>, value: V): readonly number[] {
  return [...map].flatMap(([key, each]) => (each === value ? [key] : []));
}
