/** Who still needs the content that an operation would take away (`spec/07 §6`). */

import { pathVersionsMax } from '../limits.js';
import type { ContentId } from '../model/index.js';
import { type Facts, type FactTable, isBulky, isLiveBase, isOnDisk, isWanted } from './facts.js';
import { isContentOf } from './versions.js';

/**
 * How a path stands that wants content it does not show yet: `blocked` by something that no operation of ours clears,
 * `ready` to be made at once, or `structural`: a directory, twin or other change of the tree has to come first.
 */
export type PartnerState = 'blocked' | 'ready' | 'structural';

export interface Partner {
  readonly path: string;
  readonly state: PartnerState;
}

/** Paths of a closed set by the content that they hold or want, as far as it is to move. */
export class Partners {
  private readonly wanting = new Map<ContentId, string[]>();
  private readonly holding = new Map<ContentId, string[]>();
  private readonly facts: FactTable;

  constructor(facts: FactTable, paths: readonly string[]) {
    this.facts = facts;
    for (const path of paths) this.index(facts.of(path));
  }

  private index(facts: Facts): void {
    if (facts.settled || facts.skipped) return;
    const { view, base, path } = facts;
    const wanted = view?.kind === 'file' ? view.version : undefined;
    if (wanted !== undefined && isBulky(wanted.size) && facts.unsyncable === undefined) {
      for (const content of [wanted.content, wanted.oldContent]) push(this.wanting, content, path);
    }
    if (base?.kind === 'file' && isBulky(base.size) && holdsBase(facts)) push(this.holding, base.content, path);
  }

  /**
   * Paths other than this that want the content its base row says is here, and don't show it. The path's own
   * conflict copy is one of them however small it is: until it stands, deleting what replaces it here would look like
   * deleting it.
   */
  waitingFor(facts: Facts): readonly Partner[] {
    const { base, path, view, damaged } = facts;
    if (damaged || base?.kind !== 'file' || base.content === undefined) return [];
    const own = (view?.copies ?? []).filter((copy) => isContentOf(base.content, copy.version)).map((copy) => copy.path);
    const partners: Partner[] = [];
    for (const other of new Set([...(this.wanting.get(base.content) ?? []), ...own])) {
      if (other === path) continue;
      const wanting = this.facts.of(other);
      if (wanting.skipped || wanting.unsyncable !== undefined) continue;
      if (wanting.disk?.content === base.content || wanting.base?.content === base.content) continue;
      partners.push({ path: other, state: this.stateOf(wanting) });
    }
    return partners;
  }

  /** Whether an untouched file of the closed set has this content. */
  isHeld(content: ContentId | undefined): boolean {
    return content !== undefined && this.holding.has(content);
  }

  /**
   * Files to be moved: of each content the untouched files that are to go, with the free places that want it, both in
   * order of path. From target to source.
   */
  renames(canMake: (target: Facts, source: string) => boolean): ReadonlyMap<string, string> {
    const pairs = new Map<string, string>();
    for (const [content, holders] of this.holding) {
      const sources = holders.filter((path) => this.isLeaving(path));
      for (const target of this.wanting.get(content) ?? []) {
        if (sources.length === 0) break;
        if (pairs.has(target) || !this.isFree(target)) continue;
        const found = sources.findIndex((source) => canMake(this.facts.of(target), source));
        if (found >= 0) pairs.set(target, sources.splice(found, 1)[0] as string);
      }
    }
    return pairs;
  }

  private isLeaving(path: string): boolean {
    const facts = this.facts.of(path);
    if (facts.unsyncable !== undefined || isWanted(facts.view)) return false;
    return facts.view === undefined ? isForgettable(facts) : facts.view.versions.length <= pathVersionsMax;
  }

  private isFree(path: string): boolean {
    const { disk, base, local, unknown } = this.facts.of(path);
    return !unknown && local === 'none' && !isOnDisk(disk) && !isLiveBase(base);
  }

  private stateOf(facts: Facts): PartnerState {
    const { local, unknown, disk, path } = facts;
    if (unknown || local === 'hash' || local === 'put' || local === 'delete') return 'blocked';
    const parent = this.facts.parentOf(path);
    if (parent !== undefined && parent.disk?.kind !== 'directory') return 'structural';
    return disk?.kind === 'directory' ? 'structural' : 'ready';
  }
}

/** Whether the file of the base row is still on disk as it was; what can't be synced may be anything by now. */
function holdsBase(facts: Facts): boolean {
  if (facts.unknown || facts.damaged || facts.unsyncable !== undefined) return false;
  return isOnDisk(facts.disk) && (facts.local === 'none' || facts.local === 'restat');
}

/** A base row that stood for no version of its path may go when the view no longer knows the path. */
export function isForgettable(facts: Facts): boolean {
  const { base } = facts;
  return base === undefined || base.copyOf !== undefined || Object.keys(base.vector).length === 0;
}

function push(map: Map<ContentId, string[]>, content: ContentId | undefined, path: string): void {
  if (content === undefined) return;
  const paths = map.get(content);
  if (paths === undefined) map.set(content, [path]);
  else paths.push(path);
}
