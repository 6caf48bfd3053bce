import { describe, expect, test } from 'vitest';
import { nodeCrypto } from '../../src/node/crypto.js';
import { type CrashPoint, crashAt, crashPoints, sampled } from '../../src/sim/index.js';

const sampleSize = 2_000;
const seed = 1;

/** Ends a machine at each call of one half of the sample. */
export function crashes(half: 0 | 1): void {
  const crypto = nodeCrypto();
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

    test.each(fifths(sampled(points, sampleSize, seed).filter((_, index) => index % 2 === half)))(
      'shows no path half done, and loses nothing: part %i of the sample',
      (_, some) => {
        for (const point of some) crashAt(crypto, point);
        expect(some.length).toBeGreaterThan(150);
      },
      600_000,
    );
  });
}

function fifths(some: readonly CrashPoint[]): readonly (readonly [number, readonly CrashPoint[]])[] {
  return [1, 2, 3, 4, 5].map((number) => [number, some.filter((_, index) => index % 5 === number - 1)] as const);
}
