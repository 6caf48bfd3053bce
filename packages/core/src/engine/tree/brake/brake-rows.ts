import { concat } from '../../../bytes.js';
import { bool, type Codec, choice, decode, encode, list, optional, struct, text, uint } from '../../../codec/index.js';
import { contentIdCodec, type DeviceId, deviceIdCodec } from '../../../model/index.js';
import type { BrakeWindow, ChangeKind, ChangeSide, PendingChange } from '../../../tree/index.js';
import { afterPrefix } from '../store/key-range.js';
import { keyPath, pathKey } from '../store/rows.js';
import { contentKey, type Tables } from '../store/tables.js';

const table = 'brake';
const contentsTable = 'brake-contents';
const groupsName = 'brake';
const groupsMax = 65_536;
const rowBytesMax = 16_384;
const none = new Uint8Array(0);
const pageRows = 512;

/**
 * Where a change stands: `gathered` until all of its kind were found, `held` until a person decides, `released` until
 * it is recorded or applied.
 */
export type ChangeState = 'gathered' | 'held' | 'released';

export interface BrakeRow extends Omit<PendingChange, 'path'> {
  readonly state: ChangeState;
}

const rowCodec: Codec<BrakeRow> = struct({
  side: [0, choice({ out: 0, in: 1 })],
  device: [1, deviceIdCodec],
  kind: [2, choice({ delete: 0, overwrite: 1, conflict: 2, directory: 3 })],
  mark: [3, text(8_192)],
  state: [4, choice({ gathered: 0, held: 1, released: 2 })],
  content: [5, optional(contentIdCodec)],
});

/** What is known of the changes of one device on one side. */
export interface BrakeGroup {
  readonly side: ChangeSide;
  readonly device: DeviceId;
  readonly window?: BrakeWindow | undefined;
  /** Conflicts it brought about, and since when they are counted. */
  readonly conflicts: number;
  readonly conflictsSinceMs: number;
  /** While something of it is held: since when, Unix ms, how many files there were, whether none would be left. */
  readonly heldSinceMs?: number | undefined;
  readonly files: number;
  readonly empties: boolean;
}

const windowCodec: Codec<BrakeWindow> = struct({
  sinceMs: [0, uint],
  files: [1, uint],
  delete: [2, uint],
  overwrite: [3, uint],
});
const groupsCodec: Codec<readonly BrakeGroup[]> = list(
  struct({
    side: [0, choice({ out: 0, in: 1 })],
    device: [1, deviceIdCodec],
    window: [2, optional(windowCodec)],
    conflicts: [3, uint],
    conflictsSinceMs: [4, uint],
    heldSinceMs: [5, optional(uint)],
    files: [6, uint],
    empties: [7, bool],
  }),
  groupsMax,
);

/** Changes that the brake knows of, by path, and what it knows of those who made them; kept over restarts. */
export class BrakeRows {
  readonly #tables: Tables;
  readonly #groups = new Map<string, BrakeGroup>();
  readonly #counts = new Map<string, number>();
  #groupsChanged = false;

  constructor(tables: Tables) {
    this.#tables = tables;
    const groups = tables.bytes(groupsName);
    if (groups !== undefined) {
      for (const group of decode(groupsCodec, groups, groupsMax * 256)) this.#groups.set(groupKey(group), group);
    }
    for (const { row } of this.all()) this.#count(row, 1);
  }

  get isEmpty(): boolean {
    return this.#tables.count(table) === 0;
  }

  get(path: string): BrakeRow | undefined {
    if (this.isEmpty) return undefined;
    const value = this.#tables.store.get(table, pathKey(path));
    return value === undefined ? undefined : decode(rowCodec, value, rowBytesMax);
  }

  put(path: string, row: BrakeRow): void {
    this.drop(path);
    this.#tables.put(table, pathKey(path), encode(rowCodec, row));
    if (row.content !== undefined)
      this.#tables.put(contentsTable, concat(contentKey(row.content), pathKey(path)), none);
    this.#count(row, 1);
  }

  drop(path: string): void {
    const row = this.get(path);
    if (row === undefined) return;
    this.#tables.delete(table, pathKey(path));
    if (row.content !== undefined) this.#tables.delete(contentsTable, concat(contentKey(row.content), pathKey(path)));
    this.#count(row, -1);
  }

  /** The change of a path was carried out. */
  done(path: string): void {
    if (!this.isEmpty && this.get(path)?.state === 'released') this.drop(path);
  }

  /** Whether something that is not let go is below a path. */
  staysBelow(path: string): boolean {
    if (this.isEmpty) return false;
    for (const below of this.#tables.below(table, path)) if (this.get(below)?.state !== 'released') return true;
    return false;
  }

  /** Paths whose delete takes this content away. */
  taking(content: string): readonly string[] {
    if (this.#tables.count(contentsTable) === 0) return [];
    const prefix = contentKey(content);
    const rows = this.#tables.store.scan(contentsTable, { from: prefix, to: afterPrefix(prefix), limit: 65_536 });
    return rows.map((row) => keyPath(row.key.subarray(32)));
  }

  /** All rows in order of path; they may be changed meanwhile. */
  *all(): Generator<{ readonly path: string; readonly row: BrakeRow }> {
    let from: Uint8Array = none;
    for (;;) {
      const rows = this.#tables.store.scan(table, { from, limit: pageRows });
      for (const { key, value } of rows) yield { path: keyPath(key), row: decode(rowCodec, value, rowBytesMax) };
      const last = rows.at(-1);
      if (last === undefined || rows.length < pageRows) return;
      from = concat(last.key, new Uint8Array([0]));
    }
  }

  /** How many changes are in a state; of one group or all, of one kind or all. */
  count(state: ChangeState, group?: Pick<BrakeGroup, 'side' | 'device'>, kind?: ChangeKind): number {
    let count = 0;
    for (const [key, each] of this.#counts) {
      const [of, device, kindOf, stateOf] = key.split(' ');
      if (stateOf !== state || (kind !== undefined && kindOf !== kind)) continue;
      if (group === undefined || (group.side === of && group.device === device)) count += each;
    }
    return count;
  }

  groups(): readonly BrakeGroup[] {
    return [...this.#groups.values()];
  }

  group(of: Pick<BrakeGroup, 'side' | 'device'>): BrakeGroup {
    const { side, device } = of;
    return (
      this.#groups.get(groupKey(of)) ?? { side, device, conflicts: 0, conflictsSinceMs: 0, files: 0, empties: false }
    );
  }

  putGroup(group: BrakeGroup): void {
    this.#groups.set(groupKey(group), group);
    this.#groupsChanged = true;
  }

  /** Writes what is kept in memory for a step. */
  flush(): void {
    if (this.#groupsChanged) this.#tables.putBytes(groupsName, encode(groupsCodec, this.groups()));
    this.#groupsChanged = false;
  }

  #count({ side, device, kind, state }: BrakeRow, step: 1 | -1): void {
    const key = `${side} ${device} ${kind} ${state}`;
    const count = (this.#counts.get(key) ?? 0) + step;
    if (count === 0) this.#counts.delete(key);
    else this.#counts.set(key, count);
  }
}

function groupKey({ side, device }: Pick<BrakeGroup, 'side' | 'device'>): string {
  return `${side} ${device}`;
}
