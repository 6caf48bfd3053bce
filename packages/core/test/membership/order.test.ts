import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluateMembership, type Membership } from '../../src/membership/index.js';
import { type Rank, type RawRecord, recordTypes } from '../../src/model/index.js';
import { providers } from '../providers.js';
import { type Somebody, World } from './world.js';

const ranks: readonly Rank[] = ['owner', 'admin', 'writer', 'reader', 'store'];

interface Step {
  readonly act: 'admit' | 'join' | 'epoch' | 'stray' | 'leave';
  readonly who: number;
  readonly rank: number;
  /** Bit set of those whose last entry the author has seen. */
  readonly seen: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  act: fc.constantFrom('admit', 'admit', 'join', 'join', 'join', 'epoch', 'epoch', 'stray', 'leave'),
  who: fc.nat(7),
  rank: fc.nat(4),
  seen: fc.oneof({ weight: 2, arbitrary: fc.constant(0xff) }, { weight: 1, arbitrary: fc.nat(0xff) }),
});

function play(world: World, steps: readonly Step[]): void {
  const admits: { newcomer: Somebody; hash: Somebody['log'][0]['hash'] }[] = [];
  for (const { act, who, rank, seen } of steps) {
    const author = world.everybody[who % world.everybody.length] as Somebody;
    const others = world.everybody.filter((_, index) => ((seen >> (index % 8)) & 1) === 1);
    if (act === 'join') {
      const admit = admits[who % Math.max(1, admits.length)];
      if (admit?.newcomer.log.length === 0) world.join(admit.newcomer, admit.hash, others);
    } else if (author.log.length > 0) {
      actOf(world, author, act, ranks[rank] as Rank, others, admits);
    }
  }
}

function actOf(
  world: World,
  author: Somebody,
  act: Exclude<Step['act'], 'join'>,
  rank: Rank,
  seen: readonly Somebody[],
  admits: { newcomer: Somebody; hash: Somebody['log'][0]['hash'] }[],
): void {
  if (act === 'admit') {
    const newcomer = world.newcomer();
    admits.push({ newcomer, hash: world.admit(author, newcomer.keys, rank, {}, seen).hash });
  } else if (act === 'epoch') {
    const recipients = world.judge(world.entries).recipients();
    if (recipients.key.length > 0) world.epoch(author, { recipients, seen });
  } else {
    const raw: RawRecord = { type: act === 'stray' ? 30 : recordTypes.leave, payload: Uint8Array.of(0x80) };
    world.say(author, seen, [raw]);
  }
}

/** All that a membership tells. */
function told(membership: Membership, world: World): unknown {
  const devices = world.everybody.map(({ id }) => id);
  return {
    members: membership.members,
    invited: membership.invited,
    voids: membership.voids,
    waiting: membership.waiting,
    epochs: membership.epochs.map(({ id }) => id),
    stopped: membership.stopped,
    current: membership.currentEpoch()?.id,
    owed: membership.epochOwed(),
    recipients: membership.recipients(),
    rights: devices.map((id) => ranks.map((rank) => membership.mayInvite(id, rank))),
    frontiers: devices.map((device) => membership.frontier({ device, log: 'membership' })),
  };
}

const crypto = providers[1] ?? (providers[0] as (typeof providers)[0]);

describe('judging histories', () => {
  test('[MEM-13] any order and any repetition of the same entries gives the same', () => {
    const history = fc.record({
      steps: fc.array(step, { minLength: 5, maxLength: 30 }),
      owners: fc.integer({ min: 1, max: 3 }),
      history: fc.constantFrom('all' as const, 'since-join' as const),
      shuffle: fc.infiniteStream(fc.nat()),
      keep: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(history, ({ steps, owners, history: policy, shuffle, keep }) => {
        const world = new World(crypto, { owners, policy: { history: policy } });
        play(world, steps);
        const some = world.entries.slice(0, keep);
        const order = some.map((entry) => ({ entry, place: shuffle.next().value as number }));
        const shuffled = order.sort((a, b) => a.place - b.place).map(({ entry }) => entry);
        const again = evaluateMembership(crypto, world.folder, [...shuffled, ...shuffled.slice(0, 3)]);
        expect(told(again, world)).toEqual(told(world.judge(some), world));
      }),
      { numRuns: 60 },
    );
  });

  test('[MEM-21] what somebody was is not changed by entries that their past does not hold', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 25 }), (steps) => {
        const world = new World(crypto);
        play(
          world,
          steps.filter(({ act }) => act !== 'leave'),
        );
        const cut = world.entries.length >> 1;
        const [before, after] = [world.judge(world.entries.slice(0, cut)), world.judge()];
        for (const member of before.members) expect(after.rankOf(member.keys.device)).toBe(member.rank);
        for (const { id } of before.epochs) expect(after.epoch(id)?.id).toBe(id);
      }),
      { numRuns: 40 },
    );
  });

  test('hundreds of entries are judged at once', () => {
    const world = new World(crypto);
    for (let i = 0; i < 40; i++) world.member(world.everybody[i >> 1] as Somebody, 'writer', []);
    for (let i = 0; i < 200; i++) world.say(world.everybody[i % 41] as Somebody, world.everybody.slice(0, 15), []);
    expect(world.judge().members).toHaveLength(41);
    expect(world.judge().waiting).toEqual([]);
  });
});
