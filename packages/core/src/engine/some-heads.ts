import { entryHeadsMax } from '../limits.js';
import { type DeviceId, type Head, logKey } from '../model/index.js';

/** As many heads as an entry can name, in their order, that of one device among them. */
export function someHeads(heads: readonly Head[], by: DeviceId | undefined): readonly Head[] {
  const first = heads.filter((head) => head.device === by);
  const others = heads.filter((head) => head.device !== by).slice(0, entryHeadsMax - first.length);
  return [...first, ...others].sort((a, b) => (logKey(a) < logKey(b) ? -1 : 1));
}
