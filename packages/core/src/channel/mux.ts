/** Streams over a session: priorities, credit, limits (`spec/08 §7`, `§8`). */

import { emptyBytes } from '../bytes.js';
import { CloudlessError, check, invariant } from '../errors.js';
import { controlItemsMax, messageBytesMax, streamsMax } from '../limits.js';
import type { ConnectionEvent } from './events.js';
import { type ControlItem, type Item, type Priority, priorities, readItems } from './items.js';
import { CreditLedger, CreditPool, poolBytes } from './pool.js';
import { Scheduler } from './scheduler.js';
import { Stream } from './stream.js';

/** At or below this a stream that had more waiting is `drained`. */
export const drainedBytes = 262_144;

const streamIdMax = 2 ** 32 - 1;

export interface MuxOptions {
  /** Opens odd streams, else even ones. */
  readonly initiator: boolean;
  readonly events: ConnectionEvent[];
}

interface PriorityState {
  readonly pool: CreditPool;
  readonly ledger: CreditLedger;
}

export class Mux {
  readonly #events: ConnectionEvent[];
  readonly #streams = new Map<number, Stream>();
  readonly #scheduler: Scheduler;
  readonly #priorities: readonly PriorityState[];
  readonly #ownParity: number;
  #nextId: number;
  #lastPeerId = 0;
  #openHere = 0;
  #openThere = 0;
  #queuedBytes = 0;

  constructor(options: MuxOptions) {
    this.#events = options.events;
    this.#nextId = options.initiator ? 1 : 2;
    this.#ownParity = this.#nextId % 2;
    this.#priorities = priorities.map((priority) => ({
      pool: new CreditPool(priority),
      ledger: new CreditLedger(poolBytes(priority)),
    }));
    this.#scheduler = new Scheduler({
      pool: (priority) => this.#of(priority).pool,
      wrote: (stream, bytes) => this.#wrote(stream, bytes),
      ended: (stream) => this.#ended(stream),
    });
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Bytes that wait on one stream; 0 for one that is over. */
  queuedBytesOf(id: number): number {
    return this.#streams.get(id)?.outgoing.queuedBytes ?? 0;
  }

  open(priority: Priority): number {
    check(this.#openHere < streamsMax, 'busy', 'Too many streams are open on this connection.');
    check(this.#nextId <= streamIdMax, 'busy', 'This connection has used up its stream numbers.');
    const id = this.#nextId;
    this.#nextId += 2;
    this.#openHere += 1;
    this.#streams.set(id, new Stream(id, priority));
    this.#control({ kind: 'open', stream: id, priority });
    return id;
  }

  send(id: number, head: Uint8Array, body: Uint8Array = emptyBytes): void {
    const length = head.length + body.length;
    check(length <= messageBytesMax, 'over-limit', 'A message is longer than any may be.');
    const stream = this.#sendable(id);
    stream.outgoing.push(head, body);
    this.#queuedBytes += length;
    if (stream.outgoing.queuedBytes > drainedBytes) stream.full = true;
    this.#scheduler.queue(stream);
  }

  end(id: number): void {
    const stream = this.#sendable(id);
    stream.sending = 'ending';
    this.#scheduler.queue(stream);
  }

  /** Cancels both halves; what the host had not consumed counts as consumed. Does nothing for a stream that is over. */
  reset(id: number, reason: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined || stream.over || stream.discarding) return;
    stream.discarding = true;
    if (stream.unconsumed > 0) this.#refundPool(stream.priority, stream.unconsumed);
    stream.unconsumed = 0;
    this.#stopSending(stream);
    this.#control({ kind: 'reset', stream: id, reason });
    this.#settle(stream);
  }

  /** Throws `usage` for more than was delivered. Does nothing for a stream that was reset from here. */
  consumed(id: number, bytes: number): void {
    const stream = this.#streams.get(id);
    if (stream === undefined || stream.discarding) return;
    check(
      bytes > 0 && bytes <= stream.unconsumed,
      'usage',
      'More was reported as consumed than this stream had delivered.',
    );
    stream.unconsumed -= bytes;
    this.#refundPool(stream.priority, bytes);
    const grant = stream.ledger.consumed(bytes);
    if (grant > 0 && stream.receiving === 'open') this.#control({ kind: 'credit', stream: id, bytes: grant });
    this.#settle(stream);
  }

  /** See `Scheduler.fill`. */
  fill(target: Uint8Array, offset: number, lowest: Priority, nowMs: number): number {
    return this.#scheduler.fill(target, offset, lowest, nowMs);
  }

  /** Items of the next numbered frame. Throws what ends the connection. */
  receive(items: Uint8Array, nowMs: number): void {
    readItems(items, (item) => {
      this.#take(item, nowMs);
      const waiting = this.#scheduler.controlWaiting;
      check(waiting <= controlItemsMax, 'over-limit', 'The peer causes answers faster than it reads them.');
    });
  }

  #of(priority: Priority): PriorityState {
    return this.#priorities[priority] as PriorityState;
  }

  #sendable(id: number): Stream {
    const stream = this.#streams.get(id);
    if (stream === undefined || stream.sending !== 'open') {
      throw new CloudlessError('closed', 'This stream takes no more messages.');
    }
    return stream;
  }

  #control(item: ControlItem): void {
    this.#scheduler.control(item);
  }

  #refundPool(priority: Priority, bytes: number): void {
    const grant = this.#of(priority).ledger.consumed(bytes);
    if (grant > 0) this.#control({ kind: 'pool', priority, bytes: grant });
  }

  #take(item: Item, nowMs: number): void {
    if (item.kind === 'pool') {
      this.#of(item.priority).pool.grant(item.bytes);
      this.#scheduler.poolGranted(item.priority);
      return;
    }
    if (item.kind === 'open') {
      this.#takeOpen(item.stream, item.priority);
      return;
    }
    const stream = this.#streams.get(item.stream);
    if (item.kind === 'credit') this.#takeCredit(item.stream, stream, item.bytes);
    else if (item.kind === 'reset') this.#takeReset(item.stream, stream, item.reason);
    else this.#takeContent(item, stream, nowMs);
  }

  #takeOpen(id: number, priority: Priority): void {
    const inOrder = id % 2 !== this.#ownParity && id > this.#lastPeerId;
    check(inOrder, 'protocol', 'The peer opened a stream out of order.');
    check(this.#openThere < streamsMax, 'over-limit', 'The peer opened too many streams.');
    this.#lastPeerId = id;
    this.#openThere += 1;
    this.#streams.set(id, new Stream(id, priority));
    this.#events.push({ type: 'opened', stream: id, priority });
  }

  /** Credit and resets may cross the end of a stream; of one that never was they are a breach. */
  #checkWasOpen(id: number): void {
    const was = id % 2 === this.#ownParity ? id < this.#nextId : id <= this.#lastPeerId;
    check(was, 'protocol', 'The peer named a stream that was never opened.');
  }

  #takeCredit(id: number, stream: Stream | undefined, bytes: number): void {
    if (stream === undefined || stream.sending === 'over') {
      this.#checkWasOpen(id);
      return;
    }
    stream.outgoing.grant(bytes);
    this.#scheduler.queue(stream);
  }

  #takeContent(item: Item & { kind: 'data' | 'end' }, stream: Stream | undefined, nowMs: number): void {
    const open = stream !== undefined && stream.receiving === 'open';
    check(open, 'protocol', 'The peer sent on a stream that it had not opened or had ended.');
    if (item.kind === 'data') {
      this.#scheduler.active(stream.priority, nowMs);
      this.#takeData(stream, item.content);
      return;
    }
    check(stream.incoming.atBoundary, 'protocol', 'The peer ended a stream inside a message.');
    stream.receiving = 'over';
    if (!stream.discarding) this.#events.push({ type: 'ended', stream: stream.id });
    this.#settle(stream);
  }

  #takeData(stream: Stream, content: Uint8Array): void {
    stream.incoming.take(content, {
      charge: (costBytes) => {
        stream.ledger.charge(costBytes);
        this.#of(stream.priority).ledger.charge(costBytes);
      },
      message: (message, costBytes) => {
        if (stream.discarding) {
          this.#refundPool(stream.priority, costBytes);
          return;
        }
        stream.unconsumed += costBytes;
        this.#events.push({ type: 'message', stream: stream.id, message, costBytes });
      },
    });
  }

  #takeReset(id: number, stream: Stream | undefined, reason: number): void {
    if (stream === undefined || stream.receiving === 'over') {
      this.#checkWasOpen(id);
      if (stream !== undefined) this.#cancelled(stream, reason);
      return;
    }
    stream.receiving = 'over';
    this.#dropIncoming(stream);
    this.#cancelled(stream, reason);
  }

  /** The peer wants no more of the stream: the own half ends too, and the peer hears so unless it was told. */
  #cancelled(stream: Stream, reason: number): void {
    const wasSending = stream.sending !== 'over';
    if (wasSending) {
      this.#stopSending(stream);
      this.#control({ kind: 'reset', stream: stream.id, reason });
    }
    if (!stream.discarding && !stream.cancelled) this.#events.push({ type: 'reset', stream: stream.id, reason });
    stream.cancelled = true;
    this.#settle(stream);
  }

  /** A message that was begun will not be completed: its credit goes back to the pool. */
  #dropIncoming(stream: Stream): void {
    const cost = stream.incoming.unfinishedCost;
    if (cost > 0) this.#refundPool(stream.priority, cost);
  }

  #stopSending(stream: Stream): void {
    this.#queuedBytes -= stream.outgoing.clear();
    this.#scheduler.remove(stream);
    stream.sending = 'over';
  }

  #wrote(stream: Stream, bytes: number): void {
    this.#queuedBytes -= bytes;
    if (!stream.full || stream.outgoing.queuedBytes > drainedBytes) return;
    stream.full = false;
    this.#events.push({ type: 'drained', stream: stream.id });
  }

  #ended(stream: Stream): void {
    stream.sending = 'over';
    this.#settle(stream);
  }

  /** Counts a stream as over once, and forgets it when the host has consumed what it delivered. */
  #settle(stream: Stream): void {
    if (!stream.over) return;
    if (!stream.counted) {
      stream.counted = true;
      if (stream.id % 2 === this.#ownParity) this.#openHere -= 1;
      else this.#openThere -= 1;
    }
    if (stream.unconsumed === 0) this.#streams.delete(stream.id);
    invariant(this.#openHere >= 0 && this.#openThere >= 0, 'streams were counted twice');
  }
}
