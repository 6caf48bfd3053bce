/** Proof that who attaches a new path took part in the session's first handshake (`spec/08 §6`). */

import { concat, equalSecret } from '../bytes.js';
import { type Crypto, domainMac } from '../crypto/index.js';
import type { Role } from './path.js';
import { countValue } from './path-frames.js';

/** MAC(session secret, handshake hash of the new path ‖ role of the prover on it ‖ frames received). */
export function attachProof(
  crypto: Crypto,
  sessionSecret: Uint8Array,
  handshakeHash: Uint8Array,
  role: Role,
  received: number,
): Uint8Array {
  const roleByte = Uint8Array.of(role === 'initiator' ? 0 : 1);
  return domainMac(crypto, sessionSecret, 'attach', concat(handshakeHash, roleByte, countValue(received)));
}

export const proofFits: (expected: Uint8Array, proof: Uint8Array) => boolean = equalSecret;
