/**
 * The brake: what a device did to so much at once that a person is asked before it goes on (`spec/07 §11`). Pure: what
 * counts, and when it is too much.
 */

import type { ContentId, DeviceId } from '../model/index.js';
import { isLiveBase, isOnDisk } from './facts.js';
import type { LocalAct, Operation, Plan } from './plan-types.js';
import type { BaseRow, ViewRow } from './rows.js';
import type { Version } from './types.js';
import { compareVersions, isContentOf, isLiveVersion } from './versions.js';

/** Changes of one device are counted together for so long, from the first. */
export const brakeWindowMs = 600_000;
/** Conflicts that one device brings about are counted for so long. */
export const conflictWindowMs = 3_600_000;
const conflictsMax = 50;
/** Fewer files than this may all go at once without a question. */
const emptiedFilesMin = 3;
const limits = { delete: { least: 50, percent: 20 }, overwrite: { least: 500, percent: 50 } } as const;
/** After something was odd about the root: of any kind. */
const strictPercent = 1;

/** `directory` is not counted, and waits with the deletes of its device. */
export type ChangeKind = 'delete' | 'overwrite' | 'conflict' | 'directory';
export type CountedKind = keyof typeof limits;

/** `out`: done on this disk, to be recorded. `in`: recorded by another device, to be applied here. */
export type ChangeSide = 'out' | 'in';

/** A change that takes something away, and waits to be recorded or applied. */
export interface PendingChange {
  readonly path: string;
  readonly side: ChangeSide;
  /** Who did it. */
  readonly device: DeviceId;
  readonly kind: ChangeKind;
  /** Tells it from any other change of the path. */
  readonly mark: string;
  /** Of a delete: what is gone from here. None where there was nothing in the file. */
  readonly content?: ContentId | undefined;
}

/** What one device changed lately that was let go. */
export interface BrakeWindow {
  readonly sinceMs: number;
  /** Files that were here when it began. */
  readonly files: number;
  readonly delete: number;
  readonly overwrite: number;
}

/** The window that is open now: the old one for ten minutes from its first change, else a new one. */
export function windowAt(window: BrakeWindow | undefined, nowMs: number, files: number): BrakeWindow {
  if (window === undefined || nowMs - window.sinceMs >= brakeWindowMs)
    return { sinceMs: nowMs, files, delete: 0, overwrite: 0 };
  // A clock that was set back must not keep a window open for years.
  return window.sinceMs > nowMs ? { ...window, sinceMs: nowMs } : window;
}

/** Whether so many more changes of a kind are too many for a window. */
export function isTooMuch(kind: CountedKind, more: number, window: BrakeWindow, strict = false): boolean {
  const { least, percent } = strict ? { least: 0, percent: strictPercent } : limits[kind];
  const count = window[kind] + more;
  return more > 0 && count > least && count * 100 > percent * window.files;
}

/** Whether so many deletes at once leave nothing of so many files. */
export function mayEmpty(deletes: number, files: number): boolean {
  return deletes >= emptiedFilesMin && deletes >= files;
}

/** Whether one device brought about too many conflicts within `conflictWindowMs`. */
export function isStorm(conflicts: number): boolean {
  return conflicts > conflictsMax;
}

export interface ChangeLookup {
  readonly own: DeviceId;
  base(path: string): BaseRow | undefined;
  view(path: string): ViewRow | undefined;
  versions(path: string): readonly Version[];
}

/**
 * Changes of a plan that take something away. What is only moved is none: its content is put or made by the same plan.
 * Creations, times and modes are none either.
 */
export function pendingChanges(plan: Plan, lookup: ChangeLookup): readonly PendingChange[] {
  const changes: PendingChange[] = [];
  const add = (change: PendingChange | undefined): void => {
    if (change !== undefined) changes.push(change);
  };
  for (const act of plan.acts) add(changeOfAct(act, lookup));
  for (const operation of plan.operations) add(changeOfOperation(operation, lookup));
  for (const { path, version } of plan.needs) {
    const base = lookup.base(path);
    if (base?.kind === 'file' || base?.kind === 'symlink') add(overwriteBy(path, version, lookup));
  }
  if (!changes.some(({ content }) => content !== undefined)) return changes;
  const made = contentsMade(plan, lookup);
  return changes.filter(({ content }) => content === undefined || !made.has(content));
}

/** Contents that are at some path once the plan was carried out, as far as it has to do with them. */
export function contentsMade(plan: Plan, lookup: Pick<ChangeLookup, 'base'>): ReadonlySet<ContentId> {
  const made = new Set<ContentId>();
  const add = (content: ContentId | undefined): void => {
    if (content !== undefined) made.add(content);
  };
  for (const act of plan.acts) {
    if (act.act === 'put' && act.disk.kind === 'file' && lookup.base(act.path)?.content !== act.disk.content)
      add(act.disk.content);
  }
  for (const operation of plan.operations) {
    if (operation.op === 'write') for (const each of contentsOf(operation.version)) add(each);
    if (operation.op === 'rename' || operation.op === 'note') add(liveContent(operation.base));
  }
  for (const { version } of plan.needs) for (const each of contentsOf(version)) add(each);
  return made;
}

/** What devices in `storms` bring about by their conflicts: at the paths, and at the names of the copies. */
export function stormyChanges(
  plan: Plan,
  lookup: Pick<ChangeLookup, 'view' | 'versions'>,
  storms: ReadonlySet<DeviceId>,
): readonly PendingChange[] {
  if (storms.size === 0) return [];
  const applied = plan.operations.filter(({ op }) => op !== 'note');
  return [...applied, ...plan.needs].flatMap(({ path }) => {
    const view = lookup.view(path);
    const source = view?.copyOf ?? ((view?.copies.length ?? 0) > 0 ? path : undefined);
    const by = source === undefined ? undefined : lookup.versions(source).find(({ at }) => storms.has(at.device));
    if (by === undefined) return [];
    return [{ path, side: 'in', device: by.at.device, kind: 'conflict', mark: placeOf(by) }];
  });
}

function contentsOf({ content, oldContent }: Version): readonly (ContentId | undefined)[] {
  return [content, oldContent];
}

function liveContent(row: BaseRow): ContentId | undefined {
  return row.kind === 'file' ? row.content : undefined;
}

function changeOfAct(act: LocalAct, lookup: ChangeLookup): PendingChange | undefined {
  const { path, base } = act;
  if (!isLiveBase(base)) return undefined;
  const common = { path, side: 'out', device: lookup.own } as const;
  if (act.act === 'delete') return { ...common, ...goneOf(base, base.content ?? base.target ?? '') };
  const { disk } = act;
  if (!isOnDisk(disk)) return undefined;
  const mark = `${disk.kind} ${disk.content ?? disk.target ?? ''}`;
  // What takes a directory's place is no act of its own: it goes with the deletes of what was below.
  if (base.kind === 'directory') return disk.kind === 'directory' ? undefined : { ...common, kind: 'directory', mark };
  const same = disk.kind === base.kind && (disk.kind === 'file' ? disk.content === base.content : false);
  if (same) return undefined;
  return { ...common, kind: 'overwrite', mark };
}

function goneOf(base: BaseRow, mark: string): Pick<PendingChange, 'kind' | 'mark' | 'content'> {
  if (base.kind === 'directory') return { kind: 'directory', mark };
  // All empty files have one content: that another one stays says nothing.
  return { kind: 'delete', mark, ...(base.kind === 'file' && base.size > 0 ? { content: base.content } : {}) };
}

function changeOfOperation(operation: Operation, lookup: ChangeLookup): PendingChange | undefined {
  const { path } = operation;
  if (operation.op === 'remove' || operation.op === 'rmdir') {
    const base = lookup.base(path);
    const by = removerOf(path, lookup);
    if (by === undefined || by.at.device === lookup.own || base === undefined) return undefined;
    return { path, side: 'in', device: by.at.device, ...goneOf(base, placeOf(by)) };
  }
  const replaces = 'over' in operation && (operation.over === 'file' || operation.over === 'symlink');
  return replaces ? overwriteBy(path, lookup.view(path)?.version, lookup) : undefined;
}

function overwriteBy(path: string, version: Version | undefined, lookup: ChangeLookup): PendingChange | undefined {
  if (version === undefined || version.at.device === lookup.own) return undefined;
  // What this disk lost is brought back: nobody took it away.
  if (version.content !== undefined && lookup.base(path)?.content === version.content) return undefined;
  return { path, side: 'in', device: version.at.device, kind: 'overwrite', mark: placeOf(version) };
}

/** The version that makes a path, or the conflict copy that was shown there, go. */
function removerOf(path: string, lookup: ChangeLookup): Version | undefined {
  const base = lookup.base(path);
  const versions = [...lookup.versions(base?.copyOf ?? path)].sort((a, b) => compareVersions(b, a));
  const others = versions.filter((version) => !isContentOf(base?.content, version));
  return others.find((version) => !isLiveVersion(version)) ?? others[0] ?? versions[0];
}

function placeOf({ at }: Version): string {
  return `${at.device} ${at.seq} ${at.index}`;
}

/** A plan without what is stopped, and what has to wait because of that: path and what it waits for. */
export interface Withheld {
  readonly plan: Plan;
  readonly waiting: readonly (readonly [path: string, on: string])[];
}

/**
 * Leaves out the changes of stopped paths, and what can't be done without them: what is below a directory that is not
 * made, the going of a directory in which something stays, and what has to come after something stopped.
 */
export function withhold(
  plan: Plan,
  isStopped: (path: string) => boolean,
  staysBelow: (path: string) => boolean,
): Withheld {
  const dropped = new Set<string>();
  const waiting: (readonly [string, string])[] = [];
  const drop = (path: string): boolean => {
    dropped.add(path);
    return false;
  };
  const wait = (path: string, on: string): boolean => {
    waiting.push([path, on]);
    return drop(path);
  };
  // An act below or above one that waits would say something else without it.
  const mayAct = (act: LocalAct): boolean => {
    const { path, base } = act;
    if (isStopped(path)) return drop(path);
    const above = aboveOf(path).find((each) => dropped.has(each));
    if (above !== undefined) return wait(path, above);
    const replaces = base?.kind === 'directory' && (act.act === 'delete' || act.disk.kind !== 'directory');
    return !replaces || !staysBelow(path);
  };
  const acts = plan.acts.filter(mayAct);
  const keepsBack = (operation: Operation): boolean => {
    const { path } = operation;
    if (operation.op === 'note') return true;
    if (isStopped(path)) return drop(path);
    if (operation.op === 'rmdir' && staysBelow(path)) return false;
    const above = aboveOf(path).find((each) => dropped.has(each));
    if (above !== undefined) return wait(path, above);
    const before = operation.after.find((each) => dropped.has(each));
    return before === undefined || wait(path, before);
  };
  const operations = plan.operations.filter(keepsBack);
  const needs = plan.needs.filter((need) => !isStopped(need.path));
  return { plan: { ...plan, acts, operations, needs }, waiting };
}

/** Paths above a path, the nearest first. */
export function aboveOf(path: string): readonly string[] {
  const above: string[] = [];
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1))
    above.push(path.slice(0, slash));
  return above;
}
