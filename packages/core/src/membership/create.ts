/** Makes the entries of `spec/03` and `spec/05`: a new folder, admits, joins, epochs. */

import { constantsCommitment, type FolderConstants, newFolderConstants } from '../content/index.js';
import type { Crypto } from '../crypto/index.js';
import { invariant } from '../errors.js';
import {
  type AdmitRecord,
  admitCodec,
  certify,
  checkMemberKeys,
  type DeviceId,
  type DeviceKeys,
  deviceCodec,
  deviceIdOf,
  type Entry,
  type EntryHash,
  encodeRecords,
  entryHashBytes,
  epochCodec,
  type FolderId,
  folderIdOf,
  type GenesisRecord,
  genesisCodec,
  type Head,
  joinCodec,
  type MemberKeys,
  memberKeysOf,
  type PersonId,
  type PersonKeys,
  type Policy,
  personIdOf,
  type Random,
  type RawRecord,
  record,
  type Signed,
  signEntry,
  toEpochId,
} from '../model/index.js';
import { discoveryOf, type EpochKey, type OpenedEpoch, sealEpoch } from './epoch-keys.js';
import type { Recipients } from './epochs.js';

/** Writers and above invite, newcomers get the history, everything is kept. */
export const defaultPolicy: Policy = { invite: 'writer', history: 'all', retention: 'keep' };

/** Where the next entry of the own membership log goes. */
export interface Place {
  readonly folder: FolderId;
  /** From 1. */
  readonly seq: number;
  readonly previous: EntryHash | undefined;
  /** `Membership.frontier`, at most as many as an entry holds. */
  readonly heads: readonly Head[];
  /** Hybrid logical clock. */
  readonly clock: bigint;
}

/** The place after an own entry. */
export function placeAfter(folder: FolderId, entry: Entry, heads: readonly Head[], clock: bigint): Place {
  return { folder, seq: entry.header.seq + 1, previous: entry.hash, heads, clock };
}

/** An own entry as a head for others to name. */
export function headOf({ header, hash }: Entry): Head {
  return { device: header.device, log: header.log, seq: header.seq, hash };
}

/** A folder that was just made. */
export interface NewFolder {
  readonly folder: FolderId;
  readonly genesis: Signed<Entry>;
  readonly epochEntry: Signed<Entry>;
  readonly epoch: OpenedEpoch;
}

/** Makes a folder with one owner: its genesis and its first epoch. */
export function createFolder(
  crypto: Crypto,
  random: Random,
  options: {
    readonly kind: string;
    readonly policy?: Policy | undefined;
    readonly device: DeviceKeys;
    readonly person: PersonKeys;
    readonly clock: bigint;
  },
): NewFolder {
  const { kind, policy = defaultPolicy, device, person, clock } = options;
  const constants = newFolderConstants(random);
  const nonce = random(32);
  const keys = memberKeysOf(crypto, device, person);
  const certificates = [certify(crypto, person.signSeed, { nonce }, keys)];
  const commitment = constantsCommitment(crypto, constants);
  const genesisRecord = { kind, owners: [keys], policy, constants: commitment, nonce, certificates };
  const genesis = genesisEntry(crypto, device, genesisRecord, clock);
  const folder = folderIdOf(genesis);
  const owner = { person: personIdOf(crypto, keys.device), boxKey: keys.personBox };
  const recipients: Recipients = { key: [owner], discovery: [] };
  const place = placeAfter(folder, genesis, [], clock + 1n);
  const first = epochEntry(crypto, random, device, place, { recipients, constants, earlier: [] });
  return { folder, genesis, epochEntry: first.entry, epoch: first.epoch };
}

/**
 * The first entry of a folder, by its first owner. Owners certify their keys beforehand: `certify` with the nonce as
 * scope; each but the first countersigns later by `joinEntry`, naming the genesis as the admit.
 */
export function genesisEntry(crypto: Crypto, device: DeviceKeys, genesis: GenesisRecord, clock: bigint): Signed<Entry> {
  const own = deviceIdOf(crypto, device);
  return signEntry(crypto, device.deviceSeed, {
    header: { device: own, log: 'membership', seq: 1, heads: [], clock, flags: 0 },
    publicBytes: encodeRecords([record('genesis', genesisCodec, genesis)]),
  });
}

/** An entry of the own membership log with any records. */
export function membershipEntry(
  crypto: Crypto,
  device: DeviceKeys,
  place: Place,
  records: readonly RawRecord[],
): Signed<Entry> {
  const { folder, seq, previous, heads, clock } = place;
  const own = deviceIdOf(crypto, device);
  return signEntry(crypto, device.deviceSeed, {
    header: {
      folder,
      device: own,
      log: 'membership',
      seq,
      ...(previous === undefined ? {} : { previous }),
      heads,
      clock,
      flags: 0,
    },
    ...(records.length === 0 ? {} : { publicBytes: encodeRecords(records) }),
  });
}

/**
 * Lets somebody in. Throws `bad-key` for keys that can't be used (`spec/03 MEM-10`); that the newcomer's connection has
 * proved the agreement key is for the caller to see to.
 */
export function admitEntry(crypto: Crypto, device: DeviceKeys, place: Place, admit: AdmitRecord): Signed<Entry> {
  checkMemberKeys(crypto, admit.keys);
  return membershipEntry(crypto, device, place, [record('admit', admitCodec, admit)]);
}

/** First entry of a new member's log. `heads` cover the entry with the admit. */
export function joinEntry(
  crypto: Crypto,
  device: DeviceKeys,
  person: PersonKeys,
  join: {
    readonly folder: FolderId;
    /** The entry with the admit; of the genesis for an owner. */
    readonly admit: EntryHash;
    readonly heads: readonly Head[];
    readonly clock: bigint;
  },
): Signed<Entry> {
  const { folder, admit, heads, clock } = join;
  const keys: MemberKeys = memberKeysOf(crypto, device, person);
  const certificate = certify(crypto, person.signSeed, { folder }, keys);
  const place: Place = { folder, seq: 1, previous: undefined, heads, clock };
  return membershipEntry(crypto, device, place, [record('join', joinCodec, { admit, keys, certificate })]);
}

/** First entry of a further device key of a person, in the place of `retires`. `heads` cover the person's join. */
export function deviceEntry(
  crypto: Crypto,
  device: DeviceKeys,
  person: PersonKeys,
  next: {
    readonly folder: FolderId;
    readonly person: PersonId;
    /** From 1, greater than that of any device key that the person had before. */
    readonly generation: number;
    readonly retires: DeviceId;
    readonly heads: readonly Head[];
    readonly clock: bigint;
  },
): Signed<Entry> {
  const { folder, generation, retires, heads, clock } = next;
  const keys = memberKeysOf(crypto, device, person);
  const certificate = certify(crypto, person.signSeed, { folder }, keys, generation);
  const value = {
    person: next.person,
    device: keys.device,
    agreement: keys.agreement,
    generation,
    certificate,
    retires,
  };
  const place: Place = { folder, seq: 1, previous: undefined, heads, clock };
  return membershipEntry(crypto, device, place, [record('device', deviceCodec, value)]);
}

/** Makes an epoch with a fresh key. `recipients` are those of `Membership.recipients` at `place`. */
export function epochEntry(
  crypto: Crypto,
  random: Random,
  device: DeviceKeys,
  place: Place,
  options: {
    readonly recipients: Recipients;
    readonly constants: FolderConstants;
    readonly earlier: readonly EpochKey[];
  },
): { readonly entry: Signed<Entry>; readonly epoch: OpenedEpoch } {
  invariant(options.recipients.key.length > 0, 'an epoch is for somebody');
  const key = random(32);
  const author = deviceIdOf(crypto, device);
  const sealed = sealEpoch(crypto, random, { ...options, folder: place.folder, author, key });
  const entry = membershipEntry(crypto, device, place, [record('epoch', epochCodec, sealed)]);
  const id = toEpochId(entryHashBytes(entry.hash));
  return { entry, epoch: { id, key, discovery: discoveryOf(crypto, key), constants: options.constants } };
}
