/**
 * Sealed boxes: HPKE base mode (RFC 9180) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256 and ChaCha20Poly1305, one
 * message a key (`spec/01 §7`). Synchronous and free of randomness, like the `Crypto` it is built on.
 */
import { concat, emptyBytes, utf8 } from '../bytes.js';
import { CloudlessError } from '../errors.js';
import type { Crypto } from './crypto.js';
import { expectLength, keyBytes, nonceBytes, tagBytes } from './sizes.js';

/** What a sealed box is longer by than its plaintext: the encapsulated key and the tag. */
export const hpkeOverheadBytes: number = keyBytes + tagBytes;

const version = utf8('HPKE-v1');
/** KEM 0x0020: DHKEM(X25519, HKDF-SHA256). */
const kemSuite = concat(utf8('KEM'), Uint8Array.of(0, 0x20));
/** The KEM with KDF 0x0001: HKDF-SHA256, and AEAD 0x0003: ChaCha20Poly1305. */
const hpkeSuite = concat(utf8('HPKE'), Uint8Array.of(0, 0x20, 0, 1, 0, 3));
const baseMode = Uint8Array.of(0);

/** An X25519 key pair. */
export interface HpkeKeyPair {
  readonly secret: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** DeriveKeyPair of RFC 9180 §7.1.3; `ikm` is at least 32 random bytes, used once. */
export function hpkeKeyPair(crypto: Crypto, ikm: Uint8Array): HpkeKeyPair {
  const pseudoRandomKey = labeledExtract(crypto, kemSuite, emptyBytes, 'dkp_prk', ikm);
  const secret = labeledExpand(crypto, kemSuite, pseudoRandomKey, 'sk', emptyBytes, keyBytes);
  return { secret, publicKey: crypto.x25519Public(secret) };
}

/**
 * Seals `plaintext` so that only the holder of the secret of `recipientPublic` opens it: the encapsulated key, then the
 * ciphertext with its tag. `ephemeralIkm` is 32 random bytes that are used for nothing else.
 * Throws `bad-key` for a recipient key that gives no secret.
 */
export function hpkeSeal(
  crypto: Crypto,
  recipientPublic: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
  ephemeralIkm: Uint8Array,
): Uint8Array {
  expectLength(ephemeralIkm, keyBytes, 'ephemeral key material');
  const ephemeral = hpkeKeyPair(crypto, ephemeralIkm);
  const agreed = crypto.x25519(ephemeral.secret, recipientPublic);
  const shared = kemSecret(crypto, agreed, ephemeral.publicKey, recipientPublic);
  const { key, nonce } = keySchedule(crypto, shared, info);
  return concat(ephemeral.publicKey, crypto.aeadSeal(key, nonce, aad, plaintext));
}

/**
 * The plaintext of a box sealed to the public key of `recipientSecret`. Throws `malformed` for one too short to be a
 * box, `bad-key` for an encapsulated key that gives no secret, and `bad-mac` for everything else that does not open.
 */
export function hpkeOpen(
  crypto: Crypto,
  recipientSecret: Uint8Array,
  info: Uint8Array,
  aad: Uint8Array,
  sealed: Uint8Array,
): Uint8Array {
  if (sealed.length < hpkeOverheadBytes) throw new CloudlessError('malformed', 'This sealed box is cut short.');
  const encapsulated = sealed.slice(0, keyBytes);
  const agreed = crypto.x25519(recipientSecret, encapsulated);
  const shared = kemSecret(crypto, agreed, encapsulated, crypto.x25519Public(recipientSecret));
  const { key, nonce } = keySchedule(crypto, shared, info);
  const plaintext = crypto.aeadOpen(key, nonce, aad, sealed.subarray(keyBytes));
  if (plaintext === undefined) throw new CloudlessError('bad-mac', 'This sealed box was not made for this key.');
  return plaintext;
}

/** ExtractAndExpand of RFC 9180 §4.1. */
function kemSecret(
  crypto: Crypto,
  agreed: Uint8Array,
  encapsulated: Uint8Array,
  recipientPublic: Uint8Array,
): Uint8Array {
  const pseudoRandomKey = labeledExtract(crypto, kemSuite, emptyBytes, 'eae_prk', agreed);
  const context = concat(encapsulated, recipientPublic);
  return labeledExpand(crypto, kemSuite, pseudoRandomKey, 'shared_secret', context, keyBytes);
}

/** KeySchedule of RFC 9180 §5.1 in base mode: no pre-shared key, and the nonce of the only message. */
function keySchedule(
  crypto: Crypto,
  shared: Uint8Array,
  info: Uint8Array,
): { readonly key: Uint8Array; readonly nonce: Uint8Array } {
  const pskIdHash = labeledExtract(crypto, hpkeSuite, emptyBytes, 'psk_id_hash', emptyBytes);
  const infoHash = labeledExtract(crypto, hpkeSuite, emptyBytes, 'info_hash', info);
  const context = concat(baseMode, pskIdHash, infoHash);
  const secret = labeledExtract(crypto, hpkeSuite, shared, 'secret', emptyBytes);
  return {
    key: labeledExpand(crypto, hpkeSuite, secret, 'key', context, keyBytes),
    nonce: labeledExpand(crypto, hpkeSuite, secret, 'base_nonce', context, nonceBytes),
  };
}

function labeledExtract(
  crypto: Crypto,
  suite: Uint8Array,
  salt: Uint8Array,
  label: string,
  ikm: Uint8Array,
): Uint8Array {
  return crypto.hmacSha256(salt, concat(version, suite, utf8(label), ikm));
}

/** LabeledExpand of at most one block, which is all this suite asks for. */
function labeledExpand(
  crypto: Crypto,
  suite: Uint8Array,
  pseudoRandomKey: Uint8Array,
  label: string,
  info: Uint8Array,
  lengthBytes: number,
): Uint8Array {
  const length = Uint8Array.of(lengthBytes >> 8, lengthBytes & 0xff);
  const input = concat(length, version, suite, utf8(label), info, Uint8Array.of(1));
  return crypto.hmacSha256(pseudoRandomKey, input).subarray(0, lengthBytes);
}
