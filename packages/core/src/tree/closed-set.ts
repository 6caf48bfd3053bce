/** Which paths have to be planned together (`spec/07 §6`). */

import type { ContentId } from '../model/index.js';
import { isBulky, isLiveBase, isOnDisk, isWanted, sameAsView } from './facts.js';
import type { BaseRow, DiskRow, ViewRow } from './rows.js';

/** What the closure looks up; each answer may hold more paths than asked for, never fewer. */
export interface ClosureLookup {
  disk(path: string): DiskRow | undefined;
  base(path: string): BaseRow | undefined;
  view(path: string): ViewRow | undefined;
  /** Paths below this one with a row of any kind. */
  below(path: string): Iterable<string>;
  /** Paths whose base row holds this content. */
  holding(content: ContentId): Iterable<string>;
  /** Paths at which the view wants this content, names of conflict copies included. */
  wanting(content: ContentId): Iterable<string>;
  /** Paths with this inode in their disk row or base row. */
  withInode(inode: string): Iterable<string>;
  /** Other paths that this disk can't tell from this one; empty on most. */
  twins(path: string): Iterable<string>;
}

/**
 * The least closed set around `dirty`: with every path also what is above it, below it where a directory comes or goes,
 * its conflict copies, its twins, and those that hold or want the content it gives or needs.
 */
export function closeSet(lookup: ClosureLookup, dirty: Iterable<string>): ReadonlySet<string> {
  const closure = new Closure(lookup);
  for (const path of dirty) closure.add(path);
  closure.close();
  return closure.paths;
}

class Closure {
  readonly paths = new Set<string>();
  private readonly queue: string[] = [];
  private readonly lookup: ClosureLookup;
  private readonly spreadContents = new Set<ContentId>();
  private readonly spreadInodes = new Set<string>();

  constructor(lookup: ClosureLookup) {
    this.lookup = lookup;
  }

  add(path: string): void {
    if (this.paths.has(path)) return;
    this.paths.add(path);
    this.queue.push(path);
  }

  close(): void {
    for (let path = this.queue.pop(); path !== undefined; path = this.queue.pop()) this.spread(path);
  }

  private spread(path: string): void {
    const { lookup } = this;
    const slash = path.lastIndexOf('/');
    if (slash > 0) this.add(path.slice(0, slash));
    const disk = lookup.disk(path);
    const base = lookup.base(path);
    const view = lookup.view(path);
    this.copies(base, view);
    if (!isPending(disk, base, view)) return;
    this.addAll(lookup.twins(path));
    const wasDirectory = disk?.kind === 'directory' || base?.kind === 'directory';
    if (wasDirectory && (view?.kind !== 'directory' || disk?.kind !== 'directory')) this.addAll(lookup.below(path));
    this.contents(base, view);
    this.inode(disk?.inode);
    this.inode(base?.stat?.inode);
  }

  private copies(base: BaseRow | undefined, view: ViewRow | undefined): void {
    for (const source of [base?.copyOf, view?.copyOf]) if (source !== undefined) this.add(source);
    for (const copy of [...(base?.copies ?? []), ...(view?.copies ?? [])]) this.add(copy.path);
  }

  private contents(base: BaseRow | undefined, view: ViewRow | undefined): void {
    if (base?.kind === 'file' && isBulky(base.size)) this.content(base.content);
    const version = view?.kind === 'file' ? view.version : undefined;
    if (version === undefined || !isBulky(version.size)) return;
    this.content(version.content);
    this.content(version.oldContent);
  }

  /** Only what is to change matters: untouched holders of a common content are no partners. */
  private content(content: ContentId | undefined): void {
    if (content === undefined || this.spreadContents.has(content)) return;
    this.spreadContents.add(content);
    for (const paths of [this.lookup.holding(content), this.lookup.wanting(content)]) {
      for (const path of paths) if (this.pends(path)) this.add(path);
    }
  }

  private inode(inode: string | undefined): void {
    if (inode === undefined || inode === '' || this.spreadInodes.has(inode)) return;
    this.spreadInodes.add(inode);
    this.addAll(this.lookup.withInode(inode));
  }

  private pends(path: string): boolean {
    const { lookup } = this;
    return isPending(lookup.disk(path), lookup.base(path), lookup.view(path));
  }

  private addAll(paths: Iterable<string>): void {
    for (const path of paths) this.add(path);
  }
}

/** Whether anything of a path may have to be recorded or applied. */
function isPending(disk: DiskRow | undefined, base: BaseRow | undefined, view: ViewRow | undefined): boolean {
  if (!sameAsView(base, view, disk)) return true;
  if (isOnDisk(disk) !== isLiveBase(base) || isOnDisk(disk) !== isWanted(view)) return true;
  if (!isOnDisk(disk) || base === undefined) return false;
  if (disk.kind !== base.kind) return true;
  if (disk.kind === 'directory') return false;
  if (disk.kind === 'symlink') return disk.target !== base.target;
  const { stat } = base;
  return (
    stat === undefined ||
    stat.mtimeUs !== disk.mtimeUs ||
    stat.size !== disk.size ||
    stat.ctimeUs !== disk.ctimeUs ||
    stat.inode !== disk.inode ||
    (disk.content !== undefined && disk.content !== base.content) ||
    (disk.executable !== undefined && disk.executable !== base.executable)
  );
}
