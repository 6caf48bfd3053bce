import { CloudlessError } from '../errors.js';
import type { FileStamp, RootState } from '../ports/index.js';
import type { DiskRow } from '../tree/index.js';
import { DiskError, type Inode } from './disk-inode.js';

/** How an inode looks at a path. */
export function rowOf(path: string, inode: Inode, coarse: boolean): DiskRow {
  const row: DiskRow = { path, ...stampOf(inode) };
  if (inode.kind === 'symlink') return { ...row, target: inode.target };
  return inode.kind === 'file' && !coarse ? { ...row, executable: inode.executable } : row;
}

export function absentRow(path: string): DiskRow {
  return { path, kind: 'absent', size: 0, mtimeUs: 0, ctimeUs: 0, inode: '' };
}

export function unreadableRow(path: string, error: DiskError): DiskRow {
  return { ...absentRow(path), kind: 'unreadable', reason: `cannot be looked at: ${error.code}` };
}

export function stampOf({ kind, bytes, mtimeUs, ctimeUs, number }: Inode): FileStamp {
  return { kind, size: bytes.length, mtimeUs, ctimeUs, inode: number };
}

/** Whether what stands there is what was seen. A directory's times say nothing. */
export function isSame(seen: FileStamp | undefined, now: FileStamp | undefined): boolean {
  if (seen === undefined || now === undefined) return seen === now;
  if (seen.kind !== now.kind || seen.inode !== now.inode) return false;
  return seen.kind === 'directory' || (isSameContent(seen, now) && seen.ctimeUs === now.ctimeUs);
}

/** Whether a file was not written to; a link alone changes its ctime. */
export function isSameContent(seen: FileStamp, now: FileStamp | undefined): boolean {
  return now !== undefined && seen.kind === now.kind && seen.size === now.size && seen.mtimeUs === now.mtimeUs;
}

/** Our error for one of the disk; whatever else was thrown goes on its way. */
export function troubleOf(error: unknown): CloudlessError {
  if (error instanceof CloudlessError) return error;
  if (!(error instanceof DiskError)) throw error;
  if (error.code === 'ENOSPC') return new CloudlessError('disk-full', 'The disk is full.', { cause: error });
  if (error.code === 'ELOOP') return new CloudlessError('unsafe-path', 'A link stands in the way.', { cause: error });
  return new CloudlessError('io', `The disk said: ${error.code}`, { cause: error });
}

/** The disk's error, if it is one of these; anything else is thrown on. */
export function diskError(error: unknown): DiskError {
  if (error instanceof DiskError) return error;
  throw error;
}

/** A root that is not there, or not known to be ours. */
export function missing(reason: string): RootState {
  return { state: 'missing', reason };
}
