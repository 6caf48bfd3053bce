import { statfsSync } from 'node:fs';
import { CloudlessError } from '../../errors.js';

const shareKept = 100n;
const bytesKeptMax = 1_073_741_824n;
const mebibyte = 1_048_576n;

/** A file system's blocks, as it tells them. */
export interface Space {
  readonly bsize: bigint;
  readonly blocks: bigint;
  readonly bavail: bigint;
}

/**
 * Throws `disk-full` when so much more would leave less than a hundredth of the disk, at most 1 GiB: what comes from
 * others never takes what the databases and the person's other programs need to go on.
 */
export function checkRoom(directory: string, bytes: number): void {
  const reason = noRoom(spaceOf(directory), bytes);
  if (reason !== undefined) throw new CloudlessError('disk-full', reason);
}

/** Why so much more is too much, if it is. */
export function noRoom(space: Space | undefined, bytes: number): string | undefined {
  // Some file systems in memory and on networks tell no size.
  if (space === undefined || space.blocks === 0n) return undefined;
  const [size, free] = [space.blocks * space.bsize, space.bavail * space.bsize];
  const share = size / shareKept;
  const kept = share < bytesKeptMax ? share : bytesKeptMax;
  if (free - kept >= BigInt(bytes)) return undefined;
  const [left, spared] = [free / mebibyte, kept / mebibyte];
  return `The disk is full: ${left} MiB are free, and ${spared} MiB stay free for what can not wait.`;
}

function spaceOf(directory: string): Space | undefined {
  try {
    return statfsSync(directory, { bigint: true });
  } catch {
    return undefined;
  }
}
