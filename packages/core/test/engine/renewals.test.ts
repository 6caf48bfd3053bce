/** Databases that are restored or copied: nobody writes one log twice, and nothing that was said is lost. */

import { describe, expect, it } from 'vitest';
import { type MemoryStorage, memoryStorage } from '../../src/memory/index.js';
import type { FolderId } from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import type { Storage } from '../../src/ports/index.js';
import { folderOf, invite, join, read, result, say, stage } from './stage.js';
import type { Wire, WiredDevice } from './wire.js';

const crypto = nodeCrypto();

interface World {
  readonly wire: Wire;
  readonly amy: WiredDevice;
  readonly betty: WiredDevice;
  readonly folder: FolderId;
  readonly storage: MemoryStorage;
}

/** Amy, whose storage can be backed up, and Betty; connected, and both have heard the first line. */
function world(): World {
  const storage = memoryStorage();
  const made = { ...stage(crypto, storage), storage };
  connect(made.wire);
  say(made.wire, made.amy, made.folder, 'first');
  made.wire.pass(2_000);
  return made;
}

function connect(wire: Wire): void {
  wire.cut = false;
  wire.pass(60_000);
}

function part(wire: Wire): void {
  wire.cut = true;
  wire.break();
  wire.settle();
}

/** The program of a device ends, and one with other stores begins in its place. */
function restart(wire: Wire, device: WiredDevice, storage: Storage): WiredDevice {
  const cut = wire.cut;
  part(wire);
  wire.devices.splice(wire.devices.indexOf(device), 1);
  const again = wire.add(device.name, storage);
  wire.settle();
  wire.cut = cut;
  return again;
}

function elsewhere(storage: Storage, place: string): Storage {
  return { ...storage, identity: () => place };
}

/** All have the same lines, and nobody has seen a fork. */
function expectEqual(made: { readonly wire: Wire; readonly folder: FolderId }, ...devices: WiredDevice[]): string[] {
  const texts = devices.map((device) => read(made.wire, device, made.folder));
  for (const text of texts) expect(text).toEqual(texts[0]);
  for (const device of devices) {
    const { logs, sync } = folderOf(device);
    expect(logs.waiting()).toEqual([]);
    expect(sync.peers().length).toBeGreaterThan(0);
    expect(sync.peers().every((peer) => sync.equal(peer))).toBe(true);
  }
  return [...(texts[0] as string[])].sort();
}

describe('a database that was restored', () => {
  it('[LOG-25] [LOG-26] finds its own later entries at others, keeps them, and writes with another key', () => {
    const made = world();
    const { wire, amy, betty, folder, storage } = made;
    const backup = storage.backup();
    say(wire, amy, folder, 'second', 'third');
    wire.pass(2_000);
    const before = folderOf(amy).device;
    const again = restart(wire, amy, backup);
    expect(read(wire, again, folder)).toEqual(['first']);
    connect(wire);
    expect(folderOf(again).device).not.toBe(before);
    say(wire, again, folder, 'fourth');
    wire.pass(2_000);
    expect(expectEqual(made, again, betty)).toEqual(['first', 'fourth', 'second', 'third']);
    expect(folderOf(betty).logs.forks.size).toBe(0);
  });

  it('[LOG-27] that wrote before it met anybody keeps both branches', () => {
    const made = world();
    const { wire, amy, betty, folder, storage } = made;
    const backup = storage.backup();
    for (const line of ['second', 'third', 'fourth']) say(wire, amy, folder, line);
    wire.pass(2_000);
    part(wire);
    const again = restart(wire, amy, backup);
    for (const line of ['other second', 'other third']) say(wire, again, folder, line);
    connect(wire);
    say(wire, again, folder, 'fifth');
    wire.pass(2_000);
    const lines = expectEqual(made, again, betty);
    expect(lines).toEqual(['fifth', 'first', 'fourth', 'other second', 'other third', 'second', 'third']);
  });

  it('[LOG-39] applies nothing that was written upon the other branch of its log before it has begun anew', () => {
    const made = world();
    const { wire, amy, betty, folder, storage } = made;
    const backup = storage.backup();
    say(wire, amy, folder, 'second');
    wire.pass(2_000);
    say(wire, betty, folder, 'upon second');
    wire.pass(2_000);
    part(wire);
    const again = restart(wire, amy, backup);
    say(wire, again, folder, 'other second');
    const name = { device: folderOf(betty).device, log: 'content' } as const;
    const { logs } = folderOf(again);
    expect(logs.take(name, folderOf(betty).logs.book.run(name, 0, 100_000))).toBe(1);
    expect(logs.apply(100, false)).toBe(false);
    expect(logs.waiting()).toMatchObject([{ name, reason: 'entries' }]);
    connect(wire);
    expect(expectEqual(made, again, betty)).toEqual(['first', 'other second', 'second', 'upon second']);
  });

  it.each([1, 2, 3, 70, 200])('and whose log is %i entries further than that of others keeps both branches', (more) => {
    const made = world();
    const { wire, amy, betty, folder, storage } = made;
    const backup = storage.backup();
    say(wire, amy, folder, 'second');
    wire.pass(2_000);
    part(wire);
    const again = restart(wire, amy, backup);
    const others = Array.from({ length: more }, (_, i) => `other ${i}`);
    for (const line of others) say(wire, again, folder, line);
    connect(wire);
    expect(expectEqual(made, again, betty)).toEqual(['first', 'second', ...others].sort());
  });

  it('keeps what it is when nothing is later at others', () => {
    const made = world();
    const { wire, amy, betty, folder, storage } = made;
    const before = folderOf(amy).device;
    const again = restart(wire, amy, storage.backup());
    connect(wire);
    say(wire, again, folder, 'second');
    wire.pass(2_000);
    expect(folderOf(again).device).toBe(before);
    expect(expectEqual(made, again, betty)).toEqual(['first', 'second']);
  });

  it.each([0, 1, 2])('begins anew whole or not at all when the power goes after %i commits', (commits) => {
    const made = world();
    const { wire, amy, betty, folder, storage } = made;
    say(wire, amy, folder, 'second');
    wire.pass(2_000);
    part(wire);
    wire.devices.splice(wire.devices.indexOf(amy), 1);
    const backup = storage.backup();
    let left = commits;
    backup.beforeCommit = () => {
      if (left-- <= 0) throw new Error('the power is gone');
    };
    const dying = wire.add('amy', elsewhere(backup, 'another disk'));
    if (commits < 2) expect(() => wire.settle()).toThrow('the power is gone');
    backup.crash();
    wire.devices.splice(wire.devices.indexOf(dying), 1);
    left = Number.POSITIVE_INFINITY;
    const again = wire.add('amy', elsewhere(backup, 'another disk'));
    connect(wire);
    say(wire, again, folder, 'third');
    wire.pass(2_000);
    expect(expectEqual(made, again, betty)).toEqual(['first', 'second', 'third']);
    expect(folderOf(betty).logs.forks.size).toBe(0);
    expect(folderOf(again).device).not.toBe(folderOf(amy).device);
  });
});

/** Only these are there. */
function only(wire: Wire, ...devices: WiredDevice[]): void {
  part(wire);
  wire.devices.splice(0, wire.devices.length, ...devices);
  connect(wire);
}

function guest({ wire, amy, folder }: World, name: string): WiredDevice {
  const device = wire.add(name, memoryStorage());
  wire.settle();
  result(device, join(wire, device, invite(wire, amy, folder).link));
  wire.pass(2_000);
  return device;
}

/** Amy's log parts after the first line: Betty reads `second`, Carol `other second` after a restart from a backup. */
function parted(made: World, carol: WiredDevice): WiredDevice {
  const { wire, amy, betty, folder, storage } = made;
  const backup = storage.backup();
  only(wire, amy, betty);
  say(wire, amy, folder, 'second');
  say(wire, betty, folder, 'by Betty');
  wire.pass(2_000);
  only(wire, amy);
  const again = restart(wire, amy, backup);
  say(wire, again, folder, 'other second');
  only(wire, again, carol);
  say(wire, carol, folder, 'by Carol');
  wire.pass(2_000);
  expect(expectEqual(made, again, carol)).toEqual(['by Carol', 'first', 'other second']);
  return again;
}

describe('a log that parts', () => {
  it('[LOG-31] [LOG-40] [LOG-41] [LOG-45] ends where it parts, and everybody has both branches, each line once', () => {
    const made = world();
    const { wire, betty, folder } = made;
    const carol = guest(made, 'carol');
    const again = parted(made, carol);
    only(wire, again, betty, carol);
    for (const device of [betty, carol, again]) say(wire, device, folder, `${device.name} again`);
    wire.pass(60_000);
    const names = [betty, carol, again].map(({ name }) => `${name} again`);
    const all = ['first', 'second', 'other second', 'by Betty', 'by Carol', ...names];
    expect(expectEqual(made, again, betty, carol)).toEqual(all.sort());
    for (const device of [again, betty, carol]) {
      const { book, membership } = folderOf(device).logs;
      expect(book.logs().filter((log) => log.start > 1)).toHaveLength(2);
      expect(membership.forks).toHaveLength(1);
      expect(membership.epochs).toHaveLength(2);
    }
  });

  it('[LOG-40] may part again below and above the place where it parted before', () => {
    const made = world();
    const { wire, amy, betty, folder, storage } = made;
    const [carol, dave] = [guest(made, 'carol'), guest(made, 'dave')];
    const first = storage.backup();
    only(wire, amy, betty);
    say(wire, amy, folder, 'second');
    wire.pass(2_000);
    const second = storage.backup();
    say(wire, amy, folder, 'third');
    wire.pass(2_000);
    only(wire, amy);
    const other = restart(wire, amy, second);
    say(wire, other, folder, 'other third');
    only(wire, other, carol);
    wire.pass(2_000);
    only(wire, other);
    const again = restart(wire, other, first);
    say(wire, again, folder, 'other second');
    only(wire, again, dave);
    wire.pass(2_000);
    for (const met of [[betty], [dave], [carol], [betty, carol, dave]]) only(wire, again, ...met);
    const all = ['first', 'other second', 'other third', 'second', 'third'];
    expect(expectEqual(made, again, betty, carol, dave)).toEqual(all);
  });

  it('[EPO-25] [MEM-42] who slept through the epoch that follows still finds the others, and is told', () => {
    const made = world();
    const { wire, betty, folder } = made;
    const [carol, dave] = [guest(made, 'carol'), guest(made, 'dave')];
    const again = parted(made, carol);
    only(wire, betty, carol);
    say(wire, betty, folder, 'without Amy');
    wire.pass(2_000);
    expect(folderOf(dave).logs.membership.epochs).toHaveLength(1);
    only(wire, dave, betty);
    only(wire, again, betty);
    only(wire, again, betty, carol, dave);
    const all = ['by Betty', 'by Carol', 'first', 'other second', 'second', 'without Amy'];
    expect(expectEqual(made, again, betty, carol, dave)).toEqual(all);
  });
});

describe('a home that was copied', () => {
  it('[LOG-28] writes with a key of its own from the first entry on, also while the first one lives', () => {
    const made = world();
    const { wire, amy, betty, folder, storage } = made;
    part(wire);
    const copy = wire.add('copy', elsewhere(storage.backup(), 'another disk'));
    wire.settle();
    expect(folderOf(copy).device).not.toBe(folderOf(amy).device);
    say(wire, copy, folder, 'by the copy');
    say(wire, amy, folder, 'by the first');
    say(wire, betty, folder, 'by Betty');
    connect(wire);
    const lines = expectEqual(made, amy, betty, copy);
    expect(lines).toEqual(['by Betty', 'by the copy', 'by the first', 'first']);
    for (const device of [amy, betty, copy]) expect(folderOf(device).logs.forks.size).toBe(0);
    const [member] = folderOf(betty).logs.membership.members;
    const used = [folderOf(copy).device, folderOf(amy).device].sort();
    expect(member?.devices.map(({ device }) => device).sort()).toEqual(used);
  });

  it('[LOG-29] and the first, which is told that its key is retired, takes a new one as well', () => {
    const made = world();
    const { wire, amy, folder, storage } = made;
    const retired = folderOf(amy).device;
    part(wire);
    const copy = wire.add('copy', elsewhere(storage.backup(), 'another disk'));
    wire.settle();
    connect(wire);
    expect(folderOf(amy).device).not.toBe(retired);
    expect(folderOf(amy).device).not.toBe(folderOf(copy).device);
    const { members } = folderOf(copy).logs.membership;
    expect(members.flatMap(({ devices }) => devices.map(({ device }) => device))).not.toContain(retired);
    say(wire, amy, folder, 'second');
    wire.pass(2_000);
    expectEqual(made, amy, copy);
  });

  it('may still let somebody in, and reads what was sealed before', () => {
    const made = world();
    const { wire, amy, betty, folder, storage } = made;
    const again = restart(wire, amy, elsewhere(storage.backup(), 'another disk'));
    connect(wire);
    const carol = wire.add('carol', memoryStorage());
    wire.settle();
    result(carol, join(wire, carol, invite(wire, again, folder).link));
    say(wire, carol, folder, 'by Carol');
    wire.pass(60_000);
    expect(expectEqual(made, again, betty, carol)).toEqual(['by Carol', 'first']);
    expect(folderOf(carol).logs.membership.members).toHaveLength(3);
  });
});
