import { CloudlessError, type ErrorCode } from '../errors.js';
import type { Codec } from './codec.js';
import { Reader } from './reader.js';
import { upTo } from './scalars.js';

/** One whole item of up to `bytesMax` bytes, kept as it is encoded and checked to be canonical (`spec/00 §1`). */
export function raw(bytesMax: number): Codec<Uint8Array> {
  return {
    write(w, value) {
      const reader = new Reader(value);
      reader.raw(bytesMax);
      reader.finish();
      w.append(value);
    },
    read(r) {
      return r.raw(bytesMax);
    },
  };
}

/** A codec of another type. `toValue` may throw what the refusal of the value is to be. */
export function mapped<A, B>(codec: Codec<A>, toValue: (read: A) => B, fromValue: (value: B) => A): Codec<B> {
  return {
    write(w, value) {
      codec.write(w, fromValue(value));
    },
    read(r) {
      return toValue(codec.read(r));
    },
  };
}

/** One of a closed set of words, on the wire the number of it. Another number or word is `malformed`. */
export function choice<const C extends Readonly<Record<string, number>>>(numbers: C): Codec<keyof C & string> {
  const wordOf = new Map<number, string>(Object.entries(numbers).map(([word, number]) => [number, word]));
  const numberOf = new Map<string, number>(Object.entries(numbers));
  const codec = mapped<number, string>(
    upTo(0xffff),
    (number) => known(wordOf.get(number), number),
    (word) => known(numberOf.get(word), word),
  );
  return codec as Codec<keyof C & string>;
}

/** The number `value` and no other, which is refused as `code`: a version at the head of a format. */
export function exactly(value: number, code: ErrorCode = 'unknown-version'): Codec<number> {
  const toValue = (read: number): number => {
    if (read !== value)
      throw new CloudlessError(code, `Number ${read}, where this version of Cloudless knows ${value}.`);
    return read;
  };
  return mapped(upTo(Number.MAX_SAFE_INTEGER), toValue, toValue);
}

function known<T>(found: T | undefined, sought: number | string): T {
  if (found === undefined)
    throw new CloudlessError('malformed', `The data is of another kind: no choice is ${sought}.`);
  return found;
}
