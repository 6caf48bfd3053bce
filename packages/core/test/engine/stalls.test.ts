import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../src/memory/index.js';
import { decodeMessage, type MessageOf } from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import type { Storage } from '../../src/ports/index.js';
import { create, folderOf, invite, join, prepareRoots, read, say, stage } from './stage.js';
import { Wire, type WiredDevice } from './wire.js';

const crypto = nodeCrypto();
const dayMs = 86_400_000;

function devices(wire: Wire, ...names: readonly string[]): readonly WiredDevice[] {
  const added = names.map((name) => wire.add(name, memoryStorage()));
  wire.settle();
  return added;
}

/** Drops messages of a type that a device sends. */
function mute(wire: Wire, device: WiredDevice, type: MessageOf<'entries' | 'given'>['type']): void {
  wire.tap = (from, bytes) => (from === device && decodeMessage(bytes)?.type === type ? undefined : bytes);
}

function unmute(wire: Wire): void {
  wire.tap = (_from, bytes) => bytes;
}

function leave(wire: Wire, device: WiredDevice): void {
  device.engine.close();
  wire.devices.splice(wire.devices.indexOf(device), 1);
  wire.break();
}

/** A storage whose power is cut before the commit after so many. */
function mortal(inner: Storage, commits: number): Storage {
  let left = commits;
  return {
    names: () => inner.names(),
    identity: () => inner.identity(),
    remove: (name) => inner.remove(name),
    open: (name) => {
      const store = inner.open(name);
      const commit = store.commit.bind(store);
      store.commit = () => {
        if (left-- <= 0) throw new Error('power cut');
        commit();
      };
      return store;
    },
  };
}

/** Lets a device end quietly when its storage fails. */
function endsQuietly(device: WiredDevice): void {
  const step = device.step.bind(device);
  let over = false;
  device.step = () => {
    if (over) return false;
    try {
      return step();
    } catch {
      over = true;
      return false;
    }
  };
}

describe('nothing stands still', () => {
  it('a log followed from somebody who gets no more of it is asked of who has it', () => {
    const wire = new Wire(crypto);
    const [amy, betty, carl] = devices(wire, 'amy', 'betty', 'carl') as [WiredDevice, WiredDevice, WiredDevice];
    const folder = create(wire, amy);
    for (const device of [betty, carl]) join(wire, device, invite(wire, amy, folder).link);
    carl.engine.home.putAddresses(folder, folderOf(betty).device, { addresses: ['betty:1'], seenMs: 0 });
    carl.engine.dialer.refresh();
    say(wire, betty, folder, 'one');
    wire.pass(60_000);
    expect(read(wire, carl, folder)).toEqual(['one']);
    mute(wire, amy, 'entries');
    say(wire, betty, folder, 'two');
    wire.pass(5_000);
    expect(read(wire, carl, folder)).toEqual(['one', 'two']);
  });

  it('after the clock went back half a day, devices meet as soon as before', () => {
    const { wire, amy, betty, folder } = stage(crypto);
    wire.pass(100_000);
    wire.nowMs -= dayMs / 2;
    wire.cut = false;
    wire.pass(60_000);
    say(wire, amy, folder, 'hello');
    expect(read(wire, betty, folder)).toEqual(['hello']);
  });

  it('a wait ends in its time, also when the clock goes back', () => {
    const { wire, amy } = stage(crypto);
    const id = amy.command({ command: 'wait', folder: undefined, timeoutMs: 10_000 });
    wire.settle();
    wire.nowMs -= dayMs;
    amy.post({ type: 'wake' });
    wire.pass(11_000);
    expect(amy.replies.get(id)?.code).toBe('timeout');
  });

  it('nobody waits for a folder that could not be joined', () => {
    const wire = new Wire(crypto);
    const [amy, betty] = devices(wire, 'amy', 'betty') as [WiredDevice, WiredDevice];
    const { link } = invite(wire, amy, create(wire, amy));
    betty.command({ command: 'join', code: link, path: undefined, parent: '/home', timeoutMs: 60_000 });
    wire.settle();
    const wait = betty.command({ command: 'wait', folder: undefined, timeoutMs: undefined });
    wire.settle();
    expect(betty.replies.has(wait)).toBe(false);
    for (const effect of betty.effects.splice(0)) {
      if (effect.type !== 'task') continue;
      betty.post({ type: 'task-done', task: effect.task, result: { task: 'failed', code: 'io', reason: 'no' } });
    }
    wire.settle();
    expect(betty.engine.folders()).toEqual([]);
    expect(betty.replies.get(wait)?.result).toMatchObject({ inStep: true });
  });

  it('folders of one pair of devices come to rest on one connection', () => {
    const wire = new Wire(crypto);
    const [amy, betty] = devices(wire, 'amy', 'betty') as [WiredDevice, WiredDevice];
    for (let i = 0; i < 5; i++) join(wire, betty, invite(wire, amy, create(wire, amy)).link);
    wire.break();
    wire.pass(5_000);
    for (const device of [amy, betty]) {
      expect(device.engine.connections.all().map((link) => link.proved.size)).toEqual([5]);
    }
  });

  it('many who join at once are more heads than an entry names, and all go on', () => {
    const wire = new Wire(crypto);
    const [amy] = devices(wire, 'amy') as [WiredDevice];
    const folder = create(wire, amy);
    const links = Array.from({ length: 18 }, () => invite(wire, amy, folder).link);
    const others = devices(wire, ...links.map((_, i) => `guest${i}`));
    others.forEach((device, i) => {
      device.command({ command: 'join', code: links[i] ?? '', path: undefined, parent: '/h', timeoutMs: 60_000 });
    });
    wire.settle();
    for (const device of others) {
      for (const effect of device.effects.splice(0)) {
        if (effect.type !== 'task') continue;
        device.post({ type: 'task-done', task: effect.task, result: { task: 'prepare-root', path: '/h/talk' } });
      }
    }
    wire.settle();
    const own = { device: folderOf(amy).device, log: 'membership' } as const;
    expect(folderOf(amy).logs.membership.frontier(own).length).toBe(18);
    say(wire, amy, folder, 'hello');
    expect(folderOf(amy).logs.book.log({ ...own, log: 'content' })?.seq).toBe(2);
    const [late] = devices(wire, 'late') as [WiredDevice];
    join(wire, late, invite(wire, amy, folder).link);
    expect(read(wire, late, folder)).toEqual(['hello']);
  });
});

describe('a join that is interrupted', () => {
  it('by a crash before the key came: it comes in the next life', () => {
    const wire = new Wire(crypto);
    const [amy] = devices(wire, 'amy') as [WiredDevice];
    const storage = memoryStorage();
    const betty = wire.add('betty', storage);
    wire.settle();
    const folder = create(wire, amy);
    const { link } = invite(wire, amy, folder);
    mute(wire, amy, 'given');
    join(wire, betty, link);
    expect(folderOf(amy).logs.membership.members.length).toBe(2);
    leave(wire, betty);
    unmute(wire);
    wire.pass(100_000);
    const again = wire.add('betty', storage);
    wire.pass(60_000);
    say(wire, amy, folder, 'hello');
    expect(read(wire, again, folder)).toEqual(['hello']);
    expect(again.engine.home.joins()).toEqual([]);
  });

  it('by its own time limit, once a member: the key is asked for until it comes', () => {
    const wire = new Wire(crypto);
    const [amy, betty] = devices(wire, 'amy', 'betty') as [WiredDevice, WiredDevice];
    const folder = create(wire, amy);
    mute(wire, amy, 'given');
    const id = join(wire, betty, invite(wire, amy, folder).link);
    wire.pass(61_000);
    expect(betty.replies.get(id)?.code).toBe('timeout');
    unmute(wire);
    wire.break();
    wire.pass(60_000);
    say(wire, amy, folder, 'hello');
    expect(read(wire, betty, folder)).toEqual(['hello']);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7])(
    'by a power cut after %i commits: a member in the end, with one log, or nobody',
    (commits) => {
      const wire = new Wire(crypto);
      const [amy] = devices(wire, 'amy') as [WiredDevice];
      const storage = memoryStorage();
      const betty = wire.add('betty', mortal(storage, commits));
      endsQuietly(betty);
      wire.settle();
      const folder = create(wire, amy);
      join(wire, betty, invite(wire, amy, folder).link);
      leave(wire, betty);
      const again = wire.add('betty', storage);
      for (let i = 0; i < 5; i++) {
        wire.pass(1_000);
        prepareRoots(wire, again);
      }
      wire.pass(60_000);
      say(wire, amy, folder, 'hello');
      const here = again.engine.folders().map(() => read(wire, again, folder));
      expect(here).toEqual(folderOf(amy).logs.membership.members.length === 2 ? [['hello']] : []);
      expect(folderOf(amy).logs.forks.size).toBe(0);
    },
  );
});

describe('commands that are refused', () => {
  it('a folder that can have no such name is refused, with and without files', () => {
    const wire = new Wire(crypto);
    const [amy] = devices(wire, 'amy') as [WiredDevice];
    for (const path of ['/x', undefined]) {
      const id = amy.command({ command: 'create', path, name: 'a\u0000b', kind: 'files' });
      wire.settle();
      prepareRoots(wire, amy);
      expect(amy.replies.get(id)?.code).toBe('bad-path');
    }
    expect(amy.engine.folders()).toEqual([]);
  });

  it('items are appended all or none', () => {
    const { wire, amy, folder } = stage(crypto);
    const items = [...Array.from({ length: 6 }, () => new Uint8Array(60_000)), new Uint8Array(70_000)];
    const id = amy.command({ command: 'append', folder, stream: 'notes', items });
    wire.settle();
    expect(amy.replies.get(id)?.code).toBe('over-limit');
    expect(read(wire, amy, folder)).toEqual([]);
    say(wire, amy, folder, 'after');
    expect(read(wire, amy, folder)).toEqual(['after']);
  });
});
