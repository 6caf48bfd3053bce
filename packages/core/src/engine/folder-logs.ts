import { decode, encode, struct, u64, uint } from '../codec/index.js';
import type { Crypto } from '../crypto/index.js';
import { CloudlessError, check } from '../errors.js';
import { entryHeadsMax } from '../limits.js';
import {
  type Place as MemberPlace,
  type Membership,
  MembershipJudge,
  membershipEntry,
  type OpenedEpoch,
} from '../membership/index.js';
import {
  type ChunkId,
  chunksCodec,
  type DeviceId,
  deviceIdOf,
  draftHeader,
  type Entry,
  encodeRecords,
  type FolderId,
  type Head,
  type HeaderDraft,
  type LogName,
  logKey,
  logKeyBytes,
  observe,
  openBody,
  type RawRecord,
  record,
  sealBody,
  signEntry,
  tick,
  type Verified,
  verifiedBefore,
  verifyRun,
} from '../model/index.js';
import type { Store } from '../ports/index.js';
import type { Place } from './context.js';
import { Forks, type OwnLater } from './forks.js';
import { type FolderRow, personOf } from './home.js';
import { KeyRing } from './key-ring.js';
import { LogBook, type LogState } from './log-book.js';
import type { SeededRandom } from './random.js';
import { someHeads } from './some-heads.js';

const clockCodec = struct({ clock: [0, u64] });
const namedCodec = struct({ seq: [0, uint] });
const clockKey = new Uint8Array([1]);

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
  readonly applied: (place: Omit<Place, 'index'>, records: readonly RawRecord[]) => void;
}

/**
 * One folder's logs, members and keys: takes runs through the verify gate, judges membership, opens bodies, applies
 * content in causal order
 * and appends to the own logs. Knows nothing of peers.
 */
export class FolderLogs {
  readonly folder: FolderId;
  readonly device: DeviceId;
  readonly book: LogBook;
  readonly ring: KeyRing;
  readonly forks: Forks;
  /** What shows that our own log went on without us (`spec/04 §8`); the key of it writes no more. */
  ownLater: OwnLater | undefined;
  readonly #options: FolderLogsOptions;
  readonly #judge: MembershipJudge;
  readonly #membershipEntries: Verified<Entry>[] = [];
  readonly #named = new Map<string, number>();
  #membership: Membership;
  #clock: bigint;

  constructor(options: FolderLogsOptions) {
    const { crypto, store, row } = options;
    this.#options = options;
    this.folder = row.folder;
    this.device = deviceIdOf(crypto, row);
    this.book = new LogBook(crypto, store);
    const person = { person: personOf(crypto, row), boxSecret: row.personBoxSecret };
    this.ring = new KeyRing(crypto, store, row.folder, person);
    this.forks = new Forks(store);
    this.#judge = new MembershipJudge(crypto, row.folder);
    for (const log of this.book.logs()) this.#loadMembership(log);
    this.#membership = this.#judge.evaluate(this.#membershipEntries);
    this.ring.learn(this.#membership);
    const clock = store.get('meta', clockKey);
    this.#clock = clock === undefined ? 0n : decode(clockCodec, clock, 16).clock;
    for (const log of this.book.logs()) {
      const named = store.get('named', logKeyBytes(log));
      if (named !== undefined) this.#named.set(logKey(log), decode(namedCodec, named, 16).seq);
    }
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
   * Refuses like `verifyRun`, and with `fork` when a known place has another header.
   */
  take(name: LogName, run: readonly Entry[]): number {
    const state = this.book.log(name);
    check(!this.forks.has(name), 'fork', 'This log is closed: two entries were signed for one place in it.');
    const other = run.findIndex(({ header: { seq }, hash }) => this.book.isOther({ ...name, seq, hash }));
    if (other >= 0) return this.#forked(name, run.slice(other));
    const fresh = run.filter((entry) => entry.header.seq > (state?.seq ?? 0));
    const after = { folder: this.folder, name, seq: state?.seq ?? 0, hash: state?.hash };
    const verified = verifyRun(this.#options.crypto, fresh, after);
    this.book.add(name, verified);
    if (name.log === 'membership') this.#addMembership(verified);
    if (name.device === this.device && verified.length > 0) this.ownLater ??= { name, fork: undefined };
    return verified.length;
  }

  /**
   * Whether a run that somebody sent follows on another entry than the one that is here: both are of one log, so they
   * part earlier. Refuses a run that is not proved.
   */
  isDetached(name: LogName, run: readonly Entry[]): boolean {
    const { seq = 1, previous } = run[0]?.header ?? {};
    const before = this.book.entry(name, seq - 1);
    if (before === undefined || before.hash === previous) return false;
    verifyRun(this.#options.crypto, run, { folder: this.folder, name, seq: seq - 1, hash: previous });
    return true;
  }

  /** Applies what can be applied, at most `entriesMax` content entries; true when there may be more. */
  apply(entriesMax: number): boolean {
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

  /** Membership heads and applied content heads, and whether all of a log is applied: why a log stands still. */
  waiting(): readonly { readonly name: LogName; readonly reason: 'key' | 'entries' | 'body' }[] {
    return this.book
      .logs()
      .filter((log) => log.log === 'content' && log.appliedSeq < log.seq)
      .map((log) => ({ name: log, reason: this.#obstacle(this.#next(log)) ?? 'entries' }));
  }

  nextPlace(): { readonly seq: number; readonly clock: bigint } {
    const seq = (this.book.log(this.#own('content'))?.seq ?? 0) + 1 + this.#bridges();
    return { seq, clock: tick(this.#clock, this.#options.now()) };
  }

  /** Appends to the own membership log. A first entry names the log of `by` in any case. */
  appendMembership(make: (place: MemberPlace) => Verified<Entry>, by?: DeviceId): Verified<Entry> {
    const name = this.#own('membership');
    const { crypto, row } = this.#options;
    for (;;) {
      const state = this.book.log(name);
      const frontier = this.#membership.frontier(name);
      const heads = frontier.length <= entryHeadsMax ? frontier : someHeads(frontier, by);
      const seq = (state?.seq ?? 0) + 1;
      const place = { folder: this.folder, seq, previous: state?.hash, heads, clock: this.#tick() };
      // With more heads than an entry can name, bridging entries come first; a log's first entry can't wait for them.
      const bridging = heads.length < frontier.length && state !== undefined;
      const entry = bridging ? membershipEntry(crypto, row, place, []) : make(place);
      this.book.add(name, [entry]);
      this.#addMembership([entry]);
      if (!bridging) return entry;
    }
  }

  /** Adds an own entry that was made elsewhere: the genesis and the first epoch of a new folder. */
  adopt(entries: readonly Verified<Entry>[]): void {
    for (const entry of entries) {
      this.book.add({ device: entry.header.device, log: entry.header.log }, [entry]);
      this.#addMembership([entry]);
    }
  }

  /** Appends one content entry; its records are applied at once. Throws `not-allowed` or `busy` (no key yet). */
  append(records: readonly RawRecord[], chunkIds: readonly ChunkId[]): Omit<Place, 'index'> {
    check(this.#membership.mayWrite(this.device), 'not-allowed', 'Your level in this folder does not allow writing.');
    const epoch = this.current();
    check(epoch !== undefined, 'busy', 'The key of this folder is not here yet; it comes with the next connection.');
    for (let heads = this.#unnamed(); heads.length > entryHeadsMax; heads = this.#unnamed()) {
      this.#appendOne(heads.slice(0, entryHeadsMax), undefined, [], []);
    }
    return this.#appendOne(this.#unnamed(), epoch, records, chunkIds);
  }

  /** Tries keys that came; what waited for them can be applied then. */
  giveKey(epoch: OpenedEpoch['id'], key: Uint8Array): boolean {
    return this.ring.give(this.#membership, epoch, key);
  }

  /** The body of a content entry that is applied, for reading it again. */
  records(name: LogName, seq: number): readonly RawRecord[] {
    const entry = this.book.entry(name, seq);
    return entry === undefined ? [] : (this.#open(entry) ?? []);
  }

  #appendOne(
    heads: readonly Head[],
    epoch: OpenedEpoch | undefined,
    records: readonly RawRecord[],
    chunkIds: readonly ChunkId[],
  ): Omit<Place, 'index'> {
    const { crypto, random, row } = this.#options;
    const name = this.#own('content');
    const state = this.book.log(name);
    const publicRecords = chunkIds.length === 0 ? [] : [record('chunks', chunksCodec, { ids: chunkIds })];
    const publicBytes = publicRecords.length === 0 ? undefined : encodeRecords(publicRecords);
    const header: HeaderDraft = {
      folder: this.folder,
      ...name,
      seq: (state?.seq ?? 0) + 1,
      previous: state?.hash,
      heads,
      clock: this.#tick(),
      epoch: epoch?.id,
      flags: 0,
    };
    const unsealed = draftHeader(crypto, { header, publicBytes });
    const sealedBytes =
      epoch === undefined ? undefined : sealBody(crypto, epoch.key, random.bytes(32), unsealed, records);
    const entry = signEntry(crypto, row.deviceSeed, { header, publicBytes, sealedBytes });
    this.book.add(name, [entry]);
    for (const head of heads) this.#name(head, head.seq);
    this.#finish(entry, records);
    return { device: this.device, seq: entry.header.seq, clock: header.clock };
  }

  /** Heads that the next own content entry should name: membership's frontier, and content logs that went on. */
  #unnamed(): readonly Head[] {
    const own = this.#own('content');
    const content = this.book
      .logs()
      .filter((log) => log.log === 'content' && log.device !== this.device)
      .flatMap((log) => this.#appliedHead(log) ?? [])
      .filter((head) => this.#isUnnamed(head, head.seq));
    const membership = this.#membership.frontier(own).filter((head) => this.#isUnnamed(head, head.seq));
    return [...membership, ...content].sort((a, b) => (logKey(a) < logKey(b) ? -1 : 1));
  }

  /** How far a log is applied, as a head to name. */
  #appliedHead(log: LogState): Head | undefined {
    const seq = this.forks.lastNamed(log, log.appliedSeq);
    const hash = seq === log.appliedSeq ? log.appliedHash : this.book.entry(log, seq)?.hash;
    return hash === undefined ? undefined : { device: log.device, log: log.log, seq, hash };
  }

  /** Whether the own content log names nothing that far of a log yet. */
  #isUnnamed(log: LogName, seq: number): boolean {
    return seq > (this.#named.get(logKey(log)) ?? 0);
  }

  #bridges(): number {
    return Math.max(0, Math.ceil(this.#unnamed().length / entryHeadsMax) - 1);
  }

  #applyNext(log: LogName): boolean {
    const entry = this.#next(log);
    if (entry === undefined || this.#obstacle(entry) !== undefined) return false;
    this.#clock = observe(this.#clock, entry.header.clock, this.#options.now());
    const valid = this.#membership.mayWrite(log.device);
    this.#finish(entry, valid ? (this.#open(entry) ?? []) : []);
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
  #obstacle(entry: Entry | undefined): 'key' | 'entries' | 'body' | undefined {
    if (entry === undefined || !entry.header.heads.every((head) => this.#has(head))) return 'entries';
    if (entry.header.epoch === undefined) return undefined;
    if (entry.sealedBytes === undefined) return 'body';
    return this.ring.opened(entry.header.epoch) === undefined ? 'key' : undefined;
  }

  #has(head: Head): boolean {
    if (this.forks.isPast(head)) return true;
    const state = this.book.log(head);
    // Upon another branch of our own log: it waits until that itself has come (`spec/04 §8`).
    if (state === undefined || (head.device === this.device && this.book.isOther(head))) return false;
    return head.log === 'membership' ? state.seq >= head.seq : state.appliedSeq >= head.seq;
  }

  #finish(entry: Entry, records: readonly RawRecord[]): void {
    const { device, seq, clock } = entry.header;
    this.book.markApplied(entry);
    this.#options.applied({ device, seq, clock }, records);
  }

  /** Records of the sealed part, or `undefined` where there is none or it does not open (its author's fault: void). */
  #open(entry: Entry): readonly RawRecord[] | undefined {
    const { epoch } = entry.header;
    if (epoch === undefined || entry.sealedBytes === undefined) return undefined;
    const opened = this.ring.opened(epoch);
    if (opened === undefined) return undefined;
    try {
      return openBody(this.#options.crypto, opened.key, entry.header, entry.sealedBytes);
    } catch (error) {
      if (error instanceof CloudlessError && error.code !== 'internal') return undefined;
      throw error;
    }
  }

  /**
   * A run that begins at a place that is taken: once it is proved to be of the log's own key, the log is closed. If it
   * is our own, somebody has written with our key: a copy of this installation, or we ourselves before it was restored.
   */
  #forked(name: LogName, run: readonly Entry[]): number {
    const { seq = 1, previous } = run[0]?.header ?? {};
    verifyRun(this.#options.crypto, run, { folder: this.folder, name, seq: seq - 1, hash: previous });
    if (name.device === this.device) {
      this.ownLater ??= { name, fork: seq };
      return 0;
    }
    this.forks.close(name, seq);
    throw new CloudlessError(
      'fork',
      `Device ${name.device.slice(0, 8)} signed two entries for place ${seq} of its log.`,
    );
  }

  #loadMembership(log: LogName & { readonly seq: number }): void {
    if (log.log !== 'membership') return;
    for (let seq = 1; seq <= log.seq; seq++) {
      const entry = this.book.entry(log, seq);
      if (entry !== undefined) this.#membershipEntries.push(verifiedBefore(entry));
    }
  }

  #addMembership(entries: readonly Verified<Entry>[]): void {
    for (const entry of entries) {
      this.book.markApplied(entry);
      this.#clock = observe(this.#clock, entry.header.clock, this.#options.now());
      this.#membershipEntries.push(entry);
    }
    if (entries.length === 0) return;
    this.#membership = this.#judge.evaluate(this.#membershipEntries);
    this.ring.learn(this.#membership);
  }

  #name(log: LogName, seq: number): void {
    this.#named.set(logKey(log), seq);
    this.#options.store.put('named', logKeyBytes(log), encode(namedCodec, { seq }));
  }

  #own(log: LogName['log']): LogName {
    return { device: this.device, log };
  }

  #tick(): bigint {
    this.#clock = tick(this.#clock, this.#options.now());
    this.#options.store.put('meta', clockKey, encode(clockCodec, { clock: this.#clock }));
    return this.#clock;
  }
}
