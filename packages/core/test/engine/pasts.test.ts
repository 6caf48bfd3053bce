import { describe, expect, test } from 'vitest';
import { Pasts } from '../../src/engine/pasts.js';
import { memoryStorage } from '../../src/memory/index.js';
import type { DeviceId, EntryHash, FolderId, Header } from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { vectorWithin } from '../../src/tree/index.js';
import { seeded } from '../seeded.js';
import { folderOf, say, stage } from './stage.js';

const devices = [1, 2, 3, 4].map((n) => n.toString(16).padStart(2, '0').repeat(32) as DeviceId);
type Place = readonly [DeviceId, number];

function header(device: DeviceId, seq: number, heads: readonly Place[]): Header {
  const hash = '00'.repeat(32) as EntryHash;
  return {
    version: 1,
    folder: '11'.repeat(32) as FolderId,
    device,
    log: 'content',
    seq,
    heads: heads.map(([each, last]) => ({ device: each, log: 'content', seq: last, hash })),
    clock: 1n,
    flags: 0,
  } as Header;
}

/** Entries of four logs in causal order: each may name what stands in the other logs by then. */
function history(seed: number, count: number): readonly Header[] {
  const rnd = seeded(seed);
  const lengths = new Map<DeviceId, number>();
  return Array.from({ length: count }, () => {
    const device = devices[Math.floor(rnd() * devices.length)] as DeviceId;
    const seq = (lengths.get(device) ?? 0) + 1;
    const heads = [...lengths].flatMap(([each, last]): Place[] => {
      return each === device || rnd() < 0.7 ? [] : [[each, 1 + Math.floor(rnd() * last)]];
    });
    lengths.set(device, seq);
    return header(device, seq, heads);
  });
}

/** All that an entry reaches, by walking there. */
function walked(entries: readonly Header[], device: DeviceId, seq: number): Readonly<Record<string, number>> {
  const found: Record<string, number> = {};
  const visit = (each: DeviceId, last: number): void => {
    for (const entry of entries) {
      if (entry.device !== each || entry.seq > last) continue;
      for (const head of entry.heads) {
        if ((found[head.device] ?? 0) >= head.seq) continue;
        found[head.device] = head.seq;
        visit(head.device, head.seq);
      }
    }
  };
  visit(device, seq);
  if (seq > 1) found[device] = Math.max(found[device] ?? 0, seq - 1);
  return found;
}

describe('[FIL-6] what an entry reaches', () => {
  test('is what it names, and what that reaches, after a restart too', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const store = memoryStorage().open('folder');
      const pasts = new Pasts(store, () => 1);
      const entries = history(seed, 160);
      for (const entry of entries) pasts.add(entry.device, entry.seq, entry.heads, {});
      for (const { device, seq } of entries) {
        const wanted = walked(entries, device, seq);
        expect(new Pasts(store, () => 1).at(device, seq), `seed ${seed}`).toEqual(wanted);
        expect(pasts.at(device, seq)).toEqual(wanted);
      }
    }
  });

  test('is forgotten with the entry, and taken in again', () => {
    const store = memoryStorage().open('folder');
    const pasts = new Pasts(store, () => 1);
    const [a, b] = devices as [DeviceId, DeviceId];
    const entries = [header(a, 1, []), header(b, 1, [[a, 1]]), header(a, 2, []), header(b, 2, [[a, 2]])];
    for (const entry of entries) pasts.add(entry.device, entry.seq, entry.heads, {});
    expect(pasts.at(b, 2)).toEqual({ [a]: 2, [b]: 1 });
    pasts.cut(b, 2);
    expect(pasts.at(b, 2)).toEqual({ [a]: 1, [b]: 1 });
    pasts.clear();
    expect(store.count('pasts')).toBe(0);
    expect(pasts.at(b, 1)).toEqual({});
  });

  test('is known of all that is applied, on both sides alike', () => {
    const { wire, amy, betty, folder } = stage(nodeCrypto());
    const [first, second] = [folderOf(amy), folderOf(betty)];
    wire.cut = false;
    wire.pass(60_000);
    for (const text of ['one', 'two']) {
      say(wire, amy, folder, text);
      say(wire, betty, folder, `${text} too`);
    }
    const last = first.logs.book.log({ device: second.device, log: 'content' })?.seq ?? 0;
    const reached = first.logs.book.pasts.at(second.device, last);
    expect(reached).toEqual(second.logs.book.pasts.at(second.device, last));
    expect(vectorWithin({ [first.device]: 2, [second.device]: last - 1 }, reached)).toBe(true);
  });
});
