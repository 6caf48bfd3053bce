import type { Plan } from '../../../tree/index.js';
import type { TreeCore } from '../core.js';
import type { Hold } from './brake-text.js';

const sinceName = 'forgotten-since';

/**
 * Remembers which of these paths the folder no longer knows at all, though they are here: nothing is done with them
 * until a person decides (`spec/07 §6`).
 */
export function noteForgotten(core: TreeCore, plan: Plan, closed: Iterable<string>): void {
  const { context, tables } = core;
  const found = new Set(plan.waits.filter(({ reason }) => reason === 'quarantine').map(({ path }) => path));
  const before = tables.count('forgotten');
  if (before + found.size === 0) return;
  for (const path of closed) if (!found.has(path)) tables.unmark('forgotten', path);
  for (const path of found) tables.mark('forgotten', path);
  if (before === 0) tables.putNumber(sinceName, context.now());
}

export function forgottenHold(core: TreeCore): readonly Hold[] {
  const { context, tables } = core;
  const forgotten = tables.count('forgotten');
  if (forgotten === 0) return [];
  const none = { deletes: 0, overwrites: 0, conflicts: 0, empties: false } as const;
  const sinceMs = tables.number(sinceName);
  return [{ side: 'out', device: context.device(), sinceMs, files: core.total('files'), forgotten, ...none }];
}

/** They are shared as if they had just been found, and lose every order. */
export function shareForgotten(core: TreeCore): void {
  const { contents, tables } = core;
  for (const path of take(core)) {
    const disk = tables.disk(path);
    const ref = disk?.content === undefined ? undefined : contents.ref(disk.content);
    // What is small has no reference before it is read again.
    if (disk !== undefined)
      core.see(disk.kind === 'file' && ref === undefined ? { ...disk, content: undefined } : disk, ref);
    core.commitBase({ path, kind: 'absent', size: 0, mtimeUs: 0, executable: false, vector: {} }, undefined, true);
    tables.mark('offered', path);
    core.dirty(path);
  }
}

/** They go to the archive. */
export function dropForgotten(core: TreeCore): void {
  for (const path of take(core)) {
    const base = core.tables.base(path);
    if (base === undefined) continue;
    const { copies: _copies, shown: _shown, ...rest } = base;
    core.commitBase({ ...rest, vector: {} }, undefined, true);
    core.dirty(path);
  }
}

function take({ tables }: TreeCore): readonly string[] {
  const paths = [...tables.paths('forgotten')];
  for (const path of paths) tables.unmark('forgotten', path);
  return paths;
}
