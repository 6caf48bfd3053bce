import { equalBytes } from '../bytes.js';
import type { Crypto } from '../crypto/index.js';
import type { Effect, Lane } from '../engine/index.js';
import type { Agenda } from './agenda.js';
import type { SimDevice } from './device.js';
import type { Prng } from './prng.js';

type EffectOf<T extends Effect['type']> = Extract<Effect, { readonly type: T }>;

/** One connection, as both ends know it. Messages of a lane arrive in order; nothing arrives after it broke. */
export interface Wire {
  readonly id: number;
  readonly ends: readonly [SimDevice, SimDevice];
  open: boolean;
  /** When the last message of a lane arrives, for each end that sends. */
  readonly lanes: Map<string, number>;
}

const dialFailMs = 10_000;

/**
 * The network between devices, at the level of messages: delays, cuts, partitions, and roads that stand still for a
 * while.
 */
export class SimNetwork {
  /** Pairs of devices that cannot reach one another. */
  readonly parted = new Set<string>();
  /** How long messages may take at most. */
  slowestMs = 2_000;
  readonly #wires = new Map<number, Wire>();
  readonly #devices = new Map<string, SimDevice>();
  readonly #agenda: Agenda;
  readonly #crypto: Crypto;
  readonly #prng: Prng;
  #connections = 0;

  constructor(agenda: Agenda, crypto: Crypto, prng: Prng) {
    this.#agenda = agenda;
    this.#crypto = crypto;
    this.#prng = prng;
  }

  add(device: SimDevice): void {
    this.#devices.set(`${device.name}:1`, device);
  }

  wires(): readonly Wire[] {
    return [...this.#wires.values()];
  }

  wire(id: number): Wire | undefined {
    return this.#wires.get(id);
  }

  /** When what is sent now gets there: after all that was sent before it on that lane. */
  arrival(wire: Wire, from: SimDevice, lane: string): number {
    const key = `${from.name} ${lane}`;
    const atMs = Math.max(this.#agenda.nowMs + this.#prng.delayMs(60, this.slowestMs), wire.lanes.get(key) ?? 0);
    wire.lanes.set(key, atMs);
    return atMs - this.#agenda.nowMs;
  }

  /** Nothing gets through in either direction for so long. */
  clog(wire: Wire, ms: number): void {
    for (const end of wire.ends) {
      for (const lane of ['control', 'catchup', 'bulk']) wire.lanes.set(`${end.name} ${lane}`, this.#agenda.nowMs + ms);
    }
  }

  dial(from: SimDevice, effect: EffectOf<'dial'>): void {
    const life = from.life;
    const to = effect.addresses.map((address) => this.#devices.get(address)).find((each) => each !== undefined);
    const delayMs = this.#prng.delayMs(100, this.slowestMs);
    this.#agenda.after(delayMs, () => {
      if (from.life !== life) return;
      const door = to === undefined || !this.#reachable(from, to) ? undefined : doorOf(to, effect.door.psk);
      if (to !== undefined && door !== undefined) return this.#connect(from, to, effect, door);
      const failMs = this.#prng.chance(0.5) ? 0 : dialFailMs;
      this.#agenda.after(failMs, () =>
        from.postTo(life, { type: 'dial-failed', dial: effect.dial, reason: 'no answer' }),
      );
    });
  }

  send(from: SimDevice, effect: EffectOf<'send'>): void {
    const wire = this.#wires.get(effect.connection);
    if (wire !== undefined) this.deliver(wire, from, effect.lane, effect.bytes);
  }

  deliver(wire: Wire, from: SimDevice, lane: Lane, bytes: Uint8Array): void {
    const to = otherEnd(wire, from);
    this.#agenda.after(this.arrival(wire, from, lane), () => {
      if (wire.open) to.post({ type: 'message', connection: wire.id, lane, bytes });
    });
  }

  /** Ends a connection; each end hears of it in its own time. */
  break(wire: Wire, reason: string): void {
    if (!wire.open) return;
    wire.open = false;
    this.#wires.delete(wire.id);
    for (const end of wire.ends) {
      const { life } = end;
      end.bulk.closed(wire.id);
      this.#agenda.after(this.#prng.delayMs(100, 5_000), () =>
        end.postTo(life, { type: 'closed', connection: wire.id, reason }),
      );
    }
  }

  breakAll(device: SimDevice, reason: string): void {
    for (const wire of this.wires()) if (wire.ends.includes(device)) this.break(wire, reason);
  }

  part(a: SimDevice, b: SimDevice): void {
    this.parted.add(pairKey(a, b));
    for (const wire of this.wires()) if (wire.ends.includes(a) && wire.ends.includes(b)) this.break(wire, 'parted');
  }

  #reachable(a: SimDevice, b: SimDevice): boolean {
    return a !== b && b.running && !this.parted.has(pairKey(a, b));
  }

  #connect(from: SimDevice, to: SimDevice, effect: EffectOf<'dial'>, door: EffectOf<'dial'>['door']): void {
    const id = ++this.#connections;
    const wire: Wire = { id, ends: [from, to], open: true, lanes: new Map() };
    this.#wires.set(id, wire);
    const handshakeHash = this.#crypto.sha256(new TextEncoder().encode(`connection ${id}`));
    const common = { type: 'connected', connection: id, handshakeHash, path: 'direct' } as const;
    const mine = this.#crypto.x25519Public(effect.door.staticSecret);
    const theirs = this.#crypto.x25519Public(door.staticSecret);
    const address = `${to.name}:1`;
    const { dial } = effect;
    from.post({ ...common, via: effect.door.via, initiator: true, remoteStatic: theirs, address, dial });
    to.post({ ...common, via: door.via, initiator: false, remoteStatic: mine, address: `${from.name}:2` });
  }
}

export function otherEnd(wire: Wire, device: SimDevice): SimDevice {
  return wire.ends[0] === device ? wire.ends[1] : wire.ends[0];
}

function doorOf(device: SimDevice, psk: Uint8Array): EffectOf<'dial'>['door'] | undefined {
  return device.doors.find((door) => equalBytes(door.psk, psk));
}

function pairKey(a: SimDevice, b: SimDevice): string {
  return [a.name, b.name].sort().join(' ');
}
