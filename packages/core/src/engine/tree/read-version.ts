import { decode } from '../../codec/index.js';
import { CloudlessError } from '../../errors.js';
import { recordBytesMax } from '../../limits.js';
import type { RawRecord } from '../../model/index.js';
import {
  extendVector,
  fileRecordCodec,
  type RecordPlace,
  type Vector,
  type Version,
  vectorWithin,
  versionOf,
} from '../../tree/index.js';

/** How far an entry reaches in content logs, and what it means by places in logs that part (`spec/04 §9`). */
export interface Reach {
  readonly vector: Vector;
  resolve(named: Vector): Vector;
}

/** The version that a record is at its place. None: it is void, of no form or over more than its entry reaches. */
export function readVersion(raw: RawRecord, place: RecordPlace, reach: Reach | undefined): Version | undefined {
  try {
    const named = decode(fileRecordCodec, raw.payload, recordBytesMax);
    if (reach === undefined) return versionOf(named, place);
    const version = versionOf({ ...named, vector: reach.resolve(named.vector) }, place);
    return vectorWithin(version.vector, extendVector(reach.vector, place.device, place.seq)) ? version : undefined;
  } catch (error) {
    if (error instanceof CloudlessError && error.code !== 'internal') return undefined;
    throw error;
  }
}
