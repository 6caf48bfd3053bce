import { constantsCommitment, type FolderConstants, newFolderConstants } from '@cloudless/core/content';
import { type Crypto, nobleCrypto } from '@cloudless/core/crypto';
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
} from '@cloudless/core/membership';
import {
  type AdmitRecord,
  admitCodec,
  certify,
  type DeviceKeys,
  type Entry,
  type EntryHash,
  encodeEntry,
  type FolderId,
  folderIdOf,
  type GenesisRecord,
  type Head,
  logKey,
  type MemberKeys,
  memberKeysOf,
  type PersonId,
  type PersonKeys,
  type Policy,
  personIdOf,
  type RawRecord,
  record,
  type Signed,
} from '@cloudless/core/model';
import { type Case, hex, textHex, unhex, type Vector } from '../primitives/case.js';

export const crypto: Crypto = nobleCrypto();

/** Bytes that follow from a seed. */
export function seeded(seed: string): (lengthBytes: number) => Uint8Array {
  let count = 0;
  return (lengthBytes) => crypto.blake3(unhex(textHex(`${seed} ${count++}`))).slice(0, lengthBytes);
}

/** Somebody with keys and a membership log. */
export interface Somebody {
  readonly device: DeviceKeys;
  readonly person: PersonKeys;
  readonly keys: MemberKeys;
  readonly personId: PersonId;
  readonly log: Signed<Entry>[];
}

export function somebody(seed: string): Somebody {
  const random = seeded(seed);
  const device = { deviceSeed: random(32), agreementSecret: random(32) };
  const person = { signSeed: random(32), boxSecret: random(32) };
  const keys = memberKeysOf(crypto, device, person);
  return { device, person, keys, personId: personIdOf(crypto, keys.device), log: [] };
}

/** A folder with people in it, each of whom has by default seen all the others' last entries. */
export class Folder {
  readonly random: (lengthBytes: number) => Uint8Array;
  readonly people: Somebody[];
  readonly constants: FolderConstants;
  readonly genesis: GenesisRecord;
  readonly id: FolderId;
  #clock = 65_536n;

  constructor(name: string, owners = 1, policy: Partial<Policy> = {}) {
    this.random = seeded(name);
    this.people = Array.from({ length: owners }, (_, index) => somebody(`${name} owner ${index}`));
    this.constants = newFolderConstants(this.random);
    const nonce = this.random(32);
    this.genesis = {
      kind: 'files',
      owners: this.people.map(({ keys }) => keys),
      policy: { ...defaultPolicy, ...policy },
      constants: constantsCommitment(crypto, this.constants),
      nonce,
      certificates: this.people.map(({ person, keys }) => certify(crypto, person.signSeed, { nonce }, keys)),
    };
    const entry = genesisEntry(crypto, this.owner.device, this.genesis, this.#tick());
    this.owner.log.push(entry);
    this.id = folderIdOf(entry);
  }

  get owner(): Somebody {
    return this.people[0] as Somebody;
  }

  #tick(): bigint {
    this.#clock += 65_536n;
    return this.#clock;
  }

  newcomer(name: string): Somebody {
    const newcomer = somebody(name);
    this.people.push(newcomer);
    return newcomer;
  }

  say(author: Somebody, records: readonly RawRecord[], seen: readonly Somebody[] = this.people): Signed<Entry> {
    const entry = membershipEntry(crypto, author.device, this.#place(author, seen), records);
    author.log.push(entry);
    return entry;
  }

  admit(author: Somebody, admit: AdmitRecord, seen: readonly Somebody[] = this.people): Signed<Entry> {
    return this.say(author, [record('admit', admitCodec, admit)], seen);
  }

  join(newcomer: Somebody, admit: EntryHash, seen: readonly Somebody[] = this.people): Signed<Entry> {
    const heads = headsOf(seen.filter((other) => other !== newcomer));
    const join = { folder: this.id, admit, heads, clock: this.#tick() };
    const entry = joinEntry(crypto, newcomer.device, newcomer.person, join);
    newcomer.log.push(entry);
    return entry;
  }

  member(author: Somebody, rank: AdmitRecord['rank'], name: string = rank): Somebody {
    const newcomer = this.newcomer(name);
    this.join(newcomer, this.admit(author, { keys: newcomer.keys, rank }).hash);
    return newcomer;
  }

  epoch(
    author: Somebody,
    options: {
      recipients?: Recipients;
      seen?: readonly Somebody[];
      earlier?: readonly EpochKey[];
      constants?: FolderConstants;
    } = {},
  ): OpenedEpoch {
    const made = epochEntry(crypto, this.random, author.device, this.#place(author, options.seen ?? this.people), {
      recipients: options.recipients ?? this.judge().recipients(),
      constants: options.constants ?? this.constants,
      earlier: options.earlier ?? [],
    });
    author.log.push(made.entry);
    return made.epoch;
  }

  judge(): Membership {
    const entries = this.people.flatMap(({ log }) => log);
    return evaluateMembership(crypto, this.id, entries);
  }

  /** Every log with anything in it, as bytes. */
  get logs(): readonly (readonly string[])[] {
    return this.people.map(({ log }) => log.map((entry) => hex(encodeEntry(entry)))).filter((log) => log.length > 0);
  }

  #place(author: Somebody, seen: readonly Somebody[]): Parameters<typeof membershipEntry>[2] {
    const heads = headsOf(seen.filter(({ keys }) => keys.device !== author.keys.device));
    const seq = author.log.length + 1;
    return { folder: this.id, seq, previous: author.log.at(-1)?.hash, heads, clock: this.#tick() };
  }
}

/** The last entries of these, as heads. */
export function headsOf(seen: readonly Somebody[]): readonly Head[] {
  const heads = seen.flatMap(({ log }) => log.slice(-1)).map(headOf);
  return heads.sort((a, b) => (logKey(a) < logKey(b) ? -1 : 1));
}

/** What judging the folder's logs gives, for a vector. */
export function judgement(folder: Folder): Readonly<Record<string, unknown>> {
  const membership = folder.judge();
  const { stopped } = membership;
  return {
    operation: 'judge',
    folder: folder.id,
    logs: folder.logs,
    members: membership.members.map(({ person, rank, keys, devices }) => {
      return { person, device: keys.device, rank, devices: devices.map(({ device }) => device) };
    }),
    invited: membership.invited.map(({ admit, keys, rank }) => ({ admit, device: keys.device, rank })),
    voids: membership.voids,
    waiting: membership.waiting,
    ...(stopped === undefined ? {} : { stopped }),
    epochs: membership.epochs.map(({ id }) => id),
    currentEpoch: membership.currentEpoch()?.id ?? null,
    epochOwed: membership.epochOwed(),
  };
}

/** A vector that says what judging the folder's logs gives. */
export function judged(name: string, comment: string, requirements: readonly string[], folder: Folder): Case {
  const vector: Vector = { comment, requirements, expect: 'ok', ...(judgement(folder) as { operation: string }) };
  return { name, vector };
}
