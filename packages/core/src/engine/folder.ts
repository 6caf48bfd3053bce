import type { Crypto } from '../crypto/index.js';
import { check } from '../errors.js';
import { type Ending, type Place as MemberPlace, membershipEntry } from '../membership/index.js';
import {
  type AppendRecord,
  type ChunkId,
  type DeviceId,
  type Entry,
  type FolderId,
  type ForkRecord,
  hlcMs,
  type Message,
  type RawRecord,
  recordTypes,
  type Verified,
} from '../model/index.js';
import type { ContentKeys, Store } from '../ports/index.js';
import type { Vector } from '../tree/index.js';
import type { Clock } from './clock.js';
import type { FolderState, StreamItem } from './commands.js';
import type { FolderContext, Place } from './context.js';
import type { Effect, Task } from './effects.js';
import { type AppliedPlace, FolderLogs } from './folder-logs.js';
import { folderMessage } from './folder-messages.js';
import { FolderSync } from './folder-sync.js';
import type { FolderRow, Home } from './home.js';
import type { ConnectionId, TaskId, TaskResult } from './inputs.js';
import { LogViews } from './log-views.js';
import { endExpired, nextExpiry } from './member-commands.js';
import type { SeededRandom } from './random.js';
import { forkRecords, letsInLate, mayRekey, rekeyEntry } from './rekey.js';
import type { Renewal } from './renewals.js';
import { type AppendedRun, appendBatches, streamRecords } from './stream-records.js';
import { Streams } from './streams.js';
import type { SyncPeer } from './sync-peer.js';
import { earlier } from './times.js';
import { FolderTree } from './tree/index.js';

const applySliceEntries = 64;
const treeSliceRows = 200;

/** What a folder may ask of the device it belongs to. */
export interface FolderOwner {
  readonly crypto: Crypto;
  readonly random: SeededRandom;
  readonly home: Home;
  now(): number;
  readonly clock: Clock;
  emit(effect: Effect): void;
  task(folder: FolderId, work: Task, done: (result: TaskResult) => void): TaskId;
  newFetch(folder: FolderId): number;
  /** Forgets tasks and fetches under way for the folder's files. */
  forget(folder: FolderId): void;
  /** The folder begins anew, because of what is told here. */
  renew(folder: FolderId, why: Renewal): void;
  /** Items of a stream were applied; for those who follow it. */
  items(items: readonly StreamItem[]): void;
  /** There is more to do: step soon. */
  again(): void;
  /** Members, keys or addresses may have changed: doors and dials follow. */
  membershipChanged(folder: FolderId): void;
}

/** One folder on this device: its logs, its peers, its streams and its files. */
export class FolderEngine {
  readonly folder: FolderId;
  readonly logs: FolderLogs;
  readonly sync: FolderSync;
  readonly streams: Streams;
  row: FolderRow;
  /** Nothing of the folder is sent, looked at or changed, and nobody is connected for it. */
  paused: boolean;
  readonly #owner: FolderOwner;
  readonly store: Store;
  #caughtUp = false;
  #tree: FolderTree | undefined;
  #views: LogViews;
  #toApply = true;
  #heard = false;
  #members = '0 0 0 0 undefined undefined';

  constructor(owner: FolderOwner, store: Store, row: FolderRow) {
    this.#owner = owner;
    this.store = store;
    this.row = row;
    this.folder = row.folder;
    this.streams = new Streams(store);
    this.paused = owner.home.folderSettings(row.folder).paused;
    const now = (): number => owner.now();
    this.logs = new FolderLogs({
      crypto: owner.crypto,
      store,
      random: owner.random,
      row,
      now,
      applied: (place, records) => this.#applied(place, records),
    });
    this.sync = new FolderSync({
      crypto: owner.crypto,
      logs: this.logs,
      now,
      emit: (effect) => owner.emit(effect),
      changed: () => this.#changed(),
      end: (connection) => this.#end(connection, 'it is no member any more'),
    });
    this.#views = this.#makeViews();
    this.#tree = this.#makeTree();
  }

  /** Its files, if it has any. */
  get tree(): FolderTree | undefined {
    return this.#tree;
  }

  /** Its logs that are shown as files. */
  get views(): LogViews {
    return this.#views;
  }

  get device(): DeviceId {
    return this.logs.device;
  }

  start(): void {
    this.tree?.start();
    this.views.start();
  }

  /** The directory is at another place now. All that is known of its files still holds. */
  relink(root: string): void {
    const { root: before } = this.row;
    if (before !== undefined) this.#owner.task(this.folder, { task: 'unwatch', root: before }, () => undefined);
    this.#owner.forget(this.folder);
    const looks = this.#tree?.looks ?? [];
    this.row = { ...this.row, root };
    this.#views = this.#makeViews();
    this.#tree = this.#makeTree();
    this.start();
    for (const done of looks) this.#tree?.look(done);
    this.#owner.again();
  }

  /** A message for this folder from a peer whose channel is open. Throws the refusal. */
  message(peer: SyncPeer, message: Message): void {
    folderMessage(this.sync, peer, message);
  }

  opened(connection: ConnectionId, channel: number, device: DeviceId): void {
    this.sync.open(connection, channel, device);
    this.tree?.holdersChanged();
  }

  closed(connection: ConnectionId): void {
    if (this.sync.peer(connection) === undefined) return;
    this.sync.close(connection);
    this.tree?.holdersChanged();
  }

  /** What ended our membership here, if something did: the folder is left alone from then on. */
  get ending(): Ending | undefined {
    return this.logs.membership.endOf(this.device);
  }

  /** Appends to the own membership log and tells everybody. */
  appendMembership(make: (place: MemberPlace) => Verified<Entry>, by?: DeviceId): Verified<Entry> {
    const entry = this.logs.appendMembership(make, by);
    this.sync.logGrew({ device: this.device, log: 'membership' });
    return entry;
  }

  /** Appends items to a stream, in as few entries as their size allows. Tells where they stand. */
  append(stream: string, items: readonly Uint8Array[]): readonly AppendedRun[] {
    check(items.length > 0, 'usage', 'There is nothing to append.');
    const batches = appendBatches(stream, this.streams.count(stream, this.device), items);
    // All are of their form before the first is written: a caller that is refused may try again.
    return batches.map(({ firstIndex, records }) => {
      const { seq, clock } = this.#appendContent(records, []);
      return { seq, firstIndex, count: records.length, timeMs: hlcMs(clock) };
    });
  }

  /** The items of a run of a stream. */
  items(stream: string, run: Omit<Place, 'index'>): readonly StreamItem[] {
    const records = this.logs.records({ device: run.device, log: 'content' }, run.seq);
    return streamRecords(records)
      .filter((item) => item.stream === stream)
      .map((item) => this.#item(item, run));
  }

  /** One slice of work; true when there is more to do at once. */
  step(): boolean {
    if (this.#toApply) this.#toApply = this.logs.apply(applySliceEntries, this.#hasAll());
    this.#caughtUp ||= !this.#toApply;
    this.#reportForks();
    const renewal = this.#renewal();
    if (renewal !== undefined) {
      this.#owner.renew(this.folder, renewal);
      return true;
    }
    this.sync.askAll();
    if (letsInLate(this.logs)) this.rekey(true);
    const isStill = this.paused || this.ending !== undefined;
    const more = isStill ? false : (this.tree?.step(treeSliceRows) ?? false);
    this.views.step();
    this.sync.flush();
    return more || this.#toApply;
  }

  /** Tells everybody that a log parts, if they do not know. */
  #reportForks(): void {
    const { membership, proofs } = this.logs;
    const isMember = membership.rankOf(this.device) !== undefined;
    for (let proof = proofs.shift(); proof !== undefined; proof = proofs.shift()) if (isMember) this.report(proof);
    if (this.logs.moved) this.sync.tellAll();
    this.logs.moved = false;
  }

  /** Whether nobody has an entry of a log that parts which is not here. */
  #hasAll(): boolean {
    const peers = this.sync.peers().filter((peer) => peer.proven);
    return this.logs.forks.size > 0 && peers.length > 0 && peers.every((peer) => this.sync.equal(peer));
  }

  /** Makes the epoch that is owed, if this device may; `isCalled`: also while one is current (`spec/05 EPO-9`). */
  rekey(isCalled = false): void {
    const { crypto, random } = this.#owner;
    if (!mayRekey(this.logs, isCalled)) return;
    this.appendMembership((place) => rekeyEntry(crypto, random, this.row, this.logs, place));
  }

  /** Records that a log parts, unless somebody has. */
  report(proof: ForkRecord): void {
    const { crypto } = this.#owner;
    const records = forkRecords(crypto, this.logs, proof);
    if (records.length === 0) return;
    this.appendMembership((place) => membershipEntry(crypto, this.row, place, records));
    this.rekey();
  }

  /** Why the folder is to begin anew: of several reasons the one that goes farthest. */
  #renewal(): Renewal | undefined {
    if (this.logs.ownLater !== undefined) return this.logs.ownLater;
    if (this.logs.membership.isRetired(this.device)) return 'retired';
    const { again } = this.logs.marks;
    if (again === 'recut' && (this.ending !== undefined || this.tree?.isApplying === true)) return undefined;
    return again;
  }

  wake(nowMs: number): void {
    this.sync.wake(nowMs);
    if (!this.paused) endExpired(this.#owner.crypto, this, nowMs);
  }

  nextWake(): number | undefined {
    const tree = this.#owner.clock.wallMs(this.paused ? undefined : this.tree?.nextWake());
    return earlier(this.sync.nextWake(), this.views.nextWake(), tree, this.paused ? undefined : nextExpiry(this));
  }

  state(): FolderState {
    if (this.paused) return 'paused';
    if (this.ending !== undefined) return 'stopped';
    if (this.tree !== undefined) {
      const { state } = this.tree.status();
      if (state !== 'inStep') return state;
    }
    return this.sync.peers().some((peer) => !this.sync.equal(peer)) ? 'syncing' : 'inStep';
  }

  /** Everything here is done, and heads are equal with every connected member, of which there is at least one. */
  inStep(): boolean {
    if (this.paused || this.ending !== undefined) return false;
    const peers = this.sync.peers().filter((peer) => peer.proven);
    if (peers.length === 0 || !peers.every((peer) => this.sync.equal(peer))) return false;
    return !this.#toApply && this.logs.waiting().length === 0 && (this.tree?.settled() ?? true);
  }

  #appendContent(records: readonly RawRecord[], chunkIds: readonly ChunkId[]): Omit<Place, 'index'> {
    this.rekey();
    const place = this.logs.append(records, chunkIds);
    this.sync.logGrew({ device: this.device, log: 'content' });
    return place;
  }

  #applied(place: AppliedPlace, records: readonly RawRecord[]): void {
    const vector = this.logs.book.pasts.at(place.device, place.seq);
    const reach = { vector, resolve: (named: Vector): Vector => this.logs.resolve(named, vector) };
    records.forEach((raw, index) => {
      if (raw.type === recordTypes.file) this.tree?.record(raw, { ...place, index }, place.how, reach);
    });
    const items = streamRecords(records);
    if (items.length === 0) return;
    for (const stream of new Set(items.map((item) => item.stream))) {
      this.streams.add(
        items.filter((item) => item.stream === stream),
        { ...place, index: 0 },
      );
    }
    const shown = items.map((item) => this.#item(item, place));
    if (place.how !== 'again') this.#owner.items(shown);
    this.views.applied(shown);
  }

  #item(item: AppendRecord, { device, seq, clock }: Omit<Place, 'index'>): StreamItem {
    const { stream, index, data } = item;
    const author = this.logs.forks.deviceOf({ device, log: 'content' });
    const branch = author === device ? {} : { branch: device };
    return { folder: this.folder, stream, device: author, ...branch, seq, index, timeMs: hlcMs(clock), data };
  }

  #changed(): void {
    this.#toApply = true;
    const { membership, ring } = this.logs;
    const devices = membership.others(this.device).length;
    const counts = [membership.members.length, devices, membership.invited.length, ring.all().length];
    const members = `${counts.join(' ')} ${membership.currentEpoch()?.id} ${membership.rankOf(this.device)}`;
    if (members === this.#members) return;
    this.#members = members;
    this.#owner.membershipChanged(this.folder);
    if (this.ending !== undefined)
      for (const { connection } of this.sync.peers()) this.#end(connection, 'this device is no member any more');
    this.tree?.holdersChanged();
  }

  #end(connection: ConnectionId, reason: string): void {
    this.#owner.emit({ type: 'close', connection, reason });
  }

  #makeTree(): FolderTree | undefined {
    return this.row.root === undefined ? undefined : new FolderTree(this.#context(), this.row.root);
  }

  #makeViews(): LogViews {
    const { root } = this.row;
    return new LogViews({
      store: this.store,
      streams: this.streams,
      shown: () => this.row.viewStreams,
      items: (stream, run) => this.items(stream, run),
      write:
        root === undefined
          ? undefined
          : (work, done) => this.#owner.task(this.folder, { task: 'write-view', root, ...work }, done),
      again: () => this.#owner.again(),
      now: () => this.#owner.now(),
    });
  }

  #context(): FolderContext {
    const owner = this.#owner;
    return {
      folder: this.folder,
      name: () => this.row.name,
      crypto: owner.crypto,
      store: this.store,
      now: () => owner.now(),
      steadyMs: () => owner.clock.steadyMs,
      device: () => this.device,
      contentKeys: () => this.#contentKeys(),
      fingerprintKey: () => this.logs.constants()?.fingerprint,
      mayWrite: () => this.logs.mayWrite() || mayRekey(this.logs),
      ready: () => this.#caughtUp && !this.sync.hearing,
      restored: (what) => owner.renew(this.folder, what),
      home: () => owner.home.identity(),
      founded: () => this.logs.membership.rankOf(this.device) === 'owner',
      heard: () => this.#hasHeard(),
      nextPlace: () => {
        this.rekey();
        return this.logs.nextPlace();
      },
      reach: () => this.logs.forks.reach(this.logs.book.logs()),
      append: (records, chunkIds) => ({ ...this.#appendContent(records, chunkIds), index: 0 }),
      emit: (effect) => owner.emit(effect),
      task: (work, done) => owner.task(this.folder, work, done),
      holders: () => this.sync.peers().filter((peer) => peer.proven),
      others: () => this.logs.membership.others(this.device),
      newFetch: () => owner.newFetch(this.folder),
      isView: (path) => this.views.covers(path),
      localRules: () => owner.home.folderSettings(this.folder),
      setting: (key) => owner.home.setting(key),
      again: () => owner.again(),
    };
  }

  #hasHeard(): boolean {
    const isEqual = (peer: SyncPeer): boolean => peer.proven && this.sync.equal(peer);
    this.#heard ||= !this.#toApply && this.sync.peers().some(isEqual);
    return this.#heard;
  }

  #contentKeys(): ContentKeys | undefined {
    const constants = this.logs.constants();
    return constants === undefined ? undefined : { gear: constants.gear, convergence: constants.convergence };
  }
}
