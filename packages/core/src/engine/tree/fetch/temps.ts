import { toHex, utf8 } from '../../../bytes.js';
import type { ChunkRef, PlacedRef } from '../../../content/index.js';
import type { Crypto } from '../../../crypto/index.js';
import type { ChunkId, ContentId } from '../../../model/index.js';
import type { ChunkSource, ChunkTarget } from '../../../ports/index.js';
import type { Transfer } from './transfer.js';

/** Characters of a content id, with which the name of each temp file begins. */
const contentDigits = 64;

interface InTemp {
  readonly chunk: ChunkRef;
  readonly source: ChunkSource;
  readonly temp: string;
}

/** Name of a temp file that a transfer made. */
const transferName = /^[0-9a-f]{64}(?:-[0-9a-f]{16})?$/;

/**
 * Temp files of transfers: which content each is for, which are whole and whose they are, which chunks they hold, and
 * what earlier lives left of them.
 */
export class Temps {
  readonly #crypto: Crypto;
  readonly #byContent = new Map<ContentId, Set<string>>();
  readonly #whole = new Map<string, Transfer & { claim?: string | undefined }>();
  readonly #chunks = new Map<ChunkId, InTemp>();
  /** Content that is put aside for others before a path loses it, by that path. */
  readonly kept = new Map<string, ContentId>();
  /** Found on disk, and not ours yet. */
  #strays: Set<string> | undefined;

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  /** The name for a second file with the same content. */
  ownName(content: ContentId, path: string): string {
    return `${content}-${toHex(this.#crypto.blake3(utf8(path))).slice(0, 16)}`;
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

  /** Whether there are none, known or found. */
  get isEmpty(): boolean {
    return this.#byContent.size === 0 && this.#strays?.size === 0;
  }

  /** It is no file of ours any more; gives what it was, if it was whole. */
  drop({ temp, content, chunks }: Transfer): void {
    this.#whole.delete(temp);
    const temps = this.#byContent.get(content);
    temps?.delete(temp);
    if (temps?.size === 0) this.#byContent.delete(content);
    for (const { id } of chunks) if (this.#chunks.get(id)?.temp === temp) this.#chunks.delete(id);
  }

  // Strays.

  /** Whether it is known what earlier lives left. */
  get listed(): boolean {
    return this.#strays !== undefined;
  }

  /** What was found on disk once the root was there. */
  found(temps: readonly string[]): void {
    this.#strays = new Set(temps.filter((temp) => !this.of(contentOf(temp)).includes(temp)));
  }

  /** It is ours no more, and may hold parts of its content still. */
  stray(whole: Transfer): void {
    this.drop(whole);
    this.#strays?.add(whole.temp);
  }

  lost(temp: string): void {
    const whole = this.#whole.get(temp);
    if (whole !== undefined) this.stray(whole);
  }

  /** Takes a stray up again; whether there was one. */
  resume(temp: string): boolean {
    return this.#strays?.delete(temp) === true;
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

  /** Whether a whole file with the content waits for no path. */
  isFree(content: ContentId): boolean {
    return this.of(content).some((temp) => {
      const whole = this.#whole.get(temp);
      return whole !== undefined && whole.claim === undefined && whole.paths.size === 0;
    });
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

  /** Strays and whole files with content that nobody wants; they are not ours from now on. */
  takeUnwanted(isNeeded: (content: ContentId) => boolean): readonly string[] {
    const kept = new Set(this.kept.values());
    const isWanted = (content: ContentId): boolean => kept.has(content) || isNeeded(content);
    const strays = [...(this.#strays ?? [])].filter((temp) => {
      const content = contentOf(temp);
      return !this.of(content).includes(temp) && !(transferName.test(temp) && isWanted(content));
    });
    for (const temp of strays) this.#strays?.delete(temp);
    const whole = [...this.#whole.values()].filter(({ content }) => !isWanted(content));
    for (const transfer of whole) this.drop(transfer);
    return [...strays, ...whole.map(({ temp }) => temp)];
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

/** Of a transfer's temp file; other names give what is no content. */
function contentOf(temp: string): ContentId {
  return temp.slice(0, contentDigits) as ContentId;
}
