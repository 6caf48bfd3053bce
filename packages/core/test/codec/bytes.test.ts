import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utf8, utf8Text } from '../../src/bytes.js';

it('text of any length and script has the bytes of UTF-8', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 80 }),
    fc.string({ unit: 'binary-ascii', minLength: 50, maxLength: 80 }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      expect([...utf8(text)]).toEqual([...Buffer.from(text, 'utf8')]);
      expect(utf8Text(utf8(text))).toBe(text);
    }),
    { numRuns: 2_000 },
  );
});
