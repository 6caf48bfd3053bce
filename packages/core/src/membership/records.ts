/** Membership records with what can be said of each alone, so that judging a set again repeats no signature check. */

import type { Crypto } from '../crypto/index.js';
import { CloudlessError } from '../errors.js';
import {
  type AdmitRecord,
  admitCodec,
  checkMemberKeys,
  type DeviceRecord,
  decodeRecords,
  deviceCodec,
  type Entry,
  type EpochRecord,
  epochCodec,
  type FolderId,
  type GenesisRecord,
  genesisCodec,
  isCertified,
  type JoinRecord,
  joinCodec,
  type MemberKeys,
  payloadOf,
  type Rank,
  type RawRecord,
  rankRecordCodec,
  recordTypes,
  removeCodec,
} from '../model/index.js';

/** Who may write a record that this version doesn't judge: anyone, who may invite, or admins and owners. */
export type UnjudgedRight = 'member' | 'inviter' | 'admin';

export type JudgedRecord =
  | { readonly kind: 'genesis'; readonly type: number; readonly value: GenesisRecord }
  | { readonly kind: 'admit'; readonly type: number; readonly value: AdmitRecord; readonly usable: boolean }
  | { readonly kind: 'join'; readonly type: number; readonly value: JoinRecord; readonly certified: boolean }
  | { readonly kind: 'device'; readonly type: number; readonly value: DeviceRecord }
  | { readonly kind: 'epoch'; readonly type: number; readonly value: EpochRecord }
  | { readonly kind: 'unjudged'; readonly type: number; readonly right: UnjudgedRight }
  | { readonly kind: 'malformed' | 'unknown'; readonly type: number };

const unjudgedRights: ReadonlyMap<number, UnjudgedRight> = new Map([
  [recordTypes.remove, 'member'],
  [recordTypes.leave, 'member'],
  [recordTypes.fork, 'member'],
  [recordTypes.offer, 'inviter'],
  [recordTypes.rank, 'admin'],
  [recordTypes.revoke, 'admin'],
  [recordTypes.rotate, 'admin'],
  [recordTypes.policy, 'admin'],
]);

/** The lowest rank with the right. */
export function lowestRankOf(right: UnjudgedRight, invite: Rank): Rank {
  if (right === 'member') return 'store';
  return right === 'inviter' ? invite : 'admin';
}

/** The records of a membership entry that the gate let through. */
export function judgedRecords(crypto: Crypto, folder: FolderId, entry: Entry): readonly JudgedRecord[] {
  if (entry.publicBytes === undefined) return [];
  return decodeRecords(entry.publicBytes).map((raw) => judgedRecord(crypto, folder, raw));
}

function judgedRecord(crypto: Crypto, folder: FolderId, raw: RawRecord): JudgedRecord {
  try {
    return knownRecord(crypto, folder, raw) ?? { kind: 'unknown', type: raw.type };
  } catch (error) {
    if (!(error instanceof CloudlessError) || error.code === 'internal') throw error;
    return { kind: 'malformed', type: raw.type };
  }
}

function knownRecord(crypto: Crypto, folder: FolderId, raw: RawRecord): JudgedRecord | undefined {
  const { type } = raw;
  switch (type) {
    case recordTypes.genesis:
      return { kind: 'genesis', type, value: payloadOf(genesisCodec, raw) };
    case recordTypes.admit: {
      const value = payloadOf(admitCodec, raw);
      return { kind: 'admit', type, value, usable: areUsable(crypto, value.keys) };
    }
    case recordTypes.join: {
      const value = payloadOf(joinCodec, raw);
      return { kind: 'join', type, value, certified: isCertified(crypto, { folder }, value.keys, value.certificate) };
    }
    case recordTypes.device:
      return { kind: 'device', type, value: payloadOf(deviceCodec, raw) };
    case recordTypes.epoch:
      return { kind: 'epoch', type, value: payloadOf(epochCodec, raw) };
    default:
      return unjudgedRecord(raw);
  }
}

function unjudgedRecord(raw: RawRecord): JudgedRecord | undefined {
  if (raw.type === recordTypes.remove) payloadOf(removeCodec, raw);
  if (raw.type === recordTypes.rank) payloadOf(rankRecordCodec, raw);
  const right = unjudgedRights.get(raw.type);
  return right === undefined ? undefined : { kind: 'unjudged', type: raw.type, right };
}

/** Whether keys are such that a member can use them (`spec/03 MEM-5`). */
export function areUsable(crypto: Crypto, keys: MemberKeys): boolean {
  try {
    checkMemberKeys(crypto, keys);
    return true;
  } catch (error) {
    if (!(error instanceof CloudlessError) || error.code !== 'bad-key') throw error;
    return false;
  }
}
