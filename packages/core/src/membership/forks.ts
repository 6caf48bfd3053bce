/** Where logs part, and whose word an entry past that place still has (`spec/03 §10`). */

import { compareRanks, type DeviceId, type ForkPlace, type PersonId, type Rank } from '../model/index.js';
import { type Causality, isBefore, type Node } from './causality.js';
import type { RecordsOf } from './records.js';

/** Who counts as a witness for somebody's entries. */
export interface Witnesses {
  readonly personOf: (log: number) => PersonId | undefined;
  /** The rank, in an entry, of somebody who was judged already. */
  readonly rankAt: (person: PersonId, node: Node) => Rank | undefined;
  /** Whether an entry is by a device of the person, and nothing leaves it out. */
  readonly isIn: (person: PersonId, node: Node) => boolean;
}

export class Forks {
  /** Devices that signed two headers for one place of a log, whichever. */
  readonly closed: ReadonlySet<DeviceId>;
  /** Where logs part by records that prove it. */
  readonly proved: readonly ForkPlace[];
  /** Whether any membership log parts. */
  readonly any: boolean;
  readonly #graph: Causality;
  /** By place of the log. */
  readonly #seqs: readonly number[];

  constructor(graph: Causality, recordsOf: RecordsOf) {
    this.#graph = graph;
    const seqs = graph.logs.map(({ forkSeq }) => forkSeq);
    const closed = new Set<DeviceId>();
    const proved: ForkPlace[] = [];
    for (const node of graph.order) {
      for (const record of recordsOf(node)) {
        if (record.kind !== 'fork') continue;
        const { device, log, seq } = record.place;
        proved.push(record.place);
        closed.add(device);
        const place = log === 'membership' ? graph.logOf.get(device) : undefined;
        if (place !== undefined) seqs[place] = Math.min(seqs[place] as number, seq);
      }
    }
    for (const [log, seq] of seqs.entries()) {
      const device = graph.logs[log]?.device;
      if (device !== undefined && Number.isFinite(seq)) closed.add(device);
    }
    this.any = seqs.some((seq) => Number.isFinite(seq));
    this.#seqs = seqs;
    this.proved = proved;
    this.closed = closed;
  }

  isPast(node: Node): boolean {
    return node.entry.header.seq >= (this.#seqs[node.log] as number);
  }

  /** The last entry of a log that may be named as seen. */
  tip(log: number): Node | undefined {
    return this.#graph.logs[log]?.nodes.findLast((node) => !this.isPast(node) || isGenesis(node));
  }

  /** Whether an entry may count: before a fork, or seen by another device that counts and needs no vouching. */
  stands(node: Node, person: PersonId, need: Rank, witnesses: Witnesses): boolean {
    if (!this.isPast(node) || isGenesis(node)) return true;
    return this.#graph.order.some((witness) => {
      if (witness.log === node.log || !isBefore(node, witness) || this.isPast(witness)) return false;
      const by = witnesses.personOf(witness.log);
      if (by === undefined || !witnesses.isIn(by, witness)) return false;
      if (by === person) return true;
      const rank = witnesses.rankAt(by, witness);
      return rank !== undefined && compareRanks(rank, need) <= 0;
    });
  }
}

function isGenesis({ entry }: Node): boolean {
  return entry.header.folder === undefined;
}
