import {
  appendFileSync,
  chmodSync,
  ftruncateSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeCrypto, nodeFilesProvider } from '../../src/node/index.js';
import type { FilesProvider } from '../../src/ports/index.js';
import type { FilesFeature, FilesWorld, Person } from '../../src/testing/index.js';

/** A directory of this test's own, and what removes it. */
export interface Place {
  readonly path: string;
  remove(): void;
}

export function newPlace(): Place {
  const path = mkdtempSync(join(tmpdir(), 'cloudless-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export const nodeFeatures: readonly FilesFeature[] = ['symlinks', 'executable', 'unreadable'];

const nobody = 65_534;

/** Nothing is unreadable for the superuser: until the returned function is called, this process is nobody. */
function asNobody(): () => void {
  const { seteuid } = process;
  if (process.geteuid?.() !== 0 || seteuid === undefined) return () => undefined;
  seteuid.call(process, nobody);
  return () => seteuid.call(process, 0);
}

export interface NodeWorld extends FilesWorld {
  readonly root: string;
  readonly outside: string;
  readonly provider: FilesProvider;
}

/** A root in a directory of its own, with another one beside it. */
export function nodeWorld(): NodeWorld {
  const asBefore = asNobody();
  const place = newPlace();
  const [root, outside] = [join(place.path, 'root'), join(place.path, 'outside')];
  mkdirSync(root);
  mkdirSync(outside);
  const provider = nodeFilesProvider({ workers: 'inline' });
  const person = personAt(root, outside);
  return {
    crypto: nodeCrypto(),
    root,
    outside,
    provider,
    person,
    open: () => provider.open(root),
    close: async () => {
      await provider.close();
      place.remove();
      asBefore();
    },
  };
}

/** Somebody who works in a directory with this machine's own calls. */
export function personAt(root: string, outside: string): Person {
  const at = (path: string): string => join(root, path);
  const archiveRoot = at('.cloudless/archive');
  return {
    outside,
    write: (path, bytes) => writeFileSync(at(path), bytes),
    append: (path, bytes) => appendFileSync(at(path), bytes),
    read: (path) => (isFile(at(path)) ? new Uint8Array(readFileSync(at(path))) : undefined),
    rename: (from, to) => renameSync(at(from), at(to)),
    makeDirectory: (path) => mkdirSync(at(path)),
    remove: (path) => rmSync(at(path), { recursive: true }),
    symlink: (path, target) => symlinkSync(target, at(path)),
    readLink: (path) => (isLink(at(path)) ? readlinkSync(at(path)) : undefined),
    setExecutable: (path, executable) => chmodSync(at(path), executable ? 0o755 : 0o644),
    isExecutable: (path) => (statSync(at(path)).mode & 0o100) !== 0,
    // Half a microsecond more, so that what is cut off on the way is never a whole one.
    setModified: (path, mtimeUs) => lutimesSync(at(path), (mtimeUs + 0.5) / 1e6, (mtimeUs + 0.5) / 1e6),
    setReadable: (path, readable) => chmodSync(at(path), readable ? 0o755 : 0),
    list: (path) =>
      readdirSync(at(path))
        .filter((name) => name !== '.cloudless')
        .sort(),
    archive: () =>
      filesBelow(archiveRoot).map((name) => ({ name, bytes: new Uint8Array(bytesOf(join(archiveRoot, name))) })),
    open: (path) => {
      const handle = openSync(at(path), 'r+');
      return (bytes) => {
        ftruncateSync(handle, 0);
        writeSync(handle, bytes, 0, bytes.length, 0);
      };
    },
    listOutside: () => readdirSync(outside),
    loseRoot: () => renameSync(root, `${root}-elsewhere`),
  };
}

function bytesOf(path: string): Uint8Array {
  return isLink(path) ? new TextEncoder().encode(readlinkSync(path)) : readFileSync(path);
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

/** Paths of all that is no directory, relative to `directory`. */
export function filesBelow(directory: string): readonly string[] {
  if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) return [];
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
}
