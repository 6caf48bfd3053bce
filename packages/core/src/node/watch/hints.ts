import type { WatchHint } from '../../ports/index.js';

const quietMs = 20;
const pathsMax = 4_096;

/** Gathers what was seen while it comes in quick succession: says the first at once, and the rest in batches. */
export class Hints {
  readonly #hint: (hint: WatchHint) => void;
  #paths = new Set<string>();
  /** So many paths that their directories stand for them. */
  #folded = false;
  #all = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(hint: (hint: WatchHint) => void) {
    this.#hint = hint;
  }

  /** Something may have changed at a path. */
  add(path: string): void {
    if (this.#all) return;
    this.#paths.add(this.#folded ? directoryOf(path) : path);
    if (this.#paths.size > pathsMax) this.#fold();
    this.#timer ??= this.#flushSoon(0);
  }

  /** Something may have changed anywhere. */
  anything(): void {
    this.#all = true;
    this.#timer ??= this.#flushSoon(0);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #fold(): void {
    if (!this.#folded) this.#paths = new Set([...this.#paths].map(directoryOf));
    this.#folded = true;
    this.#all = this.#paths.size > pathsMax;
  }

  #flushSoon(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#flush(), delayMs);
  }

  #flush(): void {
    this.#timer = undefined;
    if (!this.#all && this.#paths.size === 0) return;
    const paths = this.#all ? undefined : [...this.#paths];
    this.#all = false;
    this.#folded = false;
    this.#paths = new Set();
    this.#timer = this.#flushSoon(quietMs);
    this.#hint({ paths });
  }
}

/** What is at the top stands for itself. */
function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? path : path.slice(0, slash);
}
