import type { FileOperation, FileResult } from '../../../ports/index.js';
import type { Archive } from '../archive/archive.js';
import type { TreeCore } from '../core.js';
import type { Scanner } from './scan.js';

/**
 * Changes of the disk that a person asked for by a command. They are made as a person makes them, with what they
 * replace in the archive; they are seen and recorded like any other, also when a crash comes between.
 */
export class Edits {
  readonly #core: TreeCore;
  readonly #scanner: Scanner;
  readonly #archive: Archive;

  constructor(core: TreeCore, scanner: Scanner, archive: Archive) {
    this.#core = core;
    this.#scanner = scanner;
    this.#archive = archive;
  }

  /** Makes the changes in order; hands over a result for each, and why there are fewer. */
  apply(operations: readonly FileOperation[], done: (results: readonly FileResult[], reason: string) => void): void {
    const { context, root } = this.#core;
    const group = this.#archive.prepare(operations, context.device());
    context.task({ task: 'apply', root, operations, group }, (result) => {
      const results = result.task === 'apply' ? result.results : [];
      if (group !== undefined) this.#archive.applied(group, operations, results);
      this.#scanner.paths(operations.flatMap((each) => ('from' in each ? [each.path, each.from] : [each.path])));
      done(results, result.task === 'failed' ? result.reason : 'It was not done.');
    });
  }
}
