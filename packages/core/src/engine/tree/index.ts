/** The files of one folder: look, record, plan, fetch, apply. */
export { FolderTree } from './folder-tree.js';
export { emptyTable, recut } from './store/recut.js';
export type { TreeStatus } from './tree-status.js';
