/** Reads the chunk list of a tree node by node, as the nodes arrive (`spec/06 §7`). */

import type { Crypto } from '../crypto/index.js';
import { invariant } from '../errors.js';
import type { ChunkId } from '../model/index.js';
import { badHash } from './chunk.js';
import { ContentIdHasher } from './content-id.js';
import { listKey, openNode } from './list-node.js';
import type { ChunkRef, NodeRef, PlacedRef, TreeRef } from './ref.js';

/** Of the nodes not read yet this many, the first ones, are asked for and opened; this bounds what the reader holds. */
const windowNodes = 16;

interface PendingNode {
  readonly node: NodeRef;
  readonly height: number;
  /** Whether the content ends below it. */
  readonly last: boolean;
}

type Pending = PendingNode | { readonly chunks: readonly ChunkRef[] };

/**
 * Says which nodes it wants, takes them in any order and hands out the chunks in the order of the content. Whoever
 * has all of them has proved the content's id.
 */
export class ListReader {
  private readonly crypto: Crypto;
  private readonly key: Uint8Array;
  private readonly ref: TreeRef;
  private readonly id: ContentIdHasher;
  private pending: Pending[];
  private offset = 0;
  private finished = false;

  constructor(crypto: Crypto, convergenceKey: Uint8Array, ref: TreeRef) {
    this.crypto = crypto;
    this.key = listKey(crypto, convergenceKey);
    this.ref = ref;
    this.id = new ContentIdHasher(crypto);
    this.pending = toPending(ref.nodes, ref.height, true);
  }

  /** Whether all chunks have been taken and the content's id is proved. */
  get done(): boolean {
    return this.finished;
  }

  /**
   * Nodes to `give` next, each once, those that come first in the content first. A node that stands in several
   * places is wanted again when the reader comes to those past its window.
   */
  wanted(): readonly NodeRef[] {
    const wanted = new Map<ChunkId, NodeRef>();
    for (const { node } of this.window()) if (!wanted.has(node.id)) wanted.set(node.id, node);
    return [...wanted.values()];
  }

  /**
   * Opens a node; one that is not wanted is passed over. Throws as `openNode` does: after a fault of the peer the
   * node is still wanted, after one of the author the content can't be read.
   */
  give(id: ChunkId, ciphertext: Uint8Array): void {
    const matches = this.window().filter(({ node }) => node.id === id);
    const opened = new Map<Pending, readonly Pending[]>();
    for (const item of matches) {
      const content = openNode(this.crypto, this.key, item.node, item.height, item.last, ciphertext);
      opened.set(item, 'chunks' in content ? [content] : toPending(content.nodes, item.height - 1, item.last));
    }
    if (opened.size > 0) this.pending = this.pending.flatMap((item) => opened.get(item) ?? [item]);
  }

  /**
   * Chunks that can be named now and were not yet, with their places. Throws `bad-hash`, the author's fault, when
   * the last of them shows that the content has another id.
   */
  take(): readonly PlacedRef[] {
    const taken: PlacedRef[] = [];
    while (this.pending[0] !== undefined && 'chunks' in this.pending[0]) {
      for (const chunk of this.pending[0].chunks) {
        taken.push({ ...chunk, offset: this.offset });
        this.id.add(chunk.id, chunk.length);
        this.offset += chunk.length;
      }
      this.pending.shift();
    }
    if (this.pending.length === 0 && !this.finished) this.prove();
    return taken;
  }

  private prove(): void {
    invariant(this.offset === this.ref.size, 'the sizes of list nodes were checked');
    if (this.id.finish() !== this.ref.id) {
      throw badHash('author', 'Content was announced under a name that is not its own.');
    }
    this.finished = true;
  }

  private window(): readonly PendingNode[] {
    const nodes: PendingNode[] = [];
    for (const item of this.pending) {
      if (nodes.length === windowNodes) break;
      if ('node' in item) nodes.push(item);
    }
    return nodes;
  }
}

function toPending(nodes: readonly NodeRef[], height: number, last: boolean): PendingNode[] {
  return nodes.map((node, index) => ({ node, height, last: last && index === nodes.length - 1 }));
}
