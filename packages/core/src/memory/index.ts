export { DiskError, type DiskErrorCode, type Inode } from './disk-inode.js';
export { DiskPerson } from './disk-person.js';
export { FolderDisk } from './folder-disk.js';
export { type DiskFaults, MemoryDisk, type MemoryDiskOptions, noFaults } from './memory-disk.js';
export { memoryFiles, prepareRoot } from './memory-files.js';
export { type MemoryHostOptions, memoryHost } from './memory-host.js';
export { type MemoryStorage, memoryStorage } from './memory-store.js';
export { type MemoryNetwork, memoryNetwork } from './memory-transport.js';
