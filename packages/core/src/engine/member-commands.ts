import type { Crypto } from '../crypto/index.js';
import { CloudlessError, check } from '../errors.js';
import { type Member, mayGive, membershipEntry } from '../membership/index.js';
import {
  compareRanks,
  type DeviceId,
  type Head,
  type LogName,
  logKey,
  type PersonId,
  type Policy,
  personIdOf,
  plainCodec,
  policyRecordCodec,
  type Rank,
  type RawRecord,
  rankRecordCodec,
  record,
  removeCodec,
} from '../model/index.js';
import type { Command, Level } from './commands.js';
import type { DeviceEngine } from './device.js';
import type { FolderEngine } from './folder.js';
import { personOf } from './home.js';
import { levelOf } from './reports.js';
import { encodeRun } from './sync-peer.js';

const prefixMin = 4;
const shownIdLength = 8;
const cutHeadsMax = 256;
const runBytesAim = 524_288;
const dayMs = 86_400_000;

/** Ranks by the words for levels. */
export const rankOfLevel: Readonly<Record<Level, Rank>> = {
  admin: 'admin',
  write: 'writer',
  read: 'reader',
  store: 'store',
};

/** Somebody who is in the folder, or was let in. */
interface Somebody {
  readonly person: PersonId;
  readonly rank: Rank;
  readonly devices: readonly DeviceId[];
}

export type MemberCommand = Extract<Command, { readonly command: 'members' | 'kick' | 'rank' | 'policy' | 'rotate' }>;

/** Who is in a folder, and what changes that. Throws what stands against it. */
export function memberCommand(device: DeviceEngine, folder: FolderEngine, command: MemberCommand): unknown {
  switch (command.command) {
    case 'members':
      return describeMembers(device, folder);
    case 'kick':
      return kick(device.crypto, folder, find(device.crypto, folder, command.person));
    case 'rank':
      return rank(device.crypto, folder, find(device.crypto, folder, command.person), command.level);
    case 'policy':
      return policy(device.crypto, folder, command);
    case 'rotate':
      return rotate(device, folder);
  }
}

/** Puts out those whose time is over, if this device may (`spec/03 MEM-43`). */
export function endExpired(crypto: Crypto, folder: FolderEngine, nowMs: number): void {
  const { membership } = folder.logs;
  for (const { person } of membership.expired(nowMs)) {
    if (membership.mayRemove(folder.device, person)) remove(crypto, folder, person);
  }
}

/** When the next membership is over that this device may end. */
export function nextExpiry({ logs: { membership, device } }: FolderEngine): number | undefined {
  const times = membership.members.flatMap(({ person, expiresMs }) =>
    expiresMs !== undefined && membership.mayRemove(device, person) ? [expiresMs] : [],
  );
  return times.length === 0 ? undefined : Math.min(...times);
}

/** Ends the own membership, as others hear of it. Gives how many of them are connected. */
export function sayGoodbye(device: DeviceEngine, folder: FolderEngine): number {
  const { membership, book } = folder.logs;
  const isAlone = membership.others(folder.device).length === 0 && membership.invited.length === 0;
  if (membership.stopped !== undefined || membership.rankOf(folder.device) === undefined || isAlone) return 0;
  const peers = folder.sync.peers().filter(({ proven }) => proven);
  const name: LogName = { device: folder.device, log: 'membership' };
  // Who follows the log gets it as it grows; the others would have to ask, and there is no time for that.
  const behind = peers.filter((peer) => !peer.following.has(logKey(name)));
  append(device.crypto, folder, record('leave', plainCodec, {}));
  for (const { connection, channel, heads } of behind) {
    const run = book.run(name, heads.get(logKey(name))?.seq ?? 0, runBytesAim);
    device.emit({ type: 'send', connection, lane: 'control', bytes: encodeRun(channel, run, false) });
  }
  return peers.length;
}

function append(crypto: Crypto, folder: FolderEngine, ...records: readonly RawRecord[]): void {
  folder.appendMembership((place) => membershipEntry(crypto, folder.row, place, records));
  folder.rekey(true);
}

function kick(crypto: Crypto, folder: FolderEngine, somebody: Somebody): unknown {
  const { person } = somebody;
  checkBelow(folder, crypto, person, 'remove');
  const before = folder.logs.membership.members;
  remove(crypto, folder, person);
  const after = new Set(folder.logs.membership.members.map((each) => each.person));
  const fell = before.filter((each) => each.person !== person && !after.has(each.person));
  return {
    folder: folder.folder,
    person,
    devices: somebody.devices,
    level: levelOf(somebody.rank),
    alsoOut: fell.map((each) => each.person),
  };
}

function remove(crypto: Crypto, folder: FolderEngine, person: PersonId): void {
  append(crypto, folder, record('remove', removeCodec, { person, cut: cutOf(folder, person) }));
}

function rank(crypto: Crypto, folder: FolderEngine, { person, rank: before }: Somebody, level: Level): unknown {
  checkBelow(folder, crypto, person, 'rank');
  const { membership } = folder.logs;
  const next = rankOfLevel[level];
  const own = membership.rankOf(folder.device) as Rank;
  check(mayGive(own, next), 'not-allowed', 'Only owners make admins.');
  check(compareRanks(own, next) <= 0, 'not-allowed', 'A level above the own one is not given.');
  if (next !== before)
    append(crypto, folder, record('rank', rankRecordCodec, { person, rank: next, cut: cutOf(folder, person) }));
  return { folder: folder.folder, person, level, before: levelOf(before) };
}

/** The last entries here of both logs of each device of a person, and of branches of them, as far as they are read. */
function cutOf({ logs }: FolderEngine, person: PersonId): readonly Head[] {
  const { book, forks, membership } = logs;
  const heads = membership.cut({ person });
  const devices = new Set(heads.map(({ device }) => device));
  const own = book.logs().filter((log) => log.log === 'content' && devices.has(forks.deviceOf(log)));
  const content = own.flatMap(({ device, log, appliedSeq, appliedHash }) => {
    return appliedHash === undefined ? [] : [{ device, log, seq: appliedSeq, hash: appliedHash }];
  });
  const [branches, whole] = [content.filter(isBranch), content.filter((head) => !isBranch(head))];
  return [...heads, ...whole, ...branches].slice(0, cutHeadsMax);

  function isBranch({ device }: Head): boolean {
    return !devices.has(device);
  }
}

function checkBelow({ logs, row }: FolderEngine, crypto: Crypto, person: PersonId, act: 'remove' | 'rank'): void {
  const { membership, device } = logs;
  if (person === personOf(crypto, row)) {
    const own =
      act === 'remove' ? 'That is you; "leave" ends your own membership.' : 'That is you; your own level stays.';
    throw new CloudlessError('usage', own);
  }
  checkMember(logs.membership.rankOf(device), membership.stopped !== undefined);
  const verb = act === 'remove' ? 'removed' : 'ranked';
  check(membership.mayRemove(device, person), 'not-allowed', `Only who stands below you can be ${verb} by you.`);
}

function checkMember(rank: Rank | undefined, isStopped: boolean): void {
  check(rank !== undefined, 'not-allowed', 'This device is no member of the folder any more.');
  check(!isStopped, 'not-allowed', 'The folder holds membership records that this version does not know; update it.');
}

function policy(
  crypto: Crypto,
  folder: FolderEngine,
  { key, value }: Extract<Command, { readonly command: 'policy' }>,
): unknown {
  const { membership } = folder.logs;
  const now = membership.policy;
  check(now !== undefined, 'busy', 'What holds in this folder is not here yet.');
  if (key !== undefined)
    check(policyKeys.includes(key), 'usage', `There is no "${key}"; there are ${policyKeys.join(', ')}.`);
  if (key === undefined || value === undefined) return shown(now, key);
  const next = changed(now, key, value);
  checkMember(membership.rankOf(folder.device), membership.stopped !== undefined);
  check(membership.rankOf(folder.device) === 'owner', 'not-allowed', 'Only owners say what holds in the folder.');
  append(crypto, folder, record('policy', policyRecordCodec, { policy: next, version: 1 }));
  return shown(folder.logs.membership.policy ?? next, undefined);
}

const policyKeys: readonly string[] = ['invite', 'history', 'retention'];
const inviters: Readonly<Record<string, Rank>> = { owner: 'owner', admin: 'admin', write: 'writer', read: 'reader' };

function shown({ invite, history, retention }: Policy, key: string | undefined): Readonly<Record<string, string>> {
  const words = { invite: invite === 'owner' ? 'owner' : levelOf(invite), history, retention };
  return key === undefined ? words : { [key]: words[key as keyof typeof words] };
}

function changed(policy: Policy, key: string, value: string): Policy {
  const refuse = (values: string): never => {
    throw new CloudlessError('usage', `"${key}" is ${values}, not "${value}".`);
  };
  if (key === 'retention') return value === 'keep' ? policy : refuse('keep');
  if (key === 'history')
    return value === 'all' || value === 'since-join' ? { ...policy, history: value } : refuse('all or since-join');
  const invite = Object.hasOwn(inviters, value) ? inviters[value] : undefined;
  return invite === undefined ? refuse(Object.keys(inviters).join(', ')) : { ...policy, invite };
}

/** Asks for a new key: at most once a day (`spec/05 §4`). */
function rotate(device: DeviceEngine, folder: FolderEngine): unknown {
  const { membership } = folder.logs;
  const own = membership.rankOf(folder.device);
  checkMember(own, membership.stopped !== undefined);
  check(own === 'owner' || own === 'admin', 'not-allowed', 'Only admins ask for a new key.');
  const last = membership.rotatedMs();
  const isRecent = last !== undefined && last > device.now() - dayMs;
  check(!isRecent, 'busy', `The last was on ${new Date(last ?? 0).toISOString()}; one a day is enough.`);
  append(device.crypto, folder, record('rotate', plainCodec, {}));
  return { folder: folder.folder, epoch: folder.logs.membership.currentEpoch()?.id ?? null };
}

/** Everybody in the folder, in the order of power. */
function describeMembers(device: DeviceEngine, folder: FolderEngine): unknown {
  const { membership } = folder.logs;
  const own = personOf(device.crypto, folder.row);
  return membership.members.map(({ person, rank, devices, expiresMs }) => {
    const sinceMs = membership.sinceMs(person);
    const me = person === own;
    return {
      person,
      name: (me ? device.home.setting('name') : undefined) ?? person.slice(0, shownIdLength),
      level: levelOf(rank),
      owner: rank === 'owner',
      me,
      devices: devices.map((each) => each.device),
      since: sinceMs === undefined ? null : new Date(sinceMs).toISOString(),
      ...(expiresMs === undefined ? {} : { expires: new Date(expiresMs).toISOString() }),
    };
  });
}

/** Whom a person means by the beginning of an id. Throws `not-found` or `usage`. */
function find(crypto: Crypto, { logs: { membership } }: FolderEngine, text: string): Somebody {
  const wanted = text.toLowerCase();
  const here = membership.members.map(somebodyOf);
  const invited = membership.invited.map(({ keys, rank }): Somebody => {
    return { person: personIdOf(crypto, keys.device), rank, devices: [keys.device] };
  });
  const fits = (id: string): boolean => wanted.length >= prefixMin && id.startsWith(wanted);
  const found = [...here, ...invited].filter(({ person, devices }) => fits(person) || devices.some(fits));
  const persons = new Map(found.map((each) => [each.person, each]));
  check(persons.size <= 1, 'usage', `Several begin with "${text}"; give more of the id.`);
  const [somebody] = persons.values();
  check(somebody !== undefined, 'not-found', `There is no member "${text}" in this folder; "members" lists them.`);
  return somebody;
}

function somebodyOf({ person, rank, devices }: Member): Somebody {
  return { person, rank, devices: devices.map(({ device }) => device) };
}
