import { existsSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { gearTable } from '../../content/index.js';
import { BoundedCache, type Crypto } from '../../crypto/index.js';
import { CloudlessError } from '../../errors.js';
import type { FolderId } from '../../model/index.js';
import type {
  ClaimOptions,
  ContentKeys,
  DiskTraits,
  FileStamp,
  Files,
  HashOutcome,
  ReadOutcome,
  RootState,
  TakeRows,
} from '../../ports/index.js';
import type { DiskRow } from '../../tree/index.js';
import { Rules, type RuleTexts } from '../../tree/index.js';
import type { WatchedLook } from '../watch/index.js';
import { Group } from './apply.js';
import { archivedPath } from './archive.js';
import { archiveGroups, exportArchived, listArchived, recheck, removeArchived } from './archived.js';
import { copyChunk, loadChunk, storeChunk } from './chunks.js';
import { Directories } from './directories.js';
import { eraseRoot } from './erase.js';
import { type CutKeys, hashFile, newReadBlock } from './hash.js';
import { Listings } from './listings.js';
import { Originals } from './originals.js';
import { readFile } from './read.js';
import { absentRow, rowOf, unreadableRow } from './rows.js';
import { scanTree } from './scan.js';
import { flushTemps, listTemps, removeTemps } from './temps.js';
import {
  makePrivate,
  placeOf,
  readLife,
  readOnlyRoot,
  readToken,
  removeToken,
  writeLife,
  writeToken,
} from './token.js';
import { probeDisk } from './traits.js';
import { writeView } from './view.js';

type Parameter<M extends keyof Files, I extends number> = Files[M] extends (...args: infer A) => unknown ? A[I] : never;

/** Whom a root was claimed for, and the nonce that its token had then. */
export interface RootOwner {
  readonly folder: FolderId;
  readonly nonce: string;
}

/** The work on directories of this machine, on the calling thread. One for each thread. */
export class FolderFiles {
  readonly #crypto: Crypto;
  readonly #block = newReadBlock();
  readonly #gears = new BoundedCache<Int32Array>(64);
  readonly #umask = process.umask();
  readonly #originals = new Originals();
  /** By root; `place` is that of the directory that was there when it was tried out. */
  readonly #traits = new Map<string, { readonly place: string; readonly traits: DiskTraits }>();
  #rules: { readonly key: string; readonly rules: Rules } | undefined;

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  claim(root: string, folder: FolderId, create: boolean, { take, life }: ClaimOptions): RootState {
    const state = readToken(root, folder);
    const isNew =
      (state.state === 'ok' && (create || take === true)) || (create && state.state === 'missing' && existsSync(root));
    if (state.state !== 'ok' && !isNew) return state;
    if (state.state === 'ok') {
      const readOnly = readOnlyRoot(root);
      if (readOnly !== undefined) return readOnly;
      makePrivate(root);
    }
    const claimed = isNew ? writeToken(root, folder) : state;
    if (claimed.state !== 'ok') return claimed;
    if (life !== undefined) writeLife(root, claimed.nonce, life);
    return { ...claimed, life: readLife(root, claimed.nonce), traits: this.#traitsOf(root, claimed.place) };
  }

  release(root: string): void {
    removeToken(root);
  }

  erase(root: string): void {
    eraseRoot(root);
  }

  /**
   * Looks at the tree; the token is looked at before and after, so that a root which vanished meanwhile says so.
   * Between slices the thread does other work: what waits there may be the system's queue of events, which is short.
   */
  async scan(
    root: string,
    folder: FolderId,
    paths: readonly string[] | 'all',
    rows: TakeRows,
    rules?: RuleTexts | undefined,
    watched?: WatchedLook | undefined,
  ): Promise<RootState> {
    const before = readToken(root, folder);
    if (before.state !== 'ok') return before;
    try {
      const traits = this.#traitsOf(root, before.place);
      const how = {
        listings: traits.caseBlind ? new Listings() : undefined,
        isSkipped: this.#isSkipped(rules),
        watched,
      };
      for (const slice of scanTree(root, paths, how)) {
        await rows(slice.map((row) => plain(row, traits)));
        await setImmediate();
      }
      watched?.end(paths);
    } catch (error) {
      return {
        state: 'unreadable',
        reason: `The directory cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}.`,
      };
    }
    const after = readToken(root, folder);
    return after.state === 'ok' ? { ...after, life: readLife(root, after.nonce) } : after;
  }

  async hash(root: string, path: string, expected: FileStamp, keys: ContentKeys): Promise<HashOutcome> {
    const outcome = await hashFile(this.#crypto, root, path, expected, this.#cutKeys(keys), this.#block);
    return outcome.outcome === 'hashed' ? { ...outcome, row: plain(outcome.row, this.#traitsOf(root)) } : outcome;
  }

  hashArchived(root: string, name: string, expected: FileStamp, keys: ContentKeys): Promise<HashOutcome> {
    return this.hash(root, archivedPath(name), expected, keys);
  }

  readFile(root: string, path: string, bytesMax: number): ReadOutcome {
    const outcome = readFile(root, path, bytesMax);
    return outcome.outcome === 'read' ? { ...outcome, row: plain(outcome.row, this.#traitsOf(root)) } : outcome;
  }

  loadChunk(
    root: string,
    chunk: Parameter<'loadChunk', 0>,
    sources: Parameter<'loadChunk', 1>,
  ): ReturnType<typeof loadChunk> {
    return loadChunk(this.#crypto, root, chunk, sources);
  }

  storeChunk(
    root: string,
    chunk: Parameter<'storeChunk', 0>,
    keys: ContentKeys,
    ciphertext: Uint8Array,
    targets: Parameter<'storeChunk', 3>,
  ): ReturnType<typeof storeChunk> {
    return storeChunk(this.#crypto, root, chunk, keys.convergence, ciphertext, targets);
  }

  copyChunk(
    root: string,
    chunk: Parameter<'copyChunk', 0>,
    keys: ContentKeys,
    sources: Parameter<'copyChunk', 2>,
    targets: Parameter<'copyChunk', 3>,
  ): ReturnType<typeof copyChunk> {
    return copyChunk(this.#crypto, root, chunk, keys.convergence, sources, targets);
  }

  flushTemps(root: string, temps: readonly string[]): void {
    flushTemps(root, temps);
  }

  listTemps(root: string): readonly string[] {
    return listTemps(root);
  }

  removeTemps(root: string, owner: RootOwner, temps: readonly string[]): void {
    checkOurs(root, owner);
    removeTemps(root, temps);
  }

  /** Where a disk is not mounted its directory is often there all the same, so the token is looked at first. */
  async apply(
    root: string,
    owner: RootOwner,
    operations: Parameter<'apply', 0>,
    group: Parameter<'apply', 1>,
  ): ReturnType<Files['apply']> {
    const reason = notOurs(root, owner);
    if (reason === undefined) {
      makePrivate(root);
      const traits = this.#traitsOf(root);
      const results = await new Group(root, this.#umask, group, traits, this.#originals).apply(operations);
      return results.map((result) => {
        if (result.outcome !== 'done' || result.row === undefined) return result;
        return { ...result, row: plain(result.row, traits) };
      });
    }
    const result = { outcome: 'failed', code: 'io', reason } as const;
    return operations.map(() => result);
  }

  writeView(root: string, owner: RootOwner, path: string, offset: number, bytes: Uint8Array): void {
    checkOurs(root, owner);
    writeView(root, path, offset, bytes);
  }

  recheck(root: string, owner: RootOwner, names: readonly string[]): readonly (FileStamp | undefined)[] {
    checkOurs(root, owner);
    return recheck(root, names);
  }

  removeArchived(root: string, owner: RootOwner, names: readonly string[]): void {
    checkOurs(root, owner);
    removeArchived(root, names);
  }

  archiveGroups(root: string): readonly string[] {
    return archiveGroups(root);
  }

  listArchived(root: string, groups: readonly string[]): ReturnType<typeof listArchived> {
    return listArchived(root, groups);
  }

  exportArchived(root: string, name: string, to: string, above: number): void {
    exportArchived(root, name, to, above);
  }

  look(root: string, paths: readonly string[]): readonly DiskRow[] {
    const traits = this.#traitsOf(root);
    const directories = new Directories(root, traits.caseBlind ? new Listings() : undefined);
    try {
      return paths.map((path) => plain(lookAt(directories, path), traits));
    } finally {
      directories.close();
    }
  }

  /** Tried out once for each place that a root was at. */
  #traitsOf(root: string, place: string = placeOf(root)): DiskTraits {
    const known = this.#traits.get(root);
    if (known?.place === place) return known.traits;
    const traits = probeDisk(root);
    this.#traits.set(root, { place, traits });
    return traits;
  }

  /** Whether the rules leave a directory out. They are made ready once for many looks. */
  #isSkipped(texts: RuleTexts | undefined): (path: string) => boolean {
    if (texts === undefined) return () => false;
    const key = JSON.stringify(texts);
    if (this.#rules?.key !== key) this.#rules = { key, rules: new Rules(texts) };
    const { rules } = this.#rules;
    return (path) => rules.judge(path, true).rule !== 'sync';
  }

  #cutKeys({ gear, convergence }: ContentKeys): CutKeys {
    const table = this.#gears.get(gear, (key) => gearTable(this.#crypto, key));
    return { gear: table, convergence };
  }
}

/** A row as it is told: what a disk does not keep is not known of a file. */
function plain(row: DiskRow, traits: DiskTraits): DiskRow {
  if (traits.executable || row.executable === undefined) return row;
  const { executable: _executable, ...rest } = row;
  return rest;
}

function lookAt(directories: Directories, path: string): DiskRow {
  try {
    return directories.in(path, (anchor, name) => {
      const stats = anchor.find(name);
      return stats === undefined ? absentRow(path) : rowOf(path, stats, anchor.at(name));
    });
  } catch (error) {
    const isGone = ['not-found', 'unsafe-path'].includes((error as NodeJS.ErrnoException).code ?? '');
    return isGone ? absentRow(path) : unreadableRow(path, error);
  }
}

/** Why nothing may be written in a root now. */
function notOurs(root: string, { folder, nonce }: RootOwner): string | undefined {
  const token = readToken(root, folder);
  if (token.state !== 'ok') return token.reason;
  return token.nonce === nonce ? undefined : `${root} was taken over by another installation.`;
}

function checkOurs(root: string, owner: RootOwner): void {
  const reason = notOurs(root, owner);
  if (reason !== undefined) throw new CloudlessError('not-found', reason);
}
