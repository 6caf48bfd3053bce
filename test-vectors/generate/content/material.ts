/** Keys, bytes and chunks that the content vectors are made of; all of it follows from the numbers here. */
import type { ChunkRef } from '@cloudless/core/content';
import { nobleCrypto } from '@cloudless/core/crypto';
import { toChunkId } from '@cloudless/core/model';

export const crypto = nobleCrypto();
export const gearKey = new Uint8Array(32).fill(0x11);
export const convergenceKey = new Uint8Array(32).fill(0x22);
export const fingerprintKey = new Uint8Array(32).fill(0x33);
export const otherKey = new Uint8Array(32).fill(0x44);

/** Content by rule: a ChaCha20 keystream under a key of one repeated byte, nonce 0. */
export function keystream(keyByte: number, length: number): Uint8Array {
  return crypto.chacha20(new Uint8Array(32).fill(keyByte), new Uint8Array(12), new Uint8Array(length));
}

function counted(index: number, last: number): Uint8Array {
  const bytes = new Uint8Array(5);
  new DataView(bytes.buffer).setUint32(0, index);
  bytes[4] = last;
  return bytes;
}

/**
 * Chunk `index` of a list by rule: id = BLAKE3(index as 4 bytes big-endian ‖ 0), key = BLAKE3(index ‖ 1), length =
 * 65,536 + index. With `lowBits` the last two bytes of the id are zero.
 */
export function chunkByRule(index: number, lowBits: 'hashed' | 'zero' = 'hashed'): ChunkRef {
  const id = crypto.blake3(counted(index, 0));
  if (lowBits === 'zero') id.fill(0, 30);
  return { id: toChunkId(id), length: 65_536 + index, key: crypto.blake3(counted(index, 1)) };
}

export function chunksByRule(count: number, lowBits: 'hashed' | 'zero' = 'hashed'): ChunkRef[] {
  return Array.from({ length: count }, (_, index) => chunkByRule(index, lowBits));
}
