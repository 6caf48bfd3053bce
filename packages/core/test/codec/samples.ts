import fc from 'fast-check';
import {
  bool,
  bytes,
  type Codec,
  choice,
  exactly,
  fixed,
  int,
  list,
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
} from '../../src/codec/index.js';

/** A codec with values of its type. */
export interface Sample {
  readonly name: string;
  readonly codec: Codec<unknown>;
  readonly values: fc.Arbitrary<unknown>;
}

function sample<T>(name: string, codec: Codec<T>, values: fc.Arbitrary<T>): Sample {
  return { name, codec: codec as Codec<unknown>, values };
}

const edges = [0, 1, 31, 32, 127, 128, 255, 256, 65_535, 65_536, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1];
const uints = fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat());
const ints = fc
  .oneof(
    fc.constantFrom(...edges.flatMap((edge) => [-edge, -edge - 1].filter((each) => Number.isSafeInteger(each)))),
    fc.maxSafeInteger(),
  )
  .map((value) => value + 0);
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ maxLength: 300 }),
  fc.constantFrom('', 'a'.repeat(31), 'a'.repeat(32), 'é'.repeat(16), 'ab\u0000', '\ufeffx', '😀'),
);
const blobs = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.constantFrom(0, 255, 256, 65_535, 65_536).map((length) => new Uint8Array(length).fill(7)),
);

const pointCodec = struct({ x: [0, int], y: [3, optional(text(1_000))], far: [127, bool] });
const pointValues = fc.record({ x: ints, y: texts, far: fc.boolean() }, { requiredKeys: ['x', 'far'] });

const actCodec = union('type', {
  add: [0, { name: [1, text(1_000)], point: [2, optional(pointCodec)] }],
  stop: [7, {}],
  many: [300, { ids: [1, list(fixed(4), 20)], pair: [5, tuple(u8, bytes(70_000))] }],
});
const actValues = fc.oneof(
  fc.record({ type: fc.constant('add' as const), name: texts, point: pointValues }, { requiredKeys: ['type', 'name'] }),
  fc.record({ type: fc.constant('stop' as const) }),
  fc.record({
    type: fc.constant('many' as const),
    ids: fc.array(fc.uint8Array({ minLength: 4, maxLength: 4 }), { maxLength: 20 }),
    pair: fc.tuple(fc.nat(255), blobs),
  }),
);

export const samples: readonly Sample[] = [
  sample('bool', bool, fc.boolean()),
  sample('u8', u8, fc.nat(255)),
  sample('u16', u16, fc.nat(65_535)),
  sample('u32', u32, fc.nat(2 ** 31 - 1)),
  sample('uint', uint, uints),
  sample('int', int, ints),
  sample('u64', u64, fc.oneof(uints.map(BigInt), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }))),
  sample('bytes', bytes(70_000), blobs),
  sample('fixed', fixed(32), fc.uint8Array({ minLength: 32, maxLength: 32 })),
  sample('text', text(2_000), texts),
  sample('list', list(uint, 70_000), fc.oneof(fc.array(uints, { maxLength: 40 }), fc.constant(Array(65_536).fill(0)))),
  sample('tuple', tuple(bool, text(2_000), int), fc.tuple(fc.boolean(), texts, ints)),
  sample('choice', choice({ low: 1, high: 500 }), fc.constantFrom('low' as const, 'high' as const)),
  sample('exactly', exactly(1), fc.constant(1)),
  sample('struct', pointCodec, pointValues),
  sample('union', actCodec, actValues),
  sample(
    'raw',
    list(raw(100), 3),
    fc.array(fc.constantFrom(Uint8Array.of(0xc2), Uint8Array.of(0x91, 0x05)), { maxLength: 3 }),
  ),
];

/** Codecs that read any item at all, so that arbitrary bytes reach every branch of the reader. */
export const anything: Codec<unknown> = raw(1_000_000) as Codec<unknown>;
