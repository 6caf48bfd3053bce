import { utf8, utf8Text } from '../bytes.js';
import { decode, encode, struct, uint } from '../codec/index.js';
import { folderLogsMax } from '../limits.js';
import { type LogName, logKey } from '../model/index.js';
import type { Store } from '../ports/index.js';
import type { Vector } from '../tree/index.js';
import type { LogState } from './log-book.js';

const placeCodec = struct({ seq: [0, uint] });

/**
 * Logs in which two different headers were signed for one place. Each is closed there: nothing more is taken from it,
 * nothing from that place on is named, and what others name of it is not waited for (`spec/04 §8`).
 */
export class Forks {
  readonly #store: Store;
  readonly #places = new Map<string, number>();

  constructor(store: Store) {
    this.#store = store;
    for (const { key, value } of store.scan('forks', { limit: folderLogsMax })) {
      this.#places.set(utf8Text(key) ?? '', decode(placeCodec, value, 16).seq);
    }
  }

  get size(): number {
    return this.#places.size;
  }

  has(log: LogName): boolean {
    return this.#places.has(logKey(log));
  }

  /** Whether this entry stands at or past the place where its log parted. */
  isPast(head: LogName & { readonly seq: number }): boolean {
    const place = this.#places.get(logKey(head));
    return place !== undefined && head.seq >= place;
  }

  /** The last seq of a log that may be named, at most `seq`. */
  lastNamed(log: LogName, seq: number): number {
    return Math.min(seq, (this.#places.get(logKey(log)) ?? Number.POSITIVE_INFINITY) - 1);
  }

  /** How far an own entry reaches in content logs; all that is applied where no log is closed. */
  reach(logs: readonly LogState[]): Vector | undefined {
    if (this.#places.size === 0) return undefined;
    const content = logs.filter(({ log }) => log === 'content');
    return Object.fromEntries(content.map((log) => [log.device, this.lastNamed(log, log.appliedSeq)]));
  }

  close(log: LogName, seq: number): void {
    this.#places.set(logKey(log), seq);
    this.#store.put('forks', utf8(logKey(log)), encode(placeCodec, { seq }));
  }
}

/** Entries of our own log that we don't know of, valid ones. */
export interface OwnLater {
  readonly name: LogName;
  /** Where they part from what is here; absent where they follow on it. */
  readonly fork: number | undefined;
}
