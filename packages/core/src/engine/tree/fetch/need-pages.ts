import type { Tables } from '../store/tables.js';

const pageRows = 256;

/** Goes through what is needed in order of path, in pages, from the beginning whenever something was passed over. */
export class NeedPages {
  readonly #tables: Tables;
  #page: readonly { readonly path: string }[] = [];
  #at = 0;
  /** The last path that was given. */
  #cursor: string | undefined;
  #again = true;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** Goes through all of it once more after this time. */
  again(): void {
    this.#again = true;
  }

  /** A path was added, perhaps before where this is, or within the page. */
  added(path: string): void {
    if (this.#cursor === undefined || path <= this.#cursor) this.#again = true;
    else this.#page = [];
    if (this.#page.length === 0) this.#at = 0;
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

/** The earlier of two times, either of which may be absent. */
export function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : b === undefined ? a : Math.min(a, b);
}
