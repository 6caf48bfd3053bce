/** Which records count and why the others don't (`spec/03 §7`). */

import type { EntryHash } from '../model/index.js';

/** Why a record has no effect; the words of `spec/03 §7`. */
export type VoidReason =
  /** Its author is no member in what the entry had seen. */
  | 'not-member'
  /** Its author, or the author's device, was put out before it. */
  | 'removed'
  /** Its author's rank, or the folder's policy, doesn't allow it. */
  | 'not-allowed'
  /** About nobody whom the entry had seen. */
  | 'no-target'
  /** Not a record of its type. */
  | 'malformed'
  /** A type that this version doesn't know. */
  | 'unknown-type'
  /** In a place where its type doesn't stand. */
  | 'misplaced'
  /** A key that can't be used. */
  | 'bad-key'
  /** A person key that did not certify the device. */
  | 'bad-certificate'
  /** A join that names no valid admit of these keys that it has seen. */
  | 'no-admit'
  /** An epoch that nothing called for. */
  | 'not-owed'
  /** An epoch for others than the members its author had seen. */
  | 'wrong-recipients'
  /** Not judged by this version, or after something that isn't. */
  | 'not-judged'
  /** Past a place for which its device signed two headers, and nobody who counts had seen it. */
  | 'fork';

export interface VoidRecord {
  readonly entry: EntryHash;
  /** Place among the records of the entry, from 0. */
  readonly index: number;
  /** Type number of the record. */
  readonly type: number;
  readonly reason: VoidReason;
}

/** What made judging stop: a record that this version doesn't judge. */
export interface Stop {
  readonly entry: EntryHash;
  /** Type number of the record. */
  readonly type: number;
}

/** Verdicts while they are reached; the last word about a record holds. */
export class Verdicts {
  readonly #voids = new Map<string, VoidRecord>();

  void(entry: EntryHash, index: number, type: number, reason: VoidReason): void {
    this.#voids.set(`${entry} ${index}`, { entry, index, type, reason });
  }

  reasonOf(entry: EntryHash, index: number): VoidReason | undefined {
    return this.#voids.get(`${entry} ${index}`)?.reason;
  }

  /** In an order that depends on the records only. */
  sorted(): readonly VoidRecord[] {
    return [...this.#voids.values()].sort((a, b) =>
      a.entry === b.entry ? a.index - b.index : a.entry < b.entry ? -1 : 1,
    );
  }
}
