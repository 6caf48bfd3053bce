import { describe, expect, it } from 'vitest';
import { startConnection } from '../../src/channel/index.js';
import type { Input } from '../../src/engine/index.js';
import { Bulk } from '../../src/host/bulk.js';
import { PeerLink } from '../../src/host/peer-link.js';
import { RateLimit } from '../../src/host/rate-limit.js';
import { Socket } from '../../src/host/socket.js';
import { type BulkMessage, type ChunkId, decodeBulk, encodeBulk } from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import type { Files } from '../../src/ports/index.js';
import { handshake, readyPath, Side } from '../channel/world.js';

const crypto = nodeCrypto();

function openLink(): { readonly link: PeerLink; readonly other: () => Side } {
  const { responder, path } = handshake(crypto);
  const written: Uint8Array[] = [];
  const none = (): void => undefined;
  const socket = new Socket({
    remoteAddress: 'other:1',
    path: 'direct',
    write: (bytes) => written.push(bytes) > 0,
    close: none,
    pause: none,
    resume: none,
  });
  const link = new PeerLink(path, socket, {
    crypto,
    clock: { nowMs: () => 0, after: () => none },
    message: none,
    bulk: none,
    measured: none,
    attached: none,
    detached: none,
    renewed: none,
    closed: none,
  });
  const other = (): Side => {
    link.begin();
    const [first, ...rest] = written as [Uint8Array, ...Uint8Array[]];
    const answered = readyPath(responder.receive(first, 0));
    const { connection, events } = startConnection(answered, { crypto }, 0);
    const side = new Side('b', connection, answered, events);
    side.take(connection.receive(answered, new Uint8Array(), 0));
    for (const bytes of rest) side.take(connection.receive(answered, bytes, 0));
    return side;
  };
  return { link, other };
}

describe('lanes', () => {
  it('[SYN-1] the initiator opens control and then catch-up, and each message goes on its lane', () => {
    const { link, other } = openLink();
    link.send('catchup', new Uint8Array([2]));
    link.send('control', new Uint8Array([1]));
    const side = other();
    const opened = side.of('opened');
    expect(opened.map(({ priority }) => priority)).toEqual([0, 1]);
    expect(opened.map(({ stream }) => side.messages(stream))).toEqual([[new Uint8Array([1])], [new Uint8Array([2])]]);
  });
});

const ids = ['aa', 'bb', 'cc', 'dd'].map((byte) => byte.repeat(32)) as [ChunkId, ChunkId, ChunkId, ChunkId];

/** A request for the first three ids: what is said on its stream, and what becomes of it. */
function fetching(): {
  readonly inputs: Input[];
  readonly sent: (BulkMessage | string | undefined)[];
  readonly stored: ChunkId[];
  readonly bulk: Bulk;
  hear(...messages: readonly (BulkMessage | Uint8Array)[]): Promise<void>;
} {
  const inputs: Input[] = [];
  const sent: (BulkMessage | string | undefined)[] = [];
  const stored: ChunkId[] = [];
  const connection = {
    open: (priority: number) => sent.push(`open ${priority}`) && 7,
    send: (_stream: number, bytes: Uint8Array) => sent.push(decodeBulk(bytes)),
    end: () => sent.push('end'),
    reset: () => sent.push('reset'),
    consumed: () => undefined,
  };
  const link = { act: (action: (each: typeof connection) => unknown) => action(connection) } as unknown as PeerLink;
  const storeChunk = (chunk: { readonly id: ChunkId }): Promise<object> => {
    stored.push(chunk.id);
    return Promise.resolve({ outcome: 'stored' });
  };
  const files = { storeChunk } as unknown as Files;
  const none = new RateLimit({ nowMs: () => 0, after: () => () => undefined });
  const limits = { up: none, down: none };
  const bulk = new Bulk({ link, connection: 1, ...limits, files: () => files, post: (input) => inputs.push(input) });
  const chunks = ids.slice(0, 3).map((id) => ({ id, key: new Uint8Array(32), length: 1, targets: [] }));
  const keys = { gear: new Uint8Array(32), convergence: new Uint8Array(32) };
  bulk.fetch({ type: 'fetch', fetch: 3, connection: 1, root: '/r', channel: 2, keys, chunks });
  const hear = async (...messages: readonly (BulkMessage | Uint8Array)[]): Promise<void> => {
    for (const each of messages) {
      const message = each instanceof Uint8Array ? each : encodeBulk(each);
      bulk.event({ type: 'message', stream: 7, message, costBytes: 70 });
    }
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { inputs, sent, stored, bulk, hear };
}

function outcomes(inputs: readonly Input[]): readonly (readonly [string, string])[] {
  return inputs.flatMap((input) => (input.type === 'fetched' ? [[input.id, input.outcome.outcome] as const] : []));
}

describe('a request for chunks', () => {
  it('[SYN-43] unasked or repeated answers change nothing; the rest is lost at the end', async () => {
    const { inputs, sent, stored, bulk, hear } = fetching();
    expect(sent).toEqual(['open 2', { type: 'want', channel: 2, ids: ids.slice(0, 3) }, 'end']);
    const bytes = new Uint8Array([1]);
    await hear({ type: 'chunk', id: ids[3], bytes }, { type: 'chunk', id: ids[0], bytes });
    await hear({ type: 'chunk', id: ids[0], bytes }, { type: 'missing', id: ids[0] }, { type: 'changed', id: ids[1] });
    expect(stored).toEqual([ids[0]]);
    bulk.event({ type: 'ended', stream: 7 });
    expect([...outcomes(inputs)].sort()).toEqual([
      [ids[0], 'stored'],
      [ids[1], 'changed'],
      [ids[2], 'lost'],
    ]);
    expect(inputs.filter((input) => input.type === 'fetch-done').length).toBe(1);
  });

  it('an answer of no valid form ends the stream, and all that is open is lost', async () => {
    const { inputs, sent, hear } = fetching();
    await hear(new Uint8Array([0xc1]));
    expect(sent.at(-1)).toBe('reset');
    expect(outcomes(inputs).map(([, outcome]) => outcome)).toEqual(['lost', 'lost', 'lost']);
  });
});
