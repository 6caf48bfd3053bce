/** Secure channels: handshake, frames, sessions and streams, all pure (`spec/08`). */
export { attachProof } from './attach-proof.js';
export { Connection, type ConnectionOptions, chooseConnection, startConnection } from './connection.js';
export type { ConnectionEvent } from './events.js';
export { FrameReader, FrameWriter } from './frame.js';
export { type Candidate, findCandidate, handshakeHint } from './hint.js';
export type { Priority } from './items.js';
export { Mux } from './mux.js';
export { NoiseCipher } from './noise.js';
export {
  type InitiatorOptions,
  Opening,
  type OpeningEvent,
  type OpeningIntent,
  type OpeningOptions,
  type ResponderOptions,
} from './opening.js';
export type { Path, Role } from './path.js';
export { type PathFrame, parsePathFrame, pathFrame } from './path-frames.js';
export { ReplayMemory } from './replay.js';
