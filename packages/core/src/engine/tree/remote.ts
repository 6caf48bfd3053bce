import type { ContentId } from '../../model/index.js';
import type { FileOperation, FileResult } from '../../ports/index.js';
import {
  type BaseRow,
  closeSet,
  type DiskRow,
  ignoreFileName,
  type Operation,
  type Plan,
  planTree,
  type Version,
  viewRow,
  type Wait,
} from '../../tree/index.js';
import type { TaskResult } from '../inputs.js';
import type { Archive } from './archive/archive.js';
import type { Brake } from './brake/brake.js';
import { noteForgotten } from './brake/forgotten.js';
import { changesOf, type DiskOperation, expectedOf } from './changes.js';
import type { TreeCore } from './core.js';
import type { LocalChanges } from './disk/local.js';
import type { Scanner } from './disk/scan.js';
import type { Transfers } from './fetch/transfers.js';
import { Making } from './making.js';
import { settle } from './settle.js';
import { Snapshot } from './store/snapshot.js';
import { isBulk } from './store/tables.js';

const planPathsMax = 256;
const groupOperationsMax = 256;
const groupBytesMax = 67_108_864;

/** An operation of the plan with the changes of the disk that it takes. */
interface Job {
  readonly operation: DiskOperation;
  readonly changes: readonly FileOperation[];
  readonly temp: string | undefined;
  /** What the base row was that the operation's announcement replaced. */
  announced?: BaseRow | undefined;
}

/** Plans dirty paths, hands what was done here to be recorded, and applies what others did, one group at a time. */
export class Applier {
  readonly #core: TreeCore;
  readonly #scanner: Scanner;
  readonly #local: LocalChanges;
  readonly #transfers: Transfers;
  readonly #archive: Archive;
  readonly #brake: Brake;
  readonly #making: Making;
  readonly #queue: Job[] = [];
  readonly #turns: ((over: () => void) => void)[] = [];
  #applying = false;
  /** Why the disk takes nothing now. */
  trouble: string | undefined;

  constructor(
    core: TreeCore,
    scanner: Scanner,
    local: LocalChanges,
    transfers: Transfers,
    archive: Archive,
    brake: Brake,
  ) {
    this.#core = core;
    this.#brake = brake;
    this.#making = new Making(core);
    this.#scanner = scanner;
    this.#local = local;
    this.#transfers = transfers;
    this.#archive = archive;
  }

  get isApplying(): boolean {
    return this.#applying;
  }

  get idle(): boolean {
    return !this.#applying && this.#queue.length === 0;
  }

  start(): void {
    this.#making.recover();
  }

  /** Changes the disk by other means, when no group is under way; none begins until it is over. */
  turn(act: (over: () => void) => void): void {
    this.#turns.push(act);
    this.#core.context.again();
  }

  /** One group, or one plan. True when there is more to do now. */
  step(firstJoin: boolean): boolean {
    if (this.#applying) return false;
    const turn = this.#turns.shift();
    if (turn !== undefined) return this.#give(turn);
    if (this.#queue.length === 0 && !this.#local.full) this.#plan(firstJoin);
    if (this.#queue.length > 0) this.#apply();
    return !this.#applying && !this.#local.full && this.#core.tables.count('dirty') > 0;
  }

  #give(turn: (over: () => void) => void): boolean {
    this.#applying = true;
    turn(() => {
      this.#applying = false;
      this.#core.context.again();
    });
    return false;
  }

  /** Why content can't be had now, for a person. */
  shortage({ content, at }: Version): string | undefined {
    return content === undefined ? undefined : this.#transfers.shelf.reasonOf(content, at.device);
  }

  /** What a plan for everything that is dirty around these paths says. */
  planFor(paths: readonly string[]): Plan {
    const snapshot = new Snapshot(this.#core);
    return planTree(snapshot.input(closeSet(snapshot, paths), (version) => this.#transfers.isHere(version)));
  }

  #plan(firstJoin: boolean): void {
    const core = this.#core;
    if (core.tables.count('dirty') === 0) return;
    // The shared rules come first: they say what becomes of the rest.
    const rulesFirst = core.tables.isMarked('dirty', ignoreFileName);
    const dirty = rulesFirst ? [ignoreFileName] : core.tables.marked('dirty', planPathsMax);
    const snapshot = new Snapshot(core);
    const closed = closeSet(snapshot, dirty);
    const whole = planTree(snapshot.input(closed, (version) => this.#transfers.isHere(version)));
    for (const path of closed) {
      core.clean(path);
      if (!core.isDelayed(path)) core.tables.unmark('waiting', path);
    }
    const plan = this.#brake.filter(whole, closed, snapshot);
    this.#report(plan, closed);
    noteForgotten(core, plan, closed);
    this.#local.read(plan.hash);
    for (const operation of plan.operations) if (operation.op === 'note') this.#note(operation);
    this.#letGo(plan, closed, dirty);
    if (plan.acts.length > 0 && core.context.mayWrite()) {
      const unread = this.#local.record(plan.acts, firstJoin);
      for (const { path } of [...plan.operations, ...plan.needs]) {
        if (unread === undefined) core.dirty(path);
        else core.waitFor(path, unread);
      }
      settle(core, this.#transfers, plan.acts);
      this.#wait(plan.waits);
      return;
    }
    for (const { path } of plan.acts) core.tables.mark('unrecorded', path);
    for (const { path, version } of plan.needs) {
      const { content, size } = version;
      if (content !== undefined && !this.#transfers.isBroken(content)) this.#transfers.need(path, content, size);
    }
    this.#wait(plan.waits);
    this.#enqueue(plan.operations);
  }

  #report(plan: Plan, closed: ReadonlySet<string>): void {
    const { unsyncable } = this.#core;
    if (unsyncable.size > 0) for (const path of closed) unsyncable.delete(path);
    for (const { path, reason, on } of plan.unsyncable) {
      unsyncable.set(path, reason);
      this.#core.waitFor(path, on);
    }
  }

  /** What was to be fetched, put aside or tried again for these paths and is wanted no more. */
  #letGo(plan: Plan, closed: ReadonlySet<string>, dirty: readonly string[]): void {
    const needed = new Set(plan.needs.map(({ path }) => path));
    const keeping = new Set<string>();
    for (const operation of plan.operations) {
      if (operation.op === 'write') needed.add(operation.path);
      if ('keep' in operation && operation.keep) keeping.add(operation.path);
    }
    const open = new Set([...plan.operations, ...plan.needs, ...plan.waits].map(({ path }) => path));
    const someNeeded = this.#core.tables.count('need') > 0;
    for (const path of closed) {
      if (someNeeded && !needed.has(path)) this.#transfers.noNeed(path);
      if (!keeping.has(path)) this.#transfers.keepNothing(path);
      if (!open.has(path)) this.#core.resolved(path);
    }
    for (const path of dirty) if (!open.has(path) && !this.#core.unsyncable.has(path)) this.#core.wake(path, closed);
  }

  #wait(waits: readonly Wait[]): void {
    for (const { path, reason, on } of waits) {
      if (reason === 'hash' || reason === 'content' || reason === 'record-first') continue;
      const slash = path.lastIndexOf('/');
      this.#core.waitFor(path, on ?? (reason === 'parent' && slash > 0 ? path.slice(0, slash) : undefined));
    }
  }

  #enqueue(operations: readonly Operation[]): void {
    const core = this.#core;
    const planned = new Set(operations.map(({ path }) => path));
    const jobs: Job[] = [];
    for (const operation of operations) {
      if (operation.op === 'note') continue;
      // It failed just now, and is planned again with its retry, whatever else is planned until then.
      if (pathsOf(operation).some((path) => core.isDelayed(path))) continue;
      const first = operation.after.find((path) => planned.has(path));
      if (first !== undefined) core.waitFor(operation.path, first);
      else {
        const job = this.#job(operation);
        if (job !== undefined) jobs.push(job);
      }
    }
    for (const job of jobs) this.#take(job);
  }

  #take(job: Job): void {
    const core = this.#core;
    for (const path of pathsOf(job.operation)) {
      core.tables.mark('dirty', path);
      core.busy.add(path);
      this.#scanner.touch(path);
    }
    this.#queue.push(job);
  }

  #note({ path, base, expect }: Operation): void {
    const core = this.#core;
    const shown = isShown(base, expect);
    core.commitBase(shown ? withStat(base, expect) : base, undefined, !shown);
    core.dirty(path);
  }

  /** The operation's changes; none when content has to be put together first. */
  #job(operation: DiskOperation): Job | undefined {
    if ('keep' in operation && operation.keep && !this.#isKept(operation)) return undefined;
    if (operation.op !== 'write') return { operation, changes: changesOf(operation), temp: undefined };
    const { path, version, expect } = operation;
    const { ref, size, mtimeUs, executable } = version;
    const common = { type: 'place-file', path, size, mtimeUs, executable, expected: expectedOf(expect) } as const;
    if (ref === undefined || ref.kind === 'symlink') return undefined;
    if (ref.kind === 'empty') return { operation, changes: [{ ...common, bytes: new Uint8Array(0) }], temp: undefined };
    if (ref.kind === 'inline') return { operation, changes: [{ ...common, bytes: ref.bytes }], temp: undefined };
    const temp = this.#transfers.claim(ref.id, path);
    if (temp !== undefined) return { operation, changes: [{ ...common, temp }], temp };
    if (!this.#transfers.isBroken(ref.id)) this.#transfers.need(path, ref.id, size);
    return undefined;
  }

  /** Whether what the operation takes away and another path wants is in a temp file. */
  #isKept({ path, expect }: Operation): boolean {
    if (expect?.kind !== 'file' || !isBulk(expect.size)) return true;
    const content = this.#core.tables.base(path)?.content as ContentId | undefined;
    return content === undefined || this.#transfers.preserve(content, path);
  }

  #apply(): void {
    const { context, root } = this.#core;
    const group: Job[] = [];
    let count = 0;
    let bytes = 0;
    while (this.#queue.length > 0) {
      const [next] = this.#queue as [Job];
      const size = next.operation.op === 'write' ? next.operation.version.size : 0;
      if (group.length > 0 && (count + next.changes.length > groupOperationsMax || bytes + size > groupBytesMax)) break;
      group.push(next);
      this.#queue.shift();
      count += next.changes.length;
      bytes += size;
    }
    this.#applying = true;
    const operations = group.flatMap(({ changes }) => changes);
    const name = this.#archive.prepare(operations);
    for (const job of group) this.#announce(job);
    this.#making.write();
    context.task({ task: 'apply', root, operations, group: name }, (result) => {
      const results = result.task === 'apply' ? result.results : [];
      if (name !== undefined) this.#archive.applied(name, operations, results);
      this.#applied(group, result);
    });
  }

  #announce(job: Job): void {
    const { announce } = job.operation;
    if (announce === undefined) return;
    job.announced = this.#core.tables.base(announce.path);
    for (const row of makes(job.operation, job.announced)) this.#making.add(row);
    if (job.announced !== undefined) this.#core.commitBase(announce, undefined, true);
  }

  #applied(group: readonly Job[], result: TaskResult): void {
    this.#applying = false;
    this.#making.done();
    const results = result.task === 'apply' ? result.results : [];
    const reason = result.task === 'failed' ? result.reason : 'It was not applied.';
    let at = 0;
    this.trouble = undefined;
    for (const job of group) {
      const mine = results.slice(at, at + job.changes.length);
      at += job.changes.length;
      this.#finish(job, mine.length < job.changes.length ? [{ outcome: 'failed', code: 'io', reason }] : mine);
    }
    this.#core.context.again();
  }

  #finish(job: Job, results: readonly FileResult[]): void {
    const core = this.#core;
    const { operation, temp, announced } = job;
    const bad = results.find(({ outcome }) => outcome !== 'done');
    const last = results.at(-1);
    if (bad === undefined && last?.outcome === 'done') this.#done(operation, last.row, temp);
    else if (temp !== undefined && bad?.outcome === 'failed') this.#transfers.lost(temp);
    else if (temp !== undefined) this.#transfers.unclaim(temp);
    if (bad?.outcome === 'changed' && announced !== undefined) core.commitBase(announced, undefined, true);
    // Somebody was faster than the look at what we left: what is there now is found by looking again.
    if (results.some((result) => result.outcome === 'done' && result.meanwhile))
      this.#scanner.paths(pathsOf(operation));
    for (const path of pathsOf(operation)) {
      core.release(path);
      if (bad !== undefined) this.#failed(path, bad);
      else {
        core.succeeded(path);
        if (operation.op !== 'write' && operation.op !== 'symlink' && operation.op !== 'meta') core.dirty(path);
      }
    }
  }

  #failed(path: string, result: FileResult): void {
    const core = this.#core;
    if (result.outcome === 'failed' && result.code === 'not-supported') {
      core.abilities.refuse(path, viewRow(core.versions, path), result.reason);
      return core.dirty(path);
    }
    core.retryLater(path);
    this.#scanner.paths([path]);
    if (result.outcome !== 'failed') return;
    core.troubles.set(path, { code: result.code, reason: result.reason });
    if (result.code === 'disk-full') this.trouble = result.reason;
  }

  #done(operation: DiskOperation, row: DiskRow | undefined, temp: string | undefined): void {
    const core = this.#core;
    const { path, base } = operation;
    if (operation.op === 'rename') core.commitBase(withStat(base, row), undefined);
    else if (operation.op === 'write') this.#written(operation, row);
    else core.commitBase(withStat(base, row), undefined);
    if (operation.op === 'rename') core.commitBase(operation.fromBase, undefined);
    if (temp !== undefined) this.#transfers.placed(temp);
    this.#transfers.noNeed(path);
    this.#transfers.keepNothing(path);
    core.brake.done(path);
    core.context.emit({ type: 'event', event: { event: 'changed', folder: core.context.folder, path } });
  }

  /** What is found there may be of somebody who was faster than our look: then it is not what the base row says. */
  #written(operation: Extract<Operation, { readonly op: 'write' }>, row: DiskRow | undefined): void {
    const core = this.#core;
    const { base, version } = operation;
    const ours = row !== undefined && row.kind === 'file' && row.size === version.size;
    core.commitBase(ours ? withStat(base, row) : base, version.ref, !ours);
    if (ours || row === undefined) return;
    core.see(row);
    core.dirty(row.path);
  }
}

/** Announcements of what an operation makes where nothing is known to be. */
function makes(operation: DiskOperation, before: BaseRow | undefined): readonly BaseRow[] {
  if (operation.op === 'rename') return [operation.makes];
  return before === undefined && operation.announce !== undefined ? [operation.announce] : [];
}

function pathsOf(operation: Operation): readonly string[] {
  return operation.op === 'rename' ? [operation.path, operation.from] : [operation.path];
}

/** Whether the disk shows what a base row says. */
function isShown(base: BaseRow, row: DiskRow | undefined): boolean {
  if ((row?.kind ?? 'absent') !== base.kind) return false;
  return row?.content === undefined || row.content === base.content;
}

function withStat(base: BaseRow, row: DiskRow | undefined): BaseRow {
  if (base.kind === 'absent' || row === undefined || row.kind === 'absent') return base;
  const { size, mtimeUs, ctimeUs, inode } = row;
  return { ...base, stat: { size, mtimeUs, ctimeUs, inode } };
}
