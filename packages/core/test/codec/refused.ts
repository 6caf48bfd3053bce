import { fromHex } from '../../src/bytes.js';
import { type Codec, decode } from '../../src/codec/index.js';
import { CloudlessError, type ErrorCode } from '../../src/errors.js';

/** The code with which `act` is refused. Anything thrown that is no refusal is thrown on. */
export function refusal(act: () => unknown): ErrorCode | 'accepted' {
  try {
    act();
  } catch (error) {
    if (error instanceof CloudlessError) return error.code;
    throw error;
  }
  return 'accepted';
}

/** Bytes of hex with spaces for the reader. */
export function hex(text: string): Uint8Array {
  const bytes = fromHex(text.replaceAll(' ', ''));
  if (bytes === undefined) throw new Error(`not hex: ${text}`);
  return bytes;
}

export function decodeRefusal<T>(codec: Codec<T>, text: string, bytesMax = 4_096): ErrorCode | 'accepted' {
  return refusal(() => decode(codec, hex(text), bytesMax));
}
