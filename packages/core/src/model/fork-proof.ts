/** The proof that a log parts: two runs of its headers that claim one place (`spec/03 §10`). */

import { bytes, type Codec, fixed, list, struct } from '../codec/index.js';
import { type Crypto, verifyDomain } from '../crypto/index.js';
import { check } from '../errors.js';
import { headerBytesMax, runEntriesMax } from '../limits.js';
import { decodeHeader, type Header, headerHash, type LogName } from './entry.js';
import { deviceIdBytes, type EntryHash, entryHashBytes, type FolderId } from './ids.js';

/** Headers that follow on one another, and a signature on the last. */
export interface HeaderRun {
  readonly headers: readonly Uint8Array[];
  readonly signature: Uint8Array;
}

export interface ForkRecord {
  readonly first: HeaderRun;
  readonly second: HeaderRun;
}

const headerRunCodec: Codec<HeaderRun> = struct({
  headers: [0, list(bytes(headerBytesMax, 1), runEntriesMax, 1)],
  signature: [1, fixed(64)],
});

export const forkCodec: Codec<ForkRecord> = struct({ first: [0, headerRunCodec], second: [1, headerRunCodec] });

/** A place of a log that two headers were signed for. */
export interface ForkPlace extends LogName {
  readonly seq: number;
  /** Of the entry that both follow on; absent at seq 1. */
  readonly previous?: EntryHash | undefined;
}

/**
 * Where a log parts by this record. Throws what a header is refused as, `bad-chain` where headers don't follow on one
 * another, `bad-signature`, and `malformed` where both runs are of other logs, places or folders, follow on different
 * entries, or begin alike.
 */
export function provedFork(crypto: Crypto, folder: FolderId, { first, second }: ForkRecord): ForkPlace {
  const [one, other] = [provedStart(crypto, folder, first), provedStart(crypto, folder, second)];
  const { device, log, seq, previous } = one.header;
  const isOneLog = other.header.device === device && other.header.log === log;
  const isOnePlace = isOneLog && other.header.seq === seq && other.header.previous === previous;
  check(isOnePlace && one.hash !== other.hash, 'malformed', 'These headers do not claim one place of a log.');
  return { device, log, seq, previous };
}

interface Start {
  readonly header: Header;
  readonly hash: EntryHash;
}

/** The first header of a run that its device signed. */
function provedStart(crypto: Crypto, folder: FolderId, { headers, signature }: HeaderRun): Start {
  const [start, ...rest] = headers.map((raw): Start => ({ header: decodeHeader(raw), hash: headerHash(crypto, raw) }));
  check(start !== undefined, 'malformed', 'A run of headers is not empty.');
  let last = start;
  for (const next of rest) {
    const { device, log, seq } = last.header;
    const follows = next.header.device === device && next.header.log === log && next.header.seq === seq + 1;
    check(follows && next.header.previous === last.hash, 'bad-chain', 'These headers do not follow on one another.');
    last = next;
  }
  const named: string = start.header.folder ?? start.hash;
  check(named === folder, 'malformed', 'These headers are of another folder.');
  const signed = verifyDomain(crypto, deviceIdBytes(last.header.device), signature, 'entry', entryHashBytes(last.hash));
  check(signed, 'bad-signature', 'These headers are not signed by the key of their log.');
  return start;
}
