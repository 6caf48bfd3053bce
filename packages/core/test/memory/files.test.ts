import { describe, it } from 'vitest';
import { DiskPerson, FolderDisk, MemoryDisk, memoryFiles } from '../../src/memory/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { type FilesWorld, filesSuite, type Person } from '../../src/testing/index.js';

const root = '/folder';
const crypto = nodeCrypto();

function world(): FilesWorld {
  const disk = new MemoryDisk();
  disk.makeDirectories(root);
  disk.makeDirectories('/outside');
  const provider = memoryFiles(disk, crypto);
  return { crypto, person: personOf(disk), open: () => provider.open(root), close: () => Promise.resolve() };
}

function personOf(disk: MemoryDisk): Person {
  const at = new DiskPerson(disk, root);
  const archive = new DiskPerson(disk, `${root}/.cloudless/archive`);
  const isDirectory = (name: string): boolean =>
    disk.find(new FolderDisk(disk, root, crypto).archived(name))?.kind === 'directory';
  return {
    write: (path, bytes) => at.write(path, bytes),
    append: (path, bytes) => at.append(path, bytes),
    read: (path) => at.read(path),
    rename: (from, to) => at.rename(from, to),
    makeDirectory: (path) => at.makeDirectory(path),
    remove: (path) => at.remove(path),
    symlink: (path, target) => at.symlink(path, target),
    readLink: (path) => at.readLink(path),
    setExecutable: (path, executable) => at.setExecutable(path, executable),
    isExecutable: (path) => at.isExecutable(path),
    setModified: (path, mtimeUs) => at.setModified(path, mtimeUs),
    setReadable: (path, readable) => at.setReadable(path, readable),
    list: (path) => at.list(path),
    archive: () =>
      disk.find(`${root}/.cloudless/archive`) === undefined
        ? []
        : archive
            .paths()
            .filter((name) => !isDirectory(name))
            .map((name) => ({ name, bytes: archive.read(name) ?? new Uint8Array(0) })),
    open: (path) => at.open(path),
    outside: '/outside',
    listOutside: () => disk.names('/outside'),
    loseRoot: () => disk.rename(root, '/lost'),
  };
}

filesSuite('memory files', { runner: { describe, it }, make: () => Promise.resolve(world()) });
