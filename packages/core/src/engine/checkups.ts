import type { DeviceEngine } from './device.js';
import type { FolderEngine } from './folder.js';
import { folderHealth } from './reports.js';
import type { FolderTree } from './tree/index.js';

interface Checkup {
  readonly id: number;
  /** Folders whose files are still being read. */
  readonly open: Map<FolderEngine, FolderTree>;
  /** What was found damaged, even if it is repaired by now. */
  readonly found: Map<FolderEngine, readonly string[]>;
}

/** Those who want to know whether everything is well, and wait until all files were read for that. */
export class Checkups {
  readonly #device: DeviceEngine;
  readonly #checkups = new Map<number, Checkup>();

  constructor(device: DeviceEngine) {
    this.#device = device;
  }

  /** `quick`: tells what is known and reads nothing. */
  add(id: number, quick: boolean): void {
    const open = new Map<FolderEngine, FolderTree>();
    const found = new Map<FolderEngine, readonly string[]>();
    this.#checkups.set(id, { id, open, found });
    if (quick) return;
    for (const folder of this.#device.folders()) {
      const { tree } = folder;
      if (tree === undefined || !canRead(folder, tree)) continue;
      open.set(folder, tree);
      tree.rot.readAll((damaged) => {
        found.set(folder, damaged);
        open.delete(folder);
      });
    }
  }

  cancel(id: number): void {
    this.#checkups.delete(id);
  }

  step(): void {
    for (const { id, open, found } of this.#checkups.values()) {
      // One that was left, paused or lost its directory meanwhile is not waited for.
      const isGoing = ([folder, tree]: readonly [FolderEngine, FolderTree]): boolean =>
        this.#device.folder(folder.folder) === folder && canRead(folder, tree);
      if ([...open].some(isGoing)) continue;
      this.#checkups.delete(id);
      const result = this.#device.folders().map((each) => {
        return { folder: each.folder, name: each.row.name, ...folderHealth(each, found.get(each) ?? []) };
      });
      this.#device.emit({ type: 'reply', id, result });
    }
  }
}

function canRead(folder: FolderEngine, tree: FolderTree): boolean {
  return !folder.paused && folder.tree === tree && !tree.root.gone;
}
