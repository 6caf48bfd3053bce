import type { TreeCore } from '../core.js';

/** Removes temp files, each once nothing is written to it any more. Its name is free again when it is gone. */
export class Removals {
  readonly #core: TreeCore;
  readonly #isWritten: (temp: string) => boolean;
  /** What is to go, with paths that wait for the name. */
  readonly #names = new Map<string, Set<string>>();
  /** Those of them that something may still be written to. */
  readonly #held = new Set<string>();

  constructor(core: TreeCore, isWritten: (temp: string) => boolean) {
    this.#core = core;
    this.#isWritten = isWritten;
  }

  add(temps: readonly string[]): void {
    for (const temp of temps) {
      if (this.#names.has(temp)) continue;
      this.#names.set(temp, new Set());
      this.#held.add(temp);
    }
    this.step();
  }

  /** Plans a path again when the name is free; false when it is. */
  waitFor(temp: string, path: string): boolean {
    return this.#names.get(temp)?.add(path) !== undefined;
  }

  step(): void {
    if (this.#held.size === 0) return;
    const { context, root } = this.#core;
    const temps = [...this.#held].filter((temp) => !this.#isWritten(temp));
    if (temps.length === 0) return;
    for (const temp of temps) this.#held.delete(temp);
    context.task({ task: 'remove-temps', root, temps }, (result) => {
      // All that is there is listed again once the directory is back.
      if (result.task === 'failed' && result.code === 'not-found') this.#core.stopped = result.reason;
      for (const temp of temps) this.#removed(temp);
    });
  }

  #removed(temp: string): void {
    const paths = this.#names.get(temp) ?? [];
    this.#names.delete(temp);
    for (const path of paths) this.#core.dirty(path);
  }
}
