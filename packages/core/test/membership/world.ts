/** People who keep membership logs in one folder; everything follows from a seed. */
import { concat, uint32Bytes, utf8 } from '../../src/bytes.js';
import { constantsCommitment, type FolderConstants, newFolderConstants } from '../../src/content/index.js';
import type { Crypto } from '../../src/crypto/index.js';
import {
  defaultPolicy,
  type EpochKey,
  epochEntry,
  evaluateMembership,
  genesisEntry,
  headOf,
  joinEntry,
  type Membership,
  membershipEntry,
  type OpenedEpoch,
  type Recipients,
} from '../../src/membership/index.js';
import {
  type AdmitRecord,
  admitCodec,
  certify,
  type DeviceId,
  type DeviceKeys,
  deviceCodec,
  type Entry,
  type EntryHash,
  type FolderId,
  folderIdOf,
  freshDeviceKeys,
  freshPersonKeys,
  type GenesisRecord,
  type Head,
  logKey,
  type MemberKeys,
  memberKeysOf,
  type NextKeys,
  type PersonId,
  type PersonKeys,
  type Policy,
  personIdOf,
  plainCodec,
  type Random,
  type Rank,
  type RawRecord,
  rankRecordCodec,
  record,
  removeCodec,
  type Signed,
} from '../../src/model/index.js';

/** Bytes that follow from a seed. */
export function seeded(crypto: Crypto, seed: string): Random {
  let count = 0;
  return (lengthBytes) => {
    const block = crypto.blake3(concat(utf8(seed), uint32Bytes(count++)));
    return block.slice(0, lengthBytes);
  };
}

/** Somebody with keys and a membership log. */
export interface Somebody {
  readonly device: DeviceKeys;
  readonly person: PersonKeys;
  readonly keys: MemberKeys;
  readonly id: DeviceId;
  readonly personId: PersonId;
  readonly log: Signed<Entry>[];
}

/** One folder and all that was ever written in it. */
export class World {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly owners: readonly Somebody[];
  readonly constants: FolderConstants;
  readonly genesisRecord: GenesisRecord;
  readonly folder: FolderId;
  readonly everybody: Somebody[];
  #clock = 1n;

  constructor(crypto: Crypto, options: { seed?: string; owners?: number; policy?: Partial<Policy> } = {}) {
    this.crypto = crypto;
    this.random = seeded(crypto, options.seed ?? 'world');
    this.owners = Array.from({ length: options.owners ?? 1 }, () => this.fresh());
    this.everybody = [...this.owners];
    this.constants = newFolderConstants(this.random);
    const nonce = this.random(32);
    this.genesisRecord = {
      kind: 'files',
      owners: this.owners.map(({ keys }) => keys),
      policy: { ...defaultPolicy, ...options.policy },
      constants: constantsCommitment(crypto, this.constants),
      nonce,
      certificates: this.owners.map(({ person, keys }) => certify(crypto, person.signSeed, { nonce }, keys)),
    };
    const genesis = genesisEntry(crypto, this.owner.device, this.genesisRecord, this.tick());
    this.owner.log.push(genesis);
    this.folder = folderIdOf(genesis);
  }

  get owner(): Somebody {
    return this.owners[0] as Somebody;
  }

  /** All entries. */
  get entries(): readonly Signed<Entry>[] {
    return this.everybody.flatMap(({ log }) => log);
  }

  tick(): bigint {
    return this.#clock++;
  }

  fresh(): Somebody {
    const device = freshDeviceKeys(this.random);
    const person = freshPersonKeys(this.random);
    const keys = memberKeysOf(this.crypto, device, person);
    return { device, person, keys, id: keys.device, personId: personIdOf(this.crypto, keys.device), log: [] };
  }

  newcomer(): Somebody {
    const somebody = this.fresh();
    this.everybody.push(somebody);
    return somebody;
  }

  /** Appends an entry whose author has just seen the last entries of `seen`. */
  say(author: Somebody, seen: readonly Somebody[], records: readonly RawRecord[]): Signed<Entry> {
    const last = author.log.at(-1);
    const place = {
      folder: this.folder,
      seq: author.log.length + 1,
      previous: last?.hash,
      heads: headsOf(seen.filter((other) => other !== author)),
      clock: this.tick(),
    };
    return pushed(author, membershipEntry(this.crypto, author.device, place, records));
  }

  admit(
    author: Somebody,
    keys: MemberKeys,
    rank: Rank,
    more: Partial<AdmitRecord> = {},
    seen: readonly Somebody[] = this.everybody,
  ): Signed<Entry> {
    return this.say(author, seen, [record('admit', admitCodec, { keys, rank, ...more })]);
  }

  join(newcomer: Somebody, admit: EntryHash, seen: readonly Somebody[] = this.everybody): Signed<Entry> {
    const heads = headsOf(seen.filter((other) => other !== newcomer));
    const join = { folder: this.folder, admit, heads, clock: this.tick() };
    return pushed(newcomer, joinEntry(this.crypto, newcomer.device, newcomer.person, join));
  }

  /** Lets a newcomer in, who joins at once. */
  member(author: Somebody, rank: Rank, seen: readonly Somebody[] = this.everybody): Somebody {
    const newcomer = this.newcomer();
    const admit = this.admit(author, newcomer.keys, rank, {}, seen);
    this.join(newcomer, admit.hash, [...new Set([...seen, author])]);
    return newcomer;
  }

  /** A removal of everybody's last entries, unless `cut` says what counts. */
  remove(
    author: Somebody,
    target: Somebody,
    more: { cut?: readonly Head[]; seen?: readonly Somebody[]; device?: boolean; next?: NextKeys } = {},
  ): Signed<Entry> {
    const { cut, seen = this.everybody, device = false, next } = more;
    const logs = this.everybody.filter((each) => (device ? each === target : each.personId === target.personId));
    const who = device ? { device: target.id } : { person: target.personId };
    return this.say(author, seen, [record('remove', removeCodec, { ...who, cut: cut ?? headsOf(logs), next })]);
  }

  rank(
    author: Somebody,
    target: Somebody,
    rank: Rank,
    more: { cut?: readonly Head[]; seen?: readonly Somebody[] } = {},
  ): Signed<Entry> {
    const logs = this.everybody.filter((each) => each.personId === target.personId);
    const value = { person: target.personId, rank, cut: more.cut ?? headsOf(logs) };
    return this.say(author, more.seen ?? this.everybody, [record('rank', rankRecordCodec, value)]);
  }

  leave(author: Somebody, seen: readonly Somebody[] = this.everybody): Signed<Entry> {
    return this.say(author, seen, [record('leave', plainCodec, {})]);
  }

  /** A further device of somebody, certified by the person's keys. */
  device(of: Somebody, person: PersonKeys = of.person, seen: readonly Somebody[] = this.everybody): Somebody {
    const device = freshDeviceKeys(this.random);
    const keys = memberKeysOf(this.crypto, device, person);
    const certificate = certify(this.crypto, person.signSeed, { folder: this.folder }, keys, 1);
    const { agreement } = keys;
    const value = { person: of.personId, device: keys.device, agreement, generation: 1, certificate };
    const somebody: Somebody = { device, person, keys, id: keys.device, personId: of.personId, log: [] };
    this.everybody.push(somebody);
    this.say(somebody, seen, [record('device', deviceCodec, value)]);
    return somebody;
  }

  epoch(
    author: Somebody,
    options: {
      recipients?: Recipients;
      seen?: readonly Somebody[];
      earlier?: readonly EpochKey[];
      constants?: FolderConstants;
    } = {},
  ): { entry: Signed<Entry>; epoch: OpenedEpoch } {
    const place = {
      folder: this.folder,
      seq: author.log.length + 1,
      previous: author.log.at(-1)?.hash,
      heads: headsOf((options.seen ?? this.everybody).filter((other) => other !== author)),
      clock: this.tick(),
    };
    const made = epochEntry(this.crypto, this.random, author.device, place, {
      recipients: options.recipients ?? this.judge().recipients(),
      constants: options.constants ?? this.constants,
      earlier: options.earlier ?? [],
    });
    pushed(author, made.entry);
    return made;
  }

  judge(entries: readonly Signed<Entry>[] = this.entries): Membership {
    return evaluateMembership(this.crypto, this.folder, entries);
  }

  /** Why records of an entry are void among all entries. */
  reasons(entry: Entry): readonly string[] {
    return reasons(this.judge(), entry);
  }
}

function pushed(author: Somebody, entry: Signed<Entry>): Signed<Entry> {
  author.log.push(entry);
  return entry;
}

/** The last entries of these, as heads. */
export function headsOf(seen: readonly Somebody[]): readonly Head[] {
  const lasts = seen.flatMap(({ log }) => log.slice(-1));
  return lasts.map(headOf).sort((a, b) => (logKey(a) < logKey(b) ? -1 : 1));
}

/** Why the records of an entry are void, in order. */
export function reasons(membership: Membership, entry: Entry): readonly string[] {
  return membership.voids.filter((each) => each.entry === entry.hash).map(({ reason }) => reason);
}
