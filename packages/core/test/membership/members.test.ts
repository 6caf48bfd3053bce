import { describe, expect, test } from 'vitest';
import { admitEntry, evaluateMembership, MembershipJudge, placeAfter } from '../../src/membership/index.js';
import {
  type AdmitRecord,
  admitCodec,
  certify,
  type Entry,
  type EntryHash,
  joinCodec,
  type RawRecord,
  record,
  recordTypes,
  type Signed,
  signEntry,
} from '../../src/model/index.js';
import { providers } from '../providers.js';
import { headsOf, reasons, type Somebody, World } from './world.js';

function unjudged(type: keyof typeof recordTypes): RawRecord {
  return { type: recordTypes[type], payload: Uint8Array.of(0x80) };
}

describe.each(providers.map((crypto) => ({ name: crypto.name, crypto })))('members with $name', ({ crypto }) => {
  test('the maker of a folder is its owner', () => {
    const world = new World(crypto);
    const membership = world.judge();
    expect(membership.members).toHaveLength(1);
    expect(membership.rankOf(world.owner.id)).toBe('owner');
    expect(membership.memberByAgreement(world.owner.keys.agreement)?.device).toBe(world.owner.id);
    expect(membership.mayWrite(world.owner.id)).toBe(true);
    expect(membership.voids).toEqual([]);
    expect(membership.genesis?.kind).toBe('files');
  });

  test('[MEM-9] a further owner counts once they have countersigned', () => {
    const world = new World(crypto, { owners: 3 });
    const second = world.owners[1] as Somebody;
    const early = world.judge();
    expect(early.rankOf(second.id)).toBeUndefined();
    expect(early.invited.map(({ keys }) => keys.device)).toEqual(world.owners.slice(1).map(({ id }) => id));
    world.join(second, (world.owner.log[0] as Entry).hash);
    const membership = world.judge();
    expect(membership.rankOf(second.id)).toBe('owner');
    expect(membership.members.map(({ keys }) => keys.device)).toEqual([world.owner.id, second.id]);
    expect(membership.mayInvite(second.id, 'admin')).toBe(true);
  });

  test('[MEM-14] who is let in is a member from their join on', () => {
    const world = new World(crypto);
    const anna = world.newcomer();
    const admit = world.admit(world.owner, anna.keys, 'writer', { expiresMs: 5 });
    const before = world.judge();
    expect(before.rankOf(anna.id)).toBeUndefined();
    expect(before.mayWrite(anna.id)).toBe(false);
    expect(before.invited).toMatchObject([{ admit: admit.hash, by: world.owner.id, rank: 'writer', expiresMs: 5 }]);
    world.join(anna, admit.hash);
    const after = world.judge();
    expect(after.memberOf(anna.id)).toMatchObject({
      person: anna.personId,
      rank: 'writer',
      admit: admit.hash,
      expiresMs: 5,
    });
    expect(after.mayWrite(anna.id)).toBe(true);
    expect(after.invited).toEqual([]);
  });

  test('[MEM-15] nobody lets in above their own rank, below policy, or owners', () => {
    const world = new World(crypto);
    const admin = world.member(world.owner, 'admin');
    const writer = world.member(admin, 'writer');
    const reader = world.member(writer, 'reader');
    const store = world.member(writer, 'store');
    const tries: readonly [Somebody, AdmitRecord['rank'], boolean][] = [
      [world.owner, 'owner', false],
      [world.owner, 'admin', true],
      [admin, 'admin', false],
      [admin, 'writer', true],
      [writer, 'admin', false],
      [writer, 'writer', true],
      [reader, 'reader', false],
      [store, 'store', false],
    ];
    for (const [author, rank, allowed] of tries) {
      expect(world.judge().mayInvite(author.id, rank)).toBe(allowed);
      const entry = world.admit(author, world.fresh().keys, rank);
      expect(world.reasons(entry)).toEqual(allowed ? [] : ['not-allowed']);
    }
    expect(world.judge().mayWrite(reader.id)).toBe(false);
    expect(world.judge().mayWrite(store.id)).toBe(false);
  });

  test('policy can leave inviting to admins', () => {
    const world = new World(crypto, { policy: { invite: 'admin' } });
    const writer = world.member(world.owner, 'writer');
    expect(world.reasons(world.admit(writer, world.fresh().keys, 'reader'))).toEqual(['not-allowed']);
  });

  test('[MEM-16] what strangers write is void', () => {
    const world = new World(crypto);
    const stranger = world.newcomer();
    const entry = world.admit(stranger, stranger.keys, 'admin');
    const membership = world.judge();
    expect(reasons(membership, entry)).toEqual(['not-member']);
    expect(membership.rankOf(stranger.id)).toBeUndefined();
    const guest = world.newcomer();
    expect(world.reasons(world.join(guest, entry.hash))).toEqual(['no-admit']);
  });

  test('[MEM-17] a join counts only with its own keys, its own certificate, after its admit', () => {
    const world = new World(crypto);
    const [late, thief, forger] = [world.newcomer(), world.newcomer(), world.newcomer()];
    const admitLate = world.admit(world.owner, late.keys, 'writer');
    const unseen = world.join(late, admitLate.hash, []);
    const admitOther = world.admit(world.owner, world.fresh().keys, 'writer');
    const other = world.join(thief, admitOther.hash);
    const admitForger = world.admit(world.owner, forger.keys, 'writer');
    const nonce = { nonce: crypto.blake3(new Uint8Array(1)) };
    const certificate = certify(crypto, forger.person.signSeed, nonce, forger.keys);
    const join = { admit: admitForger.hash, keys: forger.keys, certificate };
    const forged = world.say(forger, [world.owner], [record('join', joinCodec, join)]);
    const membership = world.judge();
    expect(membership.members).toHaveLength(1);
    expect(reasons(membership, unseen)).toEqual(['no-admit']);
    expect(reasons(membership, other)).toEqual(['no-admit']);
    expect(reasons(membership, forged)).toEqual(['bad-certificate']);
  });

  test('[MEM-18] a join that is not the first record of its log is void', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    const join = anna.log[0] as Signed<Entry>;
    const certificate = certify(crypto, anna.person.signSeed, { folder: world.folder }, anna.keys);
    const again = { admit: join.hash, keys: anna.keys, certificate };
    const entry = world.say(anna, [], [record('join', joinCodec, again)]);
    expect(world.reasons(entry)).toEqual(['misplaced']);
    const genesis = { type: recordTypes.genesis, payload: Uint8Array.of(1) };
    expect(world.reasons(world.say(anna, [], [genesis]))).toEqual(['malformed']);
  });

  test('[MEM-19] a static key stays with the member who had it first', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    const copy = world.fresh();
    const device = { ...copy.device, agreementSecret: anna.device.agreementSecret };
    const thief: Somebody = { ...copy, device, keys: { ...copy.keys, agreement: anna.keys.agreement } };
    world.everybody.push(thief);
    world.join(thief, world.admit(world.owner, thief.keys, 'admin').hash);
    const membership = world.judge();
    expect(membership.members.map(({ keys }) => keys.device)).toEqual([world.owner.id, thief.id, anna.id]);
    expect(membership.memberByAgreement(anna.keys.agreement)?.device).toBe(anna.id);
  });

  test('[MEM-5] unusable keys are not let in', () => {
    const world = new World(crypto);
    const { keys } = world.fresh();
    const low = new Uint8Array(32);
    for (const bad of [
      { ...keys, personBox: low },
      { ...keys, agreement: low },
      { ...keys, personSign: low },
      { ...keys, agreement: keys.personBox },
    ]) {
      expect(world.reasons(world.admit(world.owner, bad, 'writer'))).toEqual(['bad-key']);
    }
  });

  test('[MEM-20] an entry that names what is not here waits, and so do those after it', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    const bert = world.member(anna, 'writer');
    const without = world.entries.filter((entry) => entry !== anna.log[0]);
    const membership = world.judge(without);
    expect(membership.rankOf(bert.id)).toBeUndefined();
    expect([...membership.waiting]).toEqual([...anna.log.slice(1), ...bert.log].map(({ hash }) => hash).sort());
    expect(world.judge().waiting).toEqual([]);
  });

  test('[MEM-20] a head at another place than its entry is never here', () => {
    const world = new World(crypto);
    const head = { ...(headsOf([world.owner])[0] as NonNullable<ReturnType<typeof headsOf>[0]>), seq: 2 };
    const anna = world.newcomer();
    const header = { folder: world.folder, device: anna.id, log: 'membership' as const, seq: 1, heads: [head] };
    const entry = signEntry(crypto, anna.device.deviceSeed, { header: { ...header, clock: 1n, flags: 0 } });
    anna.log.push(entry);
    expect(world.judge().waiting).toEqual([entry.hash]);
  });

  test('without the genesis nobody is a member', () => {
    const world = new World(crypto);
    world.member(world.owner, 'writer');
    const membership = world.judge(world.entries.slice(1));
    expect(membership.genesis).toBeUndefined();
    expect(membership.members).toEqual([]);
    expect(membership.epochOwed()).toBe(false);
    expect(membership.waiting.length).toBeGreaterThan(0);
  });

  test('an entry of another folder is refused', () => {
    const [one, other] = [new World(crypto), new World(crypto, { seed: 'other' })];
    expect(() => evaluateMembership(crypto, one.folder, other.entries)).toThrow(
      expect.objectContaining({ code: 'wrong-folder' }),
    );
  });

  test('[MEM-22] unknown records are void and everything else goes on', () => {
    const world = new World(crypto);
    const unknown = { type: 31, payload: Uint8Array.of(1, 2, 3) };
    const broken = { type: recordTypes.admit, payload: Uint8Array.of(1) };
    const anna = world.newcomer();
    const admit = record('admit', admitCodec, { keys: anna.keys, rank: 'writer' });
    const entry = world.say(world.owner, [], [unknown, broken, admit]);
    world.join(anna, entry.hash);
    const membership = world.judge();
    expect(reasons(membership, entry)).toEqual(['unknown-type', 'malformed']);
    expect(membership.rankOf(anna.id)).toBe('writer');
    expect(membership.stopped).toBeUndefined();
  });

  test.each(['offer', 'revoke', 'policy'] as const)(
    '[MEM-23] a %s record stops judging, but only from those who may write it',
    (type) => {
      const world = new World(crypto);
      const reader = world.member(world.owner, 'reader');
      const later = { type: recordTypes.policy, payload: Uint8Array.of(0x82, 0x01, 0x02, 0x09, 0x00) };
      const raw = type === 'policy' ? later : unjudged(type);
      expect(world.reasons(world.say(reader, [], [raw]))).toEqual(['not-allowed']);
      expect(world.judge().stopped).toBeUndefined();
      const stop = world.say(world.owner, [reader], [raw]);
      const membership = world.judge();
      expect(membership.stopped).toEqual({ entry: stop.hash, type: recordTypes[type] });
      expect(reasons(membership, stop)).toEqual(['not-judged']);
      expect([membership.mayWrite(world.owner.id), membership.mayInvite(world.owner.id, 'reader')]).toEqual([
        false,
        false,
      ]);
      expect(membership.mayRemove(world.owner.id, reader.personId)).toBe(false);
      expect([membership.epochOwed(), membership.currentEpoch()]).toEqual([false, undefined]);
      expect(membership.rankOf(reader.id)).toBe('reader');
    },
  );

  test('[MEM-23] what has seen an unjudged record is not judged, what has not is', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'admin');
    const stop = world.say(anna, [], [unjudged('revoke')]);
    const [seeing, blind] = [world.newcomer(), world.newcomer()];
    const blindAdmit = world.admit(world.owner, blind.keys, 'reader', {}, []);
    world.join(blind, blindAdmit.hash, [world.owner]);
    const admit = world.admit(world.owner, seeing.keys, 'reader', {}, [anna]);
    const join = world.join(seeing, admit.hash);
    const membership = world.judge();
    expect(membership.stopped?.entry).toBe(stop.hash);
    expect(reasons(membership, admit)).toEqual(['not-judged']);
    expect(reasons(membership, join)).toEqual(['not-judged']);
    expect(membership.rankOf(blind.id)).toBe('reader');
    expect(membership.rankOf(seeing.id)).toBeUndefined();
  });

  test('a fork in a stranger’s log stops nothing', () => {
    const world = new World(crypto);
    const stranger = world.newcomer();
    const first = world.say(stranger, [], [unjudged('revoke')]);
    stranger.log.pop();
    world.say(stranger, [world.owner], [unjudged('revoke')]);
    const membership = world.judge([...world.entries, first]);
    expect(membership.stopped).toBeUndefined();
    expect(reasons(membership, first)).toEqual(['fork']);
  });

  test('a judge that grows with its entries says what a new one says', () => {
    const world = new World(crypto);
    const judge = new MembershipJudge(crypto, world.folder);
    for (let i = 0; i < 3; i++) {
      world.member(world.everybody.at(-1) as Somebody, 'writer');
      const [grown, fresh] = [judge.evaluate(world.entries), world.judge()];
      expect(grown.members).toEqual(fresh.members);
      expect(grown.voids).toEqual(fresh.voids);
    }
  });

  test('[MEM-10] an admit is not made of keys that cannot be used', () => {
    const world = new World(crypto);
    const place = placeAfter(world.folder, world.owner.log[0] as Entry, [], 9n);
    const { keys } = world.fresh();
    expect(admitEntry(crypto, world.owner.device, place, { keys, rank: 'reader' }).header.seq).toBe(2);
    const bad = { ...keys, agreement: new Uint8Array(32) };
    expect(() => admitEntry(crypto, world.owner.device, place, { keys: bad, rank: 'reader' })).toThrow(
      expect.objectContaining({ code: 'bad-key' }),
    );
  });

  test('[MEM-12] a newcomer finds itself among the invited only if its admit counts', () => {
    const world = new World(crypto);
    const reader = world.member(world.owner, 'reader');
    const newcomer = world.fresh();
    world.admit(reader, newcomer.keys, 'reader');
    expect(world.judge().invited).toEqual([]);
    const { hash } = world.admit(world.owner, newcomer.keys, 'reader');
    expect(world.judge().invited.map(({ admit }) => admit)).toEqual([hash]);
  });

  test('[MEM-11] a join that is not first in its log lets nobody in', () => {
    const world = new World(crypto);
    const anna = world.newcomer();
    const admit = world.admit(world.owner, anna.keys, 'writer');
    world.say(anna, [world.owner], []);
    const certificate = certify(crypto, anna.person.signSeed, { folder: world.folder }, anna.keys);
    const join = { admit: admit.hash, keys: anna.keys, certificate };
    const entry = world.say(anna, [world.owner], [record('join', joinCodec, join)]);
    expect(world.reasons(entry)).toEqual(['not-member']);
    expect(world.judge().rankOf(anna.id)).toBeUndefined();
  });

  test('[LOG-23] [LOG-24] a frontier past what an entry holds is bridged, and never names what waits', () => {
    const world = new World(crypto);
    for (let i = 0; i < 20; i++) world.member(world.owner, 'reader', []);
    const own = { device: world.owner.id, log: 'membership' } as const;
    expect(world.judge().frontier(own)).toHaveLength(20);
    expect(() => world.say(world.owner, world.everybody, [])).toThrow(expect.objectContaining({ code: 'over-limit' }));
    const named = world.judge().frontier(own).slice(0, 16);
    const bridged = new Set(named.map(({ device }) => device));
    world.say(
      world.owner,
      world.everybody.filter(({ id }) => bridged.has(id)),
      [],
    );
    expect(world.judge().frontier(own)).toHaveLength(4);
    const unseen = world.everybody.at(-1) as Somebody;
    const hidden = world.say(unseen, [], []);
    const later = world.say(world.everybody[1] as Somebody, [unseen], []);
    const membership = world.judge(world.entries.filter((entry) => entry !== hidden));
    expect(membership.waiting).toEqual([later.hash]);
    expect(membership.frontier(own).map(({ hash }) => hash)).not.toContain(later.hash);
  });

  test('[LOG-12] a frontier leaves out what its other heads imply', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    const bert = world.member(anna, 'writer');
    const membership = world.judge();
    const names = (log: 'membership' | 'content', device: Somebody): readonly EntryHash[] =>
      membership.frontier({ device: device.id, log }).map(({ hash }) => hash);
    expect(names('membership', world.owner)).toEqual([bert.log[0]?.hash]);
    expect(names('content', bert)).toEqual([bert.log[0]?.hash]);
    expect(names('membership', bert)).toEqual([]);
  });
});
