/** List nodes: stretches of a long chunk list, sealed as chunks are (`spec/06 §7`). */

import { type Codec, decode, encode, exactly, list, tuple } from '../codec/index.js';
import { type Crypto, deriveKey } from '../crypto/index.js';
import { CloudlessError, check } from '../errors.js';
import { chunkBytesMax, listNodeEntriesMax } from '../limits.js';
import { openChunk, type SealedChunk, sealChunk } from './chunk.js';
import {
  type ChunkRef,
  checkChunks,
  checkNodes,
  chunkRefCodec,
  type ListTotals,
  type NodeRef,
  nodeRefCodec,
} from './ref.js';

/** A node with its ciphertext, which is stored and sent like a chunk's. */
export interface SealedNode extends NodeRef {
  readonly ciphertext: Uint8Array;
}

/** What a node lists: chunks at height 1, nodes of one height less above. */
export type NodeContent =
  | { readonly height: 1; readonly chunks: readonly ChunkRef[] }
  | { readonly height: number; readonly nodes: readonly NodeRef[] };

const chunkEntries = list(chunkRefCodec, listNodeEntriesMax, 1);
const nodeEntries = list(nodeRefCodec, listNodeEntriesMax, 1);

/** The key that list nodes are sealed under in place of the convergence key, so that no node is ever a file's chunk. */
export function listKey(crypto: Crypto, convergenceKey: Uint8Array): Uint8Array {
  return deriveKey(crypto, convergenceKey, 'list nodes');
}

/** Seals a node over chunks; `key` comes from `listKey`. */
export function sealChunkNode(crypto: Crypto, key: Uint8Array, chunks: readonly ChunkRef[]): SealedNode {
  const bytes = encode(tuple(exactly(1), chunkEntries), [1, chunks] as const);
  return sealed(sealChunk(crypto, key, bytes), {
    size: chunks.reduce((sum, chunk) => sum + chunk.length, 0),
    chunkCount: chunks.length,
  });
}

/** Seals a node of `height` 2 or more over nodes. */
export function sealInnerNode(crypto: Crypto, key: Uint8Array, height: number, nodes: readonly NodeRef[]): SealedNode {
  const bytes = encode(tuple(exactly(height), nodeEntries), [height, nodes] as const);
  return sealed(sealChunk(crypto, key, bytes), {
    size: nodes.reduce((sum, node) => sum + node.size, 0),
    chunkCount: nodes.reduce((sum, node) => sum + node.chunkCount, 0),
  });
}

function sealed(chunk: SealedChunk, totals: ListTotals): SealedNode {
  return { ...chunk, size: totals.size, chunkCount: totals.chunkCount };
}

/**
 * Opens a node of `height` that `ref` names; `last`: whether the content ends below it. Throws as `openChunk` does,
 * and by fault of the author `malformed`, `non-canonical` or `over-limit` for entries that are not what `ref` says
 * of them.
 */
export function openNode(
  crypto: Crypto,
  key: Uint8Array,
  ref: NodeRef,
  height: number,
  last: boolean,
  ciphertext: Uint8Array,
): NodeContent {
  const bytes = openChunk(crypto, ref, key, ciphertext);
  try {
    return height === 1 ? readChunks(ref, last, bytes) : readNodes(ref, height, last, bytes);
  } catch (error) {
    if (!(error instanceof CloudlessError)) throw error;
    throw new CloudlessError(error.code, error.message, {
      cause: error,
      details: { ...error.details, fault: 'author' },
    });
  }
}

function readChunks(ref: NodeRef, last: boolean, bytes: Uint8Array): NodeContent {
  const chunks = read(1, chunkEntries, bytes);
  checkTotals(ref, checkChunks(chunks, last));
  return { height: 1, chunks };
}

function readNodes(ref: NodeRef, height: number, last: boolean, bytes: Uint8Array): NodeContent {
  const nodes = read(height, nodeEntries, bytes);
  checkTotals(ref, checkNodes(nodes, height - 1, last));
  return { height, nodes };
}

function read<T>(height: number, entries: Codec<readonly T[]>, bytes: Uint8Array): readonly T[] {
  return decode(tuple(exactly(height, 'malformed'), entries), bytes, chunkBytesMax)[1];
}

function checkTotals(ref: NodeRef, totals: ListTotals): void {
  check(
    totals.size === ref.size && totals.chunkCount === ref.chunkCount,
    'malformed',
    'A list node does not hold what was announced of it.',
  );
}
