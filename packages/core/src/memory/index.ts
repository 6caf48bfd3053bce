export { type MemoryStorage, memoryStorage } from './memory-store.js';
