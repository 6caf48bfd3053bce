import { test } from 'vitest';
import { playBursts } from './bursts.js';

test('fifty thousand other acts, fifty at a time, lose nothing, and end with equal folders', () => {
  playBursts(67, 66);
}, 900_000);
