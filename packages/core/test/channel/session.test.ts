import { describe, expect, it } from 'vitest';
import { concat, toHex, uint32Bytes, utf8 } from '../../src/bytes.js';
import { chooseConnection, type Path, type Priority } from '../../src/channel/index.js';
import { pathFrame } from '../../src/channel/path-frames.js';
import { messageCostBytes, sessionDetachedMsMax, sessionUnackedBytesMax, urgentPoolBytes } from '../../src/limits.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { attach, connect, filled, handshakeOf, settle, swapped } from './world.js';

const crypto = nodeCrypto();

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

  it('[CON-17] keep a bounded number of bytes for a peer that grants but never acknowledges', () => {
    const { a, b } = connect(crypto);
    const [pathA, pathB] = [a.path as Path, b.path as Path];
    const u32 = uint32Bytes;
    let grants = 0;
    /** All that a sends on a stream while b grants what it sends, in frames that acknowledge none. */
    const flood = (priority: Priority, rounds: number): number => {
      const stream = a.connection.open(priority);
      let bytes = a.connection.pull(pathA, 64_000_000, 0)?.length ?? 0;
      for (let round = 0; round < rounds; round++) {
        a.connection.send(stream, filled(1_000_000, 1));
        const sent = a.connection.pull(pathA, 64_000_000, 0)?.length ?? 0;
        bytes += sent;
        if (sent < 1_000_000) return bytes;
        const cost = u32(1_000_000 + messageCostBytes);
        const items = concat(Uint8Array.of(5), u32(stream), cost, Uint8Array.of(6, priority), cost);
        pathB.writer.add(concat(Uint8Array.of(5, 0, 0), u32(grants++), filled(6, 0), items));
        a.take(a.connection.receive(pathA, pathB.writer.take() as Uint8Array, 0));
      }
      return bytes;
    };
    const bulkBytes = flood(2, 40);
    expect(bulkBytes).toBeGreaterThan(sessionUnackedBytesMax - 70_000);
    expect(bulkBytes).toBeLessThan(sessionUnackedBytesMax + 70_000);
    const urgentBytes = flood(0, 40);
    expect(bulkBytes + urgentBytes).toBeGreaterThan(sessionUnackedBytesMax + urgentPoolBytes - 70_000);
    expect(bulkBytes + urgentBytes).toBeLessThan(sessionUnackedBytesMax + urgentPoolBytes + 70_000);
    expect(a.of('closed')).toEqual([]);
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
