/** Base rows that operations commit: what the disk then shows, and what that builds on (`spec/07 §6`). */

import { type Facts, isWanted } from './facts.js';
import type { BaseRow, DiskRow, DiskStat, ViewRow } from './rows.js';
import type { ConflictCopy, Vector } from './types.js';
import { compareVectors, directoryContent } from './versions.js';

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
    ...knowledge(view),
  };
}

/** What having been shown this row means for the next act. */
function knowledge(view: ViewRow | undefined): Pick<BaseRow, 'vector' | 'copyOf' | 'shown' | 'copies'> {
  if (view === undefined) return { vector: {} };
  const { vector, copyOf, copies, version } = view;
  return { vector, copyOf, ...(copies.length === 0 ? {} : { shown: version, copies }) };
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
  const known = knowledge(view);
  if (local !== 'restat' && sameKnowledge(base, known)) return undefined;
  const { shown: _shown, copies: _copies, ...rest } = base;
  const row = { ...rest, ...known };
  return disk === undefined ? row : { ...row, stat: statOf(disk) };
}

function sameKnowledge(base: BaseRow, known: ReturnType<typeof knowledge>): boolean {
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
