/** What no longer counts of what was applied, or counts again (`spec/03 §9`). */

import type { Membership } from '../membership/index.js';
import type { DeviceId, LogName } from '../model/index.js';
import type { Vector } from '../tree/index.js';
import type { Forks } from './forks.js';
import type { LogBook } from './log-book.js';

/** Whether places of logs that are applied count otherwise than they did. */
export function countsOtherwise(book: LogBook, forks: Forks, before: Membership, after: Membership): boolean {
  const [was, is] = [before.content, after.content];
  if (was === undefined || is === undefined) return false;
  return book.logs().some((log) => {
    if (log.log !== 'content' || log.appliedSeq < log.start) return false;
    const device = forks.deviceOf(log);
    return was.shapeOf(device, log, log.appliedSeq) !== is.shapeOf(device, log, log.appliedSeq);
  });
}

/** What is left of a vector without places that don't count: of each log the last one before that does. */
export function withoutVoid({ content }: Membership, forks: Forks, vector: Vector): Vector {
  if (content === undefined) return vector;
  const places = (Object.entries(vector) as [DeviceId, number][]).map(([device, seq]) => {
    const log: LogName = { device, log: 'content' };
    return [device, content.lastOf(forks.deviceOf(log), log, seq)] as const;
  });
  return Object.fromEntries(places.filter(([, seq]) => seq > 0));
}
