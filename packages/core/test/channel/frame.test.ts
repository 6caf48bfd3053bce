import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../src/bytes.js';
import { FrameReader, FrameWriter, frameContentBytesMax } from '../../src/channel/frame.js';
import { NoiseCipher } from '../../src/channel/noise.js';
import type { Crypto } from '../../src/crypto/index.js';
import { rekeyFrames } from '../../src/limits.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { providers } from '../providers.js';
import { filled } from './world.js';

function writer(crypto: Crypto): FrameWriter {
  return new FrameWriter(new NoiseCipher(crypto, filled(32, 1)));
}

function reader(crypto: Crypto): FrameReader {
  return new FrameReader(new NoiseCipher(crypto, filled(32, 1)));
}

function sealed(crypto: Crypto, ...contents: readonly Uint8Array[]): Uint8Array {
  const frames = writer(crypto);
  for (const content of contents) frames.add(content);
  return frames.take() as Uint8Array;
}

function readAll(frames: FrameReader, pieces: Iterable<Uint8Array>): Uint8Array[] {
  const contents: Uint8Array[] = [];
  for (const piece of pieces) {
    frames.push(piece);
    for (let content = frames.next(); content !== undefined; content = frames.next()) contents.push(content);
  }
  return contents;
}

function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] as number;
    yield bytes.slice(at, at + size);
    at += size;
  }
}

describe.each(providers.map((crypto) => [crypto.name, crypto] as const))('frames on %s', (_, crypto) => {
  it('[CON-9] come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 8 }),
        (contents, sizes) => {
          const stream = sealed(crypto, ...contents);
          expect(readAll(reader(crypto), cut(stream, sizes))).toEqual(contents);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('carry up to 65,519 bytes in 65,535 and not one more', () => {
    const content = filled(frameContentBytesMax, 3);
    const stream = sealed(crypto, content);
    expect(stream).toHaveLength(2 + 65_535);
    expect(readAll(reader(crypto), [stream])).toEqual([content]);
  });

  it('[CON-10] change keys after 65,536 of them', () => {
    const frames = writer(crypto);
    const incoming = reader(crypto);
    const content = Uint8Array.of(1);
    for (let sent = 0; sent < rekeyFrames; sent++) frames.add(content);
    expect(readAll(incoming, [frames.take() as Uint8Array])).toHaveLength(rekeyFrames);
    frames.add(content);
    const next = frames.take() as Uint8Array;
    expect(readAll(incoming, [next])).toEqual([content]);
    const never = new NoiseCipher(crypto, filled(32, 1));
    for (let sent = 0; sent < rekeyFrames; sent++) never.seal(filled(0, 0), content);
    expect(() => never.open(filled(0, 0), next.subarray(2))).toThrow(expect.objectContaining({ code: 'bad-mac' }));
  });
});

describe('[CON-11] hostile streams', () => {
  const crypto = nodeCrypto();
  const [one, two] = [filled(10, 1), filled(20, 2)];
  const stream = sealed(crypto, one, two);
  const firstBytes = 2 + 10 + 16;

  function refused(bytes: Uint8Array, code: string): void {
    const frames = reader(crypto);
    expect(() => readAll(frames, [bytes])).toThrow(expect.objectContaining({ code }));
    frames.push(stream);
    expect(() => frames.next()).toThrow(expect.objectContaining({ code: 'closed' }));
  }

  it('refuse every single changed bit of content and tag', () => {
    for (let at = 2; at < firstBytes; at++) {
      for (let bit = 0; bit < 8; bit++) refused(stream.with(at, (stream[at] as number) ^ (1 << bit)), 'bad-mac');
    }
  });

  it('refuse repeated, left out and moved frames', () => {
    const [first, second] = [stream.subarray(0, firstBytes), stream.subarray(firstBytes)];
    refused(concat(first, first), 'bad-mac');
    refused(second, 'bad-mac');
    refused(concat(second, first), 'bad-mac');
  });

  it('[L6] refuse frames of another connection', () => {
    const other = new FrameWriter(new NoiseCipher(crypto, filled(32, 2)));
    other.add(one);
    refused(other.take() as Uint8Array, 'bad-mac');
  });

  it('refuse a length with no room for a byte', () => {
    for (let length = 0; length <= 16; length++) refused(concat(Uint8Array.of(0, length), filled(40, 0)), 'malformed');
  });

  it('[D1] never gather more than one frame, however slowly it comes', () => {
    const frames = reader(crypto);
    const slow = concat(Uint8Array.of(0xff, 0xff), filled(65_534, 0));
    expect(readAll(frames, cut(slow, [1]))).toEqual([]);
    expect(frames.inFrame).toBe(true);
    frames.push(Uint8Array.of(0));
    expect(() => frames.next()).toThrow(expect.objectContaining({ code: 'bad-mac' }));
  });

  it('show when they were cut off inside a frame', () => {
    const frames = reader(crypto);
    expect(readAll(frames, [stream])).toHaveLength(2);
    expect(frames.inFrame).toBe(false);
    expect(readAll(frames, [stream.subarray(0, 1)])).toEqual([]);
    expect(frames.inFrame).toBe(true);
  });

  it('give nothing but refusals or valid content for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        const frames = reader(crypto);
        try {
          expect(readAll(frames, [bytes])).toEqual([]);
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^(bad-mac|malformed)$/) });
        }
      }),
    );
  });
});
