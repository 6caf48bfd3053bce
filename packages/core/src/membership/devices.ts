/** The devices of one person: which belong to it, in which order, and what they do to one another (`spec/03 §8`). */

import { personKeysMax } from '../limits.js';
import type { NextKeys, PersonId } from '../model/index.js';
import { type Causality, isBefore, type Node } from './causality.js';
import type { Claim, Claims } from './claims.js';
import { type Cut, cutOf, isWithin } from './cuts.js';
import type { RecordsOf } from './records.js';

/** A removal of a device by another of the same person, or a leave. */
export interface OwnRemoval {
  readonly node: Node;
  readonly index: number;
  /** The log that it takes out; absent in a leave. */
  readonly log: number | undefined;
  readonly cut: Cut;
  readonly next: NextKeys | undefined;
}

export interface Devices {
  /** Logs: the first, then the others in the order in which earlier ones came to know them. */
  readonly logs: readonly number[];
  readonly removals: readonly OwnRemoval[];
}

export const noDevices: Devices = { logs: [], removals: [] };

/** What the rest of the folder says while a person's devices are looked at. */
export interface Outside {
  readonly graph: Causality;
  readonly claims: Claims;
  readonly recordsOf: RecordsOf;
  readonly isJudged: (node: Node, index: number) => boolean;
  /** Whether somebody else's removal leaves the entry out. */
  readonly isCutOff: (node: Node) => boolean;
  /** Removals of single devices of this person by others, which end the person's keys before them. */
  readonly closings: readonly Node[];
  /** Whether an entry past a fork of its log may count. */
  readonly stands: (node: Node) => boolean;
  /** The entry whose keys certified a further device: the person's first, or a removal that brought new keys. */
  readonly certifierOf: (claim: Claim) => Node | undefined;
  /** Whether the new keys of a removal can be used. */
  readonly isUsable: (keys: NextKeys) => boolean;
}

/** A person's devices, found anew from the graph. */
export class DevicesOf {
  readonly #person: PersonId;
  readonly #root: Claim;
  readonly #outside: Outside;
  readonly #logs: number[];
  readonly #removals: OwnRemoval[] = [];

  constructor(person: PersonId, root: Claim, outside: Outside) {
    this.#person = person;
    this.#root = root;
    this.#outside = outside;
    this.#logs = [root.log];
  }

  find(): Devices {
    for (let place = 0; place < this.#logs.length; place++) {
      this.#removeBy(this.#logs[place] as number);
      const next = this.#logs.length < personKeysMax ? this.#next() : undefined;
      if (next !== undefined) this.#logs.push(next);
    }
    return { logs: this.#logs, removals: this.#removals };
  }

  #removeBy(log: number): void {
    const { graph, recordsOf, isJudged } = this.#outside;
    for (const node of graph.logs[log]?.nodes ?? []) {
      if (!this.#counts(node)) continue;
      const found = recordsOf(node).map((_, index) => (isJudged(node, index) ? this.#removal(node, index) : undefined));
      // Entries after a leave are left out by it; other removals of this device don't concern itself.
      this.#removals.push(...found.filter((each) => each !== undefined));
    }
  }

  #removal(node: Node, index: number): OwnRemoval | undefined {
    const { graph, claims, recordsOf } = this.#outside;
    const record = recordsOf(node)[index];
    if (record?.kind === 'leave') return { node, index, log: undefined, cut: { named: [node] }, next: undefined };
    if (record?.kind !== 'remove' || record.value.device === undefined) return undefined;
    const { device, cut, next } = record.value;
    const log = graph.logOf.get(device);
    const claim = log === undefined ? undefined : claims.of(log);
    if (log === undefined || log === node.log || claim?.person !== this.#person) return undefined;
    if (next !== undefined && !this.#outside.isUsable(next)) return undefined;
    return isBefore(claim.first, node) ? { node, index, log, cut: cutOf(graph, node, cut), next } : undefined;
  }

  #counts(node: Node): boolean {
    const { isCutOff, stands } = this.#outside;
    return !isCutOff(node) && stands(node) && !isOwnCut(node, this.#removals, this.#outside);
  }

  /** Of those not placed: whom the earliest device was first to know, else the smallest id. */
  #next(): number | undefined {
    const open = this.#outside.claims.logs(this.#person).filter((claim) => this.#isEnrolled(claim));
    let best: { readonly log: number; readonly key: readonly [number, number] } | undefined;
    for (const { log, first } of open) {
      const key = this.#knownBy(first);
      const better = best === undefined || key[0] < best.key[0] || (key[0] === best.key[0] && key[1] < best.key[1]);
      if (better) best = { log, key };
    }
    return best?.log;
  }

  /** Whether the log begins with a device record by keys that the person had there, and nothing took it out before. */
  #isEnrolled(claim: Claim): boolean {
    const { isCutOff, stands, closings, certifierOf, isJudged } = this.#outside;
    const { first, log, record } = claim;
    if (record.kind !== 'device' || this.#logs.includes(log) || !isBefore(this.#root.first, first)) return false;
    if (!isJudged(first, 0) || isCutOff(first) || !stands(first)) return false;
    const certifier = certifierOf(claim);
    if (certifier === undefined) return false;
    const renewal = this.#removals.some(({ node, next }) => next !== undefined && node === certifier);
    if (certifier !== this.#root.first && !(renewal && isBefore(certifier, first))) return false;
    if (closings.some((closing) => !isCertifiedAfter(first, closing, false, certifier))) return false;
    return !isOwnCut(first, this.#removals, this.#outside);
  }

  #knownBy(first: Node): readonly [number, number] {
    for (const [place, log] of this.#logs.entries()) {
      const nodes = this.#outside.graph.logs[log]?.nodes ?? [];
      const witness = nodes.find((node) => isBefore(first, node) && this.#counts(node));
      if (witness !== undefined) return [place, witness.entry.header.seq];
    }
    return [Number.POSITIVE_INFINITY, 0];
  }
}

/** Whether a removal among the person's own devices leaves an entry of theirs out. */
export function isOwnCut(node: Node, removals: readonly OwnRemoval[], outside: Outside): boolean {
  return removals.some((removal) => {
    if (removal.log === undefined) return node !== removal.node && !isBefore(node, removal.node);
    if (removal.log === node.log) return !isWithin(removal.cut, node);
    const claim = outside.claims.of(node.log);
    if (claim?.record.kind !== 'device') return false;
    const certifier = outside.certifierOf(claim);
    return !isCertifiedAfter(claim.first, removal.node, removal.next !== undefined, certifier);
  });
}

/** Whether a removal had seen the key begin, or the key has a certificate by keys that came with or after it. */
function isCertifiedAfter(first: Node, removal: Node, renews: boolean, certifier: Node | undefined): boolean {
  if (isBefore(first, removal)) return true;
  if (certifier === undefined) return false;
  return (renews && certifier === removal) || isBefore(removal, certifier);
}
