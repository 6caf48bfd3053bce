import { equalBytes, toHex } from '../bytes.js';
import { type Crypto, signDomain, verifyDomain } from '../crypto/index.js';
import { check } from '../errors.js';
import { protocolVersion } from '../limits.js';
import {
  type DeviceId,
  decodeMessage,
  deviceIdBytes,
  encodeMessage,
  type FolderId,
  folderMac,
  folderMacBytes,
  listenAddressesMax,
  type Message,
  type MessageOf,
  type ProofSide,
  proveContext,
} from '../model/index.js';
import type { Effect } from './effects.js';
import type { FolderEngine } from './folder.js';
import type { ConnectionId, Input, Lane, Via } from './inputs.js';
import type { SeededRandom } from './random.js';

const foldersPadding = 8;

/** One secure connection to a device, over which any number of folders are opened. */
export interface Link {
  readonly connection: ConnectionId;
  readonly via: Via;
  readonly initiator: boolean;
  readonly remoteStatic: Uint8Array;
  readonly handshakeHash: Uint8Array;
  /** Unix ms at which it was made. */
  readonly sinceMs: number;
  readonly address: string;
  readonly path: string;
  /** Folder by the number that the peer speaks of it under. */
  readonly theirs: Map<number, FolderId>;
  /** Number that we speak of a folder under. */
  readonly ours: Map<FolderId, number>;
  /** Devices that proved themselves, by folder. */
  readonly proved: Map<FolderId, DeviceId>;
  /** MACs of the folders that the peer has. */
  remoteFolders: ReadonlySet<string>;
  rttMs: number | undefined;
  bytesIn: number;
  bytesOut: number;
  /** The peer broke a rule; nothing more is taken from it while the connection ends. */
  refused: boolean;
  /** Another connection with the same device stays in place of this one, which is being closed. */
  leaving: boolean;
}

export interface ConnectionsOptions {
  readonly crypto: Crypto;
  readonly random: SeededRandom;
  readonly now: () => number;
  readonly emit: (effect: Effect) => void;
  readonly folders: () => readonly FolderEngine[];
  /** Addresses where we listen, told to members. */
  readonly listening: () => readonly string[];
  /** A device proved itself in a folder; where it listens. */
  readonly proved: (link: Link, folder: FolderEngine, device: DeviceId, listen: readonly string[]) => void;
  /** Messages of a join; only on connections made with a code. */
  readonly joining: (link: Link, message: MessageOf<'join'> | MessageOf<'admitted'> | MessageOf<'refused'>) => void;
}

/**
 * All connections: finds the folders that both sides have, opens them by proof, and hands on their messages
 * (`spec/11 §2`).
 */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #links = new Map<ConnectionId, Link>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  all(): readonly Link[] {
    return [...this.#links.values()];
  }

  link(connection: ConnectionId): Link | undefined {
    return this.#links.get(connection);
  }

  connected(input: Extract<Input, { readonly type: 'connected' }>): Link {
    const { connection, via, initiator, remoteStatic, handshakeHash, address, path } = input;
    const link: Link = {
      connection,
      via,
      initiator,
      remoteStatic,
      handshakeHash,
      sinceMs: this.#options.now(),
      address,
      path,
      theirs: new Map(),
      ours: new Map(),
      proved: new Map(),
      remoteFolders: new Set(),
      rttMs: undefined,
      bytesIn: 0,
      bytesOut: 0,
      refused: false,
      leaving: false,
    };
    this.#links.set(connection, link);
    if (via.kind === 'folder') this.#hello(link);
    return link;
  }

  closed(connection: ConnectionId): void {
    this.#links.delete(connection);
    for (const folder of this.#options.folders()) folder.closed(connection);
  }

  /** A message of a peer. Throws what the peer did wrong; then nothing more is taken from it (`spec/11 SYN-3`). */
  message(link: Link, bytes: Uint8Array): void {
    if (link.refused) return;
    link.refused = true;
    this.#receive(link, bytes);
    link.refused = false;
  }

  #receive(link: Link, bytes: Uint8Array): void {
    const message = decodeMessage(bytes);
    if (message === undefined) return;
    switch (message.type) {
      case 'hello':
        return this.#receiveHello(link, message);
      case 'prove':
        return this.#receiveProof(link, message);
      case 'join':
      case 'admitted':
      case 'refused':
        check(link.via.kind === 'code', 'protocol', 'Joining needs a code.');
        return this.#options.joining(link, message);
      default:
        return this.#folderMessage(link, message);
    }
  }

  /** Opens a folder on a connection from our side. */
  prove(link: Link, folder: FolderEngine): number {
    const known = link.ours.get(folder.folder);
    if (known !== undefined) return known;
    const channel = link.ours.size + 1;
    link.ours.set(folder.folder, channel);
    const { crypto } = this.#options;
    const context = proveContext(link, folder.folder, folder.device);
    this.send(link, 'control', {
      type: 'prove',
      channel,
      folder: this.#mac(link, folder.folder),
      device: folder.device,
      listen: this.#options.listening().slice(0, listenAddressesMax),
      signature: signDomain(crypto, folder.row.deviceSeed, 'prove', context),
    });
    return channel;
  }

  send(link: Link, lane: Lane, message: Message): void {
    this.#options.emit({ type: 'send', connection: link.connection, lane, bytes: encodeMessage(message) });
  }

  /** A folder was added: open it with whoever said to have it. */
  folderAdded(folder: FolderEngine): void {
    for (const link of this.#links.values()) if (this.#shares(link, folder)) this.prove(link, folder);
  }

  /** Ends the connections on which a folder is open. */
  close(folder: FolderId, reason: string): void {
    for (const { connection, ours } of this.#links.values()) {
      if (ours.has(folder)) this.#options.emit({ type: 'close', connection, reason });
    }
  }

  #hello(link: Link): void {
    const macs = this.#options.folders().map((folder) => this.#mac(link, folder.folder));
    while (macs.length === 0 || macs.length % foldersPadding !== 0)
      macs.push(this.#options.random.bytes(folderMacBytes));
    const sorted = macs.map((mac) => ({ mac, key: toHex(mac) })).sort((a, b) => (a.key < b.key ? -1 : 1));
    const folders = sorted.map(({ mac }) => mac);
    this.send(link, 'control', { type: 'hello', version: protocolVersion, extensions: [], folders });
  }

  #receiveHello(link: Link, message: MessageOf<'hello'>): void {
    const expected = link.via.kind === 'folder' && link.remoteFolders.size === 0;
    check(expected, 'protocol', 'A hello comes once, where folders are shared.');
    check(
      message.version === protocolVersion,
      'unknown-version',
      `The other device speaks version ${message.version}.`,
    );
    link.remoteFolders = new Set(message.folders.map(toHex));
    if (!link.initiator) return;
    for (const folder of this.#options.folders()) if (this.#shares(link, folder)) this.prove(link, folder);
  }

  #receiveProof(link: Link, message: MessageOf<'prove'>): void {
    const folder = this.#options.folders().find((each) => {
      return equalBytes(this.#mac(peerSide(link), each.folder), message.folder);
    });
    if (folder === undefined) return;
    const admitted = link.via.kind === 'folder' || link.initiator || link.ours.has(folder.folder);
    check(admitted, 'protocol', 'Who comes with a code is let in first.');
    check(!link.theirs.has(message.channel), 'protocol', 'A channel is opened once.');
    check(!link.proved.has(folder.folder), 'protocol', 'A folder is opened once.');
    check(message.device !== folder.device, 'protocol', 'The other device claims to be this one.');
    const context = proveContext(peerSide(link), folder.folder, message.device);
    const key = deviceIdBytes(message.device);
    const valid = verifyDomain(this.#options.crypto, key, message.signature, 'prove', context);
    check(valid, 'bad-signature', 'The other device could not prove its key.');
    link.theirs.set(message.channel, folder.folder);
    link.proved.set(folder.folder, message.device);
    const channel = this.prove(link, folder);
    this.#options.proved(link, folder, message.device, message.listen);
    folder.opened(link.connection, channel, message.device);
  }

  #folderMessage(
    link: Link,
    message: Exclude<Message, { readonly type: 'hello' | 'prove' | 'join' | 'admitted' | 'refused' }>,
  ): void {
    const id = link.theirs.get(message.channel);
    check(id !== undefined, 'protocol', 'A message names a channel that is not open.');
    const folder = this.#options.folders().find((each) => each.folder === id);
    const peer = folder?.sync.peer(link.connection);
    if (folder !== undefined && peer !== undefined) folder.message(peer, message);
  }

  #shares(link: Link, folder: FolderEngine): boolean {
    return link.remoteFolders.has(toHex(this.#mac(peerSide(link), folder.folder)));
  }

  #mac(side: ProofSide, folder: FolderId): Uint8Array {
    return folderMac(this.#options.crypto, side, folder);
  }
}

/** The connection as the peer sees it. */
function peerSide({ handshakeHash, initiator }: Link): ProofSide {
  return { handshakeHash, initiator: !initiator };
}
