import type { Membership } from '../membership/index.js';
import {
  type DeviceId,
  type Entry,
  type EpochId,
  encodeEntry,
  encodeMessage,
  type Head,
  headsPerMessageMax,
  type LogName,
  logKey,
  type MessageOf,
} from '../model/index.js';
import type { ConnectionId, Lane } from './inputs.js';

/** A log that goes out live. */
export interface Followed {
  /** Last seq that was sent. */
  sentSeq: number;
  /** Live entries take the lane of the catch-up before them until its arrival is known, or they would overtake it. */
  lane: Lane;
}

/** What is known of a folder at one connected device. */
export interface SyncPeer {
  readonly connection: ConnectionId;
  /** The number we speak of the folder under. */
  readonly channel: number;
  readonly device: DeviceId;
  /** Unix ms at which the channel was opened. */
  sinceMs: number;
  /** A current member; others get membership logs only, until those make them one (`spec/11 §2`). */
  proven: boolean;
  /** It was put out: the entries up to here tell it so, and it gets no more. */
  ending: ReadonlyMap<string, Head> | undefined;
  /** Unix ms at which the connection ends with who was put out while it was open. */
  endMs: number | undefined;
  readonly heads: Map<string, Head>;
  /** We know all its heads, so that equality can be said. */
  complete: boolean;
  sentComplete: boolean;
  readonly following: Map<string, Followed>;
  /** Logs whose head it is to be told. */
  readonly news: Set<string>;
  /** Logs that part from ours at this peer, and how far back they are looked through for where. */
  readonly parted: Map<string, number>;
  /** Epochs whose key it was asked for. */
  readonly askedKeys: Set<EpochId>;
  /**
   * A request for keys that are not here, or that it may not have yet: a joiner asks before its first entry is
   * here.
   */
  unanswered: MessageOf<'keys'> | undefined;
}

/** A device whose channel has just been opened. */
export function newSyncPeer(
  known: Pick<SyncPeer, 'connection' | 'channel' | 'device' | 'proven' | 'sinceMs'>,
): SyncPeer {
  return {
    ...known,
    ending: undefined,
    endMs: undefined,
    heads: new Map(),
    complete: false,
    sentComplete: false,
    following: new Map(),
    news: new Set(),
    parted: new Map(),
    askedKeys: new Set(),
    unanswered: undefined,
  };
}

/** What tells a device that it was put out, by log: nothing if it was not. */
export function endingOf(membership: Membership, device: DeviceId): ReadonlyMap<string, Head> | undefined {
  const ending = membership.endOf(device);
  return ending === undefined ? undefined : new Map(ending.seen.map((head) => [logKey(head), head]));
}

/** Of two heads of one log, the later. */
export function newer(a: Head | undefined, b: Head): Head {
  return a !== undefined && a.seq > b.seq ? a : b;
}

export function encodeRun(channel: number, run: readonly Entry[], more: boolean): Uint8Array {
  return encodeMessage({ type: 'entries', channel, entries: run.map(encodeEntry), more });
}

/** Heads in as many messages as it takes, at least one. */
export function headsMessages(channel: number, heads: MessageOf<'heads'>['heads'], complete: boolean): Uint8Array[] {
  const messages: Uint8Array[] = [];
  let at = 0;
  do {
    const part = heads.slice(at, at + headsPerMessageMax);
    at += part.length;
    const last = complete && at >= heads.length;
    messages.push(encodeMessage({ type: 'heads', channel, heads: part, complete: last }));
  } while (at < heads.length);
  return messages;
}

/** Whether both sides have told of the same. Where a log parts, some have not heard yet that it ends there. */
export function areEqual(mine: readonly Head[], theirs: readonly Head[], endOf: (log: LogName) => number): boolean {
  if (mine.length < theirs.length) return false;
  const told = new Map(theirs.map((head) => [logKey(head), head]));
  return mine.every((head) => {
    const its = told.get(logKey(head));
    return its?.hash === head.hash || (its !== undefined && its.seq > head.seq && endOf(head) === head.seq);
  });
}
