/** What a folder's parts may ask of the folder they belong to. */

import type { Crypto } from '../crypto/index.js';
import type { ChunkId, DeviceId, FolderId, RawRecord } from '../model/index.js';
import type { ContentKeys, Store } from '../ports/index.js';
import type { LocalRules, Vector } from '../tree/index.js';
import type { Effect, Task } from './effects.js';
import type { ConnectionId, TaskId, TaskResult } from './inputs.js';

/** A connected device that has proved to be a member and may hold content. */
export interface Holder {
  readonly connection: ConnectionId;
  /** The number under which we speak of the folder there. */
  readonly channel: number;
  readonly device: DeviceId;
}

/** Where a record stands: entry and index in it. */
export interface Place {
  readonly device: DeviceId;
  readonly seq: number;
  readonly index: number;
  /** The entry's hybrid logical clock. */
  readonly clock: bigint;
}

export interface FolderContext {
  readonly folder: FolderId;
  /** What the folder is called here; for people. */
  name(): string;
  readonly crypto: Crypto;
  readonly store: Store;
  /** Unix ms of the input being handled. */
  now(): number;
  /** The same on a clock that nobody sets back: for what is to happen after a while. */
  steadyMs(): number;
  /** Our device key in the folder. */
  device(): DeviceId;
  /** The folder's constants, once an epoch could be opened. */
  contentKeys(): ContentKeys | undefined;
  /** Key of the equality fingerprint, likewise. */
  fingerprintKey(): Uint8Array | undefined;
  /** Whether our rank lets us append content. */
  mayWrite(): boolean;
  /** Whether the logs are applied as far as they are here, and who was just met has told what it has. Default: yes. */
  ready?(): boolean;
  /** The database or the disk was restored from a backup, or copied: all is begun anew (`spec/04 §8`). */
  restored?(what: 'database' | 'disk'): void;
  /** Where the stores lie. */
  home?(): string | undefined;
  /** Whether this device made the folder; what one that joined finds on its disk at first loses every order. */
  founded?(): boolean;
  /** Whether all that some member has to say was heard once; what one that joined finds is merged after that. */
  heard?(): boolean;
  /** Place and clock that the next own content entry will have: version vectors and stamps name it. */
  nextPlace(): { readonly seq: number; readonly clock: bigint };
  /** How far that entry reaches, where it can not reach all that is applied. */
  reach?(): Vector | undefined;
  /**
   * Appends one entry of sealed records to our content log, with the chunk ids that store peers must keep. The
   * entry's own
   * records come back through the same way as everybody's (`FolderTree.record`).
   */
  append(records: readonly RawRecord[], chunkIds: readonly ChunkId[]): Place;
  emit(effect: Effect): void;
  /** Starts a task; `done` is called with its result in a later step. */
  task(work: Task, done: (result: TaskResult) => void): TaskId;
  /** Who can be asked for content, in order of preference. */
  holders(): readonly Holder[];
  /** Devices of all other members, connected or not. Default: some may be missing. */
  others?(): readonly DeviceId[];
  /** A number for a `fetch` effect, unique in this life; its `fetched` inputs come back to this folder's tree. */
  newFetch(): number;
  /** Whether a path is shown by this device alone (a log as a file) and stands outside the tree. */
  isView(path: string): boolean;
  /** Rules of this device alone; none where nobody can set any. */
  localRules?(): LocalRules;
  /** A setting of the device. */
  setting?(key: string): string | undefined;
  /** Asks for another `step` soon: there is more to do. */
  again(): void;
}
