import { DiskError, type DiskErrorCode, type Inode, newInode } from './disk-inode.js';

export interface MemoryDiskOptions {
  /** Microseconds since 1970 for times of files; a counter when absent. */
  readonly nowUs?: (() => number) | undefined;
  /** A file system without executable bits, whose times are whole seconds. */
  readonly coarse?: boolean | undefined;
  /** Whether a file can have a second name; default true. */
  readonly links?: boolean | undefined;
}

/** What goes wrong with a disk. All of it may be changed at any time. */
export interface DiskFaults {
  /** Bytes that can still be written; a write beyond them is made in part and fails. */
  freeBytes: number;
  /** Whether reading that path fails. */
  unreadable: (path: string) => boolean;
  /** Whether writing there fails. */
  unwritable: (path: string) => boolean;
  /** Called before each change; may act on the disk as somebody else, or throw to end the power there. */
  step: (path: string) => void;
  /** Called before each change and each flush; throws to end the power there. */
  call: () => void;
  /** Whether there is no room for anything new there. */
  full: (path: string) => boolean;
  /** What the bytes of a file, the names in a directory or a change there are refused with, if they are. */
  refuses: (path: string, what: 'read' | 'list' | 'write') => DiskErrorCode | undefined;
  /** Whether `flush` leaves names as they are: those are durable after `sync` only. */
  loose: boolean;
}

/** A disk with which nothing is wrong. */
export function noFaults(): DiskFaults {
  return {
    freeBytes: Number.POSITIVE_INFINITY,
    unreadable: () => false,
    unwritable: () => false,
    step: () => undefined,
    call: () => undefined,
    full: () => false,
    refuses: () => undefined,
    loose: false,
  };
}

const firstUs = 1_600_000_000_000_000;
const tickUs = 1_000;
const root = '';

/**
 * A file system in RAM: inodes, hard links, directories, symlinks that are never followed. Absolute paths,
 * `/`-separated. What is changed is
 * journalled in order: a power cut undoes a tail of the changes that were not made durable, and leaves bytes that
 * were not flushed old, new
 * or torn.
 */
export class MemoryDisk {
  readonly coarse: boolean;
  readonly links: boolean;
  readonly faults: DiskFaults = noFaults();
  readonly #nowUs: () => number;
  readonly #journal: (() => void)[] = [];
  readonly #unflushed = new Set<Inode>();
  readonly #watches = new Set<(path: string) => void>();
  readonly #root: Inode;
  #lastUs = firstUs;
  #inodes = 0;

  constructor(options: MemoryDiskOptions = {}) {
    this.coarse = options.coarse ?? false;
    this.links = options.links ?? true;
    this.#nowUs = options.nowUs ?? (() => this.#lastUs + tickUs);
    this.#root = this.#make('directory');
  }

  /** The inode at a path, or nothing. Goes through no link; throws `EIO` or `EACCES` where it cannot look. */
  find(path: string): Inode | undefined {
    let at: Inode | undefined = this.#root;
    for (const part of partsOf(path)) {
      if (at?.kind !== 'directory') return undefined;
      if (!at.readable) throw new DiskError('EACCES', path);
      at = at.entries.get(part);
    }
    if (this.faults.unreadable(path)) throw new DiskError('EIO', path);
    return at;
  }

  /** The inode at a path. Throws `ENOENT` when there is none. */
  get(path: string): Inode {
    const inode = this.find(path);
    if (inode === undefined) throw new DiskError('ENOENT', path);
    return inode;
  }

  /** Bytes of a file. Throws `EISDIR`, `ELOOP` or `EACCES` where there is none to read. */
  readFile(path: string): Uint8Array {
    const inode = this.get(path);
    if (inode.kind === 'directory') throw new DiskError('EISDIR', path);
    if (inode.kind === 'symlink') throw new DiskError('ELOOP', path);
    if (!inode.readable) throw new DiskError('EACCES', path);
    this.#refuse(path, 'read');
    return inode.bytes;
  }

  /** Names in a directory, sorted. */
  names(path: string): readonly string[] {
    const inode = this.get(path);
    if (inode.kind !== 'directory') throw new DiskError('ENOTDIR', path);
    if (!inode.readable) throw new DiskError('EACCES', path);
    this.#refuse(path, 'list');
    return [...inode.entries.keys()].sort();
  }

  /** Makes a directory where there is nothing. */
  makeDirectory(path: string): void {
    this.#add(path, () => this.#make('directory'));
  }

  /** Makes a directory and those above it; one that is there will do. */
  makeDirectories(path: string): void {
    const parts = partsOf(path);
    for (let count = 1; count <= parts.length; count++) {
      const each = `/${parts.slice(0, count).join('/')}`;
      const there = this.find(each);
      if (there === undefined) this.makeDirectory(each);
      else if (there.kind !== 'directory') throw new DiskError(there.kind === 'symlink' ? 'ELOOP' : 'ENOTDIR', each);
    }
  }

  makeSymlink(path: string, target: string): void {
    this.#add(path, () => this.#make('symlink', target));
  }

  /** Makes an empty file where there is nothing. */
  makeFile(path: string): void {
    this.#add(path, () => this.#make('file'));
  }

  /** Writes at an offset of a file that is there; what a full disk has no room for is left out, and it throws. */
  writeAt(path: string, offset: number, bytes: Uint8Array): void {
    const inode = this.#writable(path);
    if (this.faults.full(path)) throw new DiskError('ENOSPC', path);
    const growth = Math.max(0, offset + bytes.length - inode.bytes.length);
    const fits = Math.min(bytes.length, Math.max(0, bytes.length - Math.max(0, growth - this.faults.freeBytes)));
    const next = new Uint8Array(Math.max(inode.bytes.length, offset + fits));
    next.set(inode.bytes);
    next.set(bytes.subarray(0, fits), offset);
    this.faults.freeBytes -= next.length - inode.bytes.length;
    this.#setBytes(path, inode, next);
    if (fits < bytes.length) throw new DiskError('ENOSPC', path);
  }

  /** Makes a file's bytes these, in the same inode. */
  setBytes(path: string, bytes: Uint8Array): void {
    this.#setBytes(path, this.#writable(path), bytes.slice());
  }

  /** Keeps a file open: what is written to it goes to this inode, whatever names it gets or loses. */
  open(path: string): { readonly write: (bytes: Uint8Array) => void } {
    const inode = this.#writable(path);
    return {
      write: (bytes) => {
        this.#setBytes(path, inode, bytes.slice());
        inode.durable = undefined;
        this.#unflushed.delete(inode);
      },
    };
  }

  setMetadata(path: string, change: { readonly executable?: boolean; readonly mtimeUs?: number }): void {
    this.#change(path);
    const inode = this.get(path);
    const { executable, mtimeUs } = inode;
    this.#journal.push(() => Object.assign(inode, { executable, mtimeUs }));
    if (!this.coarse) inode.executable = change.executable ?? executable;
    inode.mtimeUs = this.#time(change.mtimeUs ?? mtimeUs);
    inode.ctimeUs = this.#tick();
    this.#hint(path);
  }

  /** Takes away or gives back the right to read. */
  setReadable(path: string, readable: boolean): void {
    const inode = this.#entry(path);
    if (inode !== undefined) Object.assign(inode, { readable, ctimeUs: this.#tick() });
  }

  /** A second name for a file. Throws `EEXIST` where something is. */
  link(from: string, to: string): void {
    const inode = this.get(from);
    if (inode.kind === 'directory') throw new DiskError('EISDIR', from);
    this.#add(to, () => inode);
    inode.ctimeUs = this.#tick();
  }

  /** Removes a name of a file or symlink. */
  unlink(path: string): void {
    this.#change(path);
    const inode = this.get(path);
    if (inode.kind === 'directory') throw new DiskError('EISDIR', path);
    this.#enter(path, undefined);
    inode.ctimeUs = this.#tick();
  }

  removeDirectory(path: string): void {
    this.#change(path);
    const inode = this.get(path);
    if (inode.kind !== 'directory') throw new DiskError('ENOTDIR', path);
    if (inode.entries.size > 0) throw new DiskError('ENOTEMPTY', path);
    this.#enter(path, undefined);
  }

  /** As POSIX: over a file or an empty directory of the same sort, which is never absent in between. */
  rename(from: string, to: string): void {
    this.#change(to);
    const inode = this.get(from);
    const there = this.find(to);
    if (`${to}/`.startsWith(`${from}/`) && from !== to) throw new DiskError('EINVAL', to);
    if (there !== undefined && there.kind === 'directory' && there.entries.size > 0)
      throw new DiskError('ENOTEMPTY', to);
    if (there !== undefined && (there.kind === 'directory') !== (inode.kind === 'directory')) {
      throw new DiskError(there.kind === 'directory' ? 'EISDIR' : 'ENOTDIR', to);
    }
    if (there === inode) return;
    this.#parent(to);
    this.#journal.push(this.#replace(from, undefined, this.#replace(to, inode)));
    inode.ctimeUs = this.#tick();
    this.#hint(from);
    this.#hint(to);
  }

  /** Makes a file's bytes durable, and with them, unless the disk is `loose`, all changes of names made so far. */
  flush(path: string): void {
    this.faults.call();
    const inode = this.get(path);
    inode.durable = undefined;
    this.#unflushed.delete(inode);
    if (!this.faults.loose) this.sync();
  }

  /** Turns a bit of a file. Nothing that is seen of the file but its bytes tells of it. */
  turnBit(path: string, at: number): void {
    const inode = this.get(path);
    if (inode.bytes.length === 0) return;
    const turned = inode.bytes.slice();
    const byte = (at >>> 3) % turned.length;
    turned[byte] = (turned[byte] ?? 0) ^ (1 << (at & 7));
    inode.bytes = turned;
  }

  /** Makes all changes of names made so far durable. */
  sync(): void {
    this.faults.call();
    this.#journal.length = 0;
  }

  /** Makes everything durable. */
  syncAll(): void {
    this.faults.call();
    this.#settle();
  }

  /**
   * Power cut. `random` gives numbers from 0 to 1 (not included), and says how much of what was not durable is
   * there all the same.
   */
  crash(random: () => number = () => 0): void {
    const kept = Math.floor(random() * (this.#journal.length + 1));
    for (const undo of this.#journal.splice(kept).reverse()) undo();
    for (const inode of this.#unflushed) inode.bytes = torn(inode, random());
    this.#settle();
  }

  /** Calls with the path of each change; the returned function ends it. */
  watch(changed: (path: string) => void): () => void {
    this.#watches.add(changed);
    return () => void this.#watches.delete(changed);
  }

  #settle(): void {
    for (const inode of this.#unflushed) inode.durable = undefined;
    this.#unflushed.clear();
    this.#journal.length = 0;
  }

  #make(kind: Inode['kind'], target?: string): Inode {
    const inode = newInode(++this.#inodes, kind, this.#tick(), target);
    inode.mtimeUs = this.#time(inode.mtimeUs);
    return inode;
  }

  #add(path: string, make: () => Inode): void {
    this.#change(path);
    if (this.find(path) !== undefined) throw new DiskError('EEXIST', path);
    this.#parent(path);
    if (this.faults.freeBytes <= 0 || this.faults.full(path)) throw new DiskError('ENOSPC', path);
    this.#enter(path, make());
  }

  #writable(path: string): Inode {
    this.#change(path);
    const inode = this.get(path);
    if (inode.kind === 'directory') throw new DiskError('EISDIR', path);
    if (inode.kind === 'symlink') throw new DiskError('ELOOP', path);
    return inode;
  }

  #setBytes(path: string, inode: Inode, bytes: Uint8Array): void {
    inode.durable ??= inode.bytes;
    this.#unflushed.add(inode);
    inode.bytes = bytes;
    inode.ctimeUs = this.#tick();
    inode.mtimeUs = this.#time(inode.ctimeUs);
    this.#hint(path);
  }

  #enter(path: string, inode: Inode | undefined): void {
    this.#journal.push(this.#replace(path, inode));
    this.#hint(path);
  }

  /** Changes an entry of a directory; the returned function undoes it, and before that `also`. */
  #replace(path: string, inode: Inode | undefined, also?: () => void): () => void {
    const [parent, name] = this.#parent(path);
    const before = parent.entries.get(name);
    setEntry(parent, name, inode);
    parent.ctimeUs = this.#tick();
    parent.mtimeUs = this.#time(parent.ctimeUs);
    return () => {
      setEntry(parent, name, before);
      also?.();
    };
  }

  #parent(path: string): readonly [Inode, string] {
    const parts = partsOf(path);
    const name = parts.pop();
    if (name === undefined) throw new DiskError('EINVAL', path);
    let at = this.#root;
    for (const part of parts) {
      const next = at.entries.get(part);
      if (next === undefined) throw new DiskError('ENOENT', path);
      if (next.kind !== 'directory') throw new DiskError(next.kind === 'symlink' ? 'ELOOP' : 'ENOTDIR', path);
      at = next;
    }
    return [at, name];
  }

  #entry(path: string): Inode | undefined {
    const [parent, name] = this.#parent(path);
    return parent.entries.get(name);
  }

  #change(path: string): void {
    this.faults.step(path);
    this.faults.call();
    if (this.faults.unwritable(path)) throw new DiskError('EIO', path);
    this.#refuse(path, 'write');
  }

  #refuse(path: string, what: 'read' | 'list' | 'write'): void {
    const code = this.faults.refuses(path, what);
    if (code !== undefined) throw new DiskError(code, path);
  }

  #time(us: number): number {
    return this.coarse ? Math.floor(us / 1_000_000) * 1_000_000 : us;
  }

  #tick(): number {
    this.#lastUs = Math.max(this.#lastUs + 1, this.#nowUs());
    return this.#lastUs;
  }

  #hint(path: string): void {
    for (const changed of this.#watches) changed(path);
  }
}

function setEntry(parent: Inode, name: string, inode: Inode | undefined): void {
  if (inode === undefined) parent.entries.delete(name);
  else parent.entries.set(name, inode);
}

function partsOf(path: string): string[] {
  return path.split('/').filter((part) => part !== root);
}

/** What lies on a disk of bytes that were not flushed. */
function torn({ bytes, durable = bytes }: Inode, chance: number): Uint8Array {
  if (chance < 1 / 3) return durable;
  if (chance < 2 / 3) return bytes;
  const half = bytes.length >>> 1;
  const mixed = new Uint8Array(bytes.length);
  mixed.set(bytes.subarray(0, half));
  mixed.set(durable.subarray(half, Math.min(durable.length, bytes.length)), half);
  return mixed;
}
