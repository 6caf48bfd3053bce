import type { Crypto } from '../crypto/index.js';
import { entryHeadsMax } from '../limits.js';
import {
  type Place as MemberPlace,
  type Membership,
  MembershipJudge,
  membershipEntry,
  type OpenedEpoch,
} from '../membership/index.js';
import {
  type DeviceId,
  deviceIdOf,
  type Entry,
  type FolderId,
  type ForkRecord,
  type Head,
  type LogName,
  type RawRecord,
  type Verified,
  verifiedBefore,
  verifyRun,
} from '../model/index.js';
import type { Store } from '../ports/index.js';
import type { Vector } from '../tree/index.js';
import { Branches } from './branches.js';
import type { Place } from './context.js';
import { Forks, isEnd, type OwnLater } from './forks.js';
import { type FolderRow, personOf } from './home.js';
import { KeyRing, openRecords } from './key-ring.js';
import { LogBook, type LogState } from './log-book.js';
import { LogMarks } from './log-marks.js';
import { OwnContent } from './own-content.js';
import type { SeededRandom } from './random.js';
import { countsOtherwise, withoutVoid } from './recut.js';
import { someHeads } from './some-heads.js';

/** Where an entry that was applied stands, and whose key signed it: the log's, or that of what it is a branch of. */
export interface AppliedPlace extends Omit<Place, 'index'> {
  readonly author: DeviceId;
  /** It was written just now, or applied before, or neither. */
  readonly how: 'own' | 'again' | 'first';
}

export interface FolderLogsOptions {
  readonly crypto: Crypto;
  readonly store: Store;
  readonly random: SeededRandom;
  readonly row: FolderRow;
  readonly now: () => number;
  /**
   * Records of a content entry, once it and all it names as seen are applied. `records` is empty where the entry is
   * void.
   */
  readonly applied: (place: AppliedPlace, records: readonly RawRecord[]) => void;
}

/**
 * One folder's logs, members and keys: takes runs through the verify gate, judges membership, opens bodies, applies
 * content in causal order and appends to the own logs. Knows nothing of peers.
 */
export class FolderLogs {
  readonly folder: FolderId;
  readonly device: DeviceId;
  readonly book: LogBook;
  readonly ring: KeyRing;
  readonly forks: Forks;
  /** What shows that our own log went on without us (`spec/04 §8`); the key of it writes no more. */
  ownLater: OwnLater | undefined;
  /** Logs have other ends than before. */
  moved = false;
  /** That logs of others part, which nobody has recorded yet. */
  readonly proofs: ForkRecord[] = [];
  readonly branches: Branches;
  readonly marks: LogMarks;
  readonly #options: FolderLogsOptions;
  readonly #judge: MembershipJudge;
  readonly #membershipEntries: Verified<Entry>[] = [];
  readonly #own: OwnContent;
  #isAll = false;
  #membership: Membership;

  constructor(options: FolderLogsOptions) {
    const { crypto, store, row } = options;
    this.#options = options;
    this.folder = row.folder;
    this.device = deviceIdOf(crypto, row);
    this.book = new LogBook(crypto, store);
    const person = { person: personOf(crypto, row), boxSecret: row.personBoxSecret };
    this.ring = new KeyRing(crypto, store, row.folder, person);
    this.forks = new Forks(store);
    this.branches = new Branches(crypto, row.folder, this.book, this.forks);
    this.#judge = new MembershipJudge(crypto, row.folder);
    for (const log of this.book.logs()) this.#loadMembership(log);
    this.#membership = this.#judge.evaluate(this.#membershipEntries);
    this.ring.learn(this.#membership);
    this.marks = new LogMarks(store, options.now);
    this.#own = new OwnContent({
      ...options,
      device: this.device,
      book: this.book,
      marks: this.marks,
      membership: () => this.#membership,
      current: () => this.current(),
      added: (name, entry, records) => this.#finish(name, entry, records, 'own'),
    });
    this.#closeForks();
  }

  get membership(): Membership {
    return this.#membership;
  }

  /** The epoch that new content is sealed under, opened. */
  current(): OpenedEpoch | undefined {
    const epoch = this.#membership.currentEpoch();
    return epoch === undefined ? undefined : this.ring.opened(epoch.id);
  }

  /** Whether this device may append content and could seal it. */
  mayWrite(): boolean {
    return this.#membership.mayWrite(this.device) && this.current() !== undefined;
  }

  /** Key of content that the folder's constants go with; any opened epoch has them. */
  constants(): OpenedEpoch['constants'] | undefined {
    return this.ring.all().at(0)?.constants;
  }

  /**
   * Takes a run that somebody sent. Entries that are here already are passed over. Returns how many are new.
   * Refuses like `verifyRun`; of a run that shows that the log parts nothing is taken, but the proof.
   */
  take(name: LogName, run: readonly Entry[]): number {
    const other = run.findIndex(({ header: { seq }, hash }) => this.book.isOther({ ...name, seq, hash }));
    if (other >= 0) return this.#forked(name, run.slice(other));
    const state = this.book.log(name);
    const end = this.forks.endOf(name);
    const fresh = run.filter(({ header: { seq } }) => seq > (state?.seq ?? 0) && seq <= end);
    const [first] = fresh;
    const after = first === undefined ? undefined : this.branches.after(name, first);
    if (after === undefined) return 0;
    const last = fresh.at(-1);
    const verified = verifyRun(
      this.#options.crypto,
      fresh,
      after,
      last !== undefined && isEnd(this.#membership.forks, last),
    );
    this.branches.add(name, verified);
    if (name.log === 'membership') this.#addMembership(name, verified);
    else if (this.forks.size > 0) this.#closeForks();
    this.#fillGap(name, verified.length);
    if (name.device === this.device && verified.length > 0) this.ownLater ??= { name, fork: undefined };
    return verified.length;
  }

  /**
   * Applies what can be applied, at most `entriesMax` content entries; true when there may be more. `isAll`: others
   * have nothing that is not here.
   */
  apply(entriesMax: number, isAll: boolean): boolean {
    this.#isAll = isAll;
    let applied = 0;
    for (let progress = true; progress; ) {
      progress = false;
      for (const log of this.book.logs()) {
        if (log.log !== 'content') continue;
        while (this.#applyNext(log)) {
          progress = true;
          if (++applied >= entriesMax) return true;
        }
      }
    }
    return false;
  }

  /** All content is to be applied again: what was made of it is gone. */
  unapply(): void {
    this.book.unapply();
    this.marks.appliesAgain();
  }

  /** Membership heads and applied content heads, and whether all of a log is applied: why a log stands still. */
  waiting(): readonly { readonly name: LogName; readonly reason: 'key' | 'entries' | 'body' }[] {
    return this.book
      .logs()
      .filter((log) => log.log === 'content' && log.appliedSeq < log.seq)
      .map((log) => ({ name: log, reason: this.#obstacle(log, this.#next(log)) ?? 'entries' }));
  }

  /** Place and clock of the next own content entry. */
  nextPlace(): ReturnType<OwnContent['nextPlace']> {
    return this.#own.nextPlace();
  }

  /** Appends to the own membership log. A first entry names the log of `by` in any case. */
  appendMembership(make: (place: MemberPlace) => Verified<Entry>, by?: DeviceId): Verified<Entry> {
    const name: LogName = { device: this.device, log: 'membership' };
    const { crypto, row } = this.#options;
    for (;;) {
      const state = this.book.log(name);
      const frontier = this.#membership.frontier(name);
      const heads = frontier.length <= entryHeadsMax ? frontier : someHeads(frontier, by);
      const seq = (state?.seq ?? 0) + 1;
      const place = { folder: this.folder, seq, previous: state?.hash, heads, clock: this.marks.tick() };
      // With more heads than an entry can name, bridging entries come first; a log's first entry can't wait for them.
      const bridging = heads.length < frontier.length && state !== undefined;
      const entry = bridging ? membershipEntry(crypto, row, place, []) : make(place);
      this.book.add(name, [entry]);
      this.#addMembership(name, [entry]);
      if (!bridging) return entry;
    }
  }

  /** Adds an own entry that was made elsewhere: the genesis and the first epoch of a new folder. */
  adopt(entries: readonly Verified<Entry>[]): void {
    for (const entry of entries) {
      const name: LogName = { device: entry.header.device, log: entry.header.log };
      this.book.add(name, [entry]);
      this.#addMembership(name, [entry]);
    }
  }

  /** Appends one content entry; its records are applied at once. Throws `not-allowed` or `busy` (no key yet). */
  append(...args: Parameters<OwnContent['append']>): ReturnType<OwnContent['append']> {
    return this.#own.append(...args);
  }

  /** Tries keys that came; what waited for them can be applied then. */
  giveKey(epoch: OpenedEpoch['id'], key: Uint8Array): boolean {
    return this.ring.give(this.#membership, epoch, key);
  }

  /** The body of a content entry that is applied, for reading it again. */
  records(name: LogName, seq: number): readonly RawRecord[] {
    const entry = this.book.entry(name, seq);
    return entry === undefined ? [] : openRecords(this.#options.crypto, this.ring, entry);
  }

  #applyNext(log: LogName): boolean {
    const entry = this.#next(log);
    if (entry === undefined || this.#obstacle(log, entry) !== undefined) return false;
    this.marks.observe(entry.header.clock);
    const { seq } = entry.header;
    const how = seq <= (this.book.log(log)?.knownSeq ?? 0) ? 'again' : 'first';
    this.#finish(log, entry, this.counts(log, seq) ? openRecords(this.#options.crypto, this.ring, entry) : [], how);
    return true;
  }

  /** The first entry of a log that is not applied. */
  #next(log: LogName): Entry | undefined {
    const state = this.book.log(log);
    return state === undefined || state.appliedSeq >= state.seq
      ? undefined
      : this.book.entry(log, state.appliedSeq + 1);
  }

  /** Why an entry can't be applied yet. */
  #obstacle(log: LogName, entry: Entry | undefined): 'key' | 'entries' | 'body' | undefined {
    if (entry === undefined || this.#membership.content === undefined) return 'entries';
    if (!entry.header.heads.every((head) => this.#has(head))) return 'entries';
    const parent = this.forks.parentOf(log);
    if (parent !== undefined && (this.book.log(parent)?.appliedSeq ?? 0) < this.forks.endOf(parent)) return 'entries';
    if (entry.header.epoch === undefined) return undefined;
    if (entry.sealedBytes === undefined) return 'body';
    return this.ring.isAwaited(this.#membership, entry.header.epoch, this.device) ? 'key' : undefined;
  }

  #has(head: Head): boolean {
    const name = this.branches.locate(head);
    const state = name === undefined ? undefined : this.book.log(name);
    if (this.#membership.isVoid(head) || (name === undefined && this.#isAll)) return true;
    // Upon another branch of a log: it waits until that itself has come (`spec/04 §8`).
    if (name === undefined || state === undefined || this.book.isOther({ ...head, ...name })) return false;
    return head.log === 'membership' ? state.seq >= head.seq : state.appliedSeq >= head.seq;
  }

  #finish(name: LogName, entry: Entry, records: readonly RawRecord[], how: AppliedPlace['how']): void {
    const { device, seq, clock, heads } = entry.header;
    const parent = seq === this.book.log(name)?.start ? this.forks.parentOf(name) : undefined;
    const before = parent === undefined ? undefined : this.book.pasts.at(parent.device, seq);
    const places = heads.flatMap((head) => this.branches.locate(head) ?? []);
    if (places.length < heads.length) this.marks.gap(true);
    this.book.markApplied(name, entry, places, before);
    this.#options.applied({ device: name.device, author: device, seq, clock, how }, records);
  }

  /**
   * A run that begins at a place that is taken: once it is proved to be of the log's own key, the log parts. If it is
   * our own, somebody has written with our key: a copy of this installation, or we ourselves before it was restored.
   */
  #forked(name: LogName, run: readonly Entry[]): number {
    const { seq = 1 } = run[0]?.header ?? {};
    const proof = this.branches.prove(name, seq, run);
    if (name.device === this.device)
      this.ownLater ??= { name, fork: seq, proof: this.marks.served(name) < seq ? undefined : proof };
    else if (proof !== undefined) this.proofs.push(proof);
    return 0;
  }

  /** What was read without a branch that nobody had is to be read again, now that there is more of it. */
  #fillGap(name: LogName, count: number): void {
    if (count === 0 || this.forks.parentOf(name) === undefined || !this.marks.hasGap) return;
    this.marks.gap(false);
    this.marks.applyAgain('parted');
  }

  /** Ends logs where they are proved to part. */
  #closeForks(): void {
    for (const fork of this.#membership.forks.toSorted((a, b) => a.seq - b.seq)) {
      const { device, log, seq } = fork;
      if (device === this.device) this.ownLater ??= { name: { device, log }, fork: seq, isRecorded: true };
      else {
        const moved = this.branches.close(fork);
        if (moved === 'applied') this.marks.applyAgain('parted');
        this.moved ||= moved !== undefined;
      }
    }
  }

  /** Notes that somebody was sent our own log so far. */
  served(name: LogName, seq: number): void {
    if (name.device === this.device) this.marks.serve(name, seq);
  }

  #loadMembership(log: LogState): void {
    if (log.log !== 'membership') return;
    for (const entry of this.book.from(log, log.start)) this.#membershipEntries.push(verifiedBefore(entry));
  }

  #addMembership(name: LogName, entries: readonly Verified<Entry>[]): void {
    for (const entry of entries) {
      this.book.markApplied(name, entry, []);
      this.marks.observe(entry.header.clock);
      this.#membershipEntries.push(entry);
    }
    if (entries.length === 0) return;
    const before = this.#membership;
    this.#membership = this.#judge.evaluate(this.#membershipEntries);
    this.ring.learn(this.#membership);
    this.#closeForks();
    if (countsOtherwise(this.book, this.forks, before, this.#membership)) this.marks.applyAgain('recut');
  }

  /** What a vector of an entry that reaches so far names, in branches of logs that part, and of what counts. */
  resolve(named: Vector, reached: Vector): Vector {
    return this.withoutVoid(this.forks.resolve(named, reached));
  }

  /** Whether the entry at a place of a content log counts (`spec/03 §9`). */
  counts(log: LogName, seq: number): boolean {
    return this.#membership.content?.counts(this.forks.deviceOf(log), log, seq) ?? false;
  }

  withoutVoid(vector: Vector): Vector {
    return withoutVoid(this.#membership, this.forks, vector);
  }
}
