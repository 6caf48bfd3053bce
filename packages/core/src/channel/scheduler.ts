/** What goes out next: small items first, then data by strict priority, round robin inside each (`spec/08 §9`). */

import { urgentActiveMs, urgentFrameBytesMax } from '../limits.js';
import { frameOverheadBytes } from './frame.js';
import { type ControlItem, itemBytes, type Priority, priorities, writeControlItem, writeDataHeader } from './items.js';
import { messagePrefixBytes } from './outgoing.js';
import type { CreditPool } from './pool.js';
import type { Stream } from './stream.js';

export interface SchedulerHandler {
  pool(priority: Priority): CreditPool;
  /** Queued bytes of a stream went into a frame. */
  wrote(stream: Stream, bytes: number): void;
  /** The last of a stream that was ending went into a frame. */
  ended(stream: Stream): void;
}

interface Ring {
  streams: Stream[];
  /** Its next message waits for the pool: no other starts before it, so that large ones are not starved. */
  blocked: Stream | undefined;
  activeUntilMs: number;
}

export class Scheduler {
  readonly #handler: SchedulerHandler;
  readonly #rings: readonly Ring[] = priorities.map(() => ({
    streams: [],
    blocked: undefined,
    activeUntilMs: Number.NEGATIVE_INFINITY,
  }));
  #control: ControlItem[] = [];

  constructor(handler: SchedulerHandler) {
    this.#handler = handler;
  }

  /** Small items that wait. */
  get controlWaiting(): number {
    return this.#control.length;
  }

  /** Adds a small item. */
  control(item: ControlItem): void {
    this.#control.push(item);
  }

  /** Something may have become sendable on this stream. */
  queue(stream: Stream): void {
    const idle = stream.outgoing.empty && stream.sending !== 'ending';
    if (stream.queued || stream.sending === 'over' || idle) return;
    stream.queued = true;
    this.#ring(stream.priority).streams.push(stream);
  }

  remove(stream: Stream): void {
    if (!stream.queued) return;
    stream.queued = false;
    const ring = this.#ring(stream.priority);
    ring.streams = ring.streams.filter((other) => other !== stream);
    if (ring.blocked === stream) ring.blocked = undefined;
  }

  poolGranted(priority: Priority): void {
    const ring = this.#ring(priority);
    const first = ring.blocked;
    if (first === undefined) return;
    ring.blocked = undefined;
    ring.streams = [first, ...ring.streams.filter((other) => other !== first)];
  }

  /** There was traffic of this priority: frames with less urgent data are kept short for a while. */
  active(priority: Priority, nowMs: number): void {
    this.#ring(priority).activeUntilMs = nowMs + urgentActiveMs;
  }

  /**
   * Fills a frame's content from `offset` on, with data of priorities up to `lowest`. Returns the offset after the last
   * item, which is `offset` itself when nothing can be sent.
   */
  fill(target: Uint8Array, offset: number, lowest: Priority, nowMs: number): number {
    const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
    let at = this.#fillControl(view, offset);
    if (this.#control.length > 0) return at;
    const shortEnd = Math.min(target.length, urgentFrameBytesMax - frameOverheadBytes);
    let urgent = false;
    for (const priority of priorities) {
      if (priority > lowest) break;
      const end = urgent ? shortEnd : target.length;
      if (at < end) at = this.#fillData(priority, target.subarray(0, end), at, nowMs);
      const ring = this.#ring(priority);
      urgent ||= nowMs < ring.activeUntilMs || ring.streams.length > 0;
    }
    return this.#fillControl(view, at);
  }

  #ring(priority: Priority): Ring {
    return this.#rings[priority] as Ring;
  }

  #fillControl(view: DataView, offset: number): number {
    let at = offset;
    let written = 0;
    for (const item of this.#control) {
      if (at + itemBytes[item.kind] > view.byteLength) break;
      at = writeControlItem(view, at, item);
      written += 1;
    }
    if (written > 0) this.#control = this.#control.slice(written);
    return at;
  }

  /** One turn for each stream at most: a frame is full or nothing more can be sent when it ends. */
  #fillData(priority: Priority, target: Uint8Array, offset: number, nowMs: number): number {
    const ring = this.#ring(priority);
    let at = offset;
    for (let turns = ring.streams.length; turns > 0 && ring.streams.length > 0; turns--) {
      if (target.length - at < itemBytes.data + messagePrefixBytes) break;
      const stream = ring.streams.shift() as Stream;
      at = this.#turn(stream, ring, target, at);
    }
    if (at > offset) this.active(priority, nowMs);
    return at;
  }

  #turn(stream: Stream, ring: Ring, target: Uint8Array, offset: number): number {
    const start = offset + itemBytes.data;
    if (ring.blocked !== undefined && !stream.outgoing.begun && !stream.outgoing.empty) {
      ring.streams.push(stream);
      return offset;
    }
    const before = stream.outgoing.queuedBytes;
    const { offset: end, blocked } = stream.outgoing.write(target, start, this.#handler.pool(stream.priority));
    let at = offset;
    if (end > start) {
      const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
      writeDataHeader(view, offset, stream.id, end - start);
      at = end;
    }
    if (blocked === 'pool-credit') ring.blocked ??= stream;
    this.#afterTurn(stream, ring, blocked === 'stream-credit');
    if (end > start) this.#handler.wrote(stream, before - stream.outgoing.queuedBytes);
    return at;
  }

  /** A stream without credit leaves the ring until credit comes; one with nothing left ends or leaves. */
  #afterTurn(stream: Stream, ring: Ring, waitsForCredit: boolean): void {
    if (!waitsForCredit && !stream.outgoing.empty) {
      ring.streams.push(stream);
      return;
    }
    stream.queued = false;
    if (!stream.outgoing.empty || stream.sending !== 'ending') return;
    this.#control.push({ kind: 'end', stream: stream.id });
    this.#handler.ended(stream);
  }
}
