import { rowOfDisk } from './brake/brake-answer.js';
import type { TreeCore } from './core.js';

/**
 * Takes back what was changed at paths, or below them, by a device that may not write: what the disk shows counts as
 * known, so that what the folder shows is applied over it, and what was here goes to the archive. Returns how many
 * paths that were.
 */
export function revert(core: TreeCore, paths: readonly string[]): number {
  const { tables } = core;
  const changed = new Set<string>();
  for (const path of paths) {
    if (tables.seen(path) !== undefined) changed.add(path);
    for (const below of path === '' ? tables.paths('disk') : tables.below('disk', path)) changed.add(below);
  }
  let count = 0;
  for (const path of changed) {
    const seen = tables.seen(path);
    if (seen === undefined || seen.row.kind === 'unreadable' || seen.row.kind === 'other') continue;
    // What a disk lost comes back by itself.
    if (seen.row.damaged === true) continue;
    const base = tables.base(path) ?? { path, vector: {}, executable: false };
    core.commitBase(rowOfDisk(base, seen.row), seen.ref);
    tables.unmark('unrecorded', path);
    core.dirty(path);
    count += 1;
  }
  return count;
}
