import { describe, expect, test } from 'vitest';
import { concat } from '../../src/bytes.js';
import {
  type Entry,
  freshPersonKeys,
  type Policy,
  policyRecordCodec,
  type RankRecord,
  rankRecordCodec,
  record,
  recordTypes,
  type Signed,
} from '../../src/model/index.js';
import { providers } from '../providers.js';
import { headsOf, reasons, type Somebody, World } from './world.js';

// The rules are the same with any provider; the faster one judges the same folders again and again.
const crypto = providers[1] ?? (providers[0] as (typeof providers)[0]);

/** What everybody is, by the order of `people`; nothing for who is out. */
function ranks(world: World, people: readonly Somebody[]): readonly (string | undefined)[] {
  const membership = world.judge();
  expect(world.judge([...world.entries].reverse()).members).toEqual(membership.members);
  return people.map(({ id }) => membership.rankOf(id));
}

describe('removals', () => {
  test('M1 [MEM-34] [MEM-35] what a removed person goes on writing is void, through whomever it comes', () => {
    const world = new World(crypto);
    const [anna, bert] = [world.member(world.owner, 'writer'), world.member(world.owner, 'writer')];
    const before = world.admit(anna, world.newcomer().keys, 'reader');
    world.remove(world.owner, anna);
    const after = world.admit(anna, world.fresh().keys, 'reader', {}, []);
    world.say(bert, [anna], []);
    expect(ranks(world, [anna, bert])).toEqual([undefined, 'writer']);
    expect([before, after].map((entry) => world.reasons(entry))).toEqual([[], ['removed']]);
    expect(world.judge().memberByAgreement(anna.keys.agreement)).toBeUndefined();
    expect(
      world
        .judge()
        .frontier({ device: bert.id, log: 'membership' })
        .map(({ device }) => device),
    ).not.toContain(anna.id);
  });

  test('M2 [MEM-34] a removed admin who leaves the removal out of what it saw changes nothing', () => {
    const world = new World(crypto);
    const [anna, bert] = [world.member(world.owner, 'admin'), world.member(world.owner, 'writer')];
    const seen = [...world.everybody];
    const cut = headsOf([anna]);
    world.remove(world.owner, anna);
    const backdated = [world.remove(anna, bert, { seen: [] }), world.rank(anna, bert, 'store', { seen })];
    expect(cut[0]?.seq).toBe(1);
    expect(backdated.map((entry) => world.reasons(entry))).toEqual([['removed'], ['removed']]);
    expect(ranks(world, [anna, bert])).toEqual([undefined, 'writer']);
  });

  test('M3 L1 [MEM-24] [MEM-42] who writes its log anew from before the cut only closes its key', () => {
    const world = new World(crypto);
    const [anna, bert] = [world.member(world.owner, 'admin'), world.member(world.owner, 'writer')];
    const admitted = world.newcomer();
    const kept = world.admit(anna, admitted.keys, 'reader', {}, []);
    world.join(admitted, kept.hash, [anna]);
    world.remove(world.owner, anna);
    anna.log.pop();
    const other = world.remove(anna, bert, { seen: [] });
    const membership = world.judge([...world.entries, kept]);
    expect(membership.members.map(({ person }) => person)).not.toContain(anna.personId);
    expect([bert, admitted].map(({ id }) => membership.rankOf(id))).toEqual(['writer', 'reader']);
    expect(reasons(membership, kept)).toEqual([]);
    expect(reasons(membership, other)).not.toEqual([]);
  });

  test('M6 two who are removed by two admins that had not heard of each other are both out', () => {
    const world = new World(crypto);
    const [one, two] = [world.member(world.owner, 'admin'), world.member(world.owner, 'admin')];
    const [anna, bert] = [world.member(one, 'writer'), world.member(two, 'writer')];
    const seen = [...world.everybody];
    world.remove(one, anna, { seen: seen.filter((each) => each !== two) });
    world.remove(two, bert, { seen: seen.filter((each) => each !== one) });
    expect(ranks(world, [one, two, anna, bert])).toEqual(['admin', 'admin', undefined, undefined]);
  });

  test('M7 [MEM-32] of owners who remove each other the first stays; admins can’t', () => {
    const world = new World(crypto, { owners: 2 });
    const [first, second] = [world.owners[0] as Somebody, world.owners[1] as Somebody];
    world.join(second, first.log[0]?.hash as Signed<Entry>['hash']);
    const [one, two] = [world.member(first, 'admin'), world.member(first, 'admin')];
    const both = [world.remove(first, second, { seen: [second] }), world.remove(second, first, { seen: [] })];
    const admins = [world.remove(one, two), world.remove(two, one), world.remove(one, first)];
    expect(world.reasons(both[0] as Entry)).toEqual([]);
    expect(world.reasons(both[1] as Entry)).toEqual(['removed']);
    for (const entry of admins) expect(world.reasons(entry)).toEqual(['not-allowed']);
    expect(ranks(world, [first, second, one, two])).toEqual(['owner', undefined, 'admin', 'admin']);
  });

  test('M7 [MEM-29] [MEM-33] who is made an admin while an admin removes them: the order decides', () => {
    for (const order of ['before', 'after'] as const) {
      const world = new World(crypto, { owners: 2 });
      const [first, second] = [world.owners[0] as Somebody, world.owners[1] as Somebody];
      world.join(second, first.log[0]?.hash as Signed<Entry>['hash']);
      const anna = world.member(first, 'writer');
      const bert = world.member(first, 'writer');
      world.rank(order === 'before' ? second : first, anna, 'admin');
      const known = [...world.everybody];
      world.rank(order === 'before' ? first : second, bert, 'admin', { seen: known.filter((each) => each !== anna) });
      const blind = headsOf([bert]);
      const removal = world.remove(anna, bert, {
        seen: [first, second].slice(0, order === 'before' ? 0 : 1),
        cut: blind,
      });
      const revenge = world.remove(bert, anna, { seen: [], cut: headsOf([anna]).map((head) => ({ ...head, seq: 1 })) });
      const outcome = ranks(world, [first, second]);
      expect(outcome).toEqual(['owner', 'owner']);
      const inside = world.judge().members.map(({ person }) => person);
      expect(inside.includes(anna.personId) || inside.includes(bert.personId)).toBe(true);
      expect([removal, revenge].some((entry) => world.reasons(entry).length > 0)).toBe(true);
    }
  });

  test('M8 who lets somebody in while being removed: the newcomer is out too', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    world.remove(world.owner, anna);
    const late = world.newcomer();
    const admit = world.admit(anna, late.keys, 'writer', {}, []);
    const join = world.join(late, admit.hash, [anna]);
    expect(ranks(world, [anna, late])).toEqual([undefined, undefined]);
    expect([admit, join].map((entry) => world.reasons(entry))).toEqual([['removed'], ['no-admit']]);
  });

  test('M9 [MEM-35] letting the same keys in again, or the old admit said again, brings nobody back', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    const admit = world.owner.log.at(-1) as Signed<Entry>;
    world.remove(world.owner, anna);
    world.admit(world.owner, anna.keys, 'writer');
    world.rank(world.owner, anna, 'admin');
    const again = world.judge([...world.entries, admit, admit]);
    expect(again.rankOf(anna.id)).toBeUndefined();
    expect(again.invited).toEqual([]);
    const fresh = world.member(world.owner, 'writer');
    expect(ranks(world, [fresh])).toEqual(['writer']);
  });

  test('M11 M14 [MEM-37] [MEM-38] a removed device makes no other and removes nobody, nor does a stranger', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    const bert = world.member(world.owner, 'writer');
    const phone = world.device(anna);
    const person = freshPersonKeys(world.random);
    const next = {
      personSign: crypto.ed25519Public(person.signSeed),
      personBox: crypto.x25519Public(person.boxSecret),
    };
    world.remove(anna, phone, { device: true, next });
    const stolen = world.device(phone, phone.person, [phone]);
    const revenge = world.remove(phone, anna, { device: true, seen: [] });
    const other = world.remove(bert, anna, { device: true });
    const tablet = world.device(anna, person);
    const membership = world.judge();
    const devices = membership.memberOf(anna.id)?.devices.map(({ device }) => device);
    expect(devices?.sort()).toEqual([anna.id, tablet.id].sort());
    expect(reasons(membership, revenge)).toEqual(['removed']);
    expect(reasons(membership, stolen.log[0] as Entry)).toEqual(['not-member']);
    expect(reasons(membership, other)).toEqual(['not-allowed']);
    expect(membership.rankOf(phone.id)).toBeUndefined();
  });

  test('[MEM-30] [MEM-37] of two devices that remove each other the one that was known first stands', () => {
    const world = new World(crypto);
    const phone = world.device(world.owner);
    world.say(world.owner, [phone], []);
    const tablet = world.device(world.owner);
    world.say(world.owner, [tablet], []);
    const seen = [...world.everybody];
    world.remove(phone, tablet, { device: true, seen });
    world.remove(tablet, phone, { device: true, seen: seen.filter((each) => each !== phone) });
    expect(ranks(world, [world.owner, phone, tablet])).toEqual(['owner', 'owner', undefined]);
    world.remove(phone, world.owner, { device: true });
    expect(ranks(world, [world.owner, phone])).toEqual([undefined, 'owner']);
    expect(world.judge().members[0]?.rank).toBe('owner');
  });

  test('[MEM-36] a demotion bounds what its target had not seen of it, and a promotion after it does not', () => {
    const world = new World(crypto);
    const [anna, bert] = [world.member(world.owner, 'admin'), world.member(world.owner, 'writer')];
    const early = world.rank(anna, bert, 'reader');
    world.rank(world.owner, anna, 'writer');
    const late = world.rank(anna, bert, 'store', { seen: [] });
    const admit = world.admit(anna, world.fresh().keys, 'reader', {}, []);
    expect([early, late, admit].map((entry) => world.reasons(entry))).toEqual([[], ['not-allowed'], []]);
    expect(ranks(world, [anna, bert])).toEqual(['writer', 'reader']);
    world.rank(world.owner, anna, 'admin');
    const again = world.rank(anna, bert, 'writer');
    expect(world.reasons(again)).toEqual([]);
    expect(ranks(world, [anna, bert])).toEqual(['admin', 'writer']);
  });

  test('[MEM-36] of ranks that had not seen each other the lowest holds; admins make no admins', () => {
    const world = new World(crypto, { owners: 2 });
    const second = world.owners[1] as Somebody;
    world.join(second, world.owner.log[0]?.hash as Signed<Entry>['hash']);
    const anna = world.member(world.owner, 'writer');
    const admin = world.member(world.owner, 'admin');
    const seen = [...world.everybody];
    world.rank(world.owner, anna, 'admin', { seen });
    world.rank(second, anna, 'store', { seen: seen.filter((each) => each !== world.owner) });
    expect(ranks(world, [anna])).toEqual(['store']);
    expect(world.reasons(world.rank(world.owner, anna, 'owner'))).toEqual(['not-allowed']);
    expect(world.reasons(world.rank(admin, anna, 'admin'))).toEqual(['not-allowed']);
    expect(world.reasons(world.rank(anna, admin, 'store'))).toEqual(['not-allowed']);
  });

  test('[MEM-14] a rank outlives the admit of somebody who was removed', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    const before = headsOf([anna]);
    const bert = world.member(anna, 'writer');
    const carl = world.member(anna, 'writer');
    world.rank(world.owner, bert, 'reader');
    world.remove(world.owner, anna, { cut: before });
    expect(ranks(world, [bert, carl])).toEqual(['reader', undefined]);
  });

  test('[MEM-32] removals of nobody, of oneself, by writers, and with a wrong form are void', () => {
    const world = new World(crypto);
    const [anna, bert] = [world.member(world.owner, 'writer'), world.member(world.owner, 'writer')];
    expect(world.reasons(world.remove(world.owner, world.fresh()))).toEqual(['no-target']);
    expect(world.reasons(world.remove(world.owner, world.fresh(), { device: true }))).toEqual(['no-target']);
    expect(world.reasons(world.remove(anna, anna))).toEqual(['not-allowed']);
    expect(world.reasons(world.remove(anna, anna, { device: true }))).toEqual(['not-allowed']);
    expect(world.reasons(world.remove(anna, bert))).toEqual(['not-allowed']);
    const { mayRemove } = { mayRemove: (by: Somebody, of: Somebody) => world.judge().mayRemove(by.id, of.personId) };
    expect([mayRemove(world.owner, anna), mayRemove(anna, bert), mayRemove(world.owner, world.owner)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('[MEM-31] a removal of nobody in particular, of two, or of a person with new keys is malformed', () => {
    const world = new World(crypto);
    const [head, none] = [Uint8Array.of(0x81, 0x02, 0x90), Uint8Array.of(0x80)];
    const key = concat(Uint8Array.of(0xc4, 0x20), new Uint8Array(32));
    const both = concat(Uint8Array.of(0x83, 0x00), key, Uint8Array.of(0x01), key, Uint8Array.of(0x02, 0x90));
    const keys = concat(Uint8Array.of(0x82, 0x00), key, Uint8Array.of(0x01), key);
    const renewed = concat(Uint8Array.of(0x83, 0x00), key, Uint8Array.of(0x02, 0x90, 0x03), keys);
    const records = [head, none, both, renewed].map((payload) => ({ type: recordTypes.remove, payload }));
    expect(world.reasons(world.say(world.owner, [], records))).toEqual(Array(4).fill('malformed'));
  });

  test('[MEM-38] new keys that can’t be used, or for somebody else’s device, make a removal void', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    const phone = world.device(anna);
    const low = { personSign: new Uint8Array(32), personBox: new Uint8Array(32) };
    expect(world.reasons(world.remove(anna, phone, { device: true, next: low }))).toEqual(['bad-key']);
    const { personSign, personBox } = anna.keys;
    const foreign = world.remove(world.owner, phone, { device: true, next: { personSign, personBox } });
    expect(world.reasons(foreign)).toEqual(['not-allowed']);
    expect(ranks(world, [phone])).toEqual(['writer']);
  });

  test('[MEM-39] a leave ends the membership of the person, and what its devices had not shown it', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    const phone = world.device(anna);
    world.say(anna, [phone], []);
    const admit = world.admit(phone, world.fresh().keys, 'reader', {}, []);
    world.leave(anna, []);
    expect(ranks(world, [anna, phone])).toEqual([undefined, undefined]);
    expect(world.reasons(admit)).toEqual(['removed']);
    world.leave(world.owner);
    expect(world.judge().members).toEqual([]);
  });

  test('[MEM-40] owners set policy; of two that had not seen each other the stricter holds', () => {
    const world = new World(crypto, { owners: 2 });
    const second = world.owners[1] as Somebody;
    world.join(second, world.owner.log[0]?.hash as Signed<Entry>['hash']);
    const anna = world.member(world.owner, 'writer');
    const set = (by: Somebody, policy: Partial<Policy>, seen: readonly Somebody[]): Signed<Entry> => {
      const value = { policy: { invite: 'writer', history: 'all', retention: 'keep', ...policy } as const, version: 1 };
      return world.say(by, seen, [record('policy', policyRecordCodec, value)]);
    };
    expect(world.reasons(set(anna, {}, world.everybody))).toEqual(['not-allowed']);
    set(world.owner, { invite: 'reader', history: 'since-join' }, [second]);
    set(second, { invite: 'admin' }, []);
    expect(world.judge().policy).toEqual({ invite: 'admin', history: 'since-join', retention: 'keep' });
    expect(world.reasons(world.admit(anna, world.fresh().keys, 'reader'))).toEqual(['not-allowed']);
    expect(world.reasons(set(world.owner, { invite: 'store' }, []))).toEqual(['malformed']);
  });

  test('[MEM-43] a membership whose time is over goes on until somebody who may removes it', () => {
    const world = new World(crypto);
    const anna = world.newcomer();
    const admit = world.admit(world.owner, anna.keys, 'writer', { expiresMs: 1_000 });
    world.join(anna, admit.hash);
    const membership = world.judge();
    expect(membership.expired(999)).toEqual([]);
    expect(membership.expired(1_000).map(({ person }) => person)).toEqual([anna.personId]);
    expect(membership.rankOf(anna.id)).toBe('writer');
    world.remove(world.owner, anna, { cut: membership.cut({ person: anna.personId }) });
    expect(world.judge().expired(2_000)).toEqual([]);
  });

  test('M15 [MEM-16] who was never let in changes nothing, whatever it writes', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    const stranger = world.newcomer();
    const value: RankRecord = { person: stranger.personId, rank: 'admin', cut: [] };
    const self = world.say(stranger, [world.owner], [record('rank', rankRecordCodec, value)]);
    const removal = world.remove(stranger, anna);
    expect([self, removal].map((entry) => world.reasons(entry))).toEqual([['not-member'], ['not-member']]);
    expect(ranks(world, [world.owner, anna, stranger])).toEqual(['owner', 'writer', undefined]);
  });
});
