/** A folder view in memory: the model of what a database does, for tests and small trees. */

import type { Version, ViewLookup } from './types.js';
import { isLive, maximalOf } from './versions.js';
import { pathState } from './view.js';

export class MemoryView implements ViewLookup {
  private readonly rows = new Map<string, readonly Version[]>();
  /** How many live paths are below a path. */
  private readonly liveBelow = new Map<string, number>();
  /** Sources of the copies shown at a name. */
  private readonly copies = new Map<string, Set<string>>();
  /** Sources whose copies were named with a look at this name. */
  private readonly namedAt = new Map<string, Set<string>>();
  /** Names that a source stands under in the two maps above. */
  private readonly shownBy = new Map<string, readonly string[]>();
  private readonly namesOf = new Map<string, readonly string[]>();

  versions(path: string): readonly Version[] {
    return this.rows.get(path) ?? [];
  }

  hasLiveBelow(path: string): boolean {
    return (this.liveBelow.get(path) ?? 0) > 0;
  }

  copySource(name: string): string | undefined {
    return [...(this.copies.get(name) ?? [])].sort()[0];
  }

  /** Every path with versions. */
  paths(): Iterable<string> {
    return this.rows.keys();
  }

  /** Names at which copies are shown now. */
  copyNames(): Iterable<string> {
    return this.copies.keys();
  }

  /** Takes in a version; returns the names whose view rows may have changed. */
  add(version: Version): ReadonlySet<string> {
    const { path } = version;
    const before = this.versions(path);
    const after = maximalOf([...before, version]);
    const wasLive = isLive(before);
    this.rows.set(path, after);
    const changed = [path];
    const step = Number(isLive(after)) - Number(wasLive);
    if (step !== 0) changed.push(...this.countLive(path, step));
    return this.refresh(changed);
  }

  /** Counts a path that became live or no longer is; returns the ancestors for which that made a difference. */
  private countLive(path: string, step: number): readonly string[] {
    const turned: string[] = [];
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const ancestor = path.slice(0, slash);
      const count = this.liveBelow.get(ancestor) ?? 0;
      if (count + step === 0) this.liveBelow.delete(ancestor);
      else this.liveBelow.set(ancestor, count + step);
      if (count === 0 || count + step === 0) turned.push(ancestor);
    }
    return turned;
  }

  private refresh(changed: readonly string[]): ReadonlySet<string> {
    const sources = new Set(changed);
    for (const name of changed) for (const source of this.namedAt.get(name) ?? []) sources.add(source);
    const touched = new Set(changed);
    for (const source of sources) for (const name of this.refreshCopies(source)) touched.add(name);
    return touched;
  }

  private refreshCopies(source: string): readonly string[] {
    const old = this.shownBy.get(source) ?? [];
    for (const name of old) removeFrom(this.copies, name, source);
    for (const name of this.namesOf.get(source) ?? []) removeFrom(this.namedAt, name, source);
    const state = pathState(this, source);
    const shown = state.copies.map((copy) => copy.path);
    this.shownBy.set(source, shown);
    this.namesOf.set(source, state.names);
    for (const name of shown) addTo(this.copies, name, source);
    for (const name of state.names) addTo(this.namedAt, name, source);
    return old.length + shown.length === 0 ? [] : [source, ...old, ...shown];
  }
}

function addTo(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  if (set === undefined) sets.set(key, new Set([value]));
  else set.add(value);
}

function removeFrom(sets: Map<string, Set<string>>, key: string, value: string): void {
  const set = sets.get(key);
  set?.delete(value);
  if (set?.size === 0) sets.delete(key);
}
