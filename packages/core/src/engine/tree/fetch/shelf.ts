import type { ChunkId, ContentId, DeviceId } from '../../../model/index.js';
import type { FolderContext } from '../../context.js';

const againMsMin = 500;
const againMsMax = 30_000;

interface Resting {
  /** That want it. */
  readonly paths: Set<string>;
  /** What is missing of it, and the devices that said they don't have that. */
  readonly chunk: ChunkId;
  readonly denied: Set<DeviceId>;
  /** When it is asked for again; infinite while it is. */
  untilMs: number;
  delayMs: number;
}

/**
 * Content that nobody who is connected has: it gives way to other content, and is asked for again now and then, and
 * when somebody comes. What every other member said not to have is unreachable (`spec/07 FIL-85`).
 */
export class Shelf {
  readonly #context: FolderContext;
  readonly #resting = new Map<ContentId, Resting>();
  #here: ReadonlySet<DeviceId> = new Set();

  constructor(context: FolderContext) {
    this.#context = context;
  }

  /** Puts content aside, of which a chunk is missing that these devices said they don't have. */
  put(content: ContentId, paths: Iterable<string>, chunk: ChunkId, denied: ReadonlySet<DeviceId>): void {
    const known = this.#resting.get(content);
    const delayMs = known === undefined ? againMsMin : Math.min(2 * known.delayMs, againMsMax);
    this.#resting.set(content, {
      paths: new Set([...(known?.paths ?? []), ...paths]),
      chunk,
      denied: new Set([...(known?.chunk === chunk ? known.denied : []), ...denied]),
      untilMs: this.#context.now() + delayMs,
      delayMs,
    });
  }

  /** Whether the path has to wait for this content. */
  holds(content: ContentId, path: string): boolean {
    const found = this.#resting.get(content);
    if (found === undefined) return false;
    found.paths.add(path);
    return Number.isFinite(found.untilMs) && found.untilMs > this.#context.now();
  }

  has(content: ContentId): boolean {
    return this.#resting.has(content);
  }

  /** The path wants it no more, or has it. */
  leave(content: ContentId, path: string): void {
    const found = this.#resting.get(content);
    if (found?.paths.delete(path) === true && found.paths.size === 0) this.#resting.delete(content);
  }

  /** Who came may have anything: all is asked for again. */
  holdersChanged(): void {
    const here = new Set(this.#context.holders().map(({ device }) => device));
    const came = [...here].filter((device) => !this.#here.has(device));
    this.#here = here;
    if (came.length === 0) return;
    for (const each of this.#resting.values()) {
      each.untilMs = 0;
      each.delayMs = againMsMin;
      for (const device of came) each.denied.delete(device);
    }
  }

  /** It is here: gives the paths that waited. */
  take(content: ContentId): Iterable<string> {
    const { paths = [] } = this.#resting.get(content) ?? {};
    this.#resting.delete(content);
    return paths;
  }

  /** Lets go what is to be asked for again by now; whether there was any. */
  release(): boolean {
    const now = this.#context.now();
    const due = [...this.#resting.values()].filter(({ untilMs }) => untilMs <= now);
    for (const each of due) each.untilMs = Number.POSITIVE_INFINITY;
    return due.length > 0;
  }

  /** When something is to be asked for again, Unix ms. */
  nextWake(): number | undefined {
    let next: number | undefined;
    for (const { untilMs } of this.#resting.values()) {
      if (Number.isFinite(untilMs)) next = Math.min(next ?? untilMs, untilMs);
    }
    return next;
  }

  /** Whether every other member said that it has it not. */
  isUnreachable(content: ContentId): boolean {
    const found = this.#resting.get(content);
    if (found === undefined) return false;
    return this.#context.others?.().every((device) => found.denied.has(device)) === true;
  }

  /** For a person, where something can not be had. */
  reason(): string | undefined {
    const unreachable = this.count('unreachable');
    if (unreachable > 0) return `The content of ${unreachable} files is on no device of the folder.`;
    const resting = this.count('resting');
    return resting === 0 ? undefined : `The content of ${resting} files is with nobody who is connected.`;
  }

  /** The same of one content. */
  reasonOf(content: ContentId): string | undefined {
    if (this.isUnreachable(content)) {
      return 'Its content is on no device of the folder: all were asked. What is here stays until one has it again.';
    }
    return this.has(content) ? 'Nobody who is connected has its content: it comes with who has it.' : undefined;
  }

  /** Whether as many paths as need something want what nobody has who is connected. */
  isAll(needs: number): boolean {
    return needs === this.count('resting');
  }

  /** How many paths want what nobody has who is connected, and what is unreachable. */
  count(which: 'resting' | 'unreachable'): number {
    let count = 0;
    for (const [content, { paths }] of this.#resting) {
      if (which === 'resting' || this.isUnreachable(content)) count += paths.size;
    }
    return count;
  }
}
