import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../src/memory/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { create, folderOf, invite, join, read, result, run, say } from './stage.js';
import { Wire, type WiredDevice } from './wire.js';

interface MemberRow {
  readonly person: string;
  readonly level: string;
  readonly me: boolean;
  readonly devices: readonly string[];
}

interface Group {
  readonly wire: Wire;
  readonly devices: readonly WiredDevice[];
  readonly folder: string;
}

const crypto = nodeCrypto();

/** Somebody made a folder, and the others joined it one after the other. */
function group(names: readonly string[]): Group & { readonly amy: WiredDevice } {
  const wire = new Wire(crypto);
  const devices = names.map((name) => wire.add(name, memoryStorage()));
  wire.settle();
  const [amy, ...others] = devices;
  if (amy === undefined) throw new Error('a group has somebody');
  const folder = create(wire, amy);
  for (const other of others) result(other, join(wire, other, invite(wire, amy, folder).link));
  wire.pass(5_000);
  return { wire, devices, folder, amy };
}

function me({ wire, folder }: Group, device: WiredDevice): MemberRow {
  const rows = run<readonly MemberRow[]>(wire, device, { command: 'members', folder });
  const row = rows.find((each) => each.me);
  if (row === undefined) throw new Error('the device is no member');
  return row;
}

function kick(of: Group, by: WiredDevice, target: WiredDevice): unknown {
  return run(of.wire, by, { command: 'kick', folder: of.folder, person: me(of, target).person.slice(0, 12) });
}

function refusal({ wire }: Group, device: WiredDevice, command: Parameters<WiredDevice['command']>[0]): string {
  const id = device.command(command);
  wire.settle();
  return `${device.replies.get(id)?.code}`;
}

function epochsOpenedBy(device: WiredDevice): ReadonlySet<string> {
  return new Set(
    folderOf(device)
      .logs.ring.all()
      .map(({ id }) => id as string),
  );
}

function currentOf(device: WiredDevice): string {
  return `${folderOf(device).logs.membership.currentEpoch()?.id}`;
}

describe('somebody is put out', () => {
  it('[EPO-9] the remover makes an epoch at once, and what is written from then on the other can not read', () => {
    const of = group(['amy', 'betty', 'carl']);
    const { wire, folder, amy } = of;
    const [, betty, carl] = of.devices as [WiredDevice, WiredDevice, WiredDevice];
    const before = currentOf(carl);
    kick(of, amy, carl);
    expect(currentOf(amy)).not.toBe(before);
    wire.pass(5_000);
    expect(currentOf(betty)).toBe(currentOf(amy));
    say(wire, betty, folder, 'without carl');
    wire.pass(5_000);
    expect(read(wire, amy, folder)).toEqual(['without carl']);
    expect(read(wire, carl, folder)).toEqual([]);
    expect(epochsOpenedBy(carl).has(currentOf(amy))).toBe(false);
  });

  it('[MEM-44] is told so and no more, and is connected with nobody', () => {
    const of = group(['amy', 'betty', 'carl']);
    const { wire, folder, amy } = of;
    const [, betty, carl] = of.devices as [WiredDevice, WiredDevice, WiredDevice];
    kick(of, amy, carl);
    wire.pass(120_000);
    expect(folderOf(carl).ending).toMatchObject({ by: folderOf(amy).device, how: 'removed' });
    expect(folderOf(carl).state()).toBe('stopped');
    const status = run<{ folders: readonly { reason: string }[] }>(wire, carl, { command: 'status', folder });
    expect(status.folders[0]?.reason).toContain(`removed by ${me(of, amy).person.slice(0, 8)}`);
    expect(run(wire, carl, { command: 'peers' })).toEqual([]);
    expect(run<readonly unknown[]>(wire, betty, { command: 'peers' })).toHaveLength(1);
    const [here, there] = [carl, amy].map((each) =>
      folderOf(each).logs.book.log({ device: folderOf(amy).device, log: 'membership' }),
    );
    expect(here?.seq).toBeLessThan(there?.seq ?? 0);
    expect(refusal(of, carl, { command: 'append', folder, stream: 'notes', items: [new Uint8Array([1])] })).toBe(
      'not-allowed',
    );
  });

  it('[EPO-25] [EPO-27] who was away for twenty removals meets the others by pairs, and reads all', () => {
    const names = Array.from({ length: 21 }, (_, i) => `guest${i}`);
    const of = group(['amy', 'betty']);
    const { wire, folder, amy } = of;
    const [, betty] = of.devices as [WiredDevice, WiredDevice];
    say(wire, betty, folder, 'first');
    wire.pass(5_000);
    const asleep = betty.doors;
    wire.devices.splice(wire.devices.indexOf(betty), 1);
    wire.break();
    wire.settle();
    for (const name of names) {
      const guest = wire.add(name, memoryStorage());
      wire.settle();
      result(guest, join(wire, guest, invite(wire, amy, folder).link));
      kick(of, amy, guest);
      say(wire, amy, folder, `without ${name}`);
      wire.devices.splice(wire.devices.indexOf(guest), 1);
      wire.break();
    }
    expect(asleep.length).toBeGreaterThan(0);
    wire.devices.push(betty);
    wire.pass(40_000);
    expect(currentOf(betty)).toBe(currentOf(amy));
    expect(read(wire, betty, folder)).toEqual(['first', ...names.map((name) => `without ${name}`)]);
    say(wire, betty, folder, 'back');
    wire.pass(5_000);
    expect(read(wire, amy, folder).at(-1)).toBe('back');
  });

  it('[EPO-9] two removals that have not seen each other: the next who writes makes one epoch for both', () => {
    const of = group(['amy', 'betty', 'carl', 'dora']);
    const { wire, folder, amy } = of;
    const [, betty, carl, dora] = of.devices as [WiredDevice, WiredDevice, WiredDevice, WiredDevice];
    run(wire, amy, { command: 'rank', folder, person: me(of, betty).person, level: 'admin' });
    wire.pass(5_000);
    const [carlId, doraId] = [me(of, carl).person, me(of, dora).person];
    wire.cut = true;
    wire.break();
    wire.settle();
    run(wire, amy, { command: 'kick', folder, person: carlId });
    run(wire, betty, { command: 'kick', folder, person: doraId });
    say(wire, betty, folder, 'betty, apart');
    wire.cut = false;
    wire.pass(120_000);
    expect(folderOf(amy).logs.membership.members).toHaveLength(2);
    say(wire, amy, folder, 'amy, after both');
    wire.pass(5_000);
    expect(currentOf(betty)).toBe(currentOf(amy));
    expect([...read(wire, betty, folder)].sort()).toEqual(['amy, after both', 'betty, apart']);
    for (const out of [carl, dora]) expect(epochsOpenedBy(out).has(currentOf(amy))).toBe(false);
    for (const out of [carl, dora]) expect(read(wire, out, folder)).not.toContain('amy, after both');
  });

  it('[MEM-43] a membership that is over is ended by an admin device', () => {
    const of = group(['amy']);
    const { wire, folder, amy } = of;
    const carl = wire.add('carl', memoryStorage());
    wire.settle();
    const dayMs = 86_400_000;
    const command = { command: 'invite', folder, level: 'write', ttlMs: dayMs, memberMs: 30 * dayMs } as const;
    result(carl, join(wire, carl, run<{ link: string }>(wire, amy, command).link));
    wire.pass(5_000);
    say(wire, carl, folder, 'at work');
    wire.nowMs += 29 * dayMs;
    wire.pass(2_000);
    expect(folderOf(amy).logs.membership.members).toHaveLength(2);
    wire.nowMs += dayMs;
    wire.pass(60_000);
    expect(folderOf(amy).logs.membership.members).toHaveLength(1);
    expect(folderOf(carl).ending?.how).toBe('removed');
    expect(read(wire, amy, folder)).toEqual(['at work']);
  });

  it('refuses oneself, who stands above, nobody and several', () => {
    const of = group(['amy', 'betty', 'carl']);
    const { wire, folder, amy } = of;
    const [, betty, carl] = of.devices as [WiredDevice, WiredDevice, WiredDevice];
    const person = (device: WiredDevice): string => me(of, device).person;
    expect(refusal(of, amy, { command: 'kick', folder, person: person(amy) })).toBe('usage');
    expect(refusal(of, betty, { command: 'kick', folder, person: person(amy) })).toBe('not-allowed');
    expect(refusal(of, betty, { command: 'kick', folder, person: person(carl) })).toBe('not-allowed');
    expect(refusal(of, amy, { command: 'kick', folder, person: 'nobody' })).toBe('not-found');
    expect(refusal(of, amy, { command: 'kick', folder, person: person(carl).slice(0, 3) })).toBe('not-found');
    run(wire, amy, { command: 'rank', folder, person: person(betty), level: 'admin' });
    wire.pass(2_000);
    expect(refusal(of, betty, { command: 'rank', folder, person: person(carl), level: 'admin' })).toBe('not-allowed');
    expect(refusal(of, betty, { command: 'kick', folder, person: person(amy) })).toBe('not-allowed');
  });
});

describe('the rest of what changes a group', () => {
  it('[MEM-45] who leaves says so to those who are connected', () => {
    const of = group(['amy', 'betty']);
    const { wire, folder, amy } = of;
    const [, betty] = of.devices as [WiredDevice, WiredDevice];
    const before = currentOf(amy);
    const id = betty.command({ command: 'leave', folder, erase: false });
    wire.settle();
    for (let round = 0; round < 4; round++) {
      for (const effect of betty.effects.splice(0)) {
        if (effect.type !== 'task') continue;
        betty.post({ type: 'task-done', task: effect.task, result: { task: 'failed', code: 'io', reason: 'gone' } });
      }
      wire.settle();
    }
    wire.pass(5_000);
    expect(betty.replies.get(id)?.result).toMatchObject({ told: 1 });
    expect(folderOf(amy).logs.membership.members).toHaveLength(1);
    say(wire, amy, folder, 'alone');
    expect(currentOf(amy)).not.toBe(before);
  });

  it('[EPO-26] a new key is asked for once a day', () => {
    const of = group(['amy', 'betty']);
    const { wire, folder, amy } = of;
    const [, betty] = of.devices as [WiredDevice, WiredDevice];
    const before = currentOf(amy);
    expect(refusal(of, betty, { command: 'rotate', folder })).toBe('not-allowed');
    run(wire, amy, { command: 'rotate', folder });
    wire.pass(2_000);
    expect(currentOf(amy)).not.toBe(before);
    expect(currentOf(betty)).toBe(currentOf(amy));
    expect(refusal(of, amy, { command: 'rotate', folder })).toBe('busy');
    wire.nowMs += 86_400_001;
    wire.pass(2_000);
    run(wire, amy, { command: 'rotate', folder });
  });

  it('[EPO-28] a policy is an owner’s, and since-join gives who comes later nothing of before', () => {
    const of = group(['amy', 'betty']);
    const { wire, folder, amy } = of;
    const [, betty] = of.devices as [WiredDevice, WiredDevice];
    const set = { command: 'policy', folder, key: 'history', value: 'since-join' } as const;
    expect(refusal(of, betty, set)).toBe('not-allowed');
    expect(run(wire, amy, set)).toEqual({ invite: 'write', history: 'since-join', retention: 'keep' });
    expect(refusal(of, amy, { command: 'policy', folder, key: 'colour', value: undefined })).toBe('usage');
    expect(refusal(of, amy, { command: 'policy', folder, key: 'invite', value: 'store' })).toBe('usage');
    run(wire, amy, { command: 'rotate', folder });
    say(wire, amy, folder, 'before');
    wire.pass(2_000);
    const carl = wire.add('carl', memoryStorage());
    wire.settle();
    result(carl, join(wire, carl, invite(wire, amy, folder).link));
    wire.pass(60_000);
    say(wire, amy, folder, 'after');
    wire.pass(2_000);
    expect(read(wire, carl, folder)).toEqual(['after']);
    expect(read(wire, betty, folder)).toEqual(['before', 'after']);
  });
});

describe('[MEM-46] what somebody wrote who is out', () => {
  it('counts as far as the remover had read it, also for who reads it only afterwards', () => {
    const of = group(['amy', 'betty', 'carl']);
    const { wire, folder, amy } = of;
    const [, betty, carl] = of.devices as [WiredDevice, WiredDevice, WiredDevice];
    wire.devices.splice(wire.devices.indexOf(betty), 1);
    wire.break();
    say(wire, carl, folder, 'seen by amy');
    wire.pass(5_000);
    expect(read(wire, amy, folder)).toEqual(['seen by amy']);
    say(wire, amy, folder, 'an answer');
    kick(of, amy, carl);
    wire.pass(5_000);
    wire.devices.splice(wire.devices.indexOf(carl), 1);
    wire.break();
    wire.devices.push(betty);
    wire.pass(60_000);
    expect([...read(wire, betty, folder)].sort()).toEqual(['an answer', 'seen by amy']);
  });

  it('is void past that, and what names it goes on', () => {
    const of = group(['amy', 'betty', 'carl']);
    const { wire, folder, amy } = of;
    const [, betty, carl] = of.devices as [WiredDevice, WiredDevice, WiredDevice];
    const carlId = me(of, carl).person;
    wire.devices.splice(wire.devices.indexOf(amy), 1);
    wire.break();
    say(wire, carl, folder, 'spam');
    wire.pass(5_000);
    say(wire, betty, folder, 'what is that?');
    wire.devices.splice(wire.devices.indexOf(betty), 1);
    wire.devices.splice(wire.devices.indexOf(carl), 1);
    wire.break();
    wire.devices.push(amy);
    run(wire, amy, { command: 'kick', folder, person: carlId });
    wire.devices.push(betty);
    wire.pass(60_000);
    expect(read(wire, amy, folder)).toEqual(['what is that?']);
    expect(folderOf(amy).logs.waiting()).toEqual([]);
  });
});
