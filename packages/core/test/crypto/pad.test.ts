import fc from 'fast-check';
import { expect, test } from 'vitest';
import { padmeLength } from '../../src/crypto/index.js';

const anyLength = fc.oneof(
  fc.nat({ max: 5_000 }),
  fc.maxSafeNat().map((value) => value % 2 ** 51),
);

test('[PRM-23] padding never shortens, adds at most 12 %, and is stable', () => {
  const property = fc.property(anyLength, (length) => {
    const padded = padmeLength(length);
    expect(padded).toBeGreaterThanOrEqual(length);
    expect(padded - length).toBeLessThanOrEqual(length * 0.12);
    expect(padmeLength(padded)).toBe(padded);
  });
  fc.assert(property, { numRuns: 2_000 });
});

test('[PRM-23] a longer input is never padded to less', () => {
  const property = fc.property(anyLength, anyLength, (a, b) => {
    const [shorter, longer] = a < b ? [a, b] : [b, a];
    expect(padmeLength(shorter)).toBeLessThanOrEqual(padmeLength(longer));
  });
  fc.assert(property, { numRuns: 1_000 });
});

test('[PRM-23] it is the definition, written with exact integers', () => {
  const property = fc.property(anyLength, (length) => {
    const exponent = Math.max(1, length).toString(2).length - 1;
    const dropped = Math.max(0, exponent - exponent.toString(2).length);
    const unit = 1n << BigInt(dropped);
    expect(BigInt(padmeLength(length))).toBe(((BigInt(length) + unit - 1n) / unit) * unit);
  });
  fc.assert(property, { numRuns: 2_000 });
});

test('what is no length is a mistake in the program', () => {
  for (const length of [-1, 0.5, Number.NaN, 2 ** 52]) expect(() => padmeLength(length)).toThrow('padding');
});
