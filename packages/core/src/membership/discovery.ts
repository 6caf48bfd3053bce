/**
 * Where members meet: secrets of one day, from the discovery secret of an epoch or from two persons' keys
 * (`spec/05 §7`).
 */

import { compareBytes, concat, uint32Bytes } from '../bytes.js';
import { type Crypto, deriveKey, domainMac } from '../crypto/index.js';
import { type FolderId, folderIdBytes } from '../model/index.js';

/** A meeting place for one UTC day. */
export interface Rendezvous {
  /** Ed25519 seed of the topic: only who holds it lists or announces there. */
  readonly topicSeed: Uint8Array;
  /** Its public key, which is the topic. */
  readonly topic: Uint8Array;
  /** Pre-shared key of connections made through it. */
  readonly psk: Uint8Array;
  /** Seals announcements. */
  readonly announcementKey: Uint8Array;
}

const dayMs = 86_400_000;

/** UTC days since 1970. */
export function dayOf(nowMs: number): number {
  return Math.floor(nowMs / dayMs);
}

/** Yesterday, today and tomorrow: the days whose secrets are accepted, so that clocks may be a day apart. */
export function acceptedDays(nowMs: number): readonly [number, number, number] {
  const today = dayOf(nowMs);
  return [today - 1, today, today + 1];
}

/** Where the members who hold the discovery secret meet on `day`. */
export function rendezvous(crypto: Crypto, discovery: Uint8Array, day: number): Rendezvous {
  return rendezvousOf(crypto, discovery, uint32Bytes(day));
}

/**
 * Where the devices of two persons of a folder meet that may have different epochs, from the persons' newest box keys;
 * both derive the same. Throws `bad-key`.
 */
export function pairRendezvous(
  crypto: Crypto,
  folder: FolderId,
  boxSecret: Uint8Array,
  otherBoxKey: Uint8Array,
  day: number,
): Rendezvous {
  const shared = crypto.x25519(boxSecret, otherBoxKey);
  const own = crypto.x25519Public(boxSecret);
  const [first, second] = compareBytes(own, otherBoxKey) < 0 ? [own, otherBoxKey] : [otherBoxKey, own];
  const pair = deriveKey(crypto, shared, 'pair', concat(folderIdBytes(folder), first, second));
  return rendezvousOf(crypto, pair, uint32Bytes(day));
}

/** Shows on the local network that one holds the discovery secret, to those who do. */
export function lanMac(crypto: Crypto, discovery: Uint8Array, nonce: Uint8Array): Uint8Array {
  return domainMac(crypto, discovery, 'lan', nonce);
}

function rendezvousOf(crypto: Crypto, secret: Uint8Array, day: Uint8Array): Rendezvous {
  const topicSeed = deriveKey(crypto, secret, 'topic', day);
  return {
    topicSeed,
    topic: crypto.ed25519Public(topicSeed),
    psk: deriveKey(crypto, secret, 'rendezvous psk', day),
    announcementKey: deriveKey(crypto, secret, 'announcement', day),
  };
}
