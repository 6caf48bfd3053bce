/** The files of one folder: look, record, plan, fetch, apply. */
export { FolderTree, type Served, type TreeStatus } from './folder-tree.js';
export type { FetchedOutcome } from './outcome.js';
export type { Explanation } from './why.js';
