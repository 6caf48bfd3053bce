/** A map from byte strings with a bound, which forgets what was used longest ago. */
export class BoundedCache<V> {
  readonly #entriesMax: number;
  readonly #entries = new Map<string, V>();

  constructor(entriesMax: number) {
    this.#entriesMax = entriesMax;
  }

  /** The value kept for `key`, or what `make` returns, which is then kept. Nothing is kept when `make` throws. */
  get(key: Uint8Array, make: (key: Uint8Array) => V): V {
    const name = String.fromCharCode(...key);
    if (this.#entries.has(name)) return this.#touch(name);
    const value = make(key);
    this.#entries.set(name, value);
    if (this.#entries.size > this.#entriesMax) this.#forgetOldest();
    return value;
  }

  #touch(name: string): V {
    const value = this.#entries.get(name) as V;
    this.#entries.delete(name);
    this.#entries.set(name, value);
    return value;
  }

  #forgetOldest(): void {
    for (const name of this.#entries.keys()) {
      this.#entries.delete(name);
      return;
    }
  }
}
