export type { WatchedLook } from './tree-watch.js';
export { Watches } from './watches.js';
