import { sep } from 'node:path';
import { isPrivateName } from '../../model/index.js';
import type { Blind, WatchHint } from '../../ports/index.js';
import { Hints } from './hints.js';
import { type DirectoryWatch, isLimit, remoteReason, unwatchedReason, type WatchSystem } from './system.js';

/** More of them are not named: everything is looked at. */
const blindPathsMax = 256;
/** What a directory is watched as. No name in it is this, so what tells of it tells of the directory itself. */
const self = '.';

interface Directory {
  readonly path: string;
  readonly below: Map<string, Directory>;
  watch: DirectoryWatch | undefined;
  /** What is watched; absent where it may not be this directory any more. */
  inode: bigint | undefined;
  /** Number of the look that last went into it. */
  look: number;
}

/** What a look at the disk tells the watch of the same root. */
export interface WatchedLook {
  /** A directory is about to be listed. `base` is a name of it that holds until the listing is over. */
  enter(parts: readonly string[], base: string, inode: bigint | undefined): void;
  /** All of `paths` was gone into. */
  end(paths: readonly string[] | 'all'): void;
}

/**
 * Watches the directories of a root that looks at the disk go into: each is watched first and then listed, so that
 * nothing comes between. Files are not watched, they are too many; a directory tells of the names in it.
 */
export class TreeWatch {
  readonly #system: WatchSystem;
  readonly #say: (hint: WatchHint) => void;
  readonly #seen: () => void;
  readonly #hints: Hints;
  readonly #top: Directory = newDirectory('');
  readonly #isRemote: boolean;
  readonly #unwatched = new Set<Directory>();
  #code = '';
  #looks = 0;
  /** The look in which the system had no more watches. */
  #full: number | undefined;
  #isChanged = false;
  #said = '';

  /** `seen` is called for each event of the system. */
  constructor(root: string, say: (hint: WatchHint) => void, system: WatchSystem, seen: () => void) {
    this.#system = system;
    this.#say = say;
    this.#seen = seen;
    this.#hints = new Hints(say);
    this.#isRemote = system.isRemote(root);
    this.#place(this.#top, root, undefined, 0);
    this.#report();
  }

  /** A look at the disk begins. */
  begin(): WatchedLook {
    const look = ++this.#looks;
    return {
      enter: (parts, base, inode) => {
        if (parts.length > 0 && this.#system.seesTrees) return;
        this.#place(this.#directory(parts), base, inode, look);
      },
      end: (paths) => {
        if (paths === 'all') this.#prune(this.#top, look);
        else for (const path of paths) this.#pruneAt(path.split('/'), look);
        this.#report();
      },
    };
  }

  /** Events got lost: nothing that is known of directories can be relied on. */
  lost(): void {
    distrust(this.#top);
    this.#hints.anything();
  }

  close(): void {
    this.#hints.stop();
    closeAll(this.#top);
  }

  #directory(parts: readonly string[]): Directory {
    let directory = this.#top;
    for (const part of parts) {
      let next = directory.below.get(part);
      if (next === undefined) {
        next = newDirectory(directory === this.#top ? part : `${directory.path}/${part}`);
        directory.below.set(part, next);
      }
      directory = next;
    }
    return directory;
  }

  #place(directory: Directory, base: string, inode: bigint | undefined, look: number): void {
    directory.look = look;
    if (directory.watch !== undefined && inode !== undefined && directory.inode === inode) return;
    stop(directory);
    if (look > 0 && this.#full === look) return this.#isUnwatched(directory);
    try {
      const watch = this.#system.watch(`${base}/${self}`, (event, name) => this.#event(directory, watch, event, name));
      watch.on('error', () => this.#retire(directory, watch));
      directory.watch = watch;
      directory.inode = inode;
      this.#isChanged = this.#unwatched.delete(directory) || this.#isChanged;
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      // It went away: whoever looks at it will see that.
      if (code === 'ENOENT' || code === 'ENOTDIR') return;
      this.#code = code;
      if (isLimit(code)) this.#full = look;
      this.#isUnwatched(directory);
    }
  }

  #isUnwatched(directory: Directory): void {
    if (this.#unwatched.has(directory)) return;
    this.#unwatched.add(directory);
    this.#isChanged = true;
  }

  #event(directory: Directory, watch: DirectoryWatch, event: string, name: string | null): void {
    this.#seen();
    if (directory.watch !== watch) return;
    const isRename = event === 'rename';
    // The directory itself went, or another one of its name came.
    if (name === null || (isRename && name === self)) return this.#retire(directory, watch);
    if (name === self) return;
    // What is no text is not called by its name here: its directory is looked at.
    if (name.includes('\ufffd')) return this.#hintAt(directory);
    const path = (sep === '/' ? name : name.replaceAll(sep, '/')).normalize('NFC');
    if (directory === this.#top && isPrivateName(path.split('/', 1)[0] as string)) return;
    if (isRename) {
      const below = directory.below.get(path);
      if (below !== undefined) below.inode = undefined;
    }
    this.#hints.add(directory === this.#top ? path : `${directory.path}/${path}`);
  }

  #retire(directory: Directory, watch: DirectoryWatch): void {
    if (directory.watch !== watch) return;
    stop(directory);
    this.#hintAt(directory);
  }

  #hintAt(directory: Directory): void {
    if (directory === this.#top) this.#hints.anything();
    else this.#hints.add(directory.path);
  }

  #pruneAt(parts: readonly string[], look: number): void {
    let above = this.#top;
    for (const part of parts.slice(0, -1)) {
      const next = above.below.get(part);
      if (next === undefined) return;
      above = next;
    }
    const name = parts.at(-1) as string;
    const directory = above.below.get(name);
    if (directory !== undefined && this.#prune(directory, look)) above.below.delete(name);
  }

  /** Forgets what the look did not come to. True when nothing is left. */
  #prune(directory: Directory, look: number): boolean {
    for (const [name, below] of directory.below) if (this.#prune(below, look)) directory.below.delete(name);
    if (directory.look >= look || directory === this.#top) return false;
    stop(directory);
    this.#isChanged = this.#unwatched.delete(directory) || this.#isChanged;
    return directory.below.size === 0;
  }

  #report(): void {
    if (!this.#isChanged && this.#looks > 0) return;
    this.#isChanged = false;
    const blind = this.#blind();
    const said = `${blind.reason} ${String(blind.paths)}`;
    if (said === this.#said) return;
    this.#said = said;
    this.#say({ paths: [], blind });
  }

  #blind(): Blind {
    const reasons = this.#isRemote ? [remoteReason] : [];
    const { size } = this.#unwatched;
    if (size > 0) reasons.push(unwatchedReason(this.#system, this.#code, size));
    const unwatched = new Set([...this.#unwatched].map(({ path }) => path));
    const paths = [...unwatched].filter((path) => !isBelow(path, unwatched));
    const isAll = this.#isRemote || paths.length > blindPathsMax || this.#unwatched.has(this.#top);
    return { paths: isAll ? 'all' : paths, reason: reasons.join('; ') };
  }
}

function newDirectory(path: string): Directory {
  return { path, below: new Map(), watch: undefined, inode: undefined, look: 0 };
}

function isBelow(path: string, paths: ReadonlySet<string>): boolean {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    if (paths.has(path.slice(0, slash))) return true;
  }
  return false;
}

function stop(directory: Directory): void {
  directory.watch?.close();
  directory.watch = undefined;
  directory.inode = undefined;
}

function closeAll(directory: Directory): void {
  stop(directory);
  for (const below of directory.below.values()) closeAll(below);
}

function distrust(directory: Directory): void {
  directory.inode = undefined;
  for (const below of directory.below.values()) distrust(below);
}
