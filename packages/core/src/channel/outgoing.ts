/** The sending half of one stream: messages that wait, and the credit for them (`spec/08 §8`). */

import { free } from '../bytes.js';
import { check } from '../errors.js';
import { messageCostBytes, streamCreditBytes } from '../limits.js';
import type { CreditPool } from './pool.js';

/** Bytes of the length before each message. */
export const messagePrefixBytes = 4;

/** What a message counts against credit. */
export function messageCost(messageBytes: number): number {
  return messageCostBytes + messageBytes;
}

/** Why nothing (more) of a stream was written. */
export type Blocked = 'empty' | 'full' | 'stream-credit' | 'pool-credit';

const compactAfter = 64;

/** A message in two parts, so that a short head and a long body need not be put together first. */
interface Waiting {
  readonly head: Uint8Array;
  readonly body: Uint8Array;
}

export class Outgoing {
  #queue: Waiting[] = [];
  #head = 0;
  /** Bytes of the head message that are out; `undefined` while it has not begun. */
  #sentBytes: number | undefined;
  #credit: number = streamCreditBytes;
  #queuedBytes = 0;

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get empty(): boolean {
    return this.#head === this.#queue.length;
  }

  /** Whether the head message has begun, so that its credit is taken. */
  get begun(): boolean {
    return this.#sentBytes !== undefined;
  }

  /** The memory under the body is given back once it is written. */
  push(head: Uint8Array, body: Uint8Array): void {
    this.#queue.push({ head, body });
    this.#queuedBytes += head.length + body.length;
  }

  /** Throws `protocol` when the peer grants more than it took. */
  grant(bytes: number): void {
    this.#credit += bytes;
    check(this.#credit <= streamCreditBytes, 'protocol', 'The peer granted more credit than it had taken.');
  }

  /** Drops all that waits; returns how many bytes that were. */
  clear(): number {
    const dropped = this.#queuedBytes;
    this.#queue = [];
    this.#head = 0;
    this.#sentBytes = undefined;
    this.#queuedBytes = 0;
    return dropped;
  }

  /**
   * Writes as much as fits into `target` from `offset` on; a message starts only with credit for all of it, so that
   * every message begun can be completed. Returns the offset after, and why it stopped.
   */
  write(target: Uint8Array, offset: number, pool: CreditPool): { readonly offset: number; readonly blocked: Blocked } {
    let at = offset;
    while (!this.empty) {
      const message = this.#queue[this.#head] as Waiting;
      const length = message.head.length + message.body.length;
      if (this.#sentBytes === undefined) {
        if (target.length - at < messagePrefixBytes) return { offset: at, blocked: 'full' };
        const blocked = this.#start(messageCost(length), pool);
        if (blocked !== undefined) return { offset: at, blocked };
        at = writePrefix(target, at, length);
      }
      at = this.#writePart(message, this.#sentBytes ?? 0, target, at);
      if (this.#sentBytes !== undefined) return { offset: at, blocked: 'full' };
    }
    return { offset: at, blocked: 'empty' };
  }

  #start(cost: number, pool: CreditPool): Blocked | undefined {
    if (this.#credit < cost) return 'stream-credit';
    if (!pool.take(cost)) return 'pool-credit';
    this.#credit -= cost;
    this.#sentBytes = 0;
    return undefined;
  }

  #writePart({ head, body }: Waiting, sent: number, target: Uint8Array, offset: number): number {
    const end = Math.min(target.length, offset + head.length + body.length - sent);
    let at = offset;
    if (sent < head.length) {
      const part = head.subarray(sent, sent + end - at);
      target.set(part, at);
      at += part.length;
    }
    const bodySent = sent + at - offset - head.length;
    if (at < end) target.set(body.subarray(bodySent, bodySent + end - at), at);
    this.#queuedBytes -= end - offset;
    this.#sentBytes = sent + end - offset;
    if (this.#sentBytes === head.length + body.length) {
      free(body);
      this.#next();
    }
    return end;
  }

  #next(): void {
    this.#sentBytes = undefined;
    this.#head += 1;
    if (this.#head < compactAfter && this.#head < this.#queue.length) return;
    this.#queue = this.#queue.slice(this.#head);
    this.#head = 0;
  }
}

/** A prefix is never split over two items: whoever sees a message begin sees how long it is. */
function writePrefix(target: Uint8Array, offset: number, length: number): number {
  target[offset] = length >>> 24;
  target[offset + 1] = (length >>> 16) & 0xff;
  target[offset + 2] = (length >>> 8) & 0xff;
  target[offset + 3] = length & 0xff;
  return offset + messagePrefixBytes;
}
