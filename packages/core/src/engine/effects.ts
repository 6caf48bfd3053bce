/**
 * Everything a device can ask of the outside, as data. The driver commits the stores first and only then carries
 * these out
 * (`ARCHITECTURE.md`, rule "state, commit, then send").
 */

import type { ChunkId, DeviceId, FolderId } from '../model/index.js';
import type {
  ChunkSource,
  ChunkTarget,
  ClaimOptions,
  ContentKeys,
  FileOperation,
  FileStamp,
  PlacedChunk,
} from '../ports/index.js';
import type { RuleTexts } from '../tree/index.js';
import type { DeviceEvent } from './commands.js';
import type { ConnectionId, Lane, TaskId, Via } from './inputs.js';

/** A pre-shared key under which a peer may open a connection, and our static key there. */
export interface Door {
  readonly via: Via;
  readonly psk: Uint8Array;
  /** Secret X25519 key of this device in that folder, or the one made for a code. */
  readonly staticSecret: Uint8Array;
}

export interface WantedChunk {
  readonly id: ChunkId;
  readonly key: Uint8Array;
  readonly length: number;
  /** None for a list node. */
  readonly targets: readonly ChunkTarget[];
  /**
   * A sealed list node, which the engine itself keeps: its bytes are handed over as they came (`fetched` with
   * outcome `node`).
   */
  readonly node?: true | undefined;
}

export interface ServedChunk {
  readonly id: ChunkId;
  readonly key: Uint8Array;
  readonly length: number;
  readonly sources: readonly ChunkSource[];
}

/** A chunk that is not here, with other devices that said the same. */
export interface MissingChunk {
  readonly id: ChunkId;
  readonly also: readonly DeviceId[];
}

export type Effect =
  | { readonly type: 'send'; readonly connection: ConnectionId; readonly lane: Lane; readonly bytes: Uint8Array }
  | { readonly type: 'close'; readonly connection: ConnectionId; readonly reason: string }
  /** The whole set of doors that incoming connections may use; replaces the earlier set. */
  | { readonly type: 'doors'; readonly doors: readonly Door[] }
  | {
      readonly type: 'dial';
      readonly dial: number;
      readonly addresses: readonly string[];
      readonly door: Door;
      readonly timeoutMs: number;
    }
  /** Asks a peer for chunks; each is checked, opened and written by the host, and reported by `fetched`. */
  | {
      readonly type: 'fetch';
      readonly fetch: number;
      readonly connection: ConnectionId;
      readonly root: string;
      /** Number under which this side speaks of the folder on that connection. */
      readonly channel: number;
      readonly keys: ContentKeys;
      readonly chunks: readonly WantedChunk[];
    }
  /** Bytes of content a second, over all connections; absent where there is no limit. */
  | { readonly type: 'limits'; readonly up: number | undefined; readonly down: number | undefined }
  | { readonly type: 'cancel-fetch'; readonly fetch: number }
  | {
      readonly type: 'serve';
      readonly connection: ConnectionId;
      readonly stream: number;
      readonly folder: string;
      /** Absent where only list nodes are served. */
      readonly root: string | undefined;
      readonly chunks: readonly ServedChunk[];
      readonly missing: readonly MissingChunk[];
      /** May be here, and can't be given now. */
      readonly unsure: readonly ChunkId[];
      /** Sealed list nodes, which the engine itself keeps. */
      readonly nodes: readonly { readonly id: ChunkId; readonly bytes: Uint8Array }[];
    }
  | { readonly type: 'task'; readonly task: TaskId; readonly folder: string; readonly work: Task }
  | { readonly type: 'reply'; readonly id: number; readonly result: unknown }
  | {
      readonly type: 'reject';
      readonly id: number;
      readonly code: string;
      readonly message: string;
      readonly details: Readonly<Record<string, unknown>>;
    }
  | { readonly type: 'event'; readonly event: DeviceEvent };

export type Task =
  | {
      readonly task: 'prepare-root';
      readonly path: string;
      readonly create: boolean;
      readonly otherRoots: readonly string[];
      /** Whose token may be there already. */
      readonly token: FolderId | 'any' | undefined;
    }
  | { readonly task: 'claim'; readonly root: string; readonly create: boolean; readonly more?: ClaimOptions }
  | {
      readonly task: 'scan';
      readonly root: string;
      readonly paths: readonly string[] | 'all';
      readonly rules: RuleTexts | undefined;
    }
  | {
      readonly task: 'hash';
      readonly root: string;
      readonly path: string;
      readonly expected: FileStamp;
      readonly keys: ContentKeys;
    }
  | { readonly task: 'read-file'; readonly root: string; readonly path: string; readonly bytesMax: number }
  | {
      readonly task: 'apply';
      readonly root: string;
      readonly operations: readonly FileOperation[];
      /** Where in the archive what they replace goes; absent where they replace nothing. */
      readonly group: string | undefined;
    }
  | ArchiveTask
  /** How these paths look, not what is below them. */
  | { readonly task: 'look'; readonly root: string; readonly paths: readonly string[] }
  | {
      readonly task: 'copy-chunks';
      readonly root: string;
      readonly keys: ContentKeys;
      readonly chunks: readonly {
        readonly chunk: Omit<PlacedChunk, 'offset'>;
        readonly sources: readonly ChunkSource[];
        readonly targets: readonly ChunkTarget[];
      }[];
    }
  | { readonly task: 'flush-temps' | 'remove-temps'; readonly root: string; readonly temps: readonly string[] }
  | { readonly task: 'list-temps'; readonly root: string }
  | { readonly task: 'watch'; readonly root: string }
  /** The root is looked at no more: ends its watch. */
  | { readonly task: 'unwatch'; readonly root: string }
  | { readonly task: 'release' | 'erase'; readonly root: string }
  /** Appends to a log shown as a file, `NAME/DEVICE.log`; grown only by appending. */
  | {
      readonly task: 'write-view';
      readonly root: string;
      readonly path: string;
      readonly offset: number;
      readonly bytes: Uint8Array;
    };

/** What is done with the archive of a root. */
export type ArchiveTask =
  /** A file in the archive; answered as `hash`. */
  | {
      readonly task: 'hash-archived';
      readonly root: string;
      readonly name: string;
      readonly expected: FileStamp;
      readonly keys: ContentKeys;
    }
  | { readonly task: 'recheck' | 'remove-archived'; readonly root: string; readonly names: readonly string[] }
  | { readonly task: 'archive-groups'; readonly root: string }
  | { readonly task: 'list-archived'; readonly root: string; readonly groups: readonly string[] }
  /** Copies an archived file to an absolute path. */
  | {
      readonly task: 'export-archived';
      readonly root: string;
      readonly name: string;
      readonly to: string;
      readonly above: number;
    };
