import { closeSync, openSync } from 'node:fs';
import { checkPath } from '../../model/index.js';
import { Anchor } from './anchor.js';
import type { Listings } from './listings.js';
import { syncAll } from './sync.js';

/** The directories that a group of changes works in, each opened once and made durable at the end. */
export class Directories {
  readonly #root: string;
  readonly #listings: Listings | undefined;
  readonly #open = new Map<string, Anchor>();
  readonly #done: Anchor[] = [];

  /** `listings`: for a disk that is blind to case. */
  constructor(root: string, listings?: Listings) {
    this.#root = root;
    this.#listings = listings;
  }

  /**
   * Runs something with the directory that holds `path`, and the path's last part. Throws as `Anchor.open` does, and
   * `bad-path`.
   */
  in<T>(path: string, act: (anchor: Anchor, name: string) => T): T {
    const slash = checkPath(path).lastIndexOf('/');
    const anchor = this.#anchor(path.slice(0, Math.max(0, slash)));
    const result = act(anchor, path.slice(slash + 1));
    anchor.recheck();
    return result;
  }

  /** From now on paths may lead to other directories than before. */
  moved(): void {
    this.#done.push(...this.#open.values());
    this.#open.clear();
  }

  async sync(): Promise<void> {
    this.moved();
    const opened: number[] = [];
    try {
      const handles = this.#done.map((anchor) => {
        if (anchor.handle !== undefined) return anchor.handle;
        const handle = openSync(anchor.base, 'r');
        opened.push(handle);
        return handle;
      });
      await syncAll(handles);
    } finally {
      for (const handle of opened) closeSync(handle);
    }
  }

  close(): void {
    this.moved();
    for (const anchor of this.#done.splice(0)) anchor.close();
  }

  #anchor(directory: string): Anchor {
    let anchor = this.#open.get(directory);
    if (anchor === undefined) {
      anchor = Anchor.open(this.#root, directory === '' ? [] : directory.split('/'), this.#listings);
      this.#open.set(directory, anchor);
    }
    return anchor;
  }
}
