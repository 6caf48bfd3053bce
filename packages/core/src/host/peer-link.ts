import { emptyBytes } from '../bytes.js';
import { type Connection, type ConnectionEvent, type Path, startConnection } from '../channel/index.js';
import type { Crypto } from '../crypto/index.js';
import type { Lane } from '../engine/index.js';
import type { Clock } from '../ports/index.js';
import type { Socket } from './socket.js';

const pullBytes = 262_144;
const measureMs = 1_000;
const goodbyeCode = 0;
/** What a lane is on the wire: the priority its stream has. */
const lanePriority = { control: 0, catchup: 1 } as const;

export interface PeerLinkOptions {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly message: (lane: Lane, bytes: Uint8Array) => void;
  /** A peer opened a bulk stream, and events of such streams. */
  readonly bulk: (event: Extract<ConnectionEvent, { readonly stream: number }>) => void;
  readonly measured: (rttMs: number, bytesIn: number, bytesOut: number) => void;
  /** A path carries the session. */
  readonly attached: () => void;
  /** No path is left; the session waits for another. */
  readonly detached: () => void;
  /** The peer lost the session; a new one goes on over the path. */
  readonly renewed: (path: Path, socket: Socket) => void;
  readonly closed: (reason: string) => void;
}

/** A connection with its sockets: moves bytes both ways, most urgent first, and sorts what arrives (`spec/08`). */
export class PeerLink {
  readonly connection: Connection;
  readonly #options: PeerLinkOptions;
  readonly #sockets = new Map<Path, Socket>();
  readonly #lanes = new Map<number, Lane>();
  readonly #outLanes = new Map<Lane, number>();
  readonly #waiting: { readonly lane: Lane; readonly bytes: Uint8Array }[] = [];
  #cancelWake: (() => void) | undefined;
  #cancelFlush: (() => void) | undefined;
  #cancelMeasure: (() => void) | undefined;
  #bytesIn = 0;
  #bytesOut = 0;
  #measuredMs = 0;
  #flushing = false;
  #over = false;
  /** Came in the same bytes as the end of the handshake. */
  #early: readonly ConnectionEvent[];

  constructor(path: Path, socket: Socket, options: PeerLinkOptions) {
    this.#options = options;
    const { connection, events } = startConnection(path, { crypto: options.crypto }, this.#now());
    this.connection = connection;
    this.#adopt(path, socket);
    if (connection.role === 'initiator') {
      for (const lane of ['control', 'catchup'] as const) this.#setLane(connection.open(lanePriority[lane]), lane);
    }
    this.#early = events;
  }

  /** Handles what came with the handshake already; called once the owner is ready for messages. */
  begin(): void {
    this.#handle(this.#early);
    this.#early = [];
    for (const path of this.#sockets.keys()) this.#handle(this.connection.receive(path, emptyBytes, this.#now()));
    this.flush();
  }

  attach(path: Path, socket: Socket): void {
    this.#adopt(path, socket);
    this.#handle(this.connection.attach(path, this.#now()));
    this.flush();
  }

  send(lane: Lane, bytes: Uint8Array): void {
    const stream = this.#outLanes.get(lane);
    if (stream === undefined) this.#waiting.push({ lane, bytes });
    else if (!this.connection.closed) this.act((connection) => connection.send(stream, bytes));
  }

  /**
   * Does something with the connection. What follows from it is sent once this turn is over: what many small messages
   * need goes out in few frames.
   */
  act<T>(action: (connection: Connection) => T): T | undefined {
    if (this.connection.closed) return undefined;
    this.#cancelFlush ??= this.#options.clock.after(0, () => this.flush());
    return this.#act(() => action(this.connection));
  }

  close(): void {
    // What was said before the goodbye goes before it.
    this.flush();
    if (!this.connection.closed) this.#handle(this.connection.close(goodbyeCode));
    this.flush();
    this.#end('closed here');
  }

  /** Writes what waits, as far as the sockets take it. */
  flush(): void {
    if (this.#flushing) return;
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    this.#flushing = true;
    for (const [path, socket] of this.#sockets) this.#write(path, socket);
    this.#flushing = false;
    this.#handle(this.connection.takeEvents());
    this.#arm();
  }

  #write(path: Path, socket: Socket): void {
    while (socket.open && socket.writable) {
      const bytes = this.connection.pull(path, pullBytes, this.#now());
      if (bytes === undefined) return;
      this.#bytesOut += bytes.length;
      socket.write(bytes);
    }
  }

  #act<T>(action: () => T): T | undefined {
    try {
      return action();
    } catch {
      // The connection has said why in an event.
      return undefined;
    } finally {
      this.#handle(this.connection.takeEvents());
    }
  }

  #adopt(path: Path, socket: Socket): void {
    this.#sockets.set(path, socket);
    socket.onReceived = (bytes) => {
      this.#bytesIn += bytes.length;
      this.#handle(this.connection.receive(path, bytes, this.#now()));
      this.flush();
      this.#measure();
    };
    socket.onDrained = () => this.flush();
    socket.onClosed = () => {
      this.#sockets.delete(path);
      this.#handle(this.connection.lost(path, this.#now()));
      this.flush();
    };
  }

  #handle(events: readonly ConnectionEvent[]): void {
    for (const event of events) {
      if (
        event.type === 'message' ||
        event.type === 'opened' ||
        event.type === 'ended' ||
        event.type === 'reset' ||
        event.type === 'drained'
      ) {
        this.#stream(event);
      } else {
        this.#pathEvent(event);
      }
    }
  }

  #stream(event: Extract<ConnectionEvent, { readonly stream: number }>): void {
    if (event.type === 'opened') {
      const lane = event.priority === 0 ? 'control' : 'catchup';
      if (event.priority < 2 && !this.#outLanes.has(lane)) return this.#setLane(event.stream, lane);
    }
    const lane = this.#lanes.get(event.stream);
    if (lane === undefined) return this.#options.bulk(event);
    if (event.type !== 'message') return;
    this.#options.message(lane, event.message);
    this.connection.consumed(event.stream, event.costBytes);
  }

  #pathEvent(event: Exclude<ConnectionEvent, { readonly stream: number }>): void {
    switch (event.type) {
      case 'attached':
        this.#options.attached();
        return this.#measure();
      case 'path-ended':
        return this.#dropPath(event.path);
      case 'unattached':
        return this.#renew(event.path);
      case 'detached':
        return this.#options.detached();
      case 'closed':
        return this.#end(event.message);
    }
  }

  #dropPath(path: Path): void {
    const socket = this.#sockets.get(path);
    if (socket === undefined) return;
    this.#write(path, socket);
    this.#sockets.delete(path);
    socket.close();
  }

  #renew(path: Path): void {
    const socket = this.#sockets.get(path);
    this.#sockets.delete(path);
    this.#end('the other side started anew');
    if (socket !== undefined) this.#options.renewed(path, socket);
  }

  #end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelWake?.();
    this.#cancelFlush?.();
    this.#cancelMeasure?.();
    for (const [path, socket] of this.#sockets) {
      this.#write(path, socket);
      socket.close();
    }
    this.#sockets.clear();
    this.#options.closed(reason);
  }

  #setLane(stream: number, lane: Lane): void {
    this.#lanes.set(stream, lane);
    this.#outLanes.set(lane, stream);
    const ready = this.#waiting.filter((each) => each.lane === lane);
    const rest = this.#waiting.filter((each) => each.lane !== lane);
    this.#waiting.splice(0, this.#waiting.length, ...rest);
    for (const { bytes } of ready) this.send(lane, bytes);
  }

  #arm(): void {
    this.#cancelWake?.();
    const wakeMs = this.#over ? undefined : this.connection.nextWake();
    if (wakeMs === undefined) return;
    this.#cancelWake = this.#options.clock.after(Math.max(0, wakeMs - this.#now()), () => {
      this.#handle(this.connection.wake(this.#now()));
      this.flush();
    });
  }

  /** Tells round trip and bytes at most once a second while there is traffic, and once after the last of it. */
  #measure(): void {
    if (this.#over || this.#cancelMeasure !== undefined) return;
    const dueMs = this.#measuredMs + measureMs - this.#now();
    if (dueMs > 0) {
      this.#cancelMeasure = this.#options.clock.after(dueMs, () => {
        this.#cancelMeasure = undefined;
        this.#measure();
      });
      return;
    }
    this.#measuredMs = this.#now();
    this.#options.measured(this.connection.rttMs ?? 0, this.#bytesIn, this.#bytesOut);
  }

  #now(): number {
    return this.#options.clock.nowMs();
  }
}
