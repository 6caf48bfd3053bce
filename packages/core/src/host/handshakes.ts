import {
  type Candidate,
  findCandidate,
  Opening,
  type OpeningIntent,
  type Path,
  ReplayMemory,
} from '../channel/index.js';
import type { Crypto } from '../crypto/index.js';
import type { Clock, Random } from '../ports/index.js';
import type { Socket } from './socket.js';

const openingsMax = 64;
const silentMs = 30_000;

export interface HandshakesOptions {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly random: Random;
  /** Doors that a peer may use now. */
  readonly candidates: () => readonly Candidate[];
}

/** What a handshake came to. `refuse` answers an intent to go on with a session that is not known. */
export interface Secured {
  readonly path: Path;
  readonly intent: OpeningIntent;
  readonly refuse: () => void;
}

/** Handshakes on sockets, both sides, until a path is secure or not (`spec/08 §3`). Bounded in number and time. */
export class Handshakes {
  readonly #options: HandshakesOptions;
  readonly #replays = new ReplayMemory();
  readonly #sockets = new Set<Socket>();

  constructor(options: HandshakesOptions) {
    this.#options = options;
  }

  /** Answers a handshake. Whoever fits no door gets silence, then the end. */
  respond(socket: Socket, secured: (result: Secured) => void): void {
    if (this.#sockets.size >= openingsMax) return socket.close();
    const { crypto, clock, random } = this.#options;
    const opening = new Opening({
      role: 'responder',
      crypto,
      random: (n) => random.bytes(n),
      nowMs: clock.nowMs(),
      replays: this.#replays,
      lookup: (hint, ephemeral) => findCandidate(crypto, this.#options.candidates(), hint, ephemeral),
    });
    this.#run(socket, opening, secured, () => undefined);
  }

  initiate(
    socket: Socket,
    candidate: Candidate,
    secured: (result: Secured) => void,
    failed: (reason: string) => void,
  ): void {
    const { crypto, clock, random } = this.#options;
    const opening = new Opening({
      role: 'initiator',
      crypto,
      random: (n) => random.bytes(n),
      nowMs: clock.nowMs(),
      candidate,
    });
    this.#run(socket, opening, secured, failed);
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
    this.#sockets.clear();
  }

  #run(socket: Socket, opening: Opening, secured: (result: Secured) => void, failed: (reason: string) => void): void {
    const { clock } = this.#options;
    this.#sockets.add(socket);
    let cancel: (() => void) | undefined;
    const write = (): void => {
      for (let bytes = opening.pull(); bytes !== undefined; bytes = opening.pull()) socket.write(bytes);
    };
    const over = (reason: string): void => {
      cancel?.();
      this.#sockets.delete(socket);
      socket.close();
      failed(reason);
    };
    const handle = (events: ReturnType<Opening['receive']>): void => {
      write();
      for (const event of events) {
        if (event.type === 'ready') {
          cancel?.();
          this.#sockets.delete(socket);
          secured({ path: event.path, intent: event.intent, refuse: () => opening.refuseAttach() });
          write();
        } else if (event.type === 'silence') {
          cancel?.();
          socket.onReceived = () => undefined;
          cancel = clock.after(silentMs, () => over('silence'));
        } else {
          over(event.message);
        }
      }
      arm();
    };
    const arm = (): void => {
      const wakeMs = opening.nextWake();
      if (wakeMs === undefined || !this.#sockets.has(socket)) return;
      cancel?.();
      cancel = clock.after(Math.max(0, wakeMs - clock.nowMs()), () => handle(opening.wake(clock.nowMs())));
    };
    socket.onReceived = (bytes) => handle(opening.receive(bytes, clock.nowMs()));
    socket.onDrained = () => undefined;
    socket.onClosed = () => over('the other side closed the connection');
    handle([]);
  }
}
