import { CloudlessError, invariant } from '../errors.js';
import type { Codec } from './codec.js';
import { mapKeyMax, type Reader } from './reader.js';
import type { Writer } from './writer.js';

/** A field that may be absent; made by `optional`. */
export interface Optional<T> {
  readonly optional: Codec<T>;
}

/** Fields by name with their keys, in ascending order of key. */
export type Fields = Readonly<Record<string, readonly [key: number, codec: Codec<unknown> | Optional<unknown>]>>;

/** What happens to keys that are not listed. */
export type Unknown = 'refuse' | 'skip';

type FieldValue<C> = C extends Optional<infer T> ? T : C extends Codec<infer T> ? T : never;

type OptionalNames<F extends Fields> = {
  [K in keyof F]: F[K][1] extends Optional<unknown> ? K : never;
}[keyof F];

type Flat<T> = { readonly [K in keyof T]: T[K] };

/** The value of a map with `fields`: what is optional may be absent. */
export type StructValue<F extends Fields> = Flat<
  { [K in Exclude<keyof F, OptionalNames<F>>]: FieldValue<F[K][1]> } & {
    [K in OptionalNames<F>]?: FieldValue<F[K][1]>;
  }
>;

/** Marks a field of a `struct` or `union` that is left out when it is `undefined`. */
export function optional<T>(codec: Codec<T>): Optional<T> {
  return { optional: codec };
}

interface Field {
  readonly name: string;
  readonly key: number;
  readonly codec: Codec<unknown>;
  readonly required: boolean;
}

/** The fields of one map, written and read in the order of their keys. */
export class FieldTable {
  readonly keyMin: number;
  private readonly fields: readonly Field[];
  private readonly unknown: Unknown;

  constructor(fields: Fields, unknown: Unknown) {
    this.fields = Object.entries(fields).map(([name, [key, codec]]) => toField(name, key, codec));
    this.unknown = unknown;
    this.keyMin = this.fields[0]?.key ?? mapKeyMax;
    let previous = -1;
    for (const { name, key } of this.fields) {
      invariant(key > previous && key <= mapKeyMax, `the key of field ${name} is out of order`);
      previous = key;
    }
  }

  /** How many fields of `value` are present. */
  count(value: Readonly<Record<string, unknown>>): number {
    let count = 0;
    for (const field of this.fields) if (value[field.name] !== undefined) count++;
    return count;
  }

  write(w: Writer, value: Readonly<Record<string, unknown>>): void {
    for (const field of this.fields) {
      const item = value[field.name];
      if (item === undefined) {
        if (field.required) throw missing(field);
        continue;
      }
      w.uint(field.key);
      field.codec.write(w, item);
    }
  }

  /** Reads `count` fields with keys greater than `previous` into `value`. */
  read(r: Reader, count: number, previous: number, value: Record<string, unknown>): void {
    let next = 0;
    let key = previous;
    for (let i = 0; i < count; i++) {
      key = r.key(key);
      next = this.passAbsent(next, key);
      const field = this.fields[next];
      if (field !== undefined && field.key === key) {
        value[field.name] = field.codec.read(r);
        next++;
      } else if (this.unknown === 'skip') r.skip();
      else throw new CloudlessError('malformed', `The data is of another kind: field ${key} is not known.`);
    }
    this.passAbsent(next, mapKeyMax + 1);
  }

  /** The first field from `next` on whose key is at least `key`; those passed must be optional. */
  private passAbsent(next: number, key: number): number {
    let index = next;
    for (let field = this.fields[index]; field !== undefined && field.key < key; field = this.fields[++index]) {
      if (field.required) throw missing(field);
    }
    return index;
  }
}

function toField(name: string, key: number, codec: Codec<unknown> | Optional<unknown>): Field {
  return 'optional' in codec
    ? { name, key, codec: codec.optional, required: false }
    : { name, key, codec, required: true };
}

function missing(field: Field): CloudlessError {
  return new CloudlessError('malformed', `The data is incomplete: field ${field.key} (${field.name}) is missing.`);
}
