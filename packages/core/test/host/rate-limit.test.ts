import { describe, expect, it } from 'vitest';
import { RateLimit } from '../../src/host/rate-limit.js';

/** A clock that goes when it is told to. */
class TestClock {
  now = 1_000_000;
  #calls: { readonly at: number; readonly call: () => void }[] = [];

  nowMs(): number {
    return this.now;
  }

  after(delayMs: number, call: () => void): () => void {
    const timer = { at: this.now + delayMs, call };
    this.#calls.push(timer);
    return () => (this.#calls = this.#calls.filter((each) => each !== timer));
  }

  get waiting(): number {
    return this.#calls.length;
  }

  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const next = this.#calls.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#calls = this.#calls.filter((each) => each !== next);
      this.now = next.at;
      next.call();
    }
    this.now = end;
  }
}

function limited(rate: number | undefined): { clock: TestClock; limit: RateLimit; gone: number[] } {
  const clock = new TestClock();
  const limit = new RateLimit(clock);
  limit.limit(rate);
  return { clock, limit, gone: [] };
}

describe('RateLimit', () => {
  it('without a rate lets everything through at once', () => {
    const { clock, limit, gone } = limited(undefined);
    for (let i = 0; i < 100; i++) limit.take(1_000_000, () => gone.push(i));
    expect(gone).toHaveLength(100);
    expect(clock.waiting).toBe(0);
  });

  it('lets as many bytes through as the rate says, in order, whatever their sizes', () => {
    for (const size of [1_000, 65_536, 1_048_576]) {
      const { clock, limit, gone } = limited(500_000);
      const count = Math.ceil(20_000_000 / size);
      for (let i = 0; i < count; i++) limit.take(size, () => gone.push(i));
      clock.pass(10_000);
      expect(gone).toEqual(gone.map((_, i) => i));
      const bytes = gone.length * size;
      expect(bytes).toBeGreaterThan(5_000_000 - size);
      expect(bytes).toBeLessThan(5_000_000 + 125_000 + 2 * size);
    }
  });

  it('keeps the rate for those who come back as soon as they went', () => {
    const { clock, limit, gone } = limited(100_000);
    const again = (): void => {
      gone.push(clock.now);
      limit.take(10_000, again);
    };
    limit.take(10_000, again);
    clock.pass(10_000);
    expect(gone.length).toBeGreaterThan(95);
    expect(gone.length).toBeLessThan(106);
    expect(clock.waiting).toBe(1);
  });

  it('follows a change at once, and lets all go that waits when the limit ends', () => {
    const { clock, limit, gone } = limited(1_000);
    for (let i = 0; i < 10; i++) limit.take(100_000, () => gone.push(i));
    clock.pass(1_000);
    expect(gone).toEqual([0]);
    limit.limit(undefined);
    expect(gone).toHaveLength(10);
    limit.limit(1_000);
    limit.take(100_000, () => gone.push(10));
    limit.take(100_000, () => gone.push(11));
    clock.pass(1_000);
    expect(gone).toHaveLength(11);
    limit.close();
    clock.pass(1_000_000);
    expect(gone).toHaveLength(11);
  });
});
