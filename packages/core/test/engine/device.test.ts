import { describe, expect, it } from 'vitest';
import { utf8, utf8Text } from '../../src/bytes.js';
import { memoryStorage } from '../../src/memory/index.js';
import {
  decodeEntry,
  decodeMessage,
  type Entry,
  encodeEntry,
  encodeMessage,
  type Message,
  signEntry,
} from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { Wire, type WiredDevice } from './wire.js';

const crypto = nodeCrypto();
const dayMs = 86_400_000;

interface Invited {
  readonly folder: string;
  readonly code: string;
  readonly words: string;
  readonly link: string;
  readonly id: string;
}

function result<T>(device: WiredDevice, id: number): T {
  const reply = device.replies.get(id);
  expect(reply?.message).toBeUndefined();
  return reply?.result as T;
}

function run<T>(wire: Wire, device: WiredDevice, command: Parameters<WiredDevice['command']>[0]): T {
  const id = device.command(command);
  wire.settle();
  return result<T>(device, id);
}

function invite(wire: Wire, device: WiredDevice, folder: string, ttlMs = dayMs): Invited {
  return run<Invited>(wire, device, { command: 'invite', folder, level: 'write', ttlMs });
}

/** Starts to join; what came of it is in the reply of the id. */
function join(wire: Wire, device: WiredDevice, code: string): number {
  const id = device.command({ command: 'join', code, path: undefined, parent: '/home', timeoutMs: 60_000 });
  wire.settle();
  answerTasks(wire, device);
  return id;
}

function answerTasks(wire: Wire, device: WiredDevice): void {
  for (const effect of device.effects.splice(0)) {
    if (effect.type !== 'task' || effect.work.task !== 'prepare-root') continue;
    device.post({ type: 'task-done', task: effect.task, result: { task: 'prepare-root', path: effect.work.path } });
  }
  wire.settle();
}

/** Two devices; the first has a folder without files. */
function strangers(): { wire: Wire; amy: WiredDevice; betty: WiredDevice; folder: string } {
  const wire = new Wire(crypto);
  const amy = wire.add('amy', memoryStorage());
  const betty = wire.add('betty', memoryStorage());
  wire.settle();
  const create = { command: 'create', path: undefined, name: 'talk', kind: 'chat' } as const;
  const { folder } = run<{ folder: string }>(wire, amy, create);
  return { wire, amy, betty, folder };
}

/** Those, and the second joined. */
function pair(): { wire: Wire; amy: WiredDevice; betty: WiredDevice; folder: string } {
  const { wire, amy, betty, folder } = strangers();
  const id = join(wire, betty, invite(wire, amy, folder).link);
  expect(result<{ name: string }>(betty, id).name).toBe('talk');
  return { wire, amy, betty, folder };
}

function read(wire: Wire, device: WiredDevice, folder: string): readonly (string | undefined)[] {
  const id = device.command({ command: 'tail', folder, stream: 'notes', follow: false });
  wire.settle();
  return device.items(id).map((item) => utf8Text(item.data));
}

function say(wire: Wire, device: WiredDevice, folder: string, ...lines: readonly string[]): void {
  run(wire, device, { command: 'append', folder, stream: 'notes', items: lines.map(utf8) });
}

/** Changes entries on their way from one device. */
function tapEntries(wire: Wire, from: WiredDevice, change: (entry: Entry) => Entry): void {
  wire.tap = (sender, bytes) => {
    const message = decodeMessage(bytes);
    if (sender !== from || message?.type !== 'entries') return bytes;
    const entries = message.entries.map((each) => encodeEntry(change(decodeEntry(crypto, each))));
    return encodeMessage({ ...message, entries } satisfies Message);
  };
}

function flipped(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 1;
  return copy;
}

describe('two devices and a log', () => {
  it('a code lets one in, and lines go both ways, live', () => {
    const { wire, amy, betty, folder } = pair();
    const tails = [amy, betty].map((device) => ({
      device,
      id: device.command({ command: 'tail', folder, stream: 'notes', follow: true }),
    }));
    wire.settle();
    say(wire, amy, folder, 'hello');
    say(wire, betty, folder, 'hi', 'there');
    say(wire, amy, folder, 'so');
    for (const { device, id } of tails) {
      expect(device.items(id).map((item) => utf8Text(item.data))).toEqual(['hello', 'hi', 'there', 'so']);
    }
  });

  it('lines written while apart arrive after they meet again', () => {
    const { wire, amy, betty, folder } = pair();
    say(wire, amy, folder, 'one');
    wire.cut = true;
    wire.break();
    wire.settle();
    say(wire, amy, folder, 'two');
    say(wire, betty, folder, 'three');
    expect(read(wire, amy, folder)).toEqual(['one', 'two']);
    wire.cut = false;
    wire.pass(60_000);
    expect([...read(wire, amy, folder)].sort()).toEqual(['one', 'three', 'two']);
    expect(read(wire, betty, folder)).toEqual(read(wire, amy, folder));
  });

  it('a device started again goes on where it was', () => {
    const wire = new Wire(crypto);
    const storage = memoryStorage();
    const amy = wire.add('amy', storage);
    const { folder } = run<{ folder: string }>(wire, amy, {
      command: 'create',
      path: undefined,
      name: 'talk',
      kind: 'chat',
    });
    say(wire, amy, folder, 'before');
    amy.engine.close();
    wire.devices.splice(0);
    const again = wire.add('amy', storage);
    wire.settle();
    say(wire, again, folder, 'after');
    expect(read(wire, again, folder)).toEqual(['before', 'after']);
    const betty = wire.add('betty', memoryStorage());
    wire.settle();
    join(wire, betty, invite(wire, again, folder).link);
    expect(read(wire, betty, folder)).toEqual(['before', 'after']);
  });

  it('a third device gets what the first wrote from the second', () => {
    const { wire, amy, betty, folder } = pair();
    say(wire, amy, folder, 'from amy');
    wire.devices.splice(wire.devices.indexOf(amy), 1);
    const carl = wire.add('carl', memoryStorage());
    wire.settle();
    const id = join(wire, carl, invite(wire, betty, folder).link);
    expect(result<{ level: string }>(carl, id).level).toBe('write');
    expect(read(wire, carl, folder)).toEqual(['from amy']);
  });
});

describe('codes', () => {
  it('a used code is refused as used, and lets nobody in', () => {
    const wire = new Wire(crypto);
    const [amy, betty, carl] = ['amy', 'betty', 'carl'].map((name) => wire.add(name, memoryStorage())) as [
      WiredDevice,
      WiredDevice,
      WiredDevice,
    ];
    wire.settle();
    const { folder } = run<{ folder: string }>(wire, amy, {
      command: 'create',
      path: undefined,
      name: 'talk',
      kind: 'chat',
    });
    const { link } = invite(wire, amy, folder);
    join(wire, betty, link);
    const id = join(wire, carl, link);
    expect(carl.replies.get(id)?.code).toBe('code-used');
    expect(run<unknown[]>(wire, carl, { command: 'folders' })).toEqual([]);
  });

  it('an expired code is refused as expired', () => {
    const { wire, amy, betty, folder } = strangers();
    const { link } = invite(wire, amy, folder, 1_000);
    wire.pass(2_000);
    const id = join(wire, betty, link);
    expect(betty.replies.get(id)?.code).toBe('code-expired');
  });

  it('a revoked code is refused as revoked, lists leave it out, and the others stay good', () => {
    const { wire, amy, betty, folder } = strangers();
    const [first, second] = [invite(wire, amy, folder), invite(wire, amy, folder)];
    const listed = (): unknown => run<{ id: string }[]>(wire, amy, { command: 'codes', folder }).map(({ id }) => id);
    expect(new Set(listed() as string[])).toEqual(new Set([first.id, second.id]));
    run(wire, amy, { command: 'revoke', folder, code: first.id.slice(0, 8) });
    expect(listed()).toEqual([second.id]);
    expect(betty.replies.get(join(wire, betty, first.link))?.code).toBe('code-revoked');
    expect(run<unknown[]>(wire, betty, { command: 'folders' })).toEqual([]);
    expect(result<{ level: string }>(betty, join(wire, betty, second.link)).level).toBe('write');
    expect(listed()).toEqual([]);
  });

  it.each([
    ['that was used', (link: string, wire: Wire, betty: WiredDevice) => void join(wire, betty, link)],
    ['that has expired', (_: string, wire: Wire) => wire.pass(2 * dayMs)],
  ])('a code %s is no open one, and cannot be revoked', (_, end) => {
    const { wire, amy, betty, folder } = strangers();
    const { id, link } = invite(wire, amy, folder);
    end(link, wire, betty);
    expect(run<unknown[]>(wire, amy, { command: 'codes', folder })).toEqual([]);
    const refused = amy.command({ command: 'revoke', folder, code: id });
    wire.settle();
    expect(amy.replies.get(refused)?.code).toBe('not-found');
  });

  it('a code is forgotten, and its door closed, 30 days after its end', () => {
    const wire = new Wire(crypto);
    const amy = wire.add('amy', memoryStorage());
    wire.settle();
    const { folder } = run<{ folder: string }>(wire, amy, {
      command: 'create',
      path: undefined,
      name: 'talk',
      kind: 'chat',
    });
    invite(wire, amy, folder, 1_000);
    const codeDoors = (): number => amy.doors.filter(({ via }) => via.kind === 'code').length;
    wire.nowMs += 29 * dayMs;
    wire.settle();
    expect(codeDoors()).toBe(1);
    wire.nowMs += 2 * dayMs;
    wire.settle();
    expect(codeDoors()).toBe(0);
    expect(amy.engine.home.codes()).toEqual([]);
  });

  it('a typed code with no address known is refused at once, with nothing kept', () => {
    const { wire, amy, betty, folder } = strangers();
    const { code, words } = invite(wire, amy, folder);
    for (const text of [code, words]) {
      const id = join(wire, betty, text);
      expect(betty.replies.get(id)?.code).toBe('unreachable');
    }
    expect(betty.engine.home.joins()).toEqual([]);
  });

  it('[COD-15] a code is burnt in the same commit as the admit, before the admit leaves', () => {
    const { wire, amy, betty, folder } = strangers();
    const { link } = invite(wire, amy, folder);
    const burntWhenSent: boolean[] = [];
    wire.tap = (sender, bytes) => {
      if (sender === amy && decodeMessage(bytes)?.type === 'admitted') {
        burntWhenSent.push(amy.engine.home.codes().every((row) => row.usedBy !== undefined));
      }
      return bytes;
    };
    join(wire, betty, link);
    expect(burntWhenSent).toEqual([true]);
  });

  it('a joiner that lost the answer gets in with the same code and the same keys', () => {
    const { wire, amy, betty, folder } = strangers();
    const { link } = invite(wire, amy, folder);
    wire.tap = (sender, bytes) => (sender === amy && decodeMessage(bytes)?.type === 'admitted' ? undefined : bytes);
    const id = join(wire, betty, link);
    expect(betty.replies.has(id)).toBe(false);
    wire.tap = (_sender, bytes) => bytes;
    wire.break();
    wire.pass(5_000);
    answerTasks(wire, betty);
    expect(result<{ name: string }>(betty, id).name).toBe('talk');
    expect(amy.engine.folders()[0]?.logs.membership.members.length).toBe(2);
  });

  it('has a life that is neither none nor too long to write down', () => {
    const { wire, amy, folder } = strangers();
    const before = amy.engine.codes.doors().length;
    for (const life of [
      { ttlMs: 0 },
      { ttlMs: Number.MAX_SAFE_INTEGER },
      { ttlMs: dayMs, memberMs: 0 },
      { ttlMs: dayMs, memberMs: Number.MAX_SAFE_INTEGER },
    ]) {
      const id = amy.command({ command: 'invite', folder, level: 'write', ...life });
      wire.settle();
      expect(amy.replies.get(id)?.code).toBe('usage');
    }
    expect(amy.engine.codes.doors().length).toBe(before);
  });

  it('writes the end of a limited membership down for everybody', () => {
    const { wire, amy, betty, folder } = strangers();
    const limit = { level: 'write', ttlMs: dayMs, memberMs: 30 * dayMs } as const;
    const { link } = run<Invited>(wire, amy, { command: 'invite', folder, ...limit });
    join(wire, betty, link);
    for (const device of [amy, betty]) {
      const ends = device.engine.folders()[0]?.logs.membership.members.flatMap(({ expiresMs }) => expiresMs ?? []);
      expect(ends?.length).toBe(1);
      expect(Math.abs((ends?.[0] ?? 0) - wire.nowMs - 30 * dayMs)).toBeLessThan(60_000);
    }
  });
});

describe('what a peer does wrong ends its connection and changes nothing', () => {
  const changes: readonly (readonly [string, (entry: Entry) => Entry])[] = [
    [
      'a bad signature',
      (entry) => ({ ...entry, signature: entry.signature === undefined ? undefined : flipped(entry.signature) }),
    ],
    ['no signature', (entry) => ({ ...entry, signature: undefined })],
    [
      'a changed body',
      (entry) => ({ ...entry, sealedBytes: entry.sealedBytes === undefined ? undefined : flipped(entry.sealedBytes) }),
    ],
    ['a changed header', (entry) => ({ ...entry, headerBytes: flipped(entry.headerBytes) })],
  ];
  for (const [name, change] of changes) {
    it(name, () => {
      const { wire, amy, betty, folder } = pair();
      tapEntries(wire, betty, (entry) => (entry.header.log === 'content' ? change(entry) : entry));
      say(wire, betty, folder, 'forged');
      expect(read(wire, amy, folder)).toEqual([]);
      expect(amy.engine.connections.all()).toEqual([]);
      wire.tap = (_sender, bytes) => bytes;
      wire.pass(60_000);
      expect(read(wire, amy, folder)).toEqual(['forged']);
    });
  }

  it('a second entry for a place is a fork, which is recorded, and ends the log before that place', () => {
    const { wire, amy, betty, folder } = pair();
    say(wire, betty, folder, 'first');
    const engine = betty.engine.folders()[0];
    const first = engine?.logs.book.entry({ device: engine.device, log: 'content' }, 1);
    const changed = amy.engine.folders()[0];
    expect(first).toBeDefined();
    const { header, sealedBytes } = first as Entry;
    const seed = engine?.row.deviceSeed as Uint8Array;
    const second = signEntry(crypto, seed, { header: { ...header, clock: header.clock + 1n }, sealedBytes });
    const unsigned = { ...second, signature: flipped(second.signature as Uint8Array) };
    const name = { device: header.device, log: 'content' } as const;
    expect(() => changed?.logs.take(name, [unsigned])).toThrow(/not signed/);
    expect(changed?.logs.forks.size).toBe(0);
    expect(changed?.logs.take(name, [second])).toBe(0);
    amy.engine.again();
    wire.pass(2_000);
    const [now] = amy.engine.folders();
    expect(now?.logs.membership.forks).toMatchObject([{ ...name, seq: 1 }]);
    expect(now?.logs.forks.endOf(name)).toBe(0);
    expect(read(wire, amy, folder)).toEqual(['first']);
    expect(betty.engine.folders()[0]?.device).not.toBe(header.device);
  });

  it('any byte of any message changed: no crash, and in step once the wire is honest again', () => {
    const { wire, amy, betty, folder } = pair();
    let count = 0;
    wire.tap = (_sender, bytes) => {
      if (++count % 3 !== 0) return bytes;
      const copy = bytes.slice();
      const at = (count * 7_919) % copy.length;
      copy[at] = (copy[at] ?? 0) ^ (1 << (count % 8));
      return copy;
    };
    for (let i = 0; i < 40; i++) {
      say(wire, i % 2 === 0 ? amy : betty, folder, `line ${i}`);
      wire.pass(2_000);
    }
    wire.tap = (_sender, bytes) => bytes;
    wire.break();
    wire.pass(120_000);
    expect(read(wire, amy, folder).length).toBe(40);
    expect(read(wire, betty, folder)).toEqual(read(wire, amy, folder));
  });
});
