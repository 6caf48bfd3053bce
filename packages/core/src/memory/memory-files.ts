import { utf8Text } from '../bytes.js';
import type { Crypto } from '../crypto/index.js';
import { CloudlessError } from '../errors.js';
import type { FolderId } from '../model/index.js';
import type { Files, FilesProvider, RootOptions, WatchHint } from '../ports/index.js';
import { FolderDisk } from './folder-disk.js';
import type { MemoryDisk } from './memory-disk.js';

/** The files of folders on a disk in RAM. Everything is done when the call returns; only the answer comes later. */
export function memoryFiles(disk: MemoryDisk, crypto: Crypto): FilesProvider {
  return {
    open: (rootPath) => {
      const there = disk.find(rootPath);
      if (there === undefined) throw new CloudlessError('not-found', `There is no directory ${rootPath}.`);
      if (there.kind !== 'directory') throw new CloudlessError('unsafe-path', `${rootPath} is not a directory.`);
      return filesOf(new FolderDisk(disk, rootPath, crypto));
    },
    prepareRoot: (path, options) => promised(() => prepareRoot(disk, path, options)),
  };
}

/** Checks a path that is to be a folder's root, and makes the directory if asked to. Throws with a reason. */
export function prepareRoot(disk: MemoryDisk, path: string, { create, otherRoots, token }: RootOptions): string {
  if (!path.startsWith('/')) throw new CloudlessError('usage', `"${path}" is not an absolute path.`);
  const plain = `/${path
    .split('/')
    .filter((part) => part !== '')
    .join('/')}`;
  const there = disk.find(plain);
  for (const other of otherRoots) {
    const overlaps = `${plain}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${plain}/`);
    if (overlaps) throw new CloudlessError('nested-folder', `${plain} and the folder ${other} overlap.`);
  }
  for (let above = parentOf(plain); above !== ''; above = parentOf(above)) {
    if (disk.find(`${above}/.cloudless/root`) === undefined) continue;
    throw new CloudlessError('nested-folder', `${plain} lies inside the folder ${above}.`);
  }
  if (there !== undefined && there.kind !== 'directory') {
    throw new CloudlessError('unsafe-path', `${plain} is not a directory.`);
  }
  const text =
    disk.find(`${plain}/.cloudless/root`) === undefined ? '' : utf8Text(disk.readFile(`${plain}/.cloudless/root`));
  const holds = text?.split(' ')[2];
  if (holds !== undefined && token !== 'any' && holds !== token) {
    throw new CloudlessError('exists', `${plain} holds the token of another folder, or is a copy of one.`);
  }
  if (there === undefined && !create) throw new CloudlessError('not-found', `There is no directory ${plain}.`);
  disk.makeDirectories(plain);
  disk.sync();
  return plain;
}

function filesOf(folder: FolderDisk): Files {
  let owner: FolderId | undefined;
  const stops = new Set<() => void>();
  const owned = (): FolderId => {
    if (owner === undefined) throw new CloudlessError('usage', 'A directory is claimed before anything else.');
    return owner;
  };
  return {
    claim: (id, create, more) => {
      owner = id;
      return promised(() => folder.claim(id, create, more));
    },
    release: () => promised(() => folder.release()),
    erase: () => promised(() => folder.erase()),
    scan: (paths, rows) =>
      promised(() => {
        if (owner === undefined) return { state: 'missing', reason: 'The root was not claimed.' };
        return folder.scan(owner, paths, rows);
      }),
    hash: (path, expected, keys) => promised(() => folder.hash(path, expected, keys)),
    hashArchived: (name, expected, keys) => promised(() => folder.hashArchived(name, expected, keys)),
    readFile: (path, bytesMax) => promised(() => folder.readFile(path, bytesMax)),
    loadChunk: (chunk, sources) => promised(() => folder.loadChunk(chunk, sources)),
    storeChunk: (chunk, keys, ciphertext, targets) =>
      promised(() => folder.storeChunk(chunk, keys, ciphertext, targets)),
    copyChunk: (chunk, keys, sources, targets) => promised(() => folder.copyChunk(chunk, keys, sources, targets)),
    flushTemps: (temps) => promised(() => folder.flushTemps(temps)),
    listTemps: () => promised(() => folder.listTemps()),
    removeTemps: (temps) => promised(() => folder.removeTemps(owned(), temps)),
    apply: (operations, group) => promised(() => folder.apply(owned(), operations, group)),
    writeView: (path, offset, bytes) => promised(() => folder.writeView(owned(), path, offset, bytes)),
    recheck: (names) => promised(() => folder.recheck(owned(), names)),
    archiveGroups: () => promised(() => folder.archiveGroups()),
    listArchived: (groups) => promised(() => folder.listArchived(groups)),
    exportArchived: (name, to, above) => promised(() => folder.exportArchived(name, to, above)),
    look: (paths) => promised(() => folder.look(paths)),
    removeArchived: (names) => promised(() => folder.removeArchived(names)),
    watch: (hint) => promised(() => watch(folder, hint, stops)),
    close: () =>
      promised(() => {
        for (const stop of stops) stop();
      }),
  };
}

function watch(folder: FolderDisk, hint: (hint: WatchHint) => void, stops: Set<() => void>): () => Promise<void> {
  const above = `${folder.root}/`;
  const stop = folder.disk.watch((path) => {
    const below = path.startsWith(above) ? path.slice(above.length) : undefined;
    if (below !== undefined && below !== '.cloudless' && !below.startsWith('.cloudless/')) hint({ paths: [below] });
  });
  stops.add(stop);
  return () =>
    promised(() => {
      stops.delete(stop);
      stop();
    });
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** What `act` returns or throws, as a promise. */
function promised<T>(act: () => T): Promise<T> {
  return new Promise((resolve) => resolve(act()));
}
