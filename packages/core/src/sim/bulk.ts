import type { Crypto } from '../crypto/index.js';
import type { Effect, Input, WantedChunk } from '../engine/index.js';
import { FolderDisk } from '../memory/index.js';
import { encodeBulk } from '../model/index.js';
import type { Agenda } from './agenda.js';
import type { SimDevice } from './device.js';
import { otherEnd, type SimNetwork, type Wire } from './network.js';
import type { Prng } from './prng.js';

type EffectOf<T extends Effect['type']> = Extract<Effect, { readonly type: T }>;
type Outcome = Extract<Input, { readonly type: 'fetched' }>['outcome'];

interface Fetching {
  readonly effect: EffectOf<'fetch'>;
  readonly open: Map<string, WantedChunk>;
  readonly life: number;
}

export interface BulkParts {
  readonly device: SimDevice;
  readonly agenda: Agenda;
  readonly network: SimNetwork;
  readonly crypto: Crypto;
  readonly prng: Prng;
}

/** Chunks that a device asks for and serves, between its disk and those of the others. */
export class SimBulk {
  readonly #parts: BulkParts;
  readonly #fetching = new Map<number, Fetching>();
  #streams = 0;

  constructor(parts: BulkParts) {
    this.#parts = parts;
  }

  /** The device's program ended: nobody waits any more. */
  reset(): void {
    this.#fetching.clear();
  }

  fetch(effect: EffectOf<'fetch'>): void {
    const { device, agenda, network } = this.#parts;
    const wire = network.wire(effect.connection);
    const fetching = {
      effect,
      open: new Map(effect.chunks.map((chunk) => [chunk.id as string, chunk])),
      life: device.life,
    };
    this.#fetching.set(effect.fetch, fetching);
    if (wire === undefined) return this.#end(fetching);
    const stream = effect.connection * 1_000_000 + ++this.#streams * 2 + (wire.ends[0] === device ? 0 : 1);
    const ids = effect.chunks.map(({ id }) => id);
    const bytes = encodeBulk({ type: 'want', channel: effect.channel, ids });
    const peer = otherEnd(wire, device);
    peer.bulk.expect(stream, (serve) => peer.bulk.#serve(wire, serve, this, fetching));
    agenda.after(network.arrival(wire, device, 'bulk'), () => {
      if (wire.open) peer.post({ type: 'wanted', connection: wire.id, stream, bytes });
    });
  }

  cancel(fetch: number): void {
    const fetching = this.#fetching.get(fetch);
    if (fetching !== undefined) this.#end(fetching);
  }

  /** A connection is over: what was asked on it is lost. */
  closed(connection: number): void {
    for (const fetching of this.#fetching.values()) if (fetching.effect.connection === connection) this.#end(fetching);
  }

  readonly #serving = new Map<number, (serve: EffectOf<'serve'>) => void>();

  /** Who is to be answered on a stream that a peer opened. */
  expect(stream: number, answer: (serve: EffectOf<'serve'>) => void): void {
    this.#serving.set(stream, answer);
  }

  serve(effect: EffectOf<'serve'>): void {
    const answer = this.#serving.get(effect.stream);
    this.#serving.delete(effect.stream);
    answer?.(effect);
  }

  #serve(wire: Wire, effect: EffectOf<'serve'>, asker: SimBulk, fetching: Fetching): void {
    const { agenda, prng, device, network, crypto } = this.#parts;
    const answers: (() => void)[] = [];
    for (const { id, also } of effect.missing)
      answers.push(() => asker.#fetched(fetching, id, { outcome: 'missing', also }));
    for (const id of effect.unsure) answers.push(() => asker.#fetched(fetching, id, { outcome: 'changed' }));
    for (const { id, bytes } of effect.nodes)
      answers.push(() => asker.#fetched(fetching, id, { outcome: 'node', bytes }));
    for (const chunk of effect.chunks) {
      answers.push(() => {
        const root = effect.root ?? '/';
        const loaded = new FolderDisk(device.disk, root, crypto).loadChunk(chunk, chunk.sources);
        if (loaded.outcome === 'loaded') return asker.#arrived(fetching, chunk.id, loaded.bytes);
        const paths = chunk.sources.flatMap(({ from }) => ('path' in from ? [from.path] : []));
        if (loaded.outcome === 'changed') device.post({ type: 'misread', folder: effect.folder, paths });
        asker.#fetched(fetching, chunk.id, { outcome: 'changed' });
      });
    }
    const { life } = device;
    for (let left = answers; left.length > 0; ) {
      const [answer] = left.splice(prng.int(0, left.length - 1), 1);
      agenda.after(network.arrival(wire, device, 'bulk'), () => {
        if (wire.open && device.life === life) answer?.();
      });
    }
    agenda.after(network.arrival(wire, device, 'bulk'), () => {
      if (wire.open) asker.#end(fetching);
    });
  }

  #arrived(fetching: Fetching, id: string, bytes: Uint8Array): void {
    const { device, crypto } = this.#parts;
    const chunk = fetching.open.get(id);
    if (chunk === undefined || device.life !== fetching.life) return;
    if (chunk.node === true) return this.#fetched(fetching, id, { outcome: 'node', bytes });
    const root = new FolderDisk(device.disk, fetching.effect.root, crypto);
    device.survives(() =>
      this.#fetched(fetching, id, root.storeChunk(chunk, fetching.effect.keys, bytes, chunk.targets)),
    );
  }

  #fetched(fetching: Fetching, id: string, outcome: Outcome): void {
    const chunk = fetching.open.get(id);
    if (chunk === undefined) return;
    fetching.open.delete(id);
    const { device } = this.#parts;
    device.postTo(fetching.life, { type: 'fetched', fetch: fetching.effect.fetch, id: chunk.id, outcome });
  }

  #end(fetching: Fetching): void {
    const { fetch } = fetching.effect;
    if (!this.#fetching.delete(fetch)) return;
    for (const id of [...fetching.open.keys()]) this.#fetched(fetching, id, { outcome: 'lost' });
    this.#parts.device.postTo(fetching.life, { type: 'fetch-done', fetch });
  }
}
