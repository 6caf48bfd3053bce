import { type LocalAct, settledOf } from '../../tree/index.js';
import type { TreeCore } from './core.js';
import type { Transfers } from './fetch/transfers.js';
import { Snapshot } from './store/snapshot.js';

/** What was recorded is planned again only where more than that is to be done. */
export function settle(core: TreeCore, transfers: Transfers, acts: readonly LocalAct[]): void {
  const input = new Snapshot(core).input(new Set(), () => false);
  const paths = acts.map(({ path }) => path);
  for (const path of settledOf(input, paths)) {
    if (core.tables.need(path) !== undefined || core.busy.has(path)) continue;
    transfers.keepNothing(path);
    core.resolved(path);
    core.clean(path);
  }
}
