import { test } from 'vitest';
import { playBursts } from './bursts.js';

// In two files, so that two threads can share them.
test('fifty thousand acts, fifty at a time, lose nothing, and end with equal folders', () => {
  playBursts(1, 66);
}, 900_000);
