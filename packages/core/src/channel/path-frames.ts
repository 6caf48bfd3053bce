/** What stands inside the frames of a path (`spec/08 §5`): fixed layouts, big-endian, the first byte names the kind. */

import { concat, toHex } from '../bytes.js';
import { keyBytes } from '../crypto/index.js';
import { check } from '../errors.js';

/** Kinds of path frames, by their first byte. */
export const pathFrameKinds: PathFrameKinds = {
  begin: 1,
  attach: 2,
  attached: 3,
  unknown: 4,
  items: 5,
  ack: 6,
  ping: 7,
  pong: 8,
  leave: 9,
  close: 10,
};

interface PathFrameKinds {
  readonly begin: 1;
  readonly attach: 2;
  readonly attached: 3;
  readonly unknown: 4;
  readonly items: 5;
  readonly ack: 6;
  readonly ping: 7;
  readonly pong: 8;
  readonly leave: 9;
  readonly close: 10;
}

export type PathFrame =
  /** A new session starts on this path. */
  | { readonly kind: 'begin' }
  /** The session named goes on here; `received` numbered frames have arrived so far. */
  | { readonly kind: 'attach'; readonly sessionId: string; readonly proof: Uint8Array; readonly received: number }
  | { readonly kind: 'attached'; readonly proof: Uint8Array; readonly received: number }
  /** The session named is not known here. */
  | { readonly kind: 'unknown' }
  /** A numbered frame of items, with an acknowledgement. */
  | { readonly kind: 'items'; readonly number: number; readonly received: number; readonly items: Uint8Array }
  | { readonly kind: 'ack'; readonly received: number }
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'pong'; readonly id: number }
  /** The sender sends its numbered frames elsewhere from now on. */
  | { readonly kind: 'leave' }
  /** The session is over. */
  | { readonly kind: 'close'; readonly code: number };

const countBytes = 6;
/** Bytes before the items of an items frame: kind, number, received. */
export const itemsHeaderBytes: number = 1 + countBytes + countBytes;

export function writeCount(target: Uint8Array, offset: number, count: number): void {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength);
  view.setUint16(offset, Math.floor(count / 2 ** 32));
  view.setUint32(offset + 2, count >>> 0);
}

function readCount(view: DataView, offset: number): number {
  return view.getUint16(offset) * 2 ** 32 + view.getUint32(offset + 2);
}

/** The six bytes of a count below 2^48. */
export function countValue(count: number): Uint8Array {
  const bytes = new Uint8Array(countBytes);
  writeCount(bytes, 0, count);
  return bytes;
}

/** Writes the header of an items frame, again for each time it is sent: `received` moves on. */
export function writeItemsHeader(target: Uint8Array, number: number, received: number): void {
  target[0] = pathFrameKinds.items;
  writeCount(target, 1, number);
  writeCount(target, 1 + countBytes, received);
}

/** Frames other than items. */
export function pathFrame(frame: Exclude<PathFrame, { kind: 'items' | 'attach' }>): Uint8Array {
  const kind = Uint8Array.of(pathFrameKinds[frame.kind]);
  switch (frame.kind) {
    case 'attached':
      return concat(kind, frame.proof, countValue(frame.received));
    case 'ack':
      return concat(kind, countValue(frame.received));
    case 'ping':
    case 'pong':
      return concat(kind, countValue(frame.id).subarray(2));
    case 'close':
      return concat(kind, Uint8Array.of(frame.code));
    case 'begin':
    case 'unknown':
    case 'leave':
      return kind;
  }
}

export function attachFrame(sessionId: Uint8Array, proof: Uint8Array, received: number): Uint8Array {
  return concat(Uint8Array.of(pathFrameKinds.attach), sessionId, proof, countValue(received));
}

const sizes: Readonly<Record<number, number>> = {
  1: 1,
  2: 1 + keyBytes + keyBytes + countBytes,
  3: 1 + keyBytes + countBytes,
  4: 1,
  6: 1 + countBytes,
  7: 5,
  8: 5,
  9: 1,
  10: 2,
};

/** Throws `protocol` for an unknown kind and `malformed` for one of the wrong size. */
export function parsePathFrame(bytes: Uint8Array): PathFrame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = view.getUint8(0);
  if (kind === pathFrameKinds.items) {
    check(bytes.length > itemsHeaderBytes, 'malformed', 'A frame of items holds at least one.');
    const items = bytes.subarray(itemsHeaderBytes);
    return { kind: 'items', number: readCount(view, 1), received: readCount(view, 1 + countBytes), items };
  }
  const size = sizes[kind];
  check(size !== undefined, 'protocol', 'The peer sent a kind of frame that this version does not know.');
  check(size === bytes.length, 'malformed', 'A frame has the wrong size for its kind.');
  return parseSized(kind, bytes, view);
}

function parseSized(kind: number, bytes: Uint8Array, view: DataView): PathFrame {
  switch (kind) {
    case pathFrameKinds.begin:
      return { kind: 'begin' };
    case pathFrameKinds.attach: {
      const sessionId = toHex(bytes.subarray(1, 1 + keyBytes));
      const proof = bytes.subarray(1 + keyBytes, 1 + 2 * keyBytes);
      return { kind: 'attach', sessionId, proof, received: readCount(view, 1 + 2 * keyBytes) };
    }
    case pathFrameKinds.attached:
      return { kind: 'attached', proof: bytes.subarray(1, 1 + keyBytes), received: readCount(view, 1 + keyBytes) };
    case pathFrameKinds.unknown:
      return { kind: 'unknown' };
    case pathFrameKinds.ack:
      return { kind: 'ack', received: readCount(view, 1) };
    case pathFrameKinds.ping:
      return { kind: 'ping', id: view.getUint32(1) };
    case pathFrameKinds.pong:
      return { kind: 'pong', id: view.getUint32(1) };
    case pathFrameKinds.leave:
      return { kind: 'leave' };
    default:
      return { kind: 'close', code: view.getUint8(1) };
  }
}
