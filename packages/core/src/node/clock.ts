import { randomFillSync } from 'node:crypto';
import type { Clock, Random } from '../ports/index.js';

const timerMsMax = 2_147_483_647;

/** Wall clock and timers of this machine. What is due at once runs in the next turn, without a timer's millisecond. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after: (delayMs, call) => {
    if (delayMs <= 0) {
      const immediate = setImmediate(call);
      return () => clearImmediate(immediate);
    }
    const timer = setTimeout(call, Math.min(delayMs, timerMsMax));
    return () => clearTimeout(timer);
  },
};

/** The system's cryptographic randomness. */
export const systemRandom: Random = {
  bytes: (length) => randomFillSync(new Uint8Array(length)),
};
