/** An executable model of devices with disks: what the planner and touch are checked in. Not a test by itself. */

import type { ContentRef } from '../../src/content/index.js';
import type { ContentId, DeviceId } from '../../src/model/index.js';
import {
  type BaseRow,
  type ClosureLookup,
  type DiskRow,
  MemoryView,
  type Operation,
  originalPath,
  type Plan,
  type PlanInput,
  planTree,
  recordActs,
  type Version,
  versionOf,
  viewRow,
} from '../../src/tree/index.js';
import { contentSize, deviceId, fold, parentOf, targetId } from './ids.js';

export { type Rnd, seeded } from '../seeded.js';
export { contentId, deviceId, parentOf, targetId } from './ids.js';

function refOf(disk: DiskRow): ContentRef {
  const id = disk.content as ContentId;
  if (disk.kind === 'symlink') return { kind: 'symlink', id, size: 1, target: disk.target ?? '' };
  return { kind: 'chunks', id, size: contentSize(id), chunks: [] };
}

/** What befalls a device while it applies a group. */
export interface Chances {
  /** It stops after so many operations, none of which is committed. */
  readonly stopAt?: number | undefined;
  /** What a person does between two operations, and before the commit. */
  between?(): void;
  /** Whether an operation that was done is taken for one that was not. */
  fails?(): boolean;
}

export class Device {
  readonly id: DeviceId;
  readonly view = new MemoryView();
  readonly disk = new Map<string, DiskRow>();
  readonly base = new Map<string, BaseRow>();
  /** Versions held, by author. */
  readonly held = new Map<DeviceId, Version[]>();
  readonly archive = new Set<ContentId>();
  readonly unreadable = new Set<string>();
  /** Files that were not read since they changed. */
  readonly unread = new Set<string>();
  /** Left out by a rule. */
  readonly ignored = new Set<string>();
  /** The disk can't tell upper from lower case. */
  blind = false;
  /** Names that the disk can't hold. */
  readonly reserved = new Set<string>();
  /** Without it contents not on disk or in the archive are needs. */
  online = true;
  /** Whose disks content comes from; by default everything that was ever written can be had. */
  peers: readonly Device[] | undefined;
  firstJoin = false;
  /** Else what is done here is not recorded. */
  writer = true;
  private seq = 0;
  private inode = 0;
  private readonly tick: () => number;

  constructor(n: number, tick: () => number) {
    this.id = deviceId(n);
    this.tick = tick;
  }

  // What a person does.

  write(path: string, content: ContentId, executable = false): void {
    const old = this.disk.get(path);
    const inode = old?.kind === 'file' ? old.inode : `${++this.inode}`;
    this.disk.set(path, { ...this.fresh(path), kind: 'file', size: contentSize(content), inode, executable, content });
  }

  mkdir(path: string): void {
    this.disk.set(path, { ...this.fresh(path), kind: 'directory' });
  }

  symlink(path: string, target: string): void {
    this.disk.set(path, { ...this.fresh(path), kind: 'symlink', target, content: targetId(target) });
  }

  chmod(path: string): void {
    const row = this.disk.get(path);
    if (row?.kind === 'file')
      this.disk.set(path, { ...row, executable: row.executable !== true, ctimeUs: this.tick() });
  }

  /** With everything below. */
  remove(path: string): void {
    for (const below of [...this.disk.keys()])
      if (below === path || below.startsWith(`${path}/`)) this.disk.delete(below);
  }

  rename(from: string, to: string): void {
    const moved = [...this.disk].filter(([path]) => path === from || path.startsWith(`${from}/`));
    for (const [path, row] of moved) {
      this.disk.delete(path);
      const target = `${to}${path.slice(from.length)}`;
      this.disk.set(target, { ...row, path: target });
    }
  }

  private fresh(path: string): DiskRow {
    const now = this.tick();
    return { path, kind: 'file', size: 0, mtimeUs: now, ctimeUs: now, inode: `${++this.inode}` };
  }

  // What the engine does.

  /** Every name that any row knows. */
  allPaths(): Set<string> {
    const all = new Set<string>();
    const add = (path: string): void => {
      for (let at: string | undefined = path; at !== undefined && !all.has(at); at = parentOf(at)) all.add(at);
    };
    for (const path of this.disk.keys()) add(path);
    for (const path of this.base.keys()) add(path);
    for (const path of this.view.paths()) add(path);
    for (const path of this.view.copyNames()) add(path);
    return all;
  }

  lookDisk(path: string): DiskRow | undefined {
    const row = this.disk.get(path);
    if (row !== undefined && this.unreadable.has(path)) return { ...row, kind: 'unreadable' };
    return row?.kind === 'file' && this.unread.has(path) ? { ...row, content: undefined } : row;
  }

  isHere(content: ContentId | undefined): boolean {
    if (content === undefined || this.archive.has(content) || this.hasOnDisk(content)) return true;
    if (!this.online) return false;
    return this.peers === undefined || contentSize(content) < 1_024 || this.peers.some((one) => one.hasOnDisk(content));
  }

  private hasOnDisk(content: ContentId): boolean {
    return [...this.disk.values()].some((row) => row.content === content);
  }

  input(paths: Iterable<string>): PlanInput {
    const wants = ({ path, content }: DiskRow): boolean => viewRow(this.view, path)?.version?.content === content;
    return {
      paths,
      disk: (path) => this.lookDisk(path),
      base: (path) => this.base.get(path),
      view: (path) => viewRow(this.view, path),
      isHere: (version) => this.isHere(version.content),
      isKept: (content) =>
        this.archive.has(content) || [...this.disk.values()].some((row) => row.content === content && wants(row)),
      rule: (path) => (this.ignored.has(originalPath(path)) ? 'ignored' : 'sync'),
      unsyncable: (path) => (this.reserved.has(path) ? 'reserved' : undefined),
      ...(this.blind ? { fold } : {}),
    };
  }

  /** Other paths that the disk can't tell from this one. */
  twinsOf(path: string, paths: Iterable<string>): string[] {
    return this.blind ? [...paths].filter((other) => other !== path && fold(other) === fold(path)) : [];
  }

  closure(): ClosureLookup {
    const all = this.allPaths();
    const input = this.input(all);
    const where = (test: (path: string) => boolean): string[] => [...all].filter(test);
    return {
      disk: input.disk,
      base: input.base,
      view: input.view,
      below: (path) => where((other) => other.startsWith(`${path}/`)),
      holding: (content) => where((path) => this.base.get(path)?.content === content),
      wanting: (content) => where((path) => input.view(path)?.version?.content === content),
      withInode: (inode) =>
        where((path) => this.disk.get(path)?.inode === inode || this.base.get(path)?.stat?.inode === inode),
      twins: (path) => this.twinsOf(path, all),
    };
  }

  plan(): Plan {
    return planTree(this.input(this.allPaths()));
  }

  /** One round: records if there is anything to record, else applies. Returns whether anything was done. */
  round(plan: Plan, stopAt = Number.POSITIVE_INFINITY, crash = false): boolean {
    if (plan.acts.length === 0) this.apply(plan.operations, stopAt, crash);
    else {
      const notes = plan.operations.filter((operation) => operation.op === 'note');
      this.apply(notes, Number.POSITIVE_INFINITY, false);
      this.record(plan);
    }
    return plan.acts.length + plan.operations.length > 0;
  }

  /**
   * One round as the engine goes about it: a group is announced as a whole, done, and committed in the end. Returns
   * whether there was anything to do.
   */
  group({ stopAt = Number.POSITIVE_INFINITY, between, fails }: Chances = {}): boolean {
    const plan = this.plan();
    for (const { op, base } of plan.operations) if (op === 'note') this.base.set(base.path, this.withStat(base));
    if (plan.acts.length > 0 && this.writer) {
      this.record(plan);
      return true;
    }
    const planned = new Set(plan.operations.map(({ path }) => path));
    const group = plan.operations.filter(({ op, after }) => op !== 'note' && !after.some((path) => planned.has(path)));
    const before = new Map([...this.base]);
    for (const operation of group) for (const row of announced(operation)) this.base.set(row.path, row);
    const rows: BaseRow[] = [];
    for (const [i, operation] of group.entries()) {
      if (i >= stopAt) return true;
      between?.();
      const done = this.change(operation);
      if (done === undefined) this.takeBack(operation, before);
      else if (fails?.() !== true) rows.push(...done.map((row) => this.withStat(row)));
    }
    if (group.length >= stopAt) return true;
    between?.();
    for (const row of rows) this.base.set(row.path, row);
    return plan.operations.length > 0;
  }

  /** What was announced does not come. */
  private takeBack(operation: Operation, before: ReadonlyMap<string, BaseRow>): void {
    for (const { path } of announced(operation)) {
      const row = before.get(path);
      if (row === undefined) this.base.delete(path);
      else this.base.set(path, row);
    }
  }

  private record(plan: Plan): void {
    const place = { device: this.id, seq: ++this.seq };
    const touch = recordActs(plan.acts, {
      place,
      ref: (act) => refOf(act.disk),
      base: (path) => this.base.get(path),
      view: (path) => viewRow(this.view, path),
      isFound: () => this.firstJoin,
    });
    const clock = BigInt(this.tick()) << 16n;
    touch.records.forEach((record, index) => {
      this.take(versionOf(record, { ...place, index, clock }));
    });
    for (const row of touch.base) this.base.set(row.path, row);
  }

  take(version: Version): void {
    const held = this.held.get(version.at.device) ?? [];
    held.push(version);
    this.held.set(version.at.device, held);
    this.view.add(version);
  }

  /** Takes what the other has and this one has not, in the order of its logs. */
  syncFrom(other: Device): void {
    for (const [device, versions] of other.held) {
      const mine = this.held.get(device)?.length ?? 0;
      for (const version of versions.slice(mine)) this.take(version);
    }
  }

  /** Stops after `stopAt` operations; a crash then leaves the last one on disk without its base row. */
  private apply(operations: readonly Operation[], stopAt: number, crash: boolean): void {
    const done = new Set<string>();
    for (const [i, operation] of operations.entries()) {
      if (i >= stopAt) return;
      if (!operation.after.every((path) => done.has(path))) continue;
      for (const row of announced(operation)) this.base.set(row.path, row);
      const rows = this.change(operation);
      if (rows === undefined) throw new Error(`impossible: ${operation.op} ${operation.path}`);
      done.add(operation.path);
      if (crash && i + 1 >= stopAt) return;
      for (const row of rows) this.base.set(row.path, this.withStat(row));
    }
  }

  private withStat(row: BaseRow): BaseRow {
    const disk = this.disk.get(row.path);
    if (disk === undefined) return row;
    const { size, mtimeUs, ctimeUs, inode } = disk;
    return { ...row, stat: { size, mtimeUs, ctimeUs, inode } };
  }

  /** Does it as a file system would, refusing what one would refuse. */
  private change(operation: Operation): readonly BaseRow[] | undefined {
    const { path, base } = operation;
    const there = this.disk.get(path);
    const parent = parentOf(path);
    if (there?.kind !== operation.expect?.kind) return undefined;
    // A file that was not read may be known by its inode.
    const isRead = !this.unread.delete(path);
    if (isRead && there?.content !== operation.expect?.content) return undefined;
    const makes = !['note', 'remove', 'rmdir', 'meta'].includes(operation.op);
    if (makes && parent !== undefined && this.disk.get(parent)?.kind !== 'directory') return undefined;
    const moved = operation.op === 'rename' ? operation.from : undefined;
    if (makes && this.twinsOf(path, this.disk.keys()).some((twin) => twin !== moved)) return undefined;
    if (operation.op !== 'note' && operation.op !== 'meta' && there?.content !== undefined)
      this.archive.add(there.content);
    switch (operation.op) {
      case 'note':
        return [base];
      case 'mkdir':
        if (there?.kind === 'directory') return undefined;
        this.mkdir(path);
        return [base];
      case 'rename':
        if (there !== undefined || this.disk.get(operation.from)?.kind !== 'file') return undefined;
        this.rename(operation.from, path);
        return [base, operation.fromBase];
      case 'write':
        if (there?.kind === 'directory' || !this.isHere(operation.version.content)) return undefined;
        this.disk.delete(path);
        this.write(path, operation.version.content as ContentId, operation.version.executable);
        this.disk.set(path, { ...(this.disk.get(path) as DiskRow), mtimeUs: operation.version.mtimeUs });
        return [base];
      case 'symlink':
        if (there?.kind === 'directory') return undefined;
        this.symlink(path, operation.target);
        return [base];
      case 'meta':
        if (there?.kind !== 'file') return undefined;
        this.disk.set(path, { ...there, executable: operation.executable, mtimeUs: operation.mtimeUs });
        return [base];
      case 'remove':
        if (there?.kind !== 'file' && there?.kind !== 'symlink') return undefined;
        this.disk.delete(path);
        return [base];
      case 'rmdir':
        if (there?.kind !== 'directory') return undefined;
        if ([...this.disk.keys()].some((other) => other.startsWith(`${path}/`))) return undefined;
        this.disk.delete(path);
        return [base];
    }
  }

  /** Plans and does until nothing is left to do. Throws when that takes too long. */
  settle(roundsMax = 60): void {
    for (let i = 0; i < roundsMax; i++) if (!this.round(this.plan())) return;
    throw new Error(`no fixed point after ${roundsMax} rounds: ${JSON.stringify(describe(this.plan()))}`);
  }

  /** What a person sees, a line a path. */
  listing(): readonly string[] {
    return [...this.disk.values()].map(lineOf).sort();
  }
}

function lineOf(row: DiskRow): string {
  const what = row.kind === 'directory' ? '' : ` ${row.target ?? row.content?.slice(0, 8)}`;
  return `${row.path} ${row.kind}${what}${row.executable === true ? ' x' : ''}`;
}

export function describe(plan: Plan): unknown {
  return {
    acts: plan.acts.map((act) => `${act.act} ${act.path}`),
    operations: plan.operations.map((operation) => `${operation.op} ${operation.path}`),
    waits: plan.waits,
  };
}

/** Brings devices together until all show the same; throws when they never do. */
export function converge(devices: readonly Device[], roundsMax = 12): void {
  for (const device of devices) {
    device.unreadable.clear();
    device.online = true;
  }
  for (let i = 0; i < roundsMax; i++) {
    for (const device of devices) device.settle();
    const before = devices.map((device) => countHeld(device)).join();
    for (const a of devices) for (const b of devices) if (a !== b) a.syncFrom(b);
    for (const device of devices) device.settle();
    if (before === devices.map((device) => countHeld(device)).join()) return;
  }
  throw new Error('devices keep recording');
}

function countHeld(device: Device): number {
  let count = 0;
  for (const versions of device.held.values()) count += versions.length;
  return count;
}

/** Base rows to commit before the operation. */
function announced(operation: Operation): readonly BaseRow[] {
  const rows = operation.announce === undefined ? [] : [operation.announce];
  return operation.op === 'rename' ? [...rows, operation.makes] : rows;
}
