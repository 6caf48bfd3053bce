/** Records: the typed data in an entry's parts (`spec/04 §5`), and the membership ones (`spec/03`, `spec/05`). */

import {
  bytes,
  type Codec,
  decode,
  encode,
  fixed,
  list,
  mapped,
  optional,
  struct,
  text,
  tuple,
  u8,
  u16,
  uint,
} from '../codec/index.js';
import { check } from '../errors.js';
import {
  appRecordBytesMax,
  bodyBytesMax,
  entryPublicChunkIdsMax,
  entryRecordsMax,
  folderKindBytesMax,
  ownersMax,
  recordBytesMax,
  streamNameBytesMax,
} from '../limits.js';
import {
  type ChunkId,
  chunkIdCodec,
  type DeviceId,
  deviceIdCodec,
  type EntryHash,
  type EpochId,
  entryHashCodec,
  epochIdCodec,
  type PersonId,
  personIdCodec,
} from './ids.js';

/** Record types and their numbers on the wire. Membership records stand in public parts only. */
export const recordTypes = {
  genesis: 0,
  admit: 1,
  join: 2,
  device: 3,
  epoch: 4,
  remove: 5,
  rank: 6,
  leave: 7,
  offer: 8,
  revoke: 9,
  rotate: 10,
  fork: 11,
  policy: 12,
  /** Content log, public: chunk ids that store peers keep. */
  chunks: 32,
  /** Content log, sealed. */
  file: 48,
  append: 49,
  acknowledge: 50,
  profile: 51,
  checkpoint: 52,
} as const;

/** A record as carried: what the payload means depends on the type; unknown types are kept as they are. */
export interface RawRecord {
  readonly type: number;
  readonly payload: Uint8Array;
}

const rawRecordCodec: Codec<RawRecord> = mapped(
  tuple(u16, bytes(recordBytesMax)),
  ([type, payload]) => ({ type, payload }),
  (record) => [record.type, record.payload] as const,
);
const recordsCodec = list(rawRecordCodec, entryRecordsMax, 1);

/** Bytes of a part. */
export function encodeRecords(records: readonly RawRecord[]): Uint8Array {
  return encode(recordsCodec, records);
}

export function decodeRecords(part: Uint8Array): readonly RawRecord[] {
  return decode(recordsCodec, part, bodyBytesMax);
}

/** Rank in a folder, highest first. The CLI's levels are admin, write, read, store. */
export type Rank = 'owner' | 'admin' | 'writer' | 'reader' | 'store';
const ranks: readonly Rank[] = ['owner', 'admin', 'writer', 'reader', 'store'];

export const rankCodec: Codec<Rank> = mapped(
  u8,
  (value) => {
    const rank = ranks[value];
    check(rank !== undefined, 'malformed', 'Unknown rank.');
    return rank;
  },
  (rank) => ranks.indexOf(rank),
);

/** Negative when `a` stands above `b`. */
export function compareRanks(a: Rank, b: Rank): number {
  return ranks.indexOf(a) - ranks.indexOf(b);
}

/** The four public keys of a person's first device in a folder, 32 bytes each. */
export interface MemberKeys {
  /** Ed25519: signs entries. */
  readonly device: DeviceId;
  /** X25519: the device's static key on connections. */
  readonly agreement: Uint8Array;
  /** Ed25519: certifies the person's devices. */
  readonly personSign: Uint8Array;
  /** X25519: receives sealed boxes. */
  readonly personBox: Uint8Array;
}

export const memberKeysCodec: Codec<MemberKeys> = struct({
  device: [0, deviceIdCodec],
  agreement: [1, fixed(32)],
  personSign: [2, fixed(32)],
  personBox: [3, fixed(32)],
});

export interface Policy {
  /** The lowest rank that may invite. */
  readonly invite: Rank;
  readonly history: 'all' | 'since-join';
  readonly retention: 'keep';
}

const historyCodec: Codec<Policy['history']> = mapped(
  u8,
  (value) => {
    check(value <= 1, 'malformed', 'Unknown history policy.');
    return value === 0 ? 'all' : 'since-join';
  },
  (history) => (history === 'all' ? 0 : 1),
);
const retentionCodec: Codec<Policy['retention']> = mapped(
  u8,
  (value) => {
    check(value === 0, 'malformed', 'Unknown retention policy.');
    return 'keep';
  },
  () => 0,
);

export const policyCodec: Codec<Policy> = struct({
  invite: [0, rankCodec],
  history: [1, historyCodec],
  retention: [2, retentionCodec],
});

/** First entry of a folder; the hash of its header is the folder's id. */
export interface GenesisRecord {
  readonly kind: string;
  readonly owners: readonly MemberKeys[];
  readonly policy: Policy;
  /** Commitment to the folder constants (`spec/06 §2`). */
  readonly constants: Uint8Array;
  readonly nonce: Uint8Array;
  /** Signature of the person key over the device (`spec/03 §4`), an owner each. */
  readonly certificates: readonly Uint8Array[];
}

export const genesisCodec: Codec<GenesisRecord> = struct({
  kind: [0, text(folderKindBytesMax)],
  owners: [1, list(memberKeysCodec, ownersMax, 1)],
  policy: [2, policyCodec],
  constants: [3, fixed(32)],
  nonce: [4, fixed(32)],
  certificates: [5, list(fixed(64), ownersMax, 1)],
});

/** Lets a person in. Counts from the moment the named device countersigns with `join`. */
export interface AdmitRecord {
  readonly keys: MemberKeys;
  readonly rank: Rank;
  /** Public id of the code or the hash of the offer that was honoured. */
  readonly via?: Uint8Array | undefined;
  /** Unix ms; past it an admin device writes a removal. */
  readonly expiresMs?: number | undefined;
  /** Signature of an access secret's seed over folder, offer and keys. */
  readonly proof?: Uint8Array | undefined;
}

export const admitCodec: Codec<AdmitRecord> = struct({
  keys: [0, memberKeysCodec],
  rank: [1, rankCodec],
  via: [2, optional(bytes(32, 16))],
  expiresMs: [3, optional(uint)],
  proof: [4, optional(fixed(64))],
});

/** First entry of every joiner: names the admit and proves the person key. */
export interface JoinRecord {
  readonly admit: EntryHash;
  readonly keys: MemberKeys;
  readonly certificate: Uint8Array;
}

export const joinCodec: Codec<JoinRecord> = struct({
  admit: [0, entryHashCodec],
  keys: [1, memberKeysCodec],
  certificate: [2, fixed(64)],
});

/** A further device key of a person, certified by the person key; begins that device's log (`spec/03 §8`). */
export interface DeviceRecord {
  readonly person: PersonId;
  readonly device: DeviceId;
  readonly agreement: Uint8Array;
  readonly generation: number;
  readonly certificate: Uint8Array;
  /** The device key in whose place this one comes: the installation writes and connects with it no more. */
  readonly retires?: DeviceId | undefined;
}

export const deviceCodec: Codec<DeviceRecord> = struct({
  person: [0, personIdCodec],
  device: [1, deviceIdCodec],
  agreement: [2, fixed(32)],
  generation: [3, uint],
  certificate: [4, fixed(64)],
  retires: [5, optional(deviceIdCodec)],
});

export interface SealedBox {
  readonly recipient: PersonId;
  /** HPKE: encapsulated key, then ciphertext (`spec/05 §3`). */
  readonly box: Uint8Array;
}

const sealedBoxCodec: Codec<SealedBox> = struct({ recipient: [0, personIdCodec], box: [1, bytes(128, 48)] });
const recipientsMax = 1_024;

/** A period with one folder key; its id is the hash of the header it stands in. */
export interface EpochRecord {
  /** K for each person above store. */
  readonly keyBoxes: readonly SealedBox[];
  /** D for each store peer. */
  readonly discoveryBoxes: readonly SealedBox[];
  readonly keyCommitment: Uint8Array;
  readonly discoveryCommitment: Uint8Array;
  /** Folder constants sealed under K. */
  readonly constants: Uint8Array;
  /** Earlier keys sealed under K, where policy shares history. */
  readonly earlier: readonly { readonly epoch: EpochId; readonly sealed: Uint8Array }[];
}

export const epochCodec: Codec<EpochRecord> = struct({
  keyBoxes: [0, list(sealedBoxCodec, recipientsMax, 1)],
  discoveryBoxes: [1, list(sealedBoxCodec, recipientsMax)],
  keyCommitment: [2, fixed(32)],
  discoveryCommitment: [3, fixed(32)],
  constants: [4, bytes(256, 16)],
  earlier: [5, list(struct({ epoch: [0, epochIdCodec], sealed: [1, bytes(64, 48)] }), recipientsMax)],
});

/** What store peers must keep for this entry and may drop with it. */
export interface ChunksRecord {
  readonly ids: readonly ChunkId[];
}

export const chunksCodec: Codec<ChunksRecord> = struct({ ids: [0, list(chunkIdCodec, entryPublicChunkIdsMax)] });

/** One item of a stream (what an app appends to). */
export interface AppendRecord {
  readonly stream: string;
  /** From 0, counts this device's items of the stream. */
  readonly index: number;
  readonly data: Uint8Array;
}

export const appendCodec: Codec<AppendRecord> = struct({
  stream: [0, text(streamNameBytesMax)],
  index: [1, uint],
  data: [2, bytes(appRecordBytesMax)],
});

/** Encodes a payload as a record of the given type. */
export function record<T>(type: keyof typeof recordTypes, codec: Codec<T>, value: T): RawRecord {
  return { type: recordTypes[type], payload: encode(codec, value) };
}

/** Decodes the payload of a record. */
export function payloadOf<T>(codec: Codec<T>, raw: RawRecord): T {
  return decode(codec, raw.payload, recordBytesMax);
}
