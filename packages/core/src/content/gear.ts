/** The table that places the cuts of a folder's content (`spec/06 §3`). */

import { emptyBytes } from '../bytes.js';
import { type Crypto, domainPrefix } from '../crypto/index.js';

/** 256 values of 32 bits, one for each byte: 1,024 bytes of HKDF of the folder's gear key, big-endian. */
export function gearTable(crypto: Crypto, gearKey: Uint8Array): Int32Array {
  const bytes = crypto.hkdf(gearKey, emptyBytes, domainPrefix('gear table'), 1_024);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Int32Array.from({ length: 256 }, (_, index) => view.getInt32(4 * index));
}
