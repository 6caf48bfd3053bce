/**
 * Who is a member and what counts of what they did, judged in one pass in the order of power (`spec/03 §6`): owners by
 * their place in the genesis, then admins by who made them one, then everybody else in causal order.
 */

import {
  compareRanks,
  type DeviceId,
  type DeviceRecord,
  type GenesisRecord,
  type NextKeys,
  type PersonId,
  type Policy,
  type Rank,
  sameMemberKeys,
} from '../model/index.js';
import { type Causality, isBefore, type Node } from './causality.js';
import { type Claim, Claims, rootKeys } from './claims.js';
import { type Cut, cutOf, isWithin } from './cuts.js';
import { type Devices, DevicesOf, isOwnCut, noDevices, type Outside } from './devices.js';
import { Forks } from './forks.js';
import { compareKeys, Levels, type PowerKey } from './levels.js';
import type { JudgedRecord, RecordsOf } from './records.js';
import { mayGive, stricter } from './rights.js';
import type { VoidReason } from './verdicts.js';

/** A removal of a person or of one device, by somebody else. */
export interface Removal {
  readonly node: Node;
  readonly person: PersonId;
  /** The log that it takes out; absent in the removal of a person. */
  readonly log: number | undefined;
  readonly cut: Cut;
}

/** What is judged, and what of it needs more than the graph. */
export interface Case {
  readonly graph: Causality;
  readonly genesis: GenesisRecord;
  /** The owners, in their order. */
  readonly owners: readonly PersonId[];
  readonly recordsOf: RecordsOf;
  /** Tells apart the records that judging stopped before. */
  readonly isJudged: (node: Node, index: number) => boolean;
  readonly personOf: (device: DeviceId) => PersonId;
  /** Whether keys certified a further device, and that device's keys can be used. */
  readonly isCertifiedBy: (device: Claim, keys: NextKeys) => boolean;
  /** Whether a further device's own keys can be used beside its person's. */
  readonly isUsableDevice: (device: DeviceRecord, keys: NextKeys) => boolean;
  /** Whether the new keys of a removal can be used. */
  readonly isUsable: (keys: NextKeys) => boolean;
}

const noKey: PowerKey = [0, 0, '', 0];

/** Judges all but epochs. */
export class MemberPass {
  readonly case: Case;
  readonly claims: Claims;
  readonly levels: Levels;
  readonly forks: Forks;
  readonly removals: Removal[] = [];
  /** Records that members may write and this version doesn't judge. */
  readonly stops: { readonly node: Node; readonly index: number; readonly type: number }[] = [];
  readonly policies: { readonly node: Node; readonly policy: Policy }[] = [];
  readonly rotates: Node[] = [];
  /** Records that count, with their places in their entries. */
  readonly #counted = new Map<Node, Set<number>>();
  readonly #reasons = new Map<Node, Map<number, VoidReason>>();
  readonly #judged = new Set<Node>();
  /** Owners and admins who were judged. */
  readonly #strong = new Set<PersonId>();
  readonly #devices = new Map<string, Devices>();
  readonly #certifiers = new Map<Claim, Node | undefined>();

  constructor(options: Case) {
    this.case = options;
    this.claims = new Claims(options.graph, options.recordsOf, options.personOf);
    this.levels = new Levels(this.claims, options.owners);
    this.forks = new Forks(options.graph, options.recordsOf);
  }

  run(): void {
    for (const owner of this.case.owners) this.#judgePerson(owner, 'owner', noKey);
    for (const [admin, key] of this.levels.firstAdmins()) this.#judgePerson(admin, 'admin', key);
    for (const node of this.case.graph.order) this.#judgeLast(node);
  }

  /** Whether a record counts, of those that are judged here. */
  counts(node: Node, index: number): boolean {
    return this.#counted.get(node)?.has(index) ?? false;
  }

  /** Why a record of a member doesn't count. */
  reasonOf(node: Node, index: number): VoidReason | undefined {
    return this.#reasons.get(node)?.get(index);
  }

  // Persons

  /** Judges what somebody did at a rank; what they did at another waits for a later stage. */
  #judgePerson(person: PersonId, rank: 'owner' | 'admin', key: PowerKey): void {
    const nodes = this.devices(person).logs.flatMap((log) => this.case.graph.logs[log]?.nodes ?? []);
    for (const node of this.#inOrder(nodes)) {
      if (this.isIn(person, node) && this.levels.at(person, node) === rank) this.#judgeEntry(node, person, rank, key);
    }
    this.#strong.add(person);
  }

  /** Each after all that it has seen. */
  #inOrder(nodes: readonly Node[]): readonly Node[] {
    return [...nodes].sort((a, b) => this.#place(a) - this.#place(b));
  }

  readonly #places = new Map<Node, number>();

  #place(node: Node): number {
    if (this.#places.size === 0)
      for (const [place, each] of this.case.graph.order.entries()) this.#places.set(each, place);
    return this.#places.get(node) as number;
  }

  #judgeLast(node: Node): void {
    const person = this.claims.of(node.log)?.person;
    if (person === undefined || !this.isIn(person, node)) return;
    const rank = this.levels.at(person, node);
    if (rank !== undefined && compareRanks(rank, 'admin') > 0) this.#judgeEntry(node, person, rank, noKey);
  }

  /** A person's devices, as far as they follow from what was judged. */
  devices(person: PersonId): Devices {
    const vouched = this.forks.any ? ` ${this.levels.of(person).length} ${this.#strong.size}` : '';
    const known = this.removals.length === 0 && vouched === '' ? person : `${person} ${this.removals.length}${vouched}`;
    const devices = this.#devices.get(known) ?? this.#findDevices(person);
    this.#devices.set(known, devices);
    return devices;
  }

  #findDevices(person: PersonId): Devices {
    const root = this.#begun(person);
    return root === undefined ? noDevices : new DevicesOf(person, root, this.#outside(person, true)).find();
  }

  /** A person's first log, if it begins as it should; that somebody let them in is another question. */
  #begun(person: PersonId): Claim | undefined {
    const root = this.claims.root(person);
    if (root === undefined || !this.case.isJudged(root.first, 0) || !this.#stands(root.first, person)) return undefined;
    if (root.record.kind === 'genesis') return this.case.owners[0] === person ? root : undefined;
    if (root.record.kind !== 'join' || !root.record.certified || !root.record.usable) return undefined;
    const { value } = root.record;
    const place = this.case.owners.indexOf(person);
    if (place < 0) return root;
    const keys = this.case.genesis.owners[place];
    const isTheirs = keys !== undefined && sameMemberKeys(value.keys, keys);
    return isTheirs && value.admit === (this.case.graph.folder as string) ? root : undefined;
  }

  #outside(person: PersonId, vouched: boolean): Outside {
    const { graph, recordsOf, isJudged } = this.case;
    return {
      graph,
      claims: this.claims,
      recordsOf,
      isJudged,
      isCutOff: (node) => this.isCutOff(node),
      closings: this.removals
        .filter((each) => each.person === person && each.log !== undefined)
        .map(({ node }) => node),
      stands: (node) =>
        vouched ? this.#stands(node, person) : !this.forks.isPast(node) || node.entry.header.folder === undefined,
      certifierOf: (claim) => this.certifierOf(claim),
      isUsable: this.case.isUsable,
    };
  }

  /** Whether an entry is by a device of the person and nothing leaves it out. */
  isIn(person: PersonId, node: Node): boolean {
    const { logs, removals } = this.devices(person);
    if (!logs.includes(node.log) || this.isCutOff(node) || !this.#stands(node, person)) return false;
    return removals.length === 0 || !isOwnCut(node, removals, this.#outside(person, true));
  }

  /** Whether somebody else's removal leaves an entry out. */
  isCutOff(node: Node): boolean {
    if (this.removals.length === 0) return false;
    const person = this.claims.of(node.log)?.person;
    return this.removals.some((removal) => {
      const isHit = removal.log === undefined ? removal.person === person : removal.log === node.log;
      return isHit && !isWithin(removal.cut, node);
    });
  }

  /** The entry that brought the keys by which a further device is certified: of those of its person the first. */
  certifierOf(claim: Claim): Node | undefined {
    if (!this.#certifiers.has(claim)) this.#certifiers.set(claim, this.#findCertifier(claim));
    return this.#certifiers.get(claim);
  }

  #findCertifier(claim: Claim): Node | undefined {
    const root = this.claims.root(claim.person);
    const keys = root === undefined ? undefined : rootKeys(root, this.case.genesis);
    if (root !== undefined && keys !== undefined && this.case.isCertifiedBy(claim, keys)) return root.first;
    for (const { log } of this.claims.logs(claim.person)) {
      for (const node of this.case.graph.logs[log]?.nodes ?? []) {
        const renewals = this.case
          .recordsOf(node)
          .map((each) => (each.kind === 'remove' ? each.value.next : undefined));
        const isBy = renewals.some((next) => next !== undefined && this.case.isCertifiedBy(claim, next));
        if (isBy) return node;
      }
    }
    return undefined;
  }

  // Forks

  /** Past a fork an entry counts if an unforked device of the person, or of somebody judged before, had seen it. */
  #stands(node: Node, person: PersonId): boolean {
    if (!this.forks.isPast(node)) return true;
    const need = this.levels.at(person, node) === 'owner' ? 'owner' : 'admin';
    return this.forks.stands(node, person, need, {
      personOf: (log) => this.claims.of(log)?.person,
      rankAt: (by, witness) => (this.#strong.has(by) ? this.levels.at(by, witness) : undefined),
      isIn: (by, witness) => this.#isPlainlyIn(by, witness),
    });
  }

  /** As `isIn`, and without anything that would itself need a witness. */
  #isPlainlyIn(person: PersonId, node: Node): boolean {
    const root = this.claims.root(person);
    if (root === undefined || this.forks.isPast(root.first) || this.isCutOff(node)) return false;
    const outside = this.#outside(person, false);
    const { logs, removals } = new DevicesOf(person, root, outside).find();
    return logs.includes(node.log) && !isOwnCut(node, removals, outside);
  }

  // Records

  #judgeEntry(node: Node, by: PersonId, rank: Rank, key: PowerKey): void {
    if (this.#judged.has(node)) return;
    this.#judged.add(node);
    for (const [index, record] of this.case.recordsOf(node).entries()) {
      const author: Author = { node, index, by, rank, key };
      const reason = this.case.isJudged(node, index) ? this.#trouble(author, record) : 'not-judged';
      if (reason === undefined) this.#count(author, record);
      else this.#refuse(node, index, reason);
    }
  }

  #refuse(node: Node, index: number, reason: VoidReason): void {
    const reasons = this.#reasons.get(node) ?? new Map<number, VoidReason>();
    this.#reasons.set(node, reasons.set(index, reason));
  }

  #trouble(author: Author, record: JudgedRecord): VoidReason | undefined {
    switch (record.kind) {
      case 'genesis':
      case 'join':
      case 'device':
        return 'misplaced';
      case 'admit':
        if (!this.#mayInvite(author, record.value.rank)) return 'not-allowed';
        if (!record.usable) return 'bad-key';
        return record.value.proof === undefined ? undefined : this.#stop(author, record.type);
      case 'rank':
        if (!mayGive(author.rank, record.value.rank)) return 'not-allowed';
        return this.#targetTrouble(author, record.value.person);
      case 'remove':
        return this.#removeTrouble(author, record);
      case 'policy':
        return author.rank === 'owner' ? undefined : 'not-allowed';
      case 'rotate':
        return compareRanks(author.rank, 'admin') <= 0 ? undefined : 'not-allowed';
      case 'epoch':
        return compareRanks(author.rank, 'writer') <= 0 ? undefined : 'not-allowed';
      case 'leave':
      case 'fork':
        return undefined;
      case 'unjudged':
        return this.#mayWriteUnjudged(author, record.right) ? this.#stop(author, record.type) : 'not-allowed';
      case 'malformed':
        return 'malformed';
      case 'unknown':
        return 'unknown-type';
    }
  }

  #stop({ node, index }: Author, type: number): VoidReason {
    this.stops.push({ node, index, type });
    return 'not-judged';
  }

  #mayWriteUnjudged({ node, rank }: Author, right: 'inviter' | 'admin' | 'owner'): boolean {
    return compareRanks(rank, right === 'inviter' ? this.policyIn(node).invite : right) <= 0;
  }

  #mayInvite({ node, rank }: Author, given: Rank): boolean {
    return (
      mayGive(rank, given) && compareRanks(rank, given) <= 0 && compareRanks(rank, this.policyIn(node).invite) <= 0
    );
  }

  /** The strictest of the last policies that an entry had seen; without an entry, of all. */
  policyIn(node?: Node): Policy {
    const seen = this.policies.filter((each) => node === undefined || isBefore(each.node, node));
    const last = seen.filter((each) => !seen.some((later) => isBefore(each.node, later.node)));
    if (last.length === 0) return this.case.genesis.policy;
    return last.map(({ policy }) => policy).reduce(stricter);
  }

  #removeTrouble(author: Author, record: Extract<JudgedRecord, { kind: 'remove' }>): VoidReason | undefined {
    const { person, device, next } = record.value;
    if (person !== undefined) return this.#targetTrouble(author, person);
    const log = device === undefined ? undefined : this.case.graph.logOf.get(device);
    const claim = log === undefined ? undefined : this.claims.of(log);
    if (claim === undefined || !isBefore(claim.first, author.node)) return 'no-target';
    if (claim.person !== author.by)
      return next === undefined ? this.#targetTrouble(author, claim.person) : 'not-allowed';
    if (log === author.node.log) return 'not-allowed';
    return next === undefined || this.case.isUsable(next) ? undefined : 'bad-key';
  }

  /** Why an owner or admin may not act on somebody. */
  #targetTrouble({ node, by, rank, key }: Author, person: PersonId): VoidReason | undefined {
    if (compareRanks(rank, 'admin') > 0 || person === by) return 'not-allowed';
    if (!this.#isKnown(person, node)) return 'no-target';
    const { owners } = this.case;
    const theirs = this.levels.in(person, node);
    if (rank === 'owner') {
      return theirs !== 'owner' || owners.indexOf(by) < owners.indexOf(person) ? undefined : 'not-allowed';
    }
    if (theirs !== undefined && compareRanks(theirs, 'admin') <= 0) return 'not-allowed';
    const unseen = this.levels.of(person).filter((each) => each.rank === 'admin' && !isBefore(each.node, node));
    return unseen.some((each) => compareKeys(each.key, key) < 0) ? 'not-allowed' : undefined;
  }

  /** Whether an entry had seen the person join, or somebody let them in. */
  #isKnown(person: PersonId, node: Node): boolean {
    const root = this.claims.root(person);
    if (this.case.owners.includes(person) || (root !== undefined && isBefore(root.first, node))) return true;
    return this.case.graph.order.some((each) => {
      if (!isBefore(each, node)) return false;
      return this.case.recordsOf(each).some((record) => record.kind === 'admit' && record.person === person);
    });
  }

  #count({ node, index, by, key: _own }: Author, record: JudgedRecord): void {
    const counted = this.#counted.get(node) ?? new Set<number>();
    this.#counted.set(node, counted.add(index));
    const { entry } = node;
    const key: PowerKey = [this.case.owners.indexOf(by), entry.header.seq, entry.hash, index];
    const common = { node, index, by: entry.header.device, key };
    if (record.kind === 'admit') {
      this.levels.add({ ...common, person: record.person, rank: record.value.rank, admit: record.value });
    } else if (record.kind === 'rank') {
      const { person, rank, cut } = record.value;
      this.levels.add({ ...common, person, rank, cut: cutOf(this.case.graph, node, cut) });
    } else if (record.kind === 'remove') {
      this.#remove(node, by, record);
    } else if (record.kind === 'policy') {
      this.policies.push({ node, policy: record.policy });
    } else if (record.kind === 'rotate') {
      this.rotates.push(node);
    }
  }

  /** What somebody does to devices of their own is for `DevicesOf`. */
  #remove(node: Node, by: PersonId, { value }: Extract<JudgedRecord, { kind: 'remove' }>): void {
    const cut = cutOf(this.case.graph, node, value.cut);
    if (value.person !== undefined) this.removals.push({ node, person: value.person, log: undefined, cut });
    const log = value.device === undefined ? undefined : this.case.graph.logOf.get(value.device);
    const person = log === undefined ? undefined : this.claims.of(log)?.person;
    if (person !== undefined && person !== by) this.removals.push({ node, person, log, cut });
  }
}

interface Author {
  readonly node: Node;
  readonly index: number;
  readonly by: PersonId;
  readonly rank: Rank;
  readonly key: PowerKey;
}
