import {
  ChunkBitmap,
  type ChunksRef,
  type ListReader,
  type NodeRef,
  type PlacedRef,
  type TreeRef,
} from '../../../content/index.js';
import type { ChunkId, ContentId } from '../../../model/index.js';
import type { Contents } from '../store/contents.js';
import type { ChunkBoard, OpenChunk } from './chunk-board.js';

/** A reference to content that is cut into chunks. */
export type BulkRef = ChunksRef | TreeRef;

/** Content that is being put together in a temp file. */
export interface Transfer {
  readonly temp: string;
  readonly ref: BulkRef;
  readonly content: ContentId;
  /** Paths that are planned again when it is whole. */
  readonly paths: Set<string>;
  readonly reader: ListReader | undefined;
  readonly chunks: PlacedRef[];
  /** Known once the list of chunks is. */
  bitmap: ChunkBitmap | undefined;
  /** Chunks before this place are asked for or here. */
  next: number;
  /** The temp file may hold parts from an earlier life. */
  readonly resumed: boolean;
  bytesHere: number;
}

/** With nothing of it here, but for what an earlier life may have left. */
export function newTransfer(
  temp: string,
  path: string,
  ref: BulkRef,
  chunks: readonly PlacedRef[],
  reader: ListReader | undefined,
  resumed: boolean,
): Transfer {
  const bitmap = ref.kind === 'chunks' ? new ChunkBitmap(ref.chunks.length) : undefined;
  const known = { temp, ref, content: ref.id, reader, resumed };
  return { ...known, paths: new Set([path]), chunks: [...chunks], bitmap, next: 0, bytesHere: 0 };
}

/** List nodes that some of these want. */
export function nodesOf(transfers: Iterable<Transfer>): ReadonlySet<ChunkId> {
  const nodes = new Set<ChunkId>();
  for (const { bitmap, reader } of transfers) {
    if (bitmap === undefined) for (const { id } of reader?.wanted() ?? []) nodes.add(id);
  }
  return nodes;
}

/** Reads a long list as far as its nodes are here; throws what is wrong with them. */
export function readOn(reader: ListReader, chunks: PlacedRef[], contents: Contents): void {
  while (!reader.done) {
    const given = contents.giveNodes(reader);
    chunks.push(...reader.take());
    if (given.length === 0 && !reader.done) return;
  }
}

/** The first chunk that is missing of a transfer, where nobody who is here gives any that is. */
export function stuckOn({ chunks, bitmap, reader, next }: Transfer, board: ChunkBoard): OpenChunk | undefined {
  if (bitmap === undefined) return stuckOnNodes(reader?.wanted() ?? [], board);
  if (next < chunks.length && !board.isFull) return undefined;
  let first: OpenChunk | undefined;
  for (let i = 0; i < next; i++) {
    if (bitmap.has(i)) continue;
    const parked = board.parked((chunks[i] as PlacedRef).id);
    if (parked === undefined) return undefined;
    first ??= parked;
  }
  return first;
}

function stuckOnNodes(nodes: readonly NodeRef[], board: ChunkBoard): OpenChunk | undefined {
  const parked = nodes.map(({ id }) => board.parked(id));
  return parked.includes(undefined) ? undefined : parked[0];
}

/** The place of the chunk that begins at an offset. */
export function indexAt(chunks: readonly PlacedRef[], offset: number): number {
  let low = 0;
  let high = chunks.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((chunks[middle] as PlacedRef).offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
