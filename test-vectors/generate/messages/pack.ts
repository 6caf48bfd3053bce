import { hex } from '../primitives/case.js';

/** A value of the encoding as it is to be written; what has no form of its own is given as raw bytes. */
export type Item = number | boolean | string | Uint8Array | readonly Item[] | Fields | Raw;
export interface Fields {
  readonly [key: number]: Item;
}
interface Raw {
  readonly rawHex: string;
}

export function raw(rawHex: string): Raw {
  return { rawHex };
}

/** Encodes an item by the tables of `spec/00 §1.1`, in hex. Fields stand in ascending order of their keys. */
export function pack(item: Item): string {
  if (typeof item === 'number') return packNumber(item);
  if (typeof item === 'boolean') return item ? 'c3' : 'c2';
  if (typeof item === 'string') return packText(item);
  if (item instanceof Uint8Array) return head(item.length, [undefined, 'c4', 'c5', 'c6']) + hex(item);
  if (Array.isArray(item)) return head(item.length, [[0x90, 16], undefined, 'dc', 'dd']) + item.map(pack).join('');
  if ('rawHex' in item) return (item as Raw).rawHex;
  const fields = Object.entries(item as Fields);
  const packed = fields.map(([key, value]) => pack(Number(key)) + pack(value)).join('');
  return head(fields.length, [[0x80, 16], undefined, 'de', 'df']) + packed;
}

function packNumber(value: number): string {
  return value < 128 ? big(value, 1) : head(value, [undefined, 'cc', 'cd', 'ce']);
}

function packText(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return head(bytes.length, [[0xa0, 32], 'd9', 'da', 'db']) + hex(bytes);
}

type Heads = readonly [readonly [first: number, below: number] | undefined, ...(string | undefined)[]];

/** A length, count or number: in the first byte where it is small, else behind it in one, two or four bytes. */
function head(value: number, [short, one, two, four]: Heads): string {
  if (short !== undefined && value < short[1]) return big(short[0] + value, 1);
  if (one !== undefined && value < 0x100) return one + big(value, 1);
  return value < 0x10000 ? two + big(value, 2) : four + big(value, 4);
}

function big(value: number, bytes: number): string {
  return value.toString(16).padStart(2 * bytes, '0');
}
