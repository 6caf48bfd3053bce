import type { ChunkId } from '../../../src/model/index.js';
import type { FileStamp } from '../../../src/ports/index.js';
import type { DiskRow } from '../../../src/tree/index.js';

/** What stands at a path of a directory in memory. */
export interface Node {
  kind: 'file' | 'directory' | 'symlink';
  bytes: Uint8Array;
  target?: string;
  executable: boolean;
  mtimeUs: number;
  ctimeUs: number;
  inode: string;
}

export function stampOf({ kind, bytes, mtimeUs, ctimeUs, inode }: Node): FileStamp {
  return { kind, size: bytes.length, mtimeUs, ctimeUs, inode };
}

export function sameStamp(row: DiskRow, stamp: FileStamp | undefined): boolean {
  if (stamp === undefined) return row.kind === 'absent';
  if (row.kind !== stamp.kind) return false;
  if (row.kind === 'directory') return true;
  return (
    row.size === stamp.size &&
    row.mtimeUs === stamp.mtimeUs &&
    row.ctimeUs === stamp.ctimeUs &&
    row.inode === stamp.inode
  );
}

export function equal(hash: Uint8Array, id: ChunkId): boolean {
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('') === id;
}
