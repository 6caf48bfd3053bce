import {
  accessSync,
  type BigIntStats,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  futimesSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from 'node:fs';
import type { CloudlessError, ErrorCode } from '../../errors.js';
import { foldCase } from '../../model/index.js';
import type { DiskTraits, FileOperation, FileResult, FileStamp } from '../../ports/index.js';
import type { DiskRow } from '../../tree/index.js';
import { type Anchor, fileError, look } from './anchor.js';
import { Archive, type Archived } from './archive.js';
import { Directories } from './directories.js';
import { Listings } from './listings.js';
import type { Originals } from './originals.js';
import { type Placing, Prepared } from './prepared.js';
import { isSame, type Left, leftAt, rowAt, rowOf, stampOf } from './rows.js';
import { hasNoLinks, secondsOf, syncAll } from './sync.js';

const { O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY, W_OK } = constants;
/** The longest step in which a file system keeps times. */
const timeStepUsMax = 2_000_000;
const noFile = 'nothing there, or something else';

type OperationOf<T extends FileOperation['type']> = Extract<FileOperation, { readonly type: T }>;

/** The disk is not what the plan was made against. */
class Changed extends Error {}

/**
 * One group of changes in the safe order of `spec/07 §7`: temps written and made durable · targets looked at again ·
 * what is replaced linked into the archive, and that made durable · temps renamed over their targets, so that no name
 * is ever absent · directories made durable.
 */
export class Group {
  readonly #archive: Archive;
  readonly #traits: DiskTraits;
  readonly #listings: Listings | undefined;
  readonly #directories: Directories;
  readonly #prepared: Prepared;
  /** Files whose own times or mode were changed. */
  readonly #touched: number[] = [];
  readonly #results: FileResult[] = [];

  /** `traits`: of the root's disk. */
  constructor(root: string, umask: number, group: string | undefined, traits: DiskTraits, originals: Originals) {
    this.#listings = traits.caseBlind ? new Listings() : undefined;
    this.#archive = new Archive(root, group, originals);
    this.#directories = new Directories(root, this.#listings);
    this.#prepared = new Prepared(root, umask, traits);
    this.#traits = traits;
  }

  async apply(operations: readonly FileOperation[]): Promise<readonly FileResult[]> {
    try {
      this.#prepareAll(operations);
      await this.#prepared.sync();
      this.#archiveAll(operations);
      await this.#archive.sync();
      this.#performAll(operations);
      await syncAll(this.#touched);
      await this.#directories.sync();
    } catch (error) {
      for (const [index, operation] of operations.entries()) {
        if (this.#results[index]?.outcome !== 'done') this.#takeBack(operation);
      }
      throw error;
    } finally {
      for (const handle of this.#touched) closeSync(handle);
      this.#archive.close();
      this.#directories.close();
      this.#prepared.close();
    }
    return this.#results;
  }

  /** Temps get their bytes, mode and times. */
  #prepareAll(operations: readonly FileOperation[]): void {
    for (const [index, operation] of operations.entries()) {
      const { type } = operation;
      if (type !== 'place-file' && type !== 'place-symlink' && type !== 'set-metadata') continue;
      const { path, expected } = operation;
      const result = this.#attempt(() => {
        if (type === 'set-metadata') return this.#keepApart(operation);
        const old = expected && this.#directories.in(path, (anchor, name) => anchor.find(name));
        this.#prepared.prepare(operation, old);
      });
      if (result !== undefined) this.#results[index] = result;
    }
    this.#directories.moved();
  }

  /** A file with other names gets a new inode: they are other files to everybody else. */
  #keepApart(operation: OperationOf<'set-metadata'>): void {
    this.#directories.in(operation.path, (anchor, name) => {
      const stats = anchor.find(name);
      if (stats?.isFile() !== true || stats.nlink === 1n) return;
      if (!isSame(operation.expected, stampOf(stats))) throw new Changed(noFile);
      this.#prepared.copy(operation, anchor.at(name), stats);
    });
  }

  #performAll(operations: readonly FileOperation[]): void {
    this.#directories.moved();
    for (const [index, operation] of operations.entries()) {
      this.#results[index] ??= this.#guarded(() => this.#perform(operation));
      if (this.#results[index].outcome !== 'done') this.#takeBack(operation);
      else this.#listed(operation);
      if (operation.type === 'rename' || operation.type === 'remove-directory') this.#directories.moved();
    }
  }

  /**
   * Links all that is to be replaced or removed into the archive, and makes that durable, before anything is changed.
   */
  #archiveAll(operations: readonly FileOperation[]): void {
    for (const [index, operation] of operations.entries()) {
      if (this.#results[index] !== undefined) continue;
      const expected = replacedBy(operation);
      if (expected === undefined || (expected.kind !== 'file' && expected.kind !== 'symlink')) continue;
      const result = this.#attempt(() =>
        this.#directories.in(operation.path, (anchor, name) => {
          expect(anchor, name, expected);
          // A link that is taken back leaves another ctime, for which the file would be read again.
          accessSync(anchor.base, W_OK);
          this.#archive.link(operation.path, anchor.at(name), expected);
        }),
      );
      if (result !== undefined) this.#results[index] = result;
    }
  }

  /** The archive holds nothing that was not replaced: it would be a second name of a file that is still in use. */
  #takeBack(operation: FileOperation): void {
    try {
      this.#archive.unlink(operation.path);
    } catch {
      // One copy too many is better than an error for what was done.
    }
  }

  #perform(operation: FileOperation): FileResult {
    switch (operation.type) {
      case 'make-directory':
        return this.#makeDirectory(operation);
      case 'place-file':
      case 'place-symlink':
        return this.#place(operation);
      case 'rename':
        return this.#rename(operation);
      case 'set-metadata':
        return this.#setMetadata(operation);
      case 'remove':
        return this.#remove(operation);
      case 'remove-directory':
        return this.#removeDirectory(operation);
    }
  }

  #makeDirectory({ path }: OperationOf<'make-directory'>): FileResult {
    return this.#directories.in(path, (anchor, name) => {
      const at = anchor.at(name);
      const there = anchor.find(name);
      if (there === undefined) mkdirSync(at, 0o777);
      else if (!there.isDirectory()) throw new Changed(noFile);
      return { outcome: 'done', row: rowAt(path, at) };
    });
  }

  #place(operation: Placing): FileResult {
    const { path, expected } = operation;
    const temp = this.#prepared.pathOf(operation);
    return this.#directories.in(path, (anchor, name) => {
      const at = anchor.at(name);
      const left = rowAt(path, temp);
      this.#expect(path, anchor, name, expected);
      if (expected === undefined) moveToFree(temp, at);
      else {
        if (expected.kind === 'directory') rmdirSync(at);
        renameSync(temp, at);
      }
      this.#prepared.placed(operation);
      return { outcome: 'done', ...leftAt(left, at), archived: this.#archivedOf(path) };
    });
  }

  #rename({ from, path, expectedFrom, expected }: OperationOf<'rename'>): FileResult {
    return this.#directories.in(from, (source, sourceName) =>
      this.#directories.in(path, (target, name) => {
        const old = source.at(sourceName);
        const at = target.at(name);
        const left = { ...rowAt(path, old), ...expectedFrom };
        expect(source, sourceName, expectedFrom);
        this.#expect(path, target, name, expected);
        const isCaseOnly = this.#listings !== undefined && foldCase(from) === foldCase(path);
        if (expected === undefined && expectedFrom.kind !== 'directory' && !isCaseOnly) moveToFree(old, at);
        else renameSync(old, at);
        return { outcome: 'done', ...leftAt(left, at), archived: this.#archivedOf(path) };
      }),
    );
  }

  #setMetadata(operation: OperationOf<'set-metadata'>): FileResult {
    const { path, mtimeUs, executable, expected } = operation;
    return this.#directories.in(path, (anchor, name) => {
      const at = anchor.at(name);
      if (this.#prepared.has(operation)) return this.#placeCopy(operation, anchor, name);
      const handle = openSync(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      this.#touched.push(handle);
      const stats = fstatSync(handle, { bigint: true });
      if (anchor.find(name) === undefined || !isSame(expected, stampOf(stats))) throw new Changed(noFile);
      const mode = Number(stats.mode) & 0o777;
      const wanted = executable ? mode | 0o100 | ((mode & 0o044) >> 2) : mode & ~0o111;
      if (stats.isFile() && wanted !== mode && this.#traits.executable) fchmodSync(handle, wanted);
      futimesSync(handle, secondsOf(mtimeUs), secondsOf(mtimeUs));
      return { outcome: 'done', ...dressed(rowOf(path, fstatSync(handle, { bigint: true }), at), expected, mtimeUs) };
    });
  }

  #placeCopy(operation: OperationOf<'set-metadata'>, anchor: Anchor, name: string): FileResult {
    const { path, expected } = operation;
    const temp = this.#prepared.pathOf(operation);
    const left = rowAt(path, temp);
    expect(anchor, name, expected);
    renameSync(temp, anchor.at(name));
    this.#prepared.placed(operation);
    return { outcome: 'done', ...leftAt(left, anchor.at(name)) };
  }

  #remove({ path, expected }: OperationOf<'remove'>): FileResult {
    return this.#directories.in(path, (anchor, name) => {
      const at = anchor.at(name);
      this.#expect(path, anchor, name, expected);
      unlinkSync(at);
      return { outcome: 'done', row: undefined, archived: this.#archivedOf(path) };
    });
  }

  #removeDirectory({ path }: OperationOf<'remove-directory'>): FileResult {
    return this.#directories.in(path, (anchor, name) => {
      if (anchor.find(name) !== undefined) rmdirSync(anchor.at(name));
      return { outcome: 'done', row: undefined };
    });
  }

  /** As `expect`, but the archive's link has changed the ctime. */
  #expect(path: string, anchor: Anchor, name: string, expected: FileStamp | undefined): void {
    const archived = this.#archive.linked(path);
    const ctimeUs = archived === undefined ? undefined : stampAt(anchor.at(name))?.ctimeUs;
    expect(anchor, name, expected === undefined || ctimeUs === undefined ? expected : { ...expected, ctimeUs });
  }

  /** What an operation did to the names. */
  #listed(operation: FileOperation): void {
    const { type, path } = operation;
    if (type === 'rename') this.#listings?.delete(operation.from);
    if (type === 'remove' || type === 'remove-directory') this.#listings?.delete(path);
    else this.#listings?.add(path);
  }

  #archivedOf(path: string): Archived | undefined {
    return this.#archive.linked(path);
  }

  #guarded(act: () => FileResult): FileResult {
    let result: FileResult | undefined;
    return (
      this.#attempt(() => {
        result = act();
      }) ?? (result as FileResult)
    );
  }

  /** What went wrong, if anything did. */
  #attempt(act: () => void): FileResult | undefined {
    try {
      act();
      return undefined;
    } catch (error) {
      return refusalOf(error);
    }
  }
}

/** What an operation takes away from a name. */
function replacedBy(operation: FileOperation): FileStamp | undefined {
  return 'expected' in operation && operation.type !== 'set-metadata' ? operation.expected : undefined;
}

/** Looks at a target once more; throws when it is not what the plan was made against. */
function expect(anchor: Anchor, name: string, expected: FileStamp | undefined): BigIntStats | undefined {
  const stats = anchor.find(name);
  if (!isSame(expected, stats === undefined ? undefined : stampOf(stats))) throw new Changed(noFile);
  return stats;
}

function stampAt(at: string): FileStamp | undefined {
  const stats = look(at);
  return stats === undefined ? undefined : stampOf(stats);
}

/** A file whose time was set: another size or time than that, as far as a file system can say it, is somebody's. */
function dressed(row: DiskRow, before: FileStamp, mtimeUs: number): Left {
  const isStored = row.mtimeUs <= mtimeUs && mtimeUs - row.mtimeUs <= timeStepUsMax;
  const isOurs = row.size === before.size && (isStored || row.mtimeUs === before.mtimeUs);
  return isOurs ? { row } : { row: { ...row, size: before.size, mtimeUs }, meanwhile: true };
}

/** Moves a file to a name where nothing may stand: never over something that came meanwhile. */
function moveToFree(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new Changed(noFile);
    if (!hasNoLinks(error)) throw error;
    if (look(to) !== undefined) throw new Changed(noFile);
    renameSync(from, to);
    return;
  }
  unlinkSync(from);
}

/** What a disk says of names and kinds of files that it can't have. */
const impossibilities: ReadonlyMap<string, string> = new Map([
  ['ENAMETOOLONG', 'The name is too long for this disk.'],
  ['EILSEQ', 'This disk can not write the characters of the name.'],
  ['EINVAL', 'This disk does not allow the name.'],
  ['ENOSYS', 'This disk has no such files.'],
  ['EFBIG', 'The file is too large for this disk.'],
]);

/** What a person can do about a change that is not allowed; it is tried again. */
const forbidden: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'The directory can not be written by this user (EACCES): give it the right to.'],
  ['EPERM', 'The file or its directory may not be changed (EPERM): take back what protects it.'],
  ['EROFS', 'The disk is mounted for reading only (EROFS).'],
]);

function refusalOf(error: unknown): FileResult {
  if (error instanceof Changed) return { outcome: 'changed' };
  const { code = '' } = error as NodeJS.ErrnoException;
  const impossible = impossibilities.get(code);
  if (impossible !== undefined) return { outcome: 'failed', code: 'not-supported', reason: impossible };
  const reason = forbidden.get(code);
  if (reason !== undefined) return { outcome: 'failed', code: 'io', reason };
  const moved = ['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR', 'not-found'];
  if (moved.includes(code)) return { outcome: 'changed' };
  const known: CloudlessError = fileError(error);
  return { outcome: 'failed', code: failureOf(known.code), reason: known.message };
}

function failureOf(code: ErrorCode): Extract<FileResult, { readonly outcome: 'failed' }>['code'] {
  if (code === 'bad-path') return 'unsafe-path';
  return code === 'disk-full' || code === 'unsafe-path' || code === 'not-supported' ? code : 'io';
}
