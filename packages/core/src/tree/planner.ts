/** The planner: what to record, what to apply and what has to wait (`spec/07 §6`). Pure. */

import { pathVersionsMax, vectorKeysMax } from '../limits.js';
import { type Facts, FactTable, isLiveBase, isOnDisk, isWanted, sameAsView } from './facts.js';
import { isForgettable, type Partner, Partners } from './partners.js';
import {
  absentRow,
  adoptedBaseRow,
  adoptedRow,
  announcedRow,
  bookkeeping,
  doneRow,
  newlySeen,
  renamedRow,
  trimmed,
  viewBaseRow,
} from './plan-rows.js';
import type { LocalAct, Operation, Over, Plan, PlanInput, WaitReason } from './plan-types.js';
import type { BaseRow, ViewRow } from './rows.js';
import { Twins, type TwinVerdict } from './twins.js';
import type { Version } from './types.js';

/** Order of operations: what is made from local content comes before what is replaced, that before what goes. */
const phases = { note: 0, mkdir: 1, rename: 2, write: 3, symlink: 3, meta: 4, remove: 5, rmdir: 6 } as const;
const replacePhase = 4;

/** The plan for a closed set: that of everything, restricted to the set. Reads no clock and has no effect. */
export function planTree(input: PlanInput): Plan {
  return new Planner(input).plan();
}

interface Outcome {
  readonly acts: LocalAct[];
  readonly operations: Operation[];
  readonly needs: Plan['needs'][number][];
  readonly hash: string[];
  readonly waits: Plan['waits'][number][];
  readonly conflicts: Plan['conflicts'][number][];
  readonly unsyncable: Plan['unsyncable'][number][];
}

class Planner {
  private readonly input: PlanInput;
  private readonly paths: readonly string[];
  private readonly facts: FactTable;
  private readonly partners: Partners;
  private readonly twins: Twins;
  private readonly renames: ReadonlyMap<string, string>;
  private readonly moved: ReadonlySet<string>;
  private readonly out: Outcome = {
    acts: [],
    operations: [],
    needs: [],
    hash: [],
    waits: [],
    conflicts: [],
    unsyncable: [],
  };
  /** Paths at which this plan makes a directory. */
  private readonly made = new Set<string>();
  /** Paths at which this plan makes a file. */
  private readonly written = new Set<string>();

  constructor(input: PlanInput) {
    this.input = input;
    this.paths = [...new Set(input.paths)].sort();
    this.facts = new FactTable(input, this.paths);
    this.partners = new Partners(this.facts, this.paths);
    this.twins = new Twins(this.facts, this.paths, input.fold?.bind(input));
    this.renames = this.partners.renames((target, source) => this.canHold(target, source));
    this.moved = new Set(this.renames.values());
  }

  plan(): Plan {
    const leaving: Facts[] = [];
    for (const path of this.paths) {
      const facts = this.facts.of(path);
      if (this.place(facts) === 'leaves') leaving.push(facts);
    }
    this.clear(leaving);
    const { operations } = this.out;
    operations.sort((a, b) => phaseOf(a) - phaseOf(b) || pathOrder(a, b));
    return this.out;
  }

  /** Everything about a path but its going. */
  private place(facts: Facts): 'leaves' | undefined {
    const { path, view, local } = facts;
    if (view !== undefined && view.copies.length > 0) this.out.conflicts.push({ path, copies: view.copies });
    if (facts.skipped) return undefined;
    const unread = facts.taken ? this.unreadTaken(facts) : undefined;
    if (facts.taken && unread === undefined) this.keep(facts, facts.base);
    if (facts.unsyncable !== undefined) this.cannot(facts, facts.unsyncable);
    else if (facts.unknown) this.skip(facts);
    else if (unread !== undefined) this.wait(path, 'partner', unread);
    else if (local === 'put' || local === 'delete') this.record(facts);
    else if (local === 'hash') this.read(facts);
    else if (local === 'done') this.keep(facts, doneRow(facts));
    else if (local === 'adopt') this.note(facts, adoptedRow(facts));
    else if (local === 'adopt-base') this.note(facts, adoptedBaseRow(facts));
    else if (facts.settled) this.keep(facts, bookkeeping(facts));
    else {
      this.keep(facts, trimmed(facts));
      return this.apply(facts);
    }
    return undefined;
  }

  /** What could not be looked at, or is nothing that is synced. */
  private skip({ path, disk, unknownAt }: Facts): void {
    this.wait(path, 'unknown', unknownAt);
    if (disk?.kind === 'other' && disk.reason !== undefined) this.out.unsyncable.push({ path, reason: disk.reason });
  }

  private cannot({ path, disk, base, view, unsyncableAt }: Facts, reason: string, on = unsyncableAt): undefined {
    if (isOnDisk(disk) || isWanted(view)) this.out.unsyncable.push({ path, reason, on });
    else if (on !== undefined && !sameAsView(base, view, disk)) this.wait(path, 'parent', on);
  }

  private read(facts: Facts): void {
    this.out.hash.push(facts.path);
    this.wait(facts.path, 'hash');
  }

  private record(facts: Facts): undefined {
    const { path, disk, base } = facts;
    const partner = base === undefined ? undefined : this.unreadTarget(facts, base);
    if (partner !== undefined) return this.wait(path, 'partner', partner);
    if (base !== undefined && Object.keys(base.vector).length >= vectorKeysMax) return this.wait(path, 'vector-full');
    const copies = newlySeen(facts);
    const common = copies.length === 0 ? { path } : { path, copies };
    if (isOnDisk(disk)) this.out.acts.push({ ...common, act: 'put', disk, base });
    else if (base !== undefined) this.out.acts.push({ ...common, act: 'delete', base });
    return this.wait(path, 'record-first');
  }

  /** A file that has this one's inode and was not read yet: the delete may be half of a rename. */
  private unreadTarget(facts: Facts, base: BaseRow): string | undefined {
    const inode = base.stat?.inode ?? '';
    if (isOnDisk(facts.disk) || inode === '' || base.kind !== 'file') return undefined;
    return this.unread().get(inode);
  }

  private unreadByInode: Map<string, string> | undefined;

  private unread(): ReadonlyMap<string, string> {
    if (this.unreadByInode !== undefined) return this.unreadByInode;
    const unread = new Map<string, string>();
    if (this.input.inodesTrusted !== false) {
      for (const path of this.paths) {
        const { local, disk } = this.facts.of(path);
        if (local === 'hash' && disk !== undefined && !unread.has(disk.inode)) unread.set(disk.inode, path);
      }
    }
    this.unreadByInode = unread;
    return unread;
  }

  /** What may be what a person took from a path, moved and not read yet. */
  private unreadTaken({ path, base }: Facts): string | undefined {
    return this.paths.find((other) => {
      const { local, disk, view } = this.facts.of(other);
      if (local !== 'hash' || other === path) return false;
      return disk?.inode === base?.stat?.inode || view?.version?.content === base?.content;
    });
  }

  private keep(facts: Facts, row: BaseRow | undefined): void {
    if (row !== undefined) this.note(facts, row);
  }

  private note(facts: Facts, base: BaseRow): void {
    this.out.operations.push({ op: 'note', path: facts.path, expect: facts.disk, base, after: [] });
  }

  /** The view differs from a disk that is as we left it. */
  private apply(facts: Facts): 'leaves' | undefined {
    const { path, view, base } = facts;
    if (view === undefined && isLiveBase(base) && !isForgettable(facts)) return this.wait(path, 'quarantine');
    if (view !== undefined && view.versions.length > pathVersionsMax) return this.wait(path, 'too-many-versions');
    if (!isWanted(view)) return 'leaves';
    const source = view.copyOf === undefined ? undefined : this.facts.of(view.copyOf);
    if (source?.local === 'hash' && source.base?.leaving === true) return this.wait(path, 'partner', source.path);
    if (view.kind === 'unknown') return this.cannot(facts, 'Made by a newer version of Cloudless.');
    if (facts.disk?.kind === 'directory' && view.kind !== 'directory') return this.giveWay(facts, view);
    const twin = isOnDisk(facts.disk) ? undefined : this.twinOf(facts);
    if (twin?.verdict === 'unsyncable')
      return this.cannot(facts, `This disk can't tell it from “${twin.on}”.`, twin.on);
    if (twin?.verdict === 'wait' && this.renames.get(path) !== twin.on) return this.wait(path, 'twin', twin.on);
    if (!this.parentStands(facts)) return this.wait(path, 'parent');
    return this.make(facts, view);
  }

  /** The verdict on a path, or on the directory above it that can't be made because of its twin. */
  private twinOf(facts: Facts): TwinVerdict {
    const twin = this.twins.judge(facts.path);
    const parent = this.facts.parentOf(facts.path);
    if (twin.verdict === 'unsyncable' || parent === undefined || isOnDisk(parent.disk)) return twin;
    const above = this.twinOf(parent);
    return above.verdict === 'unsyncable' ? above : twin;
  }

  /** A directory where something else is wanted: it goes first, once that is here. */
  private giveWay(facts: Facts, view: ViewRow): 'leaves' | undefined {
    if (view.version !== undefined && !this.isHere(facts, view.version)) return undefined;
    this.wait(facts.path, 'in-the-way');
    return 'leaves';
  }

  private make(facts: Facts, view: ViewRow): undefined {
    if (view.kind === 'directory') return this.makeDirectory(facts, view);
    const { version } = view;
    if (version === undefined) return undefined;
    if (view.kind === 'symlink') return this.makeSymlink(facts, view, version);
    return this.makeFile(facts, view, version);
  }

  private makeDirectory(facts: Facts, view: ViewRow): undefined {
    const { path, disk } = facts;
    const over = overOf(facts);
    if (over === 'directory') return this.note(facts, viewBaseRow(facts, view)) as undefined;
    const keep = this.takeAway(facts, 'now');
    if (keep === undefined) return undefined;
    const base = viewBaseRow(facts, view);
    this.made.add(path);
    const announce = announcedRow(facts, base);
    this.out.operations.push({ op: 'mkdir', path, over, keep, expect: disk, base, announce, after: [] });
    return undefined;
  }

  private makeSymlink(facts: Facts, view: ViewRow, version: Version): undefined {
    const { path, disk } = facts;
    const keep = this.takeAway(facts, 'now');
    if (keep === undefined) return undefined;
    const base = viewBaseRow(facts, view);
    const target = version.target ?? '';
    const common = { path, expect: disk, base, announce: announcedRow(facts, base), after: [] };
    this.out.operations.push({ op: 'symlink', ...common, over: overOf(facts), target, keep });
    return undefined;
  }

  private makeFile(facts: Facts, view: ViewRow, version: Version): undefined {
    const { path, disk, base: old } = facts;
    const base = viewBaseRow(facts, view);
    const announce = announcedRow(facts, base);
    const common = { path, expect: disk, base, announce, after: [] };
    if (old?.kind === 'file' && isOnDisk(disk) && !facts.damaged && old.content === version.content) {
      const { executable, mtimeUs } = version;
      this.out.operations.push({ op: 'meta', ...common, executable, mtimeUs });
      return undefined;
    }
    const from = this.renames.get(path);
    if (from !== undefined) return this.rename(facts, view, this.facts.of(from));
    if (!this.isHere(facts, version)) return undefined;
    const keep = this.takeAway(facts, 'later');
    if (keep === undefined) return undefined;
    this.written.add(path);
    this.out.operations.push({ op: 'write', ...common, over: overOf(facts), version, keep });
    return undefined;
  }

  private rename(facts: Facts, view: ViewRow, source: Facts): undefined {
    const { path, disk } = facts;
    const fromBase = absentRow(source);
    const base = renamedRow(facts, view, source);
    this.written.add(path);
    this.out.operations.push({
      op: 'rename',
      path,
      expect: disk,
      base,
      announce: announcedRow(source, fromBase),
      makes: announcedRow(facts, base),
      after: [],
      from: source.path,
      fromExpect: source.disk,
      fromBase,
    });
    return undefined;
  }

  private isHere(facts: Facts, version: Version): boolean {
    if (version.type !== 'file' || this.partners.isHeld(version.content) || this.input.isHere(version)) return true;
    this.out.needs.push({ path: facts.path, version, ref: version.ref });
    this.wait(facts.path, 'content');
    return false;
  }

  /**
   * Whether the file that stands at a path may go: `undefined` when another path has to get its content first, else
   * whether the archive must keep it for another path. `now`: before files are made in the same plan.
   */
  private takeAway(facts: Facts, when: 'now' | 'later'): boolean | undefined {
    if (!isOnDisk(facts.disk)) return false;
    const partners = this.partnersOf(facts);
    const first = partners.find(({ state }) => state === 'blocked' || (when === 'now' && state === 'ready'));
    if (first === undefined) return partners.length > 0;
    this.wait(facts.path, 'partner', first.path);
    return undefined;
  }

  /** Whether a directory for the path is on disk or made by this plan. */
  private parentStands(facts: Facts): boolean {
    const parent = this.facts.parentOf(facts.path);
    return parent === undefined || parent.disk?.kind === 'directory' || this.made.has(parent.path);
  }

  /** Whether the file at `source` could be moved here at once. */
  private canHold(facts: Facts, source: string): boolean {
    const parent = this.facts.parentOf(facts.path);
    if (parent !== undefined && parent.disk?.kind !== 'directory' && !this.willBeMade(parent)) return false;
    if ((facts.view?.versions.length ?? 0) > pathVersionsMax) return false;
    const twin = this.twins.judge(facts.path);
    if (twin.verdict === 'clear') return true;
    return twin.verdict === 'wait' && twin.on === source && this.input.casesRenamed !== false;
  }

  /** Paths that need the content from here and can ever have it. */
  private partnersOf(facts: Facts): readonly Partner[] {
    return this.partners.waitingFor(facts).filter(({ path }) => {
      const { disk, view } = this.facts.of(path);
      if ((view?.versions.length ?? 0) > pathVersionsMax) return false;
      return isOnDisk(disk) || this.twins.judge(path).verdict !== 'unsyncable';
    });
  }

  /** A directory that this plan surely makes: nothing stands there or above it. */
  private willBeMade(facts: Facts): boolean {
    const { disk, view, local, unknown, skipped, unsyncable } = facts;
    if (isOnDisk(disk) || view?.kind !== 'directory' || local !== 'none') return false;
    if (unknown || skipped || unsyncable !== undefined || view.versions.length > pathVersionsMax) return false;
    if (this.twins.judge(facts.path).verdict !== 'clear') return false;
    const parent = this.facts.parentOf(facts.path);
    return parent === undefined || parent.disk?.kind === 'directory' || this.willBeMade(parent);
  }

  /** Plans what goes, the deepest first, so that a directory knows whether it will be empty. */
  private clear(leaving: readonly Facts[]): void {
    const going = new Set(leaving.map((facts) => facts.path));
    const staying = new Map<string, string>();
    for (const path of [...this.paths].reverse()) {
      const facts = this.facts.of(path);
      if (!isOnDisk(facts.disk) && !facts.unknown) {
        if (going.has(path)) this.note(facts, absentRow(facts));
        continue;
      }
      const goes = this.moved.has(path) || (going.has(path) && this.remove(facts, this.childOf(path, staying)));
      const slash = path.lastIndexOf('/');
      if (!goes && slash > 0) staying.set(path.slice(0, slash), path);
    }
  }

  /** Something in a directory that does not go. */
  private childOf(path: string, staying: ReadonlyMap<string, string>): string | undefined {
    return staying.get(path) ?? this.input.holds?.(path);
  }

  private remove(facts: Facts, child: string | undefined): boolean {
    const { path, disk } = facts;
    const base = absentRow(facts);
    const common = { path, expect: disk, base, announce: announcedRow(facts, base) };
    if (disk?.kind === 'directory') {
      if (child === undefined) this.out.operations.push({ op: 'rmdir', ...common, after: [] });
      else this.wait(path, 'not-empty', child);
      return child === undefined;
    }
    const partners = this.partnersOf(facts);
    const blocked = partners.find(({ state }) => state === 'blocked');
    if (blocked !== undefined) {
      this.wait(path, 'partner', blocked.path);
      return false;
    }
    const after = partners.map((partner) => partner.path).filter((other) => this.written.has(other));
    this.out.operations.push({ op: 'remove', ...common, keep: after.length < partners.length, after });
    return true;
  }

  private wait(path: string, reason: WaitReason, on?: string): undefined {
    this.out.waits.push({ path, reason, on });
  }
}

function overOf(facts: Facts): Over {
  const kind = facts.disk?.kind;
  return kind === 'file' || kind === 'symlink' || kind === 'directory' ? kind : 'absent';
}

function phaseOf(operation: Operation): number {
  const replaces = (operation.op === 'write' || operation.op === 'symlink') && operation.over !== 'absent';
  return replaces ? replacePhase : phases[operation.op];
}

/** What goes, goes from the leaves; what comes, comes from the root. */
function pathOrder(a: Operation, b: Operation): number {
  const order = a.path === b.path ? 0 : a.path < b.path ? -1 : 1;
  return a.op === 'rmdir' || a.op === 'remove' ? -order : order;
}
