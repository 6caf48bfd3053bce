/** What numbered frames carry: items of streams (`spec/08 §7`), big-endian, one after the other. */

import { CloudlessError, check } from '../errors.js';

/** 0 = membership and log, 1 = control, 2 = bulk. Smaller goes first. */
export type Priority = 0 | 1 | 2;

export const priorities: readonly Priority[] = [0, 1, 2];

/** Item kinds, by their first byte, and the bytes of each without a data item's content. */
export const itemBytes: { readonly [Kind in Item['kind']]: number } = {
  open: 6,
  data: 7,
  end: 5,
  reset: 7,
  credit: 9,
  pool: 6,
};

const kindNumbers: { readonly [Kind in Item['kind']]: number } = {
  open: 1,
  data: 2,
  end: 3,
  reset: 4,
  credit: 5,
  pool: 6,
};

export type Item =
  | { readonly kind: 'open'; readonly stream: number; readonly priority: Priority }
  | { readonly kind: 'data'; readonly stream: number; readonly content: Uint8Array }
  | { readonly kind: 'end'; readonly stream: number }
  | { readonly kind: 'reset'; readonly stream: number; readonly reason: number }
  | { readonly kind: 'credit'; readonly stream: number; readonly bytes: number }
  | { readonly kind: 'pool'; readonly priority: Priority; readonly bytes: number };

/** Items that are not data: small, and sent before all data. */
export type ControlItem = Exclude<Item, { kind: 'data' }>;

/** Writes one item at `offset`; returns the offset after it. */
export function writeControlItem(view: DataView, offset: number, item: ControlItem): number {
  view.setUint8(offset, kindNumbers[item.kind]);
  if (item.kind === 'pool') {
    view.setUint8(offset + 1, item.priority);
    view.setUint32(offset + 2, item.bytes);
  } else {
    view.setUint32(offset + 1, item.stream);
    if (item.kind === 'open') view.setUint8(offset + 5, item.priority);
    if (item.kind === 'reset') view.setUint16(offset + 5, item.reason);
    if (item.kind === 'credit') view.setUint32(offset + 5, item.bytes);
  }
  return offset + itemBytes[item.kind];
}

/** Writes what stands before the content of a data item; the content follows at the offset returned. */
export function writeDataHeader(view: DataView, offset: number, stream: number, contentBytes: number): number {
  view.setUint8(offset, kindNumbers.data);
  view.setUint32(offset + 1, stream);
  view.setUint16(offset + 5, contentBytes);
  return offset + itemBytes.data;
}

/** Calls `take` for each item in turn. Throws `malformed` or `protocol`; the items before were taken then. */
export function readItems(bytes: Uint8Array, take: (item: Item) => void): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = 0;
  while (offset < bytes.length) {
    const kind = kindAt(view, offset);
    const size = itemBytes[kind];
    check(offset + size <= bytes.length, 'malformed', 'An item is cut short.');
    const item = readItem(kind, bytes, view, offset);
    offset += size + (item.kind === 'data' ? item.content.length : 0);
    take(item);
  }
}

function kindAt(view: DataView, offset: number): Item['kind'] {
  switch (view.getUint8(offset)) {
    case 1:
      return 'open';
    case 2:
      return 'data';
    case 3:
      return 'end';
    case 4:
      return 'reset';
    case 5:
      return 'credit';
    case 6:
      return 'pool';
    default:
      throw new CloudlessError('protocol', 'The peer sent a kind of item that this version does not know.');
  }
}

function readItem(kind: Item['kind'], bytes: Uint8Array, view: DataView, offset: number): Item {
  if (kind === 'pool') return { kind, priority: readPriority(view, offset + 1), bytes: readGrant(view, offset + 2) };
  const stream = view.getUint32(offset + 1);
  check(stream > 0, 'malformed', 'Stream numbers start at 1.');
  switch (kind) {
    case 'open':
      return { kind, stream, priority: readPriority(view, offset + 5) };
    case 'data': {
      const start = offset + itemBytes.data;
      const end = start + view.getUint16(offset + 5);
      check(end > start && end <= bytes.length, 'malformed', 'A data item is empty or cut short.');
      return { kind, stream, content: bytes.subarray(start, end) };
    }
    case 'end':
      return { kind, stream };
    case 'reset':
      return { kind, stream, reason: view.getUint16(offset + 5) };
    case 'credit':
      return { kind, stream, bytes: readGrant(view, offset + 5) };
  }
}

function readPriority(view: DataView, offset: number): Priority {
  const value = view.getUint8(offset);
  check(value === 0 || value === 1 || value === 2, 'malformed', 'A priority is 0, 1 or 2.');
  return value;
}

function readGrant(view: DataView, offset: number): number {
  const value = view.getUint32(offset);
  check(value > 0, 'malformed', 'A grant is of at least one byte.');
  return value;
}
