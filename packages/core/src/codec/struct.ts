import { invariant } from '../errors.js';
import type { Codec } from './codec.js';
import { type Fields, FieldTable, type StructValue, type Unknown } from './fields.js';

/**
 * A map with the given keys (`spec/00 §1`). `unknown` says what happens to keys it does not list: `refuse` them as
 * `malformed`, or `skip` them after checking that they are canonical.
 */
export function struct<const F extends Fields>(fields: F, unknown: Unknown = 'refuse'): Codec<StructValue<F>> {
  const table = new FieldTable(fields, unknown);
  invariant(table.keyMin >= 0, 'field keys count from 0');
  const codec: Codec<Readonly<Record<string, unknown>>> = {
    write(w, value) {
      w.mapHead(table.count(value));
      table.write(w, value);
    },
    read(r) {
      const value: Record<string, unknown> = {};
      table.read(r, r.enterMap(), -1, value);
      r.leave();
      return value;
    },
  };
  return codec as unknown as Codec<StructValue<F>>;
}
