import type { Command, DeviceEvent, Input, Level, StreamItem } from '../engine/index.js';
import { CloudlessError, type ErrorCode } from '../errors.js';
import { codeLifeMsDefault } from '../limits.js';
import type { Logger, Transport } from '../ports/index.js';
import { silentLogger } from '../ports/index.js';
import type { OutEffect } from './engine-loop.js';
import { EventQueue } from './event-queue.js';
import { Folder } from './folder.js';
import type { EnginePort, Host } from './host.js';
import { Links } from './links.js';

export interface DeviceOptions {
  /** How peers are reached, e.g. `[tcp()]` of `@cloudless/net`. Default: none; the device works alone. */
  readonly transports?: readonly Transport[] | undefined;
  /** `host:port` to listen on, or false for not yet (`Device.listen`). Default: the transport's choice. */
  readonly listen?: string | false | undefined;
  /** Default: silent. */
  readonly logger?: Logger | undefined;
}

/** An invitation, in the forms that people pass on. */
export interface Code {
  readonly folder: string;
  readonly id: string;
  readonly level: Level;
  /** How long the membership lasts that it gives; absent when without end. */
  readonly memberMs?: number | undefined;
  /** To type: groups with check characters. */
  readonly code: string;
  /** To read out. */
  readonly words: string;
  /** To click or scan; also says where this device is. */
  readonly link: string;
  /** ISO 8601. */
  readonly expires: string;
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: CloudlessError) => void;
}

const joinTimeoutMs = 60_000;

/** Opens the device that lives in a host's home. One program at a time may have it open: otherwise `busy`. */
export async function openDevice(host: Host, options: DeviceOptions = {}): Promise<Device> {
  const device = new Device(host, options);
  try {
    await device.begin(options);
  } catch (error) {
    await device.close();
    throw error;
  }
  return device;
}

/** This installation: its folders, and connections to other devices. */
export class Device {
  /** What does the cryptography, e.g. `node, BLAKE3 native`. */
  readonly providerName: string;
  /** Resolves with the reason if the engine stops by itself: its stores failed, or a bug. */
  readonly failed: Promise<CloudlessError>;
  /** Resolves once `close` is through. */
  readonly closed: Promise<void>;
  /** Where this device listens, `host:port`. */
  listening: readonly string[] = [];
  readonly #host: Host;
  readonly #failed = Promise.withResolvers<CloudlessError>();
  readonly #closed = Promise.withResolvers<void>();
  readonly #links: Links;
  readonly #waiting = new Map<number, Waiting>();
  readonly #tails = new Map<number, EventQueue<StreamItem>>();
  readonly #subscribers = new Set<EventQueue<DeviceEvent>>();
  #engine: EnginePort | undefined;
  #counter = 0;
  #failure: CloudlessError | undefined;

  /** For `openDevice`. */
  constructor(host: Host, options: DeviceOptions) {
    this.#host = host;
    this.failed = this.#failed.promise;
    this.closed = this.#closed.promise;
    this.providerName = host.crypto.name;
    this.#links = new Links({
      crypto: host.crypto,
      clock: host.clock,
      random: host.random,
      logger: options.logger ?? silentLogger,
      transports: options.transports ?? [],
      files: host.files,
      post: (input) => this.#post(input),
    });
  }

  /** For `openDevice`. */
  async begin(options: DeviceOptions): Promise<void> {
    this.#engine = await this.#host.startEngine({
      logger: options.logger ?? silentLogger,
      out: (effects) => this.#release(effects),
      failed: (error) => {
        this.#failed.resolve(this.#fail(error));
        // What nobody answers any more must not look connected.
        void this.#links.close();
      },
    });
    if (options.listen !== false) await this.listen(options.listen);
  }

  /** Listens on every transport. Rejects with what stands in the way, e.g. that the port is taken. */
  async listen(address?: string): Promise<readonly string[]> {
    this.listening = await this.#links.listen(address);
    return this.listening;
  }

  /** Carries out one command of the engine; what the named methods are made of. Rejects with what went wrong. */
  run(command: Command): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const id = ++this.#counter;
    this.#waiting.set(id, { resolve, reject });
    this.#post({ type: 'command', id, command });
    return promise;
  }

  /** Makes a directory a folder, or opens the folder that it is. The path must be absolute. */
  async createFolder(
    path: string,
    options: { readonly name?: string | undefined; readonly kind?: string | undefined } = {},
  ): Promise<Folder> {
    const made = await this.run({ command: 'create', path, name: options.name, kind: options.kind ?? 'files' });
    return new Folder(this, (made as { readonly folder: string }).folder);
  }

  /** Joins with a code in any form and waits until admitted. */
  async join(code: string, path: string, options: { readonly timeoutMs?: number | undefined } = {}): Promise<Folder> {
    const joined = await this.run({
      command: 'join',
      code,
      path,
      parent: '/',
      timeoutMs: options.timeoutMs ?? joinTimeoutMs,
    });
    return new Folder(this, (joined as { readonly folder: string }).folder);
  }

  /** The folder of that name, path or id prefix; its methods reject when there is none. */
  folder(name: string): Folder {
    return new Folder(this, name);
  }

  async folders(): Promise<readonly Folder[]> {
    const rows = (await this.run({ command: 'folders' })) as readonly { readonly folder: string }[];
    return rows.map((row) => new Folder(this, row.folder));
  }

  /** Makes a single-use code, good for `ttlMs`, for a membership that lasts `memberMs`. */
  async invite(
    folder: string,
    options: {
      readonly level?: Level | undefined;
      readonly ttlMs?: number | undefined;
      readonly memberMs?: number | undefined;
    } = {},
  ): Promise<Code> {
    const { level = 'write', ttlMs = codeLifeMsDefault, memberMs } = options;
    return (await this.run({ command: 'invite', folder, level, ttlMs, memberMs })) as Code;
  }

  /** Items of a stream: those that are here, then with `follow` those to come, until the loop is left. */
  tail(
    folder: string,
    options: { readonly stream?: string | undefined; readonly follow?: boolean | undefined } = {},
  ): AsyncIterableIterator<StreamItem> {
    const id = ++this.#counter;
    const queue = new EventQueue<StreamItem>(() => {
      this.#tails.delete(id);
      this.#waiting.delete(id);
      this.#post({ type: 'cancel', id });
    });
    this.#tails.set(id, queue);
    if (this.#failure !== undefined) queue.fail(this.#failure);
    const over = (): void => void this.#tails.delete(id);
    this.#waiting.set(id, {
      resolve: () => {
        over();
        queue.end();
      },
      reject: (error) => {
        over();
        queue.fail(error);
      },
    });
    this.#post({
      type: 'command',
      id,
      command: { command: 'tail', folder, stream: options.stream, follow: options.follow ?? false },
    });
    return queue;
  }

  /** What happens, until the loop is left. */
  events(): AsyncIterableIterator<DeviceEvent> {
    const queue = new EventQueue<DeviceEvent>(() => this.#subscribers.delete(queue));
    if (this.#failure === undefined) this.#subscribers.add(queue);
    else queue.fail(this.#failure);
    return queue;
  }

  /** Ends all connections and closes the stores. */
  async close(): Promise<void> {
    this.#fail(new CloudlessError('closed', 'This device was closed.'));
    await this.#links.close();
    await this.#engine?.close();
    await this.#host.close();
    this.#closed.resolve();
  }

  #post(input: Input): void {
    this.#engine?.post(input);
  }

  #release(effects: readonly OutEffect[]): void {
    for (const effect of effects) this.#effect(effect);
  }

  #effect(effect: OutEffect): void {
    switch (effect.type) {
      case 'reply':
        this.#waiting.get(effect.id)?.resolve(effect.result);
        this.#waiting.delete(effect.id);
        return;
      case 'reject': {
        const { code, message, details } = effect;
        this.#waiting.get(effect.id)?.reject(new CloudlessError(code as ErrorCode, message, { details }));
        this.#waiting.delete(effect.id);
        return;
      }
      case 'event':
        return this.#event(effect.event);
      default:
        return this.#links.run(effect);
    }
  }

  #event(event: DeviceEvent): void {
    if (event.event !== 'items') for (const queue of this.#subscribers) queue.push(event);
    else for (const item of event.items) this.#tails.get(event.id)?.push(item);
  }

  #fail(error: unknown): CloudlessError {
    const failure =
      error instanceof CloudlessError
        ? error
        : new CloudlessError('internal', `The engine stopped: ${String(error)}`, { cause: error });
    this.#failure ??= failure;
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
    for (const queue of [...this.#tails.values(), ...this.#subscribers]) queue.fail(this.#failure);
    this.#tails.clear();
    this.#subscribers.clear();
    return this.#failure;
  }
}
