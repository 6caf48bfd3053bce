import type { ContentRef } from '../../../content/index.js';
import type { ContentKeys, FileOperation, FileResult, FileStamp, HashOutcome } from '../../../ports/index.js';
import {
  type BaseRow,
  conflictDigitsMax,
  conflictDigitsMin,
  conflictName,
  type DiskRow,
  extendVector,
  type LocalPut,
  recordActs,
  vectorWithin,
  viewRow,
} from '../../../tree/index.js';
import type { TreeCore } from '../core.js';
import { rawRecord } from '../disk/local.js';
import { newIdsOf, publicIds } from '../disk/public-ids.js';
import type { Scanner } from '../disk/scan.js';
import type { LateRow } from '../store/rows.js';
import { ArchiveRows, groupOf, pathOf } from './archive-rows.js';

/** After the commit, how long to wait before each look at an archived file; a last one follows the next whole scan. */
const delaysMs = [0, 2_000, 30_000] as const;
/** How long a write waits for what else is to be recorded or applied at its path. */
const patienceMs = 10_000;
const namesMax = 256;
const hashesInFlightMax = 4;

/** Archived files of one group of changes, which are looked at together. */
interface Check {
  /** How often they were looked at in vain. */
  stage: number;
  /** Absent: once a whole scan is through that is none of the first `scans`. */
  dueMs: number | undefined;
  scans: number;
  /** Of an earlier life, which may have ended before anything was replaced. */
  readonly unsure: boolean;
}

type Hashed = Extract<HashOutcome, { readonly outcome: 'hashed' }>;

/**
 * Late writes: what a program that still has a file open writes to it after a change of somebody else's has replaced or
 * removed it (`spec/07 §7`). The file lies in the archive by then and is looked at some more times; what was written to
 * it is recorded at its path as a version that builds on what stood there before.
 */
export class LateWrites {
  readonly #core: TreeCore;
  readonly #scanner: Scanner;
  readonly #index: ArchiveRows;
  readonly #checks = new Map<string, Check>();
  readonly #running = new Set<string>();
  /** Written to, and to be read. */
  readonly #found = new Map<string, { readonly stamp: FileStamp; readonly untilMs: number }>();
  readonly #hashing = new Set<string>();

  constructor(core: TreeCore, scanner: Scanner) {
    this.#core = core;
    this.#scanner = scanner;
    this.#index = new ArchiveRows(core.tables, core.contents);
  }

  /** Nothing that was found is still to be recorded, and everything was looked at once. */
  get idle(): boolean {
    if (this.#found.size + this.#hashing.size > 0) return false;
    for (const { stage } of this.#checks.values()) if (stage === 0) return false;
    return true;
  }

  /** What may lie in the archive since a life or task that did not end well was looked at. */
  get sure(): boolean {
    for (const { stage, unsure } of this.#checks.values()) if (unsure && stage === 0) return false;
    return true;
  }

  /** What an earlier life did not look at to the end. */
  start(): void {
    for (const name of this.#core.tables.paths('late')) this.#begin(groupOf(name), true);
  }

  nextWake(): number | undefined {
    let next: number | undefined;
    for (const [group, { dueMs }] of this.#checks) {
      if (dueMs !== undefined && !this.#running.has(group)) next = Math.min(next ?? dueMs, dueMs);
    }
    for (const { untilMs } of this.#found.values()) next = Math.min(next ?? untilMs, untilMs);
    return next;
  }

  /** A file is about to go into the archive under this name. */
  remember(name: string, { size, mtimeUs }: FileStamp): void {
    const { tables } = this.#core;
    const path = pathOf(name);
    tables.putLate(name, { path, base: tables.base(path), size, mtimeUs, content: undefined });
  }

  /** What came of them; no results when that is not known. */
  applied(group: string, operations: readonly FileOperation[], results: readonly FileResult[]): void {
    const { tables } = this.#core;
    for (const [i, { path }] of operations.entries()) {
      const name = `${group}/${path}`;
      const [row, result] = [tables.late(name), results[i]];
      if (row === undefined || result === undefined) continue;
      const stamp = result.outcome === 'done' ? result.archived?.stamp : undefined;
      if (stamp === undefined) tables.dropLate(name);
      else if (!isSame(row, stamp)) tables.putLate(name, { ...row, size: stamp.size, mtimeUs: stamp.mtimeUs });
    }
    this.#begin(group, results.length < operations.length);
  }

  step(): void {
    for (const [group, check] of this.#checks) {
      if (!this.#running.has(group) && this.#isDue(check)) this.#check(group, check);
    }
    const keys = this.#core.context.contentKeys();
    if (keys === undefined) return;
    for (const [name, { stamp, untilMs }] of this.#found) {
      if (this.#hashing.size >= hashesInFlightMax) break;
      if (this.#hashing.has(name) || (this.#isUnsettled(name) && this.#core.context.steadyMs() < untilMs)) continue;
      this.#found.delete(name);
      this.#hash(name, stamp, keys);
    }
  }

  /** What the disk shows at its path is not yet known for sure, or not yet recorded. */
  #isUnsettled(name: string): boolean {
    const { tables } = this.#core;
    const path = tables.late(name)?.path;
    return path !== undefined && (tables.isMarked('dirty', path) || tables.seen(path) !== undefined);
  }

  #begin(group: string, unsure: boolean): void {
    if (!this.#checks.has(group)) this.#checks.set(group, { stage: 0, dueMs: 0, scans: 0, unsure });
    this.#core.context.again();
  }

  #isDue({ dueMs, scans }: Check): boolean {
    return dueMs === undefined ? this.#scanner.fullScans > scans : this.#core.context.steadyMs() >= dueMs;
  }

  #check(group: string, check: Check): void {
    const { context, root, tables } = this.#core;
    const names = [...tables.below('late', group)];
    if (names.length === 0) return void this.#checks.delete(group);
    this.#running.add(group);
    let left = 0;
    const stamps: (FileStamp | undefined | 'unknown')[] = names.map(() => 'unknown');
    for (let at = 0; at < names.length; at += namesMax) {
      left += 1;
      context.task({ task: 'recheck', root, names: names.slice(at, at + namesMax) }, (result) => {
        left -= 1;
        if (result.task === 'recheck') stamps.splice(at, result.stamps.length, ...result.stamps);
        if (left > 0) return;
        this.#running.delete(group);
        this.#checked(check, names, stamps);
        context.again();
      });
    }
  }

  #checked(check: Check, names: readonly string[], stamps: readonly (FileStamp | undefined | 'unknown')[]): void {
    const isLast = check.stage >= delaysMs.length;
    const mayWrite = this.#core.context.mayWrite();
    let changed = false;
    for (const [i, name] of names.entries()) {
      const row = this.#core.tables.late(name);
      const stamp = stamps[i];
      if (row === undefined || stamp === 'unknown') continue;
      if (stamp === undefined) this.#gone(name, row);
      else if (check.unsure && this.#isInUse(stamp)) this.#takeOut(name, row);
      else if (!isSame(row, stamp)) {
        this.#index.unread(name);
        // A reader's stays where it is, until it may be told.
        if (!mayWrite) continue;
        changed = true;
        const untilMs = this.#found.get(name)?.untilMs ?? this.#core.context.steadyMs() + patienceMs;
        this.#found.set(name, { stamp, untilMs });
      } else if (isLast && !this.#isNeeded(row)) this.#forget(name, row);
    }
    this.#next(check, changed);
  }

  /** Somebody who wrote once may go on: then it all begins again. */
  #next(check: Check, changed: boolean): void {
    const now = this.#core.context.steadyMs();
    check.stage = changed ? 1 : Math.min(check.stage + 1, delaysMs.length);
    const delayMs = delaysMs[check.stage];
    check.dueMs = delayMs === undefined ? undefined : now + delayMs;
    check.scans = this.#scanner.fullScans;
  }

  #forget(name: string, { content }: LateRow): void {
    this.#core.tables.dropLate(name);
    if (content !== undefined && this.#index.get(name)?.content !== content)
      this.#core.contents.releaseArchived(content, name);
  }

  #gone(name: string, row: LateRow): void {
    this.#forget(name, row);
    this.#index.drop(name);
  }

  /** Whether the file stands somewhere in the folder: an earlier life ended before it was replaced. */
  #isInUse({ inode }: FileStamp): boolean {
    const { tables } = this.#core;
    return inode !== '' && tables.withInode(inode).some((path) => tables.disk(path)?.inode === inode);
  }

  #takeOut(name: string, row: LateRow): void {
    const { context, root } = this.#core;
    this.#gone(name, row);
    context.task({ task: 'remove-archived', root, names: [name] }, () => undefined);
  }

  /** Whether what was recorded may lie in the archive alone. */
  #isNeeded({ path, content }: LateRow): boolean {
    if (content === undefined || this.#core.contents.paths(content, 1).length > 0) return false;
    return this.#core.versions.versions(path).some((version) => version.content === content);
  }

  #hash(name: string, expected: FileStamp, keys: ContentKeys): void {
    const { context, root } = this.#core;
    this.#hashing.add(name);
    context.task({ task: 'hash-archived', root, name, expected, keys }, (result) => {
      this.#hashing.delete(name);
      const row = this.#core.tables.late(name);
      const hashed = result.task === 'hash' && result.outcome.outcome === 'hashed' ? result.outcome : undefined;
      // What is still being written to is found again.
      if (row !== undefined && hashed !== undefined) this.#record(name, row, hashed);
      context.again();
    });
  }

  #record(name: string, row: LateRow, hashed: Hashed): void {
    const core = this.#core;
    const { size, mtimeUs, executable } = hashed.row;
    const ref = hashed.content;
    const looked = { ...row, size, mtimeUs };
    const indexed = this.#index.get(name);
    if (indexed !== undefined) this.#index.put(name, { ...indexed, size, mtimeUs, content: ref.id });
    const isNew = row.base?.content !== ref.id && core.tables.base(row.path)?.content !== ref.id;
    const isOurs = !core.context.isView(row.path) && !core.isSkipped(row.path);
    if (!isNew || !isOurs) return core.tables.putLate(name, looked);
    for (const node of hashed.nodes) core.contents.putNode(node.id, node.bytes);
    const disk = { ...hashed.row, content: ref.id, executable: executable ?? row.base?.executable };
    const act = this.#actFor(row, disk);
    if (act === undefined) return core.tables.putLate(name, looked);
    core.contents.holdArchived(ref.id, name, ref);
    const base = this.#append(act, ref);
    core.tables.putLate(name, { path: act.path, base, size, mtimeUs, content: ref.id });
    if (row.content !== undefined && row.content !== ref.id) core.contents.releaseArchived(row.content, name);
  }

  /** At the path, over what stood there when the file was replaced. */
  #actFor({ path, base = absent(path) }: LateRow, disk: DiskRow): LocalPut | undefined {
    const { context, versions } = this.#core;
    const { seq } = context.nextPlace();
    const vector = extendVector(base.vector, context.device(), seq);
    // An entry of ours builds on all earlier ones: it must hide none that this disk did not show there.
    const hides = versions
      .versions(path)
      .some((version) => vectorWithin(version.vector, vector) && !vectorWithin(version.vector, base.vector));
    if (!hides) return { act: 'put', path, disk: { ...disk, path }, base: { ...base, copyOf: undefined } };
    const beside = this.#freeName(path, disk);
    if (beside === undefined) return undefined;
    return { act: 'put', path: beside, disk: { ...disk, path: beside }, base: absent(beside) };
  }

  /** A name beside the path at which nothing ever stood. */
  #freeName(path: string, { content, mtimeUs }: DiskRow): string | undefined {
    const { context, tables, versions } = this.#core;
    const stamp = { hlc: context.nextPlace().clock, device: context.device() };
    for (let digits = conflictDigitsMin; digits <= conflictDigitsMax; digits++) {
      const name = conflictName(path, { content, mtimeUs, stamp }, digits);
      if (name === undefined) return undefined;
      const isTaken = versions.versions(name).length > 0 || versions.copySource(name) !== undefined;
      if (!isTaken && tables.base(name) === undefined && tables.disk(name) === undefined) return name;
    }
    return undefined;
  }

  /** Records it; gives what the next such write builds on. */
  #append(act: LocalPut, ref: ContentRef): BaseRow | undefined {
    const core = this.#core;
    const { context, tables, versions } = core;
    const { path } = act;
    const place = { device: context.device(), seq: context.nextPlace().seq };
    const touch = recordActs([act], {
      place,
      ref: () => ref,
      base: (each) => (each === path ? act.base : tables.base(each)),
      view: (each) => viewRow(versions, each),
      reach: context.reach?.(),
    });
    context.append(touch.records.map(rawRecord), publicIds(newIdsOf(core, act, ref)));
    for (const row of touch.base) if (row.path !== path) core.commitBase(row, undefined, true);
    const view = viewRow(versions, path);
    core.want(path, view?.version);
    for (const copy of view?.copies ?? []) core.want(copy.path, copy.version);
    core.dirty(path);
    return touch.base.find((row) => row.path === path);
  }
}

function absent(path: string): BaseRow {
  return { path, kind: 'absent', size: 0, mtimeUs: 0, executable: false, vector: {} };
}

/** Whether nobody wrote to it; linking alone changes the ctime. */
function isSame(row: LateRow, stamp: FileStamp): boolean {
  return row.size === stamp.size && row.mtimeUs === stamp.mtimeUs;
}
