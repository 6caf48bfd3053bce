import { expect, test } from 'vitest';
import { burstActs } from './burst-kit.js';

test('fifty thousand acts in worlds from 67 on lose nothing, and end with equal folders', () => {
  expect(burstActs(67, 66)).toBeGreaterThan(50_000);
}, 900_000);
