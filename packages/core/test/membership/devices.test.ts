import { describe, expect, test } from 'vitest';
import { personKeysMax } from '../../src/limits.js';
import { deviceEntry, membershipEntry } from '../../src/membership/index.js';
import {
  certify,
  type DeviceRecord,
  deviceCodec,
  type Entry,
  freshDeviceKeys,
  memberKeysOf,
  record,
  type Signed,
} from '../../src/model/index.js';
import { providers } from '../providers.js';
import { headsOf, type Somebody, World } from './world.js';

/** A further key of somebody, in the place of the one it had. */
function another(world: World, of: Somebody, generation = 1, seen: readonly Somebody[] = world.everybody): Somebody {
  const device = freshDeviceKeys(world.random);
  const keys = memberKeysOf(world.crypto, device, of.person);
  const next = { folder: world.folder, person: of.personId, generation, retires: of.id, clock: world.tick() };
  const entry = deviceEntry(world.crypto, device, of.person, { ...next, heads: headsOf(seen) });
  const somebody = { ...of, device, keys, id: keys.device, log: [entry] };
  world.everybody.push(somebody);
  return somebody;
}

/** A device record of any content as the first entry of a fresh key. */
function claim(
  world: World,
  of: Somebody,
  change: Partial<DeviceRecord>,
  seen: readonly Somebody[] = world.everybody,
): Signed<Entry> {
  const device = freshDeviceKeys(world.random);
  const keys = memberKeysOf(world.crypto, device, of.person);
  const { agreement } = keys;
  const generation = change.generation ?? 1;
  const certificate = certify(world.crypto, of.person.signSeed, { folder: world.folder }, keys, generation);
  const value = { person: of.personId, device: keys.device, agreement, generation, certificate, ...change };
  const place = { folder: world.folder, seq: 1, previous: undefined, heads: headsOf(seen), clock: world.tick() };
  const entry = membershipEntry(world.crypto, device, place, [record('device', deviceCodec, value)]);
  world.everybody.push({ ...of, device, keys, id: keys.device, log: [entry] });
  return entry;
}

describe.each(providers)('further device keys ($name)', (crypto) => {
  test('[MEM-25] [MEM-26] have the rank of their person, in whose place they come', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    const next = another(world, anna);
    const membership = world.judge();
    expect(membership.voids).toEqual([]);
    expect(membership.members).toHaveLength(2);
    expect(membership.rankOf(next.id)).toBe('writer');
    expect(membership.mayWrite(next.id)).toBe(true);
    expect(membership.memberOf(next.id)?.person).toBe(anna.personId);
  });

  test('[MEM-26] let others in, and boxes are still one for each person', () => {
    const world = new World(crypto);
    const before = world.judge().recipients();
    const next = another(world, world.owner);
    expect(world.judge().recipients()).toEqual(before);
    const anna = world.member(next, 'admin');
    const { entry } = world.epoch(anna);
    const membership = world.judge();
    expect(membership.rankOf(anna.id)).toBe('admin');
    expect(membership.recipients().key).toHaveLength(2);
    expect(membership.voids).toEqual([]);
    expect(membership.epochs.map(({ author }) => author)).toContain(entry.header.device);
  });

  test('[MEM-28] retire the key before them, which still counts', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    const next = another(world, anna);
    const third = another(world, next, 2);
    world.member(anna, 'reader');
    const membership = world.judge();
    const member = membership.memberOf(anna.id);
    expect(member?.devices.map(({ device }) => device)).toEqual([third.id]);
    expect([anna, next, third].map(({ id }) => membership.isRetired(id))).toEqual([true, true, false]);
    expect(membership.rankOf(anna.id)).toBe('writer');
    expect(membership.members).toHaveLength(3);
  });

  test('[MEM-25] count only with the certificate of their person', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    const bert = world.member(world.owner, 'writer');
    const forged = claim(world, anna, { certificate: new Uint8Array(64).fill(1) });
    const stolen = claim(world, bert, { person: anna.personId });
    const shifted = claim(world, anna, { agreement: world.fresh().keys.agreement });
    const weak = claim(world, anna, { agreement: new Uint8Array(32) });
    for (const entry of [forged, stolen, shifted]) expect(world.reasons(entry)).toEqual(['bad-certificate']);
    expect(world.reasons(weak)).toEqual(['bad-key']);
    expect(world.judge().members.flatMap(({ devices }) => devices)).toHaveLength(3);
  });

  test('[MEM-25] count only where they have seen their person join, first in their log', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    const early = claim(world, anna, {}, []);
    const nobody = claim(world, world.fresh(), {});
    const first = claim(world, anna, { generation: 0 });
    for (const entry of [early, nobody, first]) expect(world.reasons(entry)).toEqual(['not-member']);
    const value = { person: anna.personId, device: anna.id, agreement: anna.keys.agreement, generation: 1 };
    const raw = record('device', deviceCodec, { ...value, certificate: new Uint8Array(64) });
    expect(world.reasons(world.say(anna, [], [raw]))).toEqual(['misplaced']);
    expect(world.judge().stopped).toBeUndefined();
  });

  test('[MEM-27] are at most so many', () => {
    const world = new World(crypto, { seed: 'many' });
    const keys = Array.from({ length: personKeysMax }, (_, i) => another(world, world.owner, i + 1, [world.owner]));
    const membership = world.judge();
    const ids = keys.map(({ id }) => id).sort();
    expect(ids.map((id) => membership.rankOf(id)).indexOf(undefined)).toBe(personKeysMax - 1);
  });

  test('are judged alike in any order of arrival', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'admin');
    const next = another(world, anna);
    world.member(next, 'writer');
    const forward = world.judge();
    const backward = world.judge([...world.entries].reverse());
    expect(backward.members).toEqual(forward.members);
    expect(backward.voids).toEqual(forward.voids);
  });
});
