import fc from 'fast-check';
import { Unpackr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { decode, encode, list, raw, struct, u8 } from '../../src/codec/index.js';
import { refusal } from './refused.js';
import { anything, samples } from './samples.js';

const bytesMax = 1_000_000;
const refusals = ['accepted', 'malformed', 'non-canonical', 'over-limit', 'unknown-version'];

describe.each(samples)('$name', ({ codec, values }) => {
  test('a value comes back as it was', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(decode(codec, encode(codec, value), bytesMax)).toEqual(value);
      }),
    );
  });

  test('[ENC-2] what decodes encodes to the same bytes, whatever the bytes', () => {
    const mutated = values.chain((value) => mutations(encode(codec, value)));
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        const code = refusal(() => expect(encode(codec, decode(codec, bytes, bytesMax))).toEqual(bytes));
        expect(refusals).toContain(code);
      }),
      { numRuns: 500 },
    );
  });

  test('[ENC-3] every shortened or lengthened encoding is refused', () => {
    fc.assert(
      fc.property(values, fc.nat(), (value, where) => {
        const bytes = encode(codec, value);
        expect(refusal(() => decode(codec, bytes.subarray(0, where % bytes.length), bytesMax))).not.toBe('accepted');
        expect(refusal(() => decode(codec, Uint8Array.of(...bytes.subarray(0, 9_000), 0), bytesMax))).not.toBe(
          'accepted',
        );
      }),
    );
  });
});

test('an independent MessagePack library reads what is written as the same items', () => {
  const reader = new Unpackr({ mapsAsObjects: false, useRecords: false, int64AsType: 'bigint' });
  for (const { codec, values } of samples) {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = encode(codec, value);
        expect(plainBytes(reader.unpack(bytes))).toEqual(itemOf(bytes));
      }),
      { numRuns: 50 },
    );
  }
});

test('arbitrary bytes are accepted or refused, never anything else', () => {
  const heads = fc.constantFrom(...Array.from({ length: 0x80 }, (_, index) => 0x80 + index));
  const bytes = fc.array(fc.oneof(heads, fc.nat(255)), { maxLength: 40 }).map((each) => Uint8Array.from(each));
  fc.assert(
    fc.property(bytes, (each) => {
      expect(refusals).toContain(refusal(() => expect(encode(anything, decode(anything, each, 100))).toEqual(each)));
    }),
    { numRuns: 5_000 },
  );
});

test('[ENC-9] a huge announced length costs nothing before it is refused', () => {
  const many = list(u8, 0xffff_ffff);
  for (const text of ['ddffffffff', 'dc7fff00', 'c6ffffffff', 'dbffffffff']) {
    expect(refusal(() => decode(many, bytesOf(text), bytesMax))).toBe('malformed');
    expect(refusal(() => decode(raw(bytesMax), bytesOf(text), bytesMax))).toBe('malformed');
  }
});

test('what is read does not share memory with what it was read from', () => {
  const codec = struct({ item: [0, raw(10)] });
  const bytes = encode(codec, { item: Uint8Array.of(0x91, 0x05) });
  const value = decode(codec, bytes, 10);
  bytes.fill(0);
  expect(value.item).toEqual(Uint8Array.of(0x91, 0x05));
});

/** The bytes with one changed, removed, doubled or put in. */
function mutations(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  const short = [...bytes.subarray(0, 400)];
  const at = fc.nat(Math.max(short.length - 1, 0));
  return fc.oneof(
    fc.tuple(at, fc.nat(255)).map(([index, byte]) => Uint8Array.from(short.with(index, byte))),
    at.map((index) => Uint8Array.from(short.toSpliced(index, 1))),
    fc.tuple(at, fc.nat(255)).map(([index, byte]) => Uint8Array.from(short.toSpliced(index, 0, byte))),
    at.map((index) => Uint8Array.from(short.toSpliced(index, 0, ...short.slice(index, index + 3)))),
  );
}

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

/** Numbers as bigints and byte strings as plain arrays, so that both readers' items compare. */
function plainBytes(item: unknown): unknown {
  if (item instanceof Uint8Array) return { bytes: [...item] };
  if (typeof item === 'number') return BigInt(item);
  if (Array.isArray(item)) return item.map(plainBytes);
  if (item instanceof Map) return { map: [...item].map(([key, each]) => [plainBytes(key), plainBytes(each)]) };
  return item;
}

/** A third reading of the same bytes, by nothing but the format's description. */
function itemOf(bytes: Uint8Array): unknown {
  const view = Buffer.from(bytes);
  let at = 0;
  const take = (length: number) => {
    at += length;
    return view.subarray(at - length, at);
  };
  const number = (length: number, signed = false) => {
    const taken = BigInt(`0x${take(length).toString('hex')}`);
    return signed ? BigInt.asIntN(8 * length, taken) : taken;
  };
  const items = (count: number) => Array.from({ length: count }, () => item());
  const pairs = (count: number) => ({ map: Array.from({ length: count }, () => [item(), item()]) });
  const blob = (length: number) => ({ bytes: [...take(length)] });
  const item = (): unknown => {
    const head = Number(number(1));
    if (head < 0x80) return BigInt(head);
    if (head < 0x90) return pairs(head & 15);
    if (head < 0xa0) return items(head & 15);
    if (head < 0xc0) return take(head & 31).toString();
    if (head >= 0xe0) return BigInt(head - 256);
    if (head === 0xc2 || head === 0xc3) return head === 0xc3;
    if (head >= 0xc4 && head <= 0xc6) return blob(Number(number(1 << (head - 0xc4))));
    if (head >= 0xcc && head <= 0xcf) return number(1 << (head - 0xcc));
    if (head >= 0xd0 && head <= 0xd3) return number(1 << (head - 0xd0), true);
    if (head >= 0xd9 && head <= 0xdb) return take(Number(number(1 << (head - 0xd9)))).toString();
    if (head === 0xdc || head === 0xdd) return items(Number(number(2 << (head - 0xdc))));
    return pairs(Number(number(2 << (head - 0xde))));
  };
  return item();
}
