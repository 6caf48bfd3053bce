import type { FolderId } from '../model/index.js';
import type { TaskId, TaskResult } from './inputs.js';

interface Begun {
  /** Empty for what concerns none. */
  readonly folder: FolderId | '';
  readonly done: (result: TaskResult) => void;
}

/** Tasks that were begun: of which folder they are, and whom their end is told to. */
export class Tasks {
  readonly #begun = new Map<TaskId, Begun>();

  add(task: TaskId, folder: FolderId | '', done: (result: TaskResult) => void): void {
    this.#begun.set(task, { folder, done });
  }

  folderOf(task: TaskId): FolderId | '' | undefined {
    return this.#begun.get(task)?.folder;
  }

  end(task: TaskId, result: TaskResult): void {
    const begun = this.#begun.get(task);
    this.#begun.delete(task);
    begun?.done(result);
  }

  /** What is still to come of a folder's tasks is not heard any more. */
  forget(folder: FolderId): void {
    for (const [task, begun] of this.#begun) if (begun.folder === folder) this.#begun.delete(task);
  }
}
