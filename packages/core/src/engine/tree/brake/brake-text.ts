import type { DeviceId } from '../../../model/index.js';
import type { ChangeSide } from '../../../tree/index.js';

/** Digits of a device's id that a person is shown. */
export const shortDevice = 8;

/** What one device did that waits for a person. */
export interface Hold {
  readonly side: ChangeSide;
  readonly device: DeviceId;
  /** Unix ms. */
  readonly sinceMs: number;
  readonly deletes: number;
  readonly overwrites: number;
  readonly conflicts: number;
  /** Paths here that the folder no longer knows. */
  readonly forgotten: number;
  /** Files here when the first of it was found. */
  readonly files: number;
  /** Nothing would be left. */
  readonly empties: boolean;
}

/** For a person: who did what, how much of it, and how to decide. One sentence, without what a folder is called. */
export function brakeText(holds: readonly Hold[], folder: string): string {
  const facts = holds.map((hold) => factOf(hold)).join('; ');
  if (holds.every(({ forgotten }) => forgotten > 0)) {
    const reject = `"cloudless reject ${folder}" puts it into the archive`;
    return `${facts}: "cloudless approve ${folder}" shares it anew, ${reject}.`;
  }
  if (holds.every(({ deletes, overwrites, forgotten }) => deletes + overwrites + forgotten === 0))
    return `${facts}; "cloudless approve ${folder}" shows both versions of each.`;
  const here = holds.every(({ side }) => side === 'out');
  const there = holds.every(({ side }) => side === 'in');
  const effect = here ? 'nothing of that was shared' : there ? 'nothing of that was done here' : 'that waits';
  const undone = here ? 'undoes it here' : there ? 'undoes it for everybody' : 'undoes it';
  return `${facts}; ${effect}: "cloudless approve ${folder}" lets it go on, "cloudless reject ${folder}" ${undone}.`;
}

function factOf(hold: Hold): string {
  const { side, device, deletes, overwrites, conflicts, forgotten, files, empties } = hold;
  if (forgotten > 0) return `The folder no longer knows ${number(forgotten, 'path')} of this device`;
  const who = side === 'out' ? 'This device' : `Device ${device.slice(0, shortDevice)}`;
  const acts: string[] = [];
  if (deletes > 0)
    acts.push(empties ? `deleted all ${number(deletes, 'file')}` : `deleted ${deletes} of ${number(files, 'file')}`);
  if (overwrites > 0) acts.push(`changed ${overwrites} of ${number(files, 'file')}`);
  if (conflicts > 0) acts.push(`brought about conflicts at ${number(conflicts, 'path')}`);
  return `${who} ${acts.length === 0 ? 'removed directories' : acts.join(' and ')}`;
}

function number(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
