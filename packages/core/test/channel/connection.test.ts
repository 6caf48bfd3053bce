import { describe, expect, it } from 'vitest';
import { concat, uint32Bytes, utf8 } from '../../src/bytes.js';
import { Mux } from '../../src/channel/index.js';
import { readItems } from '../../src/channel/items.js';
import { parsePathFrame } from '../../src/channel/path-frames.js';
import {
  bulkPoolBytes,
  messageBytesMax,
  messageCostBytes,
  streamCreditBytes,
  urgentFrameBytesMax,
} from '../../src/limits.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { providers } from '../providers.js';
import { connect, filled, nothing, type Side, settle } from './world.js';

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

  it('[CON-26] a message that arrives whole after a reset gives its credit back too', () => {
    const world = connect(crypto);
    const { a, b } = world;
    for (let round = 0; round < 20; round++) {
      const stream = a.connection.open(2);
      a.connection.send(stream, filled(1_000_000, round));
      const bytes = a.connection.pull(a.path as never, 2_000_000, 0) as Uint8Array;
      b.take(b.connection.receive(b.path as never, bytes.slice(0, 500_000), 0));
      b.connection.reset(stream, 7);
      b.take(b.connection.receive(b.path as never, bytes.slice(500_000), 0));
      settle(world);
      expect(b.messages(stream)).toEqual([]);
    }
    const last = a.connection.open(2);
    for (let i = 0; i < 20; i++) a.connection.send(last, filled(1_000_000, i));
    settle(world);
    expect(b.messages(last)).toHaveLength(20);
  });

  it('[CON-29] nothing of its priority starts before a message that waits for the pool', () => {
    const mux = new Mux({ initiator: true, events: [] });
    const target = new Uint8Array(16_000_000);
    const streams = [mux.open(2), mux.open(2)] as const;
    for (const stream of streams) for (let i = 0; i < 4; i++) mux.send(stream, filled(1_000_000, i));
    mux.fill(target, 0, 2, 0);
    const [large, small] = [mux.open(2), mux.open(2)];
    mux.send(large, filled(500_000, 1));
    const opens = mux.fill(target, 0, 2, 0);
    expect(opens).toBe(2 * 6);
    mux.send(small, filled(10, 1));
    expect(mux.fill(target, 0, 2, 0)).toBe(0);
    mux.receive(concat(Uint8Array.of(6, 2), uint32Bytes(1_000_000)), 0);
    const order: number[] = [];
    readItems(target.subarray(0, mux.fill(target.subarray(0, 60_000), 0, 2, 0)), (item) => {
      if (item.kind === 'data') order.push(item.stream);
    });
    expect(order).toEqual([large]);
  });
});
