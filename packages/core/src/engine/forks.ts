import { utf8, utf8Text } from '../bytes.js';
import { decode, encode, optional, struct, uint } from '../codec/index.js';
import { folderLogsMax } from '../limits.js';
import {
  type DeviceId,
  deviceIdCodec,
  type Entry,
  type EntryHash,
  type ForkPlace,
  type ForkRecord,
  type LogName,
  logFromKey,
  logKey,
} from '../model/index.js';
import type { Store } from '../ports/index.js';
import type { Vector } from '../tree/index.js';
import type { LogState } from './log-book.js';

const rowCodec = struct({ seq: [0, optional(uint)], parent: [1, optional(deviceIdCodec)] });

interface Row {
  /** The place where this log parts. */
  readonly seq?: number | undefined;
  /** For a branch: the log that it parts from. */
  readonly parent?: DeviceId | undefined;
}

/**
 * Logs in which two different headers were signed for one place. Each ends before it, and goes on in *branches*: logs
 * that are named by the hash of their first entry, and begin at that place (`spec/04 §9`). A branch may part again.
 */
export class Forks {
  readonly #store: Store;
  readonly #rows = new Map<string, Row & { readonly name: LogName }>();

  constructor(store: Store) {
    this.#store = store;
    for (const { key, value } of store.scan('forks', { limit: 2 * folderLogsMax })) {
      const name = logFromKey(utf8Text(key) ?? '');
      this.#rows.set(logKey(name), { name, ...decode(rowCodec, value, 64) });
    }
  }

  get size(): number {
    return this.#rows.size;
  }

  /** The place where a log parts, if it does. */
  placeOf(log: LogName): number | undefined {
    return this.#rows.get(logKey(log))?.seq;
  }

  /** The last seq that a log can have, which needs no signature there: the branches prove it. */
  endOf(log: LogName): number {
    return (this.placeOf(log) ?? Number.POSITIVE_INFINITY) - 1;
  }

  /** The log that a branch parts from; nothing for one that is no branch. */
  parentOf({ device, log }: LogName): LogName | undefined {
    const parent = this.#rows.get(logKey({ device, log }))?.parent;
    return parent === undefined ? undefined : { device: parent, log };
  }

  branchesOf({ device, log }: LogName): readonly LogName[] {
    return [...this.#rows.values()].flatMap((row) => (row.parent === device && row.name.log === log ? [row.name] : []));
  }

  /** Whose key signed a log. */
  deviceOf(log: LogName): DeviceId {
    let at = log;
    for (let up = this.parentOf(at); up !== undefined; up = this.parentOf(at)) at = up;
    return at.device;
  }

  /** How far an own entry reaches in content logs; all that is applied where no log parts. */
  reach(logs: readonly LogState[]): Vector | undefined {
    if (this.#rows.size === 0) return undefined;
    const applied = logs.filter(({ log, start, appliedSeq }) => log === 'content' && appliedSeq >= start);
    return Object.fromEntries(applied.map(({ device, appliedSeq }) => [device, appliedSeq]));
  }

  /** Notes that a log ends before this place. */
  close(log: LogName, seq: number): void {
    this.#put(log, { seq, parent: this.parentOf(log)?.device });
  }

  /** Notes that a log is a branch of another; where it parts itself is kept. */
  join(branch: LogName, parent: LogName): void {
    this.#put(branch, { seq: this.placeOf(branch), parent: parent.device });
  }

  /**
   * A vector that names places in logs that part, read at an entry that reaches so far: what it names there it names in
   * the branches that are reached.
   */
  resolve(vector: Vector, reach: Vector): Vector {
    if (this.#rows.size === 0) return vector;
    const resolved: Record<DeviceId, number> = {};
    const note = (name: LogName, seq: number, reached: number): void => {
      const last = Math.min(seq, this.endOf(name), reached);
      if (last > (resolved[name.device] ?? 0)) resolved[name.device] = last;
      if (seq <= this.endOf(name)) return;
      for (const branch of this.branchesOf(name)) note(branch, seq, reach[branch.device] ?? 0);
    };
    for (const [device, seq] of Object.entries(vector) as [DeviceId, number][]) {
      note({ device, log: 'content' }, seq, Number.POSITIVE_INFINITY);
    }
    return resolved;
  }

  #put(name: LogName, { seq, parent }: Row): void {
    this.#rows.set(logKey(name), { name, seq, parent });
    const row = { ...(seq === undefined ? {} : { seq }), ...(parent === undefined ? {} : { parent }) };
    this.#store.put('forks', utf8(logKey(name)), encode(rowCodec, row));
  }
}

/** Whether it is proved that a log parts after this entry, which so needs no signature. */
export function isEnd(forks: readonly ForkPlace[], { header: { device, log, seq }, hash }: Entry): boolean {
  const after = forks.filter((fork) => fork.device === device && fork.log === log);
  return after.some((fork) => fork.seq === seq + 1 && fork.previous === hash);
}

/** The branch that begins with this entry. */
export function branchNamed(hash: EntryHash, { log }: LogName): LogName {
  return { device: hash as string as DeviceId, log };
}

/** Entries of our own log that we don't know of, valid ones. */
export interface OwnLater {
  readonly name: LogName;
  /** Where they part from what is here; absent where they follow on it. */
  readonly fork: number | undefined;
  /** That they do, where others may have our own branch. */
  readonly proof?: ForkRecord | undefined;
  /** Somebody has recorded that they do. */
  readonly isRecorded?: boolean;
}
