import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../src/bytes.js';
import { NoiseCipher, NoiseHandshake, prologue } from '../../src/channel/noise.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { providers } from '../providers.js';
import { ReferenceNoise, seal } from './noise-reference.js';
import { filled } from './world.js';

interface Published {
  readonly name: string;
  readonly prologue: string;
  readonly psks: readonly string[];
  readonly initStatic: string;
  readonly initEphemeral: string;
  readonly respStatic: string;
  readonly respEphemeral: string;
  readonly handshakeHash: string | null;
  readonly messages: readonly { readonly payload: string; readonly ciphertext: string }[];
}

const published: { readonly vectors: readonly Published[] } = JSON.parse(
  readFileSync(new URL('./noise-published.json', import.meta.url), 'utf8'),
);

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}

describe('the reference implementation', () => {
  it.each(published.vectors.map((vector) => [vector.name, vector] as const))(
    'gives the published bytes of %s',
    (_, v) => {
      const common = { name: v.name, prologue: hex(v.prologue), psks: v.psks.map(hex) };
      const initiator = new ReferenceNoise({
        ...common,
        initiator: true,
        staticSecret: hex(v.initStatic),
        ephemeralSecret: hex(v.initEphemeral),
      });
      const responder = new ReferenceNoise({
        ...common,
        initiator: false,
        staticSecret: hex(v.respStatic),
        ephemeralSecret: hex(v.respEphemeral),
      });
      expect(v.messages.length).toBeGreaterThanOrEqual(4);
      for (const [i, message] of v.messages.slice(0, 3).entries()) {
        const [from, to] = i % 2 === 0 ? [initiator, responder] : [responder, initiator];
        const sent = from.write(hex(message.payload));
        expect(sent.toString('hex')).toBe(message.ciphertext);
        expect(to.read(sent).toString('hex')).toBe(message.payload);
      }
      if (v.handshakeHash !== null) expect(initiator.handshakeHash.toString('hex')).toBe(v.handshakeHash);
      const keys = initiator.split();
      for (const [i, message] of v.messages.slice(3).entries()) {
        const key = keys[(i + 1) % 2] as Buffer;
        const sealed = seal(key, Math.floor(i / 2), Buffer.alloc(0), hex(message.payload));
        expect(sealed.toString('hex')).toBe(message.ciphertext);
      }
    },
  );
});

describe.each(providers.map((crypto) => [crypto.name, crypto] as const))('Noise on %s', (_, crypto) => {
  it('[CON-1] [CON-6] agrees with the reference implementation byte for byte', () => {
    for (let seed = 1; seed < 4; seed++) {
      const psk = filled(32, seed);
      const secrets = {
        initiator: [filled(32, seed + 10), filled(32, seed + 20)],
        responder: [filled(32, 99), filled(32, 77)],
      };
      const ours = (side: 'initiator' | 'responder') =>
        new NoiseHandshake({
          crypto,
          psk,
          staticSecret: secrets[side][0] as Uint8Array,
          ephemeralSecret: secrets[side][1] as Uint8Array,
        });
      const theirs = (side: 'initiator' | 'responder') =>
        new ReferenceNoise({
          name: 'Noise_XXpsk0_25519_ChaChaPoly_SHA256',
          initiator: side === 'initiator',
          prologue: Buffer.from(prologue),
          psks: [Buffer.from(psk)],
          staticSecret: Buffer.from(secrets[side][0] as Uint8Array),
          ephemeralSecret: Buffer.from(secrets[side][1] as Uint8Array),
        });
      const initiator = ours('initiator');
      const responder = theirs('responder');
      const mirror = ours('responder');
      const first = initiator.writeFirst();
      expect(responder.read(Buffer.from(first))).toHaveLength(0);
      mirror.readFirst(first);
      const second = responder.write(Buffer.alloc(0));
      expect(toHex(mirror.writeSecond())).toBe(toHex(second));
      initiator.readSecond(second);
      const third = initiator.writeThird();
      expect(responder.read(Buffer.from(third))).toHaveLength(0);
      mirror.readThird(third);
      const result = initiator.finish();
      const mirrored = mirror.finish();
      expect(toHex(result.handshakeHash)).toBe(responder.handshakeHash.toString('hex'));
      expect(toHex(mirrored.sessionSecret)).toBe(toHex(result.sessionSecret));
      const [toResponder, toInitiator] = responder.split();
      const text = Buffer.from('after the handshake');
      const empty = Buffer.alloc(0);
      expect(toHex(result.initiatorCipher.seal(empty, text))).toBe(seal(toResponder, 0, empty, text).toString('hex'));
      expect(toHex(mirrored.responderCipher.seal(empty, text))).toBe(seal(toInitiator, 0, empty, text).toString('hex'));
    }
  });

  it('[CON-10] rekeys to the first 32 bytes sealed under the last nonce, and counts on', () => {
    const key = filled(32, 5);
    const cipher = new NoiseCipher(crypto, key);
    cipher.seal(filled(0, 0), utf8('one'));
    cipher.rekey();
    const lastNonce = filled(12, 0xff).fill(0, 0, 4);
    const nextKey = nodeCrypto().aeadSeal(key, lastNonce, filled(0, 0), filled(32, 0)).subarray(0, 32);
    const expected = seal(Buffer.from(nextKey), 1, Buffer.alloc(0), Buffer.from('two'));
    expect(toHex(cipher.seal(filled(0, 0), utf8('two')))).toBe(expected.toString('hex'));
  });
});
