import { describe, expect, test } from 'vitest';
import { Lives } from '../../../src/engine/tree/store/lives.js';
import { Tables } from '../../../src/engine/tree/store/tables.js';
import { type MemoryStorage, memoryStorage } from '../../../src/memory/index.js';

/** What is in the root and in the database, each by itself. */
class Place {
  root: string | undefined;
  storage: MemoryStorage = memoryStorage();
  #nowMs = 1_000;

  /** One life of the program, which ends before or after it has written into the root. */
  live(end?: 'before-root' | 'after-root'): string | undefined {
    const store = this.storage.open('folder');
    const lives = new Lives(new Tables(store), () => 'ab');
    const judged = lives.judge(this.root);
    this.#nowMs += 1_000;
    const next = lives.begin(this.root, this.#nowMs);
    store.commit();
    if (end === 'before-root') return judged;
    this.root = next;
    if (end === 'after-root') return judged;
    lives.left(this.root);
    store.commit();
    expect(lives.judge(this.root)).toBeUndefined();
    return judged;
  }
}

describe('lives', () => {
  test('one after the other are nothing special, wherever one is cut off', () => {
    const place = new Place();
    for (const end of [undefined, 'after-root', 'before-root', 'before-root', 'after-root', undefined] as const) {
      expect(place.live(end)).toBeUndefined();
    }
    expect(place.live()).toBeUndefined();
  });

  test('[LOG-30] a disk from a backup tells of one before the last', () => {
    for (const end of [undefined, 'after-root', 'before-root'] as const) {
      const place = new Place();
      place.live();
      const backup = place.root;
      place.live();
      place.live(end);
      place.live();
      place.root = backup;
      expect(place.live()).toBe('disk');
      expect(place.live()).toBeUndefined();
    }
  });

  test('[LOG-25] a disk tells of a life after the last that a database from a backup knows', () => {
    for (const end of [undefined, 'after-root'] as const) {
      const place = new Place();
      place.live();
      const backup = place.storage.backup();
      place.live();
      place.live(end);
      place.storage = backup;
      expect(place.live()).toBe('database');
      expect(place.live()).toBeUndefined();
    }
  });

  test('of two installations on one directory tell each other apart', () => {
    const place = new Place();
    place.live();
    const other = place.storage.backup();
    place.live();
    place.storage = other;
    expect(place.live()).toBe('database');
  });

  test('know which place the database lay at', () => {
    const place = new Place();
    const lives = (home: string): Lives => new Lives(new Tables(place.storage.open('folder')), () => home);
    place.live();
    expect(lives('ab').isFromHere(place.root)).toBe(true);
    expect(lives('cd').isFromHere(place.root)).toBe(false);
    for (const root of [undefined, '', '1 5', '0 5 ab', 'x ab']) expect(lives('ab').isFromHere(root)).toBe(false);
  });

  test('a root that tells of none, or of nothing that makes sense, says nothing', () => {
    const place = new Place();
    for (const root of [undefined, '', 'x', '0 1', '-1 5 ab', '1', '1 5', '1 5 xy', `${'9'.repeat(20)} 1 ab`]) {
      place.live();
      place.root = root;
      expect(place.live()).toBeUndefined();
    }
  });
});
