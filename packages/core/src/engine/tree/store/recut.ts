import { utf8 } from '../../../bytes.js';
import type { Store } from '../../../ports/index.js';
import { type BaseRow, type ConflictCopy, type Vector, type Version, vectorWithin } from '../../../tree/index.js';
import { Tables } from './tables.js';
import { fingerprintName } from './versions-table.js';

/** Which places of content logs count. */
export interface Counting {
  counts(at: Version['at']): boolean;
  /** A vector without places that don't count. */
  within(vector: Vector): Vector;
}

const viewTables = ['versions', 'live', 'copies', 'copy-at', 'named-at', 'streams', 'stream-counts', 'views'];
const pageRows = 512;

/**
 * Empties what is made from the logs, to be made again, and takes out of what is known of the disk that it had seen
 * versions which count no more: it gives way to what the folder shows then, as anything that was replaced. Nothing
 * else is forgotten, so nothing on the disk is taken for new.
 */
export function recut(store: Store, counting: Counting): void {
  for (const table of viewTables) emptyTable(store, table);
  store.delete('tree', utf8(fingerprintName));
  const tables = new Tables(store);
  for (const path of tables.paths('base')) {
    const row = tables.base(path);
    if (row === undefined || isWhole(row, counting)) continue;
    const { next } = row;
    tables.putBaseRow({ path, ...cut(row, counting), ...(next === undefined ? {} : { next: cut(next, counting) }) });
    tables.mark('dirty', path);
  }
}

/** Deletes all rows of a table. */
export function emptyTable(store: Store, table: string): void {
  for (let rows = store.scan(table, { limit: pageRows }); rows.length > 0; ) {
    for (const { key } of rows) store.delete(table, key);
    rows = store.scan(table, { limit: pageRows });
  }
}

function isWhole({ vector, copies, next }: Fields & Pick<BaseRow, 'next'>, counting: Counting): boolean {
  if (copies !== undefined || !vectorWithin(vector, counting.within(vector))) return false;
  return next === undefined || isWhole(next, counting);
}

type Fields = Omit<BaseRow, 'path' | 'next'>;

function cut({ shown, copies, ...rest }: Fields, counting: Counting): Fields {
  const left = (copies ?? []).flatMap((copy) => cutCopy(copy, counting));
  const row = { ...rest, vector: counting.within(rest.vector) };
  if (left.length === 0) return row;
  const isShown = shown !== undefined && counting.counts(shown.at);
  return isShown ? { ...row, shown: cutVersion(shown, counting), copies: left } : { ...row, copies: left };
}

function cutCopy({ path, version }: ConflictCopy, counting: Counting): readonly ConflictCopy[] {
  return counting.counts(version.at) ? [{ path, version: cutVersion(version, counting) }] : [];
}

function cutVersion(version: Version, counting: Counting): Version {
  return { ...version, vector: counting.within(version.vector) };
}
