/** Which content entries count, by the cuts of removals and rank records (`spec/03 §9`). */

import {
  compareRanks,
  type DeviceId,
  type Head,
  type LogName,
  logKey,
  type PersonId,
  type Rank,
} from '../model/index.js';
import { isBefore, type Node } from './causality.js';
import type { MemberPass } from './members.js';
import type { People, Person } from './people.js';

/** Entries of a log that follow each other; the last ones may have no end. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** A record that ends something, with the heads up to which it does not. */
interface Ender {
  readonly node: Node;
  readonly cut: readonly Head[];
}

/** A record that lets somebody write content, or ends that. */
interface Change extends Ender {
  readonly writes: boolean;
}

const noHeads: readonly Head[] = [];

/** Judges content by place: how far removals let a log reach, and where in it its author was a writer. */
export class ContentPass {
  readonly #pass: MemberPass;
  readonly #people: People;
  readonly #spans = new Map<string, readonly Span[]>();
  readonly #removals = new Map<DeviceId, readonly Ender[]>();
  readonly #changes = new Map<PersonId, readonly Change[]>();

  constructor(pass: MemberPass, people: People) {
    this.#pass = pass;
    this.#people = people;
  }

  /** Whether the entry at a place counts of a content log, or of a branch of one, that a device signed. */
  counts(device: DeviceId, log: LogName, seq: number): boolean {
    return this.#spansOf(device, log).some(({ from, to }) => from <= seq && seq <= to);
  }

  /** The last place up to this one that counts; 0 for none. */
  lastOf(device: DeviceId, log: LogName, seq: number): number {
    const before = this.#spansOf(device, log).filter(({ from }) => from <= seq);
    return Math.min(seq, before.at(-1)?.to ?? 0);
  }

  /** Which places up to a last one count, as text: what counts alike has the same. */
  shapeOf(device: DeviceId, log: LogName, last: number): string {
    const spans = this.#spansOf(device, log).filter(({ from }) => from <= last);
    return spans.map(({ from, to }) => `${from}-${Math.min(to, last)}`).join(' ');
  }

  /** Whether a device is or was of somebody who may write, or once might. */
  couldWrite(device: DeviceId): boolean {
    const person = this.#personOf(device);
    return person !== undefined && (this.#isOwner(person) || this.#changesOf(person).some(({ writes }) => writes));
  }

  /** The last entry that any removal of a device lets count in what it signed; no end where none cuts it. */
  endOf(device: DeviceId): number {
    const { graph } = this.#pass.case;
    const removals = this.#removalsOf(device);
    if (removals.length === 0) return Number.POSITIVE_INFINITY;
    const heads = removals.flatMap(({ cut }) => cut).filter(({ log }) => log === 'content');
    // Of a branch only the name is known here, not whose it is.
    const own = heads.filter((head) => head.device === device || !graph.logOf.has(head.device));
    return Math.max(0, ...own.map(({ seq }) => seq));
  }

  #spansOf(device: DeviceId, log: LogName): readonly Span[] {
    const key = `${device} ${logKey(log)}`;
    const known = this.#spans.get(key) ?? this.#findSpans(device, log);
    this.#spans.set(key, known);
    return known;
  }

  #findSpans(device: DeviceId, log: LogName): readonly Span[] {
    const person = this.#personOf(device);
    if (person === undefined) return [];
    const removals = this.#removalsOf(device);
    const changes = this.#changesOf(person);
    const end = lastOf(removals, log);
    const isOwner = this.#isOwner(person);
    // Between two of these all places are alike.
    const starts = [...new Set([...removals, ...changes].map(({ cut }) => seqIn(cut, log) + 1).concat(1))];
    const spans: Span[] = [];
    starts.sort((a, b) => a - b);
    starts.forEach((from, index) => {
      const to = (starts[index + 1] ?? Number.POSITIVE_INFINITY) - 1;
      if (from > end || !isWritten(changes, log, from, isOwner)) return;
      const before = spans.at(-1);
      if (before?.to === from - 1) spans[spans.length - 1] = { from: before.from, to };
      else spans.push({ from, to });
    });
    return spans;
  }

  #isOwner(person: PersonId): boolean {
    return this.#pass.case.owners.includes(person);
  }

  #joinedOf(device: DeviceId): Person | undefined {
    const log = this.#pass.case.graph.logOf.get(device);
    const claim = log === undefined ? undefined : this.#pass.claims.of(log);
    const joined = this.#people.joined.find(({ person }) => person === claim?.person);
    return joined?.devices.some((each) => each.device === device) === true ? joined : undefined;
  }

  #personOf(device: DeviceId): PersonId | undefined {
    return this.#joinedOf(device)?.person;
  }

  #removalsOf(device: DeviceId): readonly Ender[] {
    const known = this.#removals.get(device) ?? this.#findRemovals(device);
    this.#removals.set(device, known);
    return known;
  }

  /** Removals of a device and of its person; those that had seen another one change nothing any more. */
  #findRemovals(device: DeviceId): readonly Ender[] {
    const { removals, case: judged } = this.#pass;
    const log = judged.graph.logOf.get(device);
    const person = this.#joinedOf(device);
    const others = removals.filter((each) => each.person === person?.person && (each.log ?? log) === log);
    const own = (person?.ownRemovals ?? []).filter((each) => each.log === log && log !== undefined);
    const nodes = [...new Set([...others, ...own].map(({ node }) => node))];
    return firsts(nodes.map((node) => ({ node, cut: this.#cutIn(node, device, person?.person) })));
  }

  #cutIn(node: Node, device: DeviceId, person: PersonId | undefined): readonly Head[] {
    return this.#pass.case.recordsOf(node).flatMap((record) => {
      if (record.kind !== 'remove') return [];
      const isHit = record.value.device === device || (person !== undefined && record.value.person === person);
      return isHit ? record.value.cut : [];
    });
  }

  #changesOf(person: PersonId): readonly Change[] {
    const known = this.#changes.get(person) ?? this.#findChanges(person);
    this.#changes.set(person, known);
    return known;
  }

  /** What somebody was let in with, and each record that changed it. */
  #findChanges(person: PersonId): readonly Change[] {
    const { levels, case: judged } = this.#pass;
    const root = levels.rootOf(person);
    return levels.of(person).flatMap(({ node, index, rank, admit }) => {
      if (admit !== undefined && node !== root?.node) return [];
      const record = judged.recordsOf(node)[index];
      return [{ node, writes: isWriter(rank), cut: record?.kind === 'rank' ? record.value.cut : noHeads }];
    });
  }
}

/** Whether a rank lets somebody write content. */
export function isWriter(rank: Rank): boolean {
  return compareRanks(rank, 'writer') <= 0;
}

/** Whether the author of an entry was a writer there, as far as changes of the level tell. */
function isWritten(changes: readonly Change[], log: LogName, seq: number, isOwner: boolean): boolean {
  const grants = changes.filter(({ writes, cut }) => writes && seq > seqIn(cut, log));
  if (grants.length === 0 && !isOwner) return false;
  const ends = changes.filter(({ writes }) => !writes);
  return seq <= lastOf(firsts(ends.filter((end) => !grants.some((grant) => isBefore(end.node, grant.node)))), log);
}

/** The largest cut holds; no end where nothing ends. */
function lastOf(enders: readonly Ender[], log: LogName): number {
  return enders.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...enders.map(({ cut }) => seqIn(cut, log)));
}

/** Those that had not seen another. */
function firsts<E extends Ender>(enders: readonly E[]): readonly E[] {
  return enders.filter(({ node }) => !enders.some((other) => isBefore(other.node, node)));
}

/** The last entry of a log that a cut names; 0 where it names none. */
function seqIn(cut: readonly Head[], { device, log }: LogName): number {
  return Math.max(0, ...cut.filter((head) => head.device === device && head.log === log).map(({ seq }) => seq));
}
