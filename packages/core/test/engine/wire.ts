/** Engines of several devices joined by hand: what one sends the others get, in order, when the test says so. */

import { equalBytes } from '../../src/bytes.js';
import type { Crypto } from '../../src/crypto/index.js';
import {
  type Command,
  DeviceEngine,
  type DeviceEvent,
  type Effect,
  type Input,
  type StreamItem,
} from '../../src/engine/index.js';
import type { Storage } from '../../src/ports/index.js';

export interface Reply {
  readonly result?: unknown;
  readonly code?: string;
  readonly message?: string;
}

/** A device whose effects are kept until they are delivered. */
export class WiredDevice {
  readonly name: string;
  readonly replies = new Map<number, Reply>();
  readonly events: DeviceEvent[] = [];
  readonly effects: Effect[] = [];
  doors: Extract<Effect, { readonly type: 'doors' }>['doors'] = [];
  engine: DeviceEngine;
  readonly #inputs: Input[] = [];
  readonly #wire: Wire;
  #commands = 0;

  constructor(wire: Wire, name: string, crypto: Crypto, storage: Storage, seed: number) {
    this.#wire = wire;
    this.name = name;
    this.engine = new DeviceEngine({ crypto, storage, seed: new Uint8Array(32).fill(seed) });
    this.post({ type: 'start' });
    this.post({ type: 'listening', addresses: [`${name}:1`] });
  }

  post(input: Input): void {
    this.#inputs.push(input);
  }

  command(command: Command): number {
    this.post({ type: 'command', id: ++this.#commands, command });
    return this.#commands;
  }

  /** Items that a tail gave. */
  items(id: number): readonly StreamItem[] {
    return this.events.flatMap((event) => (event.event === 'items' && event.id === id ? event.items : []));
  }

  /** Handles what waits; true when something did. */
  step(): boolean {
    const due = (this.engine.nextWake() ?? Number.POSITIVE_INFINITY) <= this.#wire.nowMs;
    if (this.#inputs.length === 0 && !due) return false;
    if (due) this.#inputs.push({ type: 'wake' });
    const effects = this.engine.handle(this.#wire.nowMs, this.#inputs.splice(0));
    this.engine.commit();
    for (const effect of effects) this.#take(effect);
    return true;
  }

  #take(effect: Effect): void {
    if (effect.type === 'reply') this.replies.set(effect.id, { result: effect.result });
    else if (effect.type === 'reject') this.replies.set(effect.id, { code: effect.code, message: effect.message });
    else if (effect.type === 'event') this.events.push(effect.event);
    else if (effect.type === 'doors') this.doors = effect.doors;
    else this.#wire.take(this, effect);
  }
}

interface End {
  readonly device: WiredDevice;
  readonly connection: number;
}

/** Connects devices whose dials fit a door of the one that is dialled, and delivers what they send. */
export class Wire {
  nowMs = 1_790_000_000_000;
  readonly devices: WiredDevice[] = [];
  /** Set to cut all connections and refuse new ones. */
  cut = false;
  /** May drop or change a message on its way. */
  tap: (from: WiredDevice, bytes: Uint8Array) => Uint8Array | undefined = (_from, bytes) => bytes;
  /** Ends of connections that are no device: what is sent there, by the number of the connection. */
  readonly strangers = new Map<number, (effect: Extract<Effect, { readonly type: 'send' | 'close' }>) => void>();
  readonly #peers = new Map<string, End>();
  readonly #mail: { readonly to: WiredDevice; readonly input: Input }[] = [];
  readonly #crypto: Crypto;
  #connections = 0;
  #lives = 0;

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  add(name: string, storage: Storage): WiredDevice {
    const device = new WiredDevice(this, name, this.#crypto, storage, ++this.#lives);
    this.devices.push(device);
    return device;
  }

  /** Runs until nothing is left to do now; at most `stepsMax` rounds. */
  settle(stepsMax = 10_000): void {
    for (let i = 0; i < stepsMax; i++) {
      let busy = this.devices.map((device) => device.step()).includes(true);
      for (const { to, input } of this.#mail.splice(0)) {
        busy = true;
        to.post(input);
      }
      if (!busy) return;
    }
    throw new Error('the devices do not come to rest');
  }

  /** Lets time pass in steps of at most a second. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 1_000) {
      this.nowMs += Math.min(left, 1_000);
      this.settle();
    }
  }

  /** Breaks all connections. */
  break(): void {
    for (const [key, end] of this.#peers) {
      this.#peers.delete(key);
      end.device.post({ type: 'closed', connection: end.connection, reason: 'broken' });
    }
  }

  take(from: WiredDevice, effect: Effect): void {
    if (effect.type === 'send' || effect.type === 'close') this.strangers.get(effect.connection)?.(effect);
    if (effect.type === 'dial') return this.#dial(from, effect);
    if (effect.type === 'send') return this.#send(from, effect);
    if (effect.type === 'close') return this.#close(from, effect.connection);
    from.effects.push(effect);
  }

  #dial(from: WiredDevice, effect: Extract<Effect, { readonly type: 'dial' }>): void {
    const to = this.devices.find((device) => effect.addresses.includes(`${device.name}:1`));
    const door = to?.doors.find((each) => equalBytes(each.psk, effect.door.psk));
    if (to === undefined || door === undefined || this.cut) {
      return this.#post(from, { type: 'dial-failed', dial: effect.dial, reason: 'no answer' });
    }
    const connection = ++this.#connections;
    const handshakeHash = this.#crypto.sha256(new Uint8Array([connection]));
    this.#peers.set(`${from.name} ${connection}`, { device: to, connection });
    this.#peers.set(`${to.name} ${connection}`, { device: from, connection });
    const common = { type: 'connected', connection, handshakeHash, path: 'direct' } as const;
    const statics = [effect.door, door].map((each) => this.#crypto.x25519Public(each.staticSecret)) as [
      Uint8Array,
      Uint8Array,
    ];
    this.#post(from, {
      ...common,
      via: effect.door.via,
      initiator: true,
      remoteStatic: statics[1],
      address: `${to.name}:1`,
      dial: effect.dial,
    });
    this.#post(to, { ...common, via: door.via, initiator: false, remoteStatic: statics[0], address: `${from.name}:2` });
  }

  #send(from: WiredDevice, effect: Extract<Effect, { readonly type: 'send' }>): void {
    const end = this.#peers.get(`${from.name} ${effect.connection}`);
    const bytes = end === undefined ? undefined : this.tap(from, effect.bytes);
    if (end === undefined || bytes === undefined) return;
    this.#post(end.device, { type: 'message', connection: end.connection, lane: effect.lane, bytes });
  }

  #close(from: WiredDevice, connection: number): void {
    const end = this.#peers.get(`${from.name} ${connection}`);
    this.#peers.delete(`${from.name} ${connection}`);
    this.#post(from, { type: 'closed', connection, reason: 'closed here' });
    if (end === undefined) return;
    this.#peers.delete(`${end.device.name} ${connection}`);
    this.#post(end.device, { type: 'closed', connection, reason: 'closed by the other side' });
  }

  #post(to: WiredDevice, input: Input): void {
    this.#mail.push({ to, input });
  }
}
