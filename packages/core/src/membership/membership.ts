/** Who may do what in a folder, as far as the entries that are here tell (`spec/03`, `spec/05`). */

import { toHex } from '../bytes.js';
import {
  compareRanks,
  type DeviceId,
  type EntryHash,
  type EpochId,
  type FolderId,
  type GenesisRecord,
  type Head,
  type LogName,
  logKey,
  type MemberKeys,
  type PersonId,
  type Rank,
} from '../model/index.js';
import { type Causality, isBefore, type Node } from './causality.js';
import {
  type Epoch,
  type EpochPass,
  isReceiver,
  type Receiver,
  type Recipients,
  recipientsOf,
  toReceiver,
} from './epochs.js';
import { type Invited, type Joined, mayInvite } from './members.js';
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

/** What `MembershipJudge` hands to a `Membership`. */
export interface Judgement {
  readonly folder: FolderId;
  readonly graph: Causality;
  readonly genesis: GenesisRecord | undefined;
  readonly owners: readonly Receiver[];
  readonly joined: readonly Joined[];
  readonly invited: readonly Invited[];
  readonly epochs: EpochPass | undefined;
  readonly voids: readonly VoidRecord[];
  readonly stopped: Stop | undefined;
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
  /** Set when the folder holds what this version doesn't judge: then nobody here writes, invites or re-keys. */
  readonly stopped: Stop | undefined;

  readonly #judgement: Judgement;
  readonly #byDevice: ReadonlyMap<DeviceId, { readonly member: Member; readonly joined: Joined }>;
  readonly #byAgreement: ReadonlyMap<string, Joined>;

  constructor(judgement: Judgement) {
    this.#judgement = judgement;
    this.folder = judgement.folder;
    this.genesis = judgement.genesis;
    this.invited = judgement.invited;
    this.voids = judgement.voids;
    this.waiting = judgement.graph.waiting;
    this.epochs = judgement.epochs?.epochs ?? [];
    this.stopped = judgement.stopped;
    const firsts = judgement.joined.filter(({ first }) => first === undefined);
    const pairs = firsts.map((joined) => ({ member: toMember(joined, judgement.joined), joined }));
    this.members = pairs.map(({ member }) => member);
    this.#byDevice = new Map(pairs.flatMap((pair) => devicesOf(pair.joined, judgement.joined).map((id) => [id, pair])));
    this.#byAgreement = claimsOf(judgement.joined);
  }

  memberOf(device: DeviceId): Member | undefined {
    return this.#byDevice.get(device)?.member;
  }

  rankOf(device: DeviceId): Rank | undefined {
    return this.memberOf(device)?.rank;
  }

  /** Whether another device key of the same person has come in the place of this one. */
  isRetired(device: DeviceId): boolean {
    const member = this.memberOf(device);
    return member !== undefined && !member.devices.some((each) => each.device === device);
  }

  /** Who connects with this static key; of several that claim it, whose join the others had seen, or the strongest. */
  memberByAgreement(key: Uint8Array): { readonly member: Member; readonly device: DeviceId } | undefined {
    const device = this.#byAgreement.get(toHex(key))?.keys.device;
    const member = device === undefined ? undefined : this.memberOf(device);
    return device === undefined || member === undefined ? undefined : { member, device };
  }

  /** Whether content records of this device count. */
  mayWrite(device: DeviceId): boolean {
    const rank = this.rankOf(device);
    return this.stopped === undefined && rank !== undefined && compareRanks(rank, 'writer') <= 0;
  }

  /** Whether this device may let somebody in at `rank`. */
  mayInvite(device: DeviceId, rank: Rank): boolean {
    const author = this.rankOf(device);
    if (this.stopped !== undefined || this.genesis === undefined || author === undefined) return false;
    return mayInvite(this.genesis, author, rank);
  }

  /** For whom an epoch made now is: owners from the genesis on, everybody else from their join. */
  recipients(): Recipients {
    const others = this.#judgement.joined.filter(isReceiver).map(toReceiver);
    return recipientsOf([...this.#judgement.owners, ...others]);
  }

  epoch(id: EpochId): Epoch | undefined {
    return this.epochs.find((epoch) => epoch.id === id);
  }

  /** The epoch under which to seal; none while judging is stopped or before the first. */
  currentEpoch(): Epoch | undefined {
    const id = this.#judgement.epochs?.current;
    return this.stopped !== undefined || id === undefined ? undefined : this.epoch(id);
  }

  /** Whether a writer should make an epoch now. */
  epochOwed(): boolean {
    return this.stopped === undefined && (this.#judgement.epochs?.isOwed ?? false);
  }

  /** Whether policy lets a device that asks have the key of a valid epoch (`spec/05 §6`). */
  mayHold(epoch: EpochId, device: DeviceId): boolean {
    const found = this.#byDevice.get(device);
    const { epochs } = this.#judgement;
    if (found === undefined || epochs === undefined || this.epoch(epoch) === undefined) return false;
    const { rank } = found.member;
    if (rank === 'store') return false;
    return rank === 'owner' || this.genesis?.policy.history === 'all' || epochs.hadSeen(epoch, found.joined);
  }

  /** Devices of all members but this one. */
  others(own: DeviceId): readonly DeviceId[] {
    const devices = this.members.flatMap((member) => member.devices.map(({ device }) => device));
    return devices.filter((device) => device !== own);
  }

  /**
   * Heads of members' membership logs that an entry of the log `own` names: those not implied by one another or by the
   * log itself, by device. They may be more than an entry holds; then entries that bridge them come first.
   */
  frontier(own: LogName): readonly Head[] {
    const tips = this.#judgement.graph.logs.flatMap((log) => log.nodes.slice(-1));
    const members = tips.filter(({ entry }) => this.#byDevice.has(entry.header.device));
    const others = members.filter(({ entry }) => entry.header.device !== own.device || own.log !== 'membership');
    const named = others.filter((tip) => !isImplied(tip, members));
    return named
      .map(({ entry: { header, hash } }): Head => ({ device: header.device, log: 'membership', seq: header.seq, hash }))
      .sort((a, b) => (logKey(a) < logKey(b) ? -1 : 1));
  }
}

/** By static key: the first in the order of power, unless it had seen that another had the key before. */
function claimsOf(joined: readonly Joined[]): ReadonlyMap<string, Joined> {
  const claims = new Map<string, Joined>();
  for (const each of joined) {
    const key = toHex(each.keys.agreement);
    const holder = claims.get(key);
    if (holder === undefined || isBefore(each.node, holder.node)) claims.set(key, each);
  }
  return claims;
}

/** Whether the tip is in the past of another member's, or of the own. */
function isImplied(tip: Node, tips: readonly Node[]): boolean {
  return tips.some((other) => isBefore(tip, other));
}

/** All device keys that a person ever had, whose entries count. */
function devicesOf(first: Joined, joined: readonly Joined[]): readonly DeviceId[] {
  return joined.filter(({ person }) => person === first.person).map(({ keys }) => keys.device);
}

function toMember(first: Joined, joined: readonly Joined[]): Member {
  const { person, rank, keys, admit, by, expiresMs } = first;
  const own = joined.filter((each) => each.person === person);
  const retired = new Set(own.map(({ retires }) => retires));
  const used = own.filter((each) => !retired.has(each.keys.device));
  const devices = used.map((each) => ({ device: each.keys.device, agreement: each.keys.agreement }));
  return { person, rank, keys, devices, admit, by, ...(expiresMs === undefined ? {} : { expiresMs }) };
}
