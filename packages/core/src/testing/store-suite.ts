import { toHex, utf8 } from '../bytes.js';
import type { Range, Storage, Store } from '../ports/index.js';
import { codeOf, expectEqual, expectThat, runCases, type SuiteCase, type SuiteRunner, seededBytes } from './suite.js';

export interface StoreWorld {
  readonly storage: Storage;
  /** The same storage as a program finds it that starts after this one was killed. Its stores are no longer used. */
  restart(): Storage;
  /** Fills the disk, or makes room again. Only with the feature `full`. */
  fill?: ((full: boolean) => void) | undefined;
  close(): Promise<void>;
}

export interface StoreSuiteOptions {
  readonly runner: SuiteRunner;
  /** `full`: the world can fill its disk. */
  readonly features?: readonly 'full'[] | undefined;
  /** Empty storage. Each case gets its own. */
  readonly make: () => Promise<StoreWorld>;
}

type StoreCase = SuiteCase<StoreWorld>;

function keysOf(store: Store, range: Partial<Range> = {}): readonly string[] {
  return store.scan('t', { limit: 1_000, ...range }).map(({ key }) => toHex(key));
}

function key(...bytes: readonly number[]): Uint8Array {
  return Uint8Array.from(bytes);
}

const value = utf8('value');
const other = utf8('other');

const rowCases: readonly StoreCase[] = [
  {
    name: 'gives what was put, last one first seen, and nothing for what was deleted',
    run: async ({ storage }) => {
      const store = storage.open('a');
      expectEqual(store.get('t', key(1)), undefined, 'before');
      store.put('t', key(1), value);
      expectEqual(store.get('t', key(1)), value, 'put');
      store.put('t', key(1), other);
      expectEqual(store.get('t', key(1)), other, 'put again');
      store.delete('t', key(1));
      expectEqual(store.get('t', key(1)), undefined, 'deleted');
      store.delete('t', key(1));
      expectEqual(store.count('t'), 0, 'rows');
    },
  },
  {
    name: 'keeps what it was given even when that is changed afterwards, and gives copies',
    run: async ({ storage }) => {
      const store = storage.open('a');
      const mine = value.slice();
      const name = key(1);
      store.put('t', name, mine);
      mine.fill(0);
      name.fill(9);
      expectEqual(store.get('t', key(1)), value, 'value');
      store.get('t', key(1))?.fill(0);
      expectEqual(store.get('t', key(1)), value, 'value after its copy was changed');
    },
  },
  {
    name: 'takes empty values and keys of any bytes, and tells tables apart',
    run: async ({ storage }) => {
      const store = storage.open('a');
      store.put('t', key(0), new Uint8Array(0));
      store.put('t', key(255, 255), value);
      store.put('other-table', key(0), other);
      expectEqual(store.get('t', key(0)), new Uint8Array(0), 'an empty value');
      expectEqual(store.get('other-table', key(0)), other, 'another table');
      expectEqual([store.count('t'), store.count('other-table'), store.count('none')], [2, 1, 0], 'rows');
    },
  },
  {
    name: 'keeps values of a megabyte',
    run: async ({ storage }) => {
      const store = storage.open('a');
      const long = seededBytes(1_048_576, 5);
      store.put('t', key(1), long);
      store.commit();
      expectEqual(store.get('t', key(1)), long, 'value');
    },
  },
  {
    name: 'scans in the order of bytes, from a key up to another, from either end',
    run: async ({ storage }) => {
      const store = storage.open('a');
      for (const each of [key(2), key(1), key(1, 0), key(255), key(0), key(1, 255), key(127), key(128)]) {
        store.put('t', each, value);
      }
      const all = ['00', '01', '0100', '01ff', '02', '7f', '80', 'ff'];
      expectEqual(keysOf(store), all, 'all');
      expectEqual(keysOf(store, { reverse: true }), [...all].reverse(), 'all from the end');
      expectEqual(keysOf(store, { from: key(1), to: key(2) }), ['01', '0100', '01ff'], 'a range');
      expectEqual(keysOf(store, { from: key(1, 1), to: key(128) }), ['01ff', '02', '7f'], 'between keys');
      expectEqual(keysOf(store, { from: key(1), to: key(2), reverse: true }), ['01ff', '0100', '01'], 'reversed');
      expectEqual(keysOf(store, { limit: 2 }), ['00', '01'], 'two');
      expectEqual(keysOf(store, { limit: 2, reverse: true }), ['ff', '80'], 'the last two');
      expectEqual(keysOf(store, { from: key(3), to: key(3) }), [], 'an empty range');
      expectEqual(keysOf(store, { from: key(9), to: key(3) }), [], 'a range that ends before it begins');
      expectEqual(keysOf(store, { limit: 0 }), [], 'none');
    },
  },
  {
    name: 'scans as a sorted list would, whatever was put and deleted',
    run: async ({ storage }) => {
      const store = storage.open('a');
      const model = new Map<string, Uint8Array>();
      const noise = seededBytes(6_000, 11);
      for (let i = 0; i < 1_500; i++) {
        const [first = 0, second = 0, act = 0, byte = 0] = noise.subarray(4 * i, 4 * i + 4);
        const at = act % 2 === 0 ? key(first) : key(first, second % 4);
        if (act % 5 === 0) {
          store.delete('t', at);
          model.delete(toHex(at));
        } else {
          store.put('t', at, key(byte));
          model.set(toHex(at), key(byte));
        }
      }
      const rows = store.scan('t', { limit: 10_000 });
      const found = rows.map((row) => [toHex(row.key), row.value] as const);
      expectEqual(
        found,
        [...model].sort(([a], [b]) => (a < b ? -1 : 1)),
        'rows',
      );
      expectEqual(store.count('t'), model.size, 'rows counted');
    },
  },
];

const commitCases: readonly StoreCase[] = [
  {
    name: 'what was committed is there after a restart, and the rest is not',
    run: async (world) => {
      const store = world.storage.open('a');
      store.put('t', key(1), value);
      store.put('u', key(1), value);
      store.commit();
      store.put('t', key(1), other);
      store.put('t', key(2), other);
      store.delete('u', key(1));
      const again = world.restart().open('a');
      expectEqual(again.get('t', key(1)), value, 'committed');
      expectEqual(again.get('t', key(2)), undefined, 'not committed');
      expectEqual(again.get('u', key(1)), value, 'a delete that was not committed');
    },
  },
  {
    name: 'knows whether anything waits to be committed',
    run: async ({ storage }) => {
      const store = storage.open('a');
      expectEqual(store.dirty, false, 'at first');
      store.get('t', key(1));
      store.scan('t', { limit: 1 });
      expectEqual(store.dirty, false, 'after reading');
      store.put('t', key(1), value);
      expectEqual(store.dirty, true, 'after a put');
      store.commit();
      expectEqual(store.dirty, false, 'after a commit');
      store.commit();
      store.put('t', key(1), value);
      store.rollback();
      expectEqual(store.dirty, false, 'after a rollback');
      store.rollback();
    },
  },
  {
    name: 'a rollback undoes all since the last commit, and work goes on',
    run: async (world) => {
      const store = world.storage.open('a');
      store.put('t', key(1), value);
      store.commit();
      store.put('t', key(1), other);
      store.put('t', key(1), utf8('third'));
      store.delete('t', key(1));
      store.put('t', key(2), other);
      store.put('new-table', key(1), other);
      store.rollback();
      expectEqual([keysOf(store), store.get('t', key(1))], [['01'], value], 'rows');
      expectEqual(store.count('new-table'), 0, 'rows of a table that was new');
      store.put('t', key(3), value);
      store.put('new-table', key(2), value);
      store.commit();
      const again = world.restart().open('a');
      expectEqual(keysOf(again), ['01', '03'], 'rows after a restart');
      expectEqual(again.count('new-table'), 1, 'rows of the new table');
    },
  },
  {
    name: 'many small commits all last',
    run: async (world) => {
      const store = world.storage.open('a');
      for (let i = 0; i < 600; i++) {
        store.put('t', key(i >> 8, i & 255), value);
        store.commit();
      }
      expectEqual(world.restart().open('a').count('t'), 600, 'rows');
    },
  },
  {
    name: 'a full disk is said to be one, what was committed stands, and work goes on when there is room',
    needs: 'full',
    run: async (world) => {
      const store = world.storage.open('a');
      store.put('t', key(1), value);
      store.commit();
      world.fill?.(true);
      const code = await codeOf(() => {
        store.put('t', key(2), seededBytes(1_000_000, 1));
        store.commit();
      });
      expectEqual(code, 'disk-full', 'code');
      store.rollback();
      expectEqual(keysOf(store), ['01'], 'rows while it is full');
      world.fill?.(false);
      store.put('t', key(3), value);
      store.commit();
      expectEqual(keysOf(world.restart().open('a')), ['01', '03'], 'rows after a restart');
    },
  },
];

const storageCases: readonly StoreCase[] = [
  {
    name: 'stores are apart, have names and are removed',
    run: async ({ storage }) => {
      expectEqual(storage.names(), [], 'at first');
      const [a, b] = [storage.open('a-1'), storage.open('b')];
      a.put('t', key(1), value);
      a.commit();
      b.put('t', key(1), other);
      b.commit();
      expectEqual([a.get('t', key(1)), b.get('t', key(1))], [value, other], 'rows');
      expectEqual([...storage.names()].sort(), ['a-1', 'b'], 'names');
      a.close();
      storage.remove('a-1');
      expectEqual(storage.names(), ['b'], 'names after a removal');
      expectEqual(storage.open('a-1').get('t', key(1)), undefined, 'a new store of the old name');
    },
  },
  {
    name: 'a closed store is there when it is opened again, without what was not committed',
    run: async ({ storage }) => {
      const store = storage.open('a');
      store.put('t', key(1), value);
      store.commit();
      store.put('t', key(2), value);
      store.close();
      const again = storage.open('a');
      expectEqual(keysOf(again), ['01'], 'rows');
      expectThat(!again.dirty, 'nothing waits');
    },
  },
];

/** What every implementation of `Storage` promises. */
export function storeSuite(name: string, options: StoreSuiteOptions): void {
  const world = { make: options.make, features: new Set<string>(options.features ?? []) };
  runCases(options.runner, `${name}: rows`, rowCases, world);
  runCases(options.runner, `${name}: commits`, commitCases, world);
  runCases(options.runner, `${name}: stores`, storageCases, world);
}
