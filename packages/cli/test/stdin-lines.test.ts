import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batches } from '../src/stdin-lines.js';

async function* chunks(...texts: readonly string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

async function all(source: AsyncIterable<Buffer>): Promise<readonly (readonly string[])[]> {
  const found: (readonly string[])[] = [];
  for await (const batch of batches(source)) found.push(batch.map(String));
  return found;
}

describe('lines of stdin', () => {
  it('go as soon as they are there, those that are there together in one batch', async () => {
    expect(await all(chunks('one\ntwo\nthr', 'ee\n', 'four'))).toEqual([['one', 'two'], ['three'], ['four']]);
  });

  it('are the same however they arrive', async () => {
    const lines = fc.array(fc.stringMatching(/^[a-z ]{0,20}$/), { minLength: 1, maxLength: 600 });
    await fc.assert(
      fc.asyncProperty(lines, fc.integer({ min: 1, max: 50 }), async (expected, size) => {
        const text = `${expected.join('\n')}\n`;
        const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
        expect((await all(chunks(...pieces))).flat()).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('are refused past 64 KiB, with or without an end', async () => {
    expect((await all(chunks(`${'x'.repeat(65_536)}\n`))).flat()).toHaveLength(1);
    for (const text of [`${'x'.repeat(65_537)}\n`, 'x'.repeat(65_537)]) {
      await expect(all(chunks(text))).rejects.toMatchObject({ code: 'over-limit' });
    }
  });
});
