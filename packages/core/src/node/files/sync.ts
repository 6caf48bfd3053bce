import { closeSync, fsync, fsyncSync, openSync } from 'node:fs';
import { promisify } from 'node:util';

const syncHandle = promisify(fsync);

/**
 * Makes all of them durable side by side, which costs little more than one; throws when one could not be, once none
 * is under way.
 */
export async function syncAll(handles: Iterable<number>): Promise<void> {
  const ends = await Promise.allSettled([...handles].map((handle) => syncHandle(handle)));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Makes the entries of a directory durable. */
export function syncDirectory(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/**
 * As the file system's calls take times: half a microsecond further from 1970, for what passes through a floating-point
 * number is cut. As text, because a number before 1970 would be taken for the present.
 */
export function secondsOf(timeUs: number): number | string {
  return timeUs < 0 ? `${(timeUs - 0.5) / 1_000_000}` : (timeUs + 0.5) / 1_000_000;
}

/** Whether a link failed because the disk has none, or no more for this file. */
export function hasNoLinks(error: unknown): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'ENOSYS'].includes(code);
}
