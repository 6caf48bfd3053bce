import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, toHex } from '../../src/bytes.js';
import { type Candidate, findCandidate, handshakeHint, Opening, ReplayMemory } from '../../src/channel/index.js';
import { parsePathFrame, pathFrame } from '../../src/channel/path-frames.js';
import { handshakeMsMax } from '../../src/limits.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { providers } from '../providers.js';
import { amy, betty, filled, handshake, openings, psk, readyPath, seededRandom } from './world.js';

const crypto = nodeCrypto();
const bettyKey = crypto.x25519Public(betty.staticSecret);

function responder(options: { candidates?: readonly Candidate[]; replays?: ReplayMemory } = {}): Opening {
  return new Opening({
    crypto,
    random: seededRandom('r'),
    nowMs: 0,
    role: 'responder',
    replays: options.replays ?? new ReplayMemory(),
    lookup: (hint, ephemeral) => findCandidate(crypto, options.candidates ?? [betty], hint, ephemeral),
  });
}

function firstMessage(seed = 'i', responderKey?: Uint8Array): Uint8Array {
  const random = seededRandom(seed);
  const opening = new Opening({ crypto, random, nowMs: 0, role: 'initiator', candidate: amy, responderKey });
  return opening.pull() as Uint8Array;
}

describe.each(providers.map((provider) => [provider.name, provider] as const))('a handshake on %s', (_, provider) => {
  it('[CON-2] [CON-7] has messages of 80, 96 and 64 bytes and ends in the same hash, keys and secret', () => {
    const { initiator, responder } = openings(provider);
    const first = initiator.pull() as Uint8Array;
    expect(first).toHaveLength(80);
    expect(responder.receive(first, 0)).toEqual([]);
    const second = responder.pull() as Uint8Array;
    expect(second).toHaveLength(96);
    const path = readyPath(initiator.receive(second, 0));
    const third = path.writer.take() as Uint8Array;
    expect(third).toHaveLength(64);
    path.writer.add(pathFrame({ kind: 'begin' }));
    expect(responder.receive(third, 0)).toEqual([]);
    const [event] = responder.receive(path.writer.take() as Uint8Array, 0);
    if (event?.type !== 'ready') throw new Error('not ready');
    expect(event.intent).toEqual({ type: 'begin' });
    expect(toHex(event.path.handshakeHash)).toBe(toHex(path.handshakeHash));
    expect(toHex(event.path.sessionSecret)).toBe(toHex(path.sessionSecret));
    expect(toHex(event.path.remoteStatic)).toBe(toHex(provider.x25519Public(amy.staticSecret)));
    expect(toHex(path.remoteStatic)).toBe(toHex(provider.x25519Public(betty.staticSecret)));
    expect(event.path.candidate).toBe(betty);
  });
});

describe('[CON-3] hints', () => {
  it('[CON-4] find the PSK among many, with the responder announced or not', () => {
    const other: Candidate = { psk: filled(32, 8), staticSecret: betty.staticSecret };
    for (const key of [undefined, bettyKey]) {
      const first = firstMessage('i', key);
      const found = findCandidate(crypto, [other, betty], first.subarray(0, 32), first.slice(32, 64));
      expect(found).toBe(betty);
    }
  });

  it('do not fit another device than the one announced', () => {
    const first = firstMessage('i', crypto.x25519Public(filled(32, 66)));
    expect(responder().receive(first, 0)).toEqual([{ type: 'silence', code: 'bad-mac' }]);
  });

  it('differ for every ephemeral key', () => {
    const hints = [1, 2, 3].map((n) => toHex(handshakeHint(crypto, psk, filled(32, n))));
    expect(new Set(hints).size).toBe(3);
  });
});

describe('[CON-5] a responder stays silent', () => {
  function silence(opening: Opening, bytes: Uint8Array, code: string): void {
    expect(opening.receive(bytes, 0)).toEqual([{ type: 'silence', code }]);
    expect(opening.pull()).toBeUndefined();
    expect(opening.receive(bytes, 0)).toEqual([]);
    expect(opening.nextWake()).toBeUndefined();
  }

  it('for a PSK that it does not have', () => {
    silence(
      responder({ candidates: [{ psk: filled(32, 9), staticSecret: betty.staticSecret }] }),
      firstMessage(),
      'bad-mac',
    );
  });

  it('for a first message seen before, also by another opening', () => {
    const replays = new ReplayMemory();
    expect(responder({ replays }).receive(firstMessage(), 0)).toEqual([]);
    silence(responder({ replays }), firstMessage(), 'protocol');
  });

  it('for any bit changed in the first message', () => {
    const first = firstMessage();
    for (let bit = 0; bit < first.length * 8; bit++) {
      const changed = first.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      silence(responder(), changed, 'bad-mac');
    }
  });

  it('for keys of small order', () => {
    for (const ephemeral of [filled(32, 0), concat(Uint8Array.of(1), filled(31, 0))]) {
      const noisy = forgedFirst(ephemeral);
      silence(responder(), noisy, 'bad-key');
    }
  });

  it('for anything else, however it is cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 80, maxLength: 300 }), (bytes) => {
        silence(responder(), bytes, 'bad-mac');
      }),
      { numRuns: 50 },
    );
  });

  it('and gives up when the first message does not come', () => {
    const opening = responder();
    expect(opening.receive(firstMessage().subarray(0, 79), 1)).toEqual([]);
    expect(opening.nextWake()).toBe(handshakeMsMax);
    expect(opening.wake(handshakeMsMax - 1)).toEqual([]);
    expect(opening.wake(handshakeMsMax)).toEqual([{ type: 'silence', code: 'timeout' }]);
  });
});

/** A first message by somebody who knows the PSK but sends a key of small order. */
function forgedFirst(ephemeral: Uint8Array): Uint8Array {
  const publicKeys = { ...crypto, x25519Public: () => ephemeral };
  const opening = new Opening({
    crypto: publicKeys,
    random: seededRandom('forged'),
    nowMs: 0,
    role: 'initiator',
    candidate: amy,
  });
  return opening.pull() as Uint8Array;
}

describe('[CON-8] whoever fails later', () => {
  it('ends an initiator with bad-mac for any bit changed in the second message', () => {
    const pair = openings(crypto);
    pair.responder.receive(pair.initiator.pull() as Uint8Array, 0);
    const second = pair.responder.pull() as Uint8Array;
    for (let bit = 0; bit < second.length * 8; bit += 3) {
      const { initiator } = openings(crypto);
      initiator.pull();
      const changed = second.slice();
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      const [event] = initiator.receive(changed, 0);
      expect(event).toMatchObject({ type: 'failed', code: 'bad-mac' });
      expect(initiator.pull()).toBeUndefined();
    }
  });

  it('ends a responder with bad-mac for a changed third message', () => {
    const { responder, path } = handshake(crypto);
    const third = path.writer.take() as Uint8Array;
    third[0] = (third[0] as number) ^ 1;
    expect(responder.receive(third, 0)).toMatchObject([{ type: 'failed', code: 'bad-mac' }]);
  });

  it('does not show the initiator to a device that it did not ask for', () => {
    const pair = openings(crypto);
    const picky = new Opening({
      crypto,
      random: seededRandom('seed initiator'),
      nowMs: 0,
      role: 'initiator',
      candidate: amy,
      accept: (key) => toHex(key) === toHex(filled(32, 3)),
    });
    pair.responder.receive(picky.pull() as Uint8Array, 0);
    expect(picky.receive(pair.responder.pull() as Uint8Array, 0)).toMatchObject([{ type: 'failed', code: 'bad-key' }]);
    expect(picky.pull()).toBeUndefined();
  });

  it('is refused when its first word is neither begin nor attach', () => {
    const { responder, path } = handshake(crypto);
    path.writer.add(pathFrame({ kind: 'ping', id: 1 }));
    expect(responder.receive(path.writer.take() as Uint8Array, 0)).toMatchObject([
      { type: 'failed', code: 'protocol' },
    ]);
  });

  it('gives up on a peer that stops halfway', () => {
    const { responder } = openings(crypto);
    expect(responder.receive(firstMessage(), 5)).toEqual([]);
    expect(responder.wake(handshakeMsMax)).toMatchObject([{ type: 'failed', code: 'timeout' }]);
  });
});

it('a handshake works however its bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (cuts) => {
      const pair = openings(crypto);
      const feed = (opening: Opening, bytes: Uint8Array) => {
        const events = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = cuts[i % cuts.length] as number;
          events.push(...opening.receive(bytes.subarray(at, at + size), 0));
          at += size;
        }
        return events;
      };
      feed(pair.responder, pair.initiator.pull() as Uint8Array);
      const path = readyPath(feed(pair.initiator, pair.responder.pull() as Uint8Array));
      path.writer.add(pathFrame({ kind: 'begin' }));
      expect(feed(pair.responder, path.writer.take() as Uint8Array)).toMatchObject([{ type: 'ready' }]);
    }),
    { numRuns: 30 },
  );
});

it('a replay memory is bounded and forgets the oldest', () => {
  const memory = new ReplayMemory(2);
  expect([1, 2, 3].map((n) => memory.add(filled(32, n)))).toEqual([true, true, true]);
  expect(memory.add(filled(32, 3))).toBe(false);
  expect(memory.add(filled(32, 1))).toBe(true);
});

it('path frames of every kind are read as they were written, and nothing else is', () => {
  expect(parsePathFrame(pathFrame({ kind: 'ack', received: 2 ** 47 + 5 }))).toEqual({
    kind: 'ack',
    received: 2 ** 47 + 5,
  });
  expect(parsePathFrame(pathFrame({ kind: 'close', code: 255 }))).toEqual({ kind: 'close', code: 255 });
  expect(() => parsePathFrame(Uint8Array.of(11))).toThrow(expect.objectContaining({ code: 'protocol' }));
  expect(() => parsePathFrame(Uint8Array.of(0))).toThrow(expect.objectContaining({ code: 'protocol' }));
  expect(() => parsePathFrame(Uint8Array.of(6, 0))).toThrow(expect.objectContaining({ code: 'malformed' }));
});
