/** Messages between two connected devices (`spec/11`). Unknown message types and fields are ignored. */

import { concat } from '../bytes.js';
import {
  bool,
  bytes,
  bytesHead,
  bytesView,
  type Codec,
  decode,
  encode,
  fixed,
  list,
  optional,
  struct,
  text,
  u8,
  u16,
  uint,
  union,
  variantNumber,
} from '../codec/index.js';
import {
  bodyBytesMax,
  chunkBytesMax,
  headerBytesMax,
  messageBytesMax,
  missingAlsoMax,
  runEntriesMax,
  wantChunksMax,
} from '../limits.js';
import { headCodec, logNameCodec } from './entry.js';
import { type ChunkId, chunkIdCodec, deviceIdCodec, entryHashCodec, epochIdCodec, folderIdCodec } from './ids.js';
import { memberKeysCodec, rankCodec } from './records.js';

const entryBytesMax = headerBytesMax + 2 * bodyBytesMax + 128;
/** Addresses that a device tells of itself. */
export const listenAddressesMax = 16;
const foldersPerHelloMax = 512;
/** Heads in one message; more go in several. */
export const headsPerMessageMax = 2_048;

/** A head together with the first seq that its sender can serve. */
const servedHeadCodec = struct({ head: [0, headCodec], start: [1, uint] });

const epochKeyCodec = struct({ epoch: [0, epochIdCodec], key: [1, fixed(32)] });

/**
 * Control and catch-up lanes. `channel` is the number under which the sender of a message speaks of a folder on
 * this connection; it
 * is announced by `prove`.
 */
const messageCodec = union(
  'type',
  {
    /** First message of both sides: MACs of the folders one has, padded with random ones to a multiple of eight. */
    hello: [
      0,
      { version: [1, u8], extensions: [2, list(text(64), 32)], folders: [3, list(fixed(16), foldersPerHelloMax)] },
    ],
    /** Opens a folder on the connection by proof of its device key. */
    prove: [
      1,
      {
        channel: [1, u16],
        folder: [2, fixed(16)],
        device: [3, deviceIdCodec],
        listen: [4, list(text(256), listenAddressesMax)],
        signature: [5, fixed(64)],
      },
    ],
    digest: [2, { channel: [1, u16], digest: [2, fixed(32)], count: [3, uint] }],
    heads: [3, { channel: [1, u16], heads: [2, list(servedHeadCodec, headsPerMessageMax)], complete: [3, bool] }],
    /** Asks for a log's entries after a seq; answered by `entries`, and when there are no more, followed live. */
    get: [4, { channel: [1, u16], log: [2, logNameCodec], after: [3, uint] }],
    entries: [5, { channel: [1, u16], entries: [2, list(bytes(entryBytesMax), runEntriesMax)], more: [3, bool] }],
    /** Takes back a `get`: the log is followed from somebody else. */
    unfollow: [6, { channel: [1, u16], log: [2, logNameCodec] }],
    /** Asks for epoch keys that one should have and hasn't. */
    keys: [7, { channel: [1, u16], epochs: [2, list(epochIdCodec, 64)] }],
    given: [8, { channel: [1, u16], keys: [2, list(epochKeyCodec, 64)] }],
    /** On a connection made with a code: who wants in. */
    join: [10, { keys: [1, memberKeysCodec], proof: [2, fixed(64)] }],
    admitted: [
      11,
      {
        folder: [1, folderIdCodec],
        admit: [2, entryHashCodec],
        rank: [3, rankCodec],
        device: [4, deviceIdCodec],
        name: [5, text(255)],
        signature: [6, fixed(64)],
      },
    ],
    /** Why a join is not honoured; the words of `spec/02 §6`. */
    refused: [12, { reason: [1, u8] }],
  },
  'skip',
);
const messageNumberMax = 12;
/** Not assigned yet. */
const messageNumberFree = 9;

export type Message = typeof messageCodec extends Codec<infer T> ? T : never;
export type MessageOf<T extends Message['type']> = Extract<Message, { readonly type: T }>;

/** Bulk streams: one request each, then its answers in any order. */
const bulkCodec = union(
  'type',
  {
    want: [0, { channel: [1, u16], ids: [2, list(chunkIdCodec, wantChunksMax, 1)] }],
    chunk: [1, { id: [1, chunkIdCodec], bytes: [2, bytesView(chunkBytesMax, 1)] }],
    missing: [2, { id: [1, chunkIdCodec], also: [2, optional(list(deviceIdCodec, missingAlsoMax, 1))] }],
    changed: [3, { id: [1, chunkIdCodec] }],
  },
  'skip',
);
const bulkNumberMax = 3;
/** How long one byte is as an item: head, length, byte. */
const oneByteItem = 3;

export type BulkMessage = typeof bulkCodec extends Codec<infer T> ? T : never;

export const refusalReasons = ['expired', 'used', 'unknown', 'not-allowed', 'revoked'] as const;
export type RefusalReason = (typeof refusalReasons)[number];

export function encodeMessage(message: Message): Uint8Array {
  return encode(messageCodec, message);
}

/** `undefined` for a type that this version does not know. Throws `malformed`, `non-canonical` or `over-limit`. */
export function decodeMessage(messageBytes: Uint8Array): Message | undefined {
  const number = variantNumber(messageBytes);
  if (number > messageNumberMax || number === messageNumberFree) return undefined;
  return decode(messageCodec, messageBytes, messageBytesMax);
}

export function encodeBulk(message: BulkMessage): Uint8Array {
  return encode(bulkCodec, message);
}

/** What stands before the bytes of a `chunk` message; the bytes end it. */
export function chunkMessageHead(id: ChunkId, lengthBytes: number): Uint8Array {
  const shortest = encodeBulk({ type: 'chunk', id, bytes: Uint8Array.of(0) });
  return concat(shortest.subarray(0, -oneByteItem), bytesHead(lengthBytes));
}

/** As `decodeMessage`. The bytes of a chunk are a view of the message. */
export function decodeBulk(messageBytes: Uint8Array): BulkMessage | undefined {
  if (variantNumber(messageBytes) > bulkNumberMax) return undefined;
  return decode(bulkCodec, messageBytes, messageBytesMax);
}
