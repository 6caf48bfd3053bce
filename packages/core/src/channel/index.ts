/** Secure channels: handshake, frames, sessions and streams, all pure (`spec/08`). */
export { Connection, type ConnectionOptions, chooseConnection, startConnection } from './connection.js';
export type { ConnectionEvent } from './events.js';
export { type Candidate, findCandidate, handshakeHint } from './hint.js';
export type { Priority } from './items.js';
export { Opening, type OpeningEvent, type OpeningIntent, type OpeningOptions } from './opening.js';
export type { Path, Role } from './path.js';
export { ReplayMemory } from './replay.js';
