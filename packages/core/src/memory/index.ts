export { type MemoryHostOptions, memoryHost } from './memory-host.js';
export { type MemoryStorage, memoryStorage } from './memory-store.js';
export { type MemoryNetwork, memoryNetwork } from './memory-transport.js';
