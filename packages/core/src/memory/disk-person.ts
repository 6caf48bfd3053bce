import type { MemoryDisk } from './memory-disk.js';

/** Somebody at work on a disk in RAM, below one directory. What they did is durable at once. */
export class DiskPerson {
  readonly #disk: MemoryDisk;
  readonly #root: string;

  constructor(disk: MemoryDisk, root: string) {
    this.#disk = disk;
    this.#root = root;
  }

  /** Makes a file, or writes over all of one in place: the inode stays. Makes directories above. */
  write(path: string, bytes: Uint8Array): void {
    this.#act(path, (at) => {
      if (this.#disk.find(at) === undefined) this.#disk.makeFile(at);
      this.#disk.setBytes(at, bytes);
      this.#disk.flush(at);
    });
  }

  /** Writes a new file beside it and renames that over it, as editors do. */
  replace(path: string, bytes: Uint8Array): void {
    const temp = `${path}~`;
    this.remove(temp);
    this.write(temp, bytes);
    this.rename(temp, path);
  }

  /** Opens a file that is there, to write over all of it later, wherever it is by then. */
  open(path: string): (bytes: Uint8Array) => void {
    return this.#disk.open(this.#at(path)).write;
  }

  append(path: string, bytes: Uint8Array): void {
    this.#act(path, (at) => {
      if (this.#disk.find(at) === undefined) this.#disk.makeFile(at);
      this.#disk.writeAt(at, this.#disk.readFile(at).length, bytes);
      this.#disk.flush(at);
    });
  }

  /** Moves what is at `from`, over what is at `path`. */
  rename(from: string, path: string): void {
    this.#act(path, (at) => {
      const there = this.#disk.find(at);
      const moved = this.#disk.get(this.#at(from));
      if (there !== undefined && (there.kind === 'directory') !== (moved.kind === 'directory')) this.#remove(at);
      else if (there !== undefined && there.entries.size > 0) this.#remove(at);
      this.#disk.rename(this.#at(from), at);
    });
  }

  makeDirectory(path: string): void {
    this.#act(path, (at) => this.#disk.makeDirectories(at));
  }

  /** Removes what is there, if anything is, with all that is below it. */
  remove(path: string): void {
    this.#remove(this.#at(path));
    this.#disk.sync();
  }

  symlink(path: string, target: string): void {
    this.#act(path, (at) => this.#disk.makeSymlink(at, target));
  }

  setExecutable(path: string, executable: boolean): void {
    this.#act(path, (at) => this.#disk.setMetadata(at, { executable }));
  }

  setModified(path: string, mtimeUs: number): void {
    this.#act(path, (at) => this.#disk.setMetadata(at, { mtimeUs }));
  }

  setReadable(path: string, readable: boolean): void {
    this.#disk.setReadable(this.#at(path), readable);
  }

  /** Bytes of a file; nothing if there is none. */
  read(path: string): Uint8Array | undefined {
    const inode = this.#disk.find(this.#at(path));
    return inode?.kind === 'file' ? inode.bytes.slice() : undefined;
  }

  readLink(path: string): string | undefined {
    const inode = this.#disk.find(this.#at(path));
    return inode?.kind === 'symlink' ? inode.target : undefined;
  }

  isExecutable(path: string): boolean {
    return this.#disk.find(this.#at(path))?.executable === true;
  }

  /** Names in a directory, in order; `''` is the root. Leaves out the private directory. */
  list(path: string): readonly string[] {
    return this.#disk.names(this.#at(path)).filter((name) => path !== '' || name !== '.cloudless');
  }

  /** Every path below the root but the private ones, in order. */
  paths(): readonly string[] {
    const found: string[] = [];
    const walk = (path: string): void => {
      for (const name of this.list(path)) {
        const each = path === '' ? name : `${path}/${name}`;
        found.push(each);
        if (this.#disk.find(this.#at(each))?.kind === 'directory') walk(each);
      }
    };
    walk('');
    return found;
  }

  #act(path: string, act: (at: string) => void): void {
    const at = this.#at(path);
    this.#disk.makeDirectories(at.slice(0, at.lastIndexOf('/')));
    act(at);
    this.#disk.sync();
  }

  #remove(at: string): void {
    const inode = this.#disk.find(at);
    if (inode?.kind === 'directory') {
      for (const name of [...inode.entries.keys()]) this.#remove(`${at}/${name}`);
      this.#disk.removeDirectory(at);
    } else if (inode !== undefined) this.#disk.unlink(at);
  }

  #at(path: string): string {
    return path === '' ? this.#root : `${this.#root}/${path}`;
  }
}
