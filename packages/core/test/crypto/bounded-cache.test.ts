import { expect, test } from 'vitest';
import { BoundedCache } from '../../src/crypto/index.js';

const keyOf = (number: number): Uint8Array => Uint8Array.of(number, 255, 0);

function countingCache(entriesMax: number): { readonly get: (number: number) => number; readonly made: number[] } {
  const cache = new BoundedCache<number>(entriesMax);
  const made: number[] = [];
  const make = (number: number) => (): number => {
    made.push(number);
    return number;
  };
  return { get: (number) => cache.get(keyOf(number), make(number)), made };
}

test('a value is made once while it is kept', () => {
  const { get, made } = countingCache(2);
  expect([get(1), get(1), get(2), get(1)]).toEqual([1, 1, 2, 1]);
  expect(made).toEqual([1, 2]);
});

test('past the bound, what was used longest ago goes', () => {
  const { get, made } = countingCache(2);
  for (const number of [1, 2, 1, 3, 1, 2]) get(number);
  expect(made).toEqual([1, 2, 3, 2]);
});

test('undefined is a value like any other', () => {
  const cache = new BoundedCache<undefined>(2);
  let made = 0;
  for (let round = 0; round < 3; round++) cache.get(keyOf(1), () => void made++);
  expect(made).toBe(1);
});

test('a failure is not kept', () => {
  const cache = new BoundedCache<number>(2);
  const fail = (): number => {
    throw new Error('no');
  };
  expect(() => cache.get(keyOf(1), fail)).toThrow('no');
  expect(cache.get(keyOf(1), () => 4)).toBe(4);
});
