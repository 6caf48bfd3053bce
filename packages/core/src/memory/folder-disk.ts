import { equalBytes } from '../bytes.js';
import { ContentBuilder, chunkIdOf, chunkKey, encryptChunk, faultOf, gearTable, openChunk } from '../content/index.js';
import { BoundedCache, type Crypto } from '../crypto/index.js';
import { check } from '../errors.js';
import { type FolderId, isPrivateName } from '../model/index.js';
import type {
  ArchivedFile,
  ChunkSource,
  ChunkTarget,
  ClaimOptions,
  ContentKeys,
  FileOperation,
  FileResult,
  FileStamp,
  HashOutcome,
  LoadOutcome,
  PlacedChunk,
  ReadOutcome,
  RootState,
  StoreOutcome,
} from '../ports/index.js';
import type { DiskRow } from '../tree/index.js';
import { absentRow, diskError, isSame, rowOf, stampOf, troubleOf, unreadableRow } from './disk-rows.js';
import { FolderApply } from './folder-apply.js';
import type { MemoryDisk } from './memory-disk.js';
import { MemoryToken, privatePath } from './memory-token.js';

const sliceRows = 512;
const tempPattern = /^[0-9a-zA-Z-][0-9a-zA-Z.-]{0,127}$/;

type Chunk = Omit<PlacedChunk, 'offset'>;

/** A folder's directory on a disk in RAM: what `Files` promises, at once. */
export class FolderDisk {
  readonly disk: MemoryDisk;
  readonly root: string;
  readonly #crypto: Crypto;
  readonly #token: MemoryToken;
  readonly #gears = new BoundedCache<Int32Array>(8);
  #groups = 0;

  constructor(disk: MemoryDisk, root: string, crypto: Crypto) {
    this.disk = disk;
    this.root = root;
    this.#crypto = crypto;
    this.#token = new MemoryToken(disk, root, crypto);
  }

  claim(folder: FolderId, create: boolean, more?: ClaimOptions): RootState {
    return this.#token.claim(folder, create, more);
  }

  erase(): void {
    const erase = (path: string): void => {
      if (this.disk.get(path).kind !== 'directory') return this.disk.unlink(path);
      for (const name of this.disk.names(path)) erase(`${path}/${name}`);
      this.disk.removeDirectory(path);
    };
    erase(this.root);
    this.disk.sync();
  }

  release(): void {
    this.#token.release();
  }

  scan(folder: FolderId, paths: readonly string[] | 'all', rows: (slice: readonly DiskRow[]) => void): RootState {
    const state = this.#token.look(folder);
    if (state.state !== 'ok') return state;
    const found: DiskRow[] = [];
    if (paths === 'all') this.#scanDirectory('', found);
    else for (const path of paths) this.#scanPath(path, found);
    for (let at = 0; at < found.length; at += sliceRows) rows(found.slice(at, at + sliceRows));
    return this.#token.look(folder);
  }

  /** How a path looks now. */
  row(path: string): DiskRow {
    try {
      const inode = this.disk.find(this.at(path));
      return inode === undefined ? absentRow(path) : rowOf(path, inode, this.disk.coarse);
    } catch (error) {
      return unreadableRow(path, diskError(error));
    }
  }

  hashArchived(name: string, expected: FileStamp, keys: ContentKeys): HashOutcome {
    return this.hash(`.cloudless/archive/${name}`, expected, keys);
  }

  hash(path: string, expected: FileStamp, keys: ContentKeys): HashOutcome {
    try {
      const row = this.row(path);
      if (row.kind === 'unreadable') return { outcome: 'unreadable', reason: row.reason ?? '' };
      if (row.kind !== 'file' || !isSame(expected, row)) return { outcome: 'changed' };
      const bytes = this.disk.readFile(this.at(path));
      const nodes: { readonly id: PlacedChunk['id']; readonly bytes: Uint8Array }[] = [];
      const gear = this.#gears.get(keys.gear, (key) => gearTable(this.#crypto, key));
      const builder = new ContentBuilder(
        this.#crypto,
        { gear, convergence: keys.convergence },
        {
          chunk: () => undefined,
          node: ({ id, ciphertext }) => void nodes.push({ id, bytes: ciphertext }),
        },
      );
      builder.push(bytes);
      const content = builder.finish();
      return { outcome: 'hashed', row: { ...row, content: content.id }, content, nodes };
    } catch (error) {
      return { outcome: 'unreadable', reason: `It cannot be read: ${diskError(error).code}.` };
    }
  }

  readFile(path: string, bytesMax: number): ReadOutcome {
    const row = this.row(path);
    if (row.kind === 'absent') return { outcome: 'absent' };
    if (row.kind !== 'file') return { outcome: 'unreadable', reason: row.reason ?? 'It is no file.' };
    try {
      return { outcome: 'read', row, bytes: this.disk.readFile(this.at(path)).slice(0, bytesMax) };
    } catch (error) {
      return { outcome: 'unreadable', reason: `It cannot be read: ${diskError(error).code}.` };
    }
  }

  loadChunk(chunk: Chunk, sources: readonly ChunkSource[]): LoadOutcome {
    let found = false;
    for (const source of sources) {
      const plaintext = this.#read(source, chunk.length);
      if (plaintext === undefined) continue;
      found = true;
      if (plaintext.length < chunk.length) continue;
      const bytes = encryptChunk(this.#crypto, chunk.key, plaintext);
      if (chunkIdOf(this.#crypto, bytes) === chunk.id) return { outcome: 'loaded', bytes };
    }
    return { outcome: found ? 'changed' : 'missing' };
  }

  storeChunk(chunk: Chunk, keys: ContentKeys, ciphertext: Uint8Array, targets: readonly ChunkTarget[]): StoreOutcome {
    let plaintext: Uint8Array;
    try {
      plaintext = openChunk(this.#crypto, chunk, keys.convergence, ciphertext);
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      return { outcome: 'refused', fault };
    }
    return this.#write(plaintext, targets);
  }

  copyChunk(
    chunk: Chunk,
    keys: ContentKeys,
    sources: readonly ChunkSource[],
    targets: readonly ChunkTarget[],
  ): StoreOutcome | { readonly outcome: 'missing' } {
    for (const source of sources) {
      const plaintext = this.#read(source, chunk.length);
      if (plaintext?.length !== chunk.length) continue;
      if (equalBytes(chunkKey(this.#crypto, keys.convergence, plaintext), chunk.key)) {
        return this.#write(plaintext, targets);
      }
    }
    return { outcome: 'missing' };
  }

  flushTemps(temps: readonly string[]): void {
    for (const temp of temps) if (this.disk.find(this.temp(temp)) !== undefined) this.disk.flush(this.temp(temp));
  }

  listTemps(): readonly string[] {
    return this.disk.names(this.#private('temps'));
  }

  removeTemps(folder: FolderId, temps: readonly string[]): void {
    this.#token.check(folder);
    for (const temp of temps) if (this.disk.find(this.temp(temp)) !== undefined) this.disk.unlink(this.temp(temp));
  }

  apply(folder: FolderId, operations: readonly FileOperation[], group?: string): readonly FileResult[] {
    const state = this.#token.look(folder);
    if (state.state !== 'ok') return operations.map(() => ({ outcome: 'failed', code: 'io', reason: state.reason }));
    this.#groups += 1;
    return new FolderApply(this, group ?? this.#newGroup()).apply(operations);
  }

  writeView(folder: FolderId, path: string, offset: number, bytes: Uint8Array): void {
    this.#token.check(folder);
    try {
      const at = this.at(path);
      this.disk.makeDirectories(at.slice(0, at.lastIndexOf('/')));
      if (this.disk.find(at) === undefined) this.disk.makeFile(at);
      this.disk.writeAt(at, offset, bytes);
      this.disk.flush(at);
    } catch (error) {
      throw troubleOf(error);
    }
  }

  recheck(folder: FolderId, names: readonly string[]): readonly (FileStamp | undefined)[] {
    this.#token.check(folder);
    return names.map((name) => {
      const inode = this.disk.find(this.archived(name));
      return inode === undefined ? undefined : stampOf(inode);
    });
  }

  archiveGroups(): readonly string[] {
    return this.disk.names(this.#private('archive'));
  }

  listArchived(groups: readonly string[]): readonly ArchivedFile[] {
    const found: ArchivedFile[] = [];
    const walk = (name: string): void => {
      const inode = this.disk.find(this.archived(name));
      if (inode === undefined) return;
      for (const part of inode.entries.keys()) walk(`${name}/${part}`);
      const target = inode.kind === 'symlink' ? inode.target : undefined;
      if (inode.kind !== 'directory') found.push({ name, stamp: stampOf(inode), executable: inode.executable, target });
    };
    for (const group of groups) walk(group);
    return found;
  }

  /** `to`: a path of the disk; up to `above` directories on the way are made. */
  exportArchived(name: string, to: string, above: number): void {
    const inode = this.disk.find(this.archived(name));
    const parts = to.split('/');
    const upTo = (levels: number): string => parts.slice(0, -1 - levels).join('/');
    if (above > 0 && this.disk.find(upTo(above)) !== undefined) this.disk.makeDirectories(upTo(0));
    const parent = this.disk.find(upTo(0));
    check(this.disk.find(to) === undefined, 'exists', `${to} is there already.`);
    check(parent?.kind === 'directory', 'not-found', 'There is no directory to put it in.');
    check(inode !== undefined, 'not-found', 'That version is not in the archive any more.');
    if (inode.kind === 'symlink') return this.disk.makeSymlink(to, inode.target);
    this.copyFile(this.archived(name), to);
  }

  /** A copy with the same time and mode where there is nothing. */
  copyFile(from: string, to: string): void {
    const { bytes, mtimeUs, executable } = this.disk.get(from);
    this.disk.makeFile(to);
    try {
      this.disk.writeAt(to, 0, bytes);
      this.disk.setMetadata(to, { mtimeUs, executable });
      this.disk.flush(to);
    } catch (error) {
      this.disk.unlink(to);
      throw error;
    }
  }

  look(paths: readonly string[]): readonly DiskRow[] {
    return paths.map((path) => this.row(path));
  }

  removeArchived(names: readonly string[]): void {
    for (const name of names) {
      if (this.disk.find(this.archived(name)) !== undefined) this.disk.unlink(this.archived(name));
    }
    this.disk.sync();
  }

  /** The disk's path of a path in the folder. */
  at(path: string): string {
    return `${this.root}/${path}`;
  }

  /** The disk's path of a temp file. Throws `unsafe-path` for what is no name of one. */
  temp(name: string): string {
    check(tempPattern.test(name), 'unsafe-path', 'This is no name of a temp file.');
    return this.#private(`temps/${name}`);
  }

  /** The disk's path of what `apply` called `name` in the archive. */
  archived(name: string): string {
    const isInside = name.split('/').every((part) => part !== '' && part !== '..');
    check(isInside, 'unsafe-path', 'This is no name in the archive.');
    return this.#private(`archive/${name}`);
  }

  /** A name in the archive that was never used. */
  #newGroup(): string {
    while (this.disk.find(this.archived(`group-${this.#groups}`)) !== undefined) this.#groups += 1;
    return `group-${this.#groups}`;
  }

  #private(name: string): string {
    return privatePath(this.root, name);
  }

  #scanPath(path: string, found: DiskRow[]): void {
    const row = this.row(path);
    if (row.kind === 'directory') this.#scanEntry(row, found);
    else found.push(row);
  }

  #scanDirectory(path: string, found: DiskRow[]): void {
    for (const name of this.disk.names(path === '' ? this.root : this.at(path))) {
      if (path === '' && isPrivateName(name)) continue;
      const row = this.row(path === '' ? name : `${path}/${name}`);
      if (row.kind === 'directory') this.#scanEntry(row, found);
      else found.push(row);
    }
  }

  #scanEntry(row: DiskRow, found: DiskRow[]): void {
    const below: DiskRow[] = [];
    try {
      this.#scanDirectory(row.path, below);
      found.push(row);
      for (const each of below) found.push(each);
    } catch (error) {
      found.push(unreadableRow(row.path, diskError(error)));
    }
  }

  /** Bytes at a source, fewer where it ends; nothing where there is none. */
  #read({ from, offset }: ChunkSource, length: number): Uint8Array | undefined {
    try {
      return this.disk.readFile(this.#source(from)).slice(offset, offset + length);
    } catch (error) {
      diskError(error);
      return undefined;
    }
  }

  #source(from: ChunkSource['from']): string {
    if ('temp' in from) return this.temp(from.temp);
    return 'path' in from ? this.at(from.path) : this.archived(from.archived);
  }

  #write(plaintext: Uint8Array, targets: readonly ChunkTarget[]): StoreOutcome {
    try {
      for (const { temp, offset } of targets) {
        const path = this.temp(temp);
        if (this.disk.find(path) === undefined) this.disk.makeFile(path);
        this.disk.writeAt(path, offset, plaintext);
      }
      return { outcome: 'stored' };
    } catch (error) {
      const { code, message } = troubleOf(error);
      return { outcome: 'failed', code: code === 'disk-full' ? code : 'io', reason: message };
    }
  }
}
