import { expect, it } from 'vitest';
import { race } from '../../proof/src/thief/race.js';
import { root as repository } from '../tidy/source.js';

it('a thief who swaps directories for links gets nothing written, removed or read outside', async () => {
  const { harm, swaps, refusals, changes } = await race({ repository, seconds: 5, seed: 1 });
  expect(harm).toEqual([]);
  expect(changes).toBeGreaterThan(20);
  expect(swaps).toBeGreaterThan(20);
  // The daemon did meet links where it had seen directories.
  expect(refusals).toBeGreaterThan(0);
});
