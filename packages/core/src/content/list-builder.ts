/** Long chunk lists are cut into nodes by their own ids, so that an edit changes few nodes (`spec/06 §7`). */

import type { Crypto } from '../crypto/index.js';
import { CloudlessError, check } from '../errors.js';
import {
  contentBytesMax,
  listDepthMax,
  listInlineEntriesMax,
  listNodeEntriesMax,
  listNodeEntriesMin,
} from '../limits.js';
import { ContentIdHasher } from './content-id.js';
import { listKey, type SealedNode, sealChunkNode, sealInnerNode } from './list-node.js';
import type { ChunkRef, ChunksRef, NodeRef, TreeRef } from './ref.js';

/** One level of a growing list. It stays whole until it is too long for a record, and is cut from then on. */
class Level<T extends ChunkRef> {
  entries: T[] = [];
  cutting = false;
  private readonly cut: (entries: readonly T[]) => void;

  constructor(cut: (entries: readonly T[]) => void) {
    this.cut = cut;
  }

  add(entry: T): void {
    this.entries.push(entry);
    if (this.cutting) {
      if (endsNode(entry, this.entries.length)) this.flush();
    } else if (this.entries.length > listInlineEntriesMax) this.startCutting();
  }

  flush(): void {
    const entries = this.entries;
    this.entries = [];
    if (entries.length > 0) this.cut(entries);
  }

  private startCutting(): void {
    const entries = this.entries;
    this.entries = [];
    this.cutting = true;
    for (const entry of entries) this.add(entry);
  }
}

/** Whether a node ends with this entry: the low 7 bits of its id are zero, or the node is full. */
function endsNode(entry: ChunkRef, count: number): boolean {
  const lowBits = Number.parseInt(entry.id.slice(-2), 16) & 0x7f;
  return count === listNodeEntriesMax || (count >= listNodeEntriesMin && lowBits === 0);
}

/** Takes the chunks of content in order; keeps at most one node's entries a level, whatever the content's size. */
export class ListBuilder {
  private readonly crypto: Crypto;
  private readonly convergenceKey: Uint8Array;
  /** Made for the first node; most content has none. */
  private nodeKey: Uint8Array | undefined;
  private readonly emit: (node: SealedNode) => void;
  private readonly id: ContentIdHasher;
  private readonly chunks: Level<ChunkRef>;
  /** Nodes of height 1 first. */
  private readonly nodes: Level<NodeRef>[] = [];
  private size = 0;

  /** `emit` is given each node once it is complete, those below before those above. */
  constructor(crypto: Crypto, convergenceKey: Uint8Array, emit: (node: SealedNode) => void) {
    this.crypto = crypto;
    this.convergenceKey = convergenceKey;
    this.emit = emit;
    this.id = new ContentIdHasher(crypto);
    this.chunks = new Level((chunks) => this.addNode(1, sealChunkNode(crypto, this.key(), chunks)));
  }

  /** Throws `over-limit` past 2^48 bytes. */
  add(chunk: ChunkRef): void {
    this.size += chunk.length;
    check(this.size <= contentBytesMax, 'over-limit', `Files of more than ${contentBytesMax} bytes are not supported.`);
    this.id.add(chunk.id, chunk.length);
    this.chunks.add({ id: chunk.id, length: chunk.length, key: chunk.key });
  }

  /** Reference of content that has at least one chunk. The builder is spent afterwards. */
  finish(): ChunksRef | TreeRef {
    const named = { id: this.id.finish(), size: this.size };
    if (!this.chunks.cutting) return { kind: 'chunks', ...named, chunks: this.chunks.entries };
    this.chunks.flush();
    // Flushing a level may start the next one, so the length is looked at anew.
    for (let index = 0; index < this.nodes.length; index++) {
      const level = this.nodes[index] as Level<NodeRef>;
      if (!level.cutting) return { kind: 'tree', ...named, height: index + 1, nodes: level.entries };
      level.flush();
    }
    throw new CloudlessError('internal', 'A list without an end.');
  }

  private key(): Uint8Array {
    this.nodeKey ??= listKey(this.crypto, this.convergenceKey);
    return this.nodeKey;
  }

  private addNode(height: number, node: SealedNode): void {
    this.emit(node);
    const { id, length, key, size, chunkCount } = node;
    this.level(height).add({ id, length, key, size, chunkCount });
  }

  private level(height: number): Level<NodeRef> {
    check(height <= listDepthMax, 'over-limit', 'This file has too many chunks.');
    const known = this.nodes[height - 1];
    if (known !== undefined) return known;
    const level = new Level<NodeRef>((nodes) => {
      this.addNode(height + 1, sealInnerNode(this.crypto, this.key(), height + 1, nodes));
    });
    this.nodes.push(level);
    return level;
  }
}

/** Reference and sealed nodes of content whose chunks, at least one, are all known. */
export function buildList(
  crypto: Crypto,
  convergenceKey: Uint8Array,
  chunks: Iterable<ChunkRef>,
): { readonly ref: ChunksRef | TreeRef; readonly nodes: readonly SealedNode[] } {
  const nodes: SealedNode[] = [];
  const builder = new ListBuilder(crypto, convergenceKey, (node) => nodes.push(node));
  for (const chunk of chunks) builder.add(chunk);
  return { ref: builder.finish(), nodes };
}
