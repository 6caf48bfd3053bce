import type { Crypto } from '../crypto/index.js';
import { folderLogsMax, runEntriesMax } from '../limits.js';
import {
  type Entry,
  type FolderId,
  type ForkPlace,
  type ForkRecord,
  type Head,
  type HeaderRun,
  type LogName,
  logKey,
  type RunStart,
  type Verified,
  verifiedBefore,
  verifyRun,
} from '../model/index.js';
import { branchNamed, type Forks } from './forks.js';
import type { LogBook, LogState } from './log-book.js';
import type { LogPlace } from './pasts.js';

/**
 * The branches of logs that part, as they are kept (`spec/04 §9`): ends a log before the place where it is proved to
 * part, and keeps what is here of a branch as a log of its own.
 */
export class Branches {
  readonly #crypto: Crypto;
  readonly #folder: FolderId;
  readonly #book: LogBook;
  readonly #forks: Forks;

  constructor(crypto: Crypto, folder: FolderId, book: LogBook, forks: Forks) {
    this.#crypto = crypto;
    this.#folder = folder;
    this.#book = book;
    this.#forks = forks;
  }

  /** Ends the log that parts at this place. Tells what moved into a branch: entries, or also such that were applied. */
  close(place: ForkPlace): 'entries' | 'applied' | undefined {
    const name = this.#tree(place).find((each) => this.#leadsTo(each, place));
    const before = name === undefined ? undefined : this.#forks.placeOf(name);
    if (name === undefined || (before !== undefined && before <= place.seq)) return undefined;
    if (this.#book.logs().length >= folderLogsMax) return undefined;
    const state = this.#book.log(name);
    const branch = state === undefined || state.seq < place.seq ? undefined : this.#part(state, place.seq);
    const children = branch === undefined ? [] : this.#forks.branchesOf(name);
    this.#forks.close(name, place.seq);
    if (branch === undefined) return undefined;
    this.#forks.join(branch, name);
    if (before !== undefined) this.#forks.close(branch, before);
    for (const child of children) this.#forks.join(child, branch);
    return name.log === 'content' && (state?.appliedSeq ?? 0) >= place.seq ? 'applied' : 'entries';
  }

  /** Moves what a log holds from a place on into the branch that it is. */
  #part(state: LogState, seq: number): LogName | undefined {
    const entries = [...this.#book.from(state, seq)].map((entry) => verifiedBefore(entry));
    const [first] = entries;
    if (first === undefined) return undefined;
    const branch = branchNamed(first.hash, state);
    this.#book.cut(state, seq);
    this.#book.add(branch, entries, seq);
    if (branch.log === 'membership') for (const entry of entries) this.#book.markApplied(branch, entry, []);
    return branch;
  }

  /** A log and all branches of it. */
  #tree(log: LogName): readonly LogName[] {
    const name: LogName = { device: log.device, log: log.log };
    return [name, ...this.#forks.branchesOf(name).flatMap((branch) => this.#tree(branch))];
  }

  /** Whether a log holds the entry that the place follows on, or may come to hold it. */
  #leadsTo(name: LogName, { device, seq, previous }: ForkPlace): boolean {
    const state = this.#book.log(name);
    const isRoot = name.device === device;
    if (seq === 1) return isRoot;
    if (state !== undefined && state.start < seq && state.seq >= seq - 1) {
      return this.#book.entry(name, seq - 1)?.hash === previous;
    }
    return isRoot && this.#forks.endOf(name) >= seq;
  }

  /** Which log an entry that somebody sent is to stand in; nothing where it is of a branch that is not known. */
  nameOf({ header: { device, log, seq, previous }, hash }: Entry): LogName | undefined {
    const within = (name: LogName): LogName | undefined => {
      const place = this.#forks.placeOf(name);
      if (place === undefined || seq < place) return name;
      if (seq === place) return branchNamed(hash, name);
      for (const branch of this.#forks.branchesOf(name)) {
        if (seq - 1 <= this.#forks.endOf(branch)) {
          if (this.#book.entry(branch, seq - 1)?.hash === previous) return within(branch);
        } else {
          const deeper = within(branch);
          if (deeper !== undefined) return deeper;
        }
      }
      return undefined;
    };
    return within({ device, log });
  }

  /** Where the entry that a head names stands, or will; nothing where that is a branch which is not here. */
  locate({ device, log, seq, hash }: Head): LogPlace | undefined {
    const within = (name: LogName): LogPlace | undefined => {
      if (seq <= this.#forks.endOf(name)) return { ...name, seq };
      for (const branch of this.#forks.branchesOf(name)) {
        const isHere = seq > this.#forks.endOf(branch) || this.#book.entry(branch, seq)?.hash === hash;
        const found = isHere ? within(branch) : undefined;
        if (found !== undefined) return found;
      }
      return undefined;
    };
    return within({ device, log });
  }

  /** Where a run of a log goes on; nothing while what a branch parts from is not here. */
  after(name: LogName, { header }: Entry): RunStart | undefined {
    const state = this.#book.log(name);
    const signer: LogName = { device: header.device, log: header.log };
    const start = { folder: this.#folder, name: signer };
    if (state !== undefined) return { ...start, seq: state.seq, hash: state.hash };
    if (logKey(name) === logKey(signer)) return { ...start, seq: 0, hash: undefined };
    const parent = this.parentOf(name, header);
    const seq = header.seq - 1;
    const hash = parent === undefined ? undefined : this.#book.entry(parent, seq)?.hash;
    return hash === undefined && seq > 0 ? undefined : { ...start, seq, hash };
  }

  /** The log that a branch parts from, which begins with this entry. */
  parentOf(name: LogName, { device, log, seq, previous }: Entry['header']): LogName | undefined {
    if (name.device === device) return undefined;
    const isParent = (each: LogName): boolean =>
      this.#forks.placeOf(each) === seq && this.#book.entry(each, seq - 1)?.hash === previous;
    return this.#forks.parentOf(name) ?? this.#tree({ device, log }).find(isParent);
  }

  /**
   * Whether a run that somebody sent follows on another entry than the one that is here: both are of one log, so they
   * part earlier. Refuses a run that is not proved.
   */
  isDetached(name: LogName, run: readonly Entry[]): boolean {
    const { device, log, seq, previous } = run[0]?.header ?? {};
    if (device === undefined || log === undefined || seq === undefined) return false;
    const before = this.#book.entry(name, seq - 1);
    if (before === undefined || before.hash === previous) return false;
    verifyRun(this.#crypto, run, { folder: this.#folder, name: { device, log }, seq: seq - 1, hash: previous });
    return true;
  }

  /** That a log parts, by what is here of it from a place on and what somebody sent. */
  prove(name: LogName, seq: number, run: readonly Entry[]): ForkRecord | undefined {
    const { previous, device, log } = run[0]?.header ?? {};
    if (device === undefined || log === undefined || this.#book.entry(name, seq)?.header.previous !== previous) return;
    verifyRun(this.#crypto, run, { folder: this.#folder, name: { device, log }, seq: seq - 1, hash: previous });
    const here: Entry[] = [];
    for (const entry of this.#book.from(name, seq)) {
      here.push(entry);
      if (entry.signature !== undefined || here.length === runEntriesMax) break;
    }
    const [first, second] = [headersOf(here), headersOf(run)];
    return first === undefined || second === undefined ? undefined : { first, second };
  }

  /** Adds what came of a log or branch. */
  add(name: LogName, entries: readonly Verified<Entry>[]): void {
    const [first] = entries;
    if (first === undefined) return;
    const parent = this.#book.log(name) === undefined ? this.parentOf(name, first.header) : undefined;
    this.#book.add(name, entries, first.header.seq);
    if (parent !== undefined) this.#forks.join(name, parent);
  }
}

function headersOf(run: readonly Entry[]): HeaderRun | undefined {
  const signature = run.at(-1)?.signature;
  return signature === undefined ? undefined : { headers: run.map(({ headerBytes }) => headerBytes), signature };
}
