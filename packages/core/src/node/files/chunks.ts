import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { free } from '../../bytes.js';
import { chunkIdOf, encryptChunk, faultOf, openChunk } from '../../content/index.js';
import type { Crypto } from '../../crypto/index.js';
import { check } from '../../errors.js';
import type { ChunkId } from '../../model/index.js';
import type { ChunkSource, ChunkTarget, LoadOutcome, StoreOutcome } from '../../ports/index.js';
import { fileError } from './anchor.js';
import { archivedPath } from './archive.js';
import { openForReading } from './hash.js';
import { privateDirectories, privatePath } from './token.js';

const { O_CREAT, O_NOFOLLOW = 0, O_RDONLY, O_RDWR } = constants;

/** A chunk as the engine names it. */
export interface NamedChunk {
  readonly id: ChunkId;
  readonly key: Uint8Array;
  readonly length: number;
}

/** Where a temp file lies. Its name comes from the engine and is a plain word. */
export function tempPath(root: string, temp: string): string {
  check(/^[0-9a-zA-Z-][0-9a-zA-Z.-]{0,127}$/.test(temp), 'unsafe-path', 'This is no name of a temp file.');
  return privatePath(root, privateDirectories.temps, temp);
}

/**
 * Opens a temp file to write in it. Never kept open for later: once it is placed, the same name may stand for another
 * file, and a kept handle would write into somebody's document.
 */
function withTemp(root: string, temp: string, make: number, act: (handle: number) => void): void {
  const handle = openTemp(root, temp, O_RDWR | make | O_NOFOLLOW);
  try {
    check(isOurs(fstatSync(handle)), 'io', 'A temp file is also somebody’s document.');
    act(handle);
  } finally {
    closeSync(handle);
  }
}

/** Somebody may have tidied the private directory; it is not made anew where it is gone as a whole. */
function openTemp(root: string, temp: string, flags: number): number {
  const path = tempPath(root, temp);
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    const directory = dirname(path);
    if ((flags & O_CREAT) === 0 || existsSync(directory)) throw error;
    mkdirSync(directory, { mode: 0o700 });
    return openSync(path, flags, 0o600);
  }
}

/** After a crash between the two steps of placing it, a temp file may be a file of the folder too. */
function isOurs(stats: Stats): boolean {
  return stats.isFile() && stats.nlink === 1;
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

export function flushTemps(root: string, temps: readonly string[]): void {
  for (const temp of temps) {
    try {
      withTemp(root, temp, 0, fsyncSync);
    } catch (error) {
      throw fileError(error);
    }
  }
}

/** Those that are whole files of ours; what else lies there is removed. */
export function listTemps(root: string): readonly string[] {
  const directory = privatePath(root, privateDirectories.temps);
  if (!existsSync(directory)) return [];
  return readdirSync(directory).filter((name) => {
    const path = join(directory, name);
    if (isOurs(lstatSync(path))) return true;
    rmSync(path, { recursive: true, force: true });
    return false;
  });
}

export function removeTemps(root: string, temps: readonly string[]): void {
  for (const temp of temps) {
    const path = tempPath(root, temp);
    try {
      unlinkSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileError(error);
    }
  }
}

function writeTargets(root: string, plaintext: Uint8Array, targets: readonly ChunkTarget[]): StoreOutcome {
  try {
    for (const { temp, offset } of targets) {
      withTemp(root, temp, O_CREAT, (handle) => {
        for (let done = 0; done < plaintext.length; ) {
          done += writeSync(handle, plaintext, done, plaintext.length - done, offset + done);
        }
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
  if ('temp' in from) return openSync(tempPath(root, from.temp), O_RDONLY | O_NOFOLLOW);
  return openForReading(root, 'path' in from ? from.path : archivedPath(from.archived));
}
