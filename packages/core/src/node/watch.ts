/**
 * The only importer of chokidar. Watches directories only, for files are too many; their events come as hints of
 * their directory.
 */

import { join, relative, sep } from 'node:path';
import { watch } from 'chokidar';
import { isPrivateName } from '../model/index.js';
import type { WatchHint } from '../ports/index.js';

const quietMs = 20;
const pathsMax = 4_096;

/** Watches a tree; `hint` is called at once for the first event and then in batches while events come. */
export async function watchDirectory(root: string, hint: (hint: WatchHint) => void): Promise<() => Promise<void>> {
  const hints = new Hints(hint);
  const inside = (path: string): string | undefined => {
    const path2 = relative(root, path);
    if (path2 === '' || path2.startsWith('..') || isPrivateName(path2.split(sep)[0] ?? '')) return undefined;
    return path2.split(sep).join('/').normalize('NFC');
  };
  const isPrivate = (path: string): boolean => path !== root && isPrivateName(relative(root, path).split(sep)[0] ?? '');
  const watcher = watch(root, {
    ignored: (path, stats) => isPrivate(path) || (stats !== undefined && !stats.isDirectory()),
    ignoreInitial: true,
    followSymlinks: false,
    ignorePermissionErrors: true,
  });
  watcher.on('raw', (_event, name, details) => {
    const { watchedPath } = details as { readonly watchedPath?: string };
    if (watchedPath === undefined || typeof name !== 'string') return hints.anything();
    // What is no text is not called by its name here: its directory is looked at.
    const path = name.includes('\ufffd') ? undefined : inside(join(watchedPath, name));
    const directory = path ?? inside(watchedPath);
    if (directory !== undefined) hints.add(directory);
    else if (name.includes('\ufffd')) hints.anything();
  });
  // A file made together with its directory gives no event of its own: the directory is looked at whole.
  watcher.on('addDir', (path) => hints.addMaybe(inside(path)));
  watcher.on('unlinkDir', (path) => hints.addMaybe(inside(path)));
  watcher.on('error', () => hints.anything());
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  return async () => {
    hints.stop();
    await watcher.close();
  };
}

/** Gathers hints while they come in quick succession. */
class Hints {
  readonly #hint: (hint: WatchHint) => void;
  readonly #paths = new Set<string>();
  #all = false;
  #burst = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(hint: (hint: WatchHint) => void) {
    this.#hint = hint;
  }

  add(path: string): void {
    if (this.#paths.size < pathsMax) this.#paths.add(path);
    else this.#all = true;
    this.#timer ??= this.#flushSoon(0);
  }

  addMaybe(path: string | undefined): void {
    if (path !== undefined) this.add(path);
  }

  anything(): void {
    this.#all = true;
    this.#timer ??= this.#flushSoon(0);
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #flushSoon(delayMs: number): NodeJS.Timeout {
    return setTimeout(() => this.#flush(), delayMs);
  }

  #flush(): void {
    this.#timer = undefined;
    if (!this.#all && this.#paths.size === 0) {
      // The system may have dropped events of a long burst: once it is over, everything is looked at.
      if (this.#burst) this.#hint({ paths: undefined });
      this.#burst = false;
      return;
    }
    const paths = this.#all ? undefined : [...this.#paths];
    this.#burst ||= this.#all;
    this.#all = false;
    this.#paths.clear();
    this.#timer = this.#flushSoon(quietMs);
    this.#hint({ paths });
  }
}
