import { CloudlessError, check } from '../errors.js';
import type { Keep } from './commands.js';
import type { FolderEngine } from './folder.js';

/** Rows of `conflicts`: absolute paths, the copies of each with when and by whom they were written. */
export function describeConflicts(folders: readonly FolderEngine[]): readonly Readonly<Record<string, unknown>>[] {
  return folders.flatMap(({ tree, row, folder }) => {
    const rows = tree?.conflictsList() ?? [];
    return rows.map(({ path, copies }) => ({
      folder,
      path: `${row.root}/${path}`,
      copies: copies.map(({ path: copy, timeMs, ...rest }) => {
        return { path: `${row.root}/${copy}`, time: new Date(timeMs).toISOString(), ...rest };
      }),
    }));
  });
}

/** Settles the conflict at an absolute path. Throws, or hands over, what is in the way. */
export function resolveConflict(
  { tree, row }: FolderEngine,
  path: string,
  keep: Keep,
  done: (outcome: unknown) => void,
): void {
  const inside = row.root !== undefined && path.startsWith(`${row.root}/`) ? path.slice(row.root.length + 1) : '';
  check(tree !== undefined && inside !== '', 'usage', `${path} is no file or directory in a folder.`);
  tree.resolve(inside, keep, (error) => done(error instanceof CloudlessError ? error : { path, keep }));
}
