import { toHex, utf8 } from '../../bytes.js';
import type { ChunkRef, PlacedRef } from '../../content/index.js';
import type { Crypto } from '../../crypto/index.js';
import type { ChunkId, ContentId } from '../../model/index.js';
import type { ChunkSource, ChunkTarget } from '../../ports/index.js';
import type { Transfer } from './transfer.js';

/** Characters of a content id, with which the name of each temp file begins. */
const contentDigits = 64;

interface InTemp {
  readonly chunk: ChunkRef;
  readonly source: ChunkSource;
  readonly temp: string;
}

/** Temp files of transfers: which content each is for, which are whole and whose they are, which chunks they hold. */
export class Temps {
  readonly #crypto: Crypto;
  readonly #byContent = new Map<ContentId, Set<string>>();
  readonly #whole = new Map<string, Transfer & { claim?: string | undefined }>();
  readonly #chunks = new Map<ChunkId, InTemp>();
  /** Temp files that are being removed, with paths that wait for the name. */
  readonly #removing = new Map<string, Set<string>>();

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  /** The name for a second file with the same content. */
  ownName(content: ContentId, path: string): string {
    return `${content}-${toHex(this.#crypto.blake3(utf8(path))).slice(0, 16)}`;
  }

  /** The content that a temp file found on disk is for, hex. */
  contentOf(temp: string): string {
    return temp.slice(0, contentDigits);
  }

  /** Temp files with this content, whole or not. */
  of(content: ContentId): readonly string[] {
    return [...(this.#byContent.get(content) ?? [])];
  }

  add(temp: string, content: ContentId): void {
    const temps = this.#byContent.get(content);
    if (temps === undefined) this.#byContent.set(content, new Set([temp]));
    else temps.add(temp);
  }

  /** It is no file of ours any more; gives what it was, if it was whole. */
  drop({ temp, content, chunks }: Transfer): void {
    this.#whole.delete(temp);
    const temps = this.#byContent.get(content);
    temps?.delete(temp);
    if (temps?.size === 0) this.#byContent.delete(content);
    for (const { id } of chunks) if (this.#chunks.get(id)?.temp === temp) this.#chunks.delete(id);
  }

  // Whole files.

  complete(transfer: Transfer): void {
    this.#whole.set(transfer.temp, transfer);
  }

  whole(temp: string): (Transfer & { readonly claim?: string | undefined }) | undefined {
    return this.#whole.get(temp);
  }

  hasWhole(content: ContentId): boolean {
    return this.of(content).some((temp) => this.#whole.has(temp));
  }

  /** A whole file with the content that nobody else is about to take. */
  claim(content: ContentId, path: string): string | undefined {
    for (const temp of [this.ownName(content, path), content]) {
      const whole = this.#whole.get(temp);
      if (whole === undefined || (whole.claim !== undefined && whole.claim !== path)) continue;
      whole.claim = path;
      return temp;
    }
    return undefined;
  }

  unclaim(temp: string): void {
    const whole = this.#whole.get(temp);
    if (whole !== undefined) whole.claim = undefined;
  }

  /** Whether a whole file waits for the path to take it. */
  isFor(temp: string, path: string): boolean {
    const whole = this.#whole.get(temp);
    return whole?.paths.has(path) === true && (whole.claim === undefined || whole.claim === path);
  }

  /** The path wants none of it. */
  leave(temp: string, path: string): void {
    const whole = this.#whole.get(temp);
    if (whole?.claim === path) whole.claim = undefined;
    whole?.paths.delete(path);
  }

  // Removing.

  removing(temp: string): Set<string> | undefined {
    return this.#removing.get(temp);
  }

  beginRemoving(temp: string): void {
    this.#removing.set(temp, new Set());
  }

  /** It is gone; gives the paths that waited for its name. */
  removed(temp: string): readonly string[] {
    const waiting = [...(this.#removing.get(temp) ?? [])];
    this.#removing.delete(temp);
    return waiting;
  }

  // Chunks.

  put({ id, length, key }: ChunkRef, { temp, offset }: ChunkTarget): void {
    if (this.#chunks.has(id)) return;
    this.#chunks.set(id, { chunk: { id, length, key }, source: { from: { temp }, offset }, temp });
  }

  chunk(id: ChunkId): { readonly chunk: ChunkRef; readonly source: ChunkSource } | undefined {
    return this.#chunks.get(id);
  }

  /** Sources of a chunk in the temp file that is to hold it, left there by an earlier life, or in another. */
  sources(chunk: PlacedRef, resumed: string | undefined): readonly ChunkSource[] {
    const found = this.#chunks.get(chunk.id);
    const own = resumed === undefined ? [] : [{ from: { temp: resumed }, offset: chunk.offset }];
    return found === undefined ? own : [...own, found.source];
  }
}
