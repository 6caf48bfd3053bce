/** `Noise_XXpsk0_25519_ChaChaPoly_SHA256` (Noise revision 34) with empty payloads: `spec/08 §2`. */

import { concat, emptyBytes, utf8 } from '../bytes.js';
import { type Crypto, deriveKey, keyBytes, nonceBytes, tagBytes } from '../crypto/index.js';
import { check, invariant } from '../errors.js';
import { protocolVersion } from '../limits.js';

const protocolName = utf8('Noise_XXpsk0_25519_ChaChaPoly_SHA256');

/** What both sides must agree on before the first message (`spec/08 CON-1`). */
export const prologue: Uint8Array = utf8(`cloudless/${protocolVersion}`);

/** Sizes of the three messages, without the hint that stands before the first. */
export const firstMessageBytes: number = keyBytes + tagBytes;
export const secondMessageBytes: number = keyBytes + keyBytes + tagBytes + tagBytes;
export const thirdMessageBytes: number = keyBytes + tagBytes + tagBytes;

/** Far past what any connection sends, and exact as a number. */
const nonceMax = 2 ** 48;

/** Noise's CipherState: one key and a counter for the nonce. */
export class NoiseCipher {
  readonly #crypto: Crypto;
  #key: Uint8Array;
  #count = 0;
  readonly #nonce = new Uint8Array(nonceBytes);
  readonly #nonceView = new DataView(this.#nonce.buffer);

  constructor(crypto: Crypto, key: Uint8Array) {
    this.#crypto = crypto;
    this.#key = key;
  }

  /** Seals under the next nonce; the result is 16 bytes longer. */
  seal(ad: Uint8Array, plaintext: Uint8Array): Uint8Array {
    return this.#crypto.aeadSeal(this.#key, this.#nextNonce(), ad, plaintext);
  }

  /** As `seal` without additional data, into `target`, which is 16 bytes longer than the plaintext. */
  sealInto(plaintext: Uint8Array, target: Uint8Array): void {
    this.#crypto.aeadSealInto(this.#key, this.#nextNonce(), emptyBytes, plaintext, target);
  }

  /** Opens what was sealed under the next nonce; throws `bad-mac`, after which the cipher must not be used again. */
  open(ad: Uint8Array, sealed: Uint8Array): Uint8Array {
    check(sealed.length >= tagBytes, 'malformed', 'A sealed message is at least as long as its tag.');
    const plaintext = this.#crypto.aeadOpen(this.#key, this.#nextNonce(), ad, sealed);
    check(plaintext !== undefined, 'bad-mac', 'What arrived was not sealed by the peer, or was changed on the way.');
    return plaintext;
  }

  /** Noise's REKEY: the counter goes on. */
  rekey(): void {
    const last = new Uint8Array(nonceBytes).fill(0xff, 4);
    this.#key = this.#crypto.aeadSeal(this.#key, last, emptyBytes, new Uint8Array(keyBytes)).slice(0, keyBytes);
  }

  #nextNonce(): Uint8Array {
    invariant(this.#count < nonceMax, 'a cipher ran out of nonces');
    this.#nonceView.setUint32(4, this.#count >>> 0, true);
    this.#nonceView.setUint32(8, Math.floor(this.#count / 2 ** 32), true);
    this.#count += 1;
    return this.#nonce;
  }
}

/** Noise's SymmetricState. */
class SymmetricState {
  readonly #crypto: Crypto;
  #cipher: NoiseCipher | undefined;
  #chainingKey: Uint8Array;
  #hash: Uint8Array;

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
    this.#hash = crypto.sha256(protocolName);
    this.#chainingKey = this.#hash;
    this.mixHash(prologue);
  }

  get hash(): Uint8Array {
    return this.#hash;
  }

  mixHash(bytes: Uint8Array): void {
    this.#hash = this.#crypto.sha256(concat(this.#hash, bytes));
  }

  mixKey(secret: Uint8Array): void {
    const [chainingKey, key] = this.#expand(secret, 2);
    this.#chainingKey = chainingKey as Uint8Array;
    this.#cipher = new NoiseCipher(this.#crypto, key as Uint8Array);
  }

  mixKeyAndHash(secret: Uint8Array): void {
    const [chainingKey, hash, key] = this.#expand(secret, 3);
    this.#chainingKey = chainingKey as Uint8Array;
    this.mixHash(hash as Uint8Array);
    this.#cipher = new NoiseCipher(this.#crypto, key as Uint8Array);
  }

  seal(plaintext: Uint8Array): Uint8Array {
    const sealed = this.#keyed().seal(this.#hash, plaintext);
    this.mixHash(sealed);
    return sealed;
  }

  open(sealed: Uint8Array): Uint8Array {
    const plaintext = this.#keyed().open(this.#hash, sealed);
    this.mixHash(sealed);
    return plaintext;
  }

  split(): NoiseResult {
    const [initiatorKey, responderKey] = this.#expand(emptyBytes, 2);
    return {
      handshakeHash: this.#hash,
      initiatorCipher: new NoiseCipher(this.#crypto, initiatorKey as Uint8Array),
      responderCipher: new NoiseCipher(this.#crypto, responderKey as Uint8Array),
      sessionSecret: deriveKey(this.#crypto, this.#chainingKey, 'session secret', this.#hash),
    };
  }

  #keyed(): NoiseCipher {
    invariant(this.#cipher !== undefined, 'sealing before any key was mixed');
    return this.#cipher;
  }

  /** Noise's HKDF is RFC 5869 with the chaining key as salt and no info. */
  #expand(secret: Uint8Array, outputs: number): readonly Uint8Array[] {
    const bytes = this.#crypto.hkdf(secret, this.#chainingKey, emptyBytes, outputs * keyBytes);
    return Array.from({ length: outputs }, (_, i) => bytes.slice(i * keyBytes, (i + 1) * keyBytes));
  }
}

/** What a finished handshake leaves. */
export interface NoiseResult {
  readonly handshakeHash: Uint8Array;
  /** Seals what the initiator sends. */
  readonly initiatorCipher: NoiseCipher;
  readonly responderCipher: NoiseCipher;
  /** Known to these two only; derived from the last chaining key (`spec/08 CON-7`). */
  readonly sessionSecret: Uint8Array;
}

export interface NoiseOptions {
  readonly crypto: Crypto;
  readonly psk: Uint8Array;
  /** X25519, 32 bytes each. */
  readonly staticSecret: Uint8Array;
  readonly ephemeralSecret: Uint8Array;
}

/**
 * One handshake, messages in order: initiator `writeFirst`, `readSecond`, `writeThird`; responder `readFirst`,
 * `writeSecond`, `readThird`; then both `finish`. Reading throws `bad-mac` and `bad-key`, after which it is over.
 */
export class NoiseHandshake {
  readonly #crypto: Crypto;
  readonly #staticSecret: Uint8Array;
  readonly #ephemeralSecret: Uint8Array;
  readonly #state: SymmetricState;
  #remoteEphemeral = emptyBytes;
  #remoteStatic = emptyBytes;

  constructor(options: NoiseOptions) {
    this.#crypto = options.crypto;
    this.#staticSecret = options.staticSecret;
    this.#ephemeralSecret = options.ephemeralSecret;
    this.#state = new SymmetricState(options.crypto);
    invariant(options.psk.length === keyBytes, 'a PSK has 32 bytes');
    this.#state.mixKeyAndHash(options.psk);
  }

  /** The peer's static key, once its message was read. */
  get remoteStatic(): Uint8Array {
    return this.#remoteStatic;
  }

  /** `psk, e` */
  writeFirst(): Uint8Array {
    return concat(this.#writeEphemeral(), this.#state.seal(emptyBytes));
  }

  readFirst(message: Uint8Array): void {
    this.#readEphemeral(message);
    this.#state.open(message.subarray(keyBytes));
  }

  /** `e, ee, s, es` */
  writeSecond(): Uint8Array {
    const ephemeral = this.#writeEphemeral();
    this.#agree(this.#ephemeralSecret, this.#remoteEphemeral);
    const sealedStatic = this.#state.seal(this.#crypto.x25519Public(this.#staticSecret));
    this.#agree(this.#staticSecret, this.#remoteEphemeral);
    return concat(ephemeral, sealedStatic, this.#state.seal(emptyBytes));
  }

  readSecond(message: Uint8Array): void {
    this.#readEphemeral(message);
    this.#agree(this.#ephemeralSecret, this.#remoteEphemeral);
    this.#readStatic(message.subarray(keyBytes, -tagBytes));
    this.#agree(this.#ephemeralSecret, this.#remoteStatic);
    this.#state.open(message.subarray(-tagBytes));
  }

  /** `s, se` */
  writeThird(): Uint8Array {
    const sealedStatic = this.#state.seal(this.#crypto.x25519Public(this.#staticSecret));
    this.#agree(this.#staticSecret, this.#remoteEphemeral);
    return concat(sealedStatic, this.#state.seal(emptyBytes));
  }

  readThird(message: Uint8Array): void {
    this.#readStatic(message.subarray(0, -tagBytes));
    this.#agree(this.#ephemeralSecret, this.#remoteStatic);
    this.#state.open(message.subarray(-tagBytes));
  }

  finish(): NoiseResult {
    return this.#state.split();
  }

  #writeEphemeral(): Uint8Array {
    const ephemeral = this.#crypto.x25519Public(this.#ephemeralSecret);
    this.#mixEphemeral(ephemeral);
    return ephemeral;
  }

  #readEphemeral(message: Uint8Array): void {
    this.#remoteEphemeral = message.slice(0, keyBytes);
    this.#mixEphemeral(this.#remoteEphemeral);
  }

  /** With a PSK the ephemeral also goes into the key, so that the first tag is under a fresh one. */
  #mixEphemeral(ephemeral: Uint8Array): void {
    this.#state.mixHash(ephemeral);
    this.#state.mixKey(ephemeral);
  }

  #readStatic(sealed: Uint8Array): void {
    this.#remoteStatic = this.#state.open(sealed);
  }

  #agree(secret: Uint8Array, publicKey: Uint8Array): void {
    this.#state.mixKey(this.#crypto.x25519(secret, publicKey));
  }
}
