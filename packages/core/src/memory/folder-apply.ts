import { CloudlessError, check } from '../errors.js';
import { pathFault } from '../model/index.js';
import type { FileOperation, FileResult, FileStamp } from '../ports/index.js';
import { DiskError } from './disk-inode.js';
import { isSame, stampOf, troubleOf } from './disk-rows.js';
import type { FolderDisk } from './folder-disk.js';
import type { MemoryDisk } from './memory-disk.js';

type OperationOf<T extends FileOperation['type']> = Extract<FileOperation, { readonly type: T }>;

interface Archived {
  readonly name: string;
  readonly stamp: FileStamp;
}

const changedCodes = new Set(['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR']);

/** The disk is not what the plan was made against. */
class Changed extends Error {}

/** One group of changes in the order of `spec/07 §7`, on a disk in RAM. */
export class FolderApply {
  readonly #folder: FolderDisk;
  readonly #disk: MemoryDisk;
  readonly #group: string;
  readonly #temps = new Map<FileOperation, string>();
  readonly #archived = new Map<string, Archived>();

  constructor(folder: FolderDisk, group: string) {
    this.#folder = folder;
    this.#disk = folder.disk;
    this.#group = group;
  }

  apply(operations: readonly FileOperation[]): readonly FileResult[] {
    const results = operations.map((operation) => this.#refused(() => this.#prepare(operation)));
    for (const [index, operation] of operations.entries()) {
      results[index] ??= this.#refused(() => this.#archive(operation));
    }
    this.#disk.sync();
    const done = operations.map((operation, index) => results[index] ?? this.#guarded(() => this.#perform(operation)));
    this.#removeLeftTemps();
    this.#disk.sync();
    return done;
  }

  /** Temps made here that found no place. */
  #removeLeftTemps(): void {
    for (const [operation, temp] of this.#temps) {
      const own =
        operation.type === 'place-symlink' || (operation.type === 'place-file' && operation.temp === undefined);
      if (own && this.#disk.find(temp) !== undefined) this.#disk.unlink(temp);
    }
  }

  #prepare(operation: FileOperation): void {
    const paths = operation.type === 'rename' ? [operation.path, operation.from] : [operation.path];
    for (const path of paths) check(pathFault(path) === undefined, 'unsafe-path', `"${path}" is no path in a folder.`);
    if (operation.type === 'place-file') this.#prepareFile(operation);
    else if (operation.type === 'place-symlink') this.#disk.makeSymlink(this.#newTemp(operation), operation.target);
  }

  #prepareFile(operation: OperationOf<'place-file'>): void {
    const { archived, bytes, executable, mtimeUs, size } = operation;
    let { temp } = operation;
    if (temp === undefined) {
      temp = this.#newTemp(operation);
      if (archived === undefined) this.#disk.makeFile(temp);
      else this.#folder.copyFile(this.#folder.archived(archived), temp);
    } else temp = this.#folder.temp(temp);
    this.#temps.set(operation, temp);
    if (bytes !== undefined) this.#disk.writeAt(temp, 0, bytes);
    const there = this.#disk.find(temp);
    if (there?.bytes.length !== size) throw new CloudlessError('io', 'The temp file is not what it should be.');
    this.#disk.setMetadata(temp, { executable, mtimeUs });
    this.#disk.flush(temp);
  }

  #newTemp(operation: FileOperation): string {
    let number = this.#temps.size;
    while (this.#disk.find(this.#folder.temp(`place-${number}`)) !== undefined) number += 1;
    const temp = this.#folder.temp(`place-${number}`);
    this.#temps.set(operation, temp);
    return temp;
  }

  #archive(operation: FileOperation): void {
    const { path } = operation;
    const expected = 'expected' in operation && operation.type !== 'set-metadata' ? operation.expected : undefined;
    if (expected === undefined || expected.kind === 'directory') return;
    const at = this.#folder.at(path);
    this.#expect(path, expected);
    const name = `${this.#group}/${path}`;
    const target = this.#folder.archived(name);
    this.#disk.makeDirectories(target.slice(0, target.lastIndexOf('/')));
    if (this.#disk.links || expected.kind === 'symlink') this.#disk.link(at, target);
    else this.#folder.copyFile(at, target);
    this.#archived.set(path, { name, stamp: stampOf(this.#disk.get(target)) });
  }

  #perform(operation: FileOperation): FileResult {
    const { path } = operation;
    const at = this.#folder.at(path);
    switch (operation.type) {
      case 'make-directory':
        if (this.#disk.find(at)?.kind !== 'directory') this.#disk.makeDirectory(at);
        return this.#done(path);
      case 'place-file':
      case 'place-symlink':
        this.#expect(path, operation.expected);
        if (operation.expected?.kind === 'directory') this.#disk.removeDirectory(at);
        this.#move(this.#temps.get(operation) as string, at, operation.expected);
        return this.#done(path);
      case 'rename':
        this.#expect(operation.from, operation.expectedFrom);
        this.#expect(path, operation.expected);
        this.#move(this.#folder.at(operation.from), at, operation.expected);
        return this.#done(path);
      case 'set-metadata':
        this.#expect(path, operation.expected);
        this.#disk.setMetadata(at, operation);
        return this.#done(path);
      case 'remove':
        this.#expect(path, operation.expected);
        this.#disk.unlink(at);
        return { outcome: 'done', row: undefined, archived: this.#archived.get(path) };
      case 'remove-directory':
        if (this.#disk.find(at) !== undefined) this.#disk.removeDirectory(at);
        return { outcome: 'done', row: undefined };
    }
  }

  #move(from: string, to: string, expected: FileStamp | undefined): void {
    if (expected === undefined && this.#disk.find(to) !== undefined) throw new Changed();
    this.#disk.rename(from, to);
  }

  #done(path: string): FileResult {
    return { outcome: 'done', row: this.#folder.row(path), archived: this.#archived.get(path) };
  }

  /** Looks at a target once more; the archive's link has changed the ctime. */
  #expect(path: string, expected: FileStamp | undefined): void {
    const inode = this.#disk.find(this.#folder.at(path));
    const now = inode === undefined ? undefined : stampOf(inode);
    const linked = this.#archived.has(path) && now !== undefined && expected !== undefined;
    if (!isSame(linked ? { ...expected, ctimeUs: now.ctimeUs } : expected, now)) throw new Changed();
  }

  #refused(act: () => void): FileResult | undefined {
    try {
      act();
      return undefined;
    } catch (error) {
      return refusalOf(error);
    }
  }

  #guarded(act: () => FileResult): FileResult {
    try {
      return act();
    } catch (error) {
      return refusalOf(error);
    }
  }
}

function refusalOf(error: unknown): FileResult {
  if (error instanceof Changed) return { outcome: 'changed' };
  if (error instanceof DiskError && changedCodes.has(error.code)) return { outcome: 'changed' };
  const { code, message } = troubleOf(error);
  const kind = code === 'disk-full' || code === 'unsafe-path' ? code : 'io';
  return { outcome: 'failed', code: kind, reason: message };
}
