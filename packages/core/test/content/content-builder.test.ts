import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat } from '../../src/bytes.js';
import { decode, encode } from '../../src/codec/index.js';
import {
  buildContent,
  ContentBuilder,
  type ContentRef,
  checkContentId,
  contentRefCodec,
  inlineContentId,
  openChunk,
  type SealedChunk,
  symlinkRef,
} from '../../src/content/index.js';
import { CloudlessError } from '../../src/errors.js';
import { providers } from '../providers.js';
import { buildKeys, convergence, noise } from './material.js';

describe.each(providers.map((crypto) => [crypto.name, crypto] as const))('content with %s', (_name, crypto) => {
  const keys = buildKeys(crypto);

  test('[CNT-14] the size decides how content is carried', () => {
    const kindOf = (length: number): string => buildContent(crypto, keys, noise(1, length)).ref.kind;
    expect([0, 1, 1_024, 1_025, 65_536].map(kindOf)).toEqual(['empty', 'inline', 'inline', 'chunks', 'chunks']);
  });

  test('what was built can be fetched, opened and joined again', () => {
    for (const length of [0, 1, 1_024, 1_025, 65_537, 2_000_003]) {
      const content = noise(length, length);
      const { ref, chunks } = buildContent(crypto, keys, content);
      expect(ref.size).toBe(length);
      checkContentId(crypto, convergence, ref);
      expect(decode(contentRefCodec, encode(contentRefCodec, ref), 65_536)).toEqual(ref);
      const opened = chunks.map((chunk) => openChunk(crypto, chunk, convergence, chunk.ciphertext));
      expect(concat(...(ref.kind === 'inline' ? [ref.bytes] : opened))).toEqual(content);
    }
  });

  test('[CNT-5] pieces make no difference, and their memory may be reused', () => {
    const content = noise(2, 900_000);
    const whole = buildContent(crypto, keys, content);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 400_000 }), { maxLength: 12 }), (pieces) => {
        const chunks: (SealedChunk & { offset: number })[] = [];
        const builder = new ContentBuilder(crypto, keys, {
          chunk: (chunk, offset) => chunks.push({ ...chunk, offset }),
          node: () => undefined,
        });
        let at = 0;
        for (const piece of [...pieces, content.length]) {
          const buffer = content.slice(at, at + piece);
          builder.push(buffer);
          buffer.fill(0);
          at = Math.min(content.length, at + piece);
        }
        expect(builder.finish()).toEqual(whole.ref);
        expect(chunks).toEqual(whole.chunks);
      }),
      { numRuns: 6 },
    );
  });

  test('short content is kept apart from the buffer it came in', () => {
    const buffer = noise(3, 100);
    const builder = new ContentBuilder(crypto, keys, { chunk: () => undefined, node: () => undefined });
    builder.push(buffer);
    const expected = inlineContentId(crypto, convergence, buffer);
    buffer.fill(0);
    const ref = builder.finish();
    expect(ref.id).toBe(expected);
    checkContentId(crypto, convergence, ref);
  });

  test('[CNT-12] a link is never equal to a file with the same bytes', () => {
    const link = symlinkRef(crypto, convergence, 'target');
    const file = buildContent(crypto, keys, new TextEncoder().encode('target')).ref;
    expect(link.size).toBe(file.size);
    expect(link.id).not.toBe(file.id);
    expect(decode(contentRefCodec, encode(contentRefCodec, link), 4_200)).toEqual(link);
  });
});

test('[CNT-18] arbitrary bytes are a reference or one of the refusals', () => {
  const crypto = providers[0] as (typeof providers)[number];
  const valid = encode(contentRefCodec, buildContent(crypto, buildKeys(crypto), noise(5, 500_000)).ref);
  const mutated = fc
    .tuple(fc.nat(valid.length - 1), fc.integer({ min: 0, max: 255 }))
    .map(([at, byte]) => valid.with(at, byte));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), mutated), (bytes) => {
      let ref: ContentRef;
      try {
        ref = decode(contentRefCodec, bytes, 65_536);
      } catch (error) {
        expect(error).toBeInstanceOf(CloudlessError);
        expect(['malformed', 'non-canonical', 'over-limit']).toContain((error as CloudlessError).code);
        return;
      }
      expect(encode(contentRefCodec, ref).length).toBeLessThanOrEqual(bytes.length);
    }),
    { numRuns: 2_000 },
  );
});
