import { randomBytes } from 'node:crypto';
import {
  type BigIntStats,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsync,
  futimesSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { CloudlessError, type ErrorCode } from '../../errors.js';
import { checkPath } from '../../model/index.js';
import type { FileOperation, FileResult, FileStamp } from '../../ports/index.js';
import { type Anchor, fileError, look, withParent } from './anchor.js';
import { Archive, type Archived } from './archive.js';
import { tempPath } from './chunks.js';
import { isSame, rowAt, stampOf } from './rows.js';

const syncFile = promisify(fsync);
const { O_DIRECTORY = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY } = constants;
const noFile = 'nothing there, or something else';

type OperationOf<T extends FileOperation['type']> = Extract<FileOperation, { readonly type: T }>;

/** The disk is not what the plan was made against. */
class Changed extends Error {}

/**
 * One group of changes in the safe order of `spec/07 §7`: temps written and made durable · targets looked at again · what is replaced linked
 * into the archive, and that made durable · temps renamed over their targets, so that no name is ever absent · directories made durable.
 */
export class Group {
  readonly #root: string;
  readonly #archive: Archive;
  readonly #umask: number;
  /** Directories that are changed, by inode: a path may lead to several of them in the course of a group. */
  readonly #directories = new Map<bigint, number>();
  /** Files whose own times or mode were changed. */
  readonly #touched: number[] = [];
  readonly #temps = new Map<FileOperation, string>();
  readonly #results: FileResult[] = [];

  constructor(root: string, umask: number) {
    this.#root = root;
    this.#umask = umask;
    this.#archive = new Archive(root);
  }

  async apply(operations: readonly FileOperation[]): Promise<readonly FileResult[]> {
    try {
      await this.#prepare(operations);
      await this.#archiveAll(operations);
      for (const [index, operation] of operations.entries()) {
        this.#results[index] ??= this.#guarded(() => this.#perform(operation));
        if (this.#results[index].outcome !== 'done') this.#takeBack(operation);
      }
      await syncAll([...this.#directories.values(), ...this.#touched]);
    } finally {
      for (const handle of [...this.#directories.values(), ...this.#touched]) closeSync(handle);
      this.#archive.close();
      this.#removeLeftTemps();
    }
    return this.#results;
  }

  /** Temps get their bytes, mode and times, and become durable, side by side. */
  async #prepare(operations: readonly FileOperation[]): Promise<void> {
    const handles: number[] = [];
    try {
      for (const [index, operation] of operations.entries()) {
        if (operation.type !== 'place-file' && operation.type !== 'place-symlink') continue;
        const result = this.#attempt(() => {
          const handle = this.#prepareOne(operation);
          if (handle !== undefined) handles.push(handle);
        });
        if (result !== undefined) this.#results[index] = result;
      }
      await syncAll(handles);
    } finally {
      for (const handle of handles) closeSync(handle);
    }
  }

  #prepareOne(operation: OperationOf<'place-file' | 'place-symlink'>): number | undefined {
    const own = operation.type === 'place-file' && operation.temp !== undefined;
    const path = tempPath(this.#root, own ? (operation.temp as string) : `place-${randomBytes(8).toString('hex')}`);
    if (!own) this.#temps.set(operation, path);
    if (operation.type === 'place-symlink') {
      symlinkSync(operation.target, path);
      return undefined;
    }
    if (operation.bytes !== undefined) writeFileSync(path, operation.bytes, { flag: 'wx', mode: 0o600 });
    const handle = openSync(path, O_RDONLY | O_NOFOLLOW);
    if (fstatSync(handle).size !== operation.size) {
      closeSync(handle);
      throw new CloudlessError('io', 'The temp file does not have the size of what is to be placed.');
    }
    const old = operation.expected === undefined ? undefined : this.#lookAt(operation.path);
    this.#dress(path, operation, old);
    return handle;
  }

  /** Mode and owner of what is replaced stay; a new file gets the umask's. The time comes last. */
  #dress(path: string, operation: OperationOf<'place-file'>, old: BigIntStats | undefined): void {
    const before = old?.isFile() === true ? Number(old.mode) & 0o777 : 0o666 & ~this.#umask;
    const bits = (before & 0o444) >> 2;
    chmodSync(
      path,
      operation.executable ? before | (old?.isFile() === true ? bits | 0o100 : 0o111 & ~this.#umask) : before & ~0o111,
    );
    if (old?.isFile() === true) keepOwner(path, old);
    utimesSync(path, secondsOf(operation.mtimeUs), secondsOf(operation.mtimeUs));
  }

  /** Links all that is to be replaced or removed into the archive, and makes that durable, before anything is changed. */
  async #archiveAll(operations: readonly FileOperation[]): Promise<void> {
    for (const [index, operation] of operations.entries()) {
      if (this.#results[index] !== undefined) continue;
      const expected = replacedBy(operation);
      if (expected === undefined || (expected.kind !== 'file' && expected.kind !== 'symlink')) continue;
      const result = this.#attempt(() =>
        this.#in(operation.path, (anchor, name) => {
          expect(anchor.at(name), expected);
          this.#archive.link(operation.path, anchor.at(name), expected);
        }),
      );
      if (result !== undefined) this.#results[index] = result;
    }
    await syncAll(this.#archive.handles());
    this.#archive.close();
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
    return this.#in(path, (anchor, name) => {
      const at = anchor.at(name);
      const there = look(at);
      if (there === undefined) mkdirSync(at, 0o777);
      else if (!there.isDirectory()) throw new Changed(noFile);
      return { outcome: 'done', row: rowAt(path, at) };
    });
  }

  #place(operation: OperationOf<'place-file' | 'place-symlink'>): FileResult {
    const { path, expected } = operation;
    const own = operation.type === 'place-file' ? operation.temp : undefined;
    const temp = this.#temps.get(operation) ?? tempPath(this.#root, own ?? '');
    return this.#in(path, (anchor, name) => {
      const at = anchor.at(name);
      this.#expect(path, at, expected);
      if (expected === undefined) moveToFree(temp, at);
      else {
        if (expected.kind === 'directory') rmdirSync(at);
        renameSync(temp, at);
      }
      this.#temps.delete(operation);
      return { outcome: 'done', row: rowAt(path, at), archived: this.#archivedOf(path) };
    });
  }

  #rename({ from, path, expectedFrom, expected }: OperationOf<'rename'>): FileResult {
    return this.#in(from, (source, sourceName) =>
      this.#in(path, (target, name) => {
        const old = source.at(sourceName);
        const at = target.at(name);
        expect(old, expectedFrom);
        this.#expect(path, at, expected);
        if (expected === undefined && expectedFrom.kind !== 'directory') moveToFree(old, at);
        else renameSync(old, at);
        return { outcome: 'done', row: rowAt(path, at), archived: this.#archivedOf(path) };
      }),
    );
  }

  #setMetadata({ path, mtimeUs, executable, expected }: OperationOf<'set-metadata'>): FileResult {
    return this.#in(path, (anchor, name) => {
      const at = anchor.at(name);
      const handle = openSync(at, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      this.#touched.push(handle);
      const stats = fstatSync(handle, { bigint: true });
      if (!isSame(expected, stampOf(stats))) throw new Changed(noFile);
      const mode = Number(stats.mode) & 0o777;
      const wanted = executable ? mode | 0o100 | ((mode & 0o044) >> 2) : mode & ~0o111;
      if (stats.isFile() && wanted !== mode) fchmodSync(handle, wanted);
      futimesSync(handle, secondsOf(mtimeUs), secondsOf(mtimeUs));
      return { outcome: 'done', row: rowAt(path, at) };
    });
  }

  #remove({ path, expected }: OperationOf<'remove'>): FileResult {
    return this.#in(path, (anchor, name) => {
      const at = anchor.at(name);
      this.#expect(path, at, expected);
      unlinkSync(at);
      return { outcome: 'done', row: undefined, archived: this.#archivedOf(path) };
    });
  }

  #removeDirectory({ path }: OperationOf<'remove-directory'>): FileResult {
    return this.#in(path, (anchor, name) => {
      if (look(anchor.at(name)) !== undefined) rmdirSync(anchor.at(name));
      return { outcome: 'done', row: undefined };
    });
  }

  /** Runs something in the directory of a path, which is made durable at the end. */
  #in<T>(path: string, act: (anchor: Anchor, name: string) => T): T {
    return withParent(this.#root, checkPath(path), (anchor, name) => {
      const inode = look(`${anchor.base}/.`)?.ino ?? 0n;
      if (!this.#directories.has(inode)) {
        this.#directories.set(inode, openSync(`${anchor.base}/.`, O_RDONLY | O_DIRECTORY));
      }
      return act(anchor, name);
    });
  }

  #lookAt(path: string): BigIntStats | undefined {
    return this.#in(path, (anchor, name) => look(anchor.at(name)));
  }

  /** As `expect`, but the archive's link has changed the ctime. */
  #expect(path: string, at: string, expected: FileStamp | undefined): void {
    const archived = this.#archive.linked(path);
    const ctimeUs = archived === undefined ? undefined : stampAt(at)?.ctimeUs;
    expect(at, expected === undefined || ctimeUs === undefined ? expected : { ...expected, ctimeUs });
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

  #removeLeftTemps(): void {
    for (const path of this.#temps.values()) {
      try {
        unlinkSync(path);
      } catch {
        // It is a stray temp file then; the next start removes it.
      }
    }
  }
}

/** What an operation takes away from a name. */
function replacedBy(operation: FileOperation): FileStamp | undefined {
  return 'expected' in operation && operation.type !== 'set-metadata' ? operation.expected : undefined;
}

/** Looks at a target once more; throws when it is not what the plan was made against. */
function expect(at: string, expected: FileStamp | undefined): BigIntStats | undefined {
  const stats = look(at);
  if (!isSame(expected, stats === undefined ? undefined : stampOf(stats))) throw new Changed(noFile);
  return stats;
}

function stampAt(at: string): FileStamp | undefined {
  const stats = look(at);
  return stats === undefined ? undefined : stampOf(stats);
}

/** Makes all of them durable side by side; throws when one could not be, once none is under way. */
async function syncAll(handles: Iterable<number>): Promise<void> {
  const ends = await Promise.allSettled([...handles].map((handle) => syncFile(handle)));
  const failed = ends.find((end) => end.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

/** Moves a file to a name where nothing may stand: never over something that came meanwhile. */
function moveToFree(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new Changed(noFile);
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EMLINK' && code !== 'EOPNOTSUPP') throw error;
    if (look(to) !== undefined) throw new Changed(noFile);
    renameSync(from, to);
    return;
  }
  unlinkSync(from);
}

function keepOwner(path: string, old: BigIntStats): void {
  const now = look(path);
  if (now === undefined || (now.uid === old.uid && now.gid === old.gid)) return;
  try {
    chownSync(path, Number(old.uid), Number(old.gid));
  } catch {
    // Only the system's administrator may give files away.
  }
}

/** Half a microsecond more, since the time passes through a floating-point number and is cut there. */
function secondsOf(mtimeUs: number): number {
  return (mtimeUs + 0.5) / 1_000_000;
}

function refusalOf(error: unknown): FileResult {
  if (error instanceof Changed) return { outcome: 'changed' };
  const { code } = error as NodeJS.ErrnoException;
  const moved = ['ENOENT', 'ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR', 'not-found'];
  if (moved.includes(code ?? '')) return { outcome: 'changed' };
  const known: CloudlessError = fileError(error);
  return { outcome: 'failed', code: failureOf(known.code), reason: known.message };
}

function failureOf(code: ErrorCode): Extract<FileResult, { readonly outcome: 'failed' }>['code'] {
  if (code === 'bad-path') return 'unsafe-path';
  return code === 'disk-full' || code === 'unsafe-path' ? code : 'io';
}
