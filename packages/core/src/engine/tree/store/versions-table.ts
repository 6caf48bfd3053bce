import { toHex, utf8 } from '../../../bytes.js';
import { type Codec, decode, encode, list, struct, text, uint } from '../../../codec/index.js';
import {
  countedOf,
  Fingerprint,
  type FingerprintHasher,
  isLive,
  maximalOf,
  pathState,
  type Version,
  type ViewLookup,
} from '../../../tree/index.js';
import { KeptRows } from './kept-rows.js';
import { afterPrefix } from './key-range.js';
import { keyPath, pathKey, rowBytesMax, versionCodec } from './rows.js';
import type { Tables } from './tables.js';

const versionsCodec: Codec<readonly Version[]> = list(versionCodec, 1_048_576);
const namesCodec = struct({ shown: [0, list(text(8_192), 65_536)], names: [1, list(text(8_192), 1_048_576)] });
/** Key of the sums that the fingerprint is made of. */
export const fingerprintName = 'fingerprint';
const none = new Uint8Array(0);

/** The folder view as rows: versions, live paths below each, where copies are shown. `MemoryView` is its model. */
export class VersionsTable implements ViewLookup {
  readonly #tables: Tables;
  readonly #fingerprint: Fingerprint;
  #fingerprintChanged = false;
  readonly #kept = new KeptRows<readonly Version[]>();
  readonly #live = new KeptRows<number>();
  /** Counts of live paths below that changed in this step. */
  readonly #liveChanged = new Map<string, number>();

  constructor(tables: Tables) {
    this.#tables = tables;
    const sums = tables.bytes(fingerprintName);
    this.#fingerprint = sums === undefined ? Fingerprint.empty() : Fingerprint.from(sums);
  }

  versions(path: string): readonly Version[] {
    return this.#kept.get(path, () => this.#read(path));
  }

  #read(path: string): readonly Version[] {
    const value = this.#tables.store.get('versions', pathKey(path));
    return value === undefined ? [] : decode(versionsCodec, value, rowBytesMax);
  }

  hasLiveBelow(path: string): boolean {
    return this.#liveBelow(path) > 0;
  }

  copySource(name: string): string | undefined {
    return this.#linked('copy-at', name)[0];
  }

  /** How many paths have conflict copies. */
  conflicts(): number {
    return this.#tables.count('copies');
  }

  /** Paths that have conflict copies, in order. */
  conflictPaths(limit: number): readonly string[] {
    return this.#tables.store.scan('copies', { limit }).map((row) => keyPath(row.key));
  }

  /** The view's fingerprint, hex. */
  fingerprint(): string {
    return toHex(this.#fingerprint.total());
  }

  /** Writes what is kept in memory for a step. */
  flush(): void {
    if (this.#fingerprintChanged) this.#tables.putBytes(fingerprintName, this.#fingerprint.bytes());
    this.#fingerprintChanged = false;
    for (const [path, count] of this.#liveChanged) {
      this.#live.set(path, count);
      if (count === 0) this.#tables.store.delete('live', pathKey(path));
      else this.#tables.store.put('live', pathKey(path), encode(uint, count));
    }
    this.#liveChanged.clear();
  }

  /** Takes in a version; returns the names whose view rows may have changed. */
  add(version: Version, hasher: FingerprintHasher): ReadonlySet<string> {
    const { path } = version;
    const before = this.versions(path);
    const { device, seq, index } = version.at;
    if (before.some(({ at }) => at.device === device && at.seq === seq && at.index === index)) return new Set();
    const after = maximalOf([...before, version]);
    this.#kept.set(path, after);
    this.#tables.put('versions', pathKey(path), encode(versionsCodec, after));
    this.#fingerprint.replace(hasher.term(path, countedOf(before)), hasher.term(path, countedOf(after)));
    this.#fingerprintChanged = true;
    const changed = [path];
    const step = Number(isLive(after)) - Number(isLive(before));
    if (step !== 0) changed.push(...this.#countLive(path, step));
    return this.#refresh(changed);
  }

  #liveBelow(path: string): number {
    return (
      this.#liveChanged.get(path) ??
      this.#live.get(path, () => {
        const value = this.#tables.store.get('live', pathKey(path));
        return value === undefined ? 0 : decode(uint, value, 16);
      })
    );
  }

  /** Counts a path that became live or no longer is; returns the ancestors for which that made a difference. */
  #countLive(path: string, step: number): readonly string[] {
    const turned: string[] = [];
    for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      const ancestor = path.slice(0, slash);
      const count = this.#liveBelow(ancestor);
      this.#liveChanged.set(ancestor, count + step);
      if (count === 0 || count + step === 0) turned.push(ancestor);
    }
    return turned;
  }

  #refresh(changed: readonly string[]): ReadonlySet<string> {
    const sources = new Set(changed);
    for (const name of changed) for (const source of this.#linked('named-at', name)) sources.add(source);
    const touched = new Set(changed);
    for (const source of sources) for (const name of this.#refreshCopies(source)) touched.add(name);
    return touched;
  }

  #refreshCopies(source: string): readonly string[] {
    const tables = this.#tables;
    const value = tables.count('copies') === 0 ? undefined : tables.store.get('copies', pathKey(source));
    const old = value === undefined ? { shown: [], names: [] } : decode(namesCodec, value, rowBytesMax);
    const state = pathState(this, source);
    const shown = state.copies.map((copy) => copy.path);
    if (old.names.length + state.names.length === 0) return [];
    for (const name of old.shown) tables.delete('copy-at', linkKey(name, source));
    for (const name of old.names) tables.delete('named-at', linkKey(name, source));
    for (const name of shown) tables.put('copy-at', linkKey(name, source), none);
    for (const name of state.names) tables.put('named-at', linkKey(name, source), none);
    if (state.names.length === 0) tables.delete('copies', pathKey(source));
    else tables.put('copies', pathKey(source), encode(namesCodec, { shown, names: state.names }));
    return [source, ...old.shown, ...shown];
  }

  #linked(table: 'copy-at' | 'named-at', name: string): readonly string[] {
    if (this.#tables.count(table) === 0) return [];
    const prefix = linkKey(name, '');
    const rows = this.#tables.store.scan(table, { from: prefix, to: afterPrefix(prefix), limit: 4_096 });
    return rows.map((row) => keyPath(row.key.subarray(prefix.length)));
  }
}

function linkKey(name: string, source: string): Uint8Array {
  return utf8(`${name}\0${source}`);
}
