import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../src/bytes.js';
import type { Priority } from '../../src/channel/index.js';
import { pathFrame } from '../../src/channel/path-frames.js';
import { messageBytesMax, messageCostBytes, streamCreditBytes, streamsMax } from '../../src/limits.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { connect, filled, nothing, type World } from './world.js';

const crypto = nodeCrypto();

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
