import type { ContentId } from '../../../model/index.js';
import type { Tables } from '../store/tables.js';

const pageRows = 256;

/** Which path needs which content. Goes through them in order of path, and once more whenever some were passed over. */
export class Needs {
  readonly #tables: Tables;
  /** Of all that is needed. */
  bytes = 0;
  #page: readonly { readonly path: string }[] = [];
  #at = 0;
  /** The last path that was given. */
  #cursor: string | undefined;
  #again = true;

  constructor(tables: Tables) {
    this.#tables = tables;
    for (const { size } of tables.needs()) this.bytes += size;
  }

  get count(): number {
    return this.#tables.count('need');
  }

  of(path: string): ContentId | undefined {
    return this.#tables.need(path)?.content as ContentId | undefined;
  }

  add(path: string, content: ContentId, size: number): void {
    this.#tables.putNeed(path, { content, size });
    this.#tables.link('wanted', content, path);
    this.bytes += size;
  }

  /** Gives what it needed. */
  drop(path: string): ContentId | undefined {
    const known = this.#tables.need(path);
    if (known === undefined) return undefined;
    this.#tables.dropNeed(path);
    this.bytes -= known.size;
    return known.content as ContentId;
  }

  /** Goes through all of them once more after this time. */
  again(): void {
    this.#again = true;
  }

  /** A path that was added is to be given, perhaps before where this is, or within the page. */
  pass(path: string): void {
    if (this.#cursor === undefined || path <= this.#cursor) this.#again = true;
    else [this.#page, this.#at] = [[], 0];
  }

  /** The next path; none at the end. */
  next(): string | undefined {
    if (this.#at === this.#page.length) this.#turn();
    const path = this.#page[this.#at]?.path;
    if (path !== undefined) this.#at += 1;
    this.#cursor = path;
    return path;
  }

  #turn(): void {
    const isOver = this.#cursor === undefined;
    if (isOver && !this.#again) return;
    if (isOver) this.#again = false;
    this.#page = this.#tables.needsAfter(this.#cursor, pageRows);
    this.#at = 0;
    if (this.#page.length > 0 || !this.#again) return;
    this.#again = false;
    this.#page = this.#tables.needsAfter(undefined, pageRows);
  }
}
