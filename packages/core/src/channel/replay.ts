/** Memory of first messages, so that a recorded one gets no answer (`spec/08 CON-5`). */

import { toHex } from '../bytes.js';
import { replayEphemeralsMax } from '../limits.js';

/**
 * Remembers the newest ephemeral keys whose hint fitted; one for a whole process. Only who holds a PSK can make it
 * forget, by making more of them than it holds.
 */
export class ReplayMemory {
  readonly #entriesMax: number;
  readonly #seen = new Set<string>();

  constructor(entriesMax: number = replayEphemeralsMax) {
    this.#entriesMax = entriesMax;
  }

  /** `false` when this key was added before and is still remembered. */
  add(ephemeral: Uint8Array): boolean {
    const key = toHex(ephemeral);
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    if (this.#seen.size > this.#entriesMax) {
      const [oldest] = this.#seen;
      if (oldest !== undefined) this.#seen.delete(oldest);
    }
    return true;
  }
}
