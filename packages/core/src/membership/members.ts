/**
 * Who is a member: genesis, admits and joins, judged in one pass in the order of power (`spec/03 §6`): owners by their
 * place in the genesis, then admins, then everybody else, each by who let them in and where.
 */

import type { Crypto } from '../crypto/index.js';
import { personKeysMax } from '../limits.js';
import {
  type AdmitRecord,
  compareRanks,
  type DeviceId,
  type EntryHash,
  type GenesisRecord,
  isCertified,
  type MemberKeys,
  type PersonId,
  personIdOf,
  type Rank,
  sameMemberKeys,
} from '../model/index.js';
import { type Causality, hasSeen, type Log, type Node } from './causality.js';
import { areUsable, type JudgedRecord, lowestRankOf } from './records.js';
import type { Verdicts, VoidReason } from './verdicts.js';

/** Somebody let in, whether or not they have countersigned. */
export interface Invited {
  /** Hash of the entry with the admit; of the genesis for an owner. */
  readonly admit: EntryHash;
  readonly by: DeviceId;
  readonly keys: MemberKeys;
  readonly rank: Rank;
  /** Unix ms past which an admin device ends the membership. */
  readonly expiresMs?: number | undefined;
}

/** A member's device, and where its log began. */
export interface Joined extends Invited {
  readonly person: PersonId;
  /** The entry by which the device countersigned; its log is the log at this place. */
  readonly node: Node;
  /** The device with which the person joined, of those that came later. */
  readonly first?: Joined | undefined;
  /** The device key in whose place this one came. */
  readonly retires?: DeviceId | undefined;
}

/** An invitation with its place in the order of power; that of a further device is its person's. */
interface Candidate extends Invited {
  readonly power: Power;
  readonly first?: Joined | undefined;
}

/** Class (owners, admins, others), who let them in by order of judging, seq and place of the record, generation. */
type Power = readonly [number, number, number, number, number];

export interface Members {
  /** In the order of power. */
  readonly joined: readonly Joined[];
  /** Of devices that have not joined. */
  readonly invited: readonly Invited[];
  /** Records that members may write and this version doesn't judge. */
  readonly stops: readonly { readonly node: Node; readonly index: number; readonly type: number }[];
}

export type RecordsOf = (node: Node) => readonly JudgedRecord[];

/** Judges all but epochs, which get no verdict here. `isJudged` tells apart the records that judging stopped before. */
export class MemberPass {
  readonly #crypto: Crypto;
  readonly #graph: Causality;
  readonly #genesis: GenesisRecord;
  readonly #recordsOf: RecordsOf;
  readonly #isJudged: (node: Node, index: number) => boolean;
  readonly #verdicts: Verdicts;
  readonly #queue: Candidate[] = [];
  readonly #joined: Joined[] = [];
  readonly #devices = new Map<DeviceId, Joined>();
  readonly #unjoined: Candidate[] = [];
  readonly #stops: { node: Node; index: number; type: number }[] = [];

  constructor(options: {
    readonly crypto: Crypto;
    readonly graph: Causality;
    readonly genesis: { readonly node: Node; readonly record: GenesisRecord };
    readonly recordsOf: RecordsOf;
    readonly isJudged: (node: Node, index: number) => boolean;
    readonly verdicts: Verdicts;
  }) {
    this.#crypto = options.crypto;
    this.#graph = options.graph;
    this.#genesis = options.genesis.record;
    this.#recordsOf = options.recordsOf;
    this.#isJudged = options.isJudged;
    this.#verdicts = options.verdicts;
    const { entry } = options.genesis.node;
    for (const [place, keys] of this.#genesis.owners.entries()) {
      this.#queue.push({ admit: entry.hash, by: entry.header.device, keys, rank: 'owner', power: [0, 0, 0, place, 0] });
    }
  }

  run(): Members {
    for (let next = this.#strongest(); next !== undefined; next = this.#strongest()) this.#judgeCandidate(next);
    for (const log of this.#graph.logs) if (!this.#devices.has(log.device)) this.#voidLog(log);
    const invited = this.#unjoined.filter(({ keys }) => !this.#devices.has(keys.device));
    return { joined: this.#joined, invited: invited.map(withoutPower), stops: this.#stops };
  }

  #strongest(): Candidate | undefined {
    let best = 0;
    for (let i = 1; i < this.#queue.length; i++) {
      if (comparePower((this.#queue[i] as Candidate).power, (this.#queue[best] as Candidate).power) < 0) best = i;
    }
    return this.#queue.splice(best, 1)[0];
  }

  #judgeCandidate(candidate: Candidate): void {
    const { device } = candidate.keys;
    const log = this.#graph.logs.find((each) => each.device === device);
    const node = log?.nodes[0];
    if (log === undefined || node === undefined || this.#devices.has(device) || !this.#countersigned(candidate, node)) {
      this.#unjoined.push(candidate);
      return;
    }
    const joined =
      candidate.first === undefined ? this.#joinedFirst(candidate, node) : this.#joinedLater(candidate, node);
    const author = this.#joined.push(joined) - 1;
    this.#devices.set(device, joined);
    if (joined.first === undefined) this.#findDevices(joined, candidate.power);
    for (const each of log.nodes) this.#judgeEntry(joined, author, each);
  }

  #joinedFirst(candidate: Candidate, node: Node): Joined {
    return { ...withoutPower(candidate), person: personIdOf(this.#crypto, candidate.keys.device), node };
  }

  #joinedLater(candidate: Candidate, node: Node): Joined {
    const first = candidate.first as Joined;
    const [record] = this.#recordsOf(node);
    const retires = record?.kind === 'device' ? record.value.retires : undefined;
    return { ...withoutPower(candidate), person: first.person, node, first, retires };
  }

  /** Logs that say to be further devices of a person are judged after the person's first. */
  #findDevices(first: Joined, power: Power): void {
    const { personSign, personBox } = first.keys;
    for (const log of this.#graph.logs) {
      const [node] = log.nodes;
      const [record] = node === undefined ? [] : this.#recordsOf(node);
      if (record?.kind !== 'device' || record.value.person !== first.person) continue;
      const { agreement, generation } = record.value;
      const keys = { device: log.device, agreement, personSign, personBox };
      const [type, by, seq, place] = power;
      this.#queue.push({ ...withoutPower(first), keys, first, power: [type, by, seq, place, generation] });
    }
  }

  /** Whether the first entry of the log is a further device's own yes, with a certificate by its person's key. */
  #certified(candidate: Candidate, first: Joined, node: Node, record: JudgedRecord): boolean {
    if (record.kind !== 'device' || record.value.device !== candidate.keys.device) return false;
    if (!hasSeen(node, first.node.log, first.node.entry.header.seq)) return false;
    const { certificate, generation } = record.value;
    const scope = { folder: this.#graph.folder };
    const reason = this.#certificateTrouble(candidate.keys, () =>
      isCertified(this.#crypto, scope, candidate.keys, certificate, generation),
    );
    if (reason !== undefined) this.#verdicts.void(node.entry.hash, 0, record.type, reason);
    return reason === undefined && generation > 0 && this.#devicesOf(first) < personKeysMax;
  }

  #certificateTrouble(keys: MemberKeys, isCertifiedNow: () => boolean): VoidReason | undefined {
    if (!areUsable(this.#crypto, keys)) return 'bad-key';
    return isCertifiedNow() ? undefined : 'bad-certificate';
  }

  #devicesOf(first: Joined): number {
    return this.#joined.filter((each) => each.person === first.person).length;
  }

  /** Whether the first entry of the log is the candidate's own yes: the genesis for its maker, else a valid join. */
  #countersigned(candidate: Candidate, node: Node): boolean {
    const [first] = this.#recordsOf(node);
    if (first === undefined || !this.#isJudged(node, 0)) return false;
    if (candidate.first !== undefined) return this.#certified(candidate, candidate.first, node, first);
    if (node.entry.hash === candidate.admit) return true;
    if (first.kind !== 'join' || first.value.admit !== candidate.admit) return false;
    if (!sameMemberKeys(first.value.keys, candidate.keys) || !this.#sawAdmit(candidate, node)) return false;
    if (!first.certified) this.#verdicts.void(node.entry.hash, 0, first.type, 'bad-certificate');
    return first.certified;
  }

  #sawAdmit(candidate: Candidate, node: Node): boolean {
    const admit = this.#graph.byHash.get(candidate.admit);
    return admit !== undefined && hasSeen(node, admit.log, admit.entry.header.seq);
  }

  #judgeEntry(author: Joined, authorPlace: number, node: Node): void {
    for (const [index, record] of this.#recordsOf(node).entries()) {
      const reason = this.#isJudged(node, index) ? this.#judgeRecord(author, node, index, record) : 'not-judged';
      if (reason !== undefined) this.#verdicts.void(node.entry.hash, index, record.type, reason);
      else if (record.kind === 'admit') this.#invite(author, authorPlace, node, index, record.value);
    }
  }

  #judgeRecord(author: Joined, node: Node, index: number, record: JudgedRecord): VoidReason | undefined {
    const isFirst = node.entry.header.seq === 1 && index === 0;
    switch (record.kind) {
      case 'genesis':
        return isFirst && node.entry.hash === author.admit ? undefined : 'misplaced';
      case 'join':
      case 'device':
        return isFirst ? undefined : 'misplaced';
      case 'admit':
        return this.#admitTrouble(author, node, index, record);
      case 'epoch':
        return undefined;
      case 'unjudged':
        if (compareRanks(author.rank, lowestRankOf(record.right, this.#genesis.policy.invite)) > 0)
          return 'not-allowed';
        this.#stops.push({ node, index, type: record.type });
        return 'not-judged';
      case 'malformed':
        return 'malformed';
      case 'unknown':
        return 'unknown-type';
    }
  }

  #admitTrouble(
    author: Joined,
    node: Node,
    index: number,
    record: Extract<JudgedRecord, { kind: 'admit' }>,
  ): VoidReason | undefined {
    const { rank, proof } = record.value;
    if (!mayInvite(this.#genesis, author.rank, rank)) return 'not-allowed';
    if (!record.usable) return 'bad-key';
    if (proof === undefined) return undefined;
    this.#stops.push({ node, index, type: record.type });
    return 'not-judged';
  }

  #invite(
    author: Joined,
    authorPlace: number,
    node: Node,
    index: number,
    { keys, rank, expiresMs }: AdmitRecord,
  ): void {
    const { hash: admit, header } = node.entry;
    const power: Power = [rank === 'admin' ? 1 : 2, authorPlace, header.seq, index, 0];
    this.#queue.push({ admit, by: author.keys.device, keys, rank, expiresMs, power });
  }

  #voidLog(log: Log): void {
    for (const node of log.nodes) {
      for (const [index, record] of this.#recordsOf(node).entries()) {
        this.#verdicts.void(node.entry.hash, index, record.type, this.#strangerReason(node, index, record));
      }
    }
  }

  /** Why a record of a log counts for nothing that no valid join begins. */
  #strangerReason(node: Node, index: number, record: JudgedRecord): VoidReason {
    if (!this.#isJudged(node, index)) return 'not-judged';
    if (record.kind === 'malformed') return 'malformed';
    const isFirst = node.entry.header.seq === 1 && index === 0;
    if (!isFirst || (record.kind !== 'join' && record.kind !== 'device')) return 'not-member';
    const reason = this.#verdicts.reasonOf(node.entry.hash, index);
    return reason ?? (record.kind === 'join' ? 'no-admit' : 'not-member');
  }
}

/** Whether policy lets `author` let somebody in at `rank`: never as owner, never above the own rank. */
export function mayInvite(genesis: GenesisRecord, author: Rank, rank: Rank): boolean {
  return rank !== 'owner' && compareRanks(author, genesis.policy.invite) <= 0 && compareRanks(author, rank) <= 0;
}

function comparePower(a: Power, b: Power): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

function withoutPower({ admit, by, keys, rank, expiresMs }: Invited): Invited {
  return { admit, by, keys, rank, ...(expiresMs === undefined ? {} : { expiresMs }) };
}
