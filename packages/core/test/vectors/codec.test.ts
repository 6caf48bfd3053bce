import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/bytes.js';
import {
  bool,
  bytes,
  type Codec,
  decode,
  encode,
  type Fields,
  fixed,
  int,
  list,
  mapped,
  optional,
  raw,
  struct,
  text,
  tuple,
  u8,
  u16,
  u32,
  u64,
  uint,
  union,
  type Variants,
} from '../../src/codec/index.js';
import { outcomeOf, readFamily } from './families.js';

type Json = Readonly<Record<string, unknown>>;

const bytesMax = 100_000;

/** Codecs whose values are what the vectors' JSON has for them. */
const plain: Readonly<Record<string, Codec<unknown>>> = {
  bool,
  u8,
  u16,
  u32,
  uint,
  int: mapped(int, String, Number) as Codec<unknown>,
  u64: mapped(u64, String, BigInt) as Codec<unknown>,
};

function hexed(codec: Codec<Uint8Array>): Codec<unknown> {
  return mapped(codec, toHex, (value) => fromHex(value) as Uint8Array) as Codec<unknown>;
}

function codecOf(type: unknown): Codec<unknown> {
  if (typeof type === 'string') return plain[type] as Codec<unknown>;
  const {
    bytes: bounds,
    fixed: length,
    text: max,
    list: items,
    tuple: places,
    struct: fields,
    union: variants,
    raw: rawMax,
  } = type as Json;
  const unknown = (type as Json).open === true ? 'skip' : 'refuse';
  if (bounds !== undefined) return hexed(bytes(...(bounds as [number, number])));
  if (length !== undefined) return hexed(fixed(length as number));
  if (max !== undefined) return text(max as number) as Codec<unknown>;
  if (rawMax !== undefined) return hexed(raw(rawMax as number));
  if (places !== undefined) return tuple(...(places as readonly unknown[]).map(codecOf)) as Codec<unknown>;
  if (fields !== undefined) return struct(fieldsOf(fields as Json), unknown) as Codec<unknown>;
  if (variants !== undefined) return union('type', variantsOf(variants as Json), unknown) as Codec<unknown>;
  const [of, most, least] = items as [unknown, number, number];
  return list(codecOf(of), most, least) as Codec<unknown>;
}

function fieldsOf(table: Json): Fields {
  const fields = Object.entries(table).map(([name, row]) => {
    const [key, type, mark] = row as [number, unknown, string | undefined];
    return [name, [key, mark === 'optional' ? optional(codecOf(type)) : codecOf(type)] as const] as const;
  });
  return Object.fromEntries(fields);
}

function variantsOf(table: Json): Variants {
  const variants = Object.entries(table).map(([name, row]) => {
    const [number, fields] = row as [number, Json];
    return [name, [number, fieldsOf(fields)] as const] as const;
  });
  return Object.fromEntries(variants);
}

describe('codec', () => {
  test.each(readFamily('codec'))('$name', (vector) => {
    const codec = codecOf(vector.type);
    const input = fromHex(String(vector.bytes)) as Uint8Array;
    const outcome = outcomeOf(() => decode(codec, input, bytesMax));
    expect(outcome.kind).toBe(vector.expect);
    if (vector.expect !== 'ok') return;
    expect(outcome.value).toEqual(vector.value);
    const again = decode(codec, encode(codec, vector.value), bytesMax);
    expect(again).toEqual(vector.value);
    if ((vector.type as Json).open !== true) expect(toHex(encode(codec, vector.value))).toBe(vector.bytes);
  });
});
