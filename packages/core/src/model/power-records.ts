/** Membership records that take away, change or end what others gave (`spec/03 §9`). */

import { type Codec, fixed, list, mapped, optional, struct, u16 } from '../codec/index.js';
import { check } from '../errors.js';
import { type Head, headCodec } from './entry.js';
import { type DeviceId, deviceIdCodec, type PersonId, personIdCodec } from './ids.js';
import { type Policy, policyCodec, type Rank, rankCodec } from './records.js';

const cutHeadsMax = 256;

/** Public keys of a person that come in the place of those they had, 32 bytes each. */
export interface NextKeys {
  /** Ed25519: certifies the person's devices. */
  readonly personSign: Uint8Array;
  /** X25519: receives sealed boxes. */
  readonly personBox: Uint8Array;
}

const nextKeysCodec: Codec<NextKeys> = struct({ personSign: [0, fixed(32)], personBox: [1, fixed(32)] });

/** Puts a person or one device out; `cut` names the last entries that count. */
export interface RemoveRecord {
  readonly person?: PersonId | undefined;
  readonly device?: DeviceId | undefined;
  readonly cut: readonly Head[];
  /** With a device of one's own: what certifies and receives from then on. */
  readonly next?: NextKeys | undefined;
}

const removeFields: Codec<RemoveRecord> = struct({
  person: [0, optional(personIdCodec)],
  device: [1, optional(deviceIdCodec)],
  cut: [2, list(headCodec, cutHeadsMax)],
  next: [3, optional(nextKeysCodec)],
});

export const removeCodec: Codec<RemoveRecord> = mapped(removeFields, checkedRemove, (record) => record);

function checkedRemove(record: RemoveRecord): RemoveRecord {
  const { person, device, next } = record;
  check((person === undefined) !== (device === undefined), 'malformed', 'A removal is of a person or of a device.');
  check(next === undefined || device !== undefined, 'malformed', 'New keys come with the removal of a device.');
  return record;
}

/** Gives a person another level; `cut` names the last entries that count at the one before. */
export interface RankRecord {
  readonly person: PersonId;
  readonly rank: Rank;
  readonly cut: readonly Head[];
}

export const rankRecordCodec: Codec<RankRecord> = struct({
  person: [0, personIdCodec],
  rank: [1, rankCodec],
  cut: [2, list(headCodec, cutHeadsMax)],
});

/** Says no more than its type: a leave ends the author's own membership, a rotate asks for an epoch. */
export type PlainRecord = Readonly<Record<string, never>>;

export const plainCodec: Codec<PlainRecord> = mapped(
  struct({}),
  () => ({}),
  () => ({}),
);

/** What holds in the folder from here on. */
export interface PolicyRecord {
  readonly policy: Policy;
  /** The version of chapter 03 that a device must know to judge what comes after. */
  readonly version: number;
}

export const policyRecordCodec: Codec<PolicyRecord> = struct({ policy: [0, policyCodec], version: [1, u16] });
