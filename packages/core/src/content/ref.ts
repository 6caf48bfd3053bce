/** Content references: what a record carries to name content and to fetch and open it (`spec/06 §6`). */

import { bytes, type Codec, fixed, list, mapped, text, tuple, type UnionValue, uint, union } from '../codec/index.js';
import { check } from '../errors.js';
import {
  chunkBytesMax,
  chunkBytesMin,
  contentBytesMax,
  inlineBytesMax,
  listDepthMax,
  listInlineEntriesMax,
  listNodeEntriesMax,
  symlinkTargetBytesMax,
} from '../limits.js';
import { type ChunkId, type ContentId, chunkIdCodec, contentIdCodec } from '../model/index.js';

/** A sealed piece of content: what to ask for, how long it is and what opens it. */
export interface ChunkRef {
  readonly id: ChunkId;
  /** Bytes, of the plaintext as of the ciphertext. */
  readonly length: number;
  /** 32 bytes, secret. */
  readonly key: Uint8Array;
}

/** A sealed list node; `id`, `length` and `key` are its own as a chunk. */
export interface NodeRef extends ChunkRef {
  /** Bytes of content below it. */
  readonly size: number;
  /** Chunks below it. */
  readonly chunkCount: number;
}

/** Where a chunk lies in its content. */
export interface PlacedRef extends ChunkRef {
  readonly offset: number;
}

interface Named {
  readonly id: ContentId;
  /** Bytes of the content; of a symlink, of its target. */
  readonly size: number;
}

/** A file of no bytes. */
export interface EmptyRef extends Named {
  readonly kind: 'empty';
}

/** A file of 1 to 1,024 bytes, carried in the record. */
export interface InlineRef extends Named {
  readonly kind: 'inline';
  readonly bytes: Uint8Array;
}

/** What a symlink points to, as it stands in the link. */
export interface SymlinkRef extends Named {
  readonly kind: 'symlink';
  readonly target: string;
}

/** A file of up to 8 chunks, all of them named here. */
export interface ChunksRef extends Named {
  readonly kind: 'chunks';
  readonly chunks: readonly ChunkRef[];
}

/** A file of more chunks: they are named by sealed list nodes, which `ListReader` reads. */
export interface TreeRef extends Named {
  readonly kind: 'tree';
  /** Of the nodes named here: 1 when they name chunks, else one more than that of the nodes they name. */
  readonly height: number;
  readonly nodes: readonly NodeRef[];
}

/** Names content and says where its bytes are. The id is proved by `checkContentId`, or for a tree by reading it. */
export type ContentRef = EmptyRef | InlineRef | SymlinkRef | ChunksRef | TreeRef;

const chunkTuple = tuple(chunkIdCodec, uint, fixed(32));
const nodeTuple = tuple(chunkIdCodec, uint, fixed(32), uint, uint);

/** [id, length, key]; lengths are checked with `checkChunks`. */
export const chunkRefCodec: Codec<ChunkRef> = mapped(
  chunkTuple,
  ([id, length, key]) => ({ id, length, key }),
  (ref) => [ref.id, ref.length, ref.key] as const,
);

/** [id, length, key, size, chunkCount]; the numbers are checked with `checkNodes`. */
export const nodeRefCodec: Codec<NodeRef> = mapped(
  nodeTuple,
  ([id, length, key, size, chunkCount]) => ({ id, length, key, size, chunkCount }),
  (ref) => [ref.id, ref.length, ref.key, ref.size, ref.chunkCount] as const,
);

const wireVariants = {
  empty: [0, { id: [1, contentIdCodec] }],
  inline: [1, { id: [1, contentIdCodec], bytes: [2, bytes(inlineBytesMax, 1)] }],
  symlink: [2, { id: [1, contentIdCodec], target: [2, text(symlinkTargetBytesMax)] }],
  chunks: [3, { id: [1, contentIdCodec], chunks: [2, list(chunkRefCodec, listInlineEntriesMax, 1)] }],
  tree: [4, { id: [1, contentIdCodec], height: [2, uint], nodes: [3, list(nodeRefCodec, listInlineEntriesMax, 1)] }],
} as const;
const wireCodec = union('kind', wireVariants, 'skip');
type WireRef = UnionValue<'kind', typeof wireVariants>;

/**
 * A reference as it stands in records. Unknown fields are passed over, so a record that is re-published must keep its
 * bytes. Throws `malformed`, `over-limit` or `non-canonical` for lists that break `spec/06 §5`, when writing too.
 */
export const contentRefCodec: Codec<ContentRef> = mapped(wireCodec, fromWire, (ref) => {
  fromWire(ref);
  return ref;
});

function fromWire(wire: WireRef): ContentRef {
  switch (wire.kind) {
    case 'empty':
      return { kind: 'empty', id: wire.id, size: 0 };
    case 'inline':
      return { kind: 'inline', id: wire.id, size: wire.bytes.length, bytes: wire.bytes };
    case 'symlink':
      check(wire.target.length > 0, 'malformed', 'A link that points to nothing.');
      return { kind: 'symlink', id: wire.id, size: new TextEncoder().encode(wire.target).length, target: wire.target };
    case 'chunks':
      return { kind: 'chunks', id: wire.id, size: checkChunks(wire.chunks, true).size, chunks: wire.chunks };
    case 'tree':
      return {
        kind: 'tree',
        id: wire.id,
        size: checkRoot(wire.height, wire.nodes),
        height: wire.height,
        nodes: wire.nodes,
      };
  }
}

/** What a list holds in all. */
export interface ListTotals {
  readonly size: number;
  readonly chunkCount: number;
}

/**
 * Totals of a list of chunks; `last`: whether the content ends with it. Throws `malformed` for a chunk without
 * bytes or one shorter than 64 KiB that does not end the content, `over-limit` for one of more than 1 MiB.
 */
export function checkChunks(chunks: readonly ChunkRef[], last: boolean): ListTotals {
  let size = 0;
  chunks.forEach(({ length }, index) => {
    const ends = last && index === chunks.length - 1;
    check(length >= (ends ? 1 : chunkBytesMin), 'malformed', `A chunk of ${length} bytes.`);
    check(length <= chunkBytesMax, 'over-limit', `A chunk of ${length} bytes.`);
    size += length;
  });
  return { size, chunkCount: chunks.length };
}

/**
 * Totals of a list of nodes of `height`; `last`: whether the content ends with it. Throws `malformed` for numbers
 * that no chunks could add up to, `over-limit` for a node of more than 1 MiB or more than 2^48 bytes of content.
 */
export function checkNodes(nodes: readonly NodeRef[], height: number, last: boolean): ListTotals {
  let size = 0;
  let chunkCount = 0;
  nodes.forEach((node, index) => {
    checkNode(node, height, last && index === nodes.length - 1);
    size += node.size;
    chunkCount += node.chunkCount;
    check(size <= contentBytesMax, 'over-limit', `Content of more than ${contentBytesMax} bytes.`);
  });
  return { size, chunkCount };
}

function checkNode(node: NodeRef, height: number, ends: boolean): void {
  const { length, size, chunkCount } = node;
  check(length >= 1, 'malformed', 'A list node without bytes.');
  check(length <= chunkBytesMax, 'over-limit', `A list node of ${length} bytes.`);
  check(size <= contentBytesMax, 'over-limit', `Content of more than ${contentBytesMax} bytes.`);
  check(
    chunkCount >= 1 && chunkCount <= listNodeEntriesMax ** height,
    'malformed',
    `A list node of ${chunkCount} chunks.`,
  );
  const sizeMin = ends ? (chunkCount - 1) * chunkBytesMin + 1 : chunkCount * chunkBytesMin;
  check(
    size >= sizeMin && size <= chunkCount * chunkBytesMax,
    'malformed',
    `A list node of ${chunkCount} chunks and ${size} bytes.`,
  );
}

function checkRoot(height: number, nodes: readonly NodeRef[]): number {
  check(height >= 1, 'malformed', 'A list of nodes without height.');
  check(height <= listDepthMax, 'over-limit', `A list of height ${height}.`);
  const totals = checkNodes(nodes, height, true);
  check(totals.chunkCount > listInlineEntriesMax, 'non-canonical', 'List nodes for chunks that fit in the record.');
  return totals.size;
}
