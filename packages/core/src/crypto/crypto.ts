/**
 * The primitives (`spec/01`), synchronous and free of randomness. Two providers implement this and must agree on
 * every vector: `nobleCrypto()` (portable) and `nodeCrypto()` (from `@cloudless/core/node`). All keys and hashes are 32
 * bytes, signatures 64, AEAD nonces 12 bytes and tags 16.
 */

export interface Blake3Hasher {
  update(bytes: Uint8Array): this;
  /** The 32-byte digest. The hasher is spent afterwards. */
  digest(): Uint8Array;
}

export interface Crypto {
  /** Shown by `doctor` and the benchmarks: the provider and what does its BLAKE3, e.g. `node, BLAKE3 native`. */
  readonly name: string;

  /** Ed25519 (RFC 8032) public key of a 32-byte seed. */
  ed25519Public(seed: Uint8Array): Uint8Array;
  ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  /**
   * Cofactorless: S < L, R is not the identity, and encode([S]B - [k]A) = R as bytes; `false` for keys that are not
   * canonical or not of prime order (`spec/01 §2`). Never throws on bad input.
   */
  ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;

  /** X25519 (RFC 7748) public key of a 32-byte secret. */
  x25519Public(secret: Uint8Array): Uint8Array;
  /** Shared secret. Throws `bad-key` when the result would be all zero. */
  x25519(secret: Uint8Array, publicKey: Uint8Array): Uint8Array;

  /** ChaCha20-Poly1305 (RFC 8439): ciphertext followed by the 16-byte tag. */
  aeadSeal(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** As `aeadSeal`, into `target`, which has exactly the length of the result and does not lie over the plaintext. */
  aeadSealInto(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, plaintext: Uint8Array, target: Uint8Array): void;
  /** The plaintext, or `undefined` when the tag does not verify. */
  aeadOpen(key: Uint8Array, nonce: Uint8Array, ad: Uint8Array, sealed: Uint8Array): Uint8Array | undefined;
  /** ChaCha20 (RFC 8439, 96-bit nonce, counter from 0), no tag: seals and opens chunks. */
  chacha20(key: Uint8Array, nonce: Uint8Array, bytes: Uint8Array): Uint8Array;

  sha256(bytes: Uint8Array): Uint8Array;
  /** HKDF-SHA-256 (RFC 5869), extract then expand. */
  hkdf(secret: Uint8Array, salt: Uint8Array, info: Uint8Array, lengthBytes: number): Uint8Array;
  hmacSha256(key: Uint8Array, bytes: Uint8Array): Uint8Array;

  blake3(bytes: Uint8Array): Uint8Array;
  blake3Keyed(key: Uint8Array, bytes: Uint8Array): Uint8Array;
  blake3Hasher(key?: Uint8Array): Blake3Hasher;
}
