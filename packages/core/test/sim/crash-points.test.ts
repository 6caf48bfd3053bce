import { describe, expect, test } from 'vitest';
import { nodeCrypto } from '../../src/node/crypto.js';
import { type CrashPoint, crashAt, crashPoints, sampled } from '../../src/sim/index.js';

const crypto = nodeCrypto();
const sampleSize = 300;
const seed = 1;

describe('a machine that ends at any call of its disk or its databases', () => {
  const points = crashPoints(crypto);

  test('has many such calls in every scenario, on both devices', () => {
    const scenes = new Map<string, number>();
    for (const { scenario, device } of points) {
      const scene = `${scenario} ${device}`;
      scenes.set(scene, (scenes.get(scene) ?? 0) + 1);
    }
    expect(scenes.size).toBe(20);
    expect(Math.min(...scenes.values())).toBeGreaterThan(20);
  });

  test.each(quarters(sampled(points, sampleSize, seed)))(
    'shows no path half done, and loses nothing: quarter %i of the sample',
    (_, some) => {
      for (const point of some) crashAt(crypto, point);
      expect(some.length).toBeGreaterThan(0);
    },
    600_000,
  );
});

function quarters(some: readonly CrashPoint[]): readonly (readonly [number, readonly CrashPoint[]])[] {
  return [1, 2, 3, 4].map((number) => [number, some.filter((_, index) => index % 4 === number - 1)] as const);
}
