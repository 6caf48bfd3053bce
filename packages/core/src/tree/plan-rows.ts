/** Base rows that operations commit: what the disk then shows, and what that builds on (`spec/07 §6`). */

import { baseHolds, countsIn, type Facts, isOnDisk, isWanted } from './facts.js';
import type { BaseRow, DiskRow, DiskStat, ViewRow } from './rows.js';
import type { ConflictCopy, Vector, Version } from './types.js';
import { compareVectors, directoryContent, joinVectors, vectorWithin } from './versions.js';

/** The row for what the view wants, once it is on disk. */
export function viewBaseRow(facts: Facts, view: ViewRow): BaseRow {
  const { version } = view;
  const directory = view.kind === 'directory';
  return {
    path: facts.path,
    kind: view.kind === 'unknown' ? 'absent' : view.kind,
    content: directory ? directoryContent : version?.content,
    size: directory ? 0 : (version?.size ?? 0),
    mtimeUs: directory ? 0 : (version?.mtimeUs ?? 0),
    executable: version?.executable ?? false,
    target: version?.target,
    ...knowledge(facts, view),
  };
}

/**
 * What having been shown this row means for the next act. A copy that is not on this disk was not shown: an act leaves
 * it standing, as it is or as its author changes it meanwhile.
 */
function knowledge(facts: Facts, view: ViewRow): Pick<BaseRow, 'vector' | 'copyOf' | 'shown' | 'copies'> {
  const { copyOf, version } = view;
  const unseen = view.copies.filter((copy) => !facts.seen.includes(copy));
  if (unseen.length + view.nameless.length === 0)
    return { vector: view.vector, copyOf, ...shownWith(version, view.copies) };
  const hidden = new Set([...unseen.map((copy) => copy.version), ...view.nameless]);
  const known = view.versions.filter((each) => !hidden.has(each)).map((each) => each.vector);
  const vector = joinVectors(facts.base?.vector ?? {}, ...known);
  return { vector, copyOf, ...shownWith(version, copiesWithin(vector, facts.seen, unseen)) };
}

function shownWith(shown: Version | undefined, copies: readonly ConflictCopy[]): Pick<BaseRow, 'shown' | 'copies'> {
  return copies.length === 0 ? {} : { shown, copies };
}

/**
 * Copies that an act over this vector has to write down: those seen, and any other that the vector happens to hold
 * (a device that was reset leaves out versions of its own from a vector, but not their numbers).
 */
function copiesWithin(
  vector: Vector,
  seen: readonly ConflictCopy[],
  unseen: readonly ConflictCopy[],
): readonly ConflictCopy[] {
  return [...seen, ...unseen.filter(({ version }) => vectorWithin(version.vector, vector))];
}

/** Copies that an act at the path has to write down, and its base row does not know yet. */
export function newlySeen(facts: Facts): readonly ConflictCopy[] {
  const { base, view, seen } = facts;
  const known = new Set(base?.copies?.map((copy) => copy.path));
  const early = seen.filter((copy) => !known.has(copy.path));
  if (early.length === 0 || view === undefined) return [];
  const vector = joinVectors(base?.vector ?? {}, ...early.map(({ version }) => version.vector));
  const others = view.copies.filter(
    (copy) => !early.includes(copy) && !vectorWithin(copy.version.vector, base?.vector ?? {}),
  );
  return copiesWithin(vector, early, others);
}

/**
 * Nothing stands there any more. Where something else is to come, an act before that builds on what was there, not on
 * what nobody has seen yet.
 */
export function absentRow(facts: Facts): BaseRow {
  const { path, view, base } = facts;
  const row = { path, kind: 'absent', size: 0, mtimeUs: 0, executable: false } as const;
  if (!isWanted(view)) return { ...row, vector: view?.vector ?? {} };
  const { vector = {}, shown, copies } = base ?? {};
  return copies === undefined ? { ...row, vector } : { ...row, vector, shown, copies };
}

/** The disk already shows what the view wants, with its own time and mode. */
export function adoptedRow(facts: Facts): BaseRow {
  const { disk, view } = facts;
  if (disk === undefined || view === undefined) return absentRow(facts);
  const row = viewBaseRow(facts, view);
  const stat = statOf(disk);
  if (disk.kind !== 'file') return { ...row, stat };
  const content = disk.content ?? row.content;
  return { ...row, content, mtimeUs: disk.mtimeUs, executable: disk.executable ?? row.executable, stat };
}

/** The disk shows what the view's version replaced: known, but nothing that was seen here. */
export function adoptedBaseRow(facts: Facts): BaseRow {
  const { disk, path, view } = facts;
  const { size = 0, mtimeUs = 0, executable = false, target } = disk ?? {};
  const kind = disk?.kind === 'symlink' || disk?.kind === 'directory' ? disk.kind : 'file';
  const content = view?.version?.base;
  return {
    path,
    kind,
    content,
    size,
    mtimeUs,
    executable,
    target,
    vector: {},
    ...(disk ? { stat: statOf(disk) } : {}),
  };
}

/** A moved file keeps its time and mode until the next plan sets those. */
export function renamedRow(facts: Facts, view: ViewRow, source: Facts): BaseRow {
  const row = viewBaseRow(facts, view);
  return { ...row, mtimeUs: source.base?.mtimeUs ?? 0, executable: source.base?.executable ?? false };
}

/** The row to commit where disk and view agree but the base row is behind; none when it is not. */
export function bookkeeping(facts: Facts): BaseRow | undefined {
  const { base, view, disk, local } = facts;
  if (base === undefined || view === undefined) return undefined;
  const known = knowledge(facts, view);
  if (local !== 'restat' && sameKnowledge(base, known)) return undefined;
  const { shown: _shown, copies: _copies, leaving: _leaving, next: _next, ...rest } = base;
  const row = { ...rest, ...known };
  return disk === undefined ? row : { ...row, stat: statOf(disk) };
}

/** Copies of a base row that the view still counts: what others settled or replaced meanwhile is theirs to keep. */
export function standingCopies(base: BaseRow, view: ViewRow | undefined): readonly ConflictCopy[] {
  const { copies = [] } = base;
  return view === undefined ? copies : copies.filter(({ version }) => countsIn(view, version));
}

/**
 * The row without copies that count no more: they may go from the disk before the path itself changes. And without what
 * was to be made where nothing is: from now on a person may make the same.
 */
export function trimmed(facts: Facts): BaseRow | undefined {
  const { base, view, disk } = facts;
  if (base?.kind === 'absent' && base.next !== undefined && !isOnDisk(disk)) {
    const { next: _next, ...rest } = base;
    return rest;
  }
  if (base?.copies === undefined) return undefined;
  const left = standingCopies(base, view);
  if (left.length === base.copies.length) return undefined;
  const { shown, copies: _copies, ...rest } = base;
  return { ...rest, ...shownWith(shown, left) };
}

/**
 * The row of what is about to go although it counts elsewhere. Should the device stop in the middle, what it finds then
 * is not taken for what a person did, and an act at the path leaves standing what was there.
 */
function leavingRow(facts: Facts): BaseRow | undefined {
  const { base } = facts;
  if (base === undefined || !facts.standing) return undefined;
  const known = new Set(base.copies?.map((copy) => copy.path));
  const own = facts.view?.copies.filter((copy) => !known.has(copy.path) && baseHolds(base, copy.version)) ?? [];
  const copies = [...(base.copies ?? []), ...own];
  return copies.length === 0 ? { ...base, leaving: true } : { ...base, leaving: true, copies };
}

/**
 * The row to commit before an operation changes what this disk had. Found after a stop, what the operation was to leave
 * is known for that, whatever the view says by then.
 */
export function announcedRow(facts: Facts, next: BaseRow): BaseRow {
  const row = leavingRow(facts) ?? facts.base;
  if (row !== undefined) return { ...row, next };
  return { path: facts.path, kind: 'absent', size: 0, mtimeUs: 0, executable: false, vector: {}, next };
}

/** The row of an operation that was done before a stop. */
export function doneRow(facts: Facts): BaseRow | undefined {
  const { path, base, disk } = facts;
  if (base?.next === undefined) return undefined;
  return isOnDisk(disk) ? { ...base.next, path, stat: statOf(disk) } : { ...base.next, path };
}

function sameKnowledge(base: BaseRow, known: ReturnType<typeof knowledge>): boolean {
  if (base.leaving === true || base.next !== undefined) return false;
  return sameVector(base.vector, known.vector) && base.copyOf === known.copyOf && sameCopies(base.copies, known.copies);
}

function sameVector(a: Vector, b: Vector): boolean {
  return compareVectors(a, b) === 'equal';
}

function sameCopies(a: readonly ConflictCopy[] = [], b: readonly ConflictCopy[] = []): boolean {
  return (
    a.length === b.length &&
    a.every((copy, i) => {
      const other = b[i];
      return other !== undefined && copy.path === other.path && copy.version.content === other.version.content;
    })
  );
}

export function statOf(disk: DiskRow): DiskStat {
  const { size, mtimeUs, ctimeUs, inode } = disk;
  return { size, mtimeUs, ctimeUs, inode };
}
