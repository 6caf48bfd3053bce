/** The providers that every test with cryptography in it runs against. */
import { type Crypto, nobleCrypto } from '../src/crypto/index.js';
import { nodeCrypto } from '../src/node/crypto.js';

/** The portable and the native one. They agree on everything; tests show that they do. */
export const providers: readonly Crypto[] = [nobleCrypto(), nodeCrypto()];
