import { decode } from '../../codec/index.js';
import { CloudlessError } from '../../errors.js';
import { recordBytesMax } from '../../limits.js';
import type { RawRecord } from '../../model/index.js';
import { extendVector, fileRecordCodec, type Vector, type Version, vectorWithin, versionOf } from '../../tree/index.js';
import type { Place } from '../context.js';

/** The version that a record is at its place. None: it is void, of no form or over more than its entry reaches. */
export function readVersion(raw: RawRecord, place: Place, reach: Vector | undefined): Version | undefined {
  try {
    const version = versionOf(decode(fileRecordCodec, raw.payload, recordBytesMax), place);
    if (reach === undefined) return version;
    return vectorWithin(version.vector, extendVector(reach, place.device, place.seq)) ? version : undefined;
  } catch (error) {
    if (error instanceof CloudlessError && error.code !== 'internal') return undefined;
    throw error;
  }
}
