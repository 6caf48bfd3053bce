import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  openSync,
  readlinkSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CloudlessError, check } from '../../errors.js';
import { privateName } from '../../model/index.js';
import type { FileStamp } from '../../ports/index.js';
import { look } from './anchor.js';
import { isSameContent, stampOf } from './rows.js';
import { secondsOf } from './sync.js';
import { privateDirectories, privatePath } from './token.js';

const { COPYFILE_EXCL, O_RDONLY } = constants;

export interface Archived {
  /** Below the archive directory. */
  readonly name: string;
  readonly stamp: FileStamp;
}

/**
 * Where what a peer replaced or removed is kept: a directory a group, named by its time, with the paths as they were.
 */
export class Archive {
  readonly #root: string;
  readonly #linked = new Map<string, Archived>();
  /** Directories that got entries, and copies, each once: what has to be durable before anything is changed. */
  readonly #handles = new Map<string, number>();
  readonly #name: string | undefined;
  #group: string | undefined;

  /** `group`: the name of its directory, else one of its own making. */
  constructor(root: string, group: string | undefined) {
    this.#root = root;
    this.#name = group;
  }

  /**
   * Puts what stands at `at` into the archive by a second link; a copy where the file system has none. Throws when it
   * is not what was expected.
   */
  link(path: string, at: string, expected: FileStamp): void {
    const name = join(this.#openGroup(), path);
    const target = archivePath(this.#root, name);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    const linked = expected.kind === 'symlink' ? copyLink(at, target) : linkOrCopy(at, target);
    const stats = look(target);
    const stamp = stats === undefined ? undefined : stampOf(stats);
    if (stamp === undefined || !isArchivedOf(expected, stamp, linked)) {
      unlinkSync(target);
      throw new CloudlessError('not-found', 'What was to be replaced has changed.');
    }
    this.#linked.set(path, { name, stamp });
    if (!linked && stamp.kind === 'file') this.#hold(name);
    for (let above = dirname(name); above !== '.'; above = dirname(above)) this.#hold(above);
  }

  /** Takes back what was linked for a change that was not made after all. */
  unlink(path: string): void {
    const archived = this.#linked.get(path);
    if (archived === undefined) return;
    this.#linked.delete(path);
    unlinkSync(archivePath(this.#root, archived.name));
  }

  linked(path: string): Archived | undefined {
    return this.#linked.get(path);
  }

  /** Handles of what has to be made durable. */
  handles(): Iterable<number> {
    return this.#handles.values();
  }

  close(): void {
    for (const handle of this.#handles.values()) closeSync(handle);
    this.#handles.clear();
  }

  #openGroup(): string {
    if (this.#group === undefined) {
      const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
      this.#group = this.#name ?? `${time}-${randomBytes(3).toString('hex')}`;
      mkdirSync(archivePath(this.#root, this.#group), { recursive: true, mode: 0o700 });
      this.#hold('.');
    }
    return this.#group;
  }

  #hold(name: string): void {
    if (this.#handles.has(name)) return;
    this.#handles.set(name, openSync(archivePath(this.#root, name), O_RDONLY));
  }
}

/** Throws `unsafe-path` for a name that leads out of the archive. */
export function archivePath(root: string, name: string): string {
  const isInside = name.split('/').every((part) => part !== '' && part !== '..') && !name.includes('\0');
  check(isInside, 'unsafe-path', 'This is no name in the archive.');
  return privatePath(root, privateDirectories.archive, name);
}

/** Where an archived file lies below the root. */
export function archivedPath(name: string): string {
  return `${privateName}/${privateDirectories.archive}/${name}`;
}

/** How archived files look now. */
export function recheck(root: string, names: readonly string[]): readonly (FileStamp | undefined)[] {
  return names.map((name) => {
    const stats = look(archivePath(root, name));
    return stats === undefined ? undefined : stampOf(stats);
  });
}

/** Takes files out of the archive, and directories that are left empty. */
export function removeArchived(root: string, names: readonly string[]): void {
  for (const name of names) {
    try {
      unlinkSync(archivePath(root, name));
      for (let above = dirname(name); above !== '.'; above = dirname(above)) rmdirSync(archivePath(root, above));
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST'].includes(code)) throw error;
    }
  }
}

/** Whether what lies in the archive is what was seen; a copy may have a coarser time. */
function isArchivedOf(expected: FileStamp, stamp: FileStamp, linked: boolean): boolean {
  if (expected.kind === 'symlink') return stamp.kind === 'symlink';
  return linked ? stamp.inode === expected.inode && isSameContent(expected, stamp) : stamp.size === expected.size;
}

/** Whether it could be linked. */
function linkOrCopy(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOSPC') throw error;
    copyFileSync(from, to, COPYFILE_EXCL);
    const seconds = secondsOf(Number(statSync(from, { bigint: true }).mtimeNs / 1_000n));
    utimesSync(to, seconds, seconds);
    return false;
  }
}

function copyLink(from: string, to: string): false {
  symlinkSync(readlinkSync(from), to);
  return false;
}
