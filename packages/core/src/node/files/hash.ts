import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { ContentBuilder } from '../../content/index.js';
import type { Crypto } from '../../crypto/index.js';
import type { FileStamp, HashOutcome, PlacedChunk } from '../../ports/index.js';
import { withParent } from './anchor.js';
import { isSame, rowOf, stampOf } from './rows.js';

const blockBytes = 4_194_304;
const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY } = constants;

export interface CutKeys {
  /** Table of the folder's gear key. */
  readonly gear: Int32Array;
  readonly convergence: Uint8Array;
}

/** A block to read into, one for each thread that hashes. */
export function newReadBlock(): Uint8Array {
  return new Uint8Array(blockBytes);
}

/** Opens a file below the root for reading, following no link. */
export function openForReading(root: string, path: string): number {
  return withParent(root, path, (anchor, name) => openSync(anchor.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
}

/** Cuts, seals and names a file's content in one reading; `changed` unless it looked as expected before and after. */
export function hashFile(
  crypto: Crypto,
  root: string,
  path: string,
  expected: FileStamp,
  keys: CutKeys,
  block: Uint8Array,
): HashOutcome {
  let handle: number;
  try {
    handle = openForReading(root, path);
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (code === 'ENOENT' || code === 'not-found' || code === 'ELOOP' || code === 'unsafe-path') return { outcome: 'changed' };
    return { outcome: 'unreadable', reason: `It cannot be opened: ${code ?? 'unknown'}.` };
  }
  try {
    return hashHandle(crypto, handle, path, expected, keys, block);
  } catch (error) {
    return { outcome: 'unreadable', reason: `It cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}.` };
  } finally {
    closeSync(handle);
  }
}

function hashHandle(
  crypto: Crypto,
  handle: number,
  path: string,
  expected: FileStamp,
  keys: CutKeys,
  block: Uint8Array,
): HashOutcome {
  if (!isSame(expected, stampOf(fstatSync(handle, { bigint: true })))) return { outcome: 'changed' };
  const chunks: PlacedChunk[] = [];
  const nodes: { readonly id: PlacedChunk['id']; readonly bytes: Uint8Array }[] = [];
  const builder = new ContentBuilder(crypto, keys, {
    chunk: ({ id, key, length }, offset) => void chunks.push({ id, key, length, offset }),
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
  }
  const content = builder.finish();
  const stats = fstatSync(handle, { bigint: true });
  if (size !== expected.size || !isSame(expected, stampOf(stats))) return { outcome: 'changed' };
  return { outcome: 'hashed', row: { ...rowOf(path, stats, ''), content: content.id }, content, nodes, chunks };
}
