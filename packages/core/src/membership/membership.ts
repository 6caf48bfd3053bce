/** Who may do what in a folder, as far as the entries that are here tell (`spec/03`, `spec/05`). */

import { toHex } from '../bytes.js';
import {
  compareRanks,
  type DeviceId,
  type EntryHash,
  type EpochId,
  epochIdBytes,
  type FolderId,
  type ForkPlace,
  type GenesisRecord,
  type Head,
  hlcMs,
  type LogName,
  logKey,
  type MemberKeys,
  type PersonId,
  type Policy,
  type Rank,
} from '../model/index.js';
import { type Causality, isBefore, type Node } from './causality.js';
import { ContentPass, isWriter } from './content.js';
import type { Epoch, EpochPass, Recipients } from './epochs.js';
import type { MemberPass } from './members.js';
import type { Invited, People, Person, PersonDevice } from './people.js';
import { mayGive } from './rights.js';
import type { Stop, VoidRecord } from './verdicts.js';

/** One device of a member and its static key on connections. */
export interface MemberDevice {
  readonly device: DeviceId;
  readonly agreement: Uint8Array;
}

/** A person in the folder. */
export interface Member {
  readonly person: PersonId;
  readonly rank: Rank;
  /** Those with which the person joined. */
  readonly keys: MemberKeys;
  /** Those in use: without keys that another one has come in the place of. */
  readonly devices: readonly MemberDevice[];
  /** Hash of the entry that let the person in; of the genesis for an owner. */
  readonly admit: EntryHash;
  /** The device that wrote it. */
  readonly by: DeviceId;
  /** Unix ms past which an admin device ends the membership. */
  readonly expiresMs?: number | undefined;
}

/** What ended the membership of a device. */
export interface Ending {
  /** The device that said so. */
  readonly by: DeviceId;
  readonly how: 'removed' | 'left';
  /** The last entries of membership logs that the one which ended it had seen, with that one. */
  readonly seen: readonly Head[];
}

/** What `MembershipJudge` hands to a `Membership`. */
interface Judgement {
  readonly folder: FolderId;
  readonly graph: Causality;
  /** Absent without a genesis. */
  readonly judged?: {
    readonly genesis: GenesisRecord;
    readonly pass: MemberPass;
    readonly people: People;
    readonly epochs: EpochPass;
  };
  readonly voids: readonly VoidRecord[];
  readonly stopped?: Stop | undefined;
}

/** The outcome of judging one set of entries; it never changes. */
export class Membership {
  readonly folder: FolderId;
  /** Absent until the genesis is here; then nobody is a member. */
  readonly genesis: GenesisRecord | undefined;
  /** In the order of power. */
  readonly members: readonly Member[];
  /** Let in, and not yet countersigned. */
  readonly invited: readonly Invited[];
  /** Records without effect, by entry hash and place. */
  readonly voids: readonly VoidRecord[];
  /** Entries that name others which are not here, and those after them: not judged yet. */
  readonly waiting: readonly EntryHash[];
  /** Valid epochs, by id. */
  readonly epochs: readonly Epoch[];
  /** Epochs whose authors were put out before them: nothing new is sealed under them, their keys open what was. */
  readonly fallenEpochs: readonly Epoch[];
  /** Set when the folder holds what this version doesn't judge: then nobody here writes, invites or re-keys. */
  readonly stopped: Stop | undefined;

  /** Which content counts; absent while nothing is judged. */
  readonly content: ContentPass | undefined;

  readonly #judgement: Judgement;
  /** Devices whose key is closed. */
  readonly #closed: ReadonlyMap<DeviceId, Pair>;
  readonly #byDevice: ReadonlyMap<DeviceId, Pair>;
  readonly #byAgreement: ReadonlyMap<string, PersonDevice>;
  /** Devices whose entries are named as seen, up to where a log parts. */
  readonly #named: ReadonlySet<DeviceId>;

  constructor(judgement: Judgement) {
    this.#judgement = judgement;
    const { folder, graph, judged, voids, stopped } = judgement;
    this.folder = folder;
    this.genesis = judged?.genesis;
    this.invited = judged?.people.invited ?? [];
    this.voids = voids;
    this.waiting = graph.waiting;
    this.epochs = judged?.epochs.epochs ?? [];
    this.fallenEpochs = judged?.epochs.fallen ?? [];
    this.stopped = stopped;
    this.content =
      judged === undefined || stopped !== undefined ? undefined : new ContentPass(judged.pass, judged.people);
    const people = (judged?.people.joined ?? []).filter(({ isOut }) => !isOut);
    const pairs = people.map((person): Pair => ({ member: toMember(person), person }));
    this.members = pairs.map(({ member }) => member);
    const devices = pairs.flatMap((pair) => pair.person.devices.map((each) => ({ ...each, pair })));
    this.#named = new Set(devices.flatMap(({ device, isOut }) => (isOut ? [] : [device])));
    const inside = devices.filter(({ isOut, isClosed }) => !isOut && !isClosed);
    const closed = devices.filter(({ isOut, isClosed }) => !isOut && isClosed);
    this.#closed = new Map(closed.map(({ device, pair }) => [device, pair]));
    this.#byDevice = new Map(inside.map(({ device, pair }) => [device, pair]));
    this.#byAgreement = claimsOf(inside);
  }

  memberOf(device: DeviceId): Member | undefined {
    return this.#byDevice.get(device)?.member;
  }

  rankOf(device: DeviceId): Rank | undefined {
    return this.memberOf(device)?.rank;
  }

  /** What put a device out that was a member's once, or its person. */
  endOf(device: DeviceId): Ending | undefined {
    const { graph, judged } = this.#judgement;
    const log = graph.logOf.get(device);
    const claim = log === undefined ? undefined : judged?.pass.claims.of(log);
    const own = judged?.people.joined.find(({ person }) => person === claim?.person)?.ownRemovals ?? [];
    const isHit = (each: { readonly log: number | undefined }): boolean => each.log === undefined || each.log === log;
    const removal = judged?.pass.removals.find((each) => each.person === claim?.person && isHit(each));
    const node = removal?.node ?? own.find(isHit)?.node;
    if (node === undefined || this.rankOf(device) !== undefined) return undefined;
    const seen = graph.logs.flatMap(
      ({ nodes }) => nodes.filter((each) => each === node || isBefore(each, node)).at(-1) ?? [],
    );
    const hasLeft = removal === undefined && own.some((each) => each.node === node && each.log === undefined);
    return { by: node.entry.header.device, how: hasLeft ? 'left' : 'removed', seen: seen.map(toHead) };
  }

  /** Whether an entry of a device's membership log shows that it has heard of an epoch. */
  hasSeen(device: DeviceId, epoch: EpochId): boolean {
    const tip = this.#tip(device);
    const node = this.#judgement.graph.byHash.get(toHex(epochIdBytes(epoch)) as EntryHash);
    return tip !== undefined && node !== undefined && (tip === node || isBefore(node, tip));
  }

  /** Unix ms of the entry by which a person joined. */
  sinceMs(person: PersonId): number | undefined {
    const node = this.#judgement.judged?.people.joined.find((each) => each.person === person)?.node;
    return node === undefined ? undefined : hlcMs(node.entry.header.clock);
  }

  /** Unix ms of the last rotate that counts. */
  rotatedMs(): number | undefined {
    const times = this.#judgement.judged?.pass.rotates.map(({ entry }) => hlcMs(entry.header.clock)) ?? [];
    return times.length === 0 ? undefined : Math.max(...times);
  }

  /** Whether a key may be carried by later epochs for those who come after: the policy in its past says so. */
  isShared(epoch: EpochId): boolean {
    return this.#judgement.judged?.epochs.isShared(epoch) ?? false;
  }

  /** Whether another device key of the same person has come in the place of this one. */
  isRetired(device: DeviceId): boolean {
    const member = this.memberOf(device);
    return member !== undefined && !member.devices.some((each) => each.device === device);
  }

  /** Who connects with this static key; of several that claim it, whose join the others had seen, or the strongest. */
  memberByAgreement(key: Uint8Array): { readonly member: Member; readonly device: DeviceId } | undefined {
    const device = this.#byAgreement.get(toHex(key))?.device;
    const member = device === undefined ? undefined : this.memberOf(device);
    return device === undefined || member === undefined ? undefined : { member, device };
  }

  /** Whether content records of this device count. */
  mayWrite(device: DeviceId): boolean {
    const rank = this.rankOf(device);
    return this.stopped === undefined && rank !== undefined && isWriter(rank);
  }

  /** Whether content of this device may count somewhere: it may write, or once might. */
  couldWrite(device: DeviceId): boolean {
    return this.content?.couldWrite(device) ?? false;
  }

  /** Whether a content entry that somebody names is past what counts of who was put out: nobody waits for it. */
  isVoid({ device, log, seq }: Head): boolean {
    return log === 'content' && this.endOf(device) !== undefined && seq > (this.content?.endOf(device) ?? 0);
  }

  /** Whether a membership log of this device is here, be it a member's or not. */
  hasLog(device: DeviceId): boolean {
    return this.#judgement.graph.logOf.has(device);
  }

  /** Whether this is a device of a member whose key is closed. */
  isClosed(device: DeviceId): boolean {
    return this.#closed.has(device);
  }

  /** Where logs are proved to part. */
  get forks(): readonly ForkPlace[] {
    return this.#judgement.judged?.pass.forks.proved ?? [];
  }

  /** Whether this device may let somebody in at `rank`. */
  mayInvite(device: DeviceId, rank: Rank): boolean {
    const author = this.rankOf(device);
    const { judged } = this.#judgement;
    if (this.stopped !== undefined || judged === undefined || author === undefined) return false;
    const { invite } = judged.pass.policyIn();
    return mayGive(author, rank) && compareRanks(author, rank) <= 0 && compareRanks(author, invite) <= 0;
  }

  /** What holds in the folder now. */
  get policy(): Policy | undefined {
    return this.#judgement.judged?.pass.policyIn();
  }

  /** Whether somebody may remove this person or one of its devices, or change its rank. */
  mayRemove(device: DeviceId, person: PersonId): boolean {
    const author = this.#byDevice.get(device)?.person;
    const places = this.members.map((each) => each.person);
    if (this.stopped !== undefined || author === undefined || author.person === person) return false;
    const target = this.members[places.indexOf(person)];
    const rank = target?.rank ?? this.#invitedRank(person);
    if (rank === undefined || compareRanks(author.rank, 'admin') > 0) return false;
    if (author.rank !== rank) return compareRanks(author.rank, rank) < 0;
    return rank === 'owner' && places.indexOf(author.person) < places.indexOf(person);
  }

  #invitedRank(person: PersonId): Rank | undefined {
    const { judged } = this.#judgement;
    return this.invited.find(({ keys }) => judged?.pass.case.personOf(keys.device) === person)?.rank;
  }

  /** Members whose time is over: somebody who may removes them. */
  expired(nowMs: number): readonly Member[] {
    return this.members.filter(({ expiresMs }) => expiresMs !== undefined && expiresMs <= nowMs);
  }

  /** Heads to name in a cut: the last entries that are here of all membership logs of a person, or of one device. */
  cut(target: { readonly person: PersonId } | { readonly device: DeviceId }): readonly Head[] {
    const { graph, judged } = this.#judgement;
    const logs = graph.logs.filter(({ device }, log) =>
      'device' in target ? device === target.device : judged?.pass.claims.of(log)?.person === target.person,
    );
    return logs.flatMap(({ device }) => this.#tip(device) ?? []).map(toHead);
  }

  /** By what persons left: nobody who is here may have named it. */
  #leaves(): readonly Node[] {
    const joined = this.#judgement.judged?.people.joined ?? [];
    return joined
      .flatMap(({ ownRemovals }) => ownRemovals.filter(({ log }) => log === undefined))
      .map(({ node }) => node);
  }

  #tip(device: DeviceId): Node | undefined {
    const { graph, judged } = this.#judgement;
    const log = graph.logOf.get(device);
    return log === undefined ? undefined : judged?.pass.forks.tip(log);
  }

  /** For whom an epoch made now is: owners from the genesis on, everybody else from their join. */
  recipients(): Recipients {
    return this.#judgement.judged?.epochs.recipients() ?? { key: [], discovery: [] };
  }

  /** A valid or fallen epoch. */
  epoch(id: EpochId): Epoch | undefined {
    return this.epochs.find((epoch) => epoch.id === id) ?? this.fallenEpochs.find((epoch) => epoch.id === id);
  }

  /** The epoch under which to seal; none while judging is stopped or before the first. */
  currentEpoch(): Epoch | undefined {
    const id = this.#judgement.judged?.epochs.current;
    return this.stopped !== undefined || id === undefined ? undefined : this.epoch(id);
  }

  /** Whether a writer should make an epoch now. */
  epochOwed(): boolean {
    return this.stopped === undefined && (this.#judgement.judged?.epochs.isOwed ?? false);
  }

  /** Whether policy lets a device that asks have the key of a valid epoch (`spec/05 §6`). */
  mayHold(epoch: EpochId, device: DeviceId): boolean {
    const person = this.#byDevice.get(device)?.person;
    const { judged } = this.#judgement;
    return person !== undefined && (judged?.epochs.mayHold(epoch, person.node, person.rank) ?? false);
  }

  /** Devices of all members but this one. */
  others(own: DeviceId): readonly DeviceId[] {
    const devices = this.members.flatMap((member) => member.devices.map(({ device }) => device));
    return devices.filter((device) => device !== own);
  }

  /**
   * Heads of members' membership logs, and leaves, that an entry of the log `own` names: those not implied by one
   * another or by the log itself, by device. They may be more than an entry holds; then entries that bridge them come
   * first.
   */
  frontier(own: LogName): readonly Head[] {
    const tips = this.#judgement.graph.logs.flatMap(({ device }) => this.#tip(device) ?? []);
    const members = [...tips.filter(({ entry }) => this.#named.has(entry.header.device)), ...this.#leaves()];
    const others = members.filter(({ entry }) => entry.header.device !== own.device || own.log !== 'membership');
    const named = others.filter((tip) => !isImplied(tip, members));
    return named.map(toHead).sort((a, b) => (logKey(a) < logKey(b) ? -1 : 1));
  }
}

interface Pair {
  readonly member: Member;
  readonly person: Person;
}

function toHead({ entry: { header, hash } }: Node): Head {
  return { device: header.device, log: 'membership', seq: header.seq, hash };
}

/** By static key: the first in the order of power, unless it had seen that another had the key before. */
function claimsOf(devices: readonly PersonDevice[]): ReadonlyMap<string, PersonDevice> {
  const claims = new Map<string, PersonDevice>();
  for (const each of devices) {
    const key = toHex(each.agreement);
    const holder = claims.get(key);
    if (holder === undefined || isBefore(each.node, holder.node)) claims.set(key, each);
  }
  return claims;
}

/** Whether the tip is in the past of another member's, or of the own. */
function isImplied(tip: Node, tips: readonly Node[]): boolean {
  return tips.some((other) => isBefore(tip, other));
}

function toMember(of: Person): Member {
  const { person, rank, keys, admit, by, expiresMs } = of;
  const retired = new Set(of.devices.map(({ retires }) => retires));
  const used = of.devices.filter(({ device, isOut, isClosed }) => !isOut && !isClosed && !retired.has(device));
  const devices = used.map(({ device, agreement }) => ({ device, agreement }));
  return { person, rank, keys, devices, admit, by, ...(expiresMs === undefined ? {} : { expiresMs }) };
}
