import type { ChunkRef } from '../../../content/index.js';
import type { ChunkSource, ChunkTarget } from '../../../ports/index.js';
import type { FolderContext } from '../../context.js';

const chunksMax = 64;
const tasksMax = 4;

/** A chunk that may lie in this folder and belongs into a temp file. */
export interface Copy {
  readonly chunk: ChunkRef;
  readonly sources: readonly ChunkSource[];
  readonly target: ChunkTarget;
}

/** Copies chunks from what is here, several tasks at a time. Each chunk is proved on the way. */
export class LocalCopies {
  readonly #context: FolderContext;
  readonly #root: string;
  readonly #done: (copy: Copy, stored: boolean) => void;
  #queue: Copy[] = [];
  readonly #running = new Set<readonly Copy[]>();

  constructor(context: FolderContext, root: string, done: (copy: Copy, stored: boolean) => void) {
    this.#context = context;
    this.#root = root;
    this.#done = done;
  }

  get queued(): number {
    return this.#queue.length;
  }

  add(copy: Copy): void {
    this.#queue.push(copy);
  }

  /** What is to be written to this temp file is not wanted any more. */
  forget(temp: string): void {
    this.#queue = this.#queue.filter(({ target }) => target.temp !== temp);
  }

  /** Whether a copy waits to be written to this temp file, or is under way. */
  isFor(temp: string): boolean {
    return this.isWriting(temp) || this.#queue.some(({ target }) => target.temp === temp);
  }

  /** Whether a copy under way may still be written to this temp file. */
  isWriting(temp: string): boolean {
    for (const copies of this.#running) if (copies.some(({ target }) => target.temp === temp)) return true;
    return false;
  }

  step(): void {
    while (this.#running.size < tasksMax && this.#queue.length > 0 && this.#run());
  }

  #run(): boolean {
    const keys = this.#context.contentKeys();
    if (keys === undefined) return false;
    const copies = this.#queue.splice(0, chunksMax);
    const chunks = copies.map(({ chunk: { id, key, length }, sources, target }) => {
      return { chunk: { id, key, length }, sources, targets: [target] };
    });
    this.#running.add(copies);
    this.#context.task({ task: 'copy-chunks', root: this.#root, keys, chunks }, (result) => {
      this.#running.delete(copies);
      const outcomes = result.task === 'copy-chunks' ? result.outcomes : [];
      for (const [i, copy] of copies.entries()) this.#done(copy, outcomes[i]?.outcome === 'stored');
      this.#context.again();
    });
    return true;
  }
}
