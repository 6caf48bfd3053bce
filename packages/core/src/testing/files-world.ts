/** What the suite of `Files` needs of whoever made them: a folder's directory, and somebody who works in it. */

import type { ContentRef, PlacedRef } from '../content/index.js';
import type { Crypto } from '../crypto/index.js';
import type { ContentKeys, FileOperation, FileResult, FileStamp, Files, HashOutcome } from '../ports/index.js';
import type { DiskRow } from '../tree/index.js';
import { expectEqual, expectThat, type SuiteCase, seededBytes } from './suite.js';

/** Somebody at work in the folder's directory by other means than `Files`. Paths are relative to the root. */
export interface Person {
  /** Makes a file, or writes over all of one in place: the inode stays. Directories above must be there. */
  write(path: string, bytes: Uint8Array): void;
  append(path: string, bytes: Uint8Array): void;
  /** Bytes of a file; nothing if there is none. Follows no link at the end of the path. */
  read(path: string): Uint8Array | undefined;
  rename(from: string, to: string): void;
  makeDirectory(path: string): void;
  /** Removes what is there with all that is below it. */
  remove(path: string): void;
  symlink(path: string, target: string): void;
  readLink(path: string): string | undefined;
  setExecutable(path: string, executable: boolean): void;
  isExecutable(path: string): boolean;
  setModified(path: string, mtimeUs: number): void;
  /** Takes away or gives back the right to read. Only with the feature `unreadable`. */
  setReadable(path: string, readable: boolean): void;
  /** Names in a directory, in order; `''` is the root. Leaves out the private directory. */
  list(path: string): readonly string[];
  /** What lies in the archive, by the names that `apply` gave. */
  archive(): readonly { readonly name: string; readonly bytes: Uint8Array }[];
  /** Opens a file that is there; the returned function writes over all of it, wherever it is by then. */
  open(path: string): (bytes: Uint8Array) => void;
  /** A directory beside the root, which nothing in `Files` may ever touch: how a link in the root names it. */
  readonly outside: string;
  /** Names of files in that directory. */
  listOutside(): readonly string[];
  /** Takes the whole root away. */
  loseRoot(): void;
}

export interface FilesWorld {
  readonly crypto: Crypto;
  readonly person: Person;
  /** The root's files as a program that was just started has them. */
  open(): Files;
  close(): Promise<void>;
}

export type FilesFeature = 'symlinks' | 'executable' | 'unreadable';

export type FilesCase = SuiteCase<FilesWorld> & { readonly needs?: FilesFeature | undefined };

/** The folder that the suite's directories belong to. */
export const suiteFolder = 'a5'.repeat(32) as Parameters<Files['claim']>[0];
export const otherFolder = '5a'.repeat(32) as Parameters<Files['claim']>[0];

export const suiteKeys: ContentKeys = { gear: seededBytes(32, 1), convergence: seededBytes(32, 2) };

export const bigBytes = 700_000;

/** Opens and claims, so that a case can begin. */
export async function claimed(world: FilesWorld): Promise<Files> {
  const files = world.open();
  expectEqual((await files.claim(suiteFolder, true)).state, 'ok', 'claim of a new root');
  return files;
}

/** All rows of a scan that must go well. */
export async function rowsOf(files: Files, paths: readonly string[] | 'all' = 'all'): Promise<readonly DiskRow[]> {
  const rows: DiskRow[] = [];
  const { state } = await files.scan(paths, (slice) => rows.push(...slice));
  expectEqual(state, 'ok', 'state of the root after a scan');
  return rows;
}

export async function rowAt(files: Files, path: string): Promise<DiskRow> {
  const row = (await rowsOf(files, [path])).find((each) => each.path === path);
  expectThat(row !== undefined, `a scan of ${path} tells of it`);
  return row;
}

export function stampOf({ kind, size, mtimeUs, ctimeUs, inode }: DiskRow): FileStamp {
  return { kind, size, mtimeUs, ctimeUs, inode };
}

export async function stampAt(files: Files, path: string): Promise<FileStamp> {
  return stampOf(await rowAt(files, path));
}

/** Result of one operation. */
export async function applyOne(files: Files, operation: FileOperation): Promise<FileResult> {
  const results = await files.apply([operation]);
  expectEqual(results.length, 1, 'results of one operation');
  return results[0] as FileResult;
}

export type Done = Extract<FileResult, { readonly outcome: 'done' }>;

/** Result of one operation that must go well. */
export async function applied(files: Files, operation: FileOperation): Promise<Done> {
  const result = await applyOne(files, operation);
  expectThat(result.outcome === 'done', `${operation.type} is done, not ${JSON.stringify(result)}`);
  return result;
}

export async function expectChanged(files: Files, operation: FileOperation): Promise<void> {
  expectEqual(await applyOne(files, operation), { outcome: 'changed' }, operation.type);
}

export type Hashed = Extract<HashOutcome, { readonly outcome: 'hashed' }>;

export async function hashed(files: Files, path: string): Promise<Hashed> {
  const outcome = await files.hash(path, await stampAt(files, path), suiteKeys);
  expectThat(outcome.outcome === 'hashed', `${path} is hashed, not ${outcome.outcome}`);
  return outcome;
}

export const mtimeUs = 1_600_000_000_123_456;

export interface Placing {
  readonly expected?: FileStamp | undefined;
  readonly executable?: boolean;
}

/** Puts bytes at a path. */
export function placeBytes(path: string, bytes: Uint8Array, placing: Placing = {}): FileOperation {
  const { expected, executable = false } = placing;
  return { type: 'place-file', path, bytes, size: bytes.length, mtimeUs, executable, expected };
}

export function placeTemp(path: string, temp: string, size: number, placing: Placing = {}): FileOperation {
  const { expected, executable = false } = placing;
  return { type: 'place-file', path, temp, size, mtimeUs, executable, expected };
}

/** The chunks that a reference names, with where they lie. */
export function chunksOf(ref: ContentRef): readonly PlacedRef[] {
  expectThat(ref.kind === 'chunks', 'the content has chunks');
  let offset = 0;
  return ref.chunks.map((chunk) => {
    offset += chunk.length;
    return { ...chunk, offset: offset - chunk.length };
  });
}
