import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clockAheadMsMax } from '../../src/limits.js';
import { hlcCount, hlcMs, isAhead, observe, tick, toHlc } from '../../src/model/clock.js';

const now = 1_800_000_000_000;
const walls = fc.integer({ min: now, max: now + 1_000_000 });
const clocks = fc.oneof(
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  fc.tuple(walls, fc.nat(65_535)).map(([ms, count]) => toHlc(ms, count)),
);

describe('clocks', () => {
  test('are milliseconds and a count', () => {
    expect(toHlc(now, 7)).toBe((BigInt(now) << 16n) + 7n);
    fc.assert(
      fc.property(walls, fc.nat(65_535), (ms, count) => {
        expect([hlcMs(toHlc(ms, count)), hlcCount(toHlc(ms, count))]).toEqual([ms, count]);
      }),
    );
  });

  test('[ENC-12] a tick is greater than the last clock and never behind the wall', () => {
    fc.assert(
      fc.property(clocks, walls, (last, wall) => {
        const next = tick(last, wall);
        expect(next >= toHlc(wall)).toBe(true);
        expect(next > last || isAhead(last, wall)).toBe(true);
        expect(hlcMs(next)).toBeLessThanOrEqual(wall + clockAheadMsMax + 1);
      }),
    );
  });

  test('[ENC-12] a full count carries into the milliseconds', () => {
    expect(tick(toHlc(now, 65_535), now)).toBe(toHlc(now + 1, 0));
  });

  test('[ENC-12] an own last clock that was too far ahead is left behind', () => {
    const wrong = toHlc(now + clockAheadMsMax + 1);
    expect(tick(wrong, now)).toBe(toHlc(now));
    expect(tick(toHlc(now + clockAheadMsMax), now)).toBe(toHlc(now + clockAheadMsMax, 1));
  });

  test('[ENC-13] nothing too far ahead is ever adopted, and of the rest the greater is', () => {
    fc.assert(
      fc.property(clocks, clocks, walls, (last, remote, wall) => {
        const next = observe(last, remote, wall);
        const fit = [last, remote].filter((clock) => !isAhead(clock, wall));
        expect(isAhead(next, wall)).toBe(false);
        expect(next).toBe([0n, ...fit].sort((a, b) => (a < b ? -1 : 1)).at(-1));
      }),
    );
  });

  test('[ENC-13] what was seen comes before what is done next', () => {
    fc.assert(
      fc.property(clocks, clocks, walls, (last, remote, wall) => {
        const next = tick(observe(last, remote, wall), wall);
        expect(next > remote || isAhead(remote, wall)).toBe(true);
      }),
    );
  });

  test('seeing in any order, and twice, comes to the same', () => {
    fc.assert(
      fc.property(clocks, clocks, clocks, walls, (last, a, b, wall) => {
        const one = observe(observe(last, a, wall), b, wall);
        expect(observe(observe(last, b, wall), a, wall)).toBe(one);
        expect(observe(one, a, wall)).toBe(one);
      }),
    );
  });

  test.each([-1, 0.5, Number.NEGATIVE_INFINITY, 2 ** 60])(
    'a machine that says it is %d gets a clock all the same',
    (wall) => {
      const clock = tick(0n, wall);
      expect(clock >= 0n && clock < 2n ** 64n).toBe(true);
    },
  );
});
