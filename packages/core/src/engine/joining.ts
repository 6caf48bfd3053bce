import type { CloudlessError } from '../errors.js';
import type { FolderId, MessageOf, Rank } from '../model/index.js';
import type { Link } from './connections.js';
import type { JoinRow } from './home.js';

const retryMs = 1_000;
const keyRetryMs = 30_000;

export interface JoinOutcome {
  readonly folder: FolderId;
  readonly name: string;
  readonly root: string | undefined;
  readonly rank: Rank;
}

/** A join under way in this life. */
export interface Joining {
  readonly row: JoinRow;
  /** Never, once we are a member: only this code leads to the key. */
  giveUpMs: number;
  settle: ((outcome: JoinOutcome | CloudlessError) => void) | undefined;
  dial: number | undefined;
  nextDialMs: number;
  tried: string;
  link: Link | undefined;
  admitted: MessageOf<'admitted'> | undefined;
  root: string | undefined;
  rootReady: boolean;
  /** We are a member; only the key is still to come. */
  kept: boolean;
}

/** Ms to wait before the next dial: longer once only the key is still to come. */
export function pauseOf({ giveUpMs }: Joining): number {
  return Number.isFinite(giveUpMs) ? retryMs : keyRetryMs;
}
