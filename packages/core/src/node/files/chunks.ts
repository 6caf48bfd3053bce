import { closeSync, constants, openSync, readSync } from 'node:fs';
import { free } from '../../bytes.js';
import { chunkIdOf, encryptChunk, faultOf, openChunk } from '../../content/index.js';
import type { Crypto } from '../../crypto/index.js';
import type { ChunkId } from '../../model/index.js';
import type { ChunkSource, ChunkTarget, LoadOutcome, StoreOutcome } from '../../ports/index.js';
import { fileError } from './anchor.js';
import { archivedPath } from './archive.js';
import { openForReading } from './hash.js';
import { writeWithHoles } from './holes.js';
import { checkRoom } from './room.js';
import { openTemps, tempName, withTemp } from './temps.js';

const { O_NOFOLLOW = 0, O_RDONLY } = constants;

/** A chunk as the engine names it. */
export interface NamedChunk {
  readonly id: ChunkId;
  readonly key: Uint8Array;
  readonly length: number;
}

/** Ciphertext of a chunk from the first source that still has it. */
export function loadChunk(
  crypto: Crypto,
  root: string,
  chunk: NamedChunk,
  sources: readonly ChunkSource[],
): LoadOutcome {
  let outcome: 'missing' | 'changed' = 'missing';
  for (const source of sources) {
    const plaintext = readSource(root, source, chunk.length);
    if (plaintext === 'missing') continue;
    outcome = 'changed';
    if (plaintext === 'short') continue;
    const bytes = encryptChunk(crypto, chunk.key, plaintext);
    free(plaintext);
    if (chunkIdOf(crypto, bytes) === chunk.id) return { outcome: 'loaded', bytes };
  }
  return { outcome };
}

/** Checks, opens and writes a chunk that a peer sent. */
export function storeChunk(
  crypto: Crypto,
  root: string,
  chunk: NamedChunk,
  convergence: Uint8Array,
  ciphertext: Uint8Array,
  targets: readonly ChunkTarget[],
): StoreOutcome {
  let plaintext: Uint8Array;
  try {
    plaintext = openChunk(crypto, chunk, convergence, ciphertext);
  } catch (error) {
    const fault = faultOf(error);
    if (fault === undefined) throw error;
    return { outcome: 'refused', fault };
  }
  const outcome = writeTargets(root, plaintext, targets);
  free(plaintext);
  return outcome;
}

/** Copies a chunk that lies in this folder already, proved as one from a peer would be. */
export function copyChunk(
  crypto: Crypto,
  root: string,
  chunk: NamedChunk,
  convergence: Uint8Array,
  sources: readonly ChunkSource[],
  targets: readonly ChunkTarget[],
): StoreOutcome | { readonly outcome: 'missing' } {
  for (const source of sources) {
    const loaded = loadChunk(crypto, root, chunk, [source]);
    if (loaded.outcome !== 'loaded') continue;
    return storeChunk(crypto, root, chunk, convergence, loaded.bytes, targets);
  }
  return { outcome: 'missing' };
}

function writeTargets(root: string, plaintext: Uint8Array, targets: readonly ChunkTarget[]): StoreOutcome {
  try {
    for (const { temp, offset, size } of targets) {
      withTemp(root, temp, true, (handle, directory) => {
        checkRoom(directory, plaintext.length);
        writeWithHoles(handle, plaintext, offset, size);
      });
    }
    return { outcome: 'stored' };
  } catch (error) {
    const { code, message } = fileError(error);
    return { outcome: 'failed', code: code === 'disk-full' ? 'disk-full' : 'io', reason: message };
  }
}

/** Bytes at a source; `short` when it ends before them, `missing` when nothing there can be read. */
function readSource(root: string, source: ChunkSource, length: number): Uint8Array | 'missing' | 'short' {
  let handle: number | undefined;
  try {
    handle = openSource(root, source.from);
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const count = readSync(handle, bytes, done, length - done, source.offset + done);
      if (count === 0) return 'short';
      done += count;
    }
    return bytes;
  } catch {
    return 'missing';
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function openSource(root: string, from: ChunkSource['from']): number {
  if (!('temp' in from)) return openForReading(root, 'path' in from ? from.path : archivedPath(from.archived));
  const anchor = openTemps(root);
  try {
    return openSync(anchor.at(tempName(from.temp)), O_RDONLY | O_NOFOLLOW);
  } finally {
    anchor.close();
  }
}
