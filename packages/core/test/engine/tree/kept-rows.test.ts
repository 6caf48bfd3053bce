import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeptRows } from '../../../src/engine/tree/store/kept-rows.js';

type Act = readonly ['get' | 'set' | 'drop', number];

const act = fc.tuple(fc.constantFrom('get', 'set', 'drop'), fc.nat(12)) as fc.Arbitrary<Act>;

test('what is kept is what was last written or read, whatever went before', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 200 }), fc.integer({ min: 1, max: 9 }), (acts, rowsMax) => {
      const rows = new Map<string, number | undefined>();
      const kept = new KeptRows<number | undefined>(rowsMax);
      acts.forEach(([what, number], index) => {
        const name = String(number);
        const value = index % 5 === 0 ? undefined : index;
        if (what !== 'get') rows.set(name, value);
        if (what === 'set') kept.set(name, value);
        else if (what === 'drop') kept.drop(name);
        expect(kept.get(name, () => rows.get(name))).toBe(rows.get(name));
      });
    }),
  );
});

test('rows in use stay; of the rest only so many are kept', () => {
  const kept = new KeptRows<number>(100);
  let read = 0;
  const get = (name: string): number => kept.get(name, () => ++read);
  get('in use');
  for (let row = 0; row < 1_000; row++) {
    get(`row ${row}`);
    get('in use');
  }
  expect(read).toBe(1_001);
  for (let row = 999; row >= 0; row--) get(`row ${row}`);
  expect(read - 1_001).toBeGreaterThanOrEqual(900);
  expect(read - 1_001).toBeLessThan(1_000);
});
