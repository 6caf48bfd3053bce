import { emptyBytes } from '../bytes.js';
import type { ConnectionEvent } from '../channel/index.js';
import type { Effect, Input } from '../engine/index.js';

import {
  type BulkMessage,
  type ChunkId,
  chunkMessageHead,
  type DeviceId,
  decodeBulk,
  encodeBulk,
} from '../model/index.js';
import type { Files, StoreOutcome } from '../ports/index.js';
import type { PeerLink } from './peer-link.js';
import type { RateLimit } from './rate-limit.js';

type FetchEffect = Extract<Effect, { readonly type: 'fetch' }>;
type ServeEffect = Extract<Effect, { readonly type: 'serve' }>;
type StreamEvent = Extract<ConnectionEvent, { readonly stream: number }>;
type FetchedOutcome = Extract<Input, { readonly type: 'fetched' }>['outcome'];

const bulkPriority = 2;
/** What is read ahead of one stream, and what waits to be sent on it. */
const loadsAtOnce = 64;
const loadingBytesMax = 1_048_576;
const queuedBytesMax = 1_048_576;
const refusedReason = 1;

export interface BulkOptions {
  readonly link: PeerLink;
  readonly connection: number;
  /** What may be sent, and what taken, over all connections. */
  readonly up: RateLimit;
  readonly down: RateLimit;
  readonly files: (root: string) => Files;
  readonly post: (input: Input) => void;
}

interface Fetching {
  readonly effect: FetchEffect;
  readonly open: Map<ChunkId, FetchEffect['chunks'][number]>;
  storing: number;
  ended: boolean;
}

interface Serving {
  readonly effect: ServeEffect;
  next: number;
  loading: number;
  loadingBytes: number;
}

/** A chunk that was read for a peer, with memory of its own. */
interface Loaded {
  readonly type: 'loaded';
  readonly id: ChunkId;
  readonly bytes: Uint8Array;
}

/**
 * Bulk streams of one connection: chunks asked for and chunks served. Bytes go between socket and files and nowhere
 * else.
 */
export class Bulk {
  readonly #options: BulkOptions;
  readonly #fetching = new Map<number, Fetching>();
  readonly #serving = new Map<number, Serving>();

  constructor(options: BulkOptions) {
    this.#options = options;
  }

  fetch(effect: FetchEffect): void {
    const open = new Map(effect.chunks.map((chunk) => [chunk.id, chunk]));
    const want = encodeBulk({ type: 'want', channel: effect.channel, ids: effect.chunks.map(({ id }) => id) });
    const stream = this.#options.link.act((connection) => {
      const id = connection.open(bulkPriority);
      connection.send(id, want);
      connection.end(id);
      return id;
    });
    const fetching: Fetching = { effect, open, storing: 0, ended: stream === undefined };
    if (stream === undefined) this.#settle(-1, fetching);
    else this.#fetching.set(stream, fetching);
  }

  cancel(fetch: number): void {
    for (const [stream, fetching] of this.#fetching) {
      if (fetching.effect.fetch !== fetch) continue;
      this.#options.link.act((connection) => connection.reset(stream, 0));
      this.#ended(stream);
    }
  }

  /** Answers a peer's want: what is not here first, then the chunks as they are read. */
  serve(effect: ServeEffect): void {
    const { stream } = effect;
    for (const { id, also } of effect.missing) {
      this.#send(stream, { type: 'missing', id, ...(also.length === 0 ? {} : { also }) });
    }
    for (const id of effect.unsure) this.#send(stream, { type: 'changed', id: id });
    for (const { id, bytes } of effect.nodes) this.#send(stream, { type: 'chunk', id: id, bytes });
    const serving = { effect, next: 0, loading: 0, loadingBytes: 0 };
    this.#serving.set(stream, serving);
    this.#serveOn(stream, serving);
  }

  event(event: StreamEvent): void {
    const { stream } = event;
    const fetching = this.#fetching.get(stream);
    if (event.type === 'message') {
      if (fetching !== undefined) this.#answer(stream, fetching, event.message, event.costBytes);
      else this.#wanted(stream, event.message, event.costBytes);
    } else if (event.type === 'ended' || event.type === 'reset') {
      if (fetching !== undefined) this.#ended(stream);
      if (event.type === 'reset') this.#serving.delete(stream);
    } else if (event.type === 'drained') {
      const serving = this.#serving.get(stream);
      if (serving !== undefined) this.#serveOn(stream, serving);
    }
  }

  /** The connection is over: what was asked is lost. */
  close(): void {
    this.#serving.clear();
    for (const stream of [...this.#fetching.keys()]) this.#ended(stream);
  }

  #wanted(stream: number, bytes: Uint8Array, costBytes: number): void {
    const { link, connection, post } = this.#options;
    link.act((each) => each.consumed(stream, costBytes));
    post({ type: 'wanted', connection, stream, bytes });
  }

  #answer(stream: number, fetching: Fetching, bytes: Uint8Array, costBytes: number): void {
    const consumed = (): void => void this.#options.link.act((connection) => connection.consumed(stream, costBytes));
    let message: BulkMessage | undefined;
    try {
      message = decodeBulk(bytes);
    } catch {
      this.#options.link.act((connection) => connection.reset(stream, refusedReason));
      return this.#ended(stream);
    }
    const chunk = message === undefined || message.type === 'want' ? undefined : fetching.open.get(message.id);
    if (message === undefined || message.type === 'want' || chunk === undefined) return consumed();
    fetching.open.delete(message.id);
    if (message.type !== 'chunk') {
      consumed();
      const outcome = message.type === 'changed' ? { outcome: message.type } : missing(message.also);
      return this.#fetched(fetching, chunk.id, outcome);
    }
    fetching.storing += 1;
    void this.#store(fetching, chunk, message.bytes).then((outcome) => {
      fetching.storing -= 1;
      // What is not yet taken as consumed is credit that the peer lacks: it sends no faster than that.
      this.#options.down.take(costBytes, consumed);
      this.#fetched(fetching, chunk.id, outcome);
      this.#settle(stream, fetching);
    });
  }

  async #store(fetching: Fetching, chunk: FetchEffect['chunks'][number], bytes: Uint8Array): Promise<FetchedOutcome> {
    const { root, keys } = fetching.effect;
    if (chunk.node === true) return { outcome: 'node', bytes: bytes.slice() };
    try {
      const named = { id: chunk.id, key: chunk.key, length: chunk.length };
      return await this.#options.files(root).storeChunk(named, keys, bytes, chunk.targets);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { outcome: 'failed', code: 'io', reason } satisfies StoreOutcome;
    }
  }

  #ended(stream: number): void {
    const fetching = this.#fetching.get(stream);
    if (fetching === undefined) return;
    fetching.ended = true;
    for (const id of fetching.open.keys()) this.#fetched(fetching, id, { outcome: 'lost' });
    fetching.open.clear();
    this.#settle(stream, fetching);
  }

  #settle(stream: number, fetching: Fetching): void {
    if (!fetching.ended || fetching.storing > 0) return;
    for (const id of fetching.open.keys()) this.#fetched(fetching, id, { outcome: 'lost' });
    fetching.open.clear();
    this.#fetching.delete(stream);
    this.#options.post({ type: 'fetch-done', fetch: fetching.effect.fetch });
  }

  #fetched(fetching: Fetching, id: ChunkId, outcome: FetchedOutcome): void {
    this.#options.post({ type: 'fetched', fetch: fetching.effect.fetch, id, outcome });
  }

  #serveOn(stream: number, serving: Serving): void {
    const { link } = this.#options;
    const { chunks } = serving.effect;
    while (serving.next < chunks.length && serving.loading < loadsAtOnce && serving.loadingBytes < loadingBytesMax) {
      if (link.connection.closed || link.connection.queuedBytes(stream) >= queuedBytesMax) return;
      const chunk = chunks[serving.next++] as ServeEffect['chunks'][number];
      serving.loading += 1;
      serving.loadingBytes += chunk.length;
      void this.#load(serving.effect, chunk).then((message) => {
        this.#options.up.take(message.type === 'loaded' ? message.bytes.length : 0, () => {
          serving.loading -= 1;
          serving.loadingBytes -= chunk.length;
          if (this.#serving.get(stream) !== serving) return;
          this.#send(stream, message);
          this.#serveOn(stream, serving);
        });
      });
    }
    if (serving.next < chunks.length || serving.loading > 0) return;
    this.#serving.delete(stream);
    link.act((connection) => connection.end(stream));
  }

  async #load({ folder, root }: ServeEffect, chunk: ServeEffect['chunks'][number]): Promise<BulkMessage | Loaded> {
    const id = chunk.id;
    // What should be here, and can't be read, is not said to be missing.
    if (root === undefined) return { type: 'changed', id };
    try {
      const loaded = await this.#options
        .files(root)
        .loadChunk({ id, key: chunk.key, length: chunk.length }, chunk.sources);
      if (loaded.outcome === 'changed') {
        const paths = chunk.sources.flatMap(({ from }) => ('path' in from ? [from.path] : []));
        this.#options.post({ type: 'misread', folder, paths });
      }
      return loaded.outcome === 'loaded' ? { type: 'loaded', id, bytes: loaded.bytes } : { type: 'changed', id };
    } catch {
      return { type: 'changed', id };
    }
  }

  #send(stream: number, message: BulkMessage | Loaded): void {
    const head = message.type === 'loaded' ? chunkMessageHead(message.id, message.bytes.length) : encodeBulk(message);
    const body = message.type === 'loaded' ? message.bytes : emptyBytes;
    this.#options.link.act((connection) => connection.send(stream, head, body));
  }
}

function missing(also: readonly DeviceId[] = []): FetchedOutcome {
  return { outcome: 'missing', also };
}
