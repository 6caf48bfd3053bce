import type { DiskRow } from '../../../tree/index.js';
import type { TreeCore } from '../core.js';
import { looksOf, type Seen } from '../store/rows.js';

/**
 * Whether a damaged file is still that: a name more or less of it, or another mode, leaves only another ctime. It is
 * read again all the same, as somebody may have written to it who set its time back.
 */
export function staysDamaged(core: TreeCore, { row: before, ref }: Seen, row: DiskRow): boolean {
  const { content, damaged } = before;
  if (damaged !== true || looksOf({ ...before, ctimeUs: row.ctimeUs }) !== looksOf(row)) return false;
  core.see({ ...row, content, damaged }, ref);
  core.doubts.add(row.path);
  core.context.again();
  return true;
}
