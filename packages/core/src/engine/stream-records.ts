import { errorCode } from '../errors.js';
import { bodyAimBytes, entryRecordsMax } from '../limits.js';
import { type AppendRecord, appendCodec, payloadOf, type RawRecord, record, recordTypes } from '../model/index.js';

/** Items that were appended in one entry. */
export interface AppendedRun {
  readonly seq: number;
  readonly firstIndex: number;
  readonly count: number;
  readonly timeMs: number;
}

/** Items of streams among the records of an entry. */
export function streamRecords(records: readonly RawRecord[]): readonly AppendRecord[] {
  return records.flatMap((raw) => (raw.type === recordTypes.append ? appended(raw) : []));
}

/** A record that is not of its type's form is void: its author is a member, and others must not stumble over it. */
function appended(raw: RawRecord): readonly AppendRecord[] {
  try {
    return [payloadOf(appendCodec, raw)];
  } catch (error) {
    if (errorCode(error) === 'internal') throw error;
    return [];
  }
}

/** Records of one entry, all of one stream. */
export interface AppendBatch {
  readonly firstIndex: number;
  readonly records: readonly RawRecord[];
}

/** Items as records, in as few entries as their size allows. */
export function appendBatches(stream: string, index: number, items: readonly Uint8Array[]): readonly AppendBatch[] {
  const batches: AppendBatch[] = [];
  for (let at = 0; at < items.length; ) {
    const records: RawRecord[] = [];
    const firstIndex = index + at;
    for (let bytes = 0; at < items.length && bytes < bodyAimBytes && records.length < entryRecordsMax; at++) {
      const data = items[at] as Uint8Array;
      records.push(record('append', appendCodec, { stream, index: index + at, data }));
      bytes += data.length + stream.length + 16;
    }
    batches.push({ firstIndex, records });
  }
  return batches;
}
