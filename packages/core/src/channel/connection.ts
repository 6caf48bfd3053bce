/** A connection of two devices: one session, its paths and its streams, behind one face (`spec/08`). */

import { compareBytes, emptyBytes } from '../bytes.js';
import type { Crypto } from '../crypto/index.js';
import { CloudlessError, check } from '../errors.js';
import { inFlightProcessBytesMax, sessionDetachedMsMax } from '../limits.js';
import type { ConnectionEvent } from './events.js';
import type { Priority } from './items.js';
import { Mux } from './mux.js';
import type { Path, Role } from './path.js';
import { Session } from './session.js';

export interface ConnectionOptions {
  readonly crypto: Crypto;
  /** A ping goes out after hearing nothing for so long; default 55 s. */
  readonly keepaliveMs?: number | undefined;
  /** A path is dead when an answer is due and nothing was heard for so long; default 15 s. */
  readonly deadMs?: number | undefined;
  /** A connection without a path ends after so long; default 10 min. */
  readonly detachedMsMax?: number | undefined;
  /** What may wait to be sent; past it `send` throws `busy`, or ends a connection without a path; default 128 MiB. */
  readonly queuedBytesMax?: number | undefined;
}

const keepaliveMsDefault = 55_000;
const deadMsDefault = 15_000;

/** Begins a new session on a path: one dialled from here, or one whose peer asked to begin. */
export function startConnection(
  path: Path,
  options: ConnectionOptions,
  nowMs: number,
): { readonly connection: Connection; readonly events: readonly ConnectionEvent[] } {
  const connection = new Connection(path, options, nowMs);
  return { connection, events: connection.receive(path, emptyBytes, nowMs) };
}

/** Of two connections of the same two devices the one that both sides keep. */
export function chooseConnection<T extends { readonly handshakeHash: Uint8Array }>(a: T, b: T): T {
  return compareBytes(a.handshakeHash, b.handshakeHash) <= 0 ? a : b;
}

/**
 * The host feeds it what sockets give (`receive`), tells it of lost ones (`lost`), calls `wake` at `nextWake`, and
 * after each call takes output with `pull` from every path whose socket is writable. Events come in order.
 */
export class Connection {
  readonly sessionId: string;
  /** Of the first path. */
  readonly handshakeHash: Uint8Array;
  /** The peer's X25519 device key, proved. */
  readonly remoteStatic: Uint8Array;
  readonly localStatic: Uint8Array;
  /** Of the first path. */
  readonly role: Role;
  readonly #queuedBytesMax: number;
  readonly #mux: Mux;
  readonly #session: Session;
  readonly #events: ConnectionEvent[] = [];

  /** See `startConnection`. */
  constructor(path: Path, options: ConnectionOptions, nowMs: number) {
    const events = this.#events;
    this.handshakeHash = path.handshakeHash;
    this.remoteStatic = path.remoteStatic;
    this.localStatic = path.localStatic;
    this.role = path.role;
    this.#queuedBytesMax = options.queuedBytesMax ?? 2 * inFlightProcessBytesMax;
    this.#mux = new Mux({ initiator: path.role === 'initiator', events });
    this.#session = new Session(
      path,
      {
        crypto: options.crypto,
        items: this.#mux,
        events,
        keepaliveMs: options.keepaliveMs ?? keepaliveMsDefault,
        deadMs: options.deadMs ?? deadMsDefault,
        detachedMsMax: options.detachedMsMax ?? sessionDetachedMsMax,
      },
      nowMs,
    );
    this.sessionId = this.#session.sessionId;
  }

  /** Round trip as last measured by a ping. */
  get rttMs(): number | undefined {
    return this.#session.rttMs;
  }

  get closed(): boolean {
    return this.#session.closed;
  }

  /** Whether a path carries it at the moment. */
  get attached(): boolean {
    return this.#session.attached;
  }

  /**
   * Lets a new path take over; the old one drains and ends. A path dialled from here asks the peer first; one that the
   * peer dialled must have this session as its intent. Throws `usage` for a path of other devices, `closed`.
   */
  attach(path: Path, nowMs: number): readonly ConnectionEvent[] {
    this.#session.attach(path, nowMs);
    return this.receive(path, emptyBytes, nowMs);
  }

  /** Bytes that a path's socket gave. They may be reused afterwards. */
  receive(path: Path, bytes: Uint8Array, nowMs: number): readonly ConnectionEvent[] {
    return this.#guarded(() => this.#session.receive(path, bytes, nowMs));
  }

  /** A path's socket has closed or broken. */
  lost(path: Path, nowMs: number): readonly ConnectionEvent[] {
    return this.#guarded(() => this.#session.lost(path, nowMs));
  }

  /**
   * Output for a path's socket, the most urgent first, in one fresh buffer; `undefined` when there is none. Stops
   * before `bytesMax` but gives one frame if any waits. Ask only when the socket takes bytes: what was given cannot be
   * overtaken any more.
   */
  pull(path: Path, bytesMax: number, nowMs: number): Uint8Array | undefined {
    return this.#session.pull(path, bytesMax, nowMs);
  }

  /** When to call `wake`. */
  nextWake(): number | undefined {
    return this.#session.nextWake();
  }

  wake(nowMs: number): readonly ConnectionEvent[] {
    return this.#guarded(() => this.#session.wake(nowMs));
  }

  /** Events of calls that return none (`pull`, `send`, `close`): host loops take them after those. */
  takeEvents(): readonly ConnectionEvent[] {
    return this.#events.splice(0);
  }

  /** Opens a stream; throws `busy` when there are too many, `closed`. */
  open(priority: Priority): number {
    this.#checkOpen();
    return this.#mux.open(priority);
  }

  /**
   * Queues a message of at most `messageBytesMax`; its bytes must not change afterwards. A long message may be given
   * as a head and a body, whose memory is given back when it is out. Throws `over-limit`, `closed` (the stream was
   * ended or cancelled, or all is over) and `busy` (too much waits already).
   */
  send(stream: number, head: Uint8Array, body: Uint8Array = emptyBytes): void {
    this.#checkOpen();
    if (this.#mux.queuedBytes + head.length + body.length > this.#queuedBytesMax) this.#tooMuchWaits();
    this.#mux.send(stream, head, body);
  }

  /** No more messages from here; what waits still goes out. */
  end(stream: number): void {
    this.#checkOpen();
    this.#mux.end(stream);
  }

  /** Cancels both halves of a stream; the reason (0 to 65,535) is the application's. */
  reset(stream: number, reason: number): void {
    this.#checkOpen();
    this.#mux.reset(stream, reason);
  }

  /** Grants the peer credit for `bytes` of a stream's messages (`costBytes`), also after the stream ended. */
  consumed(stream: number, bytes: number): void {
    if (!this.closed) this.#mux.consumed(stream, bytes);
  }

  /** What was given to `send` and has not begun its way, of one stream or of all. */
  queuedBytes(stream?: number): number {
    return stream === undefined ? this.#mux.queuedBytes : this.#mux.queuedBytesOf(stream);
  }

  /** Ends the session at once; the peer gets `code` (0 to 255; 1 means it broke a rule). */
  close(code: number): readonly ConnectionEvent[] {
    return this.#guarded(() => this.#session.close(code));
  }

  #guarded(action: () => void): readonly ConnectionEvent[] {
    try {
      action();
    } catch (error) {
      this.#session.fail(error);
    }
    return this.takeEvents();
  }

  #checkOpen(): void {
    check(!this.closed, 'closed', 'This connection is closed.');
  }

  #tooMuchWaits(): never {
    if (!this.attached) {
      this.#session.finish('over-limit', 'Too much waited for the other side to come back.');
      throw new CloudlessError('closed', 'Too much waited for the other side to come back.');
    }
    throw new CloudlessError('busy', 'Too much waits to be sent on this connection.');
  }
}
