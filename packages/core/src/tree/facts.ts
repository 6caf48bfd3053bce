/** What the planner knows of one path: disk, base and view side by side (`spec/07 §6`). */

import { inlineBytesMax } from '../limits.js';
import { type ContentId, symlinkFault, type WirePath } from '../model/index.js';
import type { PlanInput } from './plan-types.js';
import type { BaseRow, DiskRow, ViewRow } from './rows.js';
import type { ConflictCopy, Version } from './types.js';
import { directoryContent, isContentOf, sameContent } from './versions.js';

/** What happened on this disk since the base row. */
export type LocalChange =
  | 'none'
  /** Only times or inode: the base row is brought up to date. */
  | 'restat'
  | 'put'
  | 'delete'
  /** The very thing the view shows: nothing to record. */
  | 'adopt'
  /** What the shown version replaced: known, and to be replaced here too. */
  | 'adopt-base'
  /** What the engine did itself before it was stopped. */
  | 'done'
  | 'hash';

export interface Facts {
  readonly path: string;
  /** None: nothing is there. */
  readonly disk: DiskRow | undefined;
  readonly base: BaseRow | undefined;
  readonly view: ViewRow | undefined;
  /** What the engine announced that it takes, a person took: the base row is that from before the announcement. */
  readonly taken: boolean;
  /** Of the view's conflict copies of this path those that this disk has. */
  readonly seen: readonly ConflictCopy[];
  /** What is here counts elsewhere, so the base row has to say `leaving` before the engine takes it away. */
  readonly standing: boolean;
  /** It or something above it could not be looked at. */
  readonly unknown: boolean;
  /** Which of those it is. */
  readonly unknownAt: string | undefined;
  readonly unsyncable: string | undefined;
  /** The path above that makes it so, if it isn't its own. */
  readonly unsyncableAt: string | undefined;
  /** The disk lost what the base row says is there: nothing to record, and the content is to be had anew. */
  readonly damaged: boolean;
  /** Neither recorded nor applied: ignored, unwanted. */
  readonly skipped: boolean;
  readonly local: LocalChange;
  /** Nothing recorded, nothing to apply: disk, base and view agree in what they show. */
  readonly settled: boolean;
}

/** A row of something that is there. */
export type Present<R extends { readonly kind: string }> = R & { readonly kind: Exclude<R['kind'], 'absent'> };

/** Whether something is on disk. */
export function isOnDisk(disk: DiskRow | undefined): disk is Present<DiskRow> {
  return disk !== undefined && disk.kind !== 'absent';
}

export function isUnknown(disk: DiskRow | undefined): boolean {
  return disk?.kind === 'unreadable' || disk?.kind === 'other';
}

export function isLiveBase(base: BaseRow | undefined): base is Present<BaseRow> {
  return base !== undefined && base.kind !== 'absent';
}

export function isWanted(view: ViewRow | undefined): view is Present<ViewRow> {
  return view !== undefined && view.kind !== 'absent';
}

/** Whether moving this content matters: what stands in records is always here. */
export function isBulky(size: number): boolean {
  return size > inlineBytesMax;
}

/** Content identity of what a disk row shows, as far as it is known. */
export function diskContent(disk: DiskRow): ContentId | undefined {
  return disk.kind === 'directory' ? directoryContent : disk.content;
}

function sameStat(disk: DiskRow, base: BaseRow): boolean {
  const { stat } = base;
  return (
    stat !== undefined &&
    stat.size === disk.size &&
    stat.mtimeUs === disk.mtimeUs &&
    stat.ctimeUs === disk.ctimeUs &&
    stat.inode === disk.inode
  );
}

function sameMode(disk: DiskRow, executable: boolean): boolean {
  return disk.kind !== 'file' || disk.executable === undefined || disk.executable === executable;
}

/** How a disk row differs from a live base row. `hash`: only reading it can tell; `touched`: in its time alone. */
function compareToBase(
  disk: DiskRow,
  base: BaseRow,
  timeStepUs: number,
): 'same' | 'restat' | 'touched' | 'changed' | 'hash' {
  if (disk.kind !== base.kind) return disk.kind === 'file' && disk.content === undefined ? 'hash' : 'changed';
  if (disk.kind === 'directory') return 'same';
  if (disk.kind === 'symlink') return disk.target === base.target ? 'same' : 'changed';
  const untouched = sameStat(disk, base);
  if (disk.content !== undefined && disk.content !== base.content) return 'changed';
  if (disk.content === undefined && !untouched) return 'hash';
  if (!sameMode(disk, base.executable)) return 'changed';
  if (untouched) return 'same';
  // A disk may forget the finer digits of a time only when it is mounted again.
  return base.stat !== undefined && Math.abs(base.stat.mtimeUs - disk.mtimeUs) >= timeStepUs ? 'touched' : 'restat';
}

/** Whether the disk shows what the view wants, times and mode aside. */
export function showsContent(disk: DiskRow, view: ViewRow | undefined): boolean {
  if (!isWanted(view) || disk.kind !== view.kind) return false;
  if (disk.kind === 'directory') return true;
  if (disk.kind === 'symlink') return disk.target === view.version?.target;
  return view.version !== undefined && isContentOf(disk.content, view.version);
}

/** Whether a version wants the content that a base row says is on disk. */
export function baseHolds(base: BaseRow, version: Version): boolean {
  return base.kind === version.type && isContentOf(base.content, version);
}

/** Whether base row and view row show the same, times and mode included. */
export function sameAsView(base: BaseRow | undefined, view: ViewRow | undefined, disk: DiskRow | undefined): boolean {
  if (!isLiveBase(base)) return !isWanted(view);
  if (!isWanted(view) || base.kind !== view.kind) return false;
  const { version } = view;
  if (base.kind === 'directory') return true;
  if (version === undefined || !baseHolds(base, version)) return false;
  if (base.kind === 'symlink') return true;
  const modeKnown = disk === undefined || disk.executable !== undefined;
  return base.mtimeUs === version.mtimeUs && (!modeKnown || base.executable === version.executable);
}

/** Whether a view row still shows this content at the path or as a copy of it. */
export function countsIn(view: ViewRow, version: Version): boolean {
  const counted = [view.version, ...view.copies.map((copy) => copy.version), ...view.nameless];
  return counted.some((each) => each !== undefined && sameContent(each, version));
}

/** The local change at a path that is synced and could be looked at. */
export function localChange(
  disk: DiskRow | undefined,
  base: BaseRow | undefined,
  view: ViewRow | undefined,
  source?: ViewRow | undefined,
  timeStepUs = 1,
): LocalChange {
  if (!isOnDisk(disk)) {
    if (!isLiveBase(base)) return 'none';
    if (base.next?.kind === 'absent') return 'done';
    if (base.leaving === true) return 'adopt';
    return isWanted(view) || countsAt(base, source) ? 'delete' : 'adopt';
  }
  if (!isLiveBase(base)) return base !== undefined && isDone(disk, base) ? 'done' : newOnDisk(disk, view);
  const difference = compareToBase(disk, base, timeStepUs);
  if (difference === 'same') return 'none';
  if (difference === 'hash') return difference;
  if (isDone(disk, base)) return 'done';
  if (difference === 'restat') return difference;
  // A time alone is told when nobody else changed the file; it never stands against what somebody did to its content.
  if (difference === 'touched') return sameAsView(base, view, disk) && !isCopied(base, view) ? 'put' : 'restat';
  const shown = showsContent(disk, view) && sameMode(disk, view?.version?.executable ?? false);
  return shown && (base.leaving === true || !isCopied(base, view)) ? 'adopt' : 'put';
}

/**
 * Whether what the engine was about to take away went without it: it keeps all that it takes, so a person replaced or
 * removed what is nowhere on this device.
 */
function isTaken(disk: DiskRow | undefined, base: BaseRow | undefined, input: PlanInput): boolean {
  const { isKept } = input;
  if (base?.leaving !== true || base.kind !== 'file' || !isBulky(base.size) || isKept === undefined) return false;
  if (base.content === undefined || (disk?.kind === 'file' && disk.content === undefined)) return false;
  return disk?.content !== base.content && !isKept(base.content);
}

/** The row as it was before the engine announced that it takes something away. */
function unannouncedRow(base: BaseRow | undefined): BaseRow | undefined {
  if (base === undefined) return undefined;
  const { leaving: _leaving, next: _next, shown, copies = [], ...rest } = base;
  const before = copies.filter(({ version }) => !baseHolds(base, version));
  return before.length === 0 ? rest : { ...rest, shown, copies: before };
}

/** Whether the disk shows what an operation was to leave when the engine was stopped. */
function isDone(disk: DiskRow, { next }: BaseRow): boolean {
  if (next === undefined || disk.kind !== next.kind) return false;
  if (disk.kind === 'directory') return true;
  if (disk.kind === 'symlink') return disk.target === next.target;
  return disk.content !== undefined && disk.content === next.content && sameMode(disk, next.executable);
}

/** Whether the view counts what was here as a copy of this path: who put something else in its place has to say so. */
function isCopied(base: BaseRow, view: ViewRow | undefined): boolean {
  return view?.copies.some(({ version }) => baseHolds(base, version)) === true;
}

/** Whether what was shown here as another path's copy still counts there: who removed it has to say so. */
function countsAt(base: BaseRow, source: ViewRow | undefined): boolean {
  const { version } = source ?? {};
  return isCopied(base, source) || (version !== undefined && baseHolds(base, version));
}

function newOnDisk(disk: DiskRow, view: ViewRow | undefined): LocalChange {
  if (showsContent(disk, view)) return 'adopt';
  if (disk.kind === 'file' && disk.content === undefined) return 'hash';
  if (isWanted(view) && view.version?.base !== undefined && view.version.base === diskContent(disk))
    return 'adopt-base';
  return 'put';
}

/** Facts of paths, worked out once each. */
export class FactTable {
  private readonly input: PlanInput;
  private readonly known = new Map<string, Facts>();
  private readonly contentByInode: ReadonlyMap<string, BaseRow>;

  constructor(input: PlanInput, paths: readonly string[]) {
    this.input = input;
    this.contentByInode = input.inodesTrusted === false ? new Map() : movedFiles(input, paths);
  }

  of(path: string): Facts {
    const found = this.known.get(path);
    if (found !== undefined) return found;
    const facts = this.make(path);
    this.known.set(path, facts);
    return facts;
  }

  parentOf(path: string): Facts | undefined {
    const slash = path.lastIndexOf('/');
    return slash < 0 ? undefined : this.of(path.slice(0, slash));
  }

  private make(path: string): Facts {
    const { input } = this;
    const parent = this.parentOf(path);
    const reachable = parent === undefined || parent.disk?.kind === 'directory';
    const disk = reachable ? this.diskOf(path) : undefined;
    const announced = input.base(path);
    const view = input.view(path);
    const seen =
      view === undefined || view.copies.length === 0 ? [] : view.copies.filter((copy) => this.isSeen(copy, path));
    const unknownAt = parent?.unknownAt ?? (isUnknown(disk) ? path : undefined);
    const unknown = unknownAt !== undefined;
    const unsyncableAt = parent?.unsyncable === undefined ? undefined : (parent.unsyncableAt ?? parent.path);
    const unsyncable = parent?.unsyncable ?? input.unsyncable?.(path) ?? strayLink(disk);
    const skipped = parent?.skipped === true || (input.rule !== undefined && input.rule(path) !== 'sync');
    const held = unknown || skipped || unsyncable !== undefined;
    const damaged = !held && disk?.damaged === true && isLiveBase(announced);
    const taken = !held && !damaged && isTaken(disk, announced, input);
    const base = taken ? unannouncedRow(announced) : announced;
    const source = base?.copyOf === undefined ? undefined : input.view(base.copyOf);
    const local = held || damaged ? 'none' : localChange(disk, base, view, source, input.timeStepUs);
    const settled = !held && !damaged && (local === 'none' || local === 'restat') && sameAsView(base, view, disk);
    const live = isLiveBase(base) && base.leaving !== true;
    const standing = live && (isCopied(base, view) || countsAt(base, source));
    const trouble = { unknown, unknownAt, unsyncable, unsyncableAt };
    return { path, disk, base, view, taken, seen, standing, ...trouble, damaged, skipped, local, settled };
  }

  /** Whether what was applied or recorded last at a copy's name is that copy, or a file of its own with its content. */
  private isSeen({ path, version }: ConflictCopy, source: string): boolean {
    const row = this.input.base(path);
    if (!isLiveBase(row) || !baseHolds(row, version)) return false;
    return row.copyOf === undefined || row.copyOf === source;
  }

  /** The disk row, with the content that a moved file brings along. */
  private diskOf(path: string): DiskRow | undefined {
    const disk = this.input.disk(path);
    if (!isOnDisk(disk)) return undefined;
    if (disk.kind !== 'file' || disk.content !== undefined) return disk;
    const moved = this.contentByInode.get(disk.inode);
    if (moved?.stat === undefined || moved.path === path) return disk;
    const same = moved.stat.size === disk.size && moved.stat.mtimeUs === disk.mtimeUs;
    return same ? { ...disk, content: moved.content } : disk;
  }
}

/** Why a link can't be recorded: it would lead elsewhere on another device. */
function strayLink(disk: DiskRow | undefined): string | undefined {
  if (disk?.kind !== 'symlink') return undefined;
  const fault = symlinkFault(disk.path as WirePath, disk.target ?? '');
  return fault === undefined ? undefined : `A link that does not stay inside the folder (${fault}).`;
}

/** Base rows of files that are no longer where they were, by inode. */
function movedFiles(input: PlanInput, paths: readonly string[]): ReadonlyMap<string, BaseRow> {
  const moved = new Map<string, BaseRow>();
  for (const path of paths) {
    const base = input.base(path);
    if (base?.kind !== 'file' || base.stat === undefined || base.stat.inode === '') continue;
    if (input.disk(path)?.inode !== base.stat.inode) moved.set(base.stat.inode, base);
  }
  return moved;
}
