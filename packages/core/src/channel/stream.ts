/** One stream of a connection: two halves that end each by itself. */

import { Incoming } from './incoming.js';
import type { Priority } from './items.js';
import { Outgoing } from './outgoing.js';
import { CreditLedger } from './pool.js';

export class Stream {
  readonly id: number;
  readonly priority: Priority;
  readonly outgoing: Outgoing = new Outgoing();
  readonly incoming: Incoming = new Incoming();
  readonly ledger: CreditLedger = new CreditLedger();
  /** `ending`: no more messages are taken, those that wait still go out. */
  sending: 'open' | 'ending' | 'over' = 'open';
  receiving: 'open' | 'over' = 'open';
  /** After a reset from here: what still arrives is dropped. */
  discarding = false;
  /** The peer has cancelled it. */
  cancelled = false;
  /** No longer counts against the limit of open streams. */
  counted = false;
  /** Cost of messages that the host has and has not consumed. */
  unconsumed = 0;
  /** Stands in its priority's ring. */
  queued = false;
  /** Had much to send, so the host hears when it has little. */
  full = false;

  constructor(id: number, priority: Priority) {
    this.id = id;
    this.priority = priority;
  }

  get over(): boolean {
    return this.sending === 'over' && this.receiving === 'over';
  }
}
