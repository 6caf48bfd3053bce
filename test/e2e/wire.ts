import { once } from 'node:events';
import net from 'node:net';
import { FrameEditor, type FrameHandler } from './frames.js';

/** One dialled connection and its other half. */
interface Pair {
  readonly near: net.Socket;
  readonly far: net.Socket;
}

/** A wire between two devices that can be cut, stalled and tampered with. Dial `address` instead of the target. */
export class Wire {
  /** What went to the side that dialled. */
  bytesToDialler = 0;
  bytesToTarget = 0;
  /** Connections that the dialling side ended. */
  ended = 0;
  /** Whether new connections are turned away. */
  refusing = false;
  readonly #server: net.Server;
  readonly #target: string;
  readonly #pairs = new Set<Pair>();
  readonly #crossings: { readonly bytes: number; readonly reached: () => void }[] = [];
  #handler: FrameHandler | undefined;
  #record: Buffer[] | undefined;
  #frozen = false;

  private constructor(target: string) {
    this.#target = target;
    this.#server = net.createServer({ pauseOnConnect: true }, (near) => this.#accept(near));
  }

  /** Listens on a free port of loopback in front of `host:port`. */
  static async open(target: string): Promise<Wire> {
    const wire = new Wire(target);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as net.AddressInfo).port}`;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Every frame that the target sends on the next connection goes through `handler`. */
  editFrames(handler: FrameHandler): void {
    this.#handler = handler;
  }

  /** Keeps what is said to the target on the next connection. */
  record(said: Buffer[]): void {
    this.#record = said;
  }

  /** Breaks all connections at once. */
  cut(): void {
    for (const pair of this.#pairs) {
      this.#pairs.delete(pair);
      drop(pair);
    }
  }

  /** Connections stay open and carry nothing any more; those made later do. */
  stall(): void {
    for (const { near, far } of this.#pairs)
      for (const socket of [near, far]) socket.removeAllListeners('data').pause();
  }

  /** Resolves once so many bytes went to the dialling side; from then on nothing goes through. */
  async freezeAfter(bytes: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#crossings.push({ bytes, reached: resolve });
    this.#crossed();
    await promise;
  }

  /** Ends a freeze; what was connected is broken. */
  thaw(): void {
    this.#frozen = false;
    this.cut();
  }

  async close(): Promise<void> {
    this.#server.close();
    this.cut();
    if (this.#server.listening) await once(this.#server, 'close');
  }

  #accept(near: net.Socket): void {
    if (this.refusing || this.#frozen) return void near.destroy();
    const [host = '', port = ''] = this.#target.split(/:(?=\d+$)/);
    const far = net.connect(Number(port), host);
    const pair = { near, far };
    this.#pairs.add(pair);
    for (const socket of [near, far]) {
      socket.setNoDelay(true).on('error', () => undefined);
      socket.on('close', () => this.#closed(pair, socket));
    }
    this.#carry(pair);
    near.resume();
  }

  #carry({ near, far }: Pair): void {
    const editor = this.#handler === undefined ? undefined : new FrameEditor(this.#handler);
    const said = this.#record;
    this.#handler = undefined;
    this.#record = undefined;
    near.on('data', (bytes: Buffer) => {
      this.bytesToTarget += bytes.length;
      said?.push(bytes);
      if (!this.#frozen) forward(near, far, bytes);
    });
    far.on('data', (bytes: Buffer) => {
      this.bytesToDialler += bytes.length;
      if (!this.#frozen) forward(far, near, editor?.edit(bytes) ?? bytes);
      this.#crossed();
    });
  }

  #closed(pair: Pair, by: net.Socket): void {
    if (!this.#pairs.delete(pair)) return;
    if (by === pair.near) this.ended += 1;
    drop(pair);
  }

  #crossed(): void {
    for (const crossing of this.#crossings) {
      if (this.bytesToDialler < crossing.bytes) continue;
      this.#crossings.splice(this.#crossings.indexOf(crossing), 1);
      this.#frozen = true;
      crossing.reached();
    }
  }
}

function forward(from: net.Socket, to: net.Socket, bytes: Uint8Array): void {
  if (bytes.length === 0 || to.write(bytes)) return;
  from.pause();
  to.once('drain', () => from.resume());
}

function drop({ near, far }: Pair): void {
  near.destroy();
  far.destroy();
}
