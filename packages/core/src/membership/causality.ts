/**
 * The membership logs of a folder as a graph: which entry has seen which (`spec/04 §7`). A pure function of the set of
 * entries, whatever order they come in.
 *
 * A log is a *lane*; one that parts goes on in a lane for each branch. What an entry has seen is then a number for each
 * lane: the highest seq there.
 */

import { check } from '../errors.js';
import type { DeviceId, Entry, EntryHash, FolderId, Verified } from '../model/index.js';

/** A membership entry whose whole causal past is here. */
export interface Node {
  readonly entry: Verified<Entry>;
  /** The place of its log in `Causality.logs`. */
  readonly log: number;
  readonly lane: number;
  /** By lane: the highest seq that this entry has seen there. */
  readonly past: Int32Array;
}

/** One device's membership log. */
export interface Log {
  readonly device: DeviceId;
  /** By seq, then hash, as far as they can be judged. */
  readonly nodes: readonly Node[];
  /** The lowest seq for which the entries show two headers. */
  readonly forkSeq: number;
}

export interface Causality {
  readonly folder: FolderId;
  /** By device id. */
  readonly logs: readonly Log[];
  readonly logOf: ReadonlyMap<DeviceId, number>;
  /** Every node, each after all that it has seen. */
  readonly order: readonly Node[];
  readonly byHash: ReadonlyMap<EntryHash, Node>;
  /** Entries that name others which are not here, and those after them. */
  readonly waiting: readonly EntryHash[];
}

/** Whether `earlier` is in the causal past of `later`. */
export function isBefore(earlier: Node, later: Node): boolean {
  return earlier !== later && (later.past[earlier.lane] as number) >= earlier.entry.header.seq;
}

/** An entry while the graph grows. */
interface Seed {
  readonly entry: Verified<Entry>;
  readonly log: number;
  readonly lane: number;
}

/** Builds the graph. Throws `wrong-folder` for an entry of another folder; content entries are left aside. */
export function causalityOf(folder: FolderId, entries: readonly Verified<Entry>[]): Causality {
  const byDevice = membershipEntries(folder, entries);
  const devices = [...byDevice.keys()].sort();
  const logOf = new Map(devices.map((device, index) => [device, index]));
  const owns = devices.map((device) => [...(byDevice.get(device) ?? new Map()).values()].sort(bySeqThenHash));
  const lanes = new Lanes();
  const seeds = owns.flatMap((own, log) => lanes.of(own).map(([entry, lane]): Seed => ({ entry, log, lane })));
  const graph = new Growth(seeds, lanes.count);
  graph.grow();
  const waiting = owns.flat().map(({ hash }) => hash);
  const byLog = devices.map((): Node[] => []);
  for (const node of graph.order) byLog[node.log]?.push(node);
  const logs = devices.map((device, log): Log => {
    const nodes = (byLog[log] as Node[]).sort((a, b) => bySeqThenHash(a.entry, b.entry));
    return { device, nodes, forkSeq: forkSeqOf(owns[log] ?? []) };
  });
  const { order, byHash } = graph;
  return { folder, logs, logOf, order, byHash, waiting: waiting.filter((hash) => !byHash.has(hash)).sort() };
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
  let forkSeq = Number.POSITIVE_INFINITY;
  let here: readonly Entry[] = [];
  let before: readonly Entry[] = [];
  for (const entry of sorted) {
    const { seq, previous } = entry.header;
    if (here[0]?.header.seq !== seq) [before, here] = [here[0]?.header.seq === seq - 1 ? here : [], []];
    here = [...here, entry];
    if (here.length > 1) forkSeq = Math.min(forkSeq, seq);
    if (before.some(({ hash }) => hash !== previous)) forkSeq = Math.min(forkSeq, seq - 1);
  }
  return forkSeq;
}

/** Gives entries of one log to lanes: a new one for each first entry and for each of several that follow on one. */
class Lanes {
  count = 0;

  of(sorted: readonly Verified<Entry>[]): readonly (readonly [Verified<Entry>, number])[] {
    const followers = new Map<EntryHash | undefined, number>();
    for (const { header } of sorted) followers.set(header.previous, (followers.get(header.previous) ?? 0) + 1);
    const lanes = new Map<EntryHash, number>();
    const placed: (readonly [Verified<Entry>, number])[] = [];
    for (const entry of sorted) {
      const { previous } = entry.header;
      const before = previous === undefined ? undefined : lanes.get(previous);
      if (previous !== undefined && before === undefined) continue;
      const lane = before === undefined || followers.get(previous) !== 1 ? this.count++ : before;
      lanes.set(entry.hash, lane);
      placed.push([entry, lane]);
    }
    return placed;
  }
}

/** Adds entries to the graph as soon as all that they name is in it. */
class Growth {
  readonly order: Node[] = [];
  readonly byHash = new Map<EntryHash, Node>();
  readonly #lanes: number;
  readonly #seeds: readonly Seed[];
  /** Entries that wait for the one with this hash. */
  readonly #waiting = new Map<EntryHash, Seed[]>();

  constructor(seeds: readonly Seed[], lanes: number) {
    this.#seeds = seeds;
    this.#lanes = lanes;
  }

  grow(): void {
    for (const seed of this.#seeds) this.#add(seed);
  }

  #add(first: Seed): void {
    const ready = [first];
    for (let seed = ready.pop(); seed !== undefined; seed = ready.pop()) {
      const missing = this.#missing(seed.entry);
      if (missing !== undefined) {
        this.#waiting.set(missing, [...(this.#waiting.get(missing) ?? []), seed]);
        continue;
      }
      this.#place(seed);
      ready.push(...(this.#waiting.get(seed.entry.hash) ?? []));
      this.#waiting.delete(seed.entry.hash);
    }
  }

  /** Something that the entry names and that is not in the graph, at the place where it names it. */
  #missing({ header }: Entry): EntryHash | undefined {
    const { previous } = header;
    if (previous !== undefined && !this.byHash.has(previous)) return previous;
    return header.heads.find((head) => {
      if (head.log !== 'membership') return false;
      const named = this.byHash.get(head.hash)?.entry.header;
      return named?.device !== head.device || named.seq !== head.seq;
    })?.hash;
  }

  #place({ entry, log, lane }: Seed): void {
    const past = new Int32Array(this.#lanes);
    const { previous, heads } = entry.header;
    if (previous !== undefined) merge(past, this.byHash.get(previous));
    for (const head of heads) if (head.log === 'membership') merge(past, this.byHash.get(head.hash));
    const node: Node = { entry, log, lane, past };
    this.order.push(node);
    this.byHash.set(entry.hash, node);
  }
}

function merge(past: Int32Array, seen: Node | undefined): void {
  if (seen === undefined) return;
  for (let i = 0; i < past.length; i++) past[i] = Math.max(past[i] as number, seen.past[i] as number);
  past[seen.lane] = Math.max(past[seen.lane] as number, seen.entry.header.seq);
}
