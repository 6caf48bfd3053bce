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
const contentsLookedAt = 4;
const pathsLookedAt = 4;
const archivedLookedAt = 4;

/** A chunk that lies in files here. */
export interface LocalChunk extends ChunkRef {
  readonly sources: readonly ChunkSource[];
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
    for (const { id, length, key: chunkKey, offset } of this.chunks(ref)) {
      this.#tables.store.put(
        'chunks',
        concat(contentKey(id), key),
        encode(chunkCodec, { offset, length, key: chunkKey }),
      );
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
    for (const { id } of this.chunks(ref)) this.#tables.store.delete('chunks', concat(contentKey(id), key));
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
  }

  /** The chunks of content, with their places; as many as the list nodes here name. */
  chunks(ref: ContentRef): readonly PlacedRef[] {
    if (ref.kind === 'chunks') return placed(ref.chunks);
    const convergence = this.#convergence();
    if (ref.kind !== 'tree' || convergence === undefined) return [];
    const reader = new ListReader(this.#crypto, convergence, ref);
    const chunks: PlacedRef[] = [];
    while (!reader.done) {
      const given = this.giveNodes(reader);
      chunks.push(...reader.take());
      if (given === 0 && !reader.done) break;
    }
    return chunks;
  }

  /** Gives a reader those nodes that are here; returns how many. */
  giveNodes(reader: ListReader): number {
    let given = 0;
    for (const node of reader.wanted()) {
      const bytes = this.node(node.id);
      if (bytes === undefined) continue;
      reader.give(node.id, bytes);
      given += 1;
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
