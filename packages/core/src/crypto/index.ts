/** The primitives and what is built directly on them (`spec/01`). */
export { type Blake3, onceHasher, pureBlake3 } from './blake3.js';
export { BoundedCache } from './bounded-cache.js';
export type { Blake3Hasher, Crypto } from './crypto.js';
export { allZeroSecret, plausibleSignature } from './curves.js';
export { deriveKey, domainHash, domainMac, domainPrefix, signDomain, verifyDomain } from './domain.js';
export { type HpkeKeyPair, hpkeKeyPair, hpkeOpen, hpkeOverheadBytes, hpkeSeal } from './hpke.js';
export { nobleCrypto } from './noble.js';
export { padmeLength } from './pad.js';
export { checkEd25519Key, checkX25519Key, Ed25519Keys } from './points.js';
export { expectHkdfLength, expectLength, keyBytes, nonceBytes, tagBytes } from './sizes.js';
