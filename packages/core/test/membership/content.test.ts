/** Which content counts: by the cuts of removals and rank records, the same for whoever has the same entries. */

import { describe, expect, test } from 'vitest';
import type { EntryHash, Head, LogName } from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { headsOf, type Somebody, World } from './world.js';

const crypto = nodeCrypto();

function folder(): { world: World; anna: Somebody; one: Somebody; two: Somebody } {
  const world = new World(crypto);
  const [one, two] = [world.member(world.owner, 'admin'), world.member(world.owner, 'admin')];
  return { world, one, two, anna: world.member(world.owner, 'writer') };
}

function contentOf({ id }: Somebody): LogName {
  return { device: id, log: 'content' };
}

/** What of somebody's first nine content entries counts. */
function counted(world: World, who: Somebody): string {
  const { content } = world.judge();
  const places = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  return places.filter((seq) => content?.counts(who.id, contentOf(who), seq)).join('');
}

/** A cut at the last entries here of the membership log, and at this place of the content log. */
function cutAt(who: Somebody, seq: number): readonly Head[] {
  const hash = `${seq}`.repeat(64) as EntryHash;
  return [...headsOf([who]), ...(seq === 0 ? [] : [{ ...contentOf(who), seq, hash }])];
}

describe('[MEM-46] content of somebody who is removed', () => {
  test('counts up to the cut, and nothing does without one', () => {
    const { world, anna } = folder();
    expect(counted(world, anna)).toBe('123456789');
    world.remove(world.owner, anna, { cut: cutAt(anna, 4) });
    expect(counted(world, anna)).toBe('1234');
    const other = folder();
    other.world.remove(other.world.owner, other.anna);
    expect(counted(other.world, other.anna)).toBe('');
  });

  test('counts up to the largest cut of removals that had not seen each other', () => {
    const { world, anna, one, two } = folder();
    const seen = [...world.everybody];
    world.remove(one, anna, { cut: cutAt(anna, 4), seen: seen.filter((each) => each !== two) });
    world.remove(two, anna, { cut: cutAt(anna, 7), seen: seen.filter((each) => each !== one) });
    expect(counted(world, anna)).toBe('1234567');
  });

  test('does not come back by a removal that had seen another', () => {
    const { world, anna, one, two } = folder();
    world.remove(one, anna, { cut: cutAt(anna, 4) });
    world.remove(two, anna, { cut: cutAt(anna, 9) });
    expect(counted(world, anna)).toBe('1234');
  });

  test('is that of the device alone where one device is removed', () => {
    const { world, anna } = folder();
    const phone = world.device(anna);
    world.remove(anna, phone, { device: true, cut: cutAt(phone, 2) });
    expect([counted(world, phone), counted(world, anna)]).toEqual(['12', '123456789']);
  });

  test('stays whole when the person left', () => {
    const { world, anna } = folder();
    world.leave(anna);
    expect(counted(world, anna)).toBe('123456789');
  });
});

describe('[MEM-47] content of somebody whose level changes', () => {
  test('counts where the level let it be written', () => {
    const { world, anna } = folder();
    world.rank(world.owner, anna, 'reader', { cut: cutAt(anna, 3) });
    expect(counted(world, anna)).toBe('123');
    world.rank(world.owner, anna, 'writer', { cut: cutAt(anna, 5) });
    expect(counted(world, anna)).toBe('1236789');
    world.rank(world.owner, anna, 'store', { cut: cutAt(anna, 7) });
    expect(counted(world, anna)).toBe('12367');
  });

  test('does not where a level was taken that the record which gave it had not seen taken', () => {
    const { world, anna, one, two } = folder();
    const seen = [...world.everybody];
    world.rank(one, anna, 'reader', { cut: cutAt(anna, 3), seen: seen.filter((each) => each !== two) });
    world.rank(two, anna, 'writer', { cut: cutAt(anna, 2), seen: seen.filter((each) => each !== one) });
    expect(counted(world, anna)).toBe('123');
  });

  test('does not before the level that lets write', () => {
    const { world } = folder();
    const bert = world.member(world.owner, 'reader');
    expect(counted(world, bert)).toBe('');
    world.rank(world.owner, bert, 'writer', { cut: cutAt(bert, 2) });
    expect(counted(world, bert)).toBe('3456789');
  });
});

describe('a vector', () => {
  test('[MEM-48] names the last place that counts up to where it names one that does not', () => {
    const { world, anna } = folder();
    world.rank(world.owner, anna, 'reader', { cut: cutAt(anna, 3) });
    world.rank(world.owner, anna, 'writer', { cut: cutAt(anna, 5) });
    const { content } = world.judge();
    const last = [0, 1, 3, 4, 5, 6, 9].map((seq) => content?.lastOf(anna.id, contentOf(anna), seq));
    expect(last).toEqual([0, 1, 3, 3, 3, 6, 9]);
  });
});
