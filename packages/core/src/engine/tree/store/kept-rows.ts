/** Stands for `undefined`, so that one look at a map tells whether there is something. */
const nothing = Symbol('nothing');
type Kept<V> = Exclude<V, undefined> | typeof nothing;

/**
 * Rows as they were last read or written, by path or another name, so that what is looked at again and again is read
 * and decoded once. Bounded: what nobody asked for longest goes first. Rows are never changed in place.
 */
export class KeptRows<V> {
  readonly #eachMax: number;
  // Two halves, the older of which goes as a whole: to take the oldest entry out of a map, again and again, costs a
  // search through the places of all that went before it.
  #recent = new Map<string, Kept<V>>();
  #older = new Map<string, Kept<V>>();

  constructor(rowsMax = 4_096) {
    this.#eachMax = Math.ceil(rowsMax / 2);
  }

  /** What is kept, or else what `read` gives, which is then kept. */
  get(name: string, read: () => V): V {
    const recent = this.#recent.get(name);
    if (recent !== undefined) return recent === nothing ? (undefined as V) : recent;
    const older = this.#older.get(name);
    const row = older === undefined ? read() : older === nothing ? (undefined as V) : older;
    this.set(name, row);
    return row;
  }

  /** The row was written. */
  set(name: string, row: V): void {
    this.#recent.set(name, row === undefined ? nothing : (row as Exclude<V, undefined>));
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

/** Rows of several tables. */
export function keptIn<N extends string, V>(names: readonly N[], eachMax: number): Readonly<Record<N, KeptRows<V>>> {
  return Object.fromEntries(names.map((name) => [name, new KeptRows<V>(eachMax)])) as Record<N, KeptRows<V>>;
}
