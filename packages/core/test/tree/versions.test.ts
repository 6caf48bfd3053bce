import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  compareStamps,
  compareVectors,
  compareVersions,
  countedOf,
  extendVector,
  isContentOf,
  isLive,
  isLiveVersion,
  joinVectors,
  maximalOf,
  meetVectors,
  sameContent,
  type Version,
  vectorWithin,
  yieldsTo,
} from '../../src/tree/index.js';
import { historyArbitrary, vectorArbitrary, version } from './arbitrary.js';
import { contentId, deviceId } from './world.js';

const opposite = { equal: 'equal', before: 'after', after: 'before', concurrent: 'concurrent' } as const;

describe('vectors', () => {
  test('[FIL-12] are a partial order', () => {
    fc.assert(
      fc.property(vectorArbitrary, vectorArbitrary, vectorArbitrary, (a, b, c) => {
        expect(compareVectors(a, a)).toBe('equal');
        expect(compareVectors(b, a)).toBe(opposite[compareVectors(a, b)]);
        if (vectorWithin(a, b) && vectorWithin(b, c)) expect(vectorWithin(a, c)).toBe(true);
        if (compareVectors(a, b) === 'equal') expect(a).toEqual(b);
      }),
    );
  });

  test('[FIL-12] join to their least upper bound', () => {
    fc.assert(
      fc.property(vectorArbitrary, vectorArbitrary, vectorArbitrary, (a, b, c) => {
        const joined = joinVectors(a, b);
        expect(vectorWithin(a, joined) && vectorWithin(b, joined)).toBe(true);
        if (vectorWithin(a, c) && vectorWithin(b, c)) expect(vectorWithin(joined, c)).toBe(true);
        expect(compareVectors(joined, joinVectors(b, a))).toBe('equal');
      }),
    );
  });

  test('meet in their greatest lower bound', () => {
    fc.assert(
      fc.property(vectorArbitrary, vectorArbitrary, vectorArbitrary, (a, b, c) => {
        const met = meetVectors(a, b);
        expect(vectorWithin(met, a) && vectorWithin(met, b)).toBe(true);
        if (vectorWithin(c, a) && vectorWithin(c, b)) expect(vectorWithin(c, met)).toBe(true);
      }),
    );
  });

  test('an entry extends a vector and never takes from it', () => {
    const device = deviceId(0);
    expect(extendVector({}, device, 3)).toEqual({ [device]: 3 });
    expect(extendVector({ [device]: 5 }, device, 3)).toEqual({ [device]: 5 });
  });
});

describe('versions of a path', () => {
  const keysOf = (versions: readonly Version[]): readonly string[] =>
    versions.map((one) => `${one.at.device.slice(0, 2)}${one.at.seq}`);

  test('[FIL-13] the order is total: antisymmetric, transitive, equal only to itself', () => {
    fc.assert(
      fc.property(historyArbitrary, (made) => {
        const sorted = [...made].sort(compareVersions);
        sorted.forEach((low, i) => {
          for (const high of sorted.slice(i + 1)) {
            expect(compareVersions(low, high)).toBeLessThan(0);
            expect(compareVersions(high, low)).toBeGreaterThan(0);
          }
        });
      }),
    );
  });

  test('[FIL-12] merging is commutative, associative and idempotent', () => {
    fc.assert(
      fc.property(historyArbitrary, fc.array(fc.nat({ max: 7 })), (made, cuts) => {
        const at = cuts.map((cut) => cut % made.length);
        const some = at.map((i) => made[i] as Version);
        const all = keysOf(maximalOf(made));
        expect(keysOf(maximalOf([...some, ...made]))).toEqual(all);
        expect(keysOf(maximalOf([...made].reverse()))).toEqual(all);
        expect(keysOf(maximalOf([...maximalOf(some), ...maximalOf(made)]))).toEqual(all);
        expect(keysOf(maximalOf(maximalOf(made)))).toEqual(all);
      }),
    );
  });

  test('[FIL-12] every version is within a maximal one, and those are not within one another', () => {
    fc.assert(
      fc.property(historyArbitrary, (made) => {
        const maximal = maximalOf(made);
        for (const one of made) expect(maximal.some((top) => vectorWithin(one.vector, top.vector))).toBe(true);
        for (const a of maximal) {
          for (const b of maximal) if (a !== b) expect(compareVectors(a.vector, b.vector)).not.toBe('before');
        }
      }),
    );
  });

  test('[FIL-14] what counts is live, once each, and nothing is left out but for a later one on it', () => {
    fc.assert(
      fc.property(historyArbitrary, (made) => {
        const maximal = maximalOf(made);
        const counted = countedOf(maximal);
        for (const one of counted) expect(isLiveVersion(one)).toBe(true);
        for (const a of counted) for (const b of counted) if (a !== b) expect(sameContent(a, b)).toBe(false);
        for (const one of maximal.filter(isLiveVersion)) {
          const stands = counted.some((other) => sameContent(one, other));
          expect(stands || maximal.some((other) => yieldsTo(one, other))).toBe(true);
        }
      }),
    );
  });

  test('[FIL-14] yielding goes up in stamps, so it has no cycles', () => {
    fc.assert(
      fc.property(historyArbitrary, (made) => {
        for (const a of made) {
          for (const b of made) if (yieldsTo(a, b)) expect(compareStamps(a.stamp, b.stamp)).toBeLessThan(0);
        }
      }),
    );
  });
});

describe('the rules one by one', () => {
  const [x, y] = [contentId(0), contentId(1)];
  const of = (device: number, hlc: bigint, fields: Partial<Version>): Version =>
    version({ stamp: { hlc, device: deviceId(device) }, ...fields });

  test('[FIL-14] a version yields to a later one that has it as base, not to an earlier one', () => {
    const old = of(0, 5n, { content: x });
    expect(yieldsTo(old, of(1, 6n, { content: y, base: x }))).toBe(true);
    expect(yieldsTo(old, of(1, 4n, { content: y, base: x }))).toBe(false);
    expect(yieldsTo(old, of(1, 6n, { content: y }))).toBe(false);
  });

  test('[FIL-14] only what the engine made yields to a delete', () => {
    const gone = of(1, 6n, { type: 'absent', content: undefined, base: x });
    expect(yieldsTo(of(0, 5n, { content: x }), gone)).toBe(false);
    for (const made of ['settle', 'copy', 'adopt'] as const) {
      expect(yieldsTo(of(0, 5n, { content: x, made }), gone)).toBe(true);
      expect(countedOf([of(0, 5n, { content: x, made }), gone])).toEqual([]);
    }
  });

  test('[FIL-15] a delete hides nothing that is live beside it', () => {
    const live = of(0, 1n, { content: x });
    const gone = of(1, 9n, { type: 'absent', content: undefined, base: y });
    expect(countedOf([gone, live])).toEqual([live]);
    expect(isLive([gone, live])).toBe(true);
    expect(isLive([gone])).toBe(false);
  });

  test('[FIL-16] equal content counts once, with the later time and mode', () => {
    const early = of(0, 1n, { content: x, executable: true });
    const late = of(1, 2n, { content: x });
    expect(countedOf(maximalOf([early, late]))).toEqual([late]);
  });

  test('[FIL-16] content from before a change of constants is equal, and joins what is equal to either', () => {
    const before = of(0, 1n, { content: x });
    const after = of(1, 2n, { content: y });
    const both = of(2, 3n, { content: y, oldContent: x });
    expect(sameContent(before, after)).toBe(false);
    expect(countedOf(maximalOf([before, after, both]))).toEqual([both]);
    expect(isContentOf(x, both)).toBe(true);
  });

  test('[FIL-13] stamp 0 loses every order, and among such the content decides', () => {
    const first = of(0, 0n, { content: y });
    const other = of(2, 0n, { content: x });
    expect(countedOf(maximalOf([other, first]))[0]).toBe(first);
    expect(compareStamps(first.stamp, other.stamp)).toBe(0);
    const stamped = of(1, 1n, { content: contentId(2) });
    expect(countedOf(maximalOf([other, first, stamped]))[0]).toBe(stamped);
  });

  test('[FIL-13] of equal clocks the device decides, whatever the content', () => {
    const [first, other] = [of(0, 4n, { content: y }), of(1, 4n, { content: x })];
    expect(compareStamps(first.stamp, other.stamp)).toBeLessThan(0);
    expect(countedOf(maximalOf([first, other]))[0]).toBe(other);
  });

  test('[FIL-16] what is equal to two contents makes them one, in whatever order they come', () => {
    const before = of(0, 3n, { content: x });
    const after = of(1, 2n, { content: y });
    const both = of(2, 1n, { content: y, oldContent: x });
    expect(countedOf(maximalOf([before, after, both]))).toEqual([before]);
  });

  test('[FIL-12] two different versions with equal vectors both stay', () => {
    const one = of(0, 1n, { content: x });
    const two = of(0, 1n, { content: y });
    expect(maximalOf([one, two])).toHaveLength(2);
    expect(maximalOf([one, { ...one }])).toHaveLength(1);
  });
});
