/** The rows that the planner compares: disk, base and folder view (`spec/07 §6`). */

import type { ContentId } from '../model/index.js';
import type { ConflictCopy, Vector, Version, VersionType } from './types.js';

/** `unreadable`: there is something, or may be, that could not be looked at. `other`: a pipe, device or boundary. */
export type DiskKind = 'absent' | 'file' | 'directory' | 'symlink' | 'unreadable' | 'other';

/** What a look at the disk showed. No row is the same as `absent`. */
export interface DiskRow {
  readonly path: string;
  readonly kind: DiskKind;
  /** Bytes; 0 for what is no file. */
  readonly size: number;
  /** Microseconds since 1970. */
  readonly mtimeUs: number;
  readonly ctimeUs: number;
  /** Decimal or any other text that is equal for equal inodes; empty where the system has none. */
  readonly inode: string;
  /** Absent where the file system can't tell. */
  readonly executable?: boolean | undefined;
  readonly target?: string | undefined;
  /** Known once read: identity of what was there at these times. */
  readonly content?: ContentId | undefined;
  /** Why, for `unreadable` and `other`. */
  readonly reason?: string | undefined;
  /** Nobody wrote to it since its base row, and yet its bytes are others: `content` is theirs, and no act's. */
  readonly damaged?: boolean | undefined;
}

/** What the disk had after something was applied or recorded: tells an untouched file without reading it. */
export interface DiskStat {
  readonly size: number;
  readonly mtimeUs: number;
  readonly ctimeUs: number;
  readonly inode: string;
}

/** What the disk was last known to show at a name, and what that built on (`spec/07 §2`, the base row). */
export interface BaseRow {
  readonly path: string;
  /** `absent` keeps the vector of an applied delete. */
  readonly kind: 'file' | 'directory' | 'symlink' | 'absent';
  /** As in `Version`. */
  readonly content?: ContentId | undefined;
  readonly size: number;
  /** Of the version, which a file system may keep more coarsely. */
  readonly mtimeUs: number;
  readonly executable: boolean;
  readonly target?: string | undefined;
  /** Over the versions of the path that were seen here: all that were known but copies that this disk did not have. */
  readonly vector: Vector;
  /** The path of which a derived conflict copy was shown here. */
  readonly copyOf?: string | undefined;
  /** The engine is about to take this away, though it still counts elsewhere: its going is nobody's act. */
  readonly leaving?: boolean | undefined;
  /** What this row becomes once the operation under way is done: tells, after a stop, that it was. */
  readonly next?: Omit<BaseRow, 'path'> | undefined;
  /** Only with copies: the version at the path itself, none if only children made it a directory. */
  readonly shown?: Version | undefined;
  /** Conflict copies of the path, at the names they had: those this disk has, and what the vector holds besides. */
  readonly copies?: readonly ConflictCopy[] | undefined;
  readonly stat?: DiskStat | undefined;
}

/** What the folder view wants at a name. No row: nothing, and nothing is known of it. */
export interface ViewRow {
  readonly path: string;
  readonly kind: VersionType;
  /** The version to show; none for `absent` and for a directory that only live children make one. */
  readonly version?: Version | undefined;
  /** Over all maximal versions at this very name. */
  readonly vector: Vector;
  readonly copyOf?: string | undefined;
  readonly copies: readonly ConflictCopy[];
  /** Copies that found no name within the limits. */
  readonly nameless: readonly Version[];
  /** The maximal versions at this very name; past `pathVersionsMax` of them the path waits. */
  readonly versions: readonly Version[];
}
