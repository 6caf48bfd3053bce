import { concat, readUint64, uint64Bytes, utf8 } from '../bytes.js';
import { decode, encode, struct, uint } from '../codec/index.js';
import { type AppendRecord, type DeviceId, deviceIdBytes, toDeviceId } from '../model/index.js';
import type { Store } from '../ports/index.js';
import type { Place } from './context.js';

/** Consecutive items of a stream in one entry. */
export interface StreamRun {
  readonly device: DeviceId;
  readonly seq: number;
  readonly clock: bigint;
  /** Index of the first item, counted by device and stream. */
  readonly firstIndex: number;
  readonly count: number;
}

const runCodec = struct({ firstIndex: [0, uint], count: [1, uint] });
const countCodec = struct({ count: [0, uint] });

/**
 * Where the items of streams stand: a row for each entry that holds some, in the order of the entries' clocks. The
 * items themselves
 * stay in the log.
 */
export class Streams {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** How many items of the stream a device has appended. */
  count(stream: string, device: DeviceId): number {
    const row = this.#store.get('stream-counts', countKey(stream, device));
    return row === undefined ? 0 : decode(countCodec, row, 16).count;
  }

  /** Adds the items of one entry, all of one stream, in order. */
  add(items: readonly AppendRecord[], place: Place): void {
    const [first] = items;
    if (first === undefined) return;
    const row = encode(runCodec, { firstIndex: first.index, count: items.length });
    this.#store.put('streams', runKey(first.stream, place), row);
    const end = Math.min(Number.MAX_SAFE_INTEGER, first.index + items.length);
    const count = Math.max(this.count(first.stream, place.device), end);
    this.#store.put('stream-counts', countKey(first.stream, place.device), encode(countCodec, { count }));
  }

  /** Up to `limit` runs of a stream after a cursor, and the cursor to go on with. */
  page(
    stream: string,
    after: Uint8Array | undefined,
    limit: number,
  ): { readonly runs: readonly StreamRun[]; readonly next: Uint8Array | undefined } {
    const prefix = streamPrefix(stream);
    const from = after === undefined ? prefix : concat(after, new Uint8Array([0]));
    const rows = this.#store.scan('streams', { from, to: prefixEnd(prefix), limit });
    return { runs: rows.map((row) => toRun(row.key, row.value, prefix.length)), next: rows.at(-1)?.key };
  }

  /** Names of all streams that have items. */
  names(): readonly string[] {
    const names = new Set<string>();
    let from: Uint8Array | undefined;
    for (;;) {
      const [row] = this.#store.scan('stream-counts', { from, limit: 1 });
      if (row === undefined) return [...names];
      const name = row.key.subarray(0, row.key.length - 33);
      names.add(new TextDecoder().decode(name));
      from = prefixEnd(concat(name, new Uint8Array([0])));
    }
  }
}

function streamPrefix(stream: string): Uint8Array {
  return concat(utf8(stream), new Uint8Array([0]));
}

function prefixEnd(prefix: Uint8Array): Uint8Array {
  const end = prefix.slice();
  end[end.length - 1] = 1;
  return end;
}

function countKey(stream: string, device: DeviceId): Uint8Array {
  return concat(streamPrefix(stream), deviceIdBytes(device));
}

function runKey(stream: string, place: Place): Uint8Array {
  return concat(streamPrefix(stream), uint64Bytes(place.clock), deviceIdBytes(place.device), uint64Bytes(place.seq));
}

function toRun(key: Uint8Array, value: Uint8Array, prefixLength: number): StreamRun {
  const clock = readUint64(key, prefixLength);
  const device = toDeviceId(key.subarray(prefixLength + 8, prefixLength + 40));
  const seq = Number(readUint64(key, prefixLength + 40));
  return { device, seq, clock, ...decode(runCodec, value, 32) };
}
