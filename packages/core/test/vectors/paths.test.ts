import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/bytes.js';
import { decode, encode } from '../../src/codec/index.js';
import { checkPath, wirePathCodec } from '../../src/model/path.js';
import { checkSymlinkTarget } from '../../src/model/symlink.js';
import { outcomeOf, readFamily, type FamilyVector as Vector } from './families.js';

function act(vector: Vector): unknown {
  if (vector.operation === 'path') return checkPath(String(vector.path));
  if (vector.operation === 'symlink') return checkSymlinkTarget(checkPath(String(vector.path)), String(vector.target));
  return decode(wirePathCodec, fromHex(String(vector.bytes)) as Uint8Array, 10_000);
}

describe('paths', () => {
  test.each(readFamily('paths'))('$name', (vector) => {
    const outcome = outcomeOf(() => act(vector));
    expect(outcome.kind).toBe(vector.expect);
    if (vector.fault !== undefined) expect(outcome.error?.details).toEqual({ fault: vector.fault });
    if (outcome.kind === 'ok' && vector.operation !== 'symlink') expect(outcome.value).toBe(vector.path);
    if (outcome.kind === 'ok' && vector.operation === 'path-field') {
      expect(toHex(encode(wirePathCodec, checkPath(String(vector.path))))).toBe(vector.bytes);
    }
  });
});
