import { CloudlessError } from '../errors.js';
import type { ByteStream, Clock, Listener, StreamHandler, Transport } from '../ports/index.js';

/** Streams between the devices of one process, and what can go wrong with them. */
export interface MemoryNetwork {
  /** A transport for one device; its address is `host:1`. */
  transport(host: string): Transport;
  /** Breaks all streams. */
  break(): void;
  /** While true, dials fail. */
  cut: boolean;
  /** May change, split or drop bytes on their way; what it returns is delivered, piece by piece. */
  tap: (from: string, bytes: Uint8Array) => readonly Uint8Array[];
}

type Accept = (stream: ByteStream) => StreamHandler;

/** A network in RAM. Bytes are delivered in later turns of the clock, in order. */
export function memoryNetwork(clock: Clock): MemoryNetwork {
  const hosts = new Map<string, Accept>();
  const streams = new Set<MemoryStream>();
  const network: MemoryNetwork = {
    cut: false,
    tap: (_from, bytes) => [bytes],
    break: () => {
      for (const stream of streams) stream.fail('the network broke');
    },
    transport: (host) => ({
      name: 'memory',
      listen: (_address, accept) => {
        hosts.set(`${host}:1`, accept);
        return Promise.resolve({
          addresses: [`${host}:1`],
          close: () => {
            hosts.delete(`${host}:1`);
            return Promise.resolve();
          },
        } satisfies Listener);
      },
      dial: (address, open) => {
        const accept = hosts.get(address);
        if (accept === undefined || network.cut) {
          return Promise.reject(new CloudlessError('unreachable', `nobody listens at ${address}`));
        }
        const tap = (from: string) => (bytes: Uint8Array) => network.tap(from, bytes);
        const near = new MemoryStream(clock, address, tap(host), streams);
        const far = new MemoryStream(clock, `${host}:2`, tap(address), streams);
        near.other = far;
        far.other = near;
        near.handler = open(near);
        far.handler = accept(far);
        return Promise.resolve(near);
      },
    }),
  };
  return network;
}

class MemoryStream implements ByteStream {
  readonly remoteAddress: string;
  readonly path = 'direct';
  other: MemoryStream | undefined;
  handler: StreamHandler | undefined;
  readonly #clock: Clock;
  readonly #tap: (bytes: Uint8Array) => readonly Uint8Array[];
  readonly #all: Set<MemoryStream>;
  readonly #arrived: Uint8Array[] = [];
  #paused = false;
  #open = true;

  constructor(
    clock: Clock,
    remoteAddress: string,
    tap: (bytes: Uint8Array) => readonly Uint8Array[],
    all: Set<MemoryStream>,
  ) {
    this.#clock = clock;
    this.remoteAddress = remoteAddress;
    this.#tap = tap;
    this.#all = all;
    all.add(this);
  }

  write(bytes: Uint8Array): boolean {
    if (this.#open) for (const piece of this.#tap(bytes)) this.other?.arrive(piece);
    return true;
  }

  close(): void {
    this.fail('closed');
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#clock.after(0, () => this.#deliver());
  }

  arrive(bytes: Uint8Array): void {
    this.#arrived.push(bytes);
    this.#clock.after(0, () => this.#deliver());
  }

  /** Ends both sides. */
  fail(reason: string): void {
    for (const side of [this, this.other]) {
      side?.end(reason);
    }
  }

  /** Ends this side. */
  end(reason: string): void {
    if (!this.#open) return;
    this.#open = false;
    this.#all.delete(this);
    this.#clock.after(0, () => this.handler?.closed(reason));
  }

  #deliver(): void {
    while (!this.#paused && this.#open) {
      const bytes = this.#arrived.shift();
      if (bytes === undefined) return;
      this.handler?.received(bytes);
    }
  }
}
