/** A secured path: one byte stream after its handshake. What it carries is the business of the session above. */

import type { Crypto } from '../crypto/index.js';
import { FrameReader, FrameWriter } from './frame.js';
import type { Candidate } from './hint.js';
import type { NoiseResult } from './noise.js';
import type { PathFrame } from './path-frames.js';

/** Who dialled. */
export type Role = 'initiator' | 'responder';

/** The peer's first word on a path that it dialled. */
export type Intent = Extract<PathFrame, { kind: 'begin' | 'attach' }>;

export interface PathParts {
  readonly crypto: Crypto;
  readonly role: Role;
  readonly noise: NoiseResult;
  readonly candidate: Candidate;
  readonly remoteStatic: Uint8Array;
}

/** Made by an `Opening`; given to `startConnection` or `Connection.attach`. */
export class Path {
  readonly role: Role;
  /** Different for every path; both sides have the same. */
  readonly handshakeHash: Uint8Array;
  /** The peer's X25519 device key, proved. */
  readonly remoteStatic: Uint8Array;
  readonly localStatic: Uint8Array;
  /** Which PSK and own key it was made with. */
  readonly candidate: Candidate;
  /** For the session: never shown, never sent. */
  readonly sessionSecret: Uint8Array;
  /** What the peer asked for when it dialled; `undefined` on a path dialled from here. */
  intent: Intent | undefined;
  readonly writer: FrameWriter;
  readonly reader: FrameReader;

  constructor(parts: PathParts) {
    const { noise, role, candidate } = parts;
    const initiator = role === 'initiator';
    this.role = role;
    this.handshakeHash = noise.handshakeHash;
    this.sessionSecret = noise.sessionSecret;
    this.remoteStatic = parts.remoteStatic;
    this.localStatic = candidate.publicKey ?? parts.crypto.x25519Public(candidate.staticSecret);
    this.candidate = candidate;
    this.writer = new FrameWriter(initiator ? noise.initiatorCipher : noise.responderCipher);
    this.reader = new FrameReader(initiator ? noise.responderCipher : noise.initiatorCipher);
  }
}
