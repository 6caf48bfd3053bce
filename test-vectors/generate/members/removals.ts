import {
  certify,
  deviceCodec,
  forkCodec,
  type Head,
  type NextKeys,
  type PersonKeys,
  plainCodec,
  policyRecordCodec,
  type RawRecord,
  rankRecordCodec,
  record,
  removeCodec,
} from '@cloudless/core/model';
import type { Case } from '../primitives/case.js';
import { crypto, Folder, headsOf, judged, type Somebody, somebody } from './folder.js';

/** The vectors of `spec/03 §9` and `§10`. */
export function removalCases(): readonly Case[] {
  return [...removed(), ...ranked(), ...devices(), ...others()];
}

function remove(target: Somebody, cut: readonly Head[] = headsOf([target])): RawRecord {
  return record('remove', removeCodec, { person: target.personId, cut });
}

function removeDevice(target: Somebody, next?: NextKeys): RawRecord {
  return record('remove', removeCodec, { device: target.keys.device, cut: headsOf([target]), next });
}

function rank(target: Somebody, to: 'owner' | 'admin' | 'writer' | 'reader' | 'store'): RawRecord {
  return record('rank', rankRecordCodec, { person: target.personId, rank: to, cut: headsOf([target]) });
}

function removed(): readonly Case[] {
  const kick = new Folder('kick');
  const anna = kick.member(kick.owner, 'admin', 'anna');
  const bert = kick.member(anna, 'writer', 'bert');
  kick.say(kick.owner, [remove(anna)]);
  kick.say(anna, [remove(bert), rank(bert, 'store')], []);
  kick.say(bert, [remove(kick.owner), remove(bert)]);
  const again = new Folder('again');
  const carl = again.member(again.owner, 'writer', 'carl');
  again.say(again.owner, [remove(carl)]);
  again.admit(again.owner, { keys: carl.keys, rank: 'writer' });
  again.say(again.owner, [rank(carl, 'admin')]);
  const late = new Folder('late');
  const dora = late.member(late.owner, 'writer', 'dora');
  late.say(late.owner, [remove(dora)]);
  const emil = late.newcomer('emil');
  late.join(emil, late.admit(dora, { keys: emil.keys, rank: 'writer' }, []).hash, [dora]);
  const unseen = new Folder('unseen cut');
  const fred = unseen.member(unseen.owner, 'writer', 'fred');
  unseen.admit(fred, { keys: somebody('guest').keys, rank: 'reader' }, []);
  unseen.say(unseen.owner, [remove(fred)], []);
  const mutual = new Folder('mutual', 2);
  const second = mutual.people[1] as Somebody;
  mutual.join(second, mutual.owner.log[0]?.hash as Somebody['log'][0]['hash']);
  const before = headsOf([mutual.owner]);
  mutual.say(mutual.owner, [remove(second)]);
  mutual.say(second, [remove(mutual.owner, before)], []);
  return [
    judged('remove', 'A removed admin goes on, as if it had not heard of it.', ['MEM-32', 'MEM-34'], kick),
    judged('remove-again', 'The same keys are let in again, and ranked.', ['MEM-35'], again),
    judged('remove-inviter', 'Who lets somebody in while being removed.', ['MEM-34', 'MEM-14'], late),
    judged('remove-unseen-cut', 'A cut names an entry that its author had not seen.', ['MEM-34'], unseen),
    judged('remove-mutual', 'Two owners remove each other.', ['MEM-29', 'MEM-32'], mutual),
  ];
}

function ranked(): readonly Case[] {
  const demoted = new Folder('demoted');
  const anna = demoted.member(demoted.owner, 'admin', 'anna');
  const bert = demoted.member(demoted.owner, 'writer', 'bert');
  demoted.say(demoted.owner, [rank(anna, 'writer')]);
  demoted.say(anna, [rank(bert, 'reader'), remove(bert)], []);
  demoted.admit(anna, { keys: somebody('guest').keys, rank: 'reader' }, []);
  const lowest = new Folder('lowest', 2);
  const second = lowest.people[1] as Somebody;
  lowest.join(second, lowest.owner.log[0]?.hash as Somebody['log'][0]['hash']);
  const carl = lowest.member(lowest.owner, 'writer', 'carl');
  lowest.say(second, [], [lowest.owner, carl]);
  lowest.say(lowest.owner, [rank(carl, 'admin'), rank(carl, 'owner')], []);
  lowest.say(second, [rank(carl, 'store')], []);
  const flat = new Folder('flat');
  const [one, two] = [flat.member(flat.owner, 'admin', 'one'), flat.member(flat.owner, 'admin', 'two')];
  const writer = flat.member(two, 'writer');
  flat.say(one, [
    remove(two),
    rank(two, 'writer'),
    rank(writer, 'admin'),
    remove(flat.owner),
    remove(somebody('nobody')),
  ]);
  return [
    judged('rank-cut', 'An admin who was made a writer goes on.', ['MEM-36'], demoted),
    judged('rank-lowest', 'Two ranks that had not seen each other.', ['MEM-36'], lowest),
    judged('rank-rights', 'What an admin may not do.', ['MEM-32', 'MEM-36'], flat),
  ];
}

/** A further device of somebody. */
function device(
  folder: Folder,
  of: Somebody,
  name: string,
  person: PersonKeys = of.person,
  seen = folder.people,
): Somebody {
  const made = somebody(name);
  const { device: id, agreement } = made.keys;
  const keys = { ...of.keys, device: id, agreement };
  if (person !== of.person) {
    keys.personSign = crypto.ed25519Public(person.signSeed);
    keys.personBox = crypto.x25519Public(person.boxSecret);
  }
  const certificate = certify(crypto, person.signSeed, { folder: folder.id }, keys, 1);
  const known = [...seen];
  const further: Somebody = { ...made, keys, person, personId: of.personId };
  folder.people.push(further);
  const value = { person: of.personId, device: id, agreement, generation: 1, certificate };
  folder.say(further, [record('device', deviceCodec, value)], known);
  return further;
}

function devices(): readonly Case[] {
  const own = new Folder('own devices');
  const anna = own.member(own.owner, 'writer', 'anna');
  const phone = device(own, anna, 'phone');
  const { person } = somebody('anna again');
  const next = { personSign: crypto.ed25519Public(person.signSeed), personBox: crypto.x25519Public(person.boxSecret) };
  own.say(anna, [removeDevice(phone, next)]);
  device(own, anna, 'stolen', anna.person, [phone]);
  own.say(phone, [removeDevice(anna)], []);
  device(own, anna, 'tablet', person);
  const order = new Folder('device order');
  const [first, later] = [device(order, order.owner, 'first'), device(order, order.owner, 'later')];
  order.say(order.owner, [], [first]);
  order.say(order.owner, [], [later]);
  const seen = [...order.people];
  order.say(first, [removeDevice(later)], seen);
  order.say(later, [removeDevice(first)], [order.owner]);
  return [
    judged('device-removed', 'A device is removed and enrols another.', ['MEM-25', 'MEM-37', 'MEM-38'], own),
    judged('device-mutual', 'Two devices of one person remove each other.', ['MEM-30', 'MEM-37'], order),
  ];
}

function others(): readonly Case[] {
  const leave = new Folder('leave');
  const anna = leave.member(leave.owner, 'writer', 'anna');
  leave.say(anna, [record('leave', plainCodec, {})]);
  leave.admit(anna, { keys: somebody('guest').keys, rank: 'reader' }, []);
  const policy = new Folder('policy', 2);
  const second = policy.people[1] as Somebody;
  policy.join(second, policy.owner.log[0]?.hash as Somebody['log'][0]['hash']);
  const writer = policy.member(policy.owner, 'writer');
  const set = (invite: 'admin' | 'reader', history: 'all' | 'since-join'): RawRecord =>
    record('policy', policyRecordCodec, { policy: { invite, history, retention: 'keep' }, version: 1 });
  policy.say(policy.owner, [set('reader', 'since-join')], [second]);
  policy.say(second, [set('admin', 'all')], []);
  policy.admit(writer, { keys: somebody('guest').keys, rank: 'reader' });
  policy.say(writer, [set('reader', 'all')]);
  const proof = new Folder('proof');
  const bert = proof.member(proof.owner, 'admin', 'bert');
  const left = proof.say(bert, [], []);
  bert.log.pop();
  const right = proof.admit(bert, { keys: somebody('right').keys, rank: 'reader' }, []);
  const run = (entry: Somebody['log'][0]): { headers: readonly Uint8Array[]; signature: Uint8Array } => ({
    headers: [entry.headerBytes],
    signature: entry.signature ?? new Uint8Array(64),
  });
  const fork = (one: Somebody['log'][0], other: Somebody['log'][0]): RawRecord =>
    record('fork', forkCodec, { first: run(one), second: run(other) });
  proof.say(proof.owner, [fork(left, right), fork(left, left)], []);
  return [
    judged('leave', 'Somebody leaves and goes on.', ['MEM-39'], leave),
    judged('policy', 'Two policies that had not seen each other, and one by a writer.', ['MEM-40'], policy),
    judged('fork-record', 'A record that proves a fork, and one that proves none.', ['MEM-41', 'MEM-42'], proof),
  ];
}
