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

/** Takes back what was changed at absolute paths by a device that may not write. Throws before anything is changed. */
export function revertChanges(
  resolve: (path: string) => FolderEngine,
  paths: readonly string[],
  done: (outcome: unknown) => void,
): void {
  const folders = Map.groupBy(paths, (path) => resolve(path));
  for (const [{ tree, row, logs }] of folders) {
    check(tree !== undefined, 'usage', `${row.name} has no files.`);
    const text = `What you change in ${row.name} is shared: "history" and "restore" bring earlier versions back.`;
    check(!logs.mayWrite(), 'usage', text);
    check(!tree.root.gone, 'io', tree.status().reason ?? 'The directory is not there.');
  }
  let [open, count] = [folders.size, 0];
  for (const [{ tree, row }, named] of folders) {
    const inside = named.map((path) => path.slice(`${row.root}/`.length));
    tree?.revert(inside, (reverted) => {
      count += reverted;
      open -= 1;
      if (open > 0) return;
      const none = new CloudlessError('not-found', `Nothing was changed here alone: ${paths.join(', ')}.`);
      done(count === 0 ? none : { reverted: count });
    });
  }
}
