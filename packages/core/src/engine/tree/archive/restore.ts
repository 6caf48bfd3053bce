import { CloudlessError, check } from '../../../errors.js';
import { pathFault } from '../../../model/index.js';
import type { FileOperation, FileStamp } from '../../../ports/index.js';
import type { DiskRow } from '../../../tree/index.js';
import type { TaskResult } from '../../inputs.js';
import type { TreeCore } from '../core.js';
import type { Edits } from '../disk/edits.js';
import { stampOf } from '../disk/local.js';
import type { Applier } from '../remote.js';
import type { Archive } from './archive.js';
import { groupOf, type NamedRow, pathOf } from './archive-rows.js';

/** Where a version goes: to a path in the folder, or to an absolute one of this machine. */
export type Destination = { readonly inside: string } | { readonly outside: string };

export interface Restored {
  readonly version: string;
  readonly size: number;
}

type Done = (outcome: Restored | CloudlessError) => void;

/**
 * Brings versions back from the archive. In the folder that is an act of this device like any other: the disk changes,
 * which is then recorded, and what stood there goes into the archive.
 */
export class Restorer {
  readonly #core: TreeCore;
  readonly #archive: Archive;
  readonly #applier: Applier;
  readonly #edits: Edits;

  constructor(core: TreeCore, archive: Archive, applier: Applier, edits: Edits) {
    this.#core = core;
    this.#archive = archive;
    this.#applier = applier;
    this.#edits = edits;
  }

  /** The latest version where none is named. Throws what is wrong with the request. */
  restore(path: string, version: string | undefined, to: Destination, done: Done): void {
    const row = this.#version(path, version);
    if ('inside' in to) this.#checkInside(to.inside);
    this.#look(row, (stamp) => {
      if (stamp instanceof CloudlessError) return done(stamp);
      if ('inside' in to) this.#applier.turn((over) => this.#inside(row, stamp, to.inside, ended(done, over)));
      else this.#outside(row, to.outside, done);
    });
  }

  #version(path: string, version: string | undefined): NamedRow {
    const all = this.#archive.history(path);
    const rows = all.filter((each) => pathOf(each.name) === path);
    const row = version === undefined ? rows[0] : rows.find((each) => groupOf(each.name) === version);
    if (row !== undefined) return row;
    const wasDirectory = rows.length === 0 && all.length > 0;
    check(!wasDirectory, 'usage', `"${path}" was a directory; name a file in it, "cloudless history" lists them.`);
    const what = version === undefined ? `Nothing of "${path}"` : `No version "${version}" of "${path}"`;
    throw new CloudlessError('not-found', `${what} is in the archive; "cloudless history" lists what is.`);
  }

  #checkInside(path: string): void {
    const { context, stopped } = this.#core;
    check(stopped === undefined, 'io', stopped ?? '');
    const fault = pathFault(path);
    check(fault === undefined, 'bad-path', `"${path}" is no path that a folder can have.`);
    check(!context.isView(path), 'usage', `"${path}" is where a log is shown.`);
    check(context.mayWrite(), 'not-allowed', 'You may not write in this folder; restore it elsewhere with --to.');
  }

  #look({ name }: NamedRow, done: (stamp: FileStamp | CloudlessError) => void): void {
    const { context, root } = this.#core;
    context.task({ task: 'recheck', root, names: [name] }, (result) => {
      const stamp = result.task === 'recheck' ? result.stamps[0] : undefined;
      if (result.task === 'recheck' && stamp === undefined) this.#archive.rows.drop(name);
      done(
        stamp ?? troubleOf(result) ?? new CloudlessError('not-found', 'That version is not in the archive any more.'),
      );
    });
  }

  #outside({ name, size }: NamedRow, to: string, done: Done): void {
    const { context, root } = this.#core;
    context.task({ task: 'export-archived', root, name, to }, (result) => {
      done(troubleOf(result) ?? { version: groupOf(name), size });
    });
  }

  /** Looks at what stands there and above it, for the index of the disk may be behind. */
  #inside(row: NamedRow, stamp: FileStamp, path: string, done: Done): void {
    const { context, root } = this.#core;
    const paths = [...above(path), path];
    context.task({ task: 'look', root, paths }, (result) => {
      if (result.task !== 'look') return done(troubleOf(result) ?? unknown());
      try {
        this.#apply(row, operationsFor(row, stamp, path, result.rows), path, done);
      } catch (error) {
        if (!(error instanceof CloudlessError)) throw error;
        done(error);
      }
    });
  }

  #apply(row: NamedRow, operations: readonly FileOperation[], path: string, done: Done): void {
    this.#edits.apply(operations, (results, reason) => {
      const bad = results.find(({ outcome }) => outcome !== 'done');
      if (bad?.outcome === 'failed') return done(new CloudlessError(bad.code, bad.reason));
      if (bad !== undefined) return done(new CloudlessError('busy', `"${path}" is being changed; try again.`));
      if (results.length < operations.length) return done(new CloudlessError('io', reason));
      done({ version: groupOf(row.name), size: row.size });
    });
  }
}

/** The changes of the disk, with directories that are not there. Throws when something else is in the way. */
function operationsFor(
  { name, kind, executable, target = '' }: NamedRow,
  { size, mtimeUs }: FileStamp,
  path: string,
  rows: readonly DiskRow[],
): readonly FileOperation[] {
  const operations: FileOperation[] = [];
  for (const row of rows) {
    if (row.path === path) break;
    if (row.kind === 'absent') operations.push({ type: 'make-directory', path: row.path });
    else check(row.kind === 'directory', 'exists', `"${row.path}" is no directory now; say where to with --to.`);
  }
  const there = rows.at(-1);
  const isFree = there === undefined || there.kind === 'absent';
  const isInTheWay = !isFree && there.kind !== 'file' && there.kind !== 'symlink';
  check(!isInTheWay, 'exists', `"${path}" is a directory now; say where to with --to.`);
  const expected = isFree ? undefined : stampOf(there);
  if (kind === 'symlink') operations.push({ type: 'place-symlink', path, target, expected });
  else operations.push({ type: 'place-file', path, archived: name, size, mtimeUs, executable, expected });
  return operations;
}

/** Directories above a path, from the top. */
function above(path: string): readonly string[] {
  return path.split('/').flatMap((_, i, parts) => (i === 0 ? [] : [parts.slice(0, i).join('/')]));
}

function troubleOf(result: TaskResult): CloudlessError | undefined {
  return result.task === 'failed' ? new CloudlessError(result.code, result.reason) : undefined;
}

function unknown(): CloudlessError {
  return new CloudlessError('io', 'It could not be looked at.');
}

function ended(done: Done, over: () => void): Done {
  return (outcome) => {
    over();
    done(outcome);
  };
}
