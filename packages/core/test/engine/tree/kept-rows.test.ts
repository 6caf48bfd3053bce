import { expect, it } from 'vitest';
import { KeptRows } from '../../../src/engine/tree/store/kept-rows.js';

it('rows that are there and rows that are not are read once, until they are dropped or too many follow', () => {
  const kept = new KeptRows<string | undefined>(8);
  let reads = 0;
  const get = (name: string, row: string | undefined): string | undefined => {
    return kept.get(name, () => {
      reads += 1;
      return row;
    });
  };
  for (let i = 0; i < 3; i++) expect([get('a', 'A'), get('b', undefined)]).toEqual(['A', undefined]);
  expect(reads).toBe(2);
  kept.set('a', undefined);
  expect(get('a', 'A')).toBeUndefined();
  kept.drop('b');
  expect(get('b', 'B')).toBe('B');
  expect(reads).toBe(3);
  for (let i = 0; i < 16; i++) kept.set(`${i}`, 'other');
  expect(get('a', 'A')).toBe('A');
  expect(reads).toBe(4);
});
