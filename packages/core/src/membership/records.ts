/** Membership records with what can be said of each alone, so that judging a set again repeats no signature check. */

import { type Codec, struct, u16 } from '../codec/index.js';
import type { Crypto } from '../crypto/index.js';
import { CloudlessError, check } from '../errors.js';
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
  type ForkPlace,
  forkCodec,
  type GenesisRecord,
  genesisCodec,
  isCertified,
  type JoinRecord,
  joinCodec,
  type MemberKeys,
  type PersonId,
  type Policy,
  payloadOf,
  personIdOf,
  plainCodec,
  policyRecordCodec,
  provedFork,
  type RankRecord,
  type RawRecord,
  type RemoveRecord,
  rankRecordCodec,
  recordTypes,
  removeCodec,
} from '../model/index.js';
import type { Node } from './causality.js';

export type RecordsOf = (node: Node) => readonly JudgedRecord[];

/** Who may write a record that this version doesn't judge: who may invite, admins and owners, or owners. */
export type UnjudgedRight = 'inviter' | 'admin' | 'owner';

interface Kind<K extends string> {
  readonly kind: K;
  /** Type number of the record. */
  readonly type: number;
}

export type JudgedRecord =
  | (Kind<'genesis'> & { readonly value: GenesisRecord })
  | (Kind<'admit'> & { readonly value: AdmitRecord; readonly person: PersonId; readonly usable: boolean })
  | (Kind<'join'> & { readonly value: JoinRecord; readonly certified: boolean; readonly usable: boolean })
  | (Kind<'device'> & { readonly value: DeviceRecord })
  | (Kind<'epoch'> & { readonly value: EpochRecord })
  | (Kind<'remove'> & { readonly value: RemoveRecord })
  | (Kind<'rank'> & { readonly value: RankRecord })
  | (Kind<'policy'> & { readonly policy: Policy })
  | (Kind<'fork'> & { readonly place: ForkPlace })
  | Kind<'leave' | 'rotate'>
  | (Kind<'unjudged'> & { readonly right: UnjudgedRight })
  | Kind<'malformed' | 'unknown'>;

/** The version of `spec/03` that is judged here. */
const versionMax = 1;
const versionCodec: Codec<{ readonly version: number }> = struct({ version: [1, u16] }, 'skip');

/** The records of a membership entry that the gate let through. */
export function judgedRecords(crypto: Crypto, folder: FolderId, entry: Entry): readonly JudgedRecord[] {
  if (entry.publicBytes === undefined) return [];
  return decodeRecords(entry.publicBytes).map((raw) => judgedRecord(crypto, folder, raw));
}

function judgedRecord(crypto: Crypto, folder: FolderId, raw: RawRecord): JudgedRecord {
  try {
    return knownRecord(crypto, folder, raw) ?? powerRecord(crypto, folder, raw) ?? { kind: 'unknown', type: raw.type };
  } catch (error) {
    if (!(error instanceof CloudlessError) || error.code === 'internal') throw error;
    return { kind: 'malformed', type: raw.type };
  }
}

/** Records that say who is a member, and epochs. */
function knownRecord(crypto: Crypto, folder: FolderId, raw: RawRecord): JudgedRecord | undefined {
  const { type } = raw;
  switch (type) {
    case recordTypes.genesis:
      return { kind: 'genesis', type, value: payloadOf(genesisCodec, raw) };
    case recordTypes.admit: {
      const value = payloadOf(admitCodec, raw);
      const person = personIdOf(crypto, value.keys.device);
      return { kind: 'admit', type, value, person, usable: areUsable(crypto, value.keys) };
    }
    case recordTypes.join: {
      const value = payloadOf(joinCodec, raw);
      const certified = isCertified(crypto, { folder }, value.keys, value.certificate);
      return { kind: 'join', type, value, certified, usable: areUsable(crypto, value.keys) };
    }
    case recordTypes.device:
      return { kind: 'device', type, value: payloadOf(deviceCodec, raw) };
    case recordTypes.epoch:
      return { kind: 'epoch', type, value: payloadOf(epochCodec, raw) };
    default:
      return undefined;
  }
}

/** Records that change or end what others gave. */
function powerRecord(crypto: Crypto, folder: FolderId, raw: RawRecord): JudgedRecord | undefined {
  const { type } = raw;
  switch (type) {
    case recordTypes.remove:
      return { kind: 'remove', type, value: payloadOf(removeCodec, raw) };
    case recordTypes.rank:
      return { kind: 'rank', type, value: payloadOf(rankRecordCodec, raw) };
    case recordTypes.fork:
      return { kind: 'fork', type, place: provedFork(crypto, folder, payloadOf(forkCodec, raw)) };
    case recordTypes.leave:
    case recordTypes.rotate:
      payloadOf(plainCodec, raw);
      return { kind: type === recordTypes.leave ? 'leave' : 'rotate', type };
    case recordTypes.policy:
      return policyRecord(raw);
    case recordTypes.offer:
      return { kind: 'unjudged', type, right: 'inviter' };
    case recordTypes.revoke:
      return { kind: 'unjudged', type, right: 'admin' };
    default:
      return undefined;
  }
}

function policyRecord(raw: RawRecord): JudgedRecord {
  const { type } = raw;
  if (payloadOf(versionCodec, raw).version > versionMax) return { kind: 'unjudged', type, right: 'owner' };
  const { policy } = payloadOf(policyRecordCodec, raw);
  check(policy.invite !== 'store', 'malformed', 'Store peers let nobody in.');
  return { kind: 'policy', type, policy };
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
