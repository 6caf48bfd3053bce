import type { Candidate, Path } from '../channel/index.js';
import type { Crypto } from '../crypto/index.js';
import type { Door, Input, Via } from '../engine/index.js';
import { CloudlessError } from '../errors.js';
import { connectionsMax } from '../limits.js';
import type { ByteStream, Clock, Files, FilesProvider, Listener, Logger, Random, Transport } from '../ports/index.js';
import { Bulk } from './bulk.js';
import type { OutEffect } from './engine-loop.js';
import { Handshakes, type Secured } from './handshakes.js';
import { PeerLink } from './peer-link.js';
import { RateLimit } from './rate-limit.js';
import { Socket } from './socket.js';

export interface LinksOptions {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly transports: readonly Transport[];
  readonly files: FilesProvider;
  readonly post: (input: Input) => void;
}

interface LinkState {
  readonly id: number;
  readonly link: PeerLink;
  readonly bulk: Bulk;
  readonly via: Via;
  /** How we dialled it, for coming back. */
  readonly dialled: { readonly addresses: readonly string[]; readonly candidate: Candidate } | undefined;
  reattaching: boolean;
  /** Tries to come back since the connection last stood for a while. */
  attempts: number;
  /** Ends what waits for another path. */
  cancelDetached: (() => void) | undefined;
}

/** Dials to all addresses of one device at once; the first that is secure wins. */
interface Race {
  readonly sockets: Socket[];
  over: boolean;
}

type DialEffect = Extract<OutEffect, { readonly type: 'dial' }>;
const reattachDelaysMs = [0, 250, 500, 1_000, 2_000, 4_000, 8_000];
const reattachTimeoutMs = 10_000;
/** A path that stood this long is taken for good: the next break is met at once. */
const steadyMs = 10_000;
/** A session that nobody came back for is given up after this, so that its peer is not taken for connected. */
const detachedMsMax = 30_000;

/**
 * All sockets and connections of a device: listens, dials, comes back after a break, and carries out the engine's
 * effects on them.
 */
export class Links {
  readonly #options: LinksOptions;
  readonly #links = new Map<number, LinkState>();
  readonly #handshakes: Handshakes;
  readonly #listeners: Listener[] = [];
  readonly #files = new Map<string, Files>();
  readonly #fetches = new Map<number, LinkState>();
  readonly #up: RateLimit;
  readonly #down: RateLimit;
  #candidates: readonly Candidate[] = [];
  /** Waits before a try to come back. */
  readonly #pauses = new Set<() => void>();
  #counter = 0;
  #closed = false;

  constructor(options: LinksOptions) {
    this.#options = options;
    const { crypto, clock, random } = options;
    this.#up = new RateLimit(clock);
    this.#down = new RateLimit(clock);
    this.#handshakes = new Handshakes({ crypto, clock, random, candidates: () => this.#candidates });
  }

  /** Listens on every transport; gives the addresses that others may dial. */
  async listen(address: string | undefined): Promise<readonly string[]> {
    for (const transport of this.#options.transports) {
      this.#listeners.push(await transport.listen(address, (stream) => this.#accept(stream)));
    }
    const addresses = this.#listeners.flatMap((listener) => listener.addresses);
    this.#options.post({ type: 'listening', addresses });
    return addresses;
  }

  /** Carries out what concerns connections. */
  run(effect: OutEffect): void {
    switch (effect.type) {
      case 'send':
        return this.#send(effect.connection, effect.lane, effect.bytes);
      case 'close':
        this.#options.logger.log('info', 'connection closed', { connection: effect.connection, reason: effect.reason });
        return this.#links.get(effect.connection)?.link.close();
      case 'doors':
        this.#candidates = effect.doors.map(toCandidate);
        return;
      case 'dial':
        return this.#dial(effect);
      case 'fetch':
        return this.#fetch(effect);
      case 'limits':
        this.#up.limit(effect.up);
        return this.#down.limit(effect.down);
      case 'cancel-fetch':
        return this.#fetches.get(effect.fetch)?.bulk.cancel(effect.fetch);
      case 'serve':
        return this.#links.get(effect.connection)?.bulk.serve(effect);
      default:
        return undefined;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#pauses) cancel();
    this.#pauses.clear();
    this.#up.close();
    this.#down.close();
    for (const { link } of [...this.#links.values()]) link.close();
    this.#handshakes.close();
    await Promise.allSettled(this.#listeners.map((listener) => listener.close()));
    await Promise.allSettled([...this.#files.values()].map((files) => files.close()));
  }

  #send(connection: number, lane: Parameters<PeerLink['send']>[0], bytes: Uint8Array): void {
    this.#links.get(connection)?.link.send(lane, bytes);
  }

  #fetch(effect: Extract<OutEffect, { readonly type: 'fetch' }>): void {
    const state = this.#links.get(effect.connection);
    if (state === undefined) return this.#lost(effect);
    this.#fetches.set(effect.fetch, state);
    state.bulk.fetch(effect);
  }

  #lost(effect: Extract<OutEffect, { readonly type: 'fetch' }>): void {
    const { fetch } = effect;
    for (const { id } of effect.chunks)
      this.#options.post({ type: 'fetched', fetch, id, outcome: { outcome: 'lost' } });
    this.#options.post({ type: 'fetch-done', fetch });
  }

  #accept(stream: ByteStream): Socket {
    const socket = new Socket(stream);
    if (this.#links.size >= connectionsMax) socket.close();
    else this.#handshakes.respond(socket, (secured) => this.#answered(socket, secured));
    return socket;
  }

  /** The responder's side of a path that is secure now. */
  #answered(socket: Socket, { path, intent, refuse }: Secured): void {
    if (intent.type === 'begin') return this.#add(path, socket, undefined, undefined);
    const state = [...this.#links.values()].find(({ link }) => link.connection.sessionId === intent.sessionId);
    if (state === undefined || state.link.connection.closed) return refuse();
    state.link.attach(path, socket);
  }

  #dial(effect: DialEffect): void {
    const candidate = toCandidate(effect.door);
    const dialled = { addresses: effect.addresses, candidate };
    this.#open(effect.addresses, candidate, effect.timeoutMs).then(
      ({ path, socket }) => this.#add(path, socket, dialled, effect.dial),
      (error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        this.#options.post({ type: 'dial-failed', dial: effect.dial, reason });
      },
    );
  }

  /** The first address that answers a handshake wins; the others are dropped. */
  async #open(
    addresses: readonly string[],
    candidate: Candidate,
    timeoutMs: number,
  ): Promise<{ readonly path: Path; readonly socket: Socket }> {
    const race: Race = { sockets: [], over: false };
    const attempts = addresses.flatMap((address) => {
      return this.#options.transports.map((transport) => this.#try(transport, address, candidate, timeoutMs, race));
    });
    if (attempts.length === 0) throw new CloudlessError('unreachable', 'no address is known');
    try {
      const won = await Promise.any(attempts);
      endRace(race, won.socket);
      return won;
    } catch (error) {
      endRace(race);
      const reasons =
        error instanceof AggregateError
          ? error.errors.map((each) => (each instanceof Error ? each.message : String(each)))
          : [String(error)];
      throw new CloudlessError('unreachable', [...new Set(reasons)].join('; '));
    }
  }

  async #try(
    transport: Transport,
    address: string,
    candidate: Candidate,
    timeoutMs: number,
    race: Race,
  ): Promise<{ readonly path: Path; readonly socket: Socket }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ readonly path: Path; readonly socket: Socket }>();
    const cancel = this.#options.clock.after(timeoutMs, () =>
      reject(new CloudlessError('timeout', `${address} did not answer`)),
    );
    try {
      const dialled = transport.dial(
        address,
        (stream) => {
          const socket = new Socket(stream);
          race.sockets.push(socket);
          const failed = (reason: string): void => reject(new CloudlessError('unreachable', `${address}: ${reason}`));
          this.#handshakes.initiate(socket, candidate, ({ path }) => resolve({ path, socket }), failed);
          if (race.over) abandon(socket);
          return socket;
        },
        timeoutMs,
      );
      // A transport may give up later than we do, or never: whichever is first decides.
      return await Promise.race([promise, dialled.then(() => promise)]);
    } finally {
      cancel();
    }
  }

  #add(path: Path, socket: Socket, dialled: LinkState['dialled'], dial: number | undefined): void {
    if (this.#closed) return socket.close();
    const { crypto, clock, post } = this.#options;
    const id = ++this.#counter;
    const via = path.candidate.tag as Via;
    const link = new PeerLink(path, socket, {
      crypto,
      clock,
      message: (lane, bytes) => post({ type: 'message', connection: id, lane, bytes }),
      bulk: (event) => this.#links.get(id)?.bulk.event(event),
      attached: () => this.#links.get(id)?.cancelDetached?.(),
      measured: (rttMs, bytesIn, bytesOut) => post({ type: 'measured', connection: id, rttMs, bytesIn, bytesOut }),
      detached: () => this.#reattach(id),
      renewed: (newPath, newSocket) => this.#add(newPath, newSocket, dialled, undefined),
      closed: (reason) => this.#ended(id, reason),
    });
    const bulk = new Bulk({
      link,
      connection: id,
      up: this.#up,
      down: this.#down,
      files: (root) => this.#filesOf(root),
      post: (input) => this.#bulkPost(input),
    });
    const state = { id, link, bulk, via, dialled, reattaching: false, attempts: 0, cancelDetached: undefined };
    this.#links.set(id, state);
    const { role, handshakeHash, remoteStatic } = path;
    const { remoteAddress: address, path: kind } = socket.stream;
    post({
      type: 'connected',
      connection: id,
      via,
      initiator: role === 'initiator',
      remoteStatic,
      handshakeHash,
      address,
      path: kind,
      dial,
    });
    link.begin();
  }

  #bulkPost(input: Input): void {
    if (input.type === 'fetch-done') this.#fetches.delete(input.fetch);
    this.#options.post(input);
  }

  #ended(id: number, reason: string): void {
    const state = this.#links.get(id);
    if (state === undefined) return;
    this.#links.delete(id);
    state.cancelDetached?.();
    for (const [fetch, owner] of this.#fetches) if (owner === state) this.#fetches.delete(fetch);
    state.bulk.close();
    this.#options.post({ type: 'closed', connection: id, reason });
  }

  /** The dialler comes back over a new path; the other side waits for it, for a while. */
  #reattach(id: number): void {
    const state = this.#links.get(id);
    if (state === undefined || this.#closed) return;
    state.cancelDetached?.();
    state.cancelDetached = this.#options.clock.after(detachedMsMax, () => {
      if (!state.link.connection.attached) state.link.close();
    });
    if (state.dialled === undefined || state.reattaching) return;
    state.reattaching = true;
    this.#comeBack(state, state.dialled);
  }

  #comeBack(state: LinkState, dialled: NonNullable<LinkState['dialled']>): void {
    const delayMs = reattachDelaysMs[Math.min(state.attempts++, reattachDelaysMs.length - 1)] ?? 0;
    this.#pause(delayMs, () => {
      if (this.#closed || state.link.connection.closed) return;
      this.#open(dialled.addresses, dialled.candidate, reattachTimeoutMs).then(
        ({ path, socket }) => {
          state.reattaching = false;
          if (state.link.connection.closed || this.#closed) return socket.close();
          state.link.attach(path, socket);
          this.#pause(steadyMs, () => {
            if (state.link.connection.attached) state.attempts = 0;
          });
        },
        () => this.#comeBack(state, dialled),
      );
    });
  }

  /** Calls later, unless the device is closed before. */
  #pause(delayMs: number, call: () => void): void {
    const cancel = this.#options.clock.after(delayMs, () => {
      this.#pauses.delete(cancel);
      call();
    });
    this.#pauses.add(cancel);
  }

  #filesOf(root: string): Files {
    let files = this.#files.get(root);
    if (files === undefined) {
      files = this.#options.files.open(root);
      this.#files.set(root, files);
    }
    return files;
  }
}

function toCandidate(door: Door): Candidate {
  return { psk: door.psk, staticSecret: door.staticSecret, tag: door.via };
}

function endRace(race: Race, winner?: Socket): void {
  race.over = true;
  for (const socket of race.sockets) if (socket !== winner) abandon(socket);
}

/** Closes a socket and tells whoever waits on it, so that nothing stays behind until its time is over. */
function abandon(socket: Socket): void {
  socket.closed('another address was faster');
  socket.close();
}
