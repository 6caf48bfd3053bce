import type { ChunkBitmap, ChunksRef, ListReader, PlacedRef, TreeRef } from '../../../content/index.js';
import type { ContentId } from '../../../model/index.js';

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
