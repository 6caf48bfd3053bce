import { expect } from 'vitest';
import { nodeCrypto } from '../../src/node/crypto.js';
import { simulate } from '../../src/sim/index.js';

/** Plays `count` worlds of two devices from `first` on, each of 1,000 acts in bursts of 50. */
export function playBursts(first: number, count: number): void {
  const crypto = nodeCrypto();
  let acts = 0;
  for (let seed = first; seed < first + count; seed++) {
    const world = simulate({ crypto, seed, acts: 1_000, burst: 50, devices: 2, approves: true });
    expect(world.devices).toBe(2);
    acts += world.acts;
  }
  expect(acts).toBeGreaterThan(50_000);
}
