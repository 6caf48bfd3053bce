import { compareBytes, concat } from '../bytes.js';
import { type Crypto, domainHash } from '../crypto/index.js';
import { entryKey, type Head } from './entry.js';
import { entryHashBytes } from './ids.js';

/** Digest over heads, whatever their order: equal heads, equal digest (`spec/11 SYN-15`). */
export function headsDigest(crypto: Crypto, heads: readonly Head[]): Uint8Array {
  const rows = heads.map((head) => concat(entryKey(head, head.seq), entryHashBytes(head.hash)));
  return domainHash(crypto, 'heads', ...rows.sort(compareBytes));
}
