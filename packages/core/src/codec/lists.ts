import { CloudlessError } from '../errors.js';
import type { Codec } from './codec.js';

/** An array of `min` to `max` items. More are `over-limit`, fewer `malformed`. */
export function list<T>(item: Codec<T>, max: number, min = 0): Codec<readonly T[]> {
  return {
    write(w, values) {
      if (values.length > max) throw new CloudlessError('over-limit', `More than ${max} items.`);
      if (values.length < min) throw new CloudlessError('malformed', `Fewer than ${min} items.`);
      w.arrayHead(values.length);
      for (const value of values) item.write(w, value);
    },
    read(r) {
      const count = r.enterArray(max, min);
      const values: T[] = [];
      for (let i = 0; i < count; i++) values.push(item.read(r));
      r.leave();
      return values;
    },
  };
}

/** An array with a place for each of `items`. Another number of items is refused as in `list`. */
export function tuple<const T extends readonly unknown[]>(
  ...items: { readonly [I in keyof T]: Codec<T[I]> }
): Codec<Readonly<T>> {
  const codecs: readonly Codec<unknown>[] = items;
  const count = codecs.length;
  const codec: Codec<readonly unknown[]> = {
    write(w, values) {
      if (values.length !== count) throw new CloudlessError('malformed', `Not ${count} items.`);
      w.arrayHead(count);
      for (let i = 0; i < count; i++) (codecs[i] as Codec<unknown>).write(w, values[i]);
    },
    read(r) {
      r.enterArray(count, count);
      const values: unknown[] = [];
      for (const item of codecs) values.push(item.read(r));
      r.leave();
      return values;
    },
  };
  return codec as unknown as Codec<Readonly<T>>;
}
