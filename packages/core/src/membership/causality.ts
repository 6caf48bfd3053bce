/**
 * The membership logs of a folder as a graph: which entry has seen which (`spec/04 §4`). A pure function of the set of
 * entries, whatever order they come in.
 */

import { check } from '../errors.js';
import type { DeviceId, Entry, EntryHash, FolderId, Head, Verified } from '../model/index.js';

/** A membership entry whose whole causal past is here. */
export interface Node {
  readonly entry: Verified<Entry>;
  /** The place of its log in `Causality.logs`. */
  readonly log: number;
  /** By log: the highest seq this entry has seen; of its own log, its predecessor's. */
  readonly past: Int32Array;
}

/** One device's membership log, from its first entry as far as it can be judged. */
export interface Log {
  readonly device: DeviceId;
  readonly nodes: readonly Node[];
}

export interface Causality {
  readonly folder: FolderId;
  /** By device id. */
  readonly logs: readonly Log[];
  /** Every node, each after all that it has seen. */
  readonly order: readonly Node[];
  readonly byHash: ReadonlyMap<EntryHash, Node>;
  /** Entries that name others which are not here, and those after them. */
  readonly waiting: readonly EntryHash[];
  /** Entries at or past a place that its device signed two headers for. */
  readonly forked: readonly Verified<Entry>[];
}

/** Whether `later` has seen entry `seq` of the log, or is it. */
export function hasSeen(later: Node, log: number, seq: number): boolean {
  return (later.past[log] ?? 0) >= seq || (later.log === log && later.entry.header.seq >= seq);
}

/** Whether `earlier` is in the causal past of `later`. */
export function isBefore(earlier: Node, later: Node): boolean {
  return earlier !== later && hasSeen(later, earlier.log, earlier.entry.header.seq);
}

/** One log while the graph grows. */
interface GrowingLog {
  readonly device: DeviceId;
  /** Entries from seq 1 without gap or fork. */
  readonly chain: readonly Verified<Entry>[];
  readonly nodes: Node[];
}

/** Builds the graph. Throws `wrong-folder` for an entry of another folder; content entries are left aside. */
export function causalityOf(folder: FolderId, entries: readonly Verified<Entry>[]): Causality {
  const byDevice = membershipEntries(folder, entries);
  const devices = [...byDevice.keys()].sort();
  const known = new Map<EntryHash, Verified<Entry>>();
  const forked: Verified<Entry>[] = [];
  const logs = devices.map((device): GrowingLog => {
    const own = [...(byDevice.get(device) as Map<EntryHash, Verified<Entry>>).values()].sort(bySeqThenHash);
    for (const entry of own) known.set(entry.hash, entry);
    const forkSeq = forkSeqOf(own);
    const chain = chainOf(own, forkSeq);
    const past = own.filter((entry) => entry.header.seq >= forkSeq && !chain.includes(entry));
    forked.push(...past);
    return { device, chain, nodes: [] };
  });
  const forkedHashes = new Set(forked.map((entry) => entry.hash));
  const graph = new Growth(logs, known, forkedHashes);
  graph.grow();
  const waiting = [...known.keys()].filter((hash) => !graph.byHash.has(hash) && !forkedHashes.has(hash)).sort();
  return { folder, logs, order: graph.order, byHash: graph.byHash, waiting, forked };
}

function membershipEntries(
  folder: FolderId,
  entries: readonly Verified<Entry>[],
): Map<DeviceId, Map<EntryHash, Verified<Entry>>> {
  const byDevice = new Map<DeviceId, Map<EntryHash, Verified<Entry>>>();
  for (const entry of entries) {
    const named: string = entry.header.folder ?? entry.hash;
    check(named === folder, 'wrong-folder', 'This entry belongs to another folder.');
    if (entry.header.log !== 'membership') continue;
    const own = byDevice.get(entry.header.device) ?? new Map<EntryHash, Verified<Entry>>();
    own.set(entry.hash, entry);
    byDevice.set(entry.header.device, own);
  }
  return byDevice;
}

function bySeqThenHash(a: Entry, b: Entry): number {
  return a.header.seq - b.header.seq || (a.hash < b.hash ? -1 : 1);
}

/** The lowest seq for which the entries show two headers: both here, or one here and another named as previous. */
function forkSeqOf(sorted: readonly Entry[]): number {
  let before: Entry | undefined;
  for (const entry of sorted) {
    const { seq, previous } = entry.header;
    if (before?.header.seq === seq) return seq;
    if (before?.header.seq === seq - 1 && before.hash !== previous) return seq - 1;
    before = entry;
  }
  return Number.POSITIVE_INFINITY;
}

/** What stands before a fork; the genesis stands in any case, as the folder is named by it. */
function chainOf(sorted: readonly Verified<Entry>[], forkSeq: number): readonly Verified<Entry>[] {
  const chain: Verified<Entry>[] = [];
  for (const entry of sorted) {
    const isGenesis = entry.header.folder === undefined;
    if (entry.header.seq === chain.length + 1 && (entry.header.seq < forkSeq || isGenesis)) chain.push(entry);
  }
  return chain;
}

/** Adds entries to the graph as soon as all that they name is in it. */
class Growth {
  readonly order: Node[] = [];
  readonly byHash = new Map<EntryHash, Node>();
  readonly #logs: readonly GrowingLog[];
  readonly #known: ReadonlyMap<EntryHash, Verified<Entry>>;
  readonly #forked: ReadonlySet<EntryHash>;
  readonly #logOf: ReadonlyMap<DeviceId, number>;

  constructor(
    logs: readonly GrowingLog[],
    known: ReadonlyMap<EntryHash, Verified<Entry>>,
    forked: ReadonlySet<EntryHash>,
  ) {
    this.#logs = logs;
    this.#known = known;
    this.#forked = forked;
    this.#logOf = new Map(logs.map((log, index) => [log.device, index]));
  }

  grow(): void {
    let before = -1;
    while (before < this.order.length) {
      before = this.order.length;
      for (const [index, log] of this.#logs.entries()) this.#growLog(index, log);
    }
  }

  #growLog(index: number, log: GrowingLog): void {
    for (;;) {
      const entry = log.chain[log.nodes.length];
      const past = entry === undefined ? undefined : this.#pastOf(index, log, entry);
      if (entry === undefined || past === undefined) return;
      const node: Node = { entry, log: index, past };
      log.nodes.push(node);
      this.order.push(node);
      this.byHash.set(entry.hash, node);
    }
  }

  /** What the entry has seen, or `undefined` while something of it is not in the graph. */
  #pastOf(index: number, log: GrowingLog, entry: Entry): Int32Array | undefined {
    const previous = log.nodes.at(-1);
    const past = previous === undefined ? new Int32Array(this.#logs.length) : previous.past.slice();
    past[index] = log.nodes.length;
    for (const head of entry.header.heads) {
      if (head.log === 'membership' && !this.#merge(past, head)) return undefined;
    }
    return past;
  }

  #merge(past: Int32Array, head: Head): boolean {
    const named = this.#known.get(head.hash);
    const log = this.#logOf.get(head.device);
    const inPlace = named?.header.device === head.device && named.header.seq === head.seq;
    if (!inPlace || log === undefined) return false;
    if (this.#forked.has(head.hash)) return this.#mergeForked(past, log);
    const node = this.byHash.get(head.hash);
    if (node === undefined) return false;
    mergePast(past, node);
    return true;
  }

  /** Whoever named an entry past a fork has seen what is before it. */
  #mergeForked(past: Int32Array, log: number): boolean {
    const { chain, nodes } = this.#logs[log] as GrowingLog;
    if (nodes.length < chain.length) return false;
    const last = nodes.at(-1);
    if (last !== undefined) mergePast(past, last);
    return true;
  }
}

function mergePast(past: Int32Array, seen: Node): void {
  for (let i = 0; i < past.length; i++) past[i] = Math.max(past[i] as number, seen.past[i] as number);
  past[seen.log] = Math.max(past[seen.log] as number, seen.entry.header.seq);
}
