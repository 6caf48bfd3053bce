import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  openSync,
  readlinkSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { CloudlessError } from '../../errors.js';
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
  #group: string | undefined;

  constructor(root: string) {
    this.#root = root;
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
      this.#group = `${time}-${randomBytes(3).toString('hex')}`;
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

export function archivePath(root: string, name: string): string {
  return privatePath(root, privateDirectories.archive, name);
}

/** Of archived files, those whose content has changed since: somebody still had them open. */
export function recheck(root: string, archived: readonly Archived[]): readonly string[] {
  return archived
    .filter(({ name, stamp }) => {
      const stats = look(archivePath(root, name));
      return !isSameContent(stamp, stats === undefined ? undefined : stampOf(stats));
    })
    .map(({ name }) => name);
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
