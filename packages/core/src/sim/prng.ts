import { utf8 } from '../bytes.js';

/**
 * Chance that is the same for the same seed: one generator for each use, so that a draw more in one place moves
 * nothing elsewhere.
 */
export class Prng {
  readonly #name: string;
  readonly #state: Uint32Array;

  constructor(name: string) {
    this.#name = name;
    this.#state = new Uint32Array(4);
    for (let i = 0; i < 4; i++) this.#state[i] = fnv(`${i} ${name}`);
    for (let i = 0; i < 16; i++) this.#next();
  }

  /** A generator of its own for what `name` says. */
  fork(name: string): Prng {
    return new Prng(`${this.#name}/${name}`);
  }

  /** From 0 to 1, 1 not included. */
  number(): number {
    return this.#next() / 2 ** 32;
  }

  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.number() * (max - min + 1));
  }

  chance(probability: number): boolean {
    return this.number() < probability;
  }

  /** One of several. Throws when there is none. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.int(0, items.length - 1)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }

  /** Milliseconds, mostly few and now and then many. */
  delayMs(usual: number, longest: number): number {
    return this.chance(0.95) ? this.int(0, usual) : this.int(usual, longest);
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length);
    for (let i = 0; i < length; i++) bytes[i] = this.#next() >>> 24;
    return bytes;
  }

  /** sfc32. */
  #next(): number {
    const [a = 0, b = 0, c = 0, count = 0] = this.#state;
    const sum = (a + b + count) >>> 0;
    this.#state[3] = count + 1;
    this.#state[0] = b ^ (b >>> 9);
    this.#state[1] = c + (c << 3);
    this.#state[2] = ((c << 21) | (c >>> 11)) + sum;
    return sum;
  }
}

function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of utf8(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
