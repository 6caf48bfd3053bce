/** What judging says of each person in the end, and of each record (`spec/03 §6`, `§7`). */

import {
  type DeviceId,
  type EntryHash,
  folderIdBytes,
  type MemberKeys,
  type PersonId,
  type Rank,
  toEntryHash,
} from '../model/index.js';
import { isBefore, type Node } from './causality.js';
import { rootKeys } from './claims.js';
import type { OwnRemoval } from './devices.js';
import type { Assignment } from './levels.js';
import type { MemberPass } from './members.js';
import type { JudgedRecord } from './records.js';
import { Verdicts, type VoidReason } from './verdicts.js';

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

/** A device key of somebody who joined. */
export interface PersonDevice {
  readonly device: DeviceId;
  readonly agreement: Uint8Array;
  /** The entry by which it countersigned. */
  readonly node: Node;
  /** The device key in whose place this one came. */
  readonly retires?: DeviceId | undefined;
  /** Whether it was put out. */
  readonly isOut: boolean;
  /** Whether it signed two headers for one place. */
  readonly isClosed: boolean;
}

/** Somebody who joined, with what ended it if something did. */
export interface Person extends Invited {
  readonly person: PersonId;
  /** The rank now. */
  readonly rank: Rank;
  readonly isOut: boolean;
  /** The first entry. */
  readonly node: Node;
  readonly devices: readonly PersonDevice[];
  readonly ownRemovals: readonly OwnRemoval[];
}

/** Everybody who joined, in the order of power, and those who may. */
export class People {
  readonly joined: readonly Person[];
  readonly invited: readonly Invited[];
  readonly #pass: MemberPass;

  constructor(pass: MemberPass) {
    this.#pass = pass;
    this.joined = this.#inOrder(pass.claims.persons.flatMap((person) => this.#person(person) ?? []));
    this.invited = this.#invited();
  }

  /** A reason for each record that doesn't count, but for those of epochs, which get theirs later. */
  verdicts(): Verdicts {
    const verdicts = new Verdicts();
    const persons = new Map(this.joined.map((each) => [each.person, each]));
    const { claims, case: judged } = this.#pass;
    for (const node of judged.graph.order) {
      const claim = claims.of(node.log);
      const person = claim === undefined ? undefined : persons.get(claim.person);
      for (const [index, record] of judged.recordsOf(node).entries()) {
        const reason = this.#reason(node, index, record, person);
        if (reason !== undefined) verdicts.void(node.entry.hash, index, record.type, reason);
      }
    }
    return verdicts;
  }

  #reason(node: Node, index: number, record: JudgedRecord, person: Person | undefined): VoidReason | undefined {
    const pass = this.#pass;
    if (!pass.case.isJudged(node, index)) return 'not-judged';
    const claim = pass.claims.of(node.log);
    const isOwn = claim !== undefined && this.#isOwn(record, claim.person);
    if (!isOwn && pass.counts(node, index)) return undefined;
    const isFirst = claim?.first === node && index === 0;
    const isTheirs = person?.devices.some((device) => device.node.log === node.log);
    if (person === undefined || !isTheirs) return this.#strangerReason(node, isFirst, record);
    if (person.ownRemovals.some((removal) => removal.node === node && removal.index === index)) return undefined;
    if (!pass.isIn(person.person, node)) return pass.isCutOff(node) ? 'removed' : this.#parted(node);
    if (isFirst) return undefined;
    return pass.reasonOf(node, index) ?? (isOwn ? 'not-allowed' : 'not-member');
  }

  /** A leave, or a removal of another device of the author's. */
  #isOwn(record: JudgedRecord, author: PersonId): boolean {
    if (record.kind === 'leave') return true;
    if (record.kind !== 'remove' || record.value.device === undefined) return false;
    const log = this.#pass.case.graph.logOf.get(record.value.device);
    return log !== undefined && this.#pass.claims.of(log)?.person === author;
  }

  /** An own entry that is left out past a fork, or by another device of the person. */
  #parted(node: Node): VoidReason {
    return this.#pass.forks.isPast(node) ? 'fork' : 'removed';
  }

  /** Why a record of a log counts for nothing that no valid join begins. */
  #strangerReason(node: Node, isFirst: boolean, record: JudgedRecord): VoidReason {
    const { forks, claims, case: judged } = this.#pass;
    if (forks.isPast(node)) return 'fork';
    if (record.kind === 'malformed') return 'malformed';
    if (this.#pass.isCutOff(node)) return 'removed';
    if (!isFirst) return 'not-member';
    if (record.kind === 'join') return record.certified ? 'no-admit' : 'bad-certificate';
    const claim = claims.of(node.log);
    const root = claim === undefined ? undefined : claims.root(claim.person);
    if (claim?.record.kind !== 'device' || root === undefined || !isBefore(root.first, node)) return 'not-member';
    const keys = rootKeys(root, judged.genesis);
    if (keys === undefined || !judged.isUsableDevice(claim.record.value, keys)) return 'bad-key';
    return claim.record.value.generation > 0 && this.#pass.certifierOf(claim) === undefined
      ? 'bad-certificate'
      : 'not-member';
  }

  #person(person: PersonId): Person | undefined {
    const { levels, claims, case: judged, removals } = this.#pass;
    const { logs, removals: ownRemovals } = this.#pass.devices(person);
    const root = claims.root(person);
    const rank = levels.in(person);
    const keys = root === undefined ? undefined : rootKeys(root, judged.genesis);
    if (root === undefined || rank === undefined || keys === undefined || logs.length === 0) return undefined;
    const isRemoved = removals.some((each) => each.person === person && each.log === undefined);
    const hasLeft = ownRemovals.some(({ log }) => log === undefined);
    const devices = logs.map((log) => this.#device(person, log, keys, ownRemovals));
    const given = this.#given(person);
    const { first } = root;
    return { ...given, person, keys, rank, isOut: isRemoved || hasLeft, node: first, devices, ownRemovals };
  }

  /** Who let somebody in: the admit that counts, else the record of an owner or admin that ranks them. */
  #given(person: PersonId): Omit<Invited, 'keys' | 'rank'> {
    const { levels, case: judged } = this.#pass;
    const folder = toEntryHash(folderIdBytes(judged.graph.folder));
    const root = levels.rootOf(person) ?? (judged.owners.includes(person) ? undefined : levels.of(person)[0]);
    if (root === undefined) return { admit: folder, by: judged.genesis.owners[0]?.device as DeviceId };
    const { expiresMs } = root.admit ?? {};
    const { hash: admit } = root.node.entry;
    return { admit, by: root.by, ...(expiresMs === undefined ? {} : { expiresMs }) };
  }

  #device(person: PersonId, log: number, keys: MemberKeys, own: readonly OwnRemoval[]): PersonDevice {
    const { claims, case: judged, removals, forks } = this.#pass;
    const { device } = judged.graph.logs[log] as { device: DeviceId };
    const claim = claims.of(log);
    const value = claim?.record.kind === 'device' ? claim.record.value : undefined;
    const node = claim?.first as Node;
    const isRemoved = removals.some((each) => each.log === log) || own.some((each) => each.log === log);
    const isOut = isRemoved || !this.#pass.isIn(person, node);
    const isClosed = forks.closed.has(device);
    const agreement = value?.agreement ?? keys.agreement;
    const retires = value?.retires;
    return { device, agreement, node, isOut, isClosed, ...(retires === undefined ? {} : { retires }) };
  }

  /** Owners, then admins, then everybody else by the place of who let them in and where. */
  #inOrder(persons: readonly Person[]): readonly Person[] {
    const { case: judged, levels } = this.#pass;
    const admins = [...levels.firstAdmins().keys()];
    const strong = [...new Set([...judged.owners, ...admins])];
    const ordered = strong.flatMap((person) => persons.find((each) => each.person === person) ?? []);
    let left = persons.filter((each) => !ordered.includes(each));
    for (let place = 0; place < ordered.length && left.length > 0; place++) {
      const by = new Set(ordered[place]?.devices.map(({ device }) => device));
      const found = left.filter((each) => by.has(each.by));
      ordered.push(...found.sort((a, b) => byGift(levels.rootOf(a.person), levels.rootOf(b.person))));
      left = left.filter((each) => !found.includes(each));
    }
    return [...ordered, ...left];
  }

  #invited(): readonly Invited[] {
    const { case: judged, levels, removals } = this.#pass;
    const joined = new Set(this.joined.flatMap(({ devices }) => devices.map(({ device }) => device)));
    const isOut = (person: PersonId): boolean =>
      removals.some((each) => each.log === undefined && each.person === person);
    const { by, admit } = this.#given(judged.owners[0] as PersonId);
    const owners = judged.genesis.owners.flatMap((keys, place): readonly Invited[] =>
      joined.has(keys.device) || isOut(judged.owners[place] as PersonId) ? [] : [{ admit, by, keys, rank: 'owner' }],
    );
    const others = levels.admits.filter(
      ({ admit: record, person }) => record !== undefined && !joined.has(record.keys.device) && !isOut(person),
    );
    return [...owners, ...others.sort(byGift).flatMap(toInvited)];
  }
}

function toInvited({ node, by, admit, rank }: Assignment): readonly Invited[] {
  if (admit === undefined) return [];
  const { keys, expiresMs } = admit;
  return [{ admit: node.entry.hash, by, keys, rank, ...(expiresMs === undefined ? {} : { expiresMs }) }];
}

/** By seq, then hash, then place. */
function byGift(a: Assignment | undefined, b: Assignment | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? 1 : -1;
  const bySeq = a.node.entry.header.seq - b.node.entry.header.seq;
  if (bySeq !== 0) return bySeq;
  return a.node === b.node ? a.index - b.index : a.node.entry.hash < b.node.entry.hash ? -1 : 1;
}
