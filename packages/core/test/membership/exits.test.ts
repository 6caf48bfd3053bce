import { describe, expect, test } from 'vitest';
import { type Membership, type OpenedEpoch, openEarlier, openEpoch, openGivenKey } from '../../src/membership/index.js';
import {
  freshPersonKeys,
  type NextKeys,
  type PersonKeys,
  plainCodec,
  policyRecordCodec,
  record,
} from '../../src/model/index.js';
import { providers } from '../providers.js';
import { headsOf, type Somebody, World } from './world.js';

const crypto = providers[1] ?? (providers[0] as (typeof providers)[0]);

function nextOf(person: PersonKeys): NextKeys {
  return { personSign: crypto.ed25519Public(person.signSeed), personBox: crypto.x25519Public(person.boxSecret) };
}

/** A folder with a first epoch and two writers who were let in before it. */
function folder(): { world: World; anna: Somebody; bert: Somebody; first: OpenedEpoch } {
  const world = new World(crypto);
  const [anna, bert] = [world.member(world.owner, 'writer'), world.member(world.owner, 'writer')];
  return { world, anna, bert, first: world.epoch(world.owner).epoch };
}

function opens(world: World, somebody: Somebody, secret = somebody.person.boxSecret): boolean {
  const epoch = world.judge().currentEpoch();
  if (epoch === undefined) throw new Error('no epoch is current');
  try {
    openEpoch(crypto, world.folder, world.genesisRecord, epoch, { person: somebody.personId, boxSecret: secret });
    return true;
  } catch {
    return false;
  }
}

function keyNow(membership: Membership): string | undefined {
  return membership.currentEpoch()?.id;
}

describe('epochs after exits', () => {
  test('M4 M5 [EPO-22] [EPO-9] after a removal no epoch is current until somebody makes one, whoever is left', () => {
    const { world, anna, bert, first } = folder();
    expect(keyNow(world.judge())).toBe(first.id);
    world.remove(world.owner, anna);
    expect([keyNow(world.judge()), world.judge().epochOwed()]).toEqual([undefined, true]);
    const second = world.epoch(bert);
    expect(world.reasons(second.entry)).toEqual([]);
    expect([keyNow(world.judge()), world.judge().epochOwed()]).toEqual([second.epoch.id, false]);
    expect([world.owner, bert, anna].map((each) => opens(world, each))).toEqual([true, true, false]);
    expect(world.judge().mayHold(second.epoch.id, anna.id)).toBe(false);
    expect(world.reasons(world.epoch(bert).entry)).toEqual(['not-owed']);
  });

  test('M4 [EPO-9] the epoch of somebody who had not heard of a removal is not current for who has', () => {
    const { world, anna, bert, first } = folder();
    const before = world.judge().recipients();
    world.say(world.owner, world.everybody, [record('rotate', plainCodec, {})]);
    const known = [...world.everybody];
    world.say(bert, known, []);
    world.remove(world.owner, anna);
    const blind = world.epoch(bert, { recipients: before, seen: [] });
    expect(world.reasons(blind.entry)).toEqual([]);
    expect(world.judge().epochs.map(({ id }) => id)).toContain(first.id);
    expect([keyNow(world.judge()), world.judge().epochOwed()]).toEqual([undefined, true]);
  });

  test('M6 [EPO-13] after two removals that had not seen each other the next epoch leaves both out', () => {
    const world = new World(crypto);
    const [one, two] = [world.member(world.owner, 'admin'), world.member(world.owner, 'admin')];
    const [anna, bert] = [world.member(one, 'writer'), world.member(two, 'writer')];
    world.epoch(world.owner);
    const [left, right] = [
      world.everybody.filter((each) => each !== two),
      world.everybody.filter((each) => each !== one),
    ];
    world.remove(one, anna, { seen: left });
    const isLeft = (recipient: { person: string }): boolean => recipient.person !== bert.personId;
    const all = world.judge().recipients();
    const epochs = [world.epoch(one, { seen: left, recipients: all })];
    world.remove(two, bert, { seen: right });
    const withAnna = [...all.key.filter(isLeft), { person: anna.personId, boxKey: anna.keys.personBox }];
    const key = withAnna.sort((a, b) => (a.person < b.person ? -1 : 1));
    epochs.push(world.epoch(two, { seen: right, recipients: { ...all, key } }));
    expect(epochs.map(({ entry }) => world.reasons(entry))).toEqual([[], []]);
    expect([keyNow(world.judge()), world.judge().epochOwed()]).toEqual([undefined, true]);
    world.epoch(world.owner);
    expect([one, two, anna, bert].map((each) => opens(world, each))).toEqual([true, true, false, false]);
  });

  test('[EPO-22] leaves, demotions to store, rotates and removals of devices owe one; other ranks do not', () => {
    for (const [name, owed] of [
      ['leave', true],
      ['store', true],
      ['reader', false],
      ['rotate', true],
      ['rotate by a writer', false],
      ['device', true],
    ] as const) {
      const { world, anna, bert } = folder();
      if (name === 'leave') world.leave(anna);
      else if (name === 'device') world.remove(anna, world.device(anna), { device: true });
      else if (name === 'store' || name === 'reader') world.rank(world.owner, anna, name);
      else world.say(name === 'rotate' ? world.owner : bert, world.everybody, [record('rotate', plainCodec, {})]);
      expect([name, world.judge().epochOwed()]).toEqual([name, owed]);
      const made = world.epoch(bert);
      expect(world.reasons(made.entry)).toEqual(owed ? [] : ['not-owed']);
      expect(world.judge().epochOwed()).toBe(false);
    }
  });

  test('M11 [EPO-23] a removed device opens no later epoch, and the person does with new keys', () => {
    const { world, anna, bert } = folder();
    const phone = world.device(anna);
    const person = freshPersonKeys(world.random);
    world.remove(anna, phone, { device: true, next: nextOf(person) });
    world.epoch(bert);
    expect(opens(world, anna)).toBe(false);
    expect(opens(world, anna, person.boxSecret)).toBe(true);
    expect(world.judge().recipients().key).toHaveLength(3);
  });

  test('[EPO-23] a device that somebody else removed leaves its person without a box until new keys come', () => {
    const { world, anna, bert } = folder();
    const phone = world.device(anna);
    world.remove(world.owner, phone, { device: true });
    world.epoch(bert);
    expect([opens(world, anna), world.judge().mayHold(keyNow(world.judge()) as never, anna.id)]).toEqual([false, true]);
    const person = freshPersonKeys(world.random);
    world.remove(anna, phone, { device: true, next: nextOf(person) });
    world.epoch(bert);
    expect(opens(world, anna, person.boxSecret)).toBe(true);
    const tablet = world.device(anna, person);
    expect(world.judge().rankOf(tablet.id)).toBe('writer');
  });

  test('[EPO-23] of two removals that had not seen each other neither’s keys do, after a third its', () => {
    const { world, anna, bert } = folder();
    const [phone, tablet] = [world.device(anna), world.device(anna)];
    const lost = world.device(anna);
    const seen = [...world.everybody];
    const persons = [1, 2, 3].map(() => freshPersonKeys(world.random));
    const next = (index: number): NextKeys => nextOf(persons[index] as PersonKeys);
    world.remove(phone, lost, { device: true, next: next(0), seen });
    world.remove(tablet, lost, { device: true, next: next(1), seen: seen.filter((each) => each !== phone) });
    const of = (): boolean =>
      world
        .judge()
        .recipients()
        .key.some(({ person }) => person === anna.personId);
    expect(of()).toBe(false);
    world.remove(anna, lost, { device: true, next: next(2) });
    expect(of()).toBe(true);
    world.epoch(bert);
    expect(opens(world, anna, persons[2]?.boxSecret)).toBe(true);
  });

  test('M13 [EPO-11] an epoch with the removed still among its recipients, or without somebody, is void', () => {
    const { world, anna, bert } = folder();
    const all = world.judge().recipients();
    world.remove(world.owner, anna);
    const right = world.judge().recipients();
    for (const recipients of [all, { ...right, key: right.key.slice(1) }]) {
      expect(world.reasons(world.epoch(bert, { recipients }).entry)).toEqual(['wrong-recipients']);
    }
  });

  test('M10 a device that was away over 20 epochs opens the last, and with it those before', () => {
    const { world, anna, bert } = folder();
    const keys: OpenedEpoch[] = [];
    for (let i = 0; i < 20; i++) {
      world.say(world.owner, world.everybody, [record('rotate', plainCodec, {})]);
      keys.push(world.epoch(bert, { earlier: keys.map(({ id, key }) => ({ epoch: id, key })) }).epoch);
    }
    const current = world.judge().currentEpoch();
    if (current === undefined) throw new Error('no epoch is current');
    const box = { person: anna.personId, boxSecret: anna.person.boxSecret };
    const opened = openEpoch(crypto, world.folder, world.genesisRecord, current, box);
    const earlier = openEarlier(crypto, opened, current.record);
    expect(earlier.map(({ epoch }) => epoch)).toEqual(keys.slice(0, -1).map(({ id }) => id));
    for (const { epoch, key } of earlier) {
      const known = world.judge().epoch(epoch);
      if (known === undefined) throw new Error('an epoch is missing');
      expect(openGivenKey(crypto, world.genesisRecord, known, key).id).toBe(epoch);
    }
  });

  test('M16 [EPO-16] since-join holds for the epochs that it made, also after the policy is opened', () => {
    const world = new World(crypto, { policy: { history: 'since-join' } });
    const closed = world.epoch(world.owner).epoch;
    const policy = { invite: 'writer', history: 'all', retention: 'keep' } as const;
    world.say(world.owner, [], [record('policy', policyRecordCodec, { policy, version: 1 })]);
    world.say(world.owner, [], [record('rotate', plainCodec, {})]);
    const open = world.epoch(world.owner).epoch;
    const anna = world.member(world.owner, 'writer');
    const membership = world.judge();
    expect([closed.id, open.id].map((id) => membership.mayHold(id, anna.id))).toEqual([false, true]);
  });

  test('[EPO-24] an epoch made past a cut seals nothing new, and what it sealed stays readable', () => {
    const { world, anna, bert } = folder();
    const cut = headsOf([anna]);
    const seen = [...world.everybody];
    world.say(world.owner, seen, [record('rotate', plainCodec, {})]);
    const fallen = world.epoch(anna);
    expect(keyNow(world.judge())).toBe(fallen.epoch.id);
    world.remove(world.owner, anna, { cut });
    const membership = world.judge();
    expect(world.reasons(fallen.entry)).toEqual(['removed']);
    expect([keyNow(membership), membership.epochOwed()]).toEqual([undefined, true]);
    expect(membership.fallenEpochs.map(({ id }) => id)).toEqual([fallen.epoch.id]);
    expect(membership.mayHold(fallen.epoch.id, bert.id)).toBe(true);
    const known = membership.epoch(fallen.epoch.id);
    if (known === undefined) throw new Error('the epoch is missing');
    expect(openGivenKey(crypto, world.genesisRecord, known, fallen.epoch.key).key).toEqual(fallen.epoch.key);
  });
});
