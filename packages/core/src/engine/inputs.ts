/** Everything that can happen to a device, as data (`ARCHITECTURE.md`, "The engine"). */

import type { ErrorCode } from '../errors.js';
import type { ChunkId, DeviceId } from '../model/index.js';
import type {
  ArchivedFile,
  FileResult,
  FileStamp,
  HashOutcome,
  ReadOutcome,
  RootState,
  StoreOutcome,
  WatchHint,
} from '../ports/index.js';
import type { DiskRow } from '../tree/index.js';
import type { Command } from './commands.js';

export type ConnectionId = number;
export type TaskId = number;

/** How a connection was authenticated: by a folder's discovery key, or by a code. */
export type Via =
  | { readonly kind: 'folder'; readonly folder: string }
  | { readonly kind: 'code'; readonly codeId: string };

/** Ordered lanes of a connection; `catchup` yields to `control`. */
export type Lane = 'control' | 'catchup';

export type Input =
  /** First input of a life. */
  | { readonly type: 'start' }
  | { readonly type: 'wake' }
  | { readonly type: 'command'; readonly id: number; readonly command: Command }
  /** A subscriber of events went away. */
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'listening'; readonly addresses: readonly string[] }
  | {
      readonly type: 'connected';
      readonly connection: ConnectionId;
      readonly via: Via;
      readonly initiator: boolean;
      /** The peer's static X25519 key, proved by the handshake. */
      readonly remoteStatic: Uint8Array;
      readonly handshakeHash: Uint8Array;
      readonly address: string;
      readonly path: 'lan' | 'direct' | 'mapped' | 'punched' | 'relay';
      readonly dial?: number | undefined;
    }
  | { readonly type: 'message'; readonly connection: ConnectionId; readonly lane: Lane; readonly bytes: Uint8Array }
  | { readonly type: 'closed'; readonly connection: ConnectionId; readonly reason: string }
  | { readonly type: 'dial-failed'; readonly dial: number; readonly reason: string }
  /** A peer asks for chunks on a bulk stream. */
  | { readonly type: 'wanted'; readonly connection: ConnectionId; readonly stream: number; readonly bytes: Uint8Array }
  /** What became of each chunk of a `fetch`; `lost` when the stream ended without an answer. */
  | {
      readonly type: 'fetched';
      readonly fetch: number;
      readonly id: ChunkId;
      readonly outcome:
        | StoreOutcome
        | { readonly outcome: 'changed' | 'lost' }
        /** With other devices that said the same to the peer. */
        | { readonly outcome: 'missing'; readonly also: readonly DeviceId[] }
        /** Unchecked bytes of what was asked for as a list node. */
        | { readonly outcome: 'node'; readonly bytes: Uint8Array };
    }
  | { readonly type: 'fetch-done'; readonly fetch: number }
  | {
      readonly type: 'measured';
      readonly connection: ConnectionId;
      readonly rttMs: number;
      readonly bytesIn: number;
      readonly bytesOut: number;
    }
  /** The watcher of a folder saw something. */
  | ({ readonly type: 'hint'; readonly folder: string } & WatchHint)
  /** What was read at these paths for a peer is not what was to be there. */
  | { readonly type: 'misread'; readonly folder: string; readonly paths: readonly string[] }
  /** A slice of a running scan. */
  | { readonly type: 'scanned'; readonly task: TaskId; readonly rows: readonly DiskRow[] }
  | { readonly type: 'task-done'; readonly task: TaskId; readonly result: TaskResult };

/** What concerns files and content. */
export type FileInput = Extract<
  Input,
  { readonly type: 'wanted' | 'fetched' | 'fetch-done' | 'hint' | 'misread' | 'scanned' | 'task-done' }
>;

export type TaskResult =
  | { readonly task: 'prepare-root'; readonly path: string }
  | { readonly task: 'claim'; readonly root: RootState }
  | { readonly task: 'scan'; readonly root: RootState }
  | { readonly task: 'hash'; readonly outcome: HashOutcome }
  | { readonly task: 'read-file'; readonly outcome: ReadOutcome }
  | { readonly task: 'apply'; readonly results: readonly FileResult[] }
  | { readonly task: 'recheck'; readonly stamps: readonly (FileStamp | undefined)[] }
  | { readonly task: 'copy-chunks'; readonly outcomes: readonly (StoreOutcome | { readonly outcome: 'missing' })[] }
  | {
      readonly task:
        | 'flush-temps'
        | 'remove-temps'
        | 'remove-archived'
        | 'export-archived'
        | 'release'
        | 'erase'
        | 'watch'
        | 'unwatch'
        | 'write-view';
    }
  | { readonly task: 'archive-groups'; readonly groups: readonly string[] }
  | { readonly task: 'list-archived'; readonly files: readonly ArchivedFile[] }
  | { readonly task: 'look'; readonly rows: readonly DiskRow[] }
  | { readonly task: 'list-temps'; readonly temps: readonly string[] }
  /** The machine said no: the reason is for people. */
  | { readonly task: 'failed'; readonly code: ErrorCode; readonly reason: string };
