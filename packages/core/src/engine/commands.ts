/** What people and apps can ask of a device, what they get, and what they are told (`docs/control-api.md`). */

export type Level = 'admin' | 'write' | 'read' | 'store';

export type FolderState = 'inStep' | 'syncing' | 'scanning' | 'waiting' | 'paused' | 'braked' | 'stopped' | 'error';

/** Which of a conflict stays: what is shown at the path, a copy in its place, or all of them. */
export type Keep = 'this' | 'copy' | 'both';

export type Command =
  | { readonly command: 'info' }
  | {
      readonly command: 'create' /** Absolute; absent for a folder without files. */;
      readonly path: string | undefined;
      readonly name: string | undefined;
      readonly kind: string;
    }
  | {
      readonly command: 'invite';
      readonly folder: string;
      readonly level: Level;
      /** How long the code is good. */
      readonly ttlMs: number;
      /** How long the membership lasts; without end if absent. */
      readonly memberMs?: number | undefined;
    }
  /** The open codes of a folder that this device made. */
  | { readonly command: 'codes'; readonly folder: string }
  /** Takes one of them back, by its id or the beginning of it. */
  | { readonly command: 'revoke'; readonly folder: string; readonly code: string }
  | {
      readonly command: 'join';
      readonly code: string /** Where to put it; else in `parent`, under the folder's name. */;
      readonly path: string | undefined;
      readonly parent: string;
      readonly timeoutMs: number;
    }
  /** The folder's directory was moved, and is at `path` now; with `merge` what is there is merged, whatever it is. */
  | { readonly command: 'relink'; readonly folder: string; readonly path: string; readonly merge: boolean }
  /**
   * Ends the own membership, stops syncing the folder and forgets it; with `erase` its directory goes too, with all
   * that is in it.
   */
  | { readonly command: 'leave'; readonly folder: string; readonly erase: boolean }
  /** Who is in the folder. */
  | { readonly command: 'members'; readonly folder: string }
  /** Puts a person out; `person` is the beginning of its id or of one of its devices'. */
  | { readonly command: 'kick'; readonly folder: string; readonly person: string }
  | { readonly command: 'rank'; readonly folder: string; readonly person: string; readonly level: Level }
  /** What holds in the folder: one value is set, or all are told, or one. */
  | {
      readonly command: 'policy';
      readonly folder: string;
      readonly key: string | undefined;
      readonly value: string | undefined;
    }
  /** A new key for what is written from now on. */
  | { readonly command: 'rotate'; readonly folder: string }
  | { readonly command: 'folders' }
  | { readonly command: 'status'; readonly folder: string | undefined }
  | { readonly command: 'wait'; readonly folder: string | undefined; readonly timeoutMs: number | undefined }
  | { readonly command: 'peers' }
  | { readonly command: 'why'; readonly path: string }
  /** What sync would do; a page of it, after a path. */
  | { readonly command: 'plan'; readonly folder: string; readonly after: string | undefined }
  /** Answers the brake. */
  | { readonly command: 'approve' | 'reject'; readonly folder: string }
  /** What lay at a path, or below it, and was replaced or removed. */
  | { readonly command: 'history'; readonly path: string }
  | {
      readonly command: 'restore';
      readonly path: string /** The latest where absent. */;
      readonly version: string | undefined /** Absolute, in the folder or elsewhere; absent for where it was. */;
      readonly to: string | undefined;
    }
  | {
      readonly command: 'append';
      readonly folder: string;
      readonly stream: string;
      readonly items: readonly Uint8Array[];
    }
  /** Items of a stream from the oldest here; with `follow` also those to come, as events with the command's id. */
  | { readonly command: 'tail'; readonly folder: string; readonly stream: string | undefined; readonly follow: boolean }
  | { readonly command: 'log-files'; readonly folder: string; readonly stream: string; readonly on: boolean }
  /** Adds to the rules that all members share, or with `local` to those of this device; tells them all. */
  | {
      readonly command: 'ignore';
      readonly folder: string;
      readonly local: boolean;
      readonly remove: boolean;
      readonly patterns: readonly string[];
    }
  /** What of a folder this device holds; everything while there is no pattern. */
  | {
      readonly command: 'want';
      readonly folder: string;
      readonly remove: boolean;
      readonly patterns: readonly string[];
    }
  /** Paths with conflict copies. */
  | { readonly command: 'conflicts'; readonly folder: string | undefined }
  | { readonly command: 'resolve'; readonly path: string; readonly keep: Keep }
  /** Takes back, at absolute paths and below them, what was changed here by a device that may not write. */
  | { readonly command: 'revert'; readonly paths: readonly string[] }
  /** Leaves folders alone, on disk and to others, or goes on; absent: all. */
  | { readonly command: 'pause' | 'resume'; readonly folder: string | undefined }
  /** Bytes of content a second, 0 for as many as there can be; absent: as it is. Tells both. */
  | { readonly command: 'limit'; readonly up: number | undefined; readonly down: number | undefined }
  /** Hands over `DeviceEvent`s until cancelled. */
  | { readonly command: 'subscribe' }
  | { readonly command: 'config'; readonly key: string | undefined; readonly value: string | undefined }
  /** Whether all is well: reads all files again, but for `quick`. */
  | { readonly command: 'doctor'; readonly quick: boolean };

export interface StreamItem {
  readonly folder: string;
  readonly stream: string;
  readonly device: string;
  /** The branch that it stands in, where the device's log parts. */
  readonly branch?: string;
  /** Place of the entry in the device's content log. */
  readonly seq: number;
  /** Counts this device's items of the stream from 0. */
  readonly index: number;
  readonly timeMs: number;
  readonly data: Uint8Array;
}

export type DeviceEvent =
  | { readonly event: 'items'; readonly id: number; readonly items: readonly StreamItem[] }
  | {
      readonly event: 'folder';
      readonly folder: string;
      readonly state: FolderState;
      readonly bytesLeft: number;
      readonly filesLeft: number;
    }
  | { readonly event: 'peer'; readonly folder: string; readonly device: string; readonly connected: boolean }
  /** `damaged`: the disk lost bytes of it, and it is fetched anew. */
  | { readonly event: 'conflict' | 'changed' | 'damaged'; readonly folder: string; readonly path: string };
