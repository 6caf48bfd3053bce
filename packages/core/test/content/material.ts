/** Deterministic bytes and keys for the tests of content. */
import { type BuildKeys, type ChunkRef, gearTable } from '../../src/content/index.js';
import { type Crypto, nobleCrypto } from '../../src/crypto/index.js';
import { toChunkId } from '../../src/model/index.js';

export const convergence: Uint8Array = new Uint8Array(32).fill(7);

export function buildKeys(crypto: Crypto): BuildKeys {
  return { gear: gearTable(crypto, new Uint8Array(32).fill(9)), convergence };
}

/** Bytes that look random and follow from `seed`. */
export function noise(seed: number, length: number): Uint8Array {
  const key = new Uint8Array(32);
  new DataView(key.buffer).setUint32(0, seed);
  return nobleCrypto().chacha20(key, new Uint8Array(12), new Uint8Array(length));
}

/** A list of chunks that exist only by name; `from` is the number of the first. */
export function namedChunks(count: number, from = 0): ChunkRef[] {
  const crypto = nobleCrypto();
  return Array.from({ length: count }, (_, index) => {
    const seed = new Uint8Array(4);
    new DataView(seed.buffer).setUint32(0, from + index);
    const id = crypto.blake3(seed);
    return { id: toChunkId(id), length: 65_536 + index, key: id };
  });
}
