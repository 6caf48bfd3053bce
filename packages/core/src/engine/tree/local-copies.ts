import type { ChunkRef } from '../../content/index.js';
import type { ChunkSource, ChunkTarget } from '../../ports/index.js';
import type { FolderContext } from '../context.js';

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
  readonly #queue: Copy[] = [];
  #running = 0;

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

  step(): void {
    while (this.#running < tasksMax && this.#queue.length > 0 && this.#run());
  }

  #run(): boolean {
    const keys = this.#context.contentKeys();
    if (keys === undefined) return false;
    const copies = this.#queue.splice(0, chunksMax);
    const chunks = copies.map(({ chunk: { id, key, length }, sources, target }) => {
      return { chunk: { id, key, length }, sources, targets: [target] };
    });
    this.#running += 1;
    this.#context.task({ task: 'copy-chunks', root: this.#root, keys, chunks }, (result) => {
      this.#running -= 1;
      const outcomes = result.task === 'copy-chunks' ? result.outcomes : [];
      for (const [i, copy] of copies.entries()) this.#done(copy, outcomes[i]?.outcome === 'stored');
      this.#context.again();
    });
    return true;
  }
}
