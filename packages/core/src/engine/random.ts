import { concat, uint64Bytes } from '../bytes.js';
import type { Crypto } from '../crypto/index.js';

/**
 * Randomness of an engine: keyed BLAKE3 of a counter under a 32-byte seed. The host gives every life a fresh seed
 * from the system's
 * source; a simulation gives a known one. The key is replaced after each call, so what was handed out cannot be
 * computed from a later state.
 */
export class SeededRandom {
  #key: Uint8Array;
  readonly #crypto: Crypto;

  constructor(crypto: Crypto, seed: Uint8Array) {
    this.#crypto = crypto;
    this.#key = crypto.blake3Keyed(seed, new Uint8Array([0]));
  }

  bytes(length: number): Uint8Array {
    const blocks: Uint8Array[] = [];
    for (let i = 0; i * 32 < length; i++) blocks.push(this.#crypto.blake3Keyed(this.#key, uint64Bytes(i + 1)));
    this.#key = this.#crypto.blake3Keyed(this.#key, uint64Bytes(0));
    return concat(...blocks).subarray(0, length);
  }
}
