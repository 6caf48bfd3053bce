/** The words of the tree: versions of paths and what is shown of them (`spec/07 §2`). */

import type { ContentRef } from '../content/index.js';
import type { ContentId, DeviceId } from '../model/index.js';

/** What a version says stands at its path. `unknown` is a type of a later protocol: kept, relayed, never applied. */
export type VersionType = 'absent' | 'file' | 'directory' | 'symlink' | 'unknown';

/** Who made a version: a person's act, or the engine while it kept one safe (`spec/07 §2`). */
export type Made = 'person' | 'settle' | 'copy' | 'adopt';

/** Content logs by device, each with the number of its latest entry that the version builds on. */
export type Vector = Readonly<Record<DeviceId, number>>;

/** When a version was made: hybrid logical clock, then device. `hlc` 0 loses every order. */
export interface Stamp {
  readonly hlc: bigint;
  readonly device: DeviceId;
}

/** The entry in whose sealed part a version stands, and its place among the records there. */
export interface Standing {
  readonly device: DeviceId;
  readonly seq: number;
  readonly index: number;
}

/** One version of one path. */
export interface Version {
  readonly path: string;
  readonly type: VersionType;
  /** The number of the type on the wire; says more than `type` for an unknown one only. */
  readonly typeNumber: number;
  /** Identity of what stands there; `directoryContent` for directories, absent for a delete. */
  readonly content?: ContentId | undefined;
  /** The same content under the constants before `rotate --content`. */
  readonly oldContent?: ContentId | undefined;
  /** Where a file's bytes are found. */
  readonly ref?: ContentRef | undefined;
  /** Bytes. */
  readonly size: number;
  /** Microseconds since 1970, as the author's disk had it. */
  readonly mtimeUs: number;
  readonly executable: boolean;
  /** What a symlink points to, as written. */
  readonly target?: string | undefined;
  /** With the entry it stands in. */
  readonly vector: Vector;
  /** The content that this version replaced. */
  readonly base?: ContentId | undefined;
  readonly stamp: Stamp;
  readonly made: Made;
  /** Of what the engine settled or adopted: the vector of the version that it carries on. */
  readonly origin?: Vector | undefined;
  readonly at: Standing;
  /** Fields of later protocols, encoded, by key. */
  readonly extra?: ReadonlyMap<number, Uint8Array> | undefined;
}

/** A version shown beside its path because another one has the path's name. */
export interface ConflictCopy {
  /** The name it is shown at. */
  readonly path: string;
  readonly version: Version;
}

/** What everybody derives for a path from its maximal versions (`spec/07 §4`). */
export interface PathState {
  readonly path: string;
  /** The maximal versions, in their order. */
  readonly maximal: readonly Version[];
  /** Of those, the ones that count: what yields left out, equal content once; greatest first. */
  readonly counted: readonly Version[];
  /** What stands at the path; `directory` without `shown` when only live children make it one. */
  readonly kind: VersionType;
  /** The version shown at the path itself. */
  readonly shown?: Version | undefined;
  readonly copies: readonly ConflictCopy[];
  /** Copies that found no name within the limits. */
  readonly nameless: readonly Version[];
  /** Every name that was looked at to name the copies: look again when a version of one of them changes. */
  readonly names: readonly string[];
  /** Over all maximal versions. */
  readonly vector: Vector;
}

/**
 * The rows of a folder view, from a database or from memory. Synchronous; answers must not change while a function of
 * this folder runs. Paths are wire paths.
 */
export interface ViewLookup {
  /** The maximal versions of a path, or more than those; empty when it has none. */
  versions(path: string): readonly Version[];
  /** Whether a path below this one has a live version that counts (`isLive`). */
  hasLiveBelow(path: string): boolean;
  /** The path whose derived conflict copy is shown at this name, if one is. */
  copySource(name: string): string | undefined;
}
