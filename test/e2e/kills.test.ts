import { expect, it } from 'vitest';
import { killLoop } from '../../proof/src/kills/loop.js';
import { root as repository } from '../tidy/source.js';

it('daemons that are killed again and again while people work lose nothing and end up equal', async () => {
  const { harm, kills, contents } = await killLoop({ repository, seconds: 6, seed: 1 });
  expect(harm).toEqual([]);
  expect(kills).toBeGreaterThan(3);
  expect(contents).toBeGreaterThan(20);
});
