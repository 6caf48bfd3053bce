import { emptyBytes } from '../bytes.js';
import { bytes, type Codec, decode, encode, struct, tuple, uint } from '../codec/index.js';
import type { Crypto } from '../crypto/index.js';
import { check, invariant } from '../errors.js';
import { bodyBytesMax, folderLogsMax, headerBytesMax, runEntriesMax } from '../limits.js';
import {
  decodeHeader,
  type Entry,
  type EntryHash,
  entryHashCodec,
  entryKey,
  type Head,
  headerHash,
  type LogName,
  logFromKey,
  logKey,
  logKeyBytes,
  type Verified,
} from '../model/index.js';
import type { Store } from '../ports/index.js';
import type { Vector } from '../tree/index.js';
import { type LogPlace, Pasts } from './pasts.js';

/** State of one log here. */
export interface LogState extends Head {
  /** First seq that is kept whole. */
  readonly start: number;
  /** Entries up to here are applied: all they name as seen is applied too. */
  readonly appliedSeq: number;
  readonly appliedHash: EntryHash | undefined;
  /** Entries up to here were applied once, be it to be applied again. */
  readonly knownSeq: number;
}

const stateCodec = struct({
  seq: [0, uint],
  hash: [1, entryHashCodec],
  start: [2, uint],
  appliedSeq: [3, uint],
  appliedHash: [4, entryHashCodec],
  knownSeq: [5, uint],
});
const headerRowCodec: Codec<readonly [Uint8Array, Uint8Array]> = tuple(bytes(headerBytesMax, 1), bytes(64));
const bodyRowCodec: Codec<readonly [Uint8Array, Uint8Array]> = tuple(bytes(bodyBytesMax), bytes(bodyBytesMax));
const noHash = '0'.repeat(64) as EntryHash;

/**
 * The logs of one folder in its store: entries in order, heads, and how far each is applied. Takes verified entries
 * only; a log here has no gaps after `start`. Branches of logs that part are logs of their own.
 */
export class LogBook {
  readonly #crypto: Crypto;
  readonly #store: Store;
  readonly #logs = new Map<string, LogState>();
  #sorted: readonly string[] | undefined;
  /** What applied entries of content logs reach. */
  readonly pasts: Pasts;

  constructor(crypto: Crypto, store: Store) {
    this.#crypto = crypto;
    this.#store = store;
    this.pasts = new Pasts(store, (device) => this.log({ device, log: 'content' })?.start ?? 1);
    for (const row of store.scan('heads', { limit: folderLogsMax })) {
      const name = nameFromBytes(row.key);
      const state = decode(stateCodec, row.value, 512);
      const appliedHash = state.appliedSeq < state.start ? undefined : state.appliedHash;
      this.#logs.set(logKey(name), { ...name, ...state, appliedHash });
    }
  }

  /** All logs, sorted by name. */
  logs(): readonly LogState[] {
    this.#sorted ??= [...this.#logs.keys()].sort();
    return this.#sorted.map((key) => this.#logs.get(key) as LogState);
  }

  log(name: LogName): LogState | undefined {
    return this.#logs.get(logKey(name));
  }

  /**
   * Adds entries that continue the log, which begins at `start`. Throws `over-limit` for a log that the folder has no
   * room for.
   */
  add(name: LogName, entries: readonly Verified<Entry>[], start = 1): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    const before = this.log(name);
    check(before !== undefined || this.#logs.size < folderLogsMax, 'over-limit', 'This folder has too many logs.');
    invariant(entries[0]?.header.seq === (before?.seq ?? start - 1) + 1, 'entries continue their log');
    for (const entry of entries) this.#putEntry(name, entry);
    this.#putState({
      ...name,
      seq: last.header.seq,
      hash: last.hash,
      start: before?.start ?? start,
      appliedSeq: before?.appliedSeq ?? start - 1,
      appliedHash: before?.appliedHash,
      knownSeq: before?.knownSeq ?? start - 1,
    });
  }

  /** Notes that a log is applied up to this entry, which names these heads; a branch's first builds on `before`. */
  markApplied(name: LogName, { header, hash }: Entry, heads: readonly LogPlace[], before: Vector = {}): void {
    const { seq } = header;
    const state = this.log(name);
    invariant(state !== undefined && seq <= state.seq && seq === state.appliedSeq + 1, 'entries are applied in order');
    this.#putState({ ...state, appliedSeq: seq, appliedHash: hash, knownSeq: Math.max(seq, state.knownSeq) });
    if (name.log === 'content') this.pasts.add(name.device, seq, heads, before);
  }

  /** Forgets a log from this place on, of our own branch of it. */
  cut(name: LogName, seq: number): void {
    const state = this.log(name);
    if (state === undefined || seq > state.seq) return;
    for (let each = seq; each <= state.seq; each++) {
      this.#store.delete('entries', entryKey(name, each));
      this.#store.delete('bodies', entryKey(name, each));
    }
    if (name.log === 'content') this.pasts.cut(name.device, seq);
    const last = this.entry(name, seq - 1);
    if (last === undefined || seq <= state.start) {
      this.#logs.delete(logKey(name));
      this.#sorted = undefined;
      this.#store.delete('heads', logKeyBytes(name));
      return;
    }
    const applied = Math.min(state.appliedSeq, seq - 1);
    const appliedHash = applied === seq - 1 ? last.hash : state.appliedHash;
    const knownSeq = Math.min(state.knownSeq, seq - 1);
    this.#putState({ ...state, seq: seq - 1, hash: last.hash, appliedSeq: applied, appliedHash, knownSeq });
  }

  /** Content is to be applied again from the beginning: the views were emptied. */
  unapply(): void {
    this.pasts.clear();
    for (const state of this.logs()) {
      if (state.log === 'content') this.#putState({ ...state, appliedSeq: state.start - 1, appliedHash: undefined });
    }
  }

  /** Whether another entry is at this place here. */
  isOther(head: Head): boolean {
    const { seq, hash } = this.log(head) ?? {};
    if (seq === head.seq) return hash !== head.hash;
    const row = this.#store.get('entries', entryKey(head, head.seq));
    return row !== undefined && headerHash(this.#crypto, headerOf(row)[0]) !== head.hash;
  }

  entry(name: LogName, seq: number): Entry | undefined {
    const key = entryKey(name, seq);
    const header = this.#store.get('entries', key);
    return header === undefined ? undefined : this.#toEntry(header, this.#store.get('bodies', key));
  }

  /** Entries from `seq` on. */
  *from(name: LogName, seq: number): Generator<Entry> {
    const last = this.log(name)?.seq ?? 0;
    for (let each = seq; each <= last; each++) {
      const entry = this.entry(name, each);
      invariant(entry !== undefined, 'a log here has no gaps');
      yield entry;
    }
  }

  /**
   * Entries after `after`, as many as fit and none past `until`; at least up to the next signature. Signatures within
   * the run are left out. The entry at `proved` needs none.
   */
  run(
    name: LogName,
    after: number,
    bytesMax: number,
    proved?: number,
    until: number = Number.POSITIVE_INFINITY,
  ): readonly Entry[] {
    const entries: Entry[] = [];
    let total = 0;
    let signed = false;
    const start = this.log(name)?.start ?? 1;
    for (const entry of this.from(name, Math.max(after + 1, start))) {
      if (entries.length === runEntriesMax) break;
      total += entry.headerBytes.length + (entry.publicBytes?.length ?? 0) + (entry.sealedBytes?.length ?? 0) + 80;
      // What came as a run has one signature at its end: a shorter run could not be proved.
      if ((total > bytesMax || entry.header.seq > until) && signed) break;
      entries.push(entry);
      signed ||= entry.signature !== undefined;
    }
    return signedRun(entries, proved);
  }

  #putEntry(name: LogName, entry: Entry): void {
    const key = entryKey(name, entry.header.seq);
    this.#store.put('entries', key, encode(headerRowCodec, [entry.headerBytes, entry.signature ?? emptyBytes]));
    const body = encode(bodyRowCodec, [entry.publicBytes ?? emptyBytes, entry.sealedBytes ?? emptyBytes]);
    this.#store.put('bodies', key, body);
  }

  #toEntry(headerRow: Uint8Array, bodyRow: Uint8Array | undefined): Entry {
    const [headerBytes, signature] = headerOf(headerRow);
    const [publicBytes, sealedBytes] =
      bodyRow === undefined ? [emptyBytes, emptyBytes] : decode(bodyRowCodec, bodyRow, 2 * bodyBytesMax + 64);
    return {
      header: decodeHeader(headerBytes),
      headerBytes,
      hash: headerHash(this.#crypto, headerBytes),
      publicBytes: publicBytes.length > 0 ? publicBytes : undefined,
      sealedBytes: sealedBytes.length > 0 ? sealedBytes : undefined,
      signature: signature.length > 0 ? signature : undefined,
    };
  }

  #putState(state: LogState): void {
    if (!this.#logs.has(logKey(state))) this.#sorted = undefined;
    this.#logs.set(logKey(state), state);
    const row = encode(stateCodec, { ...state, appliedHash: state.appliedHash ?? noHash });
    this.#store.put('heads', logKeyBytes(state), row);
  }
}

/** Ends a run at its last proved entry, and keeps that signature only: it stands for all before it. */
function signedRun(entries: readonly Entry[], proved: number | undefined): readonly Entry[] {
  const isProved = ({ signature, header }: Entry): boolean => signature !== undefined || header.seq === proved;
  const end = entries.findLastIndex(isProved) + 1;
  return entries.slice(0, end).map((entry, i) => (i === end - 1 ? entry : { ...entry, signature: undefined }));
}

function headerOf(row: Uint8Array): readonly [header: Uint8Array, signature: Uint8Array] {
  return decode(headerRowCodec, row, headerBytesMax + 128);
}

function nameFromBytes(key: Uint8Array): LogName {
  let text = '';
  for (const byte of key.subarray(0, 32)) text += byte.toString(16).padStart(2, '0');
  return logFromKey(text + (key[32] === 0 ? '0' : '1'));
}
