/** The earlier of two times, either of which may be absent. */
export function earlier(...times: readonly (number | undefined)[]): number | undefined {
  const earliest = Math.min(...times.map((time) => time ?? Number.POSITIVE_INFINITY));
  return earliest === Number.POSITIVE_INFINITY ? undefined : earliest;
}
