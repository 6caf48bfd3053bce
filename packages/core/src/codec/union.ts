import { CloudlessError, invariant } from '../errors.js';
import type { Codec } from './codec.js';
import { type Fields, FieldTable, type StructValue, type Unknown } from './fields.js';
import { Reader } from './reader.js';

/** Variants by name: the number each has on the wire and its fields, keyed from 1. */
export type Variants = Readonly<Record<string, readonly [number: number, fields: Fields]>>;

/** One of the variants, told apart by the property `Tag`. */
export type UnionValue<Tag extends string, V extends Variants> = {
  [K in keyof V & string]: { readonly [P in Tag]: K } & StructValue<V[K][1]>;
}[keyof V & string];

interface Variant {
  readonly name: string;
  readonly number: number;
  readonly table: FieldTable;
}

/**
 * A map whose key 0 is the number of a variant and whose other keys are that variant's fields. A number that is not
 * listed is `malformed`: where others may be legal, look at `variantNumber` first. `unknown` is about fields, as in
 * `struct`.
 */
export function union<const Tag extends string, const V extends Variants>(
  tag: Tag,
  variants: V,
  unknown: Unknown = 'refuse',
): Codec<UnionValue<Tag, V>> {
  const all = toVariants(variants, unknown);
  const byName = new Map(all.map((variant) => [variant.name, variant]));
  const byNumber = new Map(all.map((variant) => [variant.number, variant]));
  invariant(byNumber.size === all.length, 'each variant has a number of its own');
  const codec: Codec<Readonly<Record<string, unknown>>> = {
    write(w, value) {
      const variant = byName.get(String(value[tag]));
      if (variant === undefined) throw unknownVariant(String(value[tag]));
      w.mapHead(1 + variant.table.count(value));
      w.uint(0);
      w.uint(variant.number);
      variant.table.write(w, value);
    },
    read(r) {
      const count = r.enterMap();
      const number = readNumber(r, count);
      const variant = byNumber.get(number);
      if (variant === undefined) throw unknownVariant(String(number));
      const value: Record<string, unknown> = { [tag]: variant.name };
      variant.table.read(r, count - 1, 0, value);
      r.leave();
      return value;
    },
  };
  return codec as unknown as Codec<UnionValue<Tag, V>>;
}

/**
 * The number of the variant that `bytes`, an encoded union, hold, without looking at the fields: so that a reader can
 * pass over variants that came after it. Throws `malformed` or `non-canonical` as decoding would.
 */
export function variantNumber(bytes: Uint8Array): number {
  const reader = new Reader(bytes);
  return readNumber(reader, reader.enterMap());
}

function readNumber(r: Reader, count: number): number {
  if (count === 0 || r.key(-1) !== 0) {
    throw new CloudlessError('malformed', 'The data is of another kind: it does not say which variant it is.');
  }
  return r.uint();
}

function toVariants(variants: Variants, unknown: Unknown): readonly Variant[] {
  return Object.entries(variants).map(([name, [number, fields]]) => {
    const table = new FieldTable(fields, unknown);
    invariant(table.keyMin >= 1, `the fields of variant ${name} count from 1`);
    return { name, number, table };
  });
}

function unknownVariant(which: string): CloudlessError {
  return new CloudlessError('malformed', `The data is of another kind: variant ${which} is not known.`);
}
