import { describe, expect, it } from 'vitest';
import { Clock } from '../../src/engine/clock.js';

describe('a clock that people set', () => {
  it('goes on for those who wait, and tells what was taken back', () => {
    const clock = new Clock();
    clock.set(10_000);
    const dueMs = clock.steadyMs + 500;
    expect(clock.set(4_000)).toBe(6_000);
    expect(clock.nowMs).toBe(4_000);
    expect(clock.wallMs(dueMs)).toBe(4_500);
    clock.set(4_500);
    expect(clock.steadyMs).toBe(dueMs);
    expect(clock.wallMs(undefined)).toBeUndefined();
  });

  it('lets nobody wait longer than they meant to where it is put forward', () => {
    const clock = new Clock();
    clock.set(10_000);
    const dueMs = clock.steadyMs + 500;
    expect(clock.set(90_000_000)).toBe(0);
    expect(clock.steadyMs).toBeGreaterThan(dueMs);
  });
});
