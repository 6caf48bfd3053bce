import type { Tables } from './tables.js';

/** What is counted of rows; `aside` is what the rules leave out of it. */
export type Total = 'live' | 'files' | 'bytes' | 'aside-files' | 'aside-bytes' | 'damaged';

/** Sums over rows, kept in memory for a step. */
export class Totals {
  readonly #tables: Tables;
  readonly #values = new Map<Total, number>();
  #changed = false;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  of(name: Total): number {
    let value = this.#values.get(name);
    if (value === undefined) {
      value = this.#tables.number(name);
      this.#values.set(name, value);
    }
    return value;
  }

  add(name: Total, step: number): void {
    this.#values.set(name, this.of(name) + step);
    this.#changed = true;
  }

  flush(): void {
    if (!this.#changed) return;
    for (const [name, value] of this.#values) this.#tables.putNumber(name, value);
    this.#changed = false;
  }
}
