/** The 32 bytes before the first message that tell a responder which PSK is meant (`spec/08 §3`). */

import { emptyBytes, equalSecret } from '../bytes.js';
import { type Crypto, domainMac, keyBytes } from '../crypto/index.js';

/** Bytes of a hint. */
export const hintBytes: number = keyBytes;

/** A PSK and the own static key that goes with it. */
export interface Candidate {
  readonly psk: Uint8Array;
  /** X25519 secret of this device in the folder that the PSK belongs to. */
  readonly staticSecret: Uint8Array;
  /** Its public key, where the host has it at hand: saves computing it for each hint. */
  readonly publicKey?: Uint8Array | undefined;
  /** The host's own: which folder, pair, code or offer this is. Never looked at. */
  readonly tag?: unknown;
}

/** MAC(psk, ephemeral ‖ the responder's X25519 device key if it was announced). */
export function handshakeHint(
  crypto: Crypto,
  psk: Uint8Array,
  ephemeral: Uint8Array,
  responderKey: Uint8Array = emptyBytes,
): Uint8Array {
  return domainMac(crypto, psk, 'hint', ephemeral, responderKey);
}

/** The first of the responder's candidates that the hint fits, with its own key announced or not. */
export function findCandidate(
  crypto: Crypto,
  candidates: Iterable<Candidate>,
  hint: Uint8Array,
  ephemeral: Uint8Array,
): Candidate | undefined {
  for (const candidate of candidates) {
    const ownKey = candidate.publicKey ?? crypto.x25519Public(candidate.staticSecret);
    if (equalSecret(handshakeHint(crypto, candidate.psk, ephemeral, ownKey), hint)) return candidate;
    if (equalSecret(handshakeHint(crypto, candidate.psk, ephemeral), hint)) return candidate;
  }
  return undefined;
}
