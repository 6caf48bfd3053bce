import { isPrivateName, pathFault } from '../../../model/index.js';
import type { Blind } from '../../../ports/index.js';
import type { DiskRow } from '../../../tree/index.js';
import type { TaskId, TaskResult } from '../../inputs.js';
import type { TreeCore } from '../core.js';
import { diskOfBase, pathKey } from '../store/rows.js';
import { isAtOrBelow, outermost } from './below.js';
import { staysDamaged } from './damage.js';
import { Rescans } from './rescans.js';
import { newScan, type Scan } from './running-scan.js';

/** Looking at everything instead of named paths pays from so many on, and where they are a good part of everything. */
const namedPathsMin = 1_024;
const namedShare = 0.5;
const halfHourMs = 1_800_000;

/** Looks at the disk: all of it at the start and now and then, and the paths that the watcher names. */
export class Scanner {
  readonly #core: TreeCore;
  #wanted: Set<string> | 'all' = new Set();
  #looks: (() => void)[] = [];
  #scan: Scan | undefined;
  #complete = false;
  #fullScans = 0;
  #countedMs = 0;
  readonly #rescans = new Rescans();

  constructor(core: TreeCore) {
    this.#core = core;
  }

  /** Whether the whole tree was looked at in this life. */
  get complete(): boolean {
    return this.#complete;
  }

  get idle(): boolean {
    return this.#scan === undefined && !this.#isWanted();
  }

  /** Nothing is known that would have to be looked at; it may be looked whether there is something. */
  get calm(): boolean {
    return !this.#isWanted() && (this.#scan === undefined || this.#scan.told?.size === 0);
  }

  /** Everything is looked at, and not only since that was due. */
  get scanningAll(): boolean {
    return this.#wanted === 'all' || (this.#scan?.paths === 'all' && this.#scan.told === undefined);
  }

  /** Why not everything is watched, for a person. */
  get blindness(): string | undefined {
    return this.#rescans.reason;
  }

  /** Looks at everything that are through: all that were asked for, of those that were due one in half an hour. */
  get fullScans(): number {
    return this.#fullScans;
  }

  nextWake(): number | undefined {
    return this.#complete && this.#scan === undefined ? this.#rescans.nextWake() : undefined;
  }

  /** What the watch does not see from now on. */
  blind(blind: Blind): void {
    this.#rescans.blind(blind, this.#core.context.steadyMs());
    this.#core.context.again();
  }

  all(): void {
    this.#wanted = 'all';
    this.#core.context.again();
  }

  paths(paths: Iterable<string>): void {
    const namedMax = Math.max(namedPathsMin, this.#core.total('live') * namedShare);
    for (const path of paths) {
      if (this.#wanted === 'all') return;
      if (path === '' || path === '.') return this.all();
      if (this.#core.isBelowSkipped(path)) continue;
      this.#wanted.add(this.#topmostUnknown(path));
      if (this.#wanted.size > namedMax) return this.all();
    }
    this.#core.context.again();
  }

  /** Calls back once a scan that begins from now on is through. */
  look(done: () => void): void {
    this.#looks.push(done);
    this.all();
  }

  /** What is still to be called back. */
  get looks(): readonly (() => void)[] {
    return [...(this.#scan?.looks ?? []), ...this.#looks];
  }

  /** An operation of ours is about to change this path. */
  touch(path: string): void {
    this.#scan?.stale.add(path);
  }

  scanned(task: TaskId, rows: readonly DiskRow[]): void {
    if (this.#scan?.task === task) this.#scan.rows.push(rows);
  }

  /** Whether rows of this scan wait to be compared. */
  hasRows(task: TaskId): boolean {
    return this.#scan?.task === task && this.#scan.rows.length > 0;
  }

  /** Begins a scan if one is wanted, or takes up to `rowsMax` rows of it. True when there is more to do now. */
  step(rowsMax: number): boolean {
    if (this.#scan !== undefined) return this.#take(this.#scan, rowsMax);
    this.#begin();
    return false;
  }

  #isWanted(): boolean {
    return this.#wanted === 'all' || this.#wanted.size > 0;
  }

  #begin(): void {
    const { context, root, busy } = this.#core;
    const now = context.steadyMs();
    this.#rescans.began(now);
    const due = this.#complete ? this.#rescans.due(now) : undefined;
    const told = due === undefined || this.#wanted === 'all' ? undefined : this.#wanted;
    if (due !== undefined) this.#add(due);
    const paths = this.#wanted === 'all' ? 'all' : outermost(this.#wanted).filter((path) => !busy.has(path));
    if (paths.length === 0) {
      if (due !== undefined) this.#rescans.ended(now, due, true);
      return;
    }
    const { rules } = this.#core;
    const texts = rules.isEmpty ? undefined : rules.texts;
    const task = context.task({ task: 'scan', root, paths, rules: texts }, (result) => this.#ended(result));
    const looks = paths === 'all' ? this.#looks : [];
    if (paths === 'all') this.#looks = [];
    this.#scan = newScan({ task, paths, rules, looks, told }, busy);
    this.#wanted = new Set(this.#wanted === 'all' ? [] : [...this.#wanted].filter((path) => busy.has(path)));
  }

  #add(due: readonly string[] | 'all'): void {
    if (due === 'all' || this.#wanted === 'all') this.#wanted = 'all';
    else this.#wanted = new Set([...this.#wanted, ...due.filter((path) => !this.#core.isBelowSkipped(path))]);
  }

  #ended(result: TaskResult): void {
    if (this.#scan === undefined) return;
    if (result.task === 'scan') this.#scan.ended = result.root;
    else
      this.#scan.ended = { state: 'unreadable', reason: result.task === 'failed' ? result.reason : 'The scan failed.' };
    this.#core.context.again();
  }

  #take(scan: Scan, rowsMax: number): boolean {
    let left = rowsMax;
    while (left > 0 && scan.rows.length > 0) {
      const slice = scan.rows.shift() as readonly DiskRow[];
      for (const row of slice.slice(0, left)) this.#row(scan, row);
      if (slice.length > left) scan.rows.unshift(slice.slice(left));
      left -= Math.min(left, slice.length);
    }
    if (scan.rows.length > 0) return true;
    if (scan.ended === undefined) return false;
    const trouble = this.#core.scanTrouble(scan.ended);
    if (trouble !== undefined) return this.#failed(scan, trouble);
    if (scan.rules !== this.#core.rules) return this.#repeat(scan);
    return scan.absent === undefined ? this.#sweep(scan, rowsMax) : this.#lookAgain(scan, rowsMax);
  }

  #failed(scan: Scan, reason: string): boolean {
    this.#scan = undefined;
    this.#looks.push(...scan.looks);
    this.#wanted = 'all';
    this.#core.stopped = reason;
    return false;
  }

  /** The rules have changed: what was not seen may not have been looked at. */
  #repeat(scan: Scan): boolean {
    this.#scan = undefined;
    this.#looks.push(...scan.looks);
    if (scan.paths === 'all') this.all();
    else this.paths(scan.paths);
    return true;
  }

  #row(scan: Scan, row: DiskRow): void {
    const core = this.#core;
    const { path } = row;
    if (path === '' || core.context.isView(path)) return;
    if (core.isBelowSkipped(path)) {
      scan.seen.add(path);
      return;
    }
    const fault = pathFault(path);
    if (fault !== undefined) {
      if (!isPrivateName(path.split('/')[0] as string) && core.rules.judge(path, false).rule === 'sync') {
        scan.seen.add(path);
        core.unnameable.set(path, row.reason ?? `The name can't be said to others (${fault}).`);
      }
      return;
    }
    if (scan.stale.size > 0 && isAtOrBelow(path, scan.stale)) {
      this.paths([path]);
      scan.seen.add(path);
      return;
    }
    if (row.kind === 'absent') return;
    scan.seen.add(path);
    if (row.kind === 'unreadable' || row.kind === 'other') scan.closed.add(path);
    core.takeBack(path, true);
    this.#compare(scan, row);
  }

  #compare(scan: Scan, row: DiskRow): void {
    const core = this.#core;
    const { tables } = core;
    if (tables.isUntouched(row, pathKey(row.path))) {
      // Damage does not show in a file's looks.
      if (tables.seen(row.path)?.row.damaged === true) return;
      if (tables.count('disk') > 0 && core.unsee(row.path)) core.dirty(row.path);
      return;
    }
    if (this.#isSameLink(row)) return;
    const known = tables.seen(row.path);
    if (known !== undefined && sameLook(known.row, row)) {
      if (!this.#complete) core.dirty(row.path);
      return;
    }
    if (known !== undefined && staysDamaged(core, known, row)) return;
    this.#found(scan, row);
  }

  #found({ told }: Scan, row: DiskRow): void {
    const { path } = row;
    const isTold = told === undefined || isAtOrBelow(path, told) || this.#wanted === 'all';
    if (!isTold && !isAtOrBelow(path, this.#wanted as ReadonlySet<string>)) this.#rescans.found(path);
    this.#core.see(row);
    this.#core.dirty(path);
  }

  /** A link that was made anew and leads to the same place is the same: only its looks are noted. */
  #isSameLink(row: DiskRow): boolean {
    if (row.kind !== 'symlink') return false;
    const base = this.#core.tables.base(row.path);
    if (base?.kind !== 'symlink' || base.target !== row.target) return false;
    const { size, mtimeUs, ctimeUs, inode } = row;
    if (this.#core.tables.seen(row.path) !== undefined) this.#core.dirty(row.path);
    this.#core.commitBase({ ...base, stat: { size, mtimeUs, ctimeUs, inode } }, undefined);
    return true;
  }

  /** Finds what was known and was not seen. Nothing is gone below what could not be looked into. */
  #sweep(scan: Scan, rowsMax: number): boolean {
    scan.missing ??= this.#known(scan);
    for (let i = 0; i < rowsMax; i++) {
      const { value: path, done } = scan.missing.next();
      if (done === true) {
        if (scan.missed.size === 0) return this.#finish(scan);
        // What the scan was asked for by name was looked at by name.
        scan.absent = new Set(scan.paths === 'all' ? [] : scan.paths.filter((path) => scan.missed.has(path)));
        scan.doubts = outermost(scan.missed).filter((path) => !isAtOrBelow(path, scan.absent as Set<string>));
        return true;
      }
      if (!scan.seen.has(path)) this.#missed(scan, path);
    }
    return true;
  }

  *#known(scan: Scan): Generator<string> {
    const { tables } = this.#core;
    const { paths } = scan;
    if (paths === 'all') {
      yield* tables.paths('base');
      yield* tables.paths('disk');
      return;
    }
    for (const path of paths) {
      yield path;
      // Nothing is known below a file that is as it was left.
      const isAsLeft = scan.seen.has(path) && tables.seen(path) === undefined;
      if (isAsLeft && tables.base(path)?.kind === 'file') continue;
      yield* tables.below('base', path);
      yield* tables.below('disk', path);
    }
  }

  /** A path that was known and not found; nothing is said yet where it may only not have been seen. */
  #missed(scan: Scan, path: string): void {
    const core = this.#core;
    if (isAtOrBelow(path, scan.stale)) return this.paths([path]);
    if (isAtOrBelow(path, scan.closed) || core.isBelowSkipped(path) || core.takeBack(path, false)) return;
    const seen = core.tables.seen(path);
    const base = core.tables.base(path);
    if (base === undefined || diskOfBase(base) === undefined) {
      if (seen === undefined) return;
      core.unsee(path);
      return core.dirty(path);
    }
    if (seen?.row.kind !== 'absent' || !this.#complete) scan.missed.add(path);
  }

  /**
   * A directory that was listed while names in it moved may have kept one back, so a name is gone only when asking for
   * it finds nothing either.
   */
  #lookAgain(scan: Scan, pathsMax: number): boolean {
    if (scan.looking) return false;
    const next = scan.doubts.slice(0, pathsMax);
    if (next.length === 0) return this.#believe(scan, scan.absent ?? new Set());
    scan.doubts = scan.doubts.slice(pathsMax);
    scan.looking = true;
    const { context, root } = this.#core;
    context.task({ task: 'look', root, paths: next }, (result) => {
      if (this.#scan !== scan) return;
      scan.looking = false;
      const found = new Map(result.task === 'look' ? result.rows.map((row) => [row.path, row.kind]) : []);
      for (const path of next) if (found.get(path) === 'absent') scan.absent?.add(path);
      context.again();
    });
    return false;
  }

  #believe(scan: Scan, absent: ReadonlySet<string>): boolean {
    for (const path of scan.missed) {
      if (!isAtOrBelow(path, absent) || isAtOrBelow(path, scan.stale)) {
        this.paths([path]);
        continue;
      }
      this.#found(scan, { path, kind: 'absent', size: 0, mtimeUs: 0, ctimeUs: 0, inode: '' });
    }
    return this.#finish(scan);
  }

  /** True when there is more to do now. */
  #finish(scan: Scan): boolean {
    const now = this.#core.context.steadyMs();
    this.#scan = undefined;
    this.#forgetUnnameable(scan);
    if (scan.paths === 'all') {
      this.#complete = true;
      this.#count(scan, now);
    }
    this.#rescans.ended(now, scan.paths, scan.told !== undefined);
    for (const done of scan.looks) done();
    this.#core.context.again();
    return this.#isWanted();
  }

  #count({ told }: Scan, nowMs: number): void {
    if (told !== undefined && nowMs - this.#countedMs < halfHourMs) return;
    this.#fullScans += 1;
    this.#countedMs = nowMs;
  }

  /** Names that could not be said and are there no more: the directories that stayed because of them may go. */
  #forgetUnnameable(scan: Scan): void {
    const { unnameable } = this.#core;
    const looked = scan.paths === 'all' ? undefined : new Set(scan.paths);
    for (const path of unnameable.keys()) {
      const isLooked = looked === undefined || isAtOrBelow(path, looked);
      if (scan.seen.has(path) || !isLooked || isAtOrBelow(path, scan.closed)) continue;
      unnameable.delete(path);
      for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
        this.#core.dirty(path.slice(0, slash));
      }
    }
  }

  /** A path whose directory is not known yet says that more than it is new. */
  #topmostUnknown(path: string): string {
    const { tables } = this.#core;
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      const above = path.slice(0, slash);
      if (tables.disk(above)?.kind !== 'directory') return above;
    }
    return path;
  }
}

function sameLook(a: DiskRow, b: DiskRow): boolean {
  return (
    a.kind === b.kind &&
    a.size === b.size &&
    a.mtimeUs === b.mtimeUs &&
    a.ctimeUs === b.ctimeUs &&
    a.inode === b.inode &&
    a.executable === b.executable &&
    a.target === b.target
  );
}
