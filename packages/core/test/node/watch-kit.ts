import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { scanTree } from '../../src/node/files/scan.js';
import { Watches } from '../../src/node/watch/index.js';
import type { WatchSystem } from '../../src/node/watch/system.js';
import type { WatchHint } from '../../src/ports/index.js';

/** Looks at what the watch of a root hints at, one look at a time, as the engine does. */
export class Watcher {
  readonly hints: WatchHint[] = [];
  /** Paths that are there, as the looks have found. */
  readonly known = new Set<string>();
  readonly #root: string;
  readonly #watches: Watches;
  readonly #skip: ReadonlySet<string>;
  #changed = (): void => undefined;

  constructor(root: string, options: { readonly system?: WatchSystem; readonly skip?: readonly string[] } = {}) {
    this.#root = root;
    this.#watches = options.system === undefined ? new Watches() : new Watches(options.system);
    this.#skip = new Set(options.skip);
    this.#watches.begin(root, 'only', (hint) => this.#hinted(hint));
    this.look('all');
  }

  /** Rows that were looked at. */
  rows = 0;

  look(paths: readonly string[] | 'all'): void {
    const watched = this.#watches.look(this.#root);
    const isBelow = (path: string): boolean =>
      paths === 'all' || paths.some((each) => path === each || path.startsWith(`${each}/`));
    for (const path of [...this.known]) if (isBelow(path)) this.known.delete(path);
    for (const slice of scanTree(this.#root, paths, { watched, isSkipped: (path) => this.#skip.has(path) })) {
      this.rows += slice.length;
      for (const { path, kind } of slice) if (kind !== 'absent') this.known.add(path);
    }
    watched.end(paths);
  }

  /** Resolves once the looks have found what `isIt` asks for. */
  async until(isIt: (known: ReadonlySet<string>) => boolean): Promise<void> {
    while (!isIt(this.known)) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#changed = resolve;
      await promise;
    }
  }

  /** What was said last of where the watch is blind. */
  get blind(): WatchHint['blind'] {
    return this.hints.findLast(({ blind }) => blind !== undefined)?.blind;
  }

  close(): void {
    this.#watches.close();
  }

  #hinted(hint: WatchHint): void {
    this.hints.push(hint);
    if (hint.paths === undefined) this.look('all');
    else if (hint.paths.length > 0) this.look(hint.paths);
    this.#changed();
  }
}

/** How many watches this process has, as the system counts; other watchers of the process must not change meanwhile. */
export function watchCount(): number {
  let count = 0;
  for (const fd of readdirSync('/proc/self/fd')) {
    try {
      if (readlinkSync(`/proc/self/fd/${fd}`) !== 'anon_inode:inotify') continue;
      count += readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')
        .split('\n')
        .filter((line) => line.startsWith('inotify ')).length;
    } catch {
      // It was the one that listed them.
    }
  }
  return count;
}
