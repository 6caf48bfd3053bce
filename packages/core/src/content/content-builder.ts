/** From bytes to a content reference: cuts, seals and lists content that arrives in pieces (`spec/06`). */

import { emptyBytes } from '../bytes.js';
import type { Crypto } from '../crypto/index.js';
import { chunkBytesMax, inlineBytesMax } from '../limits.js';
import { type SealedChunk, sealChunk } from './chunk.js';
import { shortRef } from './content-id.js';
import { Cutter } from './fastcdc.js';
import { ListBuilder } from './list-builder.js';
import type { SealedNode } from './list-node.js';
import type { ChunksRef, EmptyRef, InlineRef, TreeRef } from './ref.js';

/** What a builder cuts and seals with. */
export interface BuildKeys {
  /** From `gearTable`; costs more than a short file, so make it once a folder. */
  readonly gear: Int32Array;
  readonly convergence: Uint8Array;
}

/** What a builder hands out on the way; each once, when it is complete. */
export interface BuildEvents {
  chunk(chunk: SealedChunk, offset: number): void;
  node(node: SealedNode): void;
}

/** Memory does not grow with the content: one chunk and the open list nodes. */
export class ContentBuilder {
  private readonly crypto: Crypto;
  private readonly keys: BuildKeys;
  private readonly events: BuildEvents;
  private readonly cutter: Cutter;
  private readonly list: ListBuilder;
  /** The begun chunk, where it is more than one piece. */
  private held: Uint8Array = emptyBytes;
  private heldLength = 0;
  private cutTo = 0;

  constructor(crypto: Crypto, keys: BuildKeys, events: BuildEvents) {
    this.crypto = crypto;
    this.keys = keys;
    this.events = events;
    this.cutter = new Cutter(keys.gear);
    this.list = new ListBuilder(crypto, keys.convergence, (node) => events.node(node));
  }

  /** The bytes may be reused afterwards. Throws `over-limit` past 2^48 of them. */
  push(bytes: Uint8Array): void {
    let from = 0;
    for (const end of this.cutter.push(bytes)) {
      const to = from + (end - this.cutTo - this.heldLength);
      this.seal(this.heldLength === 0 ? bytes.subarray(from, to) : this.hold(bytes.subarray(from, to)));
      from = to;
    }
    if (from < bytes.length) this.hold(bytes.subarray(from));
  }

  /** Reference of all that was pushed. The builder is spent afterwards. */
  finish(): EmptyRef | InlineRef | ChunksRef | TreeRef {
    const rest = this.held.subarray(0, this.heldLength);
    if (this.cutTo === 0 && rest.length <= inlineBytesMax) {
      return shortRef(this.crypto, this.keys.convergence, rest.slice());
    }
    if (rest.length > 0) this.seal(rest);
    return this.list.finish();
  }

  private seal(plaintext: Uint8Array): void {
    const chunk = sealChunk(this.crypto, this.keys.convergence, plaintext);
    this.list.add(chunk);
    this.events.chunk(chunk, this.cutTo);
    this.cutTo += plaintext.length;
    this.heldLength = 0;
  }

  /** Appends to the begun chunk and returns all of it. */
  private hold(piece: Uint8Array): Uint8Array {
    const length = this.heldLength + piece.length;
    if (length > this.held.length) {
      const room = Math.min(chunkBytesMax, Math.max(length, 2 * this.held.length));
      const grown = new Uint8Array(room);
      grown.set(this.held.subarray(0, this.heldLength));
      this.held = grown;
    }
    this.held.set(piece, this.heldLength);
    this.heldLength = length;
    return this.held.subarray(0, length);
  }
}

/** What `buildContent` gives. */
export interface BuiltContent {
  readonly ref: EmptyRef | InlineRef | ChunksRef | TreeRef;
  readonly chunks: readonly (SealedChunk & { readonly offset: number })[];
  readonly nodes: readonly SealedNode[];
}

/** Cuts, seals and names content that is all in memory. */
export function buildContent(crypto: Crypto, keys: BuildKeys, content: Uint8Array): BuiltContent {
  const chunks: (SealedChunk & { readonly offset: number })[] = [];
  const nodes: SealedNode[] = [];
  const builder = new ContentBuilder(crypto, keys, {
    chunk: (chunk, offset) => chunks.push({ ...chunk, offset }),
    node: (node) => nodes.push(node),
  });
  builder.push(content);
  return { ref: builder.finish(), chunks, nodes };
}
