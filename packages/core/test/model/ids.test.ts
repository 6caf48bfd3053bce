import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toHex } from '../../src/bytes.js';
import { decode, encode } from '../../src/codec/index.js';
import { chunkIdBytes, chunkIdCodec, parseFolderId, toChunkId, toFolderId } from '../../src/model/ids.js';
import { refusalOf } from './refused.js';

const idBytes = fc.uint8Array({ minLength: 32, maxLength: 32 });

test('[ENC-11] an id is 32 bytes on the wire and lower-case hex in memory', () => {
  fc.assert(
    fc.property(idBytes, (bytes) => {
      const id = toChunkId(bytes);
      expect(id).toBe(toHex(bytes));
      expect(chunkIdBytes(id)).toEqual(bytes);
      expect(encode(chunkIdCodec, id)).toEqual(Uint8Array.of(0xc4, 32, ...bytes));
      expect(decode(chunkIdCodec, encode(chunkIdCodec, id), 40)).toBe(id);
    }),
  );
});

test('an id from a person may be in upper case', () => {
  const text = 'AB'.repeat(32);
  expect(parseFolderId(` ${text}\n`)).toBe(toFolderId(new Uint8Array(32).fill(0xab)));
});

test.each(['', 'ab', 'g'.repeat(64), 'a'.repeat(63), 'a'.repeat(65), `0x${'a'.repeat(62)}`])('%j is no id', (text) => {
  expect(refusalOf(() => parseFolderId(text)).code).toBe('malformed');
});

test.each([0, 31, 33])('%d bytes are no id', (length) => {
  expect(refusalOf(() => toFolderId(new Uint8Array(length))).code).toBe('malformed');
});
