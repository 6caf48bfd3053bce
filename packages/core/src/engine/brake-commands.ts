import { check } from '../errors.js';
import type { FolderEngine } from './folder.js';
import type { FolderTree } from './tree/index.js';

/** The files of a folder. Throws `usage` for a folder that has none. */
export function treeOf(folder: FolderEngine): FolderTree {
  check(folder.tree !== undefined, 'usage', `"${folder.row.name}" has no files.`);
  return folder.tree;
}

/** Lets go or undoes what the brake of a folder holds, and says how much that was. Throws `not-found` if nothing is. */
export function answerBrake(folder: FolderEngine, answer: 'approve' | 'reject'): Readonly<Record<string, unknown>> {
  const tree = treeOf(folder);
  check(tree.brake.held > 0, 'not-found', `Nothing of "${folder.row.name}" waits for an answer.`);
  return { folder: folder.folder, ...(answer === 'approve' ? tree.brake.approve() : tree.brake.reject()) };
}
