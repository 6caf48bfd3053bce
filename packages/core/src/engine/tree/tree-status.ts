import type { FolderState } from '../commands.js';
import type { Hold } from './brake/brake-text.js';

/** How a folder's files stand. */
export interface TreeStatus {
  readonly state: FolderState;
  /** Files that are here as they should be. */
  readonly have: number;
  /** Files that should be here. */
  readonly want: number;
  /** Of content that is to come. */
  readonly bytesLeft: number;
  readonly files: number;
  readonly bytes: number;
  /** Paths with conflict copies. */
  readonly conflicts: number;
  readonly unsyncable: number;
  /** Files whose bytes the disk lost. */
  readonly damaged: number;
  /** Files of which every member said not to have the content. */
  readonly missing: number;
  /** Hex; equal on devices that show the same. */
  readonly fingerprint: string;
  /** What waits for a person because it was so much at once; empty otherwise. */
  readonly holds: readonly Hold[];
  /** For a person, where there is something to say. */
  readonly reason?: string | undefined;
  /** When the root was last found to be another directory with the same token, Unix ms; 0 for never. */
  readonly movedMs: number;
}
