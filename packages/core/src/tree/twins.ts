/** Names that this disk can't tell apart (`spec/07 §6`). */

import { type Facts, type FactTable, isOnDisk, isWanted } from './facts.js';

export type TwinVerdict =
  | { readonly verdict: 'clear' }
  /** The other is on disk and is to go first. */
  | { readonly verdict: 'wait'; readonly on: string }
  /** The other has the name. */
  | { readonly verdict: 'unsyncable'; readonly on: string };

const clear: TwinVerdict = { verdict: 'clear' };

export class Twins {
  private readonly groups = new Map<string, string[]>();
  private readonly facts: FactTable;
  private readonly fold: ((path: string) => string) | undefined;

  constructor(facts: FactTable, paths: readonly string[], fold: ((path: string) => string) | undefined) {
    this.facts = facts;
    this.fold = fold;
    if (fold === undefined) return;
    for (const path of paths) {
      const key = fold(path);
      const group = this.groups.get(key);
      if (group === undefined) this.groups.set(key, [path]);
      else group.push(path);
    }
  }

  /** Whether something can be made at a path where nothing is on disk. Of two that want a name, the smaller has it. */
  judge(path: string): TwinVerdict {
    if (this.fold === undefined) return clear;
    for (const other of this.groups.get(this.fold(path)) ?? []) {
      if (other === path) continue;
      const twin = this.facts.of(other);
      if (isOnDisk(twin.disk)) return { verdict: staysOnDisk(twin) ? 'unsyncable' : 'wait', on: other };
      if (other < path && isWanted(twin.view) && twin.unsyncable === undefined && !twin.skipped) {
        return { verdict: 'unsyncable', on: other };
      }
    }
    return clear;
  }
}

function staysOnDisk(twin: Facts): boolean {
  return twin.skipped || twin.unsyncable !== undefined || isWanted(twin.view);
}
