import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, toHex, utf8 } from '../../src/bytes.js';
import { chooseConnection, type Priority } from '../../src/channel/index.js';
import { readItems } from '../../src/channel/items.js';
import { parsePathFrame, pathFrame } from '../../src/channel/path-frames.js';
import {
  bulkPoolBytes,
  messageBytesMax,
  messageCostBytes,
  sessionDetachedMsMax,
  sessionUnackedBytesMax,
  streamCreditBytes,
  streamsMax,
  urgentFrameBytesMax,
} from '../../src/limits.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { providers } from '../providers.js';
import { attach, connect, filled, handshakeOf, nothing, type Side, settle, swapped, type World } from './world.js';

const crypto = nodeCrypto();

/** What a buffer of frames from `from` holds: for each items frame its streams of data, in order. */
function framesOf(to: Side, bytes: Uint8Array): { wireBytes: number; data: number[] }[] {
  const frames: { wireBytes: number; data: number[] }[] = [];
  const reader = to.path?.reader;
  reader?.push(bytes);
  for (let content = reader?.next(); content !== undefined; content = reader?.next()) {
    const frame = parsePathFrame(content);
    if (frame.kind !== 'items') continue;
    const data: number[] = [];
    readItems(frame.items, (item) => {
      if (item.kind === 'data') data.push(item.stream);
    });
    frames.push({ wireBytes: content.length + 18, data });
  }
  return frames;
}

describe.each(providers.map((provider) => [provider.name, provider] as const))('a connection on %s', (_, provider) => {
  it('[CON-20] [CON-21] carries messages both ways and ends streams half by half', () => {
    const { a, b } = connect(provider);
    const stream = a.connection.open(1);
    a.connection.send(stream, utf8('ask'));
    a.connection.end(stream);
    settle({ a, b });
    expect(b.of('opened')).toEqual([{ type: 'opened', stream, priority: 1 }]);
    expect(b.messages(stream)).toEqual([utf8('ask')]);
    expect(b.of('ended')).toEqual([{ type: 'ended', stream }]);
    expect(() => a.connection.send(stream, nothing)).toThrow(expect.objectContaining({ code: 'closed' }));
    b.connection.send(stream, filled(messageBytesMax, 4));
    b.connection.send(stream, nothing);
    b.connection.end(stream);
    settle({ a, b });
    expect(a.messages(stream)).toEqual([filled(messageBytesMax, 4), nothing]);
    expect(a.of('ended')).toEqual([{ type: 'ended', stream }]);
    expect(a.connection.rttMs).toBe(0);
  });
});

describe('priorities', () => {
  it('[CON-27] a chat line behind 64 MiB of bulk leaves after at most one bulk frame', () => {
    const { a, b } = connect(crypto);
    settle({ a, b });
    const bulk = a.connection.open(2);
    const chat = a.connection.open(0);
    for (let i = 0; i < 64; i++) a.connection.send(bulk, filled(1_048_576, i));
    const before = framesOf(b, a.connection.pull(a.path as never, 1, 0) as Uint8Array);
    expect(before.map((frame) => frame.data)).toEqual([[bulk]]);
    a.connection.send(chat, utf8('hello'));
    const after = framesOf(b, a.connection.pull(a.path as never, 200_000, 0) as Uint8Array);
    expect(after[0]?.data[0]).toBe(chat);
    expect(after.length).toBeGreaterThan(5);
  });

  it('[CON-28] frames with bulk are short while something more urgent is active, and long again later', () => {
    const { a, b } = connect(crypto);
    settle({ a, b });
    const bulk = a.connection.open(2);
    const chat = a.connection.open(1);
    for (let i = 0; i < 4; i++) a.connection.send(bulk, filled(1_048_576, i));
    a.connection.send(chat, utf8('hello'));
    const active = framesOf(b, a.connection.pull(a.path as never, 200_000, 0) as Uint8Array);
    expect(Math.max(...active.map((frame) => frame.wireBytes))).toBe(urgentFrameBytesMax);
    const quiet = framesOf(b, a.connection.pull(a.path as never, 200_000, 1_000) as Uint8Array);
    expect(quiet[0]?.wireBytes).toBe(65_537);
  });

  it('urgent data alone goes in long frames', () => {
    const { a, b } = connect(crypto);
    settle({ a, b });
    const log = a.connection.open(0);
    a.connection.send(log, filled(1_000_000, 1));
    const frames = framesOf(b, a.connection.pull(a.path as never, 200_000, 0) as Uint8Array);
    expect(frames[0]?.wireBytes).toBe(65_537);
  });

  it('[CON-29] streams of one priority take turns', () => {
    const { a, b } = connect(crypto);
    settle({ a, b });
    const streams = [a.connection.open(2), a.connection.open(2), a.connection.open(2)];
    for (const stream of streams) a.connection.send(stream, filled(1_000_000, stream));
    const frames = framesOf(b, a.connection.pull(a.path as never, 600_000, 0) as Uint8Array);
    const order = frames.slice(0, 9).map((frame) => frame.data[0]);
    expect(order).toEqual([...streams, ...streams, ...streams]);
  });
});

describe('credit', () => {
  it('[CON-24] what the host has not consumed holds the sender back, stream by stream and in all', () => {
    const world = connect(crypto);
    const { a, b } = world;
    b.consuming = false;
    const slow = a.connection.open(2);
    for (let i = 0; i < 20; i++) a.connection.send(slow, filled(1_000_000, i));
    settle(world);
    const got = b.messages(slow).length;
    expect(got).toBe(Math.floor(streamCreditBytes / (1_000_000 + messageCostBytes)));
    const others = [a.connection.open(2), a.connection.open(2), a.connection.open(2)];
    for (const stream of others) for (let i = 0; i < 4; i++) a.connection.send(stream, filled(1_000_000, i));
    const urgent = a.connection.open(1);
    a.connection.send(urgent, utf8('still through'));
    settle(world);
    const held = b.of('message').filter((event) => event.stream !== urgent);
    expect(held.reduce((sum, event) => sum + event.costBytes, 0)).toBeLessThanOrEqual(bulkPoolBytes);
    expect(held).toHaveLength(Math.floor(bulkPoolBytes / (1_000_000 + messageCostBytes)));
    expect(b.messages(urgent)).toEqual([utf8('still through')]);
    b.consuming = true;
    for (const event of b.of('message')) b.connection.consumed(event.stream, event.costBytes);
    settle(world);
    expect(b.messages(slow)).toHaveLength(20);
    for (const stream of others) expect(b.messages(stream)).toHaveLength(4);
  });

  it('a host cannot consume more than was delivered', () => {
    const { a, b } = connect(crypto);
    b.consuming = false;
    const stream = a.connection.open(2);
    a.connection.send(stream, utf8('x'));
    settle({ a, b });
    expect(() => b.connection.consumed(stream, 1_000)).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  it('tells when a queue has drained, and refuses past the queue bound', () => {
    const world = connect(crypto, { queuedBytesMax: 2_000_000 });
    const { a } = world;
    const stream = a.connection.open(2);
    a.connection.send(stream, filled(1_000_000, 1));
    expect(a.connection.queuedBytes(stream)).toBe(1_000_000);
    expect(() => a.connection.send(stream, filled(1_000_001, 1))).toThrow(expect.objectContaining({ code: 'busy' }));
    settle(world);
    expect(a.of('drained')).toEqual([{ type: 'drained', stream }]);
    expect(a.connection.queuedBytes()).toBe(0);
  });

  it('[CON-26] resets give all credit back, whoever resets and whenever', () => {
    const world = connect(crypto);
    const { a, b } = world;
    for (let round = 0; round < 60; round++) {
      const stream = a.connection.open(2);
      a.connection.send(stream, filled(1_000_000, round));
      const bytes = a.connection.pull(a.path as never, 100_000 + round, 0) as Uint8Array;
      b.take(b.connection.receive(b.path as never, bytes, 0));
      const side = round % 2 === 0 ? a : b;
      side.connection.reset(stream, 7);
      settle(world);
      expect(a.connection.queuedBytes()).toBe(0);
      const other = side === a ? b : a;
      expect(other.of('reset').at(-1)).toEqual({ type: 'reset', stream, reason: 7 });
    }
    const last = a.connection.open(2);
    for (let i = 0; i < 20; i++) a.connection.send(last, filled(1_000_000, i));
    settle(world);
    expect(b.messages(last)).toHaveLength(20);
  });

  it('large messages are not starved by small ones on other streams', () => {
    const world = connect(crypto);
    const { a, b } = world;
    const small = Array.from({ length: 8 }, () => a.connection.open(2));
    const large = a.connection.open(2);
    for (const stream of small) for (let i = 0; i < 60; i++) a.connection.send(stream, filled(200_000, i));
    a.connection.send(large, filled(messageBytesMax, 1));
    settle(world);
    expect(b.messages(large)).toHaveLength(1);
    for (const stream of small) expect(b.messages(stream)).toHaveLength(60);
  });
});

describe('sessions', () => {
  it('[CON-12] [CON-14] go on over a new path and deliver once and in order what the old one lost', () => {
    const world = connect(crypto);
    const { a, b } = world;
    const stream = a.connection.open(2);
    for (let i = 0; i < 5; i++) a.connection.send(stream, filled(100_000, i));
    a.connection.pull(a.path as never, 150_000, 0);
    a.take(a.connection.lost(a.path as never, 0));
    b.take(b.connection.lost(b.path as never, 0));
    expect(a.of('detached')).toHaveLength(1);
    expect(a.connection.attached).toBe(false);
    const paths = attach(crypto, b, a, 'again');
    [a.path, b.path] = [paths.to, paths.from];
    settle(world);
    expect(b.messages(stream).map((message) => message[0])).toEqual([0, 1, 2, 3, 4]);
    expect(a.connection.attached && b.connection.attached).toBe(true);
  });

  it('[CON-15] a new path takes over while the old one still works; the old one drains and ends', () => {
    const world = connect(crypto);
    const { a, b } = world;
    const [oldA, oldB] = [a.path as never, b.path as never];
    const stream = a.connection.open(2);
    for (let i = 0; i < 5; i++) a.connection.send(stream, filled(100_000, i));
    const inFlight = a.connection.pull(oldA, 150_000, 0) as Uint8Array;
    const paths = attach(crypto, a, b, 'better');
    b.take(b.connection.receive(oldB, inFlight, 0));
    [a.path, b.path] = [paths.from, paths.to];
    settle(world);
    const last = a.connection.pull(oldA, 65_536, 0) as Uint8Array;
    b.take(b.connection.receive(oldB, last, 0));
    a.take(a.connection.receive(oldA, b.connection.pull(oldB, 65_536, 0) as Uint8Array, 0));
    expect(b.messages(stream).map((message) => message[0])).toEqual([0, 1, 2, 3, 4]);
    for (const [side, path] of [
      [a, oldA],
      [b, oldB],
    ] as const) {
      expect(side.of('path-ended')).toEqual([{ type: 'path-ended', path, code: 'closed' }]);
      expect(side.of('detached')).toEqual([]);
    }
  });

  it('[CON-13] a wrong proof ends the path, not the session', () => {
    const { a, b } = connect(crypto);
    settle({ a, b });
    const { responder, path } = swapped(crypto, 'a', 'thief');
    const id = a.connection.sessionId;
    path.writer.add(concat(Uint8Array.of(2), Buffer.from(id, 'hex'), filled(32, 0), filled(6, 0)));
    const [event] = responder.receive(path.writer.take() as Uint8Array, 0);
    if (event?.type !== 'ready') throw new Error('not ready');
    expect(event.intent).toEqual({ type: 'attach', sessionId: id });
    b.take(b.connection.attach(event.path, 0));
    expect(b.of('path-ended')).toEqual([{ type: 'path-ended', path: event.path, code: 'bad-mac' }]);
    const stream = a.connection.open(1);
    a.connection.send(stream, utf8('still here'));
    settle({ a, b });
    expect(b.messages(stream)).toHaveLength(1);
  });

  it('[CON-13] does not go on with another device, whatever it proves', () => {
    const { b } = connect(crypto);
    const stranger = { psk: filled(32, 7), staticSecret: filled(32, 3) };
    const { responder, path } = handshakeOf(crypto, stranger, 'stranger');
    path.writer.add(concat(Uint8Array.of(2), Buffer.from(b.connection.sessionId, 'hex'), filled(38, 0)));
    const [event] = responder.receive(path.writer.take() as Uint8Array, 0);
    if (event?.type !== 'ready') throw new Error('not ready');
    expect(b.connection.attach(event.path, 0)).toEqual([{ type: 'path-ended', path: event.path, code: 'bad-mac' }]);
    expect(() => b.connection.attach(path, 0)).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(b.connection.attached).toBe(true);
  });

  it('[L6] a proof does not fit another path', () => {
    const { a, b } = connect(crypto);
    const first = swapped(crypto, 'a', 'one');
    a.connection.attach(first.path, 0);
    const bytes = a.connection.pull(first.path, 65_536, 0) as Uint8Array;
    const [event] = first.responder.receive(bytes, 0);
    if (event?.type !== 'ready' || event.path.intent?.kind !== 'attach') throw new Error('not ready');
    const second = swapped(crypto, 'a', 'two');
    second.path.writer.add(
      concat(Uint8Array.of(2), Buffer.from(a.connection.sessionId, 'hex'), event.path.intent.proof, filled(6, 0)),
    );
    const [replayed] = second.responder.receive(second.path.writer.take() as Uint8Array, 0);
    if (replayed?.type !== 'ready') throw new Error('not ready');
    b.take(b.connection.attach(replayed.path, 0));
    expect(b.of('path-ended')[0]?.code).toBe('bad-mac');
  });

  it('[CON-16] a peer that has lost the session says so, and a new one begins on the same path', () => {
    const { a } = connect(crypto);
    const { responder, path } = swapped(crypto, 'a', 'restarted');
    a.connection.attach(path, 0);
    const [event] = responder.receive(a.connection.pull(path, 65_536, 0) as Uint8Array, 0);
    expect(event).toMatchObject({ type: 'ready', intent: { type: 'attach' } });
    responder.refuseAttach();
    a.take(a.connection.receive(path, responder.pull() as Uint8Array, 0));
    expect(a.of('closed')[0]?.code).toBe('closed');
    expect(a.of('unattached')).toEqual([{ type: 'unattached', path }]);
    path.writer.add(pathFrame({ kind: 'begin' }));
    expect(responder.receive(path.writer.take() as Uint8Array, 0)).toMatchObject([
      { type: 'ready', intent: { type: 'begin' } },
    ]);
  });

  it('end when no path comes back in time, or too much waits', () => {
    const { a } = connect(crypto, { queuedBytesMax: 1_000 });
    const stream = a.connection.open(2);
    a.take(a.connection.lost(a.path as never, 5));
    expect(a.connection.nextWake()).toBe(5 + sessionDetachedMsMax);
    const other = connect(crypto, { queuedBytesMax: 1_000 }).a;
    const otherStream = other.connection.open(2);
    other.take(other.connection.lost(other.path as never, 5));
    expect(() => other.connection.send(otherStream, filled(1_001, 0))).toThrow(
      expect.objectContaining({ code: 'closed' }),
    );
    expect(other.connection.takeEvents()).toMatchObject([{ type: 'closed', code: 'over-limit' }]);
    a.connection.send(stream, filled(900, 0));
    expect(a.connection.wake(4 + sessionDetachedMsMax)).toEqual([]);
    expect(a.connection.wake(5 + sessionDetachedMsMax)).toMatchObject([{ type: 'closed', code: 'timeout' }]);
    expect(a.connection.nextWake()).toBeUndefined();
  });

  it('[CON-17] keep at most a bounded number of unacknowledged bytes, with room for what is urgent', () => {
    const { a } = connect(crypto);
    const path = a.path as never;
    let bytes = 0;
    const bulk = [1, 2, 3].map(() => a.connection.open(2));
    for (let round = 0; round < 40; round++) {
      for (const stream of bulk) a.connection.send(stream, filled(500_000, 1));
      bytes += a.connection.pull(path, 64_000_000, 0)?.length ?? 0;
    }
    expect(bytes).toBeLessThanOrEqual(sessionUnackedBytesMax + 70_000);
    const urgent = a.connection.open(0);
    a.connection.send(urgent, utf8('x'));
    expect(a.connection.pull(path, 64_000_000, 0)).toBeDefined();
  });

  it('[CON-18] ping when idle, and give a path up that does not answer', () => {
    const world = connect(crypto, { keepaliveMs: 1_000, deadMs: 300 });
    const { a, b } = world;
    settle(world, 10);
    settle(world, 40);
    expect(a.connection.nextWake()).toBe(1_010);
    a.take(a.connection.wake(1_010));
    const ping = a.connection.pull(a.path as never, 65_536, 1_010) as Uint8Array;
    expect(ping).toHaveLength(2 + 5 + 16);
    b.take(b.connection.receive(b.path as never, ping, 1_020));
    const pong = b.connection.pull(b.path as never, 65_536, 1_020) as Uint8Array;
    a.take(a.connection.receive(a.path as never, pong, 1_030));
    expect(a.connection.rttMs).toBe(20);
    a.take(a.connection.wake(2_030));
    a.connection.pull(a.path as never, 65_536, 2_030);
    expect(a.connection.nextWake()).toBe(2_330);
    const ended = a.connection.wake(2_330);
    expect(ended).toEqual([{ type: 'path-ended', path: a.path, code: 'timeout' }, { type: 'detached' }]);
  });

  it('acknowledge after a short while, once', () => {
    const world = connect(crypto);
    const { a, b } = world;
    settle(world);
    const stream = a.connection.open(1);
    a.connection.send(stream, utf8('x'));
    settle(world, 100);
    expect(b.connection.nextWake()).toBe(125);
    b.connection.wake(125);
    expect(settle(world, 125)).toBe(2 + 7 + 16);
    expect(b.connection.nextWake()).toBe(100 + 55_000);
  });

  it('[CON-19] close tells the peer', () => {
    const { a, b } = connect(crypto);
    settle({ a, b });
    a.take(a.connection.close(42));
    b.take(b.connection.receive(b.path as never, a.connection.pull(a.path as never, 65_536, 0) as Uint8Array, 0));
    expect(a.of('closed')).toHaveLength(1);
    expect(b.of('closed')).toMatchObject([{ code: 'closed', remoteCode: 42 }]);
    expect(() => a.connection.open(0)).toThrow(expect.objectContaining({ code: 'closed' }));
  });

  it('[CON-31] of two connections both sides keep the one with the smaller handshake hash', () => {
    const [one, two] = [connect(crypto, {}, 'one'), connect(crypto, {}, 'two')];
    const kept = chooseConnection(one.a.connection, two.a.connection);
    const keptThere = chooseConnection(two.b.connection, one.b.connection);
    expect(toHex(kept.handshakeHash)).toBe(toHex(keptThere.handshakeHash));
    const hashes = [one, two].map((world) => toHex(world.a.connection.handshakeHash)).sort();
    expect(toHex(kept.handshakeHash)).toBe(hashes[0]);
  });

  it('a frame that was changed on the way ends the path, and the session waits for another', () => {
    const world = connect(crypto);
    const { a, b } = world;
    settle(world);
    a.connection.send(a.connection.open(1), utf8('x'));
    const bytes = a.connection.pull(a.path as never, 65_536, 0) as Uint8Array;
    bytes[9] = (bytes[9] as number) ^ 4;
    b.take(b.connection.receive(b.path as never, bytes, 0));
    expect(b.of('path-ended')).toMatchObject([{ code: 'bad-mac' }]);
    expect(b.of('detached')).toHaveLength(1);
    expect(b.connection.closed).toBe(false);
  });
});

describe('[CON-30] a peer that breaks a rule loses the connection', () => {
  /** Items as a hostile a would send them, in frames of its own numbering. */
  function hostile(code: string, ...frames: readonly Uint8Array[]): World {
    const world = connect(crypto);
    const { a, b } = world;
    b.consuming = false;
    for (const [number, items] of frames.entries()) {
      a.path?.writer.add(concat(Uint8Array.of(5), filled(5, 0), Uint8Array.of(number), filled(6, 0), items));
      const bytes = a.path?.writer.take() as Uint8Array;
      b.take(b.connection.receive(b.path as never, bytes, 0));
    }
    expect(b.of('closed')).toMatchObject([{ code }]);
    expect(b.connection.closed).toBe(true);
    const goodbye = b.connection.pull(b.path as never, 65_536, 0);
    expect(goodbye).toBeDefined();
    expect(b.connection.receive(b.path as never, filled(40, 1), 0)).toEqual([]);
    return world;
  }

  const u32 = (value: number) => Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
  const open = (stream: number, priority: number = 2) => concat(Uint8Array.of(1), u32(stream), Uint8Array.of(priority));
  const data = (stream: number, content: Uint8Array) =>
    concat(Uint8Array.of(2), u32(stream), Uint8Array.of(content.length >> 8, content.length & 255), content);
  const end = (stream: number) => concat(Uint8Array.of(3), u32(stream));
  const reset = (stream: number) => concat(Uint8Array.of(4), u32(stream), Uint8Array.of(0, 1));
  const credit = (stream: number, bytes: number) => concat(Uint8Array.of(5), u32(stream), u32(bytes));
  const pool = (priority: Priority, bytes: number) => concat(Uint8Array.of(6, priority), u32(bytes));

  it('[D1] with a message of 4 GB, before anything is allocated', () => {
    hostile('over-limit', concat(open(1), data(1, concat(u32(0xffff_ffff), filled(10, 0)))));
    hostile('over-limit', concat(open(1), data(1, u32(messageBytesMax + 1))));
  });

  it('[D3] with too many streams', () => {
    const opens = Array.from({ length: streamsMax + 1 }, (_, i) => open(2 * i + 1));
    hostile('over-limit', concat(...opens));
  });

  it('[D1] with more answers than it reads: opening and resetting for ever', () => {
    const round = concat(...Array.from({ length: 3_000 }, (_, i) => [open(2 * i + 1), reset(2 * i + 1)]).flat());
    const next = (n: number) =>
      concat(
        ...Array.from({ length: 3_000 }, (_, i) => [open(6_000 * n + 2 * i + 1), reset(6_000 * n + 2 * i + 1)]).flat(),
      );
    hostile('over-limit', round, next(1), next(2));
  });

  it('[CON-25] with more data than it has credit for', () => {
    const big = concat(u32(messageBytesMax));
    const messages = [1, 3, 5, 7, 9, 11, 13, 15].map((stream) => concat(open(stream), data(stream, big)));
    hostile('protocol', concat(...messages));
    const empties = data(1, filled(40_000, 0));
    const allowed = streamCreditBytes / messageCostBytes;
    const whole = Array.from({ length: Math.floor(allowed / 10_000) }, () => empties);
    hostile('protocol', open(1), ...whole, data(1, filled(4 * ((allowed % 10_000) + 1), 0)));
  });

  it('[CON-22] [CON-23] with streams out of order', () => {
    hostile('protocol', open(2));
    hostile('protocol', concat(open(3), open(1)));
    hostile('protocol', concat(open(1), open(1)));
    hostile('protocol', data(1, filled(10, 0)));
    hostile('protocol', concat(open(1), end(1), end(1)));
    hostile('protocol', concat(open(1), end(1), data(1, filled(4, 0))));
    hostile('protocol', concat(open(1), data(1, concat(u32(9), filled(3, 0))), end(1)));
    hostile('protocol', credit(2, 1));
    hostile('protocol', reset(1));
  });

  it('with more credit than was taken', () => {
    hostile('protocol', concat(open(1), credit(1, 1)));
    hostile('protocol', pool(2, 1));
  });

  it('with items that are none', () => {
    hostile('malformed', open(0));
    hostile('malformed', open(1, 3));
    hostile('malformed', concat(open(1), data(1, nothing)));
    hostile('malformed', concat(open(1), data(1, filled(3, 0))));
    hostile('malformed', concat(open(1), data(1, filled(9, 0)).subarray(0, 12)));
    hostile('malformed', credit(1, 0));
    hostile('malformed', open(1).subarray(0, 5));
    hostile('malformed', nothing);
    hostile('protocol', Uint8Array.of(7, 0, 0, 0, 0));
    hostile('protocol', Uint8Array.of(0));
  });

  it('[CON-14] with a number left out, an acknowledgement of frames never sent, or an attach inside a session', () => {
    const world = connect(crypto);
    const send = (content: Uint8Array) => {
      world.a.path?.writer.add(content);
      return world.b.connection.receive(world.b.path as never, world.a.path?.writer.take() as Uint8Array, 0);
    };
    expect(send(concat(Uint8Array.of(5), filled(5, 0), Uint8Array.of(1), filled(6, 0), open(1)))).toMatchObject([
      { type: 'closed', code: 'protocol' },
    ]);
    const acked = connect(crypto);
    acked.a.path?.writer.add(pathFrame({ kind: 'ack', received: 1_000 }));
    const bytes = acked.a.path?.writer.take() as Uint8Array;
    expect(acked.b.connection.receive(acked.b.path as never, bytes, 0)).toMatchObject([{ code: 'protocol' }]);
    const begun = connect(crypto);
    begun.a.path?.writer.add(pathFrame({ kind: 'begin' }));
    const again = begun.a.path?.writer.take() as Uint8Array;
    expect(begun.b.connection.receive(begun.b.path as never, again, 0)).toMatchObject([{ code: 'protocol' }]);
  });

  it('never with anything but a refusal, whatever it sends', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }), { maxLength: 6 }), (contents) => {
        const { a, b } = connect(crypto);
        for (const content of contents) {
          a.path?.writer.add(content);
          const bytes = a.path?.writer.take() as Uint8Array;
          for (const event of b.connection.receive(b.path as never, bytes, 0)) {
            if (event.type !== 'closed' || event.remoteCode !== undefined) continue;
            expect(event.code).toMatch(/^(malformed|protocol|over-limit)$/);
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});
