import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  openSync,
  readlinkSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from 'node:fs';
import { CloudlessError, check } from '../../errors.js';
import { privateName } from '../../model/index.js';
import type { FileStamp } from '../../ports/index.js';
import { Anchor, look, withParent } from './anchor.js';
import type { Originals } from './originals.js';
import { isSameContent, stampOf } from './rows.js';
import { secondsOf, syncAll } from './sync.js';
import { privateDirectories } from './token.js';

const { COPYFILE_EXCL, O_NOFOLLOW = 0, O_RDONLY } = constants;

export interface Archived {
  /** Below the archive directory. */
  readonly name: string;
  readonly stamp: FileStamp;
}

/**
 * Where what a peer replaced or removed is kept: a directory a group, named by its time, with the paths as they were.
 * Its directories are opened one in another, following no link, so that a long path fits and none leads elsewhere.
 */
export class Archive {
  readonly #root: string;
  readonly #linked = new Map<string, Archived>();
  /** Directories that got entries, each once: what has to be durable before anything is changed. */
  readonly #directories = new Map<string, Anchor>();
  /** Copies, likewise. */
  readonly #copies: number[] = [];
  readonly #name: string | undefined;
  readonly #originals: Originals;
  #group: string | undefined;

  /** `group`: the name of its directory, else one of its own making. */
  constructor(root: string, group: string | undefined, originals: Originals) {
    this.#root = root;
    this.#originals = originals;
    this.#name = group;
  }

  /**
   * Puts what stands at `at` into the archive by a second link; a copy where the file system has none. Throws when it
   * is not what was expected.
   */
  link(path: string, at: string, expected: FileStamp): void {
    const name = `${this.#openGroup()}/${path}`;
    const slash = name.lastIndexOf('/');
    const target = this.#directory(name.slice(0, slash)).at(name.slice(slash + 1));
    const linked = expected.kind === 'symlink' ? copyLink(at, target) : linkOrCopy(at, target, this.#originals);
    const stats = look(target);
    const stamp = stats === undefined ? undefined : stampOf(stats);
    if (stamp === undefined || !isArchivedOf(expected, stamp, linked)) {
      unlinkSync(target);
      throw new CloudlessError('not-found', 'What was to be replaced has changed.');
    }
    this.#linked.set(path, { name, stamp });
    if (!linked && stamp.kind === 'file') this.#copies.push(openSync(target, O_RDONLY | O_NOFOLLOW));
  }

  /** Takes back what was linked for a change that was not made after all. */
  unlink(path: string): void {
    const archived = this.#linked.get(path);
    if (archived === undefined) return;
    this.#linked.delete(path);
    withParent(this.#root, archivedPath(archived.name), (anchor, name) => unlinkSync(anchor.at(name)));
  }

  linked(path: string): Archived | undefined {
    return this.#linked.get(path);
  }

  /** Makes all that was put there durable. */
  async sync(): Promise<void> {
    const opened: number[] = [];
    try {
      const handles = [...this.#directories.values()].map(({ handle, base }) => {
        if (handle !== undefined) return handle;
        opened.push(openSync(base, O_RDONLY));
        return opened.at(-1) as number;
      });
      await syncAll([...this.#copies, ...handles]);
    } finally {
      for (const handle of opened) closeSync(handle);
    }
  }

  close(): void {
    for (const handle of this.#copies.splice(0)) closeSync(handle);
    for (const anchor of this.#directories.values()) anchor.close();
    this.#directories.clear();
  }

  #openGroup(): string {
    if (this.#group === undefined) {
      const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
      this.#group = this.#name ?? `${time}-${randomBytes(3).toString('hex')}`;
      check(isName(this.#group), 'unsafe-path', 'This is no name of a group in the archive.');
    }
    return this.#group;
  }

  /** A directory in the archive, made with those above it where they are not there. */
  #directory(name: string): Anchor {
    const known = this.#directories.get(name);
    if (known !== undefined) return known;
    const anchor = this.#open(name);
    this.#directories.set(name, anchor);
    return anchor;
  }

  #open(name: string): Anchor {
    if (name === '') return Anchor.open(this.#root, [privateName, privateDirectories.archive]);
    const slash = name.lastIndexOf('/');
    const above = this.#directory(name.slice(0, Math.max(0, slash)));
    const part = name.slice(slash + 1);
    if (look(above.at(part)) === undefined) mkdirSync(above.at(part), 0o700);
    return above.below(part);
  }
}

function isName(part: string): boolean {
  return /^[0-9a-zA-Z-]{1,64}$/.test(part);
}

/** Where an archived file lies below the root. Throws `unsafe-path` for a name that leads out of the archive. */
export function archivedPath(name: string): string {
  const isInside = name
    .split('/')
    .every((part) => part !== '' && part !== '.' && part !== '..' && !part.includes('\0'));
  check(isInside, 'unsafe-path', 'This is no name in the archive.');
  return `${privateName}/${privateDirectories.archive}/${name}`;
}

/** Whether what lies in the archive is what was seen; a copy may have a coarser time. */
function isArchivedOf(expected: FileStamp, stamp: FileStamp, linked: boolean): boolean {
  if (expected.kind === 'symlink') return stamp.kind === 'symlink';
  return linked ? stamp.inode === expected.inode && isSameContent(expected, stamp) : stamp.size === expected.size;
}

/** Whether it could be linked. */
function linkOrCopy(from: string, to: string, originals: Originals): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOSPC' || code === 'EEXIST') throw error;
  }
  originals.follow(from, to, () => copyWhole(from, to));
  return false;
}

/** A copy with the same time where there is nothing; nothing when it can't be made as a whole. */
export function copyWhole(from: string, to: string): void {
  const stats = look(from);
  check(stats?.isFile() === true, 'not-found', 'What is to be copied is not there any more.');
  copyFileSync(from, to, COPYFILE_EXCL);
  try {
    const seconds = secondsOf(Number(stats.mtimeNs / 1_000n));
    utimesSync(to, seconds, seconds);
  } catch (error) {
    unlinkSync(to);
    throw error;
  }
}

function copyLink(from: string, to: string): false {
  symlinkSync(readlinkSync(from), to);
  return false;
}
