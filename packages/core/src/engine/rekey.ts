import type { Crypto } from '../crypto/index.js';
import { invariant } from '../errors.js';
import { type EpochKey, epochEntry, type Place } from '../membership/index.js';
import {
  type Entry,
  type ForkRecord,
  forkCodec,
  provedFork,
  type RawRecord,
  record,
  type Verified,
} from '../model/index.js';
import type { FolderLogs } from './folder-logs.js';
import type { FolderRow } from './home.js';
import type { SeededRandom } from './random.js';

/**
 * Whether no epoch is current, and this device may make the one that is owed (`spec/05 EPO-9`); with `isCalled` also
 * where one is current, as something that it wrote itself asks for another.
 */
export function mayRekey(logs: FolderLogs, isCalled = false): boolean {
  const { membership, device } = logs;
  const isOwed = (isCalled || membership.currentEpoch() === undefined) && membership.epochOwed();
  return isOwed && membership.mayWrite(device) && logs.constants() !== undefined;
}

/** Whether this device let somebody in who is to read only what comes after: then it makes the next epoch. */
export function letsInLate({ membership, device }: FolderLogs): boolean {
  return membership.policy?.history === 'since-join' && membership.members.some(({ by }) => by === device);
}

/** The entry of a new epoch for all who are members at this place. */
export function rekeyEntry(
  crypto: Crypto,
  random: SeededRandom,
  row: FolderRow,
  logs: FolderLogs,
  place: Place,
): Verified<Entry> {
  const { membership } = logs;
  const constants = logs.constants();
  invariant(constants !== undefined, 'who makes an epoch has an earlier one');
  const earlier = membership.policy?.history === 'since-join' ? [] : earlierKeys(logs);
  const recipients = membership.recipients();
  return epochEntry(crypto, (length) => random.bytes(length), row, place, { recipients, constants, earlier }).entry;
}

/** The keys that lead to all others: those that no other epoch carries. */
function earlierKeys({ ring, membership }: FolderLogs): readonly EpochKey[] {
  const opened = ring.all().filter(({ id }) => membership.isShared(id));
  const carried = new Set(opened.flatMap(({ id }) => membership.epoch(id)?.record.earlier.map(({ epoch }) => epoch)));
  return opened.filter(({ id }) => !carried.has(id)).map(({ id, key }) => ({ epoch: id, key }));
}

/** The record that a log parts, where nobody has made it yet (`spec/03 §10`). */
export function forkRecords(crypto: Crypto, { folder, membership }: FolderLogs, proof: ForkRecord): RawRecord[] {
  const { device, log, seq, previous } = provedFork(crypto, folder, proof);
  const known = membership.forks.filter((fork) => fork.device === device && fork.log === log);
  const isKnown = known.some((fork) => fork.seq === seq && fork.previous === previous);
  return isKnown ? [] : [record('fork', forkCodec, proof)];
}
