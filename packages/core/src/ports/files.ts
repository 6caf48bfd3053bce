/**
 * Files: one folder's directory on disk. Received names come only as `WirePath`s, every change is anchored at the
 * root without
 * following links, and bulk bytes stay on this side: the engine deals in hashes. Every implementation passes
 * `filesSuite`.
 */

import type { ContentRef } from '../content/index.js';
import type { ChunkId, ContentId, FolderId, NameRules } from '../model/index.js';
import type { DiskRow, RuleTexts } from '../tree/index.js';

/** What the disk of a root can hold, as was tried out there (`spec/07 §7`). */
export interface DiskTraits {
  /** Names that differ in nothing but case are one. */
  readonly caseBlind: boolean;
  /** Whether a rename changes the case of a name; true where the disk is not blind to it. */
  readonly renamesCase: boolean;
  /** Names that differ in nothing but their Unicode form are one. */
  readonly formBlind: boolean;
  readonly symlinks: boolean;
  /** Whether it keeps who may run a file. */
  readonly executable: boolean;
  /** Whether a file can have a second name; where none can, numbers of inodes say little. */
  readonly hardLinks: boolean;
  /** Times of files are multiples of this, microseconds. */
  readonly timeStepUs: number;
  readonly nameRules: NameRules;
}

/** What the root's token says (`spec/07 §9`). Anything but `ok` stops the folder; nothing is deleted. */
export type RootState =
  | {
      readonly state: 'ok';
      /** Names this root across mounts. */
      readonly nonce: string;
      /** Device and inode: other ones where the directory was copied, replaced, or mounted elsewhere. */
      readonly place: string;
      /** What `claim` left there last with this nonce. */
      readonly life?: string | undefined;
      /** Said by `claim`; of a disk that can hold everything where it is left out. */
      readonly traits?: DiskTraits | undefined;
    }
  /** `reason` says what is wrong and what to do. */
  | { readonly state: 'missing' | 'foreign' | 'unreadable' | 'read-only'; readonly reason: string };

/** What `claim` does besides. */
export interface ClaimOptions {
  /** Give a token that is there a new nonce. */
  readonly take?: boolean | undefined;
  /** A line to leave there for the next claim, of the token that is there then. */
  readonly life?: string | undefined;
  /** Nonces of tokens that are the caller's: it writes nothing while the token has another. Without, any is. */
  readonly own?: readonly string[] | undefined;
}

/** What the path of a new root may hold. */
export interface RootOptions {
  /** Make the directory if it is not there. */
  readonly create: boolean;
  /** Roots of this device's other folders. */
  readonly otherRoots: readonly string[];
  /** Whose token may be there already: that folder's, or anybody's while it is not known who will come. */
  readonly token?: FolderId | 'any' | undefined;
}

/** What a file looked like when it was last observed; a change is made only if it still looks so. */
export interface FileStamp {
  readonly kind: DiskRow['kind'];
  readonly size: number;
  readonly mtimeUs: number;
  readonly ctimeUs: number;
  readonly inode: string;
}

/** A chunk as it lies in a file. */
export interface PlacedChunk {
  readonly id: ChunkId;
  readonly key: Uint8Array;
  readonly offset: number;
  readonly length: number;
}

/** The constants of a folder that content is cut and sealed with (`spec/06 §2`). */
export interface ContentKeys {
  readonly gear: Uint8Array;
  readonly convergence: Uint8Array;
}

export type HashOutcome =
  | {
      readonly outcome: 'hashed';
      readonly row: DiskRow;
      readonly content: ContentRef;
      /** Sealed list nodes of long lists, to be kept by the engine: id and ciphertext. */
      readonly nodes: readonly { readonly id: ChunkId; readonly bytes: Uint8Array }[];
    }
  /** It changed while it was read, or is no longer what was asked for; look again. */
  | { readonly outcome: 'changed' }
  | { readonly outcome: 'unreadable'; readonly reason: string };

export type ReadOutcome =
  | {
      readonly outcome: 'read';
      readonly row: DiskRow;
      /** Its beginning, where the file is longer than was asked for. */
      readonly bytes: Uint8Array;
    }
  | { readonly outcome: 'absent' }
  /** It is there and no file, or can't be read. */
  | { readonly outcome: 'unreadable'; readonly reason: string };

/** One change of the disk. `expected` is what the plan was made against; `undefined` stands for "nothing there". */
export type FileOperation =
  | { readonly type: 'make-directory'; readonly path: string }
  | {
      readonly type: 'place-file';
      readonly path: string;
      /** A whole, verified temp file … */
      readonly temp?: string | undefined;
      /** … or the bytes themselves … */
      readonly bytes?: Uint8Array | undefined;
      /** … or a copy of a file in the archive, by its name there. */
      readonly archived?: string | undefined;
      readonly size: number;
      readonly mtimeUs: number;
      readonly executable: boolean;
      readonly expected: FileStamp | undefined;
    }
  | {
      readonly type: 'place-symlink';
      readonly path: string;
      readonly target: string;
      readonly expected: FileStamp | undefined;
    }
  | {
      readonly type: 'rename';
      readonly from: string;
      readonly path: string;
      readonly expectedFrom: FileStamp;
      readonly expected: FileStamp | undefined;
    }
  | {
      readonly type: 'set-metadata';
      readonly path: string;
      readonly mtimeUs: number;
      readonly executable: boolean;
      readonly expected: FileStamp;
    }
  | { readonly type: 'remove'; readonly path: string; readonly expected: FileStamp }
  | { readonly type: 'remove-directory'; readonly path: string };

export type FileResult =
  | {
      readonly outcome: 'done';
      /** As we left it; `undefined` after a removal. */
      readonly row: DiskRow | undefined;
      /** Somebody changed it before we looked: the next look finds something else. */
      readonly meanwhile?: boolean | undefined;
      /** Where the replaced version lies in the archive, and how it looked when it was linked there. */
      readonly archived?: { readonly name: string; readonly stamp: FileStamp } | undefined;
    }
  /** The disk is not what the plan was made against: nothing was done, look again. */
  | { readonly outcome: 'changed' }
  | {
      readonly outcome: 'failed';
      readonly code: 'disk-full' | 'io' | 'unsafe-path' | 'not-supported';
      readonly reason: string;
    };

/** A file or link in the archive. */
export interface ArchivedFile {
  /** `GROUP/PATH`. */
  readonly name: string;
  readonly stamp: FileStamp;
  readonly executable: boolean;
  /** Of a link. */
  readonly target?: string | undefined;
}

/** Where the bytes of a wanted chunk belong: at `offset` of the temp file `temp`. */
export interface ChunkTarget {
  readonly temp: string;
  readonly offset: number;
  /** Final size of the temp file. */
  readonly size: number;
}

export type StoreOutcome =
  | { readonly outcome: 'stored' }
  /** `peer`: the bytes are not what the id names. `author`: they are, but do not open under the key. */
  | { readonly outcome: 'refused'; readonly fault: 'peer' | 'author' }
  | { readonly outcome: 'failed'; readonly code: 'disk-full' | 'io'; readonly reason: string };

/** A place whose bytes may be a chunk. */
export interface ChunkSource {
  readonly from: { readonly path: string } | { readonly temp: string } | { readonly archived: string };
  readonly offset: number;
}

export type LoadOutcome =
  | { readonly outcome: 'loaded'; readonly bytes: Uint8Array }
  | { readonly outcome: 'changed' }
  | { readonly outcome: 'missing' };

/** Where nobody tells what changes, so that it has to be looked at now and then. */
export interface Blind {
  /** Directories, with all that is below them; `all` where that is all of the root, or too much to name. */
  readonly paths: readonly string[] | 'all';
  /** Why, and what to do about it; one line for a person. Empty where everything is told. */
  readonly reason: string;
}

/** A hint that something may have changed; rescans decide. `undefined` paths: anything. */
export interface WatchHint {
  readonly paths: readonly string[] | undefined;
  /** Where the watch sees nothing from now on; absent where that is as before. A watch that never says it sees all. */
  readonly blind?: Blind | undefined;
}

/** Takes a slice of what a look at the disk found. What it gives is awaited: there is room for another one then. */
export type TakeRows = (slice: readonly DiskRow[]) => unknown;

export interface Files {
  /**
   * Reads the token. With `create` writes one where there is none, and takes over the directory where the folder's own
   * token is: it gets a new nonce, so that whoever held it before stops; with `take` only the latter. A foreign token
   * is never replaced. `life` is left there for the next claim to find.
   */
  claim(folder: FolderId, create: boolean, more?: ClaimOptions): Promise<RootState>;
  /** Removes the private directory's token (on `leave`); leaves the archive. */
  release(): Promise<void>;
  /**
   * Removes the root with all that is in it. Rejects with nothing removed where another folder lies below, or something
   * is mounted there.
   */
  erase(): Promise<void>;
  /**
   * Looks at the whole tree, or at the named paths and what is below them, and hands over rows in slices, parents
   * before children.
   * A path that is not there gives a row of kind `absent`; what cannot be read is `unreadable`, never absent.
   * Entered directories only within the root's device. Of a directory that the rules leave out nothing below it need be
   * looked at. Who has many slices hands over only a few before what `rows` gave for them has resolved.
   */
  scan(paths: readonly string[] | 'all', rows: TakeRows, rules?: RuleTexts | undefined): Promise<RootState>;
  /** How these paths look now, not what is below them. */
  look(paths: readonly string[]): Promise<readonly DiskRow[]>;
  /** Cuts, seals and names a file's content, reading it once; proves that it did not change meanwhile. */
  hash(path: string, expected: FileStamp, keys: ContentKeys): Promise<HashOutcome>;
  /** The same for a file in the archive, by the name that `apply` gave. */
  hashArchived(name: string, expected: FileStamp, keys: ContentKeys): Promise<HashOutcome>;
  /** The first bytes of a small file, following no link; with how it looked then. */
  readFile(path: string, bytesMax: number): Promise<ReadOutcome>;
  /** Ciphertext of a chunk from the first source that still has it; checked against `id` before it is handed out. */
  loadChunk(
    chunk: { readonly id: ChunkId; readonly key: Uint8Array; readonly length: number },
    sources: readonly ChunkSource[],
  ): Promise<LoadOutcome>;
  /** Checks, opens and writes a chunk's ciphertext into each target. Takes over the memory under the ciphertext. */
  storeChunk(
    chunk: { readonly id: ChunkId; readonly key: Uint8Array; readonly length: number },
    keys: ContentKeys,
    ciphertext: Uint8Array,
    targets: readonly ChunkTarget[],
  ): Promise<StoreOutcome>;
  /** Copies a chunk that already lies in this folder into targets; proves it on the way. */
  copyChunk(
    chunk: { readonly id: ChunkId; readonly key: Uint8Array; readonly length: number },
    keys: ContentKeys,
    sources: readonly ChunkSource[],
    targets: readonly ChunkTarget[],
  ): Promise<StoreOutcome | { readonly outcome: 'missing' }>;
  /** Makes what was written to these temp files durable; before a resume bitmap is committed. */
  flushTemps(temps: readonly string[]): Promise<void>;
  /** Which temp files exist, so that those nobody wants are removed. */
  listTemps(): Promise<readonly string[]>;
  /** Rejects with `not-found` where the root's token is not there or another one. */
  removeTemps(temps: readonly string[]): Promise<void>;
  /**
   * A group of ≤ 256 changes in the safe order of `spec/07 §7`; durable when it resolves. One result an operation,
   * in order. What they replace lies in the archive as `GROUP/PATH` then; without `group` under one of its own making.
   */
  apply(operations: readonly FileOperation[], group?: string): Promise<readonly FileResult[]>;
  /**
   * Writes into a log shown as a file, at `offset`, making it and its directory if need be; cuts nothing off. Rejects
   * where the token is not there.
   */
  writeView(path: string, offset: number, bytes: Uint8Array): Promise<void>;
  /**
   * How these files in the archive look now; `undefined` for those that are gone. Rejects where the token is not
   * there.
   */
  recheck(names: readonly string[]): Promise<readonly (FileStamp | undefined)[]>;
  /** Groups that the archive has, in no order. */
  archiveGroups(): Promise<readonly string[]>;
  /** What lies in the archive under these groups. */
  listArchived(groups: readonly string[]): Promise<readonly ArchivedFile[]>;
  /**
   * Copies a file out of the archive to an absolute path where nothing is yet, with its time and mode; makes up to
   * `above` directories on the way. Throws `exists`, and `not-found` when the file or the directory to put it in is not
   * there.
   */
  exportArchived(name: string, to: string, above: number): Promise<void>;
  /** Takes files out of the archive; those that are not there are no error. */
  removeArchived(names: readonly string[]): Promise<void>;
  /**
   * Starts watching; the returned function stops it. Hints come of the root's own names, and of those in directories
   * that a scan has gone into since.
   */
  watch(hint: (hint: WatchHint) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

/** Gives the files of a directory. Throws `not-found` when there is none, `unsafe-path` when it is not a directory. */
export interface FilesProvider {
  open(rootPath: string): Files;
  /**
   * Checks a path that somebody wants to make a folder of: absolute, normalised, made if asked; throws with a
   * reason.
   */
  prepareRoot(path: string, options: RootOptions): Promise<string>;
}

export type { ContentId };
