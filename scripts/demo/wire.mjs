// A wire between two devices that can be broken: dial `address` instead of the target.
import { once } from 'node:events';
import net from 'node:net';

export class Wire {
  /** What went to the side that dialled. */
  bytes = 0;
  #target;
  #server;
  #sockets = new Set();
  #waiting = [];
  #still = false;

  constructor(target) {
    this.#target = target;
    this.#server = net.createServer((near) => this.#join(near));
  }

  static async open(target) {
    const wire = new Wire(target);
    wire.#server.listen(0, '127.0.0.1');
    await once(wire.#server, 'listening');
    return wire;
  }

  get address() {
    return `127.0.0.1:${this.#server.address().port}`;
  }

  /** Resolves when so many bytes more went to the side that dialled; from then on nothing passes until `mend`. */
  stopAfter(bytes) {
    return new Promise((resolve) => this.#waiting.push({ at: this.bytes + bytes, resolve }));
  }

  /** Breaks what is connected; new connections pass. */
  mend() {
    this.#still = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  close() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #join(near) {
    const [host, port] = this.#target.split(':');
    const far = net.connect(Number(port), host);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ]) {
      this.#sockets.add(socket);
      socket.setNoDelay(true).on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    near.on('data', (bytes) => this.#pass(near, far, bytes));
    far.on('data', (bytes) => {
      this.bytes += bytes.length;
      this.#pass(far, near, bytes);
      this.#crossed();
    });
  }

  #pass(from, to, bytes) {
    if (this.#still || to.write(bytes)) return;
    from.pause();
    to.once('drain', () => from.resume());
  }

  #crossed() {
    const reached = this.#waiting.filter(({ at }) => this.bytes >= at);
    this.#waiting = this.#waiting.filter(({ at }) => this.bytes < at);
    if (reached.length > 0) this.#still = true;
    for (const { resolve } of reached) resolve();
  }
}
