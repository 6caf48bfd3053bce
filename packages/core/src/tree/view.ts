/** What a folder view shows at a path or name (`spec/07 §4`). */

import { conflictDigitsMax, conflictDigitsMin, conflictName } from './conflict-name.js';
import type { ViewRow } from './rows.js';
import type { ConflictCopy, PathState, Vector, Version, VersionType, ViewLookup } from './types.js';
import { countedOf, joinVectors, maximalOf, sameContent } from './versions.js';

interface OwnState {
  readonly maximal: readonly Version[];
  readonly counted: readonly Version[];
  readonly kind: VersionType;
  readonly shown: Version | undefined;
}

/** What stands at a path by its own versions and its children. */
function ownState(lookup: ViewLookup, path: string): OwnState {
  const maximal = maximalOf(lookup.versions(path));
  const counted = countedOf(maximal);
  if (lookup.hasLiveBelow(path)) {
    return { maximal, counted, kind: 'directory', shown: counted.find((version) => version.type === 'directory') };
  }
  return { maximal, counted, kind: counted[0]?.type ?? 'absent', shown: counted[0] };
}

/** The state of a path: the version shown, its conflict copies with their names, and what these depend on. */
export function pathState(lookup: ViewLookup, path: string): PathState {
  const own = ownState(lookup, path);
  const naming = new CopyNaming(lookup, path);
  for (const version of own.counted) if (version !== own.shown) naming.name(version);
  const { copies, nameless, names } = naming;
  return { path, ...own, copies, nameless, names, vector: vectorOf(own.maximal) };
}

function vectorOf(versions: readonly Version[]): Vector {
  return joinVectors(...versions.map((version) => version.vector));
}

class CopyNaming {
  readonly copies: ConflictCopy[] = [];
  readonly nameless: Version[] = [];
  readonly names: string[] = [];
  private readonly lookup: ViewLookup;
  private readonly path: string;

  constructor(lookup: ViewLookup, path: string) {
    this.lookup = lookup;
    this.path = path;
  }

  /** Finds a name for a copy, unless a live path of that name has its very content already. */
  name(version: Version): void {
    for (let digits = conflictDigitsMin; digits <= conflictDigitsMax; digits++) {
      const name = conflictName(this.path, version, digits);
      if (name === undefined) break;
      const found = this.look(name, version);
      if (found === 'same') return;
      if (found === 'free') {
        this.copies.push({ path: name, version });
        return;
      }
    }
    this.nameless.push(version);
  }

  private look(name: string, version: Version): 'free' | 'same' | 'taken' {
    this.names.push(name);
    if (name === this.path || this.copies.some((copy) => copy.path === name)) return 'taken';
    const there = ownState(this.lookup, name);
    if (there.kind === 'absent') return 'free';
    return there.shown !== undefined && sameContent(there.shown, version) ? 'same' : 'taken';
  }
}

/** What the view wants at a name: the path itself, else the conflict copy shown there; none if it knows nothing. */
export function viewRow(lookup: ViewLookup, name: string): ViewRow | undefined {
  const state = pathState(lookup, name);
  if (state.kind !== 'absent') return stateRow(state);
  const copy = copyRow(lookup, state);
  if (copy !== undefined) return copy;
  return state.maximal.length === 0 ? undefined : stateRow(state);
}

function stateRow(state: PathState): ViewRow {
  return {
    path: state.path,
    kind: state.kind,
    version: state.shown,
    vector: state.vector,
    copies: state.copies,
    nameless: state.nameless,
    versions: state.maximal,
  };
}

function copyRow(lookup: ViewLookup, state: PathState): ViewRow | undefined {
  const copyOf = lookup.copySource(state.path);
  if (copyOf === undefined) return undefined;
  const copy = pathState(lookup, copyOf).copies.find(({ path }) => path === state.path);
  if (copy === undefined) return undefined;
  const { version } = copy;
  return { ...stateRow(state), kind: version.type, version, copyOf };
}
