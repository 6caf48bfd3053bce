import type { WatchHint } from '../../ports/index.js';
import { machine, type WatchSystem } from './system.js';
import { TreeWatch, type WatchedLook } from './tree-watch.js';

const queueMax = 16_384;

/** The watches of one thread, which share the system's queue of events. */
export class Watches {
  readonly #system: WatchSystem;
  readonly #queueMax: number;
  /** By root, and then by the name under which each was begun. */
  readonly #trees = new Map<string, Map<string, TreeWatch>>();
  #events = 0;

  constructor(system: WatchSystem = machine) {
    this.#system = system;
    this.#queueMax = system.limit('max_queued_events') ?? queueMax;
  }

  begin(root: string, name: string, say: (hint: WatchHint) => void): void {
    const trees = this.#trees.get(root) ?? new Map<string, TreeWatch>();
    this.#trees.set(root, trees);
    trees.get(name)?.close();
    trees.set(name, new TreeWatch(root, say, this.#system, () => this.#seen()));
  }

  end(root: string, name: string): void {
    const trees = this.#trees.get(root);
    trees?.get(name)?.close();
    trees?.delete(name);
    if (trees?.size === 0) this.#trees.delete(root);
  }

  /** A look at the disk of a root begins. */
  look(root: string): WatchedLook {
    const looks = [...(this.#trees.get(root)?.values() ?? [])].map((tree) => tree.begin());
    return {
      enter: (parts, base, inode) => {
        for (const look of looks) look.enter(parts, base, inode);
      },
      end: (paths) => {
        for (const look of looks) look.end(paths);
      },
    };
  }

  close(): void {
    for (const [root, trees] of this.#trees) for (const name of [...trees.keys()]) this.end(root, name);
  }

  /**
   * The system drops events when its queue is full, and Node does not say so. But a full queue is read at once, so
   * when as many events come in one turn as the half of one, some may be gone.
   */
  #seen(): void {
    this.#events += 1;
    if (this.#events === 1) setImmediate(() => this.#turned());
  }

  #turned(): void {
    const isFull = this.#events >= this.#queueMax / 2;
    this.#events = 0;
    if (!isFull) return;
    for (const trees of this.#trees.values()) for (const tree of trees.values()) tree.lost();
  }
}
