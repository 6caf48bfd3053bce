/** Entries: the signed steps of a log, as bytes and as values (`spec/04`). */

import { concat, emptyBytes } from '../bytes.js';
import {
  bytes,
  type Codec,
  decode,
  encode,
  fixed,
  list,
  optional,
  struct,
  tuple,
  u8,
  u32,
  u64,
  uint,
} from '../codec/index.js';
import { type Crypto, domainHash } from '../crypto/index.js';
import { check } from '../errors.js';
import { bodyBytesMax, entryHeadsMax, headerBytesMax, protocolVersion } from '../limits.js';
import {
  type DeviceId,
  deviceIdCodec,
  type EntryHash,
  type EpochId,
  entryHashCodec,
  epochIdCodec,
  type FolderId,
  folderIdCodec,
  toEntryHash,
} from './ids.js';

/** Which of a device's two logs in a folder. */
export type LogKind = 'membership' | 'content';

/** Names one log of a folder. */
export interface LogName {
  readonly device: DeviceId;
  readonly log: LogKind;
}

/** A place in a log and the hash of the header that stands there. */
export interface Head extends LogName {
  /** From 1. */
  readonly seq: number;
  readonly hash: EntryHash;
}

/** What a header says of one of its entry's parts. */
export interface PartReference {
  readonly hash: Uint8Array;
  readonly lengthBytes: number;
}

/** `spec/04 §2`. */
export interface Header {
  readonly version: number;
  /** Absent in a genesis only. */
  readonly folder?: FolderId | undefined;
  readonly device: DeviceId;
  readonly log: LogKind;
  /** From 1, without gaps. */
  readonly seq: number;
  /** Hash of the header at `seq - 1`; absent at 1. */
  readonly previous?: EntryHash | undefined;
  /** Frontier: heads of other logs seen since the last own entry, by device and log. */
  readonly heads: readonly Head[];
  /** Hybrid logical clock: 48-bit ms, 16-bit count. */
  readonly clock: bigint;
  /** The epoch whose key seals the sealed part; absent without one. */
  readonly epoch?: EpochId | undefined;
  /** Seconds after which the sealed part may be erased. */
  readonly timerSeconds?: number | undefined;
  readonly publicPart?: PartReference | undefined;
  readonly sealedPart?: PartReference | undefined;
  readonly flags: number;
}

/** An entry as received: parsed, nothing proved. */
export interface Entry {
  readonly header: Header;
  readonly headerBytes: Uint8Array;
  readonly hash: EntryHash;
  readonly publicBytes: Uint8Array | undefined;
  /** Absent when erased or missing although the header names it. */
  readonly sealedBytes: Uint8Array | undefined;
  /** May be absent inside a run: a later signature of the chain stands for it. */
  readonly signature: Uint8Array | undefined;
}

const logKindCodec: Codec<LogKind> = {
  write: (w, kind) => u8.write(w, kind === 'membership' ? 0 : 1),
  read: (r) => {
    const value = u8.read(r);
    check(value <= 1, 'malformed', 'A log is 0 (membership) or 1 (content).');
    return value === 0 ? 'membership' : 'content';
  },
};

export const logNameCodec: Codec<LogName> = struct({ device: [0, deviceIdCodec], log: [1, logKindCodec] });

export const headCodec: Codec<Head> = struct({
  device: [0, deviceIdCodec],
  log: [1, logKindCodec],
  seq: [2, uint],
  hash: [3, entryHashCodec],
});

const partCodec: Codec<PartReference> = struct({ hash: [0, fixed(32)], lengthBytes: [1, u32] });

const headerCodec = struct({
  version: [0, u8],
  folder: [1, optional(folderIdCodec)],
  device: [2, deviceIdCodec],
  log: [3, logKindCodec],
  seq: [4, uint],
  previous: [5, optional(entryHashCodec)],
  heads: [6, list(headCodec, entryHeadsMax)],
  clock: [7, u64],
  epoch: [8, optional(epochIdCodec)],
  timerSeconds: [9, optional(uint)],
  publicPart: [10, optional(partCodec)],
  sealedPart: [11, optional(partCodec)],
  flags: [12, u32],
});

const entryCodec = tuple(bytes(headerBytesMax, 1), bytes(bodyBytesMax), bytes(bodyBytesMax), bytes(64));

/** Canonical bytes of a header. */
export function encodeHeader(header: Header): Uint8Array {
  return encode(headerCodec, header);
}

/** Parses a header and checks what can be checked of it alone (`spec/04 LOG-1` … `LOG-6`). */
export function decodeHeader(headerBytes: Uint8Array): Header {
  const header: Header = decode(headerCodec, headerBytes, headerBytesMax);
  check(header.version === protocolVersion, 'unknown-version', `This entry has version ${header.version}.`);
  check(header.seq >= 1, 'malformed', 'Sequence numbers start at 1.');
  check(
    (header.seq === 1) === (header.previous === undefined),
    'bad-chain',
    'Only the first entry of a log has no previous one.',
  );
  check(
    header.folder !== undefined || (header.seq === 1 && header.log === 'membership'),
    'wrong-folder',
    'Only a genesis has no folder.',
  );
  check(
    (header.sealedPart === undefined) === (header.epoch === undefined),
    'malformed',
    'A sealed part needs an epoch, and only that.',
  );
  check(
    header.log === 'content' || header.sealedPart === undefined,
    'malformed',
    'Membership entries have no sealed part.',
  );
  checkPart(header.publicPart);
  checkPart(header.sealedPart);
  checkHeadsOrder(header);
  return header;
}

function checkPart(part: PartReference | undefined): void {
  if (part === undefined) return;
  check(part.lengthBytes >= 1, 'malformed', 'An empty part is left out.');
  check(part.lengthBytes <= bodyBytesMax, 'over-limit', `A part holds at most ${bodyBytesMax} bytes.`);
}

function checkHeadsOrder(header: Header): void {
  let before = '';
  for (const head of header.heads) {
    const key = logKey(head);
    check(key > before, 'non-canonical', 'Heads are sorted by device and log, each once.');
    check(head.seq >= 1, 'malformed', 'Sequence numbers start at 1.');
    check(head.device !== header.device || head.log !== header.log, 'malformed', 'A log does not name itself as seen.');
    before = key;
  }
}

/** A string that names a log, for maps; sorts by device, then membership before content. */
export function logKey(name: LogName): string {
  return `${name.device}${name.log === 'membership' ? '0' : '1'}`;
}

export function logFromKey(key: string): LogName {
  return { device: key.slice(0, 64) as DeviceId, log: key.endsWith('0') ? 'membership' : 'content' };
}

/** Hash of a header; leaves the signature out (`spec/04 §3`). */
export function headerHash(crypto: Crypto, headerBytes: Uint8Array): EntryHash {
  return toEntryHash(domainHash(crypto, 'header', headerBytes));
}

export function partReference(crypto: Crypto, part: Uint8Array): PartReference {
  return { hash: domainHash(crypto, 'part', part), lengthBytes: part.length };
}

/** What the sealed part is bound to: the header without the sealed part's own hash and length. */
export function sealedPartData(header: Header): Uint8Array {
  const { sealedPart: _own, ...rest } = header;
  return encodeHeader(rest);
}

/** An entry on the wire and in the store: header, public part, sealed part, signature; absent ones empty. */
export function encodeEntry(entry: Entry): Uint8Array {
  return encode(entryCodec, [
    entry.headerBytes,
    entry.publicBytes ?? emptyBytes,
    entry.sealedBytes ?? emptyBytes,
    entry.signature ?? emptyBytes,
  ]);
}

const entryBytesMax = headerBytesMax + 2 * bodyBytesMax + 64 + 32;

/** Parses an entry and its header; proves nothing. */
export function decodeEntry(crypto: Crypto, entryBytes: Uint8Array): Entry {
  const [headerBytes, publicBytes, sealedBytes, signature] = decode(entryCodec, entryBytes, entryBytesMax);
  check(signature.length === 0 || signature.length === 64, 'malformed', 'A signature is 64 bytes.');
  return {
    header: decodeHeader(headerBytes),
    headerBytes,
    hash: headerHash(crypto, headerBytes),
    publicBytes: publicBytes.length > 0 ? publicBytes : undefined,
    sealedBytes: sealedBytes.length > 0 ? sealedBytes : undefined,
    signature: signature.length > 0 ? signature : undefined,
  };
}

/** Bytes under which an entry is kept or asked for: log, then seq, in order. */
export function entryKey(name: LogName, seq: number): Uint8Array {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setBigUint64(0, BigInt(seq));
  return concat(logKeyBytes(name), key);
}

/** 33 bytes that name a log, sorting like `logKey`. */
export function logKeyBytes(name: LogName): Uint8Array {
  const key = new Uint8Array(33);
  for (let i = 0; i < 32; i++) key[i] = Number.parseInt(name.device.slice(2 * i, 2 * i + 2), 16);
  key[32] = name.log === 'membership' ? 0 : 1;
  return key;
}
