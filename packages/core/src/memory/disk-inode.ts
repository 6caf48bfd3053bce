/** What a name on a disk in RAM leads to. */
export interface Inode {
  readonly number: string;
  readonly kind: 'file' | 'directory' | 'symlink';
  bytes: Uint8Array;
  readonly target: string;
  executable: boolean;
  readable: boolean;
  /** Microseconds since 1970. */
  mtimeUs: number;
  /** Microseconds since 1970; never the same for two acts. */
  ctimeUs: number;
  /** Of a directory, in order of their making. */
  readonly entries: Map<string, Inode>;
  /** Bytes that survive a power cut, where they are others than `bytes`. */
  durable: Uint8Array | undefined;
}

export type DiskErrorCode =
  | 'ENOENT'
  | 'EEXIST'
  | 'ENOTDIR'
  | 'EISDIR'
  | 'ENOTEMPTY'
  | 'ELOOP'
  | 'EACCES'
  | 'EPERM'
  | 'EIO'
  | 'ENOSPC'
  | 'EINVAL';

/** What a disk in RAM answers when it can't; the words of POSIX. */
export class DiskError extends Error {
  override readonly name = 'DiskError';
  readonly code: DiskErrorCode;

  constructor(code: DiskErrorCode, path: string) {
    super(`${code}: ${path}`);
    this.code = code;
  }
}

const noBytes = new Uint8Array(0);

/** A new inode of that kind, with nothing in it. */
export function newInode(number: number, kind: Inode['kind'], nowUs: number, target = ''): Inode {
  return {
    number: `${number}`,
    kind,
    bytes: noBytes,
    target,
    executable: false,
    readable: true,
    mtimeUs: nowUs,
    ctimeUs: nowUs,
    entries: new Map(),
    durable: undefined,
  };
}
