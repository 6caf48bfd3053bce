import { type Codec, decode, encode, list, struct, tuple, uint } from '../codec/index.js';
import { folderLogsMax } from '../limits.js';
import { type DeviceId, deviceIdCodec, entryKey, type LogName } from '../model/index.js';
import type { Row, Store } from '../ports/index.js';
import { joinVectors, type Vector, vectorWithin } from '../tree/index.js';

const wholeEvery = 32;
const rowBytesMax = 262_144;
const logsKeptMax = 64;

interface PastRow {
  /** How many rows of this log before it have to be joined to it; 0 for one that says all. */
  readonly before: number;
  readonly reached: readonly (readonly [DeviceId, number])[];
}

const codec: Codec<PastRow> = struct({
  before: [0, uint],
  reached: [1, list(tuple(deviceIdCodec, uint), folderLogsMax)],
});

interface Past {
  /** Of the row it was read from; it holds for all later entries of the log up to the next row. */
  readonly seq: number;
  readonly before: number;
  readonly reached: Vector;
}

/** An entry of a log, by its place. */
export interface LogPlace extends LogName {
  readonly seq: number;
}

/**
 * How far each applied entry of a content log reaches in the others: to what it, or an entry that it reaches, names as
 * seen there (`spec/07 FIL-6`). A row says what came to be reached with one entry, now and then one says all.
 */
export class Pasts {
  readonly #store: Store;
  readonly #latest = new Map<DeviceId, Past>();
  /** The first seq of a content log. */
  readonly #startOf: (device: DeviceId) => number;

  constructor(store: Store, startOf: (device: DeviceId) => number) {
    this.#store = store;
    this.#startOf = startOf;
  }

  /** What the entry at a place reaches, its own log too. */
  at(device: DeviceId, seq: number): Vector {
    const { reached } = this.#past(device, seq);
    return seq > this.#startOf(device) ? { ...reached, [device]: seq - 1 } : reached;
  }

  /** Takes in an entry of a content log, after all that it names; `before` is what the first of a branch builds on. */
  add(device: DeviceId, seq: number, heads: readonly LogPlace[], before: Vector): void {
    const past = this.#past(device, seq);
    const named = heads.filter((head) => head.log === 'content' && head.device !== device);
    const reached = joinVectors(
      past.reached,
      before,
      ...named.map((head) => joinVectors(this.at(head.device, head.seq), { [head.device]: head.seq })),
    );
    if (vectorWithin(reached, past.reached)) return this.#keep(device, past);
    const isWhole = past.seq === 0 || past.before + 1 >= wholeEvery;
    const pairs = Object.entries(reached) as [DeviceId, number][];
    const row: PastRow = {
      before: isWhole ? 0 : past.before + 1,
      reached: isWhole ? pairs : pairs.filter(([each, last]) => last > (past.reached[each] ?? 0)),
    };
    this.#store.put('pasts', entryKey({ device, log: 'content' }, seq), encode(codec, row));
    this.#keep(device, { seq, before: row.before, reached });
  }

  /** Forgets a log from this place on. */
  cut(device: DeviceId, seq: number): void {
    this.#latest.delete(device);
    const rows = (): readonly Row[] => this.#rows(device, seq, Number.MAX_SAFE_INTEGER, folderLogsMax);
    for (let found = rows(); found.length > 0; found = rows()) this.#drop(found);
  }

  /** All is applied again. */
  clear(): void {
    this.#latest.clear();
    const page = { limit: folderLogsMax };
    for (let rows = this.#store.scan('pasts', page); rows.length > 0; rows = this.#store.scan('pasts', page)) {
      this.#drop(rows);
    }
  }

  #drop(rows: readonly Row[]): void {
    for (const { key } of rows) this.#store.delete('pasts', key);
  }

  /** Of the last row at or before an entry. */
  #past(device: DeviceId, seq: number): Past {
    const latest = this.#latest.get(device);
    if (latest !== undefined && latest.seq <= seq) return latest;
    const [last] = this.#rows(device, 1, seq, 1);
    if (last === undefined) return { seq: 0, before: 0, reached: {} };
    const { before } = decode(codec, last.value, rowBytesMax);
    const vectors = this.#rows(device, 1, seq, before + 1).map(({ value }) => {
      return Object.fromEntries(decode(codec, value, rowBytesMax).reached) as Vector;
    });
    return { seq: seqOf(last.key), before, reached: joinVectors(...vectors) };
  }

  /** From the last one back. */
  #rows(device: DeviceId, first: number, last: number, limit: number): readonly Row[] {
    const log = { device, log: 'content' } as const;
    const to = entryKey(log, Math.min(last, Number.MAX_SAFE_INTEGER - 1) + 1);
    return this.#store.scan('pasts', { from: entryKey(log, first), to, limit, reverse: true });
  }

  #keep(device: DeviceId, past: Past): void {
    this.#latest.delete(device);
    this.#latest.set(device, past);
    if (this.#latest.size <= logsKeptMax) return;
    for (const oldest of this.#latest.keys()) {
      this.#latest.delete(oldest);
      return;
    }
  }
}

function seqOf(key: Uint8Array): number {
  return Number(new DataView(key.buffer, key.byteOffset).getBigUint64(key.length - 8));
}
