/** What the planner says is to be done (`spec/07 §6`). */

import type { ContentRef } from '../content/index.js';
import type { ContentId } from '../model/index.js';
import type { BaseRow, DiskRow, ViewRow } from './rows.js';
import type { ConflictCopy, Version } from './types.js';

/** What stood at the target when it was planned; the applier looks again and drops the operation if that changed. */
export type Over = 'absent' | 'file' | 'symlink' | 'directory';

interface OperationBase {
  readonly path: string;
  /** What was seen on disk; the applier must find the same. */
  readonly expect: DiskRow | undefined;
  /** The base row to commit once applied, with the `stat` then found. */
  readonly base: BaseRow;
  /** A base row to commit before the disk is touched: what is to be there, and whether what goes counts elsewhere. */
  readonly announce?: BaseRow | undefined;
  /** Operations on these paths must have been applied before this one; else it is dropped. */
  readonly after: readonly string[];
}

/**
 * One change of the disk or, for `note`, of the base row alone. `mkdir` and `symlink` over something, `write` over
 * something, `remove` and `rename`-over never lose it: the applier links the old one into the archive first.
 */
export type Operation =
  | (OperationBase & { readonly op: 'note' })
  | (OperationBase & { readonly op: 'mkdir'; readonly over: Over; readonly keep: boolean })
  /**
   * Moves the file at `from`, whose content is the one wanted here; `from` gets `fromBase`, and is what `announce` is
   * of; `makes` announces the file here.
   */
  | (OperationBase & {
      readonly op: 'rename';
      readonly from: string;
      readonly fromExpect: DiskRow | undefined;
      readonly fromBase: BaseRow;
      readonly makes: BaseRow;
    })
  /** `keep`: another live path still wants the content that this replaces, so the archive must hold it. */
  | (OperationBase & { readonly op: 'write'; readonly over: Over; readonly version: Version; readonly keep: boolean })
  | (OperationBase & { readonly op: 'symlink'; readonly over: Over; readonly target: string; readonly keep: boolean })
  /** Only mode and time differ. */
  | (OperationBase & { readonly op: 'meta'; readonly executable: boolean; readonly mtimeUs: number })
  | (OperationBase & { readonly op: 'remove'; readonly keep: boolean })
  | (OperationBase & { readonly op: 'rmdir' });

/** What a person or program did on this disk, to be recorded in the content log (`recordActs`). */
export type LocalAct = LocalPut | LocalDelete;

interface ActBase {
  readonly path: string;
  /** Copies of the path that this disk shows already although its base row doesn't say so yet: they stay. */
  readonly copies?: readonly ConflictCopy[] | undefined;
}

export interface LocalPut extends ActBase {
  readonly act: 'put';
  /** With `content`. */
  readonly disk: DiskRow;
  readonly base: BaseRow | undefined;
}

export interface LocalDelete extends ActBase {
  readonly act: 'delete';
  readonly base: BaseRow;
}

/** Why nothing happens at a path now although disk and view differ. */
export type WaitReason =
  /** It, or something below or above it, could not be looked at. */
  | 'unknown'
  /** A local change is recorded first. */
  | 'record-first'
  /** The file has to be read before anything can be said of it. */
  | 'hash'
  /** The content is not on this device. */
  | 'content'
  /** A directory above is not there yet. */
  | 'parent'
  /** What stands in the way has to go first. */
  | 'in-the-way'
  /** A directory is not empty of things that stay. */
  | 'not-empty'
  /** Another path still needs the content from here. */
  | 'partner'
  /** A name that this disk can't tell from this one has to go first. */
  | 'twin'
  /** More versions than a path may have. */
  | 'too-many-versions'
  /** Its vector has no room for another device. */
  | 'vector-full'
  /** The folder has forgotten what this disk still has: a person decides. */
  | 'quarantine';

export interface Wait {
  readonly path: string;
  readonly reason: WaitReason;
  /** The other path that it waits for, where there is one. */
  readonly on?: string | undefined;
}

/** Content that is wanted on this disk and is not on this device. */
export interface Need {
  readonly path: string;
  readonly version: Version;
  readonly ref: ContentRef | undefined;
}

export interface Unsyncable {
  readonly path: string;
  /** For a person. */
  readonly reason: string;
  /** What it is planned again after, where another path is the reason. */
  readonly on?: string | undefined;
}

export interface Conflict {
  readonly path: string;
  readonly copies: readonly ConflictCopy[];
}

export interface Plan {
  /** Local changes to record, directories before what is in them. */
  readonly acts: readonly LocalAct[];
  /** To be applied in this order. */
  readonly operations: readonly Operation[];
  readonly needs: readonly Need[];
  /** Paths of files to be read; the plan is made again with their content. */
  readonly hash: readonly string[];
  readonly waits: readonly Wait[];
  readonly conflicts: readonly Conflict[];
  readonly unsyncable: readonly Unsyncable[];
}

/**
 * What the planner reads. Synchronous; rows exist for the paths of a closed set at least. A directory made of live
 * children only has a view row.
 */
export interface PlanInput {
  /** A closed set (`closeSet`), in any order. */
  readonly paths: Iterable<string>;
  /** Directories too: below a path without the row of a directory nothing is taken to be on disk. */
  disk(path: string): DiskRow | undefined;
  base(path: string): BaseRow | undefined;
  view(path: string): ViewRow | undefined;
  /** Whether the content can be had on this device: another path, the archive, the store, inline. */
  isHere(version: Version): boolean;
  /**
   * Whether a file's content that went from a path is where the engine puts what it takes: in the archive, or at a path
   * that wants it. Default: always.
   */
  isKept?(content: ContentId): boolean;
  /** Ignored and unwanted paths are neither recorded, applied nor deleted. Default: everything is synced. */
  rule?(path: string): 'sync' | 'ignored' | 'unwanted';
  /** Why this disk can't hold the name, if it can't. */
  unsyncable?(path: string): string | undefined;
  /** On a disk blind to case or Unicode form: equal for names it can't tell apart. */
  fold?(path: string): string;
  /** Whether such a disk changes the case of a name by a rename. Default true. */
  readonly casesRenamed?: boolean | undefined;
  /** Something in a directory or below it that has no row because it can't be said to others. */
  holds?(path: string): string | undefined;
  /** Whether inodes tell that a file was moved. Default true. */
  readonly inodesTrusted?: boolean | undefined;
  /** Times that differ by less are the same time on this disk, microseconds. Default 1. */
  readonly timeStepUs?: number | undefined;
}
