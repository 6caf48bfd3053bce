import { CloudlessError, check } from '../../../errors.js';
import { pathFault } from '../../../model/index.js';
import type { FileOperation, FileResult, FileStamp } from '../../../ports/index.js';
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
  /** Of a file. */
  readonly version: string | undefined;
  readonly files: number;
  /** Bytes of all of them. */
  readonly size: number;
}

type Done = (outcome: Restored | CloudlessError) => void;

/** Files restored in one turn. */
const turnFiles = 128;

/** One file to be brought back. */
interface Item {
  readonly row: NamedRow;
  /** Where it goes. */
  readonly to: string;
  /** Its path below the directory that is restored; nothing of a file that was named itself. */
  readonly below: string;
}

/** What a person asked for, and how far it is. */
interface Job {
  readonly path: string;
  readonly version: string | undefined;
  readonly inside: boolean;
  /** A directory brings back what is not there; a file, or a version that is named, replaces what is. */
  readonly replaces: boolean;
  readonly items: readonly Item[];
  readonly done: Done;
  at: number;
  files: number;
  size: number;
  /** Files that stand there, and why others could not be brought back. */
  there: number;
  failed: number;
  reason: CloudlessError | undefined;
}

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

  /**
   * A file, the latest version where none is named; or all files of a directory, of which those stay that are there
   * when no version is named. Throws what is wrong with the request.
   */
  restore(path: string, version: string | undefined, to: Destination, done: Done): void {
    const inside = 'inside' in to;
    const place = inside ? to.inside : to.outside;
    const items = this.#items(path, version, place);
    if (inside) this.#checkInside(place);
    const replaces = version !== undefined || items[0]?.below === '';
    const count = { at: 0, files: 0, size: 0, there: 0, failed: 0, reason: undefined };
    this.#next({ path, version, inside, replaces, items, done, ...count });
  }

  #items(path: string, version: string | undefined, to: string): readonly Item[] {
    const rows = this.#archive.history(path).filter((each) => pathOf(each.name) === path);
    const row = version === undefined ? rows[0] : rows.find((each) => groupOf(each.name) === version);
    if (row !== undefined) return [{ row, to, below: '' }];
    const items: Item[] = [];
    for (const each of this.#archive.rows.below(path, version)) {
      const below = pathOf(each.name).slice(path.length + 1);
      items.push({ row: each, to: `${to}/${below}`, below });
    }
    const what = version === undefined ? `Nothing of "${path}"` : `No version "${version}" of "${path}"`;
    check(items.length > 0, 'not-found', `${what} is in the archive; "cloudless history" lists what is.`);
    return items;
  }

  #checkInside(path: string): void {
    const { context, stopped } = this.#core;
    check(stopped === undefined, 'io', stopped ?? '');
    const fault = pathFault(path);
    check(fault === undefined, 'bad-path', `"${path}" is no path that a folder can have.`);
    check(!context.isView(path), 'usage', `"${path}" is where a log is shown.`);
    check(context.mayWrite(), 'not-allowed', 'You may not write in this folder; restore it elsewhere with --to.');
  }

  #next(job: Job): void {
    const items = job.items.slice(job.at, job.at + (job.inside ? turnFiles : 1));
    job.at += items.length;
    if (items.length === 0) return job.done(outcomeOf(job));
    const { context, root } = this.#core;
    context.task({ task: 'recheck', root, names: items.map(({ row }) => row.name) }, (result) => {
      if (result.task !== 'recheck') return job.done(troubleOf(result));
      const stamps = new Map<Item, FileStamp>();
      for (const [i, item] of items.entries()) {
        const stamp = result.stamps[i];
        if (stamp !== undefined) stamps.set(item, stamp);
        else this.#isGone(job, item);
      }
      if (!job.inside) return this.#outside(job, [...stamps.keys()]);
      this.#applier.turn((over) => this.#inside(job, stamps, over));
    });
  }

  #isGone(job: Job, { row }: Item): void {
    this.#archive.rows.drop(row.name);
    fail(job, new CloudlessError('not-found', 'That version is not in the archive any more.'));
  }

  #outside(job: Job, [item]: readonly Item[]): void {
    if (item === undefined) return this.#next(job);
    const { context, root } = this.#core;
    const { row, to, below } = item;
    const above = below === '' ? 0 : below.split('/').length;
    context.task({ task: 'export-archived', root, name: row.name, to, above }, (result) => {
      if (result.task === 'failed') fail(job, troubleOf(result));
      else restored(job, row);
      this.#next(job);
    });
  }

  /** Looks at what stands there and above it, for the index of the disk may be behind. */
  #inside(job: Job, stamps: ReadonlyMap<Item, FileStamp>, over: () => void): void {
    const { context, root } = this.#core;
    const paths = new Set([...stamps.keys()].flatMap(({ to }) => [...above(to), to]));
    context.task({ task: 'look', root, paths: [...paths] }, (result) => {
      if (result.task !== 'look') {
        over();
        return job.done(troubleOf(result));
      }
      const there = new Map(result.rows.map((row) => [row.path, row]));
      const operations: FileOperation[] = [];
      const sources = new Map<string, NamedRow>();
      for (const [item, stamp] of stamps) {
        if (!job.replaces && isOnDisk(there.get(item.to))) job.there += 1;
        else if (this.#plan(job, item, stamp, there, operations)) sources.set(item.to, item.row);
      }
      this.#apply(job, operations, sources, over);
    });
  }

  #plan(job: Job, item: Item, stamp: FileStamp, there: Map<string, DiskRow>, operations: FileOperation[]): boolean {
    try {
      check(pathFault(item.to) === undefined, 'bad-path', `"${item.to}" is no path that a folder can have.`);
      operations.push(...operationsFor(item, stamp, there));
      return true;
    } catch (error) {
      if (!(error instanceof CloudlessError)) throw error;
      fail(job, error);
      return false;
    }
  }

  #apply(
    job: Job,
    operations: readonly FileOperation[],
    sources: ReadonlyMap<string, NamedRow>,
    over: () => void,
  ): void {
    this.#edits.apply(operations, (results, reason) => {
      for (const [i, { path }] of operations.entries()) {
        const [row, result] = [sources.get(path), results[i]];
        if (result?.outcome === 'done') {
          if (row !== undefined) restored(job, row);
        } else fail(job, faultOf(path, result, reason));
      }
      over();
      this.#next(job);
    });
  }
}

function restored(job: Job, { size }: NamedRow): void {
  job.files += 1;
  job.size += size;
}

function fail(job: Job, reason: CloudlessError): void {
  job.failed += 1;
  job.reason ??= reason;
}

function faultOf(path: string, result: FileResult | undefined, reason: string): CloudlessError {
  if (result?.outcome === 'failed') return new CloudlessError(result.code, result.reason);
  if (result !== undefined) return new CloudlessError('busy', `"${path}" is being changed; try again.`);
  return new CloudlessError('io', reason);
}

function outcomeOf({ path, version, items, files, size, there, reason }: Job): Restored | CloudlessError {
  const [first] = items;
  if (reason !== undefined) {
    if (items.length === 1) return reason;
    return new CloudlessError(
      reason.code,
      `${files} of ${items.length - there} files are back; of the rest: ${reason.message}`,
    );
  }
  const isAllThere = files === 0 && there > 0;
  const named = '"cloudless history" lists versions, and --version names one to bring back.';
  if (isAllThere) return new CloudlessError('exists', `All files of "${path}" are there; ${named}`);
  return { version: first?.below === '' ? groupOf(first.row.name) : version, files, size };
}

/** The changes of the disk, with directories that are not there. Throws when something else is in the way. */
function operationsFor(
  { row: { name, kind, executable, target = '' }, to: path }: Item,
  { size, mtimeUs }: FileStamp,
  there: Map<string, DiskRow>,
): readonly FileOperation[] {
  const now = there.get(path);
  const isInTheWay = isOnDisk(now) && now?.kind !== 'file' && now?.kind !== 'symlink';
  const parents = above(path).map((each) => [each, there.get(each)] as const);
  for (const [each, row] of parents) {
    const isDirectory = !isOnDisk(row) || row?.kind === 'directory';
    check(isDirectory, 'exists', `"${each}" is no directory now; say where to with --to.`);
  }
  check(!isInTheWay, 'exists', `"${path}" is a directory now; say where to with --to.`);
  const operations: FileOperation[] = [];
  for (const [each, row] of parents) {
    if (isOnDisk(row)) continue;
    operations.push({ type: 'make-directory', path: each });
    there.set(each, { path: each, kind: 'directory', size: 0, mtimeUs: 0, ctimeUs: 0, inode: '' });
  }
  const expected = now !== undefined && isOnDisk(now) ? stampOf(now) : undefined;
  if (kind === 'symlink') operations.push({ type: 'place-symlink', path, target, expected });
  else operations.push({ type: 'place-file', path, archived: name, size, mtimeUs, executable, expected });
  return operations;
}

function isOnDisk(row: DiskRow | undefined): boolean {
  return row !== undefined && row.kind !== 'absent';
}

/** Directories above a path, from the top. */
function above(path: string): readonly string[] {
  return path.split('/').flatMap((_, i, parts) => (i === 0 ? [] : [parts.slice(0, i).join('/')]));
}

function troubleOf(result: TaskResult): CloudlessError {
  const isSaid = result.task === 'failed';
  return isSaid ? new CloudlessError(result.code, result.reason) : new CloudlessError('io', 'It could not be done.');
}
