import { bytes, decode, encode, list, text, u8 } from '@cloudless/core/codec';
import { describe, expect, it } from 'vitest';

const refusal = (code: string) => expect.objectContaining({ name: 'CloudlessError', code });

/** Headers that announce lengths or counts far past any limit, with nothing behind them. */
const announced = [
  { what: 'bytes', codec: bytes(10), hex: 'c6ffffffff' },
  { what: 'text', codec: text(10), hex: 'dbffffffff' },
  { what: 'a list', codec: list(u8, 10), hex: 'ddffffffff' },
];

const full = [
  { what: 'bytes', codec: bytes(10), atLimit: new Uint8Array(10), past: new Uint8Array(11) },
  { what: 'text', codec: text(10), atLimit: 'éééaaaa', past: 'ééééaaa' },
  { what: 'a list', codec: list(u8, 10), atLimit: Array(10).fill(1), past: Array(11).fill(1) },
];

const wide = { bytes: bytes(20), text: text(20), 'a list': list(u8, 20) };

describe('limits', () => {
  it.each(announced)('[LIM-3] $what past its limit is refused by what it announces', ({ codec, hex }) => {
    expect(() => decode<unknown>(codec, Buffer.from(hex, 'hex'), 1_000)).toThrow(refusal('over-limit'));
  });

  it.each(full)('[LIM-4] $what at its limit is taken', ({ codec, atLimit }) => {
    const written = encode<unknown>(codec, atLimit);
    expect(decode<unknown>(codec, written, written.length)).toEqual(atLimit);
  });

  it.each(full)('[LIM-2] $what past its limit is not written', ({ codec, past }) => {
    expect(() => encode<unknown>(codec, past)).toThrow(refusal('over-limit'));
  });

  it.each(full)('[LIM-3] $what one past its limit is refused', ({ what, codec, past }) => {
    const written = encode<unknown>(wide[what as keyof typeof wide], past);
    expect(() => decode<unknown>(codec, written, written.length)).toThrow(refusal('over-limit'));
  });

  it('[LIM-3] an encoding longer than its whole may be is refused', () => {
    const written = encode(bytes(10), new Uint8Array(10));
    expect(() => decode(bytes(10), written, written.length - 1)).toThrow(refusal('over-limit'));
  });
});
