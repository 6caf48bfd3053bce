/** What the system offers for watching, and what it says of limits and of file systems that tell nothing. */

import { readFileSync, statfsSync, watch } from 'node:fs';

/** A watch of one directory. */
export interface DirectoryWatch {
  close(): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** The calls of the system that a watcher needs. */
export interface WatchSystem {
  /** Whether a watch sees all that is below a directory and costs no more for it; it names paths then. */
  readonly seesTrees: boolean;
  /** Throws the system's error when there can be no watch. */
  watch(path: string, seen: (event: string, name: string | null) => void): DirectoryWatch;
  /** Whether files below may be changed without this machine being told. */
  isRemote(root: string): boolean;
  /** A bound of the system by its name below `fs.inotify`. */
  limit(name: string): number | undefined;
}

/** Network file systems and those that a program serves, by the number that statfs gives. */
const remoteTypes: ReadonlySet<number> = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB 2
  0x65735546, // FUSE
  0x01021997, // 9P
  0x00c36400, // Ceph
  0x5346414f, // AFS
  0x6b414653, // kAFS
  0x73757245, // Coda
  0x786f4256, // shared folders of VirtualBox
]);

/** On Linux Node would watch each file of a tree by itself. */
const seesTrees = process.platform === 'darwin' || process.platform === 'win32';

export const machine: WatchSystem = {
  seesTrees,
  watch: (path, seen) => watch(path, { recursive: seesTrees }, seen),
  isRemote: (root) => {
    try {
      return remoteTypes.has(statfsSync(root).type);
    } catch {
      return false;
    }
  },
  limit: (name) => {
    try {
      return Number.parseInt(readFileSync(`/proc/sys/fs/inotify/${name}`, 'utf8'), 10);
    } catch {
      return undefined;
    }
  },
};

/** Codes of errors that say that the system has no watch to give now. */
export function isLimit(code: string | undefined): code is 'ENOSPC' | 'EMFILE' | 'ENFILE' {
  return code === 'ENOSPC' || code === 'EMFILE' || code === 'ENFILE';
}

/** Why directories are not watched, and what to do about it; one line for a person. */
export function unwatchedReason(system: WatchSystem, code: string, directories: number): string {
  const what = `${directories} ${directories === 1 ? 'directory is' : 'directories are'} looked at now and then`;
  if (!isLimit(code)) return `${what}: the system does not watch them (${code})`;
  const [of, name, least] =
    code === 'ENOSPC'
      ? (['watched directories', 'max_user_watches', 524_288] as const)
      : (['watchers', 'max_user_instances', 512] as const);
  const now = system.limit(name);
  const reached = `${what}, for the system's limit of ${of}`;
  if (now === undefined) return `${reached} is reached`;
  return `${reached} (${now}) is reached; to raise it: sudo sysctl fs.inotify.${name}=${Math.max(least, 2 * now)}`;
}

/** The same of a file system that does not tell what happens on it. */
export const remoteReason =
  'its file system does not tell what others change there, so all of it is looked at now and then';
