import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../src/memory/index.js';
import { decodeMessage } from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { create, invite, join, result } from './stage.js';
import { Wire } from './wire.js';

const minuteMs = 60_000;

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
  wire.pass(10 * minuteMs);
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

describe('what quiet folders cost', () => {
  it('is nothing while nothing happens', () => {
    const { wire, take } = withFolders(30);
    wire.pass(60 * minuteMs);
    console.log(JSON.stringify(take()));
  });

  it('is a digest each when two devices meet', () => {
    const { wire, take } = withFolders(100);
    wire.break();
    wire.settle();
    console.log(JSON.stringify(take()));
    wire.pass(5 * minuteMs);
    console.log(JSON.stringify(take()));
  });
});
