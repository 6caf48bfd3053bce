/**
 * The native provider: OpenSSL through `node:crypto`, and a prebuilt BLAKE3 add-on where it loads. Agrees with
 * `nobleCrypto()` on every input, which the differential tests hold it to.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto';
import { createRequire } from 'node:module';
import { concat, emptyBytes, equalBytes, free } from '../bytes.js';
import {
  allZeroSecret,
  type Blake3,
  BoundedCache,
  type Crypto,
  Ed25519Keys,
  expectHkdfLength,
  expectLength,
  keyBytes,
  nonceBytes,
  onceHasher,
  plausibleSignature,
  pureBlake3,
  tagBytes,
} from '../crypto/index.js';

/** Key objects kept, because building one costs about as much as using it. */
const publicKeysMax = 1_024;
const privateKeysMax = 256;

/** The native provider. Its BLAKE3 is the add-on where that loads, else what the portable provider uses. */
export function nodeCrypto(): Crypto {
  const blake3 = nativeBlake3(pureBlake3());
  return {
    name: `node, BLAKE3 ${blake3.kind}`,
    ...signatureFunctions(),
    ...agreementFunctions(),
    ...aeadFunctions(),
    chacha20,
    sha256: (bytes) => plain(hash('sha256', bytes, 'buffer')),
    hkdf,
    hmacSha256,
    blake3: blake3.hash,
    blake3Keyed: blake3.keyed,
    blake3Hasher: blake3.hasher,
  };
}

/** A `Buffer` seen as what it is underneath, so that its other methods and equality don't leak out. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

// Keys. OpenSSL takes raw keys only inside DER (RFC 8410 §4, §7), where the fixed-size ones follow a constant.

type CurveName = 'Ed25519' | 'X25519';
const curveIdentifiers: Readonly<Record<CurveName, number>> = { Ed25519: 0x70, X25519: 0x6e };

function privateKeyObject(curve: CurveName, secret: Uint8Array): KeyObject {
  const prefix = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, curveIdentifiers[curve], 4, 0x22, 4, 0x20];
  const der = Buffer.concat([Uint8Array.from(prefix), secret]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
}

function publicKeyObject(curve: CurveName, publicKey: Uint8Array): KeyObject {
  const prefix = [0x30, 0x2a, 0x30, 5, 6, 3, 0x2b, 0x65, curveIdentifiers[curve], 3, 0x21, 0];
  const der = Buffer.concat([Uint8Array.from(prefix), publicKey]);
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
}

function rawPublicKey(privateKey: KeyObject): Uint8Array {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  return plain(Buffer.from(x as string, 'base64url'));
}

function signatureFunctions(): Pick<Crypto, 'ed25519Public' | 'ed25519Sign' | 'ed25519Verify'> {
  const usableKeys = new Ed25519Keys();
  const privateKeys = new BoundedCache<KeyObject>(privateKeysMax);
  const publicKeys = new BoundedCache<KeyObject>(publicKeysMax);
  const privateKeyOf = (seed: Uint8Array): KeyObject => {
    expectLength(seed, keyBytes, 'Ed25519 seed');
    return privateKeys.get(seed, (bytes) => privateKeyObject('Ed25519', bytes));
  };
  return {
    ed25519Public: (seed) => rawPublicKey(privateKeyOf(seed)),
    ed25519Sign: (seed, message) => plain(sign(null, message, privateKeyOf(seed))),
    ed25519Verify(publicKey, message, signature) {
      if (!plausibleSignature(signature) || usableKeys.point(publicKey) === undefined) return false;
      const key = publicKeys.get(publicKey, (bytes) => publicKeyObject('Ed25519', bytes));
      return verify(null, message, key, signature);
    },
  };
}

/** Agreement secrets are mostly used once, and one that is gone can't be stolen: their key objects are not kept. */
function agreementFunctions(): Pick<Crypto, 'x25519Public' | 'x25519'> {
  const privateKeyOf = (secret: Uint8Array): KeyObject => {
    expectLength(secret, keyBytes, 'X25519 secret');
    return privateKeyObject('X25519', secret);
  };
  return {
    x25519Public: (secret) => rawPublicKey(privateKeyOf(secret)),
    x25519(secret, publicKey) {
      expectLength(publicKey, keyBytes, 'X25519 public key');
      return sharedSecret(privateKeyOf(secret), publicKeyObject('X25519', publicKey));
    },
  };
}

function sharedSecret(privateKey: KeyObject, publicKey: KeyObject): Uint8Array {
  let secret: Uint8Array;
  try {
    secret = plain(diffieHellman({ privateKey, publicKey }));
  } catch (cause) {
    throw allZeroSecret(cause);
  }
  if (equalBytes(secret, new Uint8Array(keyBytes))) throw allZeroSecret(undefined);
  return secret;
}

interface AeadKey {
  /** A copy: the bytes that it is kept under may be overwritten. */
  readonly bytes: Uint8Array;
  readonly object: KeyObject;
}

/**
 * OpenSSL takes a key as bytes too, but Node finds out what it was given by an exception, which costs more than sealing
 * a frame. Key objects are kept as long as the bytes of their keys are, which are used for many frames each.
 */
function aeadFunctions(): Pick<Crypto, 'aeadSeal' | 'aeadSealInto' | 'aeadOpen'> {
  const known = new WeakMap<Uint8Array, AeadKey>();
  const keyOf = (key: Uint8Array): KeyObject => {
    const found = known.get(key);
    if (found !== undefined && equalBytes(found.bytes, key)) return found.object;
    expectLength(key, keyBytes, 'AEAD key');
    const object = createSecretKey(key);
    known.set(key, { bytes: key.slice(), object });
    return object;
  };
  const aeadSealInto: Crypto['aeadSealInto'] = (key, nonce, ad, plaintext, target) => {
    expectLength(nonce, nonceBytes, 'AEAD nonce');
    expectLength(target, plaintext.length + tagBytes, 'place for what is sealed');
    const cipher = createCipheriv('chacha20-poly1305', keyOf(key), nonce, { authTagLength: tagBytes });
    if (ad.length > 0) cipher.setAAD(ad, { plaintextLength: plaintext.length });
    const ciphertext = cipher.update(plaintext);
    target.set(ciphertext);
    free(ciphertext);
    cipher.final();
    target.set(cipher.getAuthTag(), plaintext.length);
  };
  return {
    aeadSealInto,
    aeadSeal(key, nonce, ad, plaintext) {
      const sealed = new Uint8Array(plaintext.length + tagBytes);
      aeadSealInto(key, nonce, ad, plaintext, sealed);
      return sealed;
    },
    aeadOpen: (key, nonce, ad, sealed) => aeadOpen(keyOf(key), nonce, ad, sealed),
  };
}

function aeadOpen(key: KeyObject, nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
  expectLength(nonce, nonceBytes, 'AEAD nonce');
  const length = sealed.length - tagBytes;
  if (length < 0) return undefined;
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: tagBytes });
  decipher.setAuthTag(sealed.subarray(length));
  if (ad.length > 0) decipher.setAAD(ad, { plaintextLength: length });
  const plaintext = plain(decipher.update(sealed.subarray(0, length)));
  try {
    decipher.final();
    return plaintext;
  } catch {
    return undefined;
  }
}

function chacha20(key: Uint8Array, nonce: Uint8Array, bytes: Uint8Array): Uint8Array {
  expectLength(key, keyBytes, 'ChaCha20 key');
  expectLength(nonce, nonceBytes, 'ChaCha20 nonce');
  const counterAndNonce = new Uint8Array(4 + nonceBytes);
  counterAndNonce.set(nonce, 4);
  return plain(createCipheriv('chacha20', createSecretKey(key), counterAndNonce).update(bytes));
}

function hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array {
  return plain(createHmac('sha256', key).update(bytes).digest());
}

/** RFC 5869 by hand: `hkdfSync` refuses an `info` over 1,024 bytes. */
function hkdf(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, lengthBytes: number): Uint8Array {
  expectHkdfLength(lengthBytes);
  const pseudoRandomKey = hmacSha256(salt, secret);
  const output = new Uint8Array(lengthBytes);
  let block = emptyBytes;
  for (let offset = 0, counter = 1; offset < lengthBytes; offset += block.length, counter++) {
    block = hmacSha256(pseudoRandomKey, concat(block, info, Uint8Array.of(counter)));
    output.set(block.subarray(0, lengthBytes - offset), offset);
  }
  return output;
}

// BLAKE3

/** What is used of the add-on. */
interface Blake3AddOn {
  readonly blake3: (bytes: Uint8Array) => Buffer;
  readonly Blake3Hasher: (new () => AddOnHasher) & { newKeyed(key: Buffer): AddOnHasher };
}

interface AddOnHasher {
  update(bytes: Uint8Array): unknown;
  digestBuffer(): Buffer;
}

/** Below this many bytes, or when keyed this many, calling the add-on costs more than the portable code does. */
const addOnBytesMin = 2_048;
const addOnKeyedBytesMin = 6_144;

/** The add-on for long inputs and `short` for others; `short` alone where there is no add-on. */
function nativeBlake3(short: Blake3): Blake3 {
  const addOn = loadAddOn();
  if (addOn === undefined) return short;
  const keyedHasher = (key: Uint8Array): AddOnHasher => {
    expectLength(key, keyBytes, 'BLAKE3 key');
    return addOn.Blake3Hasher.newKeyed(Buffer.from(key.buffer, key.byteOffset, key.length));
  };
  return {
    kind: 'native',
    hash: (bytes) => (bytes.length < addOnBytesMin ? short.hash(bytes) : plain(addOn.blake3(bytes))),
    keyed(key, bytes) {
      if (bytes.length < addOnKeyedBytesMin) return short.keyed(key, bytes);
      const hasher = keyedHasher(key);
      hasher.update(bytes);
      return plain(hasher.digestBuffer());
    },
    hasher(key) {
      const state = key === undefined ? new addOn.Blake3Hasher() : keyedHasher(key);
      return onceHasher(state, (spent) => plain(spent.digestBuffer()));
    },
  };
}

/** The add-on is an optional dependency, and loading it throws where add-ons are forbidden or not built. */
function loadAddOn(): Blake3AddOn | undefined {
  try {
    return createRequire(import.meta.url)('@napi-rs/blake-hash') as Blake3AddOn;
  } catch {
    return undefined;
  }
}
