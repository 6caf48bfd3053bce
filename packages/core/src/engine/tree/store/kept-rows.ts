/**
 * Rows as they were last read or written, by path or another name, so that what is looked at again and again is read
 * and decoded once. Bounded: what was taken in longest ago goes first. Rows are never changed in place.
 */
export class KeptRows<V> {
  readonly #rowsMax: number;
  readonly #rows = new Map<string, V>();

  constructor(rowsMax = 4_096) {
    this.#rowsMax = rowsMax;
  }

  /** What is kept, or else what `read` gives, which is then kept. */
  get(name: string, read: () => V): V {
    const found = this.#rows.get(name);
    if (found !== undefined || this.#rows.has(name)) return found as V;
    const row = read();
    this.set(name, row);
    return row;
  }

  /** The row was written. */
  set(name: string, row: V): void {
    this.#rows.delete(name);
    this.#rows.set(name, row);
    if (this.#rows.size <= this.#rowsMax) return;
    for (const oldest of this.#rows.keys()) {
      this.#rows.delete(oldest);
      return;
    }
  }

  /** To be read again. */
  drop(name: string): void {
    this.#rows.delete(name);
  }
}
