import { CloudlessError, check } from '../errors.js';
import { privateName } from '../model/index.js';
import type { Command } from './commands.js';
import type { FolderEngine } from './folder.js';
import type { FolderTree } from './tree/index.js';

interface Files {
  readonly root: string;
  readonly tree: FolderTree;
}

/** Versions of a path in the archive, the latest first; of a directory all that lay below it. */
export function history(folder: FolderEngine, path: string): unknown {
  const { root, tree } = filesOf(folder);
  return tree.history(insideOf(root, path) ?? '').map(({ timeMs, mtimeUs, by, ...item }) => ({
    ...item,
    path: `${root}/${item.path}`,
    time: new Date(timeMs).toISOString(),
    modified: new Date(mtimeUs / 1_000).toISOString(),
    by: by ?? null,
  }));
}

/** Brings a version back from the archive. Throws what is wrong with the request. */
export function restore(
  folder: FolderEngine,
  { path, version, to }: Extract<Command, { readonly command: 'restore' }>,
  done: (outcome: unknown) => void,
): void {
  const { root, tree } = filesOf(folder);
  const from = insideOf(root, path);
  check(from !== undefined, 'usage', 'Name a file in the folder; "cloudless history" lists them.');
  const target = to ?? path;
  const inside = insideOf(root, target);
  const isHeld = folder.paused && inside !== undefined;
  check(!isHeld, 'busy', `"${folder.row.name}" is paused; "cloudless resume" lets it go on.`);
  check(target !== root && isAllowed(target), 'bad-path', `"${target}" is no place for a file.`);
  tree.restore(from, version, inside === undefined ? { outside: target } : { inside }, (outcome) => {
    done(outcome instanceof CloudlessError ? outcome : { path: target, ...outcome });
  });
}

function filesOf({ row, tree }: FolderEngine): Files {
  check(row.root !== undefined && tree !== undefined, 'usage', 'This folder has no files.');
  return { root: row.root, tree };
}

/** The folder's path of an absolute one, if it lies in it. */
function insideOf(root: string, path: string): string | undefined {
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : undefined;
}

/** Nothing is put where the program keeps its own. */
function isAllowed(path: string): boolean {
  const isAbsolute = /^(?:\/|[A-Za-z]:[\\/])/.test(path);
  return isAbsolute && !path.split(/[\\/]/).includes(privateName);
}
