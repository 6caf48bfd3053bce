/** A folder with two members, and peers that say what a test wants them to say. */

import { expect } from 'vitest';
import { utf8, utf8Text } from '../../src/bytes.js';
import { type Crypto, signDomain } from '../../src/crypto/index.js';
import type { Input } from '../../src/engine/index.js';
import { memoryStorage } from '../../src/memory/index.js';
import {
  type DeviceId,
  decodeMessage,
  encodeEntry,
  encodeMessage,
  type FolderId,
  folderMac,
  type LogName,
  type Message,
  type MessageOf,
  proveContext,
  toDeviceId,
} from '../../src/model/index.js';
import type { Storage } from '../../src/ports/index.js';
import { Wire, type WiredDevice } from './wire.js';

export function result<T>(device: WiredDevice, id: number): T {
  const reply = device.replies.get(id);
  expect(reply?.message).toBeUndefined();
  return reply?.result as T;
}

export function run<T>(wire: Wire, device: WiredDevice, command: Parameters<WiredDevice['command']>[0]): T {
  const id = device.command(command);
  wire.settle();
  return result<T>(device, id);
}

export function create(wire: Wire, device: WiredDevice): FolderId {
  const command = { command: 'create', path: undefined, name: 'talk', kind: 'chat' } as const;
  return run<{ folder: FolderId }>(wire, device, command).folder;
}

export interface Invited {
  readonly link: string;
  readonly code: string;
}

export function invite(wire: Wire, device: WiredDevice, folder: string, ttlMs = 86_400_000): Invited {
  return run<Invited>(wire, device, { command: 'invite', folder, level: 'write', ttlMs });
}

/** Starts to join; what came of it is in the reply of the id. */
export function join(wire: Wire, device: WiredDevice, code: string): number {
  const id = device.command({ command: 'join', code, path: undefined, parent: '/home', timeoutMs: 60_000 });
  wire.settle();
  prepareRoots(wire, device);
  return id;
}

/** Says yes to every directory that the device wants to have made. */
export function prepareRoots(wire: Wire, device: WiredDevice): void {
  for (const effect of device.effects.splice(0)) {
    if (effect.type !== 'task' || effect.work.task !== 'prepare-root') continue;
    device.post({ type: 'task-done', task: effect.task, result: { task: 'prepare-root', path: effect.work.path } });
  }
  wire.settle();
}

export interface Stage {
  readonly wire: Wire;
  readonly amy: WiredDevice;
  readonly betty: WiredDevice;
  readonly folder: FolderId;
}

/** Amy made a folder and Betty joined it; they are apart now. */
export function stage(crypto: Crypto, storage: Storage = memoryStorage()): Stage {
  const wire = new Wire(crypto);
  const amy = wire.add('amy', storage);
  const betty = wire.add('betty', memoryStorage());
  wire.settle();
  const folder = create(wire, amy);
  result(betty, join(wire, betty, invite(wire, amy, folder).link));
  wire.cut = true;
  wire.break();
  wire.settle();
  return { wire, amy, betty, folder };
}

export function say(wire: Wire, device: WiredDevice, folder: string, ...lines: readonly string[]): void {
  run(wire, device, { command: 'append', folder, stream: 'notes', items: lines.map(utf8) });
}

export function read(wire: Wire, device: WiredDevice, folder: string): readonly (string | undefined)[] {
  const id = device.command({ command: 'tail', folder, stream: 'notes', follow: false });
  wire.settle();
  return device.items(id).map((item) => utf8Text(item.data));
}

type FolderEngine = ReturnType<WiredDevice['engine']['folders']>[number];

export function folderOf(device: WiredDevice): FolderEngine {
  const [folder] = device.engine.folders();
  if (folder === undefined) throw new Error('the device has no folder');
  return folder;
}

export interface Heard {
  readonly lane: string;
  readonly message: Message;
}

let connections = 1_000_000;

/** A peer of one device that keeps to no rule but those of the test. */
export class Puppet {
  readonly connection: number = ++connections;
  readonly heard: Heard[] = [];
  readonly handshakeHash: Uint8Array;
  readonly initiator: boolean;
  closedFor: string | undefined;
  readonly #wire: Wire;
  readonly #crypto: Crypto;
  readonly #device: WiredDevice;

  constructor(
    wire: Wire,
    crypto: Crypto,
    device: WiredDevice,
    options: Partial<Extract<Input, { readonly type: 'connected' }>> = {},
  ) {
    this.#wire = wire;
    this.#crypto = crypto;
    this.#device = device;
    this.handshakeHash = crypto.sha256(utf8(`puppet ${this.connection}`));
    this.initiator = options.initiator !== true;
    wire.strangers.set(this.connection, (effect) => {
      if (effect.type === 'close') this.closedFor = effect.reason;
      else this.heard.push({ lane: effect.lane, message: decodeMessage(effect.bytes) as Message });
    });
    const via = { kind: 'folder', folder: '' } as const;
    const { handshakeHash, connection } = this;
    const common = { connection, via, remoteStatic: new Uint8Array(32), handshakeHash, address: 'puppet:1' } as const;
    device.post({ type: 'connected', initiator: false, path: 'direct', ...common, ...options });
    wire.settle();
  }

  get closedKind(): string | undefined {
    return this.closedFor?.split(':')[0];
  }

  /** Says several things at once, and lets the device answer. */
  say(...messages: readonly (Message | Uint8Array)[]): void {
    for (const message of messages) {
      const bytes = message instanceof Uint8Array ? message : encodeMessage(message);
      this.#device.post({ type: 'message', connection: this.connection, lane: 'control', bytes });
    }
    this.#wire.settle();
  }

  /** What was heard since the last time, by type. */
  take<T extends Message['type']>(type: T): readonly MessageOf<T>[] {
    const taken = this.heard.filter(({ message }) => message.type === type);
    for (const each of taken) this.heard.splice(this.heard.indexOf(each), 1);
    return taken.map(({ message }) => message as MessageOf<T>);
  }

  hello(...folders: readonly FolderId[]): MessageOf<'hello'> {
    const macs = folders.map((folder) => folderMac(this.#crypto, this, folder));
    return { type: 'hello', version: 1, extensions: [], folders: macs };
  }

  proof(folder: FolderId, seed: Uint8Array, channel = 1): MessageOf<'prove'> {
    const device = toDeviceId(this.#crypto.ed25519Public(seed));
    const signature = signDomain(this.#crypto, seed, 'prove', proveContext(this, folder, device));
    return { type: 'prove', channel, folder: folderMac(this.#crypto, this, folder), device, listen: [], signature };
  }
}

/** All entries of a log as a device has them, as bytes. */
export function entriesOf(device: WiredDevice, log: LogName['log'], author: DeviceId): readonly Uint8Array[] {
  const { book } = folderOf(device).logs;
  return book.run({ device: author, log }, 0, 1_000_000).map(encodeEntry);
}
