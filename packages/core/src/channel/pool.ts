/** Credit that all streams of one priority share: a connection's cap on what a peer may have unconsumed. */

import { check, invariant } from '../errors.js';
import { bulkPoolBytes, streamCreditBytes, urgentPoolBytes } from '../limits.js';
import type { Priority } from './items.js';

/** Credit of a priority at the start. */
export function poolBytes(priority: Priority): number {
  return priority === 2 ? bulkPoolBytes : urgentPoolBytes;
}

/** The sender's view. */
export class CreditPool {
  readonly #bytesMax: number;
  #bytes: number;

  constructor(priority: Priority) {
    this.#bytesMax = poolBytes(priority);
    this.#bytes = this.#bytesMax;
  }

  take(bytes: number): boolean {
    if (this.#bytes < bytes) return false;
    this.#bytes -= bytes;
    return true;
  }

  /** Throws `protocol` when the peer grants more than it took. */
  grant(bytes: number): void {
    this.#bytes += bytes;
    check(this.#bytes <= this.#bytesMax, 'protocol', 'The peer granted more credit than it had taken.');
  }
}

/**
 * The receiver's view of the credit of one stream or one pool: what the peer may still start, and what was consumed but
 * not yet granted again. Grants go out in quarters, so that many small messages do not cause as many grants.
 */
export class CreditLedger {
  readonly #bytesMax: number;
  #open: number;
  #consumed = 0;

  constructor(bytesMax: number = streamCreditBytes) {
    this.#bytesMax = bytesMax;
    this.#open = bytesMax;
  }

  /** A message starts; throws `protocol` when there is no credit for it. */
  charge(bytes: number): void {
    check(bytes <= this.#open, 'protocol', 'The peer sent more than it had credit for.');
    this.#open -= bytes;
  }

  /** Bytes to grant now, or 0 for not yet. */
  consumed(bytes: number): number {
    this.#consumed += bytes;
    invariant(this.#open + this.#consumed <= this.#bytesMax, 'more was consumed than had arrived');
    if (this.#consumed * 4 < this.#bytesMax) return 0;
    const grant = this.#consumed;
    this.#consumed = 0;
    this.#open += grant;
    return grant;
  }
}
