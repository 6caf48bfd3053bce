import type { RootState } from '../../../ports/index.js';
import type { DiskRow, Rules } from '../../../tree/index.js';
import type { TaskId } from '../../inputs.js';

/** A look at the disk that is under way. */
export interface Scan {
  readonly task: TaskId;
  readonly paths: readonly string[] | 'all';
  /** Those that said what need not be looked at. */
  readonly rules: Rules;
  readonly rows: (readonly DiskRow[])[];
  /** Paths that were found. */
  readonly seen: Set<string>;
  /** What could not be looked into: nothing can be said of what is below. */
  readonly closed: Set<string>;
  /** Paths that operations of ours changed meanwhile: what was seen there may be of before. */
  readonly stale: Set<string>;
  readonly looks: readonly (() => void)[];
  /** Of one that was due: what of it somebody had told of. */
  readonly told: ReadonlySet<string> | undefined;
  ended?: RootState | undefined;
  /** Paths that were known, while those that are gone are looked for. */
  missing?: Iterator<string> | undefined;
  /** Paths that were known and not found. */
  readonly missed: Set<string>;
  /** Of those, what a second look did not find either; set once they are to be looked at. */
  absent?: Set<string> | undefined;
  /** What is still to be looked at a second time. */
  doubts: readonly string[];
  looking: boolean;
}

/** Nothing was found yet. */
export function newScan(
  of: Pick<Scan, 'task' | 'paths' | 'rules' | 'looks' | 'told'>,
  busy: ReadonlySet<string>,
): Scan {
  const sets = { seen: new Set<string>(), closed: new Set<string>(), missed: new Set<string>() };
  return { ...of, rows: [], ...sets, stale: new Set(busy), doubts: [], looking: false };
}
