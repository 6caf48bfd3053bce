/** The portable provider: runs wherever JavaScript does. Only this module knows the library of the ciphers. */
import { chacha20, chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { pureBlake3 } from './blake3.js';
import type { Crypto } from './crypto.js';
import {
  ed25519PublicOf,
  ed25519SignatureOf,
  verifyCofactorless,
  x25519PublicOf,
  x25519SharedSecret,
} from './curves.js';
import { portableHkdf, portableHmacSha256, portableSha256 } from './hashes.js';
import { Ed25519Keys } from './points.js';
import { expectHkdfLength, expectLength, keyBytes, nonceBytes, tagBytes } from './sizes.js';

/**
 * The portable provider, `spec/01` in JavaScript and WebAssembly. With `wasm: false` its BLAKE3 is plain JavaScript, as
 * it also is where WebAssembly is missing or does not give the right answer.
 */
export function nobleCrypto(options: { readonly wasm?: boolean } = {}): Crypto {
  const blake3 = pureBlake3(options);
  return {
    name: `noble, BLAKE3 ${blake3.kind}`,
    ...curveFunctions(new Ed25519Keys()),
    aeadSeal,
    aeadSealInto: (key, nonce, ad, plaintext, target) => target.set(aeadSeal(key, nonce, ad, plaintext)),
    aeadOpen,
    chacha20: chacha20Apply,
    sha256: portableSha256,
    hkdf: hkdfChecked,
    hmacSha256: portableHmacSha256,
    blake3: blake3.hash,
    blake3Keyed: blake3.keyed,
    blake3Hasher: blake3.hasher,
  };
}

type CurveFunctions = Pick<Crypto, 'ed25519Public' | 'ed25519Sign' | 'ed25519Verify' | 'x25519Public' | 'x25519'>;

function curveFunctions(keys: Ed25519Keys): CurveFunctions {
  return {
    ed25519Public(seed) {
      expectLength(seed, keyBytes, 'Ed25519 seed');
      return ed25519PublicOf(seed);
    },
    ed25519Sign(seed, message) {
      expectLength(seed, keyBytes, 'Ed25519 seed');
      return ed25519SignatureOf(seed, message);
    },
    ed25519Verify(publicKey, message, signature) {
      const point = keys.point(publicKey);
      return point !== undefined && verifyCofactorless(point, message, signature);
    },
    x25519Public(secret) {
      expectLength(secret, keyBytes, 'X25519 secret');
      return x25519PublicOf(secret);
    },
    x25519(secret, publicKey) {
      expectLength(secret, keyBytes, 'X25519 secret');
      expectLength(publicKey, keyBytes, 'X25519 public key');
      return x25519SharedSecret(secret, publicKey);
    },
  };
}

function aeadSeal(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array): Uint8Array {
  expectLength(key, keyBytes, 'AEAD key');
  expectLength(nonce, nonceBytes, 'AEAD nonce');
  return chacha20poly1305(key, nonce, ad).encrypt(plaintext);
}

function aeadOpen(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  expectLength(key, keyBytes, 'AEAD key');
  expectLength(nonce, nonceBytes, 'AEAD nonce');
  if (sealed.length < tagBytes) return undefined;
  try {
    return chacha20poly1305(key, nonce, ad).decrypt(sealed);
  } catch {
    return undefined;
  }
}

function chacha20Apply(key: Uint8Array, nonce: Uint8Array, bytes: Uint8Array): Uint8Array {
  expectLength(key, keyBytes, 'ChaCha20 key');
  expectLength(nonce, nonceBytes, 'ChaCha20 nonce');
  return chacha20(key, nonce, bytes);
}

function hkdfChecked(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, lengthBytes: number): Uint8Array {
  expectHkdfLength(lengthBytes);
  return portableHkdf(secret, salt, info, lengthBytes);
}
