import { randomBytes } from 'node:crypto';
import {
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  futimesSync,
  openSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { CloudlessError, check } from '../../errors.js';
import type { DiskTraits, FileOperation } from '../../ports/index.js';
import { type Anchor, withParent } from './anchor.js';
import { archivedPath, copyWhole } from './archive.js';
import { checkRoom } from './room.js';
import { secondsOf, syncAll } from './sync.js';
import { openTemps, tempName } from './temps.js';

const { O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_RDONLY, O_WRONLY } = constants;

export type Placing = Extract<FileOperation, { readonly type: 'place-file' | 'place-symlink' }>;
type PlacingFile = Extract<Placing, { readonly type: 'place-file' }>;
export type Dressing = Extract<FileOperation, { readonly type: 'set-metadata' }>;

const noBytes = new Uint8Array(0);

/** Temp files of a group, each complete and durable before anything is changed. */
export class Prepared {
  readonly #root: string;
  readonly #umask: number;
  readonly #traits: DiskTraits;
  /** Where temp files lie, once one is needed. */
  #temps: Anchor | undefined;
  readonly #paths = new Map<FileOperation, string>();
  /** Of those, the ones that were made here: they are of no use when they are not placed. */
  readonly #made = new Set<FileOperation>();
  readonly #handles: number[] = [];

  /** `traits`: of the root's disk. */
  constructor(root: string, umask: number, traits: DiskTraits) {
    this.#root = root;
    this.#traits = traits;
    this.#umask = umask;
  }

  /**
   * Bytes, mode and times of what is to be placed instead of `old`. Throws when the temp file is not what it should
   * be.
   */
  prepare(operation: Placing, old: BigIntStats | undefined): void {
    const whole = operation.type === 'place-file' ? operation.temp : undefined;
    this.#temps ??= openTemps(this.#root);
    const path =
      whole === undefined
        ? this.#newPath(operation, operation.type === 'place-file' ? operation.size : 0)
        : this.#temps.at(tempName(whole));
    this.#paths.set(operation, path);
    if (operation.type === 'place-symlink') {
      check(this.#traits.symlinks, 'not-supported', 'This disk has no links.');
      return symlinkSync(operation.target, path);
    }
    if (operation.archived !== undefined) copyArchived(this.#root, operation.archived, path);
    const flags = whole === undefined && operation.archived === undefined ? O_WRONLY | O_CREAT | O_EXCL : O_RDONLY;
    const handle = openSync(path, flags | O_NOFOLLOW, 0o600);
    this.#handles.push(handle);
    if (whole === undefined && operation.archived === undefined) writeAll(handle, operation.bytes ?? noBytes);
    if (fstatSync(handle).size !== operation.size) {
      throw new CloudlessError('io', 'The temp file does not have the size of what is to be placed.');
    }
    this.#dress(handle, operation, old);
  }

  /** A copy of the file at `at` with its new time and mode, for one whose other names are to stay as they are. */
  copy(operation: Dressing, at: string, old: BigIntStats): void {
    const path = this.#newPath(operation, Number(old.size));
    this.#paths.set(operation, path);
    copyWhole(at, path);
    const handle = openSync(path, O_RDONLY | O_NOFOLLOW);
    this.#handles.push(handle);
    this.#dress(handle, operation, old);
  }

  #newPath(operation: FileOperation, size: number): string {
    this.#temps ??= openTemps(this.#root);
    checkRoom(this.#temps.base, size);
    this.#made.add(operation);
    return this.#temps.at(tempName(`place-${randomBytes(8).toString('hex')}`));
  }

  has(operation: FileOperation): boolean {
    return this.#paths.has(operation);
  }

  pathOf(operation: FileOperation): string {
    return this.#paths.get(operation) ?? '';
  }

  placed(operation: FileOperation): void {
    this.#made.delete(operation);
  }

  async sync(): Promise<void> {
    await syncAll(this.#handles);
  }

  /** Removes what was made and not placed. */
  close(): void {
    for (const handle of this.#handles.splice(0)) closeSync(handle);
    for (const operation of this.#made) {
      try {
        unlinkSync(this.pathOf(operation));
      } catch {
        // It was never made, or is a stray temp file now, which the next start removes.
      }
    }
    this.#temps?.close();
  }

  /** Mode and owner of what is replaced stay; a new file gets the umask's. The time comes last. */
  #dress(handle: number, { executable, mtimeUs }: PlacingFile | Dressing, old: BigIntStats | undefined): void {
    if (old?.isFile() === true) keepOwner(handle, old);
    // Where no mode is kept, all files have the same one and setting another may be an error.
    if (this.#traits.executable) fchmodSync(handle, modeOf(executable, old, this.#umask));
    futimesSync(handle, secondsOf(mtimeUs), secondsOf(mtimeUs));
  }
}

function modeOf(executable: boolean, old: BigIntStats | undefined, umask: number): number {
  if (old?.isFile() !== true) return (executable ? 0o777 : 0o666) & ~umask;
  const mode = Number(old.mode) & 0o777;
  return executable ? mode | 0o100 | ((mode & 0o444) >> 2) : mode & ~0o111;
}

function copyArchived(root: string, name: string, to: string): void {
  withParent(root, archivedPath(name), (anchor, part) => copyWhole(anchor.at(part), to));
}

function writeAll(handle: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(handle, bytes, done);
}

function keepOwner(handle: number, old: BigIntStats): void {
  const now = fstatSync(handle, { bigint: true });
  if (now.uid === old.uid && now.gid === old.gid) return;
  try {
    fchownSync(handle, Number(old.uid), Number(old.gid));
  } catch {
    // Only the system's administrator may give files away.
  }
}
