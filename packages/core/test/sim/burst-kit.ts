import { expect } from 'vitest';
import { nodeCrypto } from '../../src/node/crypto.js';
import { simulate } from '../../src/sim/index.js';

const crypto = nodeCrypto();

/**
 * Worlds of two people who do fifty things at a time, while all goes wrong that can; what stops them is approved. Says
 * how many acts there were.
 */
export function burstActs(first: number, worlds: number): number {
  let acts = 0;
  for (let seed = first; seed < first + worlds; seed++) {
    const world = simulate({ crypto, seed, acts: 1_000, burst: 50, devices: 2, approves: true });
    expect(world.devices).toBe(2);
    acts += world.acts;
  }
  return acts;
}
