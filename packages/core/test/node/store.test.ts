import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sqliteStorage } from '../../src/node/index.js';
import type { Storage, Store } from '../../src/ports/index.js';
import { storeSuite } from '../../src/testing/index.js';
import { newPlace } from './world.js';

/** Storage whose stores can be let go of as the end of a process does. */
function lettingGo(storage: Storage): { readonly storage: Storage; readonly letGo: () => void } {
  const stores: Store[] = [];
  return {
    storage: {
      ...storage,
      open: (name) => {
        const store = storage.open(name);
        stores.push(store);
        return store;
      },
    },
    letGo: () => {
      for (const store of stores.splice(0)) store.close();
    },
  };
}

storeSuite('SQLite', {
  runner: { describe, it },
  make: async () => {
    const place = newPlace();
    const directory = join(place.path, 'stores');
    const { storage, letGo } = lettingGo(sqliteStorage(directory));
    let again: ReturnType<typeof lettingGo> | undefined;
    return {
      storage,
      restart: () => {
        letGo();
        again?.letGo();
        again = lettingGo(sqliteStorage(directory));
        return again.storage;
      },
      close: async () => {
        again?.letGo();
        place.remove();
      },
    };
  },
});

describe('SQLite stores on disk', () => {
  it('are for their owner only', () => {
    const place = newPlace();
    const directory = join(place.path, 'stores');
    const store = sqliteStorage(directory).open('a');
    store.put('t', Uint8Array.of(1), Uint8Array.of(1));
    store.commit();
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(directory)) expect(statSync(join(directory, file)).mode & 0o077).toBe(0);
    store.close();
    place.remove();
  });

  it('keep the write-ahead log short', () => {
    const place = newPlace();
    const directory = join(place.path, 'stores');
    const store = sqliteStorage(directory).open('a');
    const value = new Uint8Array(1_048_576).fill(7);
    for (let i = 0; i < 200; i++) {
      store.put('t', Uint8Array.of(i & 15), value);
      store.commit();
    }
    expect(statSync(join(directory, 'a.db-wal')).size).toBeLessThan(67_108_864);
    store.close();
    place.remove();
  });
});
