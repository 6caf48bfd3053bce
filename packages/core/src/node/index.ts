/** What runs Cloudless on Node. */
export { systemClock, systemRandom } from './clock.js';
export { nodeCrypto } from './crypto.js';
export { connectFiles, type NodeFiles, nodeFilesProvider } from './files.js';
export { nodeHost, type NodeHostOptions } from './host.js';
export { sqliteStorage } from './sqlite-store.js';
