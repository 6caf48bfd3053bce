import { closeSync, constants, copyFileSync, linkSync, mkdirSync, openSync, readlinkSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { CloudlessError } from '../../errors.js';
import type { FileStamp } from '../../ports/index.js';
import { look } from './anchor.js';
import { isSameContent, stampOf } from './rows.js';
import { privateDirectories, privatePath } from './token.js';

const { COPYFILE_EXCL, O_DIRECTORY = 0, O_RDONLY } = constants;

export interface Archived {
  /** Below the archive directory. */
  readonly name: string;
  readonly stamp: FileStamp;
}

/** Where what a peer replaced or removed is kept: a directory a group, named by its time, with the paths as they were. */
export class Archive {
  readonly #root: string;
  readonly #linked = new Map<string, Archived>();
  readonly #handles: number[] = [];
  #group: string | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  /** Puts what stands at `at` into the archive by a second link; a copy where the file system has none. Throws when it is not what was expected. */
  link(path: string, at: string, expected: FileStamp): void {
    const group = this.#openGroup();
    const name = join(group, path);
    const target = archivePath(this.#root, name);
    mkdirSync(dirname(target), { recursive: true, mode: 0o700 });
    if (expected.kind === 'symlink') symlinkSync(readlinkSync(at), target);
    else linkOrCopy(at, target);
    const stats = look(target);
    const stamp = stats === undefined ? undefined : stampOf(stats);
    const same = expected.kind === 'symlink' || isSameContent(expected, stamp);
    if (stamp === undefined || !same) throw new CloudlessError('not-found', 'What was to be replaced has changed.');
    this.#linked.set(path, { name, stamp });
    this.#handles.push(openSync(dirname(target), O_RDONLY | O_DIRECTORY));
  }

  linked(path: string): Archived | undefined {
    return this.#linked.get(path);
  }

  /** Handles of the directories that got links. */
  directories(): readonly number[] {
    return this.#handles;
  }

  close(): void {
    for (const handle of this.#handles.splice(0)) closeSync(handle);
  }

  #openGroup(): string {
    if (this.#group === undefined) {
      const time = new Date().toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
      this.#group = `${time}-${randomBytes(3).toString('hex')}`;
      const directory = archivePath(this.#root, this.#group);
      mkdirSync(directory, { recursive: true, mode: 0o700 });
      this.#handles.push(openSync(dirname(directory), O_RDONLY | O_DIRECTORY));
    }
    return this.#group;
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

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOSPC') throw error;
    copyFileSync(from, to, COPYFILE_EXCL);
  }
}
