import type { Message, MessageOf } from '../model/index.js';
import type { FolderLogs } from './folder-logs.js';
import type { SyncPeer } from './sync-peer.js';

const epochsPerMessageMax = 64;

export interface KeyExchangeOptions {
  readonly logs: FolderLogs;
  readonly peers: () => Iterable<SyncPeer>;
  readonly send: (peer: SyncPeer, message: Message) => void;
  /** Keys were learned. */
  readonly changed: () => void;
}

/** Epoch keys that are missing are asked of any member, and given to those who may have them (`spec/05 §6`). */
export class KeyExchange {
  readonly #options: KeyExchangeOptions;

  constructor(options: KeyExchangeOptions) {
    this.#options = options;
  }

  /** A peer asks for keys; what is not here, or not yet its own, is answered once it is. */
  keys(peer: SyncPeer, message: MessageOf<'keys'>): void {
    const { membership, ring } = this.#options.logs;
    const keys = message.epochs.flatMap((epoch) => {
      const opened = ring.opened(epoch);
      return opened !== undefined && membership.mayHold(epoch, peer.device) ? [{ epoch, key: opened.key }] : [];
    });
    const epochs = message.epochs.filter((epoch) => !keys.some((given) => given.epoch === epoch));
    peer.unanswered = epochs.length > 0 ? { ...message, epochs } : undefined;
    if (keys.length > 0) this.#options.send(peer, { type: 'given', channel: peer.channel, keys });
  }

  given(message: MessageOf<'given'>): void {
    let learned = false;
    for (const { epoch, key } of message.keys) learned = this.#options.logs.giveKey(epoch, key) || learned;
    if (!learned) return;
    for (const peer of this.#options.peers()) this.answer(peer);
    this.ask();
    this.#options.changed();
  }

  /** Tries again what could not be answered. */
  answer(peer: SyncPeer): void {
    if (peer.unanswered !== undefined) this.keys(peer, peer.unanswered);
  }

  /** Asks any member for epoch keys that are missing here. */
  ask(): void {
    const { logs, peers, send } = this.#options;
    const missing = logs.ring.missing(logs.membership);
    if (missing.length === 0 || logs.membership.rankOf(logs.device) === undefined) return;
    for (const peer of peers()) {
      const epochs = missing.filter((epoch) => !peer.askedKeys.has(epoch)).slice(0, epochsPerMessageMax);
      if (!peer.proven || epochs.length === 0) continue;
      for (const epoch of epochs) peer.askedKeys.add(epoch);
      send(peer, { type: 'keys', channel: peer.channel, epochs });
    }
  }
}
