import type { Plan } from '../../tree/index.js';
import type { TreeCore } from './core.js';
import type { Applier } from './remote.js';
import { pathKey } from './store/rows.js';

const pathsMax = 256;
const sources = ['dirty', 'waiting', 'brake', 'need', 'unrecorded', 'forgotten'] as const;

/** One thing that sync would do. */
export interface PlannedOperation {
  readonly path: string;
  /**
   * `put` and `delete` are told to others; `fetch` asks them; the rest is done to this disk.
   */
  readonly op: 'put' | 'delete' | 'fetch' | 'mkdir' | 'write' | 'symlink' | 'rename' | 'meta' | 'remove' | 'rmdir';
  /** Where a renamed file is now. */
  readonly from?: string | undefined;
  /** Bytes of a file that comes or goes out. */
  readonly size?: number | undefined;
  /** Why it is not done: the brake holds it until a person decides. */
  readonly held?: true | undefined;
  /** Why it is not told: this device may not write. */
  readonly local?: true | undefined;
}

export interface PlanPage {
  readonly operations: readonly PlannedOperation[];
  /** Ask for what comes after this path; none when that was all. */
  readonly next?: string | undefined;
}

/** What sync would do at paths after one, in order, for a bounded number of them. Does nothing. */
export function preview(core: TreeCore, applier: Applier, after: string | undefined): PlanPage {
  const paths = pendingPaths(core, after);
  if (paths.length === 0) return { operations: [] };
  const page = new Set(paths);
  const operations = operationsOf(applier.planFor(paths))
    .filter(({ path }) => page.has(path))
    .map((operation) => markOf(core, operation))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return paths.length < pathsMax ? { operations } : { operations, next: paths.at(-1) };
}

function markOf(core: TreeCore, operation: PlannedOperation): PlannedOperation {
  if (isHeld(core, operation.path)) return { ...operation, held: true };
  const isTold = operation.op === 'put' || operation.op === 'delete';
  return isTold && !core.context.mayWrite() ? { ...operation, local: true } : operation;
}

function isHeld(core: TreeCore, path: string): boolean {
  return core.brake.get(path)?.state === 'held' || core.tables.isMarked('forgotten', path);
}

/** Paths that may have something to be done, in order. */
function pendingPaths(core: TreeCore, after: string | undefined): readonly string[] {
  const from = after === undefined ? undefined : pathKey(`${after}\0`);
  const found = new Set<string>();
  for (const table of sources) for (const path of core.tables.pathsFrom(table, from, pathsMax)) found.add(path);
  return [...found].sort(byKey).slice(0, pathsMax);
}

/** The order of keys in a table: that of the bytes. */
function byKey(a: string, b: string): number {
  const [x, y] = [pathKey(a), pathKey(b)];
  for (let i = 0; i < x.length && i < y.length; i++) if (x[i] !== y[i]) return (x[i] as number) - (y[i] as number);
  return x.length - y.length;
}

function operationsOf(plan: Plan): readonly PlannedOperation[] {
  const operations: PlannedOperation[] = [];
  for (const act of plan.acts) {
    const { path } = act;
    if (act.act === 'delete') operations.push({ path, op: 'delete' });
    else operations.push({ path, op: 'put', ...(act.disk.kind === 'file' ? { size: act.disk.size } : {}) });
  }
  for (const { path, reason } of plan.waits) if (reason === 'quarantine') operations.push({ path, op: 'put' });
  for (const path of plan.hash) operations.push({ path, op: 'put' });
  for (const { path, version } of plan.needs) operations.push({ path, op: 'fetch', size: version.size });
  for (const operation of plan.operations) {
    const { path, op } = operation;
    if (op === 'note') continue;
    if (op === 'rename') operations.push({ path, op, from: operation.from });
    else operations.push({ path, op, ...(op === 'write' ? { size: operation.version.size } : {}) });
  }
  return operations;
}
