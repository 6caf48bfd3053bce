import { describe, expect, test } from 'vitest';
import { type Entry, type ForkRecord, forkCodec, type HeaderRun, record, type Signed } from '../../src/model/index.js';
import { providers } from '../providers.js';
import { reasons, type Somebody, World } from './world.js';

const crypto = providers[1] ?? (providers[0] as (typeof providers)[0]);

interface Parted {
  readonly world: World;
  readonly anna: Somebody;
  readonly phone: Somebody;
  /** Two entries of an admin at one place, each lets somebody in. */
  readonly left: Signed<Entry>;
  readonly right: Signed<Entry>;
  readonly all: () => readonly Signed<Entry>[];
}

/** An admin's first device signs two entries for one place; what stands in its log is the second. */
function parted(): Parted {
  const world = new World(crypto);
  const anna = world.member(world.owner, 'admin');
  const phone = world.device(anna);
  const left = world.admit(anna, world.fresh().keys, 'reader', {}, []);
  anna.log.pop();
  const right = world.admit(anna, world.fresh().keys, 'reader', {}, []);
  return { world, anna, phone, left, right, all: () => [...world.entries, left] };
}

function runOf(...entries: readonly Signed<Entry>[]): HeaderRun {
  const signature = entries.at(-1)?.signature ?? new Uint8Array(64);
  return { headers: entries.map(({ headerBytes }) => headerBytes), signature };
}

describe('forks of membership logs', () => {
  test('[MEM-24] [MEM-42] an entry past one counts for nothing until somebody who counts has seen it', () => {
    const { world, anna, left, right, all } = parted();
    const before = world.judge(all());
    expect([left, right].map((entry) => reasons(before, entry))).toEqual([['fork'], ['fork']]);
    expect(before.rankOf(anna.id)).toBeUndefined();
    expect(before.memberByAgreement(anna.keys.agreement)).toBeUndefined();
    expect(before.members.map(({ rank }) => rank)).toEqual(['owner', 'admin']);
    world.say(world.owner, [anna], []);
    const after = world.judge(all());
    expect([left, right].map((entry) => reasons(after, entry))).toEqual([['fork'], []]);
    expect(after.stopped).toBeUndefined();
    expect(world.judge([...all()].reverse()).voids).toEqual(after.voids);
  });

  test('[MEM-24] L1 both branches count if both were seen, by another device of the person too', () => {
    const { world, anna, phone, left, right, all } = parted();
    world.say(world.owner, [anna], []);
    const kept = anna.log.splice(-1, 1, left);
    world.say(phone, [anna], []);
    anna.log.splice(-1, 1, ...kept);
    const membership = world.judge(all());
    expect([left, right].map((entry) => reasons(membership, entry))).toEqual([[], []]);
    expect(membership.rankOf(phone.id)).toBe('admin');
  });

  test('[MEM-24] members of a lower rank, strangers and forked devices are no witnesses', () => {
    const { world, anna, right, all } = parted();
    const writer = world.member(world.owner, 'writer', [world.owner]);
    world.say(writer, [anna], []);
    world.say(world.newcomer(), [anna], []);
    expect(reasons(world.judge(all()), right)).toEqual(['fork']);
  });

  test('[MEM-24] the genesis stands, whatever else its maker signs', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer', []);
    const [genesis, admit] = world.owner.log as [Signed<Entry>, Signed<Entry>];
    world.owner.log.splice(1);
    world.say(world.owner, [], []);
    const membership = world.judge([...world.entries, admit]);
    expect(membership.members.map(({ rank }) => rank)).toEqual(['owner']);
    expect(membership.genesis).toBeDefined();
    expect(reasons(membership, genesis)).toEqual([]);
    expect(membership.rankOf(anna.id)).toBeUndefined();
    expect(membership.frontier({ device: anna.id, log: 'membership' }).map(({ hash }) => hash)).toEqual([genesis.hash]);
  });

  test('[MEM-41] a record proves one to who has seen one branch only', () => {
    const { world, anna, left, right } = parted();
    const later = world.say(anna, [], []);
    const proof: ForkRecord = { first: runOf(left), second: runOf(right, later) };
    const entry = world.say(world.owner, [], [record('fork', forkCodec, proof)]);
    const membership = world.judge();
    expect(reasons(membership, entry)).toEqual([]);
    expect(reasons(membership, right)).toEqual(['fork']);
    expect(membership.rankOf(anna.id)).toBeUndefined();
  });

  test('[MEM-41] what proves none is malformed', () => {
    const { world, anna, left, right } = parted();
    const later = world.say(anna, [], []);
    const log = anna.log.splice(-2, 2, left);
    const afterLeft = world.say(anna, [], []);
    anna.log.splice(-2, 2, ...log);
    const stranger = world.say(world.newcomer(), [], []);
    const other = new World(crypto, { seed: 'elsewhere' });
    const elsewhere = other.owner.log[0] as Signed<Entry>;
    const unsigned = { ...runOf(right), signature: runOf(left).signature };
    const wrong: readonly ForkRecord[] = [
      { first: runOf(left), second: runOf(left) },
      { first: runOf(left), second: runOf(later) },
      { first: runOf(left), second: runOf(stranger) },
      { first: runOf(afterLeft), second: runOf(later) },
      { first: runOf(left), second: unsigned },
      { first: runOf(left, later), second: runOf(right) },
      { first: runOf(elsewhere), second: runOf(elsewhere) },
      { first: runOf(left), second: { headers: [Uint8Array.of(1)], signature: new Uint8Array(64) } },
    ];
    const entry = world.say(
      world.owner,
      [],
      wrong.map((proof) => record('fork', forkCodec, proof)),
    );
    const membership = world.judge();
    expect(reasons(membership, entry)).toEqual(wrong.map(() => 'malformed'));
    expect(reasons(membership, right)).toEqual([]);
  });
});
