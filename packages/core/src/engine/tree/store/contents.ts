import { concat } from '../../../bytes.js';
import { type Codec, decode, encode, fixed, struct, uint } from '../../../codec/index.js';
import { type ChunkRef, type ContentRef, contentRefCodec, ListReader, type PlacedRef } from '../../../content/index.js';
import type { Crypto } from '../../../crypto/index.js';
import type { ChunkId, ContentId } from '../../../model/index.js';
import type { ChunkSource } from '../../../ports/index.js';
import { afterPrefix } from './key-range.js';
import { rowBytesMax } from './rows.js';
import { contentKey, contentOfKey, isBulk, type Tables } from './tables.js';

interface ChunkRow {
  readonly offset: number;
  readonly length: number;
  readonly key: Uint8Array;
}

const chunkCodec: Codec<ChunkRow> = struct({ offset: [0, uint], length: [1, uint], key: [2, fixed(32)] });
const none = new Uint8Array(0);
const contentsLookedAt = 4;
const pathsLookedAt = 4;
const archivedLookedAt = 4;

/** A chunk that lies in files here. */
export interface LocalChunk extends ChunkRef {
  readonly sources: readonly ChunkSource[];
}

/** Chunks of content with their places, and list nodes that name them. */
interface ListPart {
  readonly chunks: readonly PlacedRef[];
  readonly nodes: readonly ChunkId[];
}

/** Which content is in which files here, and where its chunks are. Files may have changed since: who reads proves. */
export class Contents {
  readonly #crypto: Crypto;
  readonly #tables: Tables;
  readonly #convergence: () => Uint8Array | undefined;

  constructor(crypto: Crypto, tables: Tables, convergence: () => Uint8Array | undefined) {
    this.#crypto = crypto;
    this.#tables = tables;
    this.#convergence = convergence;
  }

  /** Reference of content that is here. */
  ref(content: ContentId): ContentRef | undefined {
    const value = this.#tables.store.get('contents', contentKey(content));
    return value === undefined ? undefined : decode(contentRefCodec, value, rowBytesMax);
  }

  /** Remembers that a path has this content; its chunks can be found from then on if the reference is known. */
  hold(content: ContentId, path: string, ref: ContentRef | undefined): void {
    this.#tables.link('held', content, path);
    this.#remember(content, ref);
  }

  /** The same of an archived file, by its name. */
  holdArchived(content: ContentId, name: string, ref: ContentRef | undefined): void {
    this.#tables.link('archived', content, name);
    this.#remember(content, ref);
  }

  #remember(content: ContentId, ref: ContentRef | undefined): void {
    if (ref === undefined || !isBulk(ref.size)) return;
    const key = contentKey(content);
    if (this.#tables.store.get('contents', key) !== undefined) return;
    this.#tables.put('contents', key, encode(contentRefCodec, ref));
    for (const { chunks, nodes } of this.#parts(ref)) {
      for (const id of nodes) {
        this.#tables.put('listed', concat(contentKey(id), key), none);
        this.#tables.delete('loose', contentKey(id));
      }
      for (const { id, length, key: chunkKey, offset } of chunks) {
        const row = encode(chunkCodec, { offset, length, key: chunkKey });
        this.#tables.store.put('chunks', concat(contentKey(id), key), row);
      }
    }
  }

  /** The path no longer has it. What nobody has is forgotten. */
  release(content: ContentId, path: string): void {
    this.#tables.unlink('held', content, path);
    this.#forget(content);
  }

  releaseArchived(content: ContentId, name: string): void {
    this.#tables.unlink('archived', content, name);
    this.#forget(content);
  }

  #forget(content: ContentId): void {
    for (const table of ['held', 'archived'] as const) if (this.#tables.linked(table, content, 1).length > 0) return;
    const ref = this.ref(content);
    if (ref === undefined) return;
    const key = contentKey(content);
    for (const { chunks, nodes } of this.#parts(ref)) {
      for (const { id } of chunks) this.#tables.store.delete('chunks', concat(contentKey(id), key));
      for (const id of nodes) {
        this.#tables.delete('listed', concat(contentKey(id), key));
        this.#loosen(id);
      }
    }
    this.#tables.delete('contents', key);
  }

  /** Paths whose files have this content, as far as is known. */
  paths(content: ContentId, limit = pathsLookedAt): readonly string[] {
    const paths = this.#tables.linked('held', content, 64);
    return paths.filter((path) => this.#tables.disk(path)?.content === content).slice(0, limit);
  }

  /** Whether it is in a file or in the archive. */
  isHere(content: ContentId): boolean {
    return this.paths(content, 1).length > 0 || this.isArchived(content);
  }

  isArchived(content: ContentId): boolean {
    return this.#archived(content).length > 0;
  }

  /** Names of archived files that have this content. */
  #archived(content: ContentId): readonly string[] {
    return this.#tables.linked('archived', content, archivedLookedAt);
  }

  /** Where a chunk lies. */
  local(id: ChunkId): LocalChunk | undefined {
    const prefix = contentKey(id);
    const rows = this.#tables.store.scan('chunks', { from: prefix, to: afterPrefix(prefix), limit: contentsLookedAt });
    const sources: ChunkSource[] = [];
    let found: ChunkRow | undefined;
    for (const row of rows) {
      const chunk = decode(chunkCodec, row.value, 256);
      const content = contentOfKey(row.key.subarray(32));
      const from = this.paths(content).map((path): ChunkSource['from'] => ({ path }));
      for (const archived of this.#archived(content)) from.push({ archived });
      if (from.length > 0) found ??= chunk;
      for (const each of from) sources.push({ from: each, offset: chunk.offset });
    }
    return found === undefined ? undefined : { id, key: found.key, length: found.length, sources };
  }

  node(id: ChunkId): Uint8Array | undefined {
    return this.#tables.store.get('nodes', contentKey(id));
  }

  putNode(id: ChunkId, bytes: Uint8Array): void {
    this.#tables.store.put('nodes', contentKey(id), bytes);
    this.#loosen(id);
  }

  /** Notes a list node that is of no content here. */
  #loosen(id: ChunkId): void {
    const key = contentKey(id);
    const listed = this.#tables.store.scan('listed', { from: key, to: afterPrefix(key), limit: 1 });
    if (listed.length === 0) this.#tables.put('loose', key, none);
  }

  /**
   * Forgets list nodes that are of no content here. Not while anything is fetched or moved: between two files with a
   * content its list may be nobody's, and nothing else tells where its chunks lie.
   */
  sweepNodes(): void {
    const limit = this.#tables.count('loose');
    if (limit === 0) return;
    for (const { key } of this.#tables.store.scan('loose', { limit })) {
      this.#tables.store.delete('nodes', key);
      this.#tables.delete('loose', key);
    }
  }

  /** The chunks of content with their places, and its list nodes; as far as the nodes here name them. */
  list(ref: ContentRef): ListPart {
    const chunks: PlacedRef[] = [];
    const nodes: ChunkId[] = [];
    for (const part of this.#parts(ref)) {
      chunks.push(...part.chunks);
      nodes.push(...part.nodes);
    }
    return { chunks, nodes };
  }

  /** The same bit by bit: long lists are large. */
  *#parts(ref: ContentRef): Generator<ListPart, void, void> {
    if (ref.kind === 'chunks') yield { chunks: placed(ref.chunks), nodes: [] };
    const convergence = this.#convergence();
    if (ref.kind !== 'tree' || convergence === undefined) return;
    const reader = new ListReader(this.#crypto, convergence, ref);
    while (!reader.done) {
      const nodes = this.giveNodes(reader);
      yield { chunks: reader.take(), nodes };
      if (nodes.length === 0 && !reader.done) return;
    }
  }

  /** Gives a reader those nodes that are here; returns which. */
  giveNodes(reader: ListReader): readonly ChunkId[] {
    const given: ChunkId[] = [];
    for (const { id } of reader.wanted()) {
      const bytes = this.node(id);
      if (bytes === undefined) continue;
      reader.give(id, bytes);
      given.push(id);
    }
    return given;
  }
}

function placed(chunks: readonly ChunkRef[]): readonly PlacedRef[] {
  let offset = 0;
  return chunks.map((chunk) => {
    const at = offset;
    offset += chunk.length;
    return { ...chunk, offset: at };
  });
}
