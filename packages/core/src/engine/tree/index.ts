/** The files of one folder: look, record, plan, fetch, apply. */
export { FolderTree, type TreeStatus } from './folder-tree.js';
