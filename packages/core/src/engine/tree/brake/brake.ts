import type { DeviceId } from '../../../model/index.js';
import {
  aboveOf,
  type BrakeWindow,
  type CountedKind,
  conflictWindowMs,
  contentsMade,
  isStorm,
  isTooMuch,
  mayEmpty,
  type PendingChange,
  type Plan,
  pendingChanges,
  stormyChanges,
  type Version,
  windowAt,
  withhold,
} from '../../../tree/index.js';
import type { TreeCore } from '../core.js';
import type { Snapshot } from '../store/snapshot.js';
import { letGo, undo, undoHere } from './brake-answer.js';
import type { BrakeGroup, BrakeRow, BrakeRows } from './brake-rows.js';
import { brakeText, type Hold } from './brake-text.js';
import { dropForgotten, forgottenHold, shareForgotten } from './forgotten.js';

/** What takes something away waits so long for more of its kind: one act of a person is many changes. */
const gatherMs = 200;
/** Where there are many already, more may be on their way for longer: on a slow disk, in the next entry. */
const gatherManyMs = 2_000;
const many = 10;
/** And no longer than this, while the tree is busy with other things. */
const gatherMsMax = 10_000;
const examinedRows = 1_000;
/** Which move of the root was judged, as `Root.movedMs`. */
const judgedName = 'moved-judged';
const countedKinds: readonly CountedKind[] = ['delete', 'overwrite'];

/** How many changes a decision let go or undid. */
export interface Decided {
  readonly deletes: number;
  readonly overwrites: number;
  readonly conflicts: number;
  readonly forgotten: number;
}

interface Examination {
  readonly paths: Iterator<string>;
  /** A file was found that nobody deletes. */
  survivors: boolean;
}

/**
 * Stands between plans and what is done about them. Changes that take something away are gathered until all that
 * belong together were found, then let go or held; everything else passes at once.
 */
export class Brake {
  readonly #core: TreeCore;
  readonly #rows: BrakeRows;
  /** Whether nothing is left to look at, read or plan, so that what was gathered is all there is. */
  readonly #isQuiet: () => boolean;
  #firstMs = 0;
  #lastMs = 0;
  #examination: Examination | undefined;

  constructor(core: TreeCore, isQuiet: () => boolean) {
    this.#core = core;
    this.#rows = core.brake;
    this.#isQuiet = isQuiet;
  }

  /** After a restart what was being gathered is found again. */
  start(): void {
    for (const { path, row } of this.#rows.all()) {
      if (row.state !== 'gathered') continue;
      this.#rows.drop(path);
      this.#core.dirty(path);
    }
  }

  get held(): number {
    return this.#rows.count('held') + this.#core.tables.count('forgotten');
  }

  get idle(): boolean {
    return this.#rows.count('gathered') === 0;
  }

  nextWake(): number | undefined {
    if (this.idle) return undefined;
    const quietMs = this.#quietMs();
    return this.#core.context.steadyMs() < quietMs ? quietMs : this.#firstMs + gatherMsMax;
  }

  /** By then all that belongs together should have been found. */
  #quietMs(): number {
    return this.#lastMs + (this.#rows.count('gathered') > many ? gatherManyMs : gatherMs);
  }

  /** The part of a plan that may go on. What it stops is remembered, and planned again when it may. */
  filter(plan: Plan, closed: Iterable<string>, snapshot: Snapshot): Plan {
    const rows = this.#rows;
    const lookup = {
      own: this.#core.context.device(),
      base: (path: string) => snapshot.base(path),
      view: (path: string) => snapshot.view(path),
      versions: (path: string) => snapshot.versions(path),
    };
    // What may not be recorded is no danger to anybody.
    const mayWrite = this.#core.context.mayWrite();
    const pending = pendingChanges(plan, lookup).filter(({ side }) => side === 'in' || mayWrite);
    const changes = new Map(pending.map((change) => [change.path, change]));
    for (const change of stormyChanges(plan, lookup, this.#storms())) changes.set(change.path, change);
    if (changes.size === 0 && rows.isEmpty) return plan;
    this.#forget(plan, closed, changes);
    const overwrites = [...changes.values()].filter(({ kind }) => kind === 'overwrite').length;
    const stopped = new Set<string>();
    for (const change of changes.values()) if (!this.#passes(change, overwrites)) stopped.add(change.path);
    if (rows.isEmpty) return plan;
    this.#makeRoom(plan);
    for (const content of contentsMade(plan, lookup)) for (const path of rows.taking(content)) this.#excuse(path);
    const withheld = withhold(
      plan,
      (path) => stopped.has(path),
      (path) => rows.staysBelow(path),
    );
    for (const [path, on] of withheld.waiting) this.#core.waitFor(path, on);
    return withheld.plan;
  }

  /** Judges what was gathered, once that is all. True when there is more to do now. */
  step(): boolean {
    if (this.#examination !== undefined) return this.#examine(this.#examination);
    if (this.idle || !this.#isDue()) {
      if (this.idle) this.#relax();
      return false;
    }
    if (!this.#isSuspect()) {
      this.#judge(true);
      return false;
    }
    this.#examination = { paths: this.#core.tables.paths('base'), survivors: false };
    return true;
  }

  /** A version of a device gave a path conflict copies. */
  conflict({ path, at }: Version): void {
    const { context, versions } = this.#core;
    const own = context.device();
    const device =
      at.device === own ? versions.versions(path).find((each) => each.at.device !== own)?.at.device : at.device;
    if (device === undefined) return;
    const group = this.#rows.group({ side: 'in', device });
    const now = context.now();
    const over = now - group.conflictsSinceMs >= conflictWindowMs || group.conflictsSinceMs > now;
    this.#rows.putGroup({
      ...group,
      conflicts: over ? 1 : group.conflicts + 1,
      conflictsSinceMs: over ? now : group.conflictsSinceMs,
    });
  }

  holds(): readonly Hold[] {
    const rows = this.#rows;
    const holds = rows.groups().flatMap((group) => {
      if (group.heldSinceMs === undefined || rows.count('held', group) === 0) return [];
      const { side, device, files, empties } = group;
      return [{ side, device, sinceMs: group.heldSinceMs, files, empties, ...this.#decided(group) }];
    });
    return [...holds, ...forgottenHold(this.#core)];
  }

  /** For a person: who did what, and how to decide. */
  reason(): string {
    return brakeText(this.holds(), this.#core.context.name());
  }

  /** Lets everything go that is held: exactly that, and nothing that comes later. */
  approve(): Decided {
    return this.#decide((path, row) => letGo(this.#core, path, row), shareForgotten);
  }

  /** Undoes everything that is held: here what was done here, for everybody what was done elsewhere. */
  reject(): Decided {
    return this.#decide((path, row) => undo(this.#core, path, row), dropForgotten);
  }

  #decide(each: (path: string, row: BrakeRow) => void, forgotten: (core: TreeCore) => void): Decided {
    const rows = this.#rows;
    const decided = this.#decided();
    forgotten(this.#core);
    for (const { path, row } of rows.all()) {
      if (row.state !== 'held') continue;
      each(path, row);
      this.#again(path);
    }
    for (const group of rows.groups()) {
      if (group.heldSinceMs === undefined || rows.count('held', group) > 0) continue;
      const { heldSinceMs: _since, window: _window, ...rest } = group;
      rows.putGroup({ ...rest, conflicts: 0, empties: false });
    }
    this.#core.context.again();
    return decided;
  }

  #decided(group?: BrakeGroup): Decided {
    const count = (kind: PendingChange['kind']): number => this.#rows.count('held', group, kind);
    const forgotten = group === undefined ? this.#core.tables.count('forgotten') : 0;
    return { deletes: count('delete'), overwrites: count('overwrite'), conflicts: count('conflict'), forgotten };
  }

  /** Whether a change may go on now. */
  #passes(change: PendingChange, overwrites: number): boolean {
    const rows = this.#rows;
    const { path, ...rest } = change;
    const row = rows.get(path);
    const known =
      row !== undefined && row.side === change.side && row.device === change.device && row.kind === change.kind;
    if (known && row.mark === change.mark) return row.state === 'released';
    const state = known && row.state !== 'released' ? row.state : this.#firstState(change, overwrites);
    rows.put(path, { ...rest, state });
    if (state === 'gathered') this.#gathered(change);
    if (state === 'held') this.#holdGroup(change);
    if (state === 'released' && change.kind === 'overwrite') this.#countIn(change, 'overwrite', 1);
    return state === 'released';
  }

  #firstState(change: PendingChange, overwrites: number): BrakeRow['state'] {
    const { kind } = change;
    const rows = this.#rows;
    if (kind === 'conflict') return 'held';
    if (rows.count('held', change, kind === 'directory' ? 'delete' : kind) > 0) return 'held';
    if (kind !== 'overwrite') return 'gathered';
    // Few of them don't wait: their number can't come near the limit.
    const more = overwrites + rows.count('gathered', change, kind) + this.#core.tables.count('dirty');
    return isTooMuch(kind, more, this.#window(change), this.#isStrict()) ? 'gathered' : 'released';
  }

  #gathered(change: PendingChange): void {
    this.#rows.putGroup(this.#rows.group(change));
    const now = this.#core.context.steadyMs();
    if (this.#rows.count('gathered') === 1) this.#firstMs = now;
    this.#lastMs = now;
  }

  #isDue(): boolean {
    const now = this.#core.context.steadyMs();
    if (now >= this.#firstMs + gatherMsMax) return true;
    return now >= this.#quietMs() && this.#isQuiet();
  }

  /** What comes into a directory whose going is held is not stopped by that: the directory is made again. */
  #makeRoom(plan: Plan): void {
    for (const { path, reason } of plan.waits) {
      if (reason !== 'parent') continue;
      for (const above of aboveOf(path)) {
        const row = this.#rows.get(above);
        if (row?.side !== 'out' || row.kind !== 'directory' || row.state !== 'held') continue;
        // What stands in its place was made by a person, who has not been asked yet.
        if ((this.#core.tables.disk(above)?.kind ?? 'absent') !== 'absent') continue;
        this.#rows.drop(above);
        undoHere(this.#core, above);
        this.#again(path);
      }
    }
  }

  /** Rows of paths that were planned and no longer have the change. */
  #forget(plan: Plan, closed: Iterable<string>, changed: ReadonlyMap<string, PendingChange>): void {
    const rows = this.#rows;
    if (rows.isEmpty) return;
    const unsaid = new Set(plan.waits.filter(({ reason }) => reason !== 'record-first').map(({ path }) => path));
    // A note comes before the change itself, or says that there is none: the path is planned again then.
    for (const operation of plan.operations) if (operation.op === 'note') unsaid.add(operation.path);
    for (const path of closed) if (!changed.has(path) && !unsaid.has(path)) rows.drop(path);
  }

  /** Some group has gathered more than may go without a look at all that stays. */
  #isSuspect(): boolean {
    return this.#rows.groups().some((group) => countedKinds.some((kind) => this.#isOver(group, kind, false)));
  }

  #isOver(group: BrakeGroup, kind: CountedKind, survivors: boolean): boolean {
    const count = this.#rows.count('gathered', group, kind);
    if (count === 0) return false;
    if (isTooMuch(kind, count, this.#window(group), this.#isStrict())) return true;
    return kind === 'delete' && !survivors && mayEmpty(count, this.#core.total('files'));
  }

  /** Looks for what was deleted and lives elsewhere, and whether anything is left. */
  #examine(examination: Examination): boolean {
    const { tables } = this.#core;
    for (let i = 0; i < examinedRows; i++) {
      const { value: path, done } = examination.paths.next();
      if (done === true) {
        this.#examination = undefined;
        this.#judge(examination.survivors);
        return false;
      }
      const base = tables.base(path);
      if (base === undefined || base.kind === 'absent' || base.kind === 'directory') continue;
      if (this.#rows.get(path)?.kind === 'delete') continue;
      examination.survivors = true;
      if (base.content === undefined) continue;
      for (const taken of this.#rows.taking(base.content)) this.#excuse(taken);
    }
    return true;
  }

  #judge(survivors: boolean): void {
    const rows = this.#rows;
    for (const group of rows.groups()) {
      for (const kind of countedKinds) {
        const count = rows.count('gathered', group, kind);
        if (count > 0 && this.#isOver(group, kind, survivors)) this.#hold(group, kind, survivors);
        else if (count > 0) this.#pass(group, kind, count);
      }
      const directories = rows.count('gathered', group, 'directory');
      if (directories > 0)
        this.#move(group, 'directory', rows.count('held', group, 'delete') > 0 ? 'held' : 'released');
    }
  }

  #hold(group: BrakeGroup, kind: CountedKind, survivors: boolean): void {
    const count = this.#rows.count('gathered', group, kind);
    this.#holdGroup(group);
    if (kind === 'delete' && !survivors && mayEmpty(count, this.#core.total('files')))
      this.#rows.putGroup({ ...this.#rows.group(group), empties: true });
    this.#move(group, kind, 'held');
    this.#core.context.again();
  }

  /** The first of what is held of a device says since when, and of how many files. */
  #holdGroup(of: Pick<BrakeGroup, 'side' | 'device'>): void {
    const group = this.#rows.group(of);
    const goesOn = group.heldSinceMs !== undefined && this.#rows.count('held', of) > 1;
    if (goesOn) return;
    const window = this.#window(of);
    const heldSinceMs = this.#core.context.now();
    this.#rows.putGroup({ ...group, window, heldSinceMs, files: window.files, empties: false });
  }

  #pass(group: BrakeGroup, kind: CountedKind, count: number): void {
    this.#countIn(group, kind, count);
    this.#move(group, kind, 'released');
  }

  #move(group: BrakeGroup, kind: PendingChange['kind'], state: BrakeRow['state']): void {
    for (const { path, row } of this.#rows.all()) {
      if (row.state !== 'gathered' || row.kind !== kind || row.side !== group.side || row.device !== group.device)
        continue;
      this.#rows.put(path, { ...row, state });
      if (state === 'released') this.#again(path);
    }
  }

  /** A delete that only was one half of a move, and counts for nothing. */
  #excuse(path: string): void {
    const row = this.#rows.get(path);
    if (row === undefined || row.state === 'released') return;
    this.#rows.put(path, { ...row, state: 'released' });
    this.#again(path);
  }

  /** Plans a path again, and directories that could not go because of it. */
  #again(path: string): void {
    this.#core.dirty(path);
    for (const above of aboveOf(path)) this.#core.dirty(above);
  }

  #window(of: Pick<BrakeGroup, 'side' | 'device'>): BrakeWindow {
    const { context } = this.#core;
    return windowAt(this.#rows.group(of).window, context.now(), this.#core.total('files'));
  }

  #countIn(of: Pick<BrakeGroup, 'side' | 'device'>, kind: CountedKind, count: number): void {
    const window = this.#window(of);
    this.#rows.putGroup({ ...this.#rows.group(of), window: { ...window, [kind]: window[kind] + count } });
  }

  /** The root is another directory with the same token, and what that made look changed was not all judged. */
  #isStrict(): boolean {
    const { tables } = this.#core;
    return tables.number('moved') !== tables.number(judgedName);
  }

  #relax(): void {
    const { tables } = this.#core;
    if (this.held === 0 && this.#isStrict() && this.#isQuiet()) tables.putNumber(judgedName, tables.number('moved'));
  }

  /** Who brought about too many conflicts. */
  #storms(): ReadonlySet<DeviceId> {
    const groups = this.#rows.groups().filter(({ conflicts }) => isStorm(conflicts));
    return new Set(groups.map(({ device }) => device));
  }
}
