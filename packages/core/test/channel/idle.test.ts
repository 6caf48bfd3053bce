import { expect, it } from 'vitest';
import { nodeCrypto } from '../../src/node/crypto.js';
import { connect, settle } from './world.js';

/** Of both directions together; of TCP and IP nothing. */
const bytesPerMinuteMax = 500;

it('an idle connection costs at most 500 bytes a minute, and stays', () => {
  const world = connect(nodeCrypto());
  settle(world);
  const { a, b } = world;
  const endMs = 24 * 3_600_000;
  let bytes = 0;
  let frames = 0;
  for (let nowMs = 0; ; ) {
    nowMs = Math.min(...[a, b].map(({ connection }) => connection.nextWake() ?? Number.POSITIVE_INFINITY));
    if (nowMs > endMs) break;
    for (const side of [a, b]) side.take(side.connection.wake(nowMs));
    const moved = settle(world, nowMs);
    bytes += moved;
    if (moved > 0) frames += 1;
  }
  expect(a.connection.attached && b.connection.attached).toBe(true);
  expect(frames).toBeGreaterThan(24 * 60);
  expect(bytes / (24 * 60)).toBeLessThanOrEqual(bytesPerMinuteMax);
});
