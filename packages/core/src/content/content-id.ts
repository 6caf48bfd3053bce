/** Content ids: equal for equal content in a folder, whatever its path, author or time (`spec/06 §5`). */

import { uint32Bytes, utf8 } from '../bytes.js';
import { type Blake3Hasher, type Crypto, domainHash, domainMac, domainPrefix } from '../crypto/index.js';
import { type ChunkId, type ContentId, chunkIdBytes, toContentId } from '../model/index.js';
import { badHash } from './chunk.js';
import type { ChunkRef, ContentRef, EmptyRef, InlineRef, SymlinkRef } from './ref.js';

const purpose = 'content';

/** What short content is; stands before its bytes. */
const shortTypes = { file: 0, symlink: 1 } as const;

const entryBytes = 36;
const heldEntries = 64;

/** The id of content in chunks, any number of which go through it in order. */
export class ContentIdHasher {
  private readonly crypto: Crypto;
  /** Entries not hashed yet: a short list is hashed in one call. */
  private held: Uint8Array = new Uint8Array(entryBytes);
  private heldLength = 0;
  private hasher: Blake3Hasher | undefined;

  constructor(crypto: Crypto) {
    this.crypto = crypto;
  }

  add(id: ChunkId, length: number): void {
    if (this.heldLength === this.held.length) this.makeRoom();
    this.held.set(chunkIdBytes(id), this.heldLength);
    this.held.set(uint32Bytes(length), this.heldLength + 32);
    this.heldLength += entryBytes;
  }

  /** The hasher is spent afterwards. */
  finish(): ContentId {
    const rest = this.held.subarray(0, this.heldLength);
    return toContentId(this.hasher?.update(rest).digest() ?? domainHash(this.crypto, purpose, rest));
  }

  private makeRoom(): void {
    if (this.held.length === entryBytes * heldEntries) return this.flush();
    const grown = new Uint8Array(entryBytes * heldEntries);
    grown.set(this.held);
    this.held = grown;
  }

  private flush(): void {
    this.hasher ??= this.crypto.blake3Hasher().update(domainPrefix(purpose));
    this.hasher.update(this.held.slice(0, this.heldLength));
    this.heldLength = 0;
  }
}

/** Id of content in chunks. */
export function chunksContentId(crypto: Crypto, chunks: readonly Pick<ChunkRef, 'id' | 'length'>[]): ContentId {
  const hasher = new ContentIdHasher(crypto);
  for (const { id, length } of chunks) hasher.add(id, length);
  return hasher.finish();
}

function shortContentId(crypto: Crypto, convergenceKey: Uint8Array, type: number, bytes: Uint8Array): ContentId {
  return toContentId(domainMac(crypto, convergenceKey, 'short content', Uint8Array.of(type), bytes));
}

/** Id of a file of up to 1,024 bytes: keyed, since so few bytes could be guessed. */
export function inlineContentId(crypto: Crypto, convergenceKey: Uint8Array, bytes: Uint8Array): ContentId {
  return shortContentId(crypto, convergenceKey, shortTypes.file, bytes);
}

/** Id of a symlink with this target, never that of a file with the same bytes. */
export function symlinkContentId(crypto: Crypto, convergenceKey: Uint8Array, target: string): ContentId {
  return shortContentId(crypto, convergenceKey, shortTypes.symlink, utf8(target));
}

/** Reference of a file of up to 1,024 bytes. The bytes are kept as they are. */
export function shortRef(crypto: Crypto, convergenceKey: Uint8Array, bytes: Uint8Array): EmptyRef | InlineRef {
  const id = inlineContentId(crypto, convergenceKey, bytes);
  return bytes.length === 0 ? { kind: 'empty', id, size: 0 } : { kind: 'inline', id, size: bytes.length, bytes };
}

/** Reference of a symlink; the caller has checked the target. */
export function symlinkRef(crypto: Crypto, convergenceKey: Uint8Array, target: string): SymlinkRef {
  const id = symlinkContentId(crypto, convergenceKey, target);
  return { kind: 'symlink', id, size: utf8(target).length, target };
}

/**
 * Throws `bad-hash`, the author's fault, when the id of `ref` is not that of what it carries. The id of a tree is
 * proved only by reading its list.
 */
export function checkContentId(crypto: Crypto, convergenceKey: Uint8Array, ref: ContentRef): void {
  const id = carriedId(crypto, convergenceKey, ref);
  if (id !== undefined && id !== ref.id)
    throw badHash('author', 'Content was announced under a name that is not its own.');
}

function carriedId(crypto: Crypto, convergenceKey: Uint8Array, ref: ContentRef): ContentId | undefined {
  switch (ref.kind) {
    case 'empty':
      return inlineContentId(crypto, convergenceKey, new Uint8Array(0));
    case 'inline':
      return inlineContentId(crypto, convergenceKey, ref.bytes);
    case 'symlink':
      return symlinkContentId(crypto, convergenceKey, ref.target);
    case 'chunks':
      return chunksContentId(crypto, ref.chunks);
    case 'tree':
      return undefined;
  }
}
