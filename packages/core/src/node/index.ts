/** What runs Cloudless on Node. */
export { nodeCrypto } from './crypto.js';
