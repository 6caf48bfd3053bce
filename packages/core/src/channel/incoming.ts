/** The receiving half of one stream: cuts its bytes into messages (`spec/08 §8`). */

import { check } from '../errors.js';
import { messageBytesMax } from '../limits.js';
import { messageCost, messagePrefixBytes } from './outgoing.js';

export interface IncomingHandler {
  /** A message of this cost begins; throws when there is no credit. Called before anything is allocated for it. */
  charge(costBytes: number): void;
  /** The message fills memory of its own. */
  message(message: Uint8Array, costBytes: number): void;
}

export class Incoming {
  #partial: Uint8Array | undefined;
  #filled = 0;

  /** Whether the stream stands between two messages. */
  get atBoundary(): boolean {
    return this.#partial === undefined;
  }

  /** Cost of a message that was begun and will not be completed. */
  get unfinishedCost(): number {
    return this.#partial === undefined ? 0 : messageCost(this.#partial.length);
  }

  /** Throws `malformed`, `over-limit` for a message that is too long, and what `charge` throws. */
  take(content: Uint8Array, handler: IncomingHandler): void {
    let rest = content;
    while (rest.length > 0) {
      rest = this.#partial === undefined ? this.#begin(rest, handler) : this.#takePart(rest, this.#partial, handler);
    }
  }

  #begin(bytes: Uint8Array, handler: IncomingHandler): Uint8Array {
    check(bytes.length >= messagePrefixBytes, 'malformed', 'The length of a message is cut short.');
    const lengthBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    const rest = bytes.subarray(messagePrefixBytes);
    check(lengthBytes <= messageBytesMax, 'over-limit', 'The peer announced a message longer than any may be.');
    handler.charge(messageCost(lengthBytes));
    if (rest.length < lengthBytes) {
      this.#partial = new Uint8Array(lengthBytes);
      this.#filled = 0;
      return rest;
    }
    const whole = rest.subarray(0, lengthBytes);
    this.#finish(whole.slice(), handler);
    return rest.subarray(lengthBytes);
  }

  #takePart(bytes: Uint8Array, partial: Uint8Array, handler: IncomingHandler): Uint8Array {
    const part = bytes.subarray(0, partial.length - this.#filled);
    partial.set(part, this.#filled);
    this.#filled += part.length;
    if (this.#filled === partial.length) this.#finish(partial, handler);
    return bytes.subarray(part.length);
  }

  #finish(message: Uint8Array, handler: IncomingHandler): void {
    this.#partial = undefined;
    handler.message(message, messageCost(message.length));
  }
}
