import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { free } from '../../bytes.js';
import { ContentBuilder } from '../../content/index.js';
import type { Crypto } from '../../crypto/index.js';
import type { ChunkId } from '../../model/index.js';
import type { FileStamp, HashOutcome } from '../../ports/index.js';
import { withParent } from './anchor.js';
import { isSame, rowOf, stampOf } from './rows.js';

const blockBytes = 4_194_304;
/** Read before the thread does other work. */
const turnBytes = 16_777_216;
/** The longest step of the clock that file systems take their times from, and a little. */
const timeStepMs = 11;
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY } = constants;

export interface CutKeys {
  /** Table of the folder's gear key. */
  readonly gear: Int32Array;
  readonly convergence: Uint8Array;
}

/** A block to read into, one for each thread that hashes: no two readings are under way at the same moment. */
export function newReadBlock(): Uint8Array {
  return new Uint8Array(blockBytes);
}

/** Opens a file below the root for reading, following no link. */
export function openForReading(root: string, path: string): number {
  return withParent(root, path, (anchor, name) => openSync(anchor.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
}

/** Cuts, seals and names a file's content in one reading; `changed` unless it looked as expected before and after. */
export async function hashFile(
  crypto: Crypto,
  root: string,
  path: string,
  expected: FileStamp,
  keys: CutKeys,
  block: Uint8Array,
): Promise<HashOutcome> {
  let handle: number;
  try {
    handle = openForReading(root, path);
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === 'ENOENT' || code === 'not-found' || code === 'ELOOP' || code === 'unsafe-path')
      return { outcome: 'changed' };
    return { outcome: 'unreadable', reason: `It cannot be opened: ${code ?? 'unknown'}.` };
  }
  try {
    return await hashHandle(crypto, handle, path, expected, keys, block);
  } catch (error) {
    return {
      outcome: 'unreadable',
      reason: `It cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`,
    };
  } finally {
    closeSync(handle);
  }
}

async function hashHandle(
  crypto: Crypto,
  handle: number,
  path: string,
  expected: FileStamp,
  keys: CutKeys,
  block: Uint8Array,
): Promise<HashOutcome> {
  if (!isSame(expected, stampOf(fstatSync(handle, { bigint: true })))) return { outcome: 'changed' };
  await olderThanStep(expected);
  const nodes: { readonly id: ChunkId; readonly bytes: Uint8Array }[] = [];
  const builder = new ContentBuilder(crypto, keys, {
    chunk: ({ ciphertext }) => free(ciphertext),
    node: ({ id, ciphertext }) => void nodes.push({ id, bytes: ciphertext }),
  });
  let size = 0;
  for (;;) {
    const count = readSync(handle, block, 0, block.length, size);
    if (count === 0) break;
    size += count;
    // A file that grows while it is read ends here: it has changed.
    if (size > expected.size) return { outcome: 'changed' };
    builder.push(block.subarray(0, count));
    if (size % turnBytes === 0) await setImmediate();
  }
  const content = builder.finish();
  const stats = fstatSync(handle, { bigint: true });
  if (size !== expected.size || !isSame(expected, stampOf(stats))) return { outcome: 'changed' };
  return { outcome: 'hashed', row: { ...rowOf(path, stats, ''), content: content.id }, content, nodes };
}

/**
 * A write in the same step of the file system's clock as the last one leaves no trace, so what is read is read after
 * that step.
 */
async function olderThanStep({ ctimeUs }: FileStamp): Promise<void> {
  const ageMs = Date.now() - ctimeUs / 1_000;
  if (ageMs >= 0 && ageMs < timeStepMs) await setTimeout(Math.ceil(timeStepMs - ageMs));
}
