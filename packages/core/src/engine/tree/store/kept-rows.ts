/**
 * Rows as they were last read or written, by path or another name, so that what is looked at again and again is read
 * and decoded once. Bounded: what nobody asked for longest goes first. Rows are never changed in place.
 */
export class KeptRows<V> {
  readonly #eachMax: number;
  // Two halves, the older of which goes as a whole: to take the oldest entry out of a map, again and again, costs a
  // search through the places of all that went before it.
  #recent = new Map<string, V>();
  #older = new Map<string, V>();

  constructor(rowsMax = 4_096) {
    this.#eachMax = Math.ceil(rowsMax / 2);
  }

  /** What is kept, or else what `read` gives, which is then kept. */
  get(name: string, read: () => V): V {
    const recent = this.#recent.get(name);
    if (recent !== undefined || this.#recent.has(name)) return recent as V;
    const row = this.#older.has(name) ? (this.#older.get(name) as V) : read();
    this.set(name, row);
    return row;
  }

  /** The row was written. */
  set(name: string, row: V): void {
    this.#recent.set(name, row);
    if (this.#recent.size < this.#eachMax) return;
    this.#older = this.#recent;
    this.#recent = new Map();
  }

  /** To be read again. */
  drop(name: string): void {
    this.#recent.delete(name);
    this.#older.delete(name);
  }
}
