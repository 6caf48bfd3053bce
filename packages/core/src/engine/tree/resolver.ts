import { CloudlessError, check } from '../../errors.js';
import type { FileOperation, FileResult } from '../../ports/index.js';
import { type ConflictCopy, type DiskRow, viewRow } from '../../tree/index.js';
import type { Keep } from '../commands.js';
import type { TreeCore } from './core.js';
import type { Edits } from './disk/edits.js';
import { type LocalChanges, stampOf } from './disk/local.js';
import type { Applier } from './remote.js';

/** A path that has conflict copies, and what is known of each. */
export interface ConflictRow {
  readonly path: string;
  readonly copies: readonly {
    readonly path: string;
    readonly type: string;
    /** Bytes. */
    readonly size: number;
    /** When it was written, Unix ms; 0 when nobody knows. */
    readonly timeMs: number;
    readonly device: string;
  }[];
}

type Done = (error: CloudlessError | undefined) => void;

/**
 * Settles conflicts as a person would, by acts on this disk (`spec/07 §5`): what goes lies in the archive, and the
 * first touch makes real what stays.
 */
export class Resolver {
  readonly #core: TreeCore;
  readonly #applier: Applier;
  readonly #local: LocalChanges;
  readonly #edits: Edits;

  constructor(core: TreeCore, applier: Applier, local: LocalChanges, edits: Edits) {
    this.#core = core;
    this.#applier = applier;
    this.#local = local;
    this.#edits = edits;
  }

  /** Paths that have conflict copies, in order, at most `limit`. */
  list(limit: number): readonly ConflictRow[] {
    const { versions } = this.#core;
    return versions.conflictPaths(limit).flatMap((path) => {
      const copies = viewRow(versions, path)?.copies ?? [];
      return copies.length === 0 ? [] : [{ path, copies: copies.map(describeCopy) }];
    });
  }

  /** Settles the conflict of a path, or of the path that it is a copy of. Throws, or hands over, what is in the way. */
  resolve(path: string, keep: Keep, done: Done): void {
    const { core, source, copies } = this.#conflictOf(path);
    check(core.context.mayWrite(), 'not-allowed', 'Who may not write can settle no conflict.');
    check(!core.isSkipped(source), 'usage', `${source} is ignored or not wanted on this device.`);
    this.#checkHere(source, copies);
    if (keep === 'both') {
      this.#local.keepCopies(source);
      return done(undefined);
    }
    const operations = keep === 'this' ? this.#removals(copies) : this.#replacement(path, source, copies);
    this.#edits.apply(operations, (results, reason) => done(failureOf(operations, results, reason)));
  }

  #conflictOf(path: string): { core: TreeCore; source: string; copies: readonly ConflictCopy[] } {
    const core = this.#core;
    const source = core.versions.copySource(path) ?? path;
    const copies = viewRow(core.versions, source)?.copies ?? [];
    check(copies.length > 0, 'not-found', `${path} is in no conflict; "conflicts" lists what is.`);
    return { core, source, copies };
  }

  /** Only what this disk shows can be settled here: nobody decides on what they could not see. */
  #checkHere(source: string, copies: readonly ConflictCopy[]): void {
    const paths = new Set([source, ...copies.map((copy) => copy.path)]);
    const plan = this.#applier.planFor([source]);
    const open = [...plan.acts, ...plan.operations, ...plan.needs, ...plan.waits].some((each) => paths.has(each.path));
    const isHere = copies.every((copy) => this.#core.tables.base(copy.path)?.copyOf === source);
    check(!open && isHere, 'busy', `Not everything of ${source} is here yet; try again once the folder is in step.`);
  }

  #removals(copies: readonly ConflictCopy[]): readonly FileOperation[] {
    return copies.map((copy) => removalOf(this.#rowAt(copy.path)));
  }

  /** The copy takes the place of what is shown, and the others go. */
  #replacement(path: string, source: string, copies: readonly ConflictCopy[]): readonly FileOperation[] {
    const isCopy = copies.some((copy) => copy.path === path);
    check(isCopy || copies.length === 1, 'usage', `${source} has ${copies.length} copies: name the one to keep.`);
    const chosen = isCopy ? path : (copies[0] as ConflictCopy).path;
    const [from, shown] = [this.#rowAt(chosen), this.#rowAt(source)];
    const others = this.#removals(copies.filter((copy) => copy.path !== chosen));
    if (shown.kind === 'directory') {
      const [below] = this.#core.tables.below('base', source);
      const text = `${source} is a directory that is not empty: move what is in it away first.`;
      check(below === undefined, 'usage', text);
    }
    if (from.kind === 'directory') {
      return [removalOf(shown), { type: 'make-directory', path: source }, removalOf(from), ...others];
    }
    const move = { type: 'rename', from: chosen, path: source, expectedFrom: stampOf(from) } as const;
    if (shown.kind === 'directory') return [removalOf(shown), { ...move, expected: undefined }, ...others];
    return [{ ...move, expected: stampOf(shown) }, ...others];
  }

  #rowAt(path: string): DiskRow {
    const row = this.#core.tables.disk(path);
    if (row === undefined) throw new CloudlessError('busy', `${path} is not here.`);
    return row;
  }
}

function describeCopy({ path, version }: ConflictCopy): ConflictRow['copies'][number] {
  const { type, size, stamp, mtimeUs } = version;
  const timeMs = stamp.hlc === 0n ? Math.floor(mtimeUs / 1_000) : Number(stamp.hlc >> 16n);
  return { path, type, size, timeMs, device: stamp.device };
}

function removalOf(row: DiskRow): FileOperation {
  const { path } = row;
  return row.kind === 'directory'
    ? { type: 'remove-directory', path }
    : { type: 'remove', path, expected: stampOf(row) };
}

function failureOf(
  operations: readonly FileOperation[],
  results: readonly FileResult[],
  reason: string,
): CloudlessError | undefined {
  for (const [i, { path }] of operations.entries()) {
    const result = results[i];
    if (result?.outcome === 'done') continue;
    if (result?.outcome === 'changed')
      return new CloudlessError('changed', `${path} has just changed; look at it again.`);
    return new CloudlessError('io', `${path}: ${result?.reason ?? reason}`);
  }
  return undefined;
}
