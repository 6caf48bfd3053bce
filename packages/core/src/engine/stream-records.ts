import { errorCode } from '../errors.js';
import { type AppendRecord, appendCodec, payloadOf, type RawRecord, recordTypes } from '../model/index.js';

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
