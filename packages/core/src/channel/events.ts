/** What a connection tells its host. */

import type { ErrorCode } from '../errors.js';
import type { Priority } from './items.js';
import type { Path } from './path.js';

export type ConnectionEvent =
  /** This path carries the connection now. */
  | { readonly type: 'attached'; readonly path: Path }
  /** The peer opened a stream. */
  | { readonly type: 'opened'; readonly stream: number; readonly priority: Priority }
  /** Call `consumed(stream, costBytes)` when done with it, in parts if you like. */
  | { readonly type: 'message'; readonly stream: number; readonly message: Uint8Array; readonly costBytes: number }
  /** The peer's half of the stream is complete. */
  | { readonly type: 'ended'; readonly stream: number }
  /** The peer cancelled the stream: both halves are over. */
  | { readonly type: 'reset'; readonly stream: number; readonly reason: number }
  /** What waits to be sent on the stream has become little after it was much. */
  | { readonly type: 'drained'; readonly stream: number }
  /** Pull what is left, then close the socket. `closed`: another path has taken over. */
  | { readonly type: 'path-ended'; readonly path: Path; readonly code: ErrorCode }
  /** The peer has lost the session, which is closed; `startConnection` makes a new one on the same path. */
  | { readonly type: 'unattached'; readonly path: Path }
  /** No path is left; attach another before the session's time is up. */
  | { readonly type: 'detached' }
  /** The session is over. Pull what is left, then close its sockets. */
  | {
      readonly type: 'closed';
      readonly code: ErrorCode;
      readonly message: string;
      /** What the peer gave to `close`, if it closed: 0 to 255. */
      readonly remoteCode?: number;
    };
