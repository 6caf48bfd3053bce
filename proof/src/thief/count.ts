// Loaded into a daemon before anything else, into each of its threads: counts into $THIEF_COUNT, a byte each, how often
// a directory could not be opened because a link stood there. With $THIEF_FOLLOW the daemon follows links after all,
// which shows that the race would be won against a program without that defence.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { O_NOFOLLOW = 0 } = fs.constants;
const counts = process.env['THIEF_COUNT'] ?? '';
const follow = process.env['THIEF_FOLLOW'] !== undefined;
const { openSync, appendFileSync } = fs;

function counting(file: fs.PathLike, flags?: fs.OpenMode, mode?: fs.Mode | null): number {
  try {
    return openSync(file, follow && typeof flags === 'number' ? flags & ~O_NOFOLLOW : (flags ?? 'r'), mode);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isLink = code === 'ENOTDIR' || code === 'ELOOP';
    if (isLink && counts !== '' && typeof flags === 'number' && (flags & O_NOFOLLOW) !== 0) appendFileSync(counts, '.');
    throw error;
  }
}

fs.openSync = counting;
syncBuiltinESMExports();
