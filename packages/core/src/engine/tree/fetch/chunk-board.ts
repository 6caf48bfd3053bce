import { wantChunksMax } from '../../../limits.js';
import type { ChunkId, DeviceId } from '../../../model/index.js';
import type { ChunkTarget } from '../../../ports/index.js';
import type { FolderContext, Holder } from '../../context.js';
import type { WantedChunk } from '../../effects.js';

const openChunksMax = 2_048;
const fetchesPerPeer = 4;
const fetchBytesMax = 4_194_304;
const silentMsMax = 30_000;
const askAgainMsMin = 500;
const askAgainMsMax = 30_000;

/** A chunk that somebody has to be asked for. */
export interface OpenChunk {
  readonly id: ChunkId;
  readonly key: Uint8Array;
  readonly length: number;
  /** A list node: its bytes come to the engine. */
  readonly node: boolean;
  readonly targets: ChunkTarget[];
  /** Those who were asked and could not give it. */
  readonly tried: Set<number>;
  /** Devices that answered and did not give it, and those of them that said they have it not. */
  readonly answered: Set<DeviceId>;
  readonly denied: Set<DeviceId>;
  /** Targets that are on the way, while it is. */
  flying?: readonly ChunkTarget[] | undefined;
}

interface Fetch {
  readonly fetch: number;
  readonly connection: number;
  readonly chunks: Map<ChunkId, OpenChunk>;
  readonly bytes: number;
  lastMs: number;
}

/** Which chunks are asked of whom: each of one peer at a time, several requests a peer, elsewhere if one has it not. */
export class ChunkBoard {
  readonly #context: FolderContext;
  readonly #root: string;
  readonly #open = new Map<ChunkId, OpenChunk>();
  readonly #idle = new Set<OpenChunk>();
  /** Nobody who is here has them. */
  readonly #parked = new Set<OpenChunk>();
  readonly #fetches = new Map<number, Fetch>();
  #newlyParked = false;
  #askAgainMs = askAgainMsMin;
  #askAgainAtMs: number | undefined;
  /** Nothing is asked for before this time: the disk takes no more. */
  pausedUntilMs = 0;

  constructor(context: FolderContext, root: string) {
    this.#context = context;
    this.#root = root;
  }

  /** It takes no more until something was answered. */
  get isFull(): boolean {
    return this.#open.size >= openChunksMax;
  }

  get flying(): number {
    return this.#fetches.size;
  }

  nextWake(): number | undefined {
    const times = [...this.#fetches.values()].map(({ lastMs }) => lastMs + silentMsMax);
    if (this.#parked.size > 0 && this.#askAgainAtMs !== undefined) times.push(this.#askAgainAtMs);
    if (this.#idle.size > 0 && this.pausedUntilMs > this.#context.steadyMs()) times.push(this.pausedUntilMs);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  want(
    chunk: { readonly id: ChunkId; readonly key: Uint8Array; readonly length: number },
    node: boolean,
    target: ChunkTarget | undefined,
  ): void {
    let open = this.#open.get(chunk.id);
    if (open === undefined) {
      const { id, key, length } = chunk;
      open = { id, key, length, node, targets: [], tried: new Set(), answered: new Set(), denied: new Set() };
      this.#open.set(id, open);
      this.#idle.add(open);
    }
    if (target !== undefined) open.targets.push(target);
  }

  /** What is to be written to this temp file is not wanted any more. */
  forget(temp: string): void {
    for (const chunk of this.#open.values()) {
      for (let i = chunk.targets.length - 1; i >= 0; i--)
        if (chunk.targets[i]?.temp === temp) chunk.targets.splice(i, 1);
      if (chunk.targets.length === 0 && !chunk.node && chunk.flying === undefined) this.#drop(chunk);
    }
  }

  /** Of the list nodes that nobody who is here gives no others are wanted any more. */
  keepNodes(wanted: ReadonlySet<ChunkId>): void {
    for (const chunk of this.#parked) if (chunk.node && !wanted.has(chunk.id)) this.#drop(chunk);
  }

  /** Whether a chunk that is on its way may still be written to this temp file. */
  isWriting(temp: string): boolean {
    for (const { flying } of this.#open.values()) if (flying?.some((target) => target.temp === temp)) return true;
    return false;
  }

  /** Peers came or went: everybody may be asked anew, and what the gone ones owed is free. */
  holdersChanged(): void {
    const here = new Set(this.#context.holders().map(({ connection }) => connection));
    for (const fetch of [...this.#fetches.values()]) if (!here.has(fetch.connection)) this.end(fetch.fetch);
    for (const { answered, denied } of this.#open.values()) for (const each of [answered, denied]) each.clear();
    this.#askAgainMs = askAgainMsMin;
    this.#unpark();
  }

  /** The chunk of a fetch that was answered; none when that is over already. */
  answered(fetch: number, id: ChunkId): OpenChunk | undefined {
    const found = this.#fetches.get(fetch);
    const chunk = found?.chunks.get(id);
    if (found === undefined || chunk === undefined) return undefined;
    found.chunks.delete(id);
    found.lastMs = this.#context.steadyMs();
    return chunk;
  }

  /** It has been stored; gives the targets that were written and those that were added meanwhile. */
  stored(chunk: OpenChunk): { readonly written: readonly ChunkTarget[]; readonly late: readonly ChunkTarget[] } {
    const written = chunk.flying ?? [];
    const late = chunk.targets.filter((target) => !written.includes(target));
    this.#drop(chunk);
    this.#askAgainMs = askAgainMsMin;
    return { written, late };
  }

  /** A peer answered, and did not give it; `also`: it is missing there, and with these, as they said to it. */
  notGiven(chunk: OpenChunk, connection: number | undefined, also: readonly DeviceId[] | undefined): void {
    const device = this.#context.holders().find((each) => each.connection === connection)?.device;
    if (device !== undefined) chunk.answered.add(device);
    if (device !== undefined && also !== undefined) for (const each of [device, ...also]) chunk.denied.add(each);
    this.refused(chunk, connection);
  }

  /** This peer does not give it: somebody else is asked. */
  refused(chunk: OpenChunk, connection: number | undefined): void {
    chunk.flying = undefined;
    if (connection !== undefined) chunk.tried.add(connection);
    if (chunk.targets.length === 0 && !chunk.node) this.#drop(chunk);
    else this.#idle.add(chunk);
  }

  connectionOf(fetch: number): number | undefined {
    return this.#fetches.get(fetch)?.connection;
  }

  /** Whether it is asked for, so that it may come. */
  has(id: ChunkId): boolean {
    return this.#open.has(id);
  }

  /** A chunk that nobody who is here gives: all of them answered. */
  parked(id: ChunkId): OpenChunk | undefined {
    const chunk = this.#open.get(id);
    if (chunk === undefined || !this.#parked.has(chunk)) return undefined;
    return this.#context.holders().every(({ device }) => chunk.answered.has(device)) ? chunk : undefined;
  }

  /** Whether something was asked of everybody in vain since this was last called. */
  takeParked(): boolean {
    const has = this.#newlyParked;
    this.#newlyParked = false;
    return has;
  }

  /** A fetch is over: what it did not answer is asked for elsewhere. */
  end(fetch: number): void {
    const found = this.#fetches.get(fetch);
    if (found === undefined) return;
    this.#fetches.delete(fetch);
    for (const chunk of found.chunks.values()) this.refused(chunk, found.connection);
  }

  step(): void {
    const now = this.#context.steadyMs();
    for (const fetch of [...this.#fetches.values()]) if (now - fetch.lastMs >= silentMsMax) this.#silent(fetch);
    if (this.#askAgainAtMs !== undefined && now >= this.#askAgainAtMs) this.#unpark();
    if (this.#idle.size === 0 || now < this.pausedUntilMs) return;
    const holders = this.#context.holders();
    for (let asked = true; asked && this.#idle.size > 0; ) {
      asked = false;
      for (const holder of holders) asked = this.#ask(holder) || asked;
    }
    this.#park(holders);
  }

  #silent(fetch: Fetch): void {
    this.#context.emit({ type: 'cancel-fetch', fetch: fetch.fetch });
    this.end(fetch.fetch);
  }

  #ask(holder: Holder): boolean {
    const keys = this.#context.contentKeys();
    if (keys === undefined || this.#load(holder) >= fetchesPerPeer) return false;
    const chunks = new Map<ChunkId, OpenChunk>();
    let bytes = 0;
    for (const chunk of this.#idle) {
      if (chunks.size === wantChunksMax) break;
      if (chunk.tried.has(holder.connection)) continue;
      if (chunks.size > 0 && bytes + chunk.length > fetchBytesMax) break;
      chunks.set(chunk.id, chunk);
      bytes += chunk.length;
    }
    if (chunks.size === 0) return false;
    const wanted = [...chunks.values()].map((chunk) => this.#fly(chunk));
    const fetch = this.#context.newFetch();
    const { connection, channel } = holder;
    this.#fetches.set(fetch, { fetch, connection, chunks, bytes, lastMs: this.#context.steadyMs() });
    this.#context.emit({ type: 'fetch', fetch, connection, root: this.#root, channel, keys, chunks: wanted });
    return true;
  }

  #fly(chunk: OpenChunk): WantedChunk {
    this.#idle.delete(chunk);
    const { id, key, length, node } = chunk;
    chunk.flying = [...chunk.targets];
    return node ? { id, key, length, targets: [], node: true } : { id, key, length, targets: chunk.flying };
  }

  #load(holder: Holder): number {
    let load = 0;
    for (const { connection } of this.#fetches.values()) if (connection === holder.connection) load += 1;
    return load;
  }

  /** What nobody here has is asked for again after a while. */
  #park(holders: readonly Holder[]): void {
    for (const chunk of this.#idle) {
      if (holders.some(({ connection }) => !chunk.tried.has(connection))) continue;
      this.#idle.delete(chunk);
      this.#parked.add(chunk);
      this.#newlyParked = true;
    }
    this.#newlyParked &&= holders.length > 0 || this.#context.others?.().length === 0;
    if (this.#parked.size === 0 || this.#askAgainAtMs !== undefined) return;
    this.#askAgainAtMs = this.#context.steadyMs() + this.#askAgainMs;
    this.#askAgainMs = Math.min(2 * this.#askAgainMs, askAgainMsMax);
  }

  #unpark(): void {
    this.#askAgainAtMs = undefined;
    for (const chunk of [...this.#parked, ...this.#idle]) {
      chunk.tried.clear();
      this.#idle.add(chunk);
    }
    this.#parked.clear();
  }

  #drop(chunk: OpenChunk): void {
    this.#open.delete(chunk.id);
    this.#idle.delete(chunk);
    this.#parked.delete(chunk);
  }
}
