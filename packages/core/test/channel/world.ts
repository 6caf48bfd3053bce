/** Two devices and the bytes between them, with nothing real in between. */
import { createHash } from 'node:crypto';
import { emptyBytes } from '../../src/bytes.js';
import {
  type Candidate,
  type Connection,
  type ConnectionEvent,
  type ConnectionOptions,
  findCandidate,
  Opening,
  type OpeningEvent,
  type Path,
  ReplayMemory,
  startConnection,
} from '../../src/channel/index.js';
import type { Crypto } from '../../src/crypto/index.js';

/** Bytes that depend on the seed only. */
export function seededRandom(seed: string): (bytes: number) => Uint8Array {
  let calls = 0;
  return (bytes) => {
    calls += 1;
    const blocks = Math.ceil(bytes / 32);
    const all = Array.from({ length: blocks }, (_, i) => createHash('sha256').update(`${seed} ${calls} ${i}`).digest());
    return new Uint8Array(Buffer.concat(all).subarray(0, bytes));
  };
}

export function filled(length: number, value: number): Uint8Array {
  return new Uint8Array(length).fill(value);
}

export const psk: Uint8Array = filled(32, 7);
export const amy: Candidate = { psk, staticSecret: filled(32, 1) };
export const betty: Candidate = { psk, staticSecret: filled(32, 2) };

export interface Openings {
  readonly initiator: Opening;
  readonly responder: Opening;
}

export function openings(crypto: Crypto, seed = 'seed', replays: ReplayMemory = new ReplayMemory()): Openings {
  const initiator = new Opening({
    crypto,
    random: seededRandom(`${seed} initiator`),
    nowMs: 0,
    role: 'initiator',
    candidate: amy,
  });
  const responder = new Opening({
    crypto,
    random: seededRandom(`${seed} responder`),
    nowMs: 0,
    role: 'responder',
    replays,
    lookup: (hint, ephemeral) => findCandidate(crypto, [betty], hint, ephemeral),
  });
  return { initiator, responder };
}

export function readyPath(events: readonly OpeningEvent[]): Path {
  const [event] = events;
  if (event?.type !== 'ready') throw new Error(`not ready: ${JSON.stringify(event?.type)}`);
  return event.path;
}

/** Both paths after the handshake; the responder's opening still waits for the first word. */
export function handshake(crypto: Crypto, seed = 'seed'): Openings & { readonly path: Path } {
  const pair = openings(crypto, seed);
  pair.responder.receive(pair.initiator.pull() as Uint8Array, 0);
  const path = readyPath(pair.initiator.receive(pair.responder.pull() as Uint8Array, 0));
  return { ...pair, path };
}

/** One side of the world: a connection, its path of the moment and all that it reported. */
export class Side {
  readonly name: string;
  connection: Connection;
  path: Path | undefined;
  readonly events: ConnectionEvent[] = [];
  /** Consume each message as it comes. */
  consuming = true;

  constructor(name: string, connection: Connection, path: Path, events: readonly ConnectionEvent[]) {
    this.name = name;
    this.connection = connection;
    this.path = path;
    this.take(events);
  }

  take(events: readonly ConnectionEvent[]): void {
    for (const event of events) {
      this.events.push(event);
      if (event.type === 'message' && this.consuming) this.connection.consumed(event.stream, event.costBytes);
    }
  }

  /** Messages of a stream as delivered. */
  messages(stream: number): readonly Uint8Array[] {
    return this.events.flatMap((event) => (event.type === 'message' && event.stream === stream ? [event.message] : []));
  }

  of<K extends ConnectionEvent['type']>(type: K): readonly Extract<ConnectionEvent, { type: K }>[] {
    return this.events.filter((event): event is Extract<ConnectionEvent, { type: K }> => event.type === type);
  }
}

export interface World {
  readonly a: Side;
  readonly b: Side;
}

/** A connection that a dialled and b answered. */
export function connect(crypto: Crypto, options: Partial<ConnectionOptions> = {}, seed = 'seed'): World {
  const { responder, path } = handshake(crypto, seed);
  const all = { crypto, ...options };
  const a = startConnection(path, all, 0);
  const sideA = new Side('a', a.connection, path, a.events);
  const first = a.connection.pull(path, 65_536, 0) as Uint8Array;
  const pathB = readyPath(responder.receive(first, 0));
  const b = startConnection(pathB, all, 0);
  return { a: sideA, b: new Side('b', b.connection, pathB, b.events) };
}

/** A further path on which `from` asks to go on; both sides know it when this returns. */
export function attach(crypto: Crypto, from: Side, to: Side, seed: string, nowMs = 0): { from: Path; to: Path } {
  const { responder, path } = swapped(crypto, from.name, seed);
  from.take(from.connection.attach(path, nowMs));
  const first = from.connection.pull(path, 65_536, nowMs) as Uint8Array;
  const pathTo = readyPath(responder.receive(first, nowMs));
  to.take(to.connection.attach(pathTo, nowMs));
  return { from: path, to: pathTo };
}

/** A handshake dialled by the side of that name. */
export function swapped(crypto: Crypto, name: string, seed: string): Openings & { readonly path: Path } {
  return name === 'a' ? handshakeOf(crypto, amy, seed) : handshakeOf(crypto, betty, seed, amy);
}

/** A handshake of any two, who know each other's PSK. */
export function handshakeOf(
  crypto: Crypto,
  own: Candidate,
  seed: string,
  other: Candidate = betty,
): Openings & { readonly path: Path } {
  const initiator = new Opening({
    crypto,
    random: seededRandom(`${seed} i`),
    nowMs: 0,
    role: 'initiator',
    candidate: own,
  });
  const responder = new Opening({
    crypto,
    random: seededRandom(`${seed} r`),
    nowMs: 0,
    role: 'responder',
    replays: new ReplayMemory(),
    lookup: (hint, ephemeral) => findCandidate(crypto, [other], hint, ephemeral),
  });
  responder.receive(initiator.pull() as Uint8Array, 0);
  const path = readyPath(initiator.receive(responder.pull() as Uint8Array, 0));
  return { initiator, responder, path };
}

/** Moves bytes between the two sides' paths until neither has any. Returns how many bytes moved. */
export function settle(world: World, nowMs = 0, bytesMax = 262_144): number {
  let moved = 0;
  for (let quiet = false; !quiet; ) {
    quiet = true;
    for (const [from, to] of [
      [world.a, world.b],
      [world.b, world.a],
    ] as const) {
      const bytes = from.path === undefined ? undefined : from.connection.pull(from.path, bytesMax, nowMs);
      from.take(from.connection.takeEvents());
      if (bytes === undefined) continue;
      quiet = false;
      moved += bytes.length;
      if (to.path !== undefined) to.take(to.connection.receive(to.path, bytes, nowMs));
    }
  }
  return moved;
}

export const nothing: Uint8Array = emptyBytes;
