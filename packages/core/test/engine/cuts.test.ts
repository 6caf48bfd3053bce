/** What of the content of members who are put out, or get another level, goes on counting: the same for everybody. */

import { describe, expect, it } from 'vitest';
import { utf8Text } from '../../src/bytes.js';
import { memoryStorage } from '../../src/memory/index.js';
import type { FolderId } from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { folderOf, invite, join, read, result, run, say, stage } from './stage.js';
import type { Wire, WiredDevice } from './wire.js';

const crypto = nodeCrypto();

interface Group {
  readonly wire: Wire;
  readonly folder: FolderId;
  readonly amy: WiredDevice;
  readonly betty: WiredDevice;
  readonly carol: WiredDevice;
}

/** Amy, who made the folder, with Betty and Carol, whom Betty let in; all have heard the first line. */
function group(): Group {
  const { wire, amy, betty, folder } = stage(crypto);
  wire.cut = false;
  wire.pass(60_000);
  const carol = wire.add('carol', memoryStorage());
  wire.settle();
  // Who lets her in knows her address.
  result(carol, join(wire, carol, invite(wire, betty, folder).link));
  wire.pass(2_000);
  say(wire, amy, folder, 'first');
  wire.pass(2_000);
  return { wire, folder, amy, betty, carol };
}

function only(wire: Wire, ...devices: WiredDevice[]): void {
  wire.cut = true;
  wire.break();
  wire.settle();
  wire.devices.splice(0, wire.devices.length, ...devices);
  wire.cut = false;
  wire.pass(60_000);
}

function kick({ wire, folder }: Group, by: WiredDevice, who: WiredDevice): void {
  run(wire, by, { command: 'kick', folder, person: folderOf(who).device.slice(0, 8) });
  wire.pass(2_000);
}

describe('who is put out', () => {
  it('[MEM-46] reads nothing that anybody writes from then on, and what they write counts for nobody', () => {
    const made = group();
    const { wire, folder, amy, betty, carol } = made;
    say(wire, carol, folder, 'by Carol');
    wire.pass(2_000);
    kick(made, amy, carol);
    say(wire, amy, folder, 'after it');
    say(wire, betty, folder, 'by Betty');
    wire.pass(60_000);
    expect(folderOf(carol).sync.peers()).toEqual([]);
    expect([...read(wire, carol, folder)].sort()).toEqual(['by Carol', 'first']);
    const all = ['after it', 'by Betty', 'by Carol', 'first'];
    for (const device of [amy, betty]) expect([...read(wire, device, folder)].sort()).toEqual(all);
    const { current, keys } = keysOf(carol, amy);
    expect(keys).not.toContain(current);
  });

  it('[MEM-46] [MEM-48] has what the others had read of them cut alike, for whoever comes later too', () => {
    const made = group();
    const { wire, folder, amy, betty, carol } = made;
    only(wire, betty, carol, amy);
    only(wire, betty, carol);
    say(wire, carol, folder, 'only Betty hears this');
    wire.pass(2_000);
    expect(read(wire, betty, folder)).toEqual(['first', 'only Betty hears this']);
    only(wire, amy);
    kick(made, amy, carol);
    only(wire, amy, betty);
    const dave = wire.add('dave', memoryStorage());
    wire.settle();
    result(dave, join(wire, dave, invite(wire, amy, folder).link));
    wire.pass(60_000);
    for (const device of [amy, betty, dave]) {
      expect(read(wire, device, folder)).toEqual(['first']);
      expectEqual(device);
    }
  });
});

describe('who follows a stream', () => {
  it('is told each line once, though what somebody wrote is taken back and the rest read again', () => {
    const made = group();
    const { wire, folder, amy, betty, carol } = made;
    const id = betty.command({ command: 'tail', folder, stream: 'notes', follow: true });
    wire.settle();
    only(wire, betty, carol, amy);
    only(wire, betty, carol);
    say(wire, carol, folder, 'only Betty hears this');
    wire.pass(2_000);
    expect(read(wire, betty, folder)).toEqual(['first', 'only Betty hears this']);
    only(wire, amy);
    kick(made, amy, carol);
    only(wire, amy, betty);
    say(wire, amy, folder, 'after it');
    wire.pass(2_000);
    expect(betty.replies.has(id)).toBe(false);
    expect(betty.items(id).map((item) => utf8Text(item.data))).toEqual(['first', 'only Betty hears this', 'after it']);
    expect([...read(wire, betty, folder)].sort()).toEqual(['after it', 'first']);
  });
});

describe('a level', () => {
  it('[MEM-47] that ends writing cuts what was not seen, and one that begins it counts from then on', () => {
    const made = group();
    const { wire, folder, amy, betty, carol } = made;
    const person = folderOf(carol).device.slice(0, 8);
    only(wire, betty, carol);
    say(wire, carol, folder, 'only Betty hears this');
    wire.pass(2_000);
    expect(read(wire, betty, folder)).toEqual(['first', 'only Betty hears this']);
    only(wire, amy);
    run(wire, amy, { command: 'rank', folder, person, level: 'read' });
    only(wire, amy, betty, carol);
    const refused = carol.command({ command: 'append', folder, stream: 'talk', items: [new Uint8Array(1)] });
    wire.settle();
    expect(carol.replies.get(refused)?.message).toMatch(/level/);
    for (const device of [amy, betty, carol]) expect(read(wire, device, folder)).toEqual(['first']);
    run(wire, amy, { command: 'rank', folder, person, level: 'write' });
    wire.pass(2_000);
    say(wire, carol, folder, 'again');
    wire.pass(60_000);
    for (const device of [amy, betty, carol])
      expect([...read(wire, device, folder)].sort()).toEqual(['again', 'first']);
  });
});

/** Nothing is waited for, and all who are connected have told of the same. */
function expectEqual(device: WiredDevice): void {
  const { logs, sync } = folderOf(device);
  expect(logs.waiting()).toEqual([]);
  expect(sync.peers().map((peer) => sync.equal(peer))).toEqual(sync.peers().map(() => true));
}

/** The keys that a device holds, and the one that others seal under now. */
function keysOf(device: WiredDevice, other: WiredDevice): { current: string | undefined; keys: readonly string[] } {
  const keys = folderOf(device)
    .logs.ring.all()
    .map(({ id }) => id);
  return { current: folderOf(other).logs.current()?.id, keys };
}
