/** An async iterator that others push into. Leaving the loop calls `left` once. */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  readonly #left: () => void;
  readonly #items: T[] = [];
  readonly #readers: {
    readonly resolve: (result: IteratorResult<T>) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  #over = false;
  #error: unknown;

  constructor(left: () => void) {
    this.#left = left;
  }

  push(item: T): void {
    if (this.#over) return;
    const reader = this.#readers.shift();
    if (reader === undefined) this.#items.push(item);
    else reader.resolve({ value: item, done: false });
  }

  /** No more items; those that wait are still read. */
  end(): void {
    this.#over = true;
    for (const reader of this.#readers.splice(0)) reader.resolve({ value: undefined, done: true });
  }

  fail(error: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#error = error;
    for (const reader of this.#readers.splice(0)) reader.reject(error);
  }

  next(): Promise<IteratorResult<T>> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ value: item, done: false });
    if (this.#error !== undefined) return Promise.reject(this.#error as Error);
    if (this.#over) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<T>> {
    if (!this.#over) this.#left();
    this.#items.length = 0;
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this;
  }
}
