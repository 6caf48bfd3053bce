import { closeSync, fstatSync, readSync } from 'node:fs';
import type { ReadOutcome } from '../../ports/index.js';
import { openForReading } from './hash.js';
import { isSame, rowOf, stampOf } from './rows.js';

const gone: ReadonlySet<string> = new Set(['ENOENT', 'not-found']);
const attemptsMax = 5;

/** The first bytes of a file, as they were at one moment. */
export function readFile(root: string, path: string, bytesMax: number): ReadOutcome {
  for (let attempt = 1; ; attempt++) {
    try {
      const outcome = readOnce(root, path, bytesMax);
      if (outcome !== 'changed') return outcome;
      if (attempt === attemptsMax) return { outcome: 'unreadable', reason: 'It changes while it is read.' };
    } catch (error) {
      const { code = 'unknown' } = error as { readonly code?: string };
      return gone.has(code) ? { outcome: 'absent' } : { outcome: 'unreadable', reason: `It cannot be read: ${code}.` };
    }
  }
}

function readOnce(root: string, path: string, bytesMax: number): ReadOutcome | 'changed' {
  const handle = openForReading(root, path);
  try {
    const before = fstatSync(handle, { bigint: true });
    if (!before.isFile()) return { outcome: 'unreadable', reason: 'It is no file.' };
    const bytes = new Uint8Array(Math.min(Number(before.size), bytesMax));
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(handle, bytes, filled, bytes.length - filled, filled);
      if (count === 0) return 'changed';
      filled += count;
    }
    const after = fstatSync(handle, { bigint: true });
    if (!isSame(stampOf(before), stampOf(after))) return 'changed';
    return { outcome: 'read', row: rowOf(path, after, ''), bytes };
  } finally {
    closeSync(handle);
  }
}
