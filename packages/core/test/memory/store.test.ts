import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../src/memory/index.js';
import { storeSuite } from '../../src/testing/index.js';

storeSuite('memory', {
  runner: { describe, it },
  features: ['full'],
  make: () => {
    const storage = memoryStorage();
    return Promise.resolve({
      storage,
      restart: () => {
        storage.crash();
        return storage;
      },
      fill: storage.fill,
      close: () => Promise.resolve(),
    });
  },
});

describe('a backup of memory', () => {
  it('has what was committed when it was made, and goes its own way', () => {
    const storage = memoryStorage();
    const store = storage.open('a');
    store.put('t', Uint8Array.of(1), Uint8Array.of(1));
    store.commit();
    const backup = storage.backup();
    store.put('t', Uint8Array.of(2), Uint8Array.of(2));
    store.commit();
    const copy = backup.open('a');
    expect(copy.count('t')).toBe(1);
    copy.put('t', Uint8Array.of(3), Uint8Array.of(3));
    copy.commit();
    expect(store.get('t', Uint8Array.of(3))).toBeUndefined();
  });
});
