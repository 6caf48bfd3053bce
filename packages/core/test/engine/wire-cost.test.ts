import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../src/memory/index.js';
import { decodeMessage } from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { create, invite, join, result } from './stage.js';
import { Wire } from './wire.js';

const minuteMs = 60_000;
const folders = 10;
const digestBytesMax = 44;
/** With one address. */
const proveBytesMax = 144;

interface Counted {
  readonly wire: Wire;
  /** Bytes and messages that were sent since the last time, by type. */
  take(): Readonly<Record<string, { readonly count: number; readonly bytes: number }>>;
}

/** Two devices that are connected and have so many folders in common, all of them in step. */
function withFolders(count: number): Counted {
  const wire = new Wire(nodeCrypto());
  const [amy, betty] = [wire.add('amy', memoryStorage()), wire.add('betty', memoryStorage())];
  wire.settle();
  for (let i = 0; i < count; i++) result(betty, join(wire, betty, invite(wire, amy, create(wire, amy)).link));
  pass(wire, 10 * minuteMs);
  let sent: Record<string, { count: number; bytes: number }> = {};
  wire.tap = (_from, bytes) => {
    const { type } = decodeMessage(bytes) ?? { type: 'unknown' };
    const known = sent[type] ?? { count: 0, bytes: 0 };
    sent[type] = { count: known.count + 1, bytes: known.bytes + bytes.length };
    return bytes;
  };
  return {
    wire,
    take: () => {
      const taken = sent;
      sent = {};
      return taken;
    },
  };
}

/** Lets time pass, from one wake to the next. */
function pass(wire: Wire, ms: number): void {
  const endMs = wire.nowMs + ms;
  const nextMs = (): number => Math.min(...wire.devices.map(({ engine }) => engine.nextWake() ?? endMs + 1));
  for (let next = nextMs(); next <= endMs; next = nextMs()) {
    wire.nowMs = Math.max(wire.nowMs, next);
    wire.settle();
  }
  wire.nowMs = endMs;
}

describe('what quiet folders cost', () => {
  it('is a proof and a digest each when two devices meet, and nothing from then on', () => {
    const { wire, take } = withFolders(folders);
    wire.break();
    wire.settle();
    pass(wire, 5 * minuteMs);
    const { hello, prove, digest, ...others } = take();
    expect(others).toEqual({});
    expect([hello?.count, prove?.count, digest?.count]).toEqual([2, 2 * folders, 2 * folders]);
    expect(digest?.bytes).toBeLessThanOrEqual(2 * folders * digestBytesMax);
    expect(prove?.bytes).toBeLessThanOrEqual(2 * folders * proveBytesMax);
    pass(wire, 24 * 60 * minuteMs);
    expect(take()).toEqual({});
  }, 120_000);
});
