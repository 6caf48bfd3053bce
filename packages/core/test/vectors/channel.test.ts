import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../src/bytes.js';
import {
  attachProof,
  type ConnectionEvent,
  FrameReader,
  findCandidate,
  Mux,
  NoiseCipher,
  Opening,
  type OpeningEvent,
  parsePathFrame,
  ReplayMemory,
  type Role,
  startConnection,
} from '../../src/channel/index.js';
import type { Crypto } from '../../src/crypto/index.js';
import { errorCode } from '../../src/errors.js';
import { providers } from '../providers.js';

const folder = new URL('../../../../test-vectors/channel/', import.meta.url);

type Vector = Readonly<Record<string, unknown>> & { readonly operation: string; readonly expect: string };

function bytes(vector: Vector, field: string): Uint8Array {
  const value = fromHex(String(vector[field]));
  if (value === undefined) throw new Error(`${field} is not hex`);
  return value;
}

function initiatorOf(crypto: Crypto, vector: Vector): Opening {
  return new Opening({
    crypto,
    random: () => bytes(vector, 'initiatorEphemeral'),
    nowMs: 0,
    role: 'initiator',
    candidate: { psk: bytes(vector, 'psk'), staticSecret: bytes(vector, 'initiatorStatic') },
    responderKey: vector.responderKey === undefined ? undefined : bytes(vector, 'responderKey'),
  });
}

function responderOf(crypto: Crypto, vector: Vector): Opening {
  const candidate = { psk: bytes(vector, 'psk'), staticSecret: bytes(vector, 'responderStatic') };
  const replays = new ReplayMemory();
  for (const ephemeral of (vector.seen as readonly string[] | undefined) ?? []) {
    replays.add(fromHex(ephemeral) as Uint8Array);
  }
  const ephemeral =
    vector.responderEphemeral === undefined ? new Uint8Array(32).fill(9) : bytes(vector, 'responderEphemeral');
  return new Opening({
    crypto,
    random: () => ephemeral,
    nowMs: 0,
    role: 'responder',
    replays,
    lookup: (hint, e) => findCandidate(crypto, [candidate], hint, e),
  });
}

function outcomeOf(events: readonly OpeningEvent[]): string {
  const [event] = events;
  return event === undefined || event.type === 'ready' ? 'ok' : event.code;
}

function thrown(attempt: () => void): string {
  try {
    attempt();
    return 'ok';
  } catch (error) {
    return errorCode(error);
  }
}

function wholeHandshake(crypto: Crypto, vector: Vector): void {
  const [initiator, responder] = [initiatorOf(crypto, vector), responderOf(crypto, vector)];
  const first = initiator.pull() as Uint8Array;
  expect(toHex(first)).toBe(vector.first);
  responder.receive(first, 0);
  const second = responder.pull() as Uint8Array;
  expect(toHex(second)).toBe(vector.second);
  const [event] = initiator.receive(second, 0);
  if (event?.type !== 'ready') throw new Error('not ready');
  const { connection } = startConnection(event.path, { crypto }, 0);
  const output = connection.pull(event.path, 65_536, 0) as Uint8Array;
  expect(toHex(output)).toBe(`${vector.third}${vector.frames}`);
  expect(toHex(event.path.handshakeHash)).toBe(vector.handshakeHash);
  expect(toHex(event.path.sessionSecret)).toBe(vector.sessionSecret);
  expect(connection.sessionId).toBe(vector.sessionId);
  expect(responder.receive(output, 0)).toMatchObject([{ type: 'ready', intent: { type: 'begin' } }]);
}

function readFrames(crypto: Crypto, vector: Vector): void {
  const reader = new FrameReader(new NoiseCipher(crypto, bytes(vector, 'key')));
  const contents: string[] = [];
  const outcome = thrown(() => {
    reader.push(bytes(vector, 'stream'));
    for (let content = reader.next(); content !== undefined; content = reader.next()) contents.push(toHex(content));
  });
  expect(outcome).toBe(vector.expect);
  if (outcome === 'ok') expect(contents).toEqual(vector.contents);
}

/** Bytes as hex, as in the vectors. */
function plain(value: object): object {
  const entries = Object.entries(value).filter(([name]) => name !== 'costBytes');
  return Object.fromEntries(entries.map(([name, field]) => [name, field instanceof Uint8Array ? toHex(field) : field]));
}

function readItemFrames(vector: Vector): void {
  const events: ConnectionEvent[] = [];
  const mux = new Mux({ initiator: false, events });
  const outcome = thrown(() => {
    for (const items of vector.frames as readonly string[]) mux.receive(fromHex(items) as Uint8Array, 0);
  });
  expect(outcome).toBe(vector.expect);
  if (outcome === 'ok') expect(events.map(plain)).toEqual(vector.events);
}

const operations: Readonly<Record<string, (crypto: Crypto, vector: Vector) => void>> = {
  handshake: wholeHandshake,
  'first-message'(crypto, vector) {
    const responder = responderOf(crypto, vector);
    expect(outcomeOf(responder.receive(bytes(vector, 'message'), 0))).toBe(vector.expect);
    expect(responder.pull() === undefined).toBe(vector.expect !== 'ok');
  },
  'second-message'(crypto, vector) {
    const initiator = initiatorOf(crypto, vector);
    expect(outcomeOf(initiator.receive(bytes(vector, 'message'), 0))).toBe(vector.expect);
  },
  'third-message'(crypto, vector) {
    const responder = responderOf(crypto, vector);
    responder.receive(bytes(vector, 'first'), 0);
    expect(outcomeOf(responder.receive(bytes(vector, 'message'), 0))).toBe(vector.expect);
  },
  'attach-proof'(crypto, vector) {
    const { role, received } = vector;
    const [secret, hash] = [bytes(vector, 'sessionSecret'), bytes(vector, 'handshakeHash')];
    expect(toHex(attachProof(crypto, secret, hash, role as Role, received as number))).toBe(vector.proof);
  },
  frames: readFrames,
  'path-frame'(_, vector) {
    const outcome = thrown(() => {
      expect(plain(parsePathFrame(bytes(vector, 'content')))).toEqual(vector.parsed);
    });
    expect(outcome).toBe(vector.expect);
  },
  items: (_, vector) => readItemFrames(vector),
};

const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

function read(name: string): Vector {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
}

test('there are vectors of every operation, most of them refusals', () => {
  const vectors = files.map(read);
  expect(new Set(vectors.map((vector) => vector.operation))).toEqual(new Set(Object.keys(operations)));
  expect(vectors.filter((vector) => vector.expect !== 'ok').length * 2).toBeGreaterThan(vectors.length);
});

describe.each(providers)('$name', (crypto) => {
  test.each(files)('%s', (name) => {
    const vector = read(name);
    operations[vector.operation]?.(crypto, vector);
  });
});
