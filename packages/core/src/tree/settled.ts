import { FactTable } from './facts.js';
import { bookkeeping } from './plan-rows.js';
import type { PlanInput } from './plan-types.js';

/** Of these paths those for which a plan would do and say nothing: disk, base row and view agree in all they know. */
export function settledOf(input: PlanInput, paths: Iterable<string>): readonly string[] {
  const table = new FactTable(input, []);
  return [...paths].filter((path) => {
    const facts = table.of(path);
    const { base, view, local, settled, taken } = facts;
    if (!settled || taken || local !== 'none' || base?.copyOf !== undefined || base?.copies !== undefined) return false;
    return view !== undefined && view.copies.length === 0 && bookkeeping(facts) === undefined;
  });
}
