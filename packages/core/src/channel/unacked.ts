/** Numbered frames that the peer has not acknowledged, in order. */

import { check, invariant } from '../errors.js';

/** Heads of arrays are cut off only now and then: `shift` on a long array moves all of it. */
const compactAfter = 64;

export class Unacked {
  #frames: Uint8Array[] = [];
  #head = 0;
  #first = 0;
  #bytes = 0;

  /** Number of the oldest frame kept. */
  get first(): number {
    return this.#first;
  }

  /** Number that the next frame gets. */
  get next(): number {
    return this.#first + this.#frames.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(frame: Uint8Array): void {
    this.#frames.push(frame);
    this.#bytes += frame.length;
  }

  at(number: number): Uint8Array {
    const frame = this.#frames[this.#head + number - this.#first];
    invariant(frame !== undefined, `frame ${number} is not kept`);
    return frame;
  }

  /**
   * Forgets all below `received`, and calls with each frame that is not needed any more; older acknowledgements change
   * nothing. Throws `protocol` for frames never sent.
   */
  acknowledge(received: number, spare: (frame: Uint8Array) => void): void {
    check(received <= this.next, 'protocol', 'The peer acknowledged frames that were never sent.');
    while (this.#first < received) {
      const frame = this.at(this.#first);
      spare(frame);
      this.#bytes -= frame.length;
      this.#head += 1;
      this.#first += 1;
    }
    if (this.#head < compactAfter && this.#head < this.#frames.length) return;
    this.#frames = this.#frames.slice(this.#head);
    this.#head = 0;
  }
}
