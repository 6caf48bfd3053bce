import { type Case, kit } from '../testkit.js';

/** A type of `spec/00 §1.2` as JSON; the notation is told in `test-vectors/codec/README.md`. */
export type Type =
  | 'bool'
  | 'u8'
  | 'u16'
  | 'u32'
  | 'uint'
  | 'u64'
  | 'int'
  | { readonly bytes: readonly [max: number, min: number] }
  | { readonly fixed: number }
  | { readonly text: number }
  | { readonly list: readonly [of: Type, max: number, min: number] }
  | { readonly tuple: readonly Type[] }
  | { readonly struct: FieldTable; readonly open?: true }
  | { readonly union: Readonly<Record<string, readonly [number: number, fields: FieldTable]>>; readonly open?: true }
  | { readonly raw: number };

/** Fields by name, each with its key, its type and whether it may be absent. */
export type FieldTable = Readonly<Record<string, readonly [key: number, type: Type, optional?: 'optional']>>;

/** Name, type, bytes with spaces for the reader, the value or the kind of refusal, requirements, why. */
export type AcceptRow = readonly [
  name: string,
  type: Type,
  bytes: string,
  value: unknown,
  requirements: string,
  comment: string,
];
export type RefuseRow = readonly [
  name: string,
  type: Type,
  bytes: string,
  kind: string,
  requirements: string,
  comment: string,
];

const decode = kit('decode');

export function accepted([name, type, bytes, value, requirements, comment]: AcceptRow): Case {
  return decode.accept(name, comment, requirements, { type, bytes: bytes.replaceAll(' ', ''), value });
}

export function refused([name, type, bytes, kind, requirements, comment]: RefuseRow): Case {
  return decode.refuse(name, kind, comment, `${requirements} ENC-17`, { type, bytes: bytes.replaceAll(' ', '') });
}

/** `text` over and over. */
export function times(count: number, text: string): string {
  return text.repeat(count);
}
