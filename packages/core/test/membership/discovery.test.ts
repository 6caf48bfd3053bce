import { describe, expect, test } from 'vitest';
import { toHex } from '../../src/bytes.js';
import { acceptedDays, dayOf, lanMac, pairRendezvous, rendezvous } from '../../src/membership/index.js';
import { providers } from '../providers.js';
import { World } from './world.js';

describe.each(providers.map((crypto) => ({ name: crypto.name, crypto })))('discovery with $name', ({ crypto }) => {
  const discovery = crypto.blake3(new Uint8Array(1));

  test('[EPO-19] the secrets of a day are four different ones, and other ones the next day', () => {
    const days = [20_000, 20_001].map((day) => Object.values(rendezvous(crypto, discovery, day)).map(toHex));
    expect(new Set(days.flat()).size).toBe(8);
    const { topic, topicSeed } = rendezvous(crypto, discovery, 20_000);
    expect(topic).toEqual(crypto.ed25519Public(topicSeed));
  });

  test('[EPO-18] days turn at midnight UTC, and the days around today are accepted', () => {
    expect(dayOf(86_400_000 * 3 - 1)).toBe(2);
    expect(dayOf(86_400_000 * 3)).toBe(3);
    expect(acceptedDays(86_400_000 * 3)).toEqual([2, 3, 4]);
  });

  test('[EPO-20] two persons derive the same meeting place, another one in each folder and pair', () => {
    const world = new World(crypto, { owners: 3 });
    const [a, b, c] = world.owners.map(({ device, keys }) => ({ secret: device.agreementSecret, key: keys.agreement }));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three owners');
    const { folder } = world;
    const meet = pairRendezvous(crypto, folder, a.secret, b.key, 5);
    expect(pairRendezvous(crypto, folder, b.secret, a.key, 5)).toEqual(meet);
    const other = new World(crypto, { seed: 'other' }).folder;
    const different = [
      pairRendezvous(crypto, other, a.secret, b.key, 5),
      pairRendezvous(crypto, folder, a.secret, b.key, 6),
      pairRendezvous(crypto, folder, a.secret, c.key, 5),
      pairRendezvous(crypto, folder, c.secret, b.key, 5),
    ];
    expect(new Set([meet, ...different].map(({ psk }) => toHex(psk))).size).toBe(5);
  });

  test('[EPO-20] a box key that gives no secret is refused', () => {
    const { folder, owner } = new World(crypto);
    const meet = (): unknown => pairRendezvous(crypto, folder, owner.device.agreementSecret, new Uint8Array(32), 5);
    expect(meet).toThrow(expect.objectContaining({ code: 'bad-key' }));
  });

  test('[EPO-21] the proof on a local network depends on secret and nonce', () => {
    const nonces = [new Uint8Array(16), new Uint8Array(16).fill(1)];
    const macs = [discovery, crypto.blake3(discovery)].flatMap((secret) =>
      nonces.map((nonce) => toHex(lanMac(crypto, secret, nonce))),
    );
    expect(new Set(macs).size).toBe(4);
  });
});
