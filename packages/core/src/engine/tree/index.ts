/** The files of one folder: look, record, plan, fetch, apply. */
export { FolderTree, type TreeStatus } from './folder-tree.js';
export { isPattern, patternFault } from './rules/patterns.js';
export { bytesOfLines, ignoreFileName, type LocalRules, noLocalRules } from './rules/rules.js';
