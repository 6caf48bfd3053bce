/** Chunks: pieces of content sealed under a key that only their own bytes give (`spec/06 §4`). */

import { equalBytes, equalSecret } from '../bytes.js';
import type { Crypto } from '../crypto/index.js';
import { CloudlessError, invariant } from '../errors.js';
import { chunkBytesMax } from '../limits.js';
import { type ChunkId, chunkIdBytes, toChunkId } from '../model/index.js';
import type { ChunkRef } from './ref.js';

/** Each key has one plaintext, so one nonce serves all. */
const nonceBytes = 12;

export interface SealedChunk extends ChunkRef {
  readonly ciphertext: Uint8Array;
}

/** Who made content wrong: the peer that sent it, or the author of the record that names it. */
export type Fault = 'peer' | 'author';

/** A `bad-hash` whose `details.fault` says who is to blame. */
export function badHash(fault: Fault, message: string): CloudlessError {
  return new CloudlessError('bad-hash', message, { details: { fault } });
}

/** Whose fault a refusal of content was; `undefined` for errors of other kinds. */
export function faultOf(error: unknown): Fault | undefined {
  if (!(error instanceof CloudlessError)) return undefined;
  const fault = error.details.fault;
  return fault === 'peer' || fault === 'author' ? fault : undefined;
}

/** Key of a chunk: keyed BLAKE3 of its plaintext, so that equal content in a folder is sealed to equal bytes. */
export function chunkKey(crypto: Crypto, convergenceKey: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return crypto.blake3Keyed(convergenceKey, plaintext);
}

/** Ciphertext of a chunk whose key is known. The same call opens it. */
export function encryptChunk(crypto: Crypto, key: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return crypto.chacha20(key, new Uint8Array(nonceBytes), plaintext);
}

/** Plain BLAKE3 of the ciphertext, which any tool can check. */
export function chunkIdOf(crypto: Crypto, ciphertext: Uint8Array): ChunkId {
  return toChunkId(crypto.blake3(ciphertext));
}

/** Seals 1 byte to 1 MiB. The plaintext is neither kept nor changed. */
export function sealChunk(crypto: Crypto, convergenceKey: Uint8Array, plaintext: Uint8Array): SealedChunk {
  invariant(plaintext.length >= 1 && plaintext.length <= chunkBytesMax, `a chunk of ${plaintext.length} bytes`);
  const key = chunkKey(crypto, convergenceKey, plaintext);
  const ciphertext = encryptChunk(crypto, key, plaintext);
  return { id: chunkIdOf(crypto, ciphertext), length: plaintext.length, key, ciphertext };
}

/** Refuses ciphertext that is not what `id` names: `bad-hash`, the peer's fault. All that a store peer can check. */
export function checkCiphertext(crypto: Crypto, id: ChunkId, ciphertext: Uint8Array): void {
  if (!equalBytes(crypto.blake3(ciphertext), chunkIdBytes(id))) {
    throw badHash('peer', 'A peer sent other content than was asked for.');
  }
}

/**
 * Plaintext of a chunk. Throws `bad-hash`: by fault of the peer when the ciphertext is not what `id` names, of the
 * author when it is, but has another length or does not open under the key (`spec/06 §4`).
 */
export function openChunk(
  crypto: Crypto,
  ref: ChunkRef,
  convergenceKey: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  checkCiphertext(crypto, ref.id, ciphertext);
  if (ciphertext.length !== ref.length) {
    throw badHash('author', `A chunk of ${ciphertext.length} bytes was announced as one of ${ref.length}.`);
  }
  const plaintext = encryptChunk(crypto, ref.key, ciphertext);
  if (!equalSecret(chunkKey(crypto, convergenceKey, plaintext), ref.key)) {
    throw badHash('author', 'A chunk does not open under the key it was announced with.');
  }
  return plaintext;
}
