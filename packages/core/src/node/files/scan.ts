import { readdirSync } from 'node:fs';
import { utf8Text } from '../../bytes.js';
import { isPrivateName } from '../../model/index.js';
import type { DiskRow } from '../../tree/index.js';
import { pathDepthMax } from '../../limits.js';
import { Anchor, look } from './anchor.js';
import { absentRow, rowOf, unreadableRow } from './rows.js';

const sliceRows = 512;

interface Scan {
  readonly device: bigint;
  readonly rows: (slice: readonly DiskRow[]) => void;
  slice: DiskRow[];
}

/** Looks at the named paths and all that is below them; the whole tree for `all`. Rows come in slices, parents before children. */
export function scanTree(root: string, paths: readonly string[] | 'all', rows: (slice: readonly DiskRow[]) => void): void {
  const device = look(`${root}/.`)?.dev ?? 0n;
  const scan: Scan = { device, rows, slice: [] };
  if (paths === 'all') scanDirectory(scan, root, []);
  else for (const path of paths) scanPath(scan, root, path);
  if (scan.slice.length > 0) rows(scan.slice);
}

function scanPath(scan: Scan, root: string, path: string): void {
  const parts = path.split('/');
  const name = parts.pop() as string;
  let anchor: Anchor;
  try {
    anchor = Anchor.open(root, parts);
  } catch (error) {
    const gone = ['not-found', 'unsafe-path'].includes((error as { readonly code?: string }).code ?? '');
    return add(scan, gone ? absentRow(path) : unreadableRow(path, error));
  }
  try {
    scanEntry(scan, root, anchor, parts, name, false);
  } finally {
    anchor.close();
  }
}

function scanDirectory(scan: Scan, root: string, parts: readonly string[]): void {
  const anchor = Anchor.open(root, parts);
  try {
    for (const bytes of readdirSync(anchor.base, { encoding: 'buffer' })) {
      const name = utf8Text(bytes);
      if (name === undefined) add(scan, oddRow([...parts, bytes.toString('latin1')].join('/'), 'its name is not UTF-8'));
      else if (parts.length > 0 || !isPrivateName(name)) scanEntry(scan, root, anchor, parts, name, true);
    }
  } finally {
    anchor.close();
  }
}

function scanEntry(scan: Scan, root: string, anchor: Anchor, parts: readonly string[], name: string, listed: boolean): void {
  const path = [...parts, name].join('/');
  let row: DiskRow;
  let device: bigint;
  try {
    const at = anchor.at(name);
    const stats = look(at);
    if (stats === undefined) return listed ? undefined : add(scan, absentRow(path));
    row = rowOf(path, stats, at);
    device = stats.dev;
  } catch (error) {
    return add(scan, unreadableRow(path, error));
  }
  if (name !== name.normalize('NFC')) return add(scan, oddRow(path, 'its name is not in Unicode form C'));
  if (row.kind !== 'directory') return add(scan, row);
  if (device !== scan.device) return add(scan, oddRow(path, 'another file system is mounted there'));
  if (parts.length + 1 >= pathDepthMax) return add(scan, oddRow(path, 'it lies too deep'));
  add(scan, row);
  try {
    scanDirectory(scan, root, [...parts, name]);
  } catch (error) {
    add(scan, unreadableRow(path, error));
  }
}

function oddRow(path: string, reason: string): DiskRow {
  return { ...absentRow(path), kind: 'other', reason };
}

function add(scan: Scan, row: DiskRow): void {
  scan.slice.push(row);
  if (scan.slice.length < sliceRows) return;
  scan.rows(scan.slice);
  scan.slice = [];
}
