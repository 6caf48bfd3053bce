import type { ChunkBitmap, ChunksRef, ListReader, PlacedRef, TreeRef } from '../../../content/index.js';
import type { ContentId } from '../../../model/index.js';
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

/** Reads a long list as far as its nodes are here; throws what is wrong with them. */
export function readOn(reader: ListReader, chunks: PlacedRef[], contents: Contents): void {
  while (!reader.done) {
    const given = contents.giveNodes(reader);
    chunks.push(...reader.take());
    if (given === 0 && !reader.done) return;
  }
}

/** The first chunk that is missing of a transfer, where everybody who is here was asked for all that is. */
export function stuckOn({ chunks, bitmap, reader, next }: Transfer, board: ChunkBoard): OpenChunk | undefined {
  if (bitmap !== undefined && next < chunks.length && !board.isFull) return undefined;
  const wanted = bitmap === undefined ? (reader?.wanted() ?? []) : chunks.slice(0, next);
  let first: OpenChunk | undefined;
  for (const [i, { id }] of wanted.entries()) {
    if (bitmap?.has(i) === true) continue;
    const parked = board.parked(id);
    if (parked === undefined) return undefined;
    first ??= parked;
  }
  return first;
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
