import { type BigIntStats, readlinkSync } from 'node:fs';
import type { FileStamp } from '../../ports/index.js';
import type { DiskRow } from '../../tree/index.js';
import { look } from './anchor.js';

const microsecond = 1_000n;

export function stampOf(stats: BigIntStats): FileStamp {
  return {
    kind: kindOf(stats),
    size: stats.isFile() ? Number(stats.size) : 0,
    mtimeUs: Number(stats.mtimeNs / microsecond),
    ctimeUs: Number(stats.ctimeNs / microsecond),
    inode: stats.ino.toString(),
  };
}

export function kindOf(stats: BigIntStats): DiskRow['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  return stats.isSymbolicLink() ? 'symlink' : 'other';
}

/** The row of a path whose entry has the system's name `at`. */
export function rowAt(path: string, at: string): DiskRow {
  const stats = look(at);
  return stats === undefined ? absentRow(path) : rowOf(path, stats, at);
}

export function rowOf(path: string, stats: BigIntStats, at: string): DiskRow {
  const { kind, size, mtimeUs, ctimeUs, inode } = stampOf(stats);
  const row = { path, kind, size, mtimeUs, ctimeUs, inode };
  if (kind === 'file') return { ...row, executable: (Number(stats.mode) & 0o100) !== 0 };
  if (kind === 'symlink') return { ...row, target: readlinkSync(at) };
  if (kind === 'other') return { ...row, reason: 'neither a file, a directory nor a symlink' };
  return row;
}

export function absentRow(path: string): DiskRow {
  return { path, kind: 'absent', size: 0, mtimeUs: 0, ctimeUs: 0, inode: '' };
}

export function unreadableRow(path: string, error: unknown): DiskRow {
  const { code, message } = error as NodeJS.ErrnoException;
  return { ...absentRow(path), kind: 'unreadable', reason: `cannot be looked at: ${code ?? message}` };
}

/** Whether what stands there is what was seen. A directory's times say nothing. */
export function isSame(seen: FileStamp | undefined, now: FileStamp | undefined): boolean {
  if (seen === undefined || now === undefined) return seen === now;
  if (seen.kind !== now.kind || seen.inode !== now.inode) return false;
  if (seen.kind === 'directory') return true;
  return seen.size === now.size && seen.mtimeUs === now.mtimeUs && seen.ctimeUs === now.ctimeUs;
}

/** What an operation leaves at a path, as its result says it. */
export interface Left {
  readonly row: DiskRow;
  readonly meanwhile?: boolean;
}

/**
 * What we left at `at`, where `left` is how it looked before it had that name. A name of ours gives it another ctime;
 * whatever else is different was done by somebody who was faster than this look, and is not ours to know about.
 */
export function leftAt(left: DiskRow, at: string): Left {
  const now = rowAt(left.path, at);
  const isOurs = now.inode === left.inode && now.executable === left.executable && now.target === left.target;
  if (!isOurs || !(left.kind === 'directory' || isSameContent(left, now))) return { row: left, meanwhile: true };
  return { row: { ...left, ctimeUs: now.ctimeUs } };
}

/** Whether an archived file still holds what was put there; linking alone changes the ctime. */
export function isSameContent(seen: FileStamp, now: FileStamp | undefined): boolean {
  return now !== undefined && seen.kind === now.kind && seen.size === now.size && seen.mtimeUs === now.mtimeUs;
}
