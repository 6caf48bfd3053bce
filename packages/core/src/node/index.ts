/** What runs Cloudless on Node. */
export { systemClock, systemRandom } from './clock.js';
export { nodeCrypto } from './crypto.js';
export { connectFiles, type NodeFiles, type NodeFilesOptions, nodeFilesProvider } from './files.js';
export { type NodeHostOptions, nodeHost } from './host.js';
export { sqliteStorage } from './sqlite-store.js';
