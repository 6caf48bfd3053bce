import { deviceEntry } from '../membership/index.js';
import { type AppendRecord, type DeviceId, type FolderId, freshDeviceKeys } from '../model/index.js';
import type { DeviceEngine } from './device.js';
import type { FolderEngine } from './folder.js';
import type { OwnLater } from './forks.js';
import { decodeFolderRow, encodeFolderRow, type FolderRow, personOf } from './home.js';
import { streamRecords } from './stream-records.js';
import { emptyTable, recut } from './tree/index.js';

/**
 * Why a folder begins anew: the stores lie elsewhere than before, another installation has our place, the database or
 * the disk came back from a backup, a person wants what is at its place to be merged, a log that was read here parts,
 * what was applied counts otherwise now, or our own log went on without us.
 */
export type Renewal = 'copied' | 'retired' | 'database' | 'disk' | 'merged' | 'parted' | 'recut' | OwnLater;

/** What follows from the logs and the disk, and is made again from them. */
const derived =
  'versions live copies copy-at named-at streams stream-counts views base disk dirty waiting unrecorded aside need ' +
  'contents chunks nodes listed loose held archived wanted inodes brake brake-contents tree';
const rowKey = new Uint8Array([2]);

/**
 * Two installations, or one at two times, never write one log. Where that might happen the installation takes a new
 * device key; what it had written with the old one stands, and comes back from others as their entries do. The disk is
 * looked at as if it had just joined: nothing is taken as deleted, and nothing there wins over what others have
 * (`spec/04 §8`).
 */
export class Renewals {
  readonly #device: DeviceEngine;
  readonly #due = new Map<FolderId, Renewal>();

  constructor(device: DeviceEngine) {
    this.#device = device;
  }

  /** At the start: ends what a crash cut short, and sees whether the stores are where they were. */
  start(identity: string): void {
    const { home } = this.#device;
    for (const folder of this.#device.folders()) this.#recover(folder);
    const before = home.identity();
    if (before === identity) return;
    home.putIdentity(identity);
    if (before !== undefined) for (const { folder } of this.#device.folders()) this.add(folder, 'copied');
  }

  add(folder: FolderId, why: Renewal): void {
    if (!this.#due.has(folder)) this.#due.set(folder, why);
    this.#device.again();
  }

  /** Begins anew what is to; called between steps, as the engines of those folders are replaced. */
  step(): void {
    for (const [id, why] of this.#due) {
      const folder = this.#device.folder(id);
      if (folder !== undefined) this.#renew(folder, why);
    }
    this.#due.clear();
  }

  #renew(folder: FolderEngine, why: Renewal): void {
    if (why === 'recut') return this.#recut(folder);
    const { row } = folder;
    const tokens = folder.tree?.root.tokens() ?? [];
    const { membership } = folder.logs;
    const isMember = membership.rankOf(folder.device) !== undefined || membership.isClosed(folder.device);
    const newKeys = why !== 'disk' && why !== 'merged' && why !== 'parted';
    if (newKeys && !isMember) return;
    const fork = typeof why === 'string' ? undefined : why;
    const kept = fork === undefined ? [] : giveUp(folder, fork);
    this.#empty(folder, newKeys);
    if (why !== 'merged') folder.tree?.root.begunAnew(tokens, why !== 'retired' && why !== 'parted');
    else folder.tree?.root.begunAnew([], false);
    const next = newKeys ? this.#nextRow(folder) : row;
    folder.store.put('meta', rowKey, encodeFolderRow(next));
    const renewed = this.#replace(next);
    if (newKeys) this.#begin(renewed, folder.device);
    if (fork?.proof !== undefined) renewed.report(fork.proof);
    this.#device.keep(renewed);
    for (const [stream, items] of Map.groupBy(kept, (item) => item.stream)) {
      renewed.append(
        stream,
        items.map(({ data }) => data),
      );
    }
  }

  /** What is shown is made again from the logs; the disk is known as it was. */
  #recut(folder: FolderEngine): void {
    const { logs, store, tree } = folder;
    tree?.flush();
    recut(store, {
      counts: ({ device, seq }) => logs.counts({ device, log: 'content' }, seq),
      within: (vector) => logs.withoutVoid(vector),
    });
    logs.unapply();
    this.#device.keep(this.#replace(folder.row));
  }

  /** Only what others can't give back is left: logs and keys, and whose directory it is. */
  #empty(folder: FolderEngine, newKeys: boolean): void {
    const { store } = folder;
    for (const table of derived.split(' ')) emptyTable(store, table);
    if (newKeys) emptyTable(store, 'named');
    folder.logs.unapply();
  }

  #nextRow(folder: FolderEngine): FolderRow {
    const { crypto, random } = this.#device;
    const keys = freshDeviceKeys((length) => random.bytes(length));
    const { row } = folder;
    return { ...row, ...keys, person: personOf(crypto, row), generation: (row.generation ?? 0) + 1 };
  }

  #replace(row: FolderRow): FolderEngine {
    const { connections, home } = this.#device;
    if (row.root !== undefined) this.#device.task(row.folder, { task: 'unwatch', root: row.root }, () => undefined);
    this.#device.forget(row.folder);
    home.putFolder(row);
    connections.close(row.folder, 'this device begins a folder anew');
    return this.#device.attach(row);
  }

  /** The new key's first entry, which says whose it is and which one it comes in the place of. */
  #begin(folder: FolderEngine, retires: DeviceId): void {
    const { crypto } = this.#device;
    const { row } = folder;
    const person = { signSeed: row.personSignSeed, boxSecret: row.personBoxSecret };
    const next = { person: personOf(crypto, row), generation: row.generation ?? 1, retires };
    folder.appendMembership((place) => deviceEntry(crypto, row, person, { ...place, ...next }), retires);
  }

  /** A crash between the commits of two stores leaves new keys in the folder's, and old ones in the home's. */
  #recover(folder: FolderEngine): void {
    const kept = folder.store.get('meta', rowKey);
    const row = kept === undefined ? undefined : decodeFolderRow(kept);
    if (row === undefined || (row.generation ?? 0) <= (folder.row.generation ?? 0)) return;
    this.#device.home.putFolder(row);
    this.#device.attach(row);
  }
}

/** Gives up our own branch of a log where nobody else has any of it; returns the items of streams in it. */
function giveUp(folder: FolderEngine, { name, fork, proof, isRecorded }: OwnLater): readonly AppendRecord[] {
  if (fork === undefined || proof !== undefined || isRecorded === true) return [];
  const items = name.log === 'content' ? ownItems(folder, fork) : [];
  folder.logs.book.cut(name, fork);
  return items;
}

/** Items of streams that this device appended from a place on. */
function ownItems(folder: FolderEngine, from: number): readonly AppendRecord[] {
  const name = { device: folder.device, log: 'content' } as const;
  const items: AppendRecord[] = [];
  for (let seq = from; seq <= (folder.logs.book.log(name)?.seq ?? 0); seq++) {
    items.push(...streamRecords(folder.logs.records(name, seq)));
  }
  return items;
}
