import { expect, test } from 'vitest';
import { nodeCrypto } from '../../src/node/crypto.js';
import { simulate } from '../../src/sim/index.js';

test('forty thousand acts, fifty at a time, lose nothing, and end with equal folders', () => {
  const crypto = nodeCrypto();
  let acts = 0;
  for (let seed = 1; seed <= 54; seed++) {
    const world = simulate({ crypto, seed, acts: 1_000, burst: 50, devices: 2, approves: true });
    expect(world.devices).toBe(2);
    acts += world.acts;
  }
  expect(acts).toBeGreaterThan(40_000);
}, 900_000);
