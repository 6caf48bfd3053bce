import type { Command, StreamItem } from './commands.js';
import type { DeviceEngine } from './device.js';
import type { FolderEngine } from './folder.js';

const pageRuns = 32;

interface Tail {
  readonly id: number;
  folder: FolderEngine;
  readonly stream: string | undefined;
  readonly follow: boolean;
  /** Streams still to be read, each from a cursor. */
  readonly past: { readonly stream: string; cursor: Uint8Array | undefined }[];
  /** Applied seq of each device when the tail began: what is past and what is live. */
  readonly began: ReadonlyMap<string, number>;
  /** Live items that came while the past was read. */
  readonly waiting: StreamItem[];
}

/** Readers of streams: first all that is here, a page a step, then what comes. Every item once. */
export class Tails {
  readonly #device: DeviceEngine;
  readonly #tails = new Map<number, Tail>();

  constructor(device: DeviceEngine) {
    this.#device = device;
  }

  add(id: number, folder: FolderEngine, command: Extract<Command, { readonly command: 'tail' }>): void {
    const streams = command.stream === undefined ? folder.streams.names() : [command.stream];
    const past = streams.map((stream) => ({ stream, cursor: undefined }));
    const began = new Map(
      folder.logs.book.logs().flatMap((log) => (log.log === 'content' ? [[log.device, log.appliedSeq]] : [])),
    );
    this.#tails.set(id, { id, folder, stream: command.stream, follow: command.follow, past, began, waiting: [] });
    this.#device.again();
  }

  cancel(id: number): void {
    this.#tails.delete(id);
  }

  items(items: readonly StreamItem[]): void {
    for (const tail of this.#tails.values()) {
      const mine = items.filter((item) => isFor(tail, item) && item.seq > (tail.began.get(item.device) ?? 0));
      if (mine.length === 0 || !tail.follow) continue;
      if (tail.past.length > 0) tail.waiting.push(...mine);
      else this.#tell(tail, mine);
    }
  }

  step(): void {
    for (const tail of this.#tails.values()) {
      if (!this.#isGoing(tail)) continue;
      const [page] = tail.past;
      if (page !== undefined) {
        this.#readPage(tail, page);
        this.#device.again();
        continue;
      }
      this.#tell(tail, tail.waiting.splice(0));
      if (tail.follow) continue;
      this.#tails.delete(tail.id);
      this.#device.emit({ type: 'reply', id: tail.id, result: {} });
    }
  }

  /** Follows a folder that began anew; what was told once is not told again. */
  #isGoing(tail: Tail): boolean {
    const folder = this.#device.folder(tail.folder.folder);
    if (folder === tail.folder) return true;
    if (folder !== undefined && tail.past.length === 0) {
      tail.folder = folder;
      return true;
    }
    this.#tails.delete(tail.id);
    const message = folder === undefined ? 'This folder is not here any more.' : 'This folder begins anew: ask again.';
    const code = folder === undefined ? 'not-found' : 'busy';
    this.#device.emit({ type: 'reject', id: tail.id, code, message, details: {} });
    return false;
  }

  #readPage(tail: Tail, page: Tail['past'][number]): void {
    const { runs, next } = tail.folder.streams.page(page.stream, page.cursor, pageRuns);
    const past = runs.filter((run) => run.seq <= (tail.began.get(run.device) ?? 0));
    this.#tell(
      tail,
      past.flatMap((run) => tail.folder.items(page.stream, run)),
    );
    if (next === undefined) tail.past.shift();
    else page.cursor = next;
  }

  #tell(tail: Tail, items: readonly StreamItem[]): void {
    if (items.length > 0) this.#device.event({ event: 'items', id: tail.id, items });
  }
}

function isFor(tail: Tail, item: StreamItem): boolean {
  return item.folder === tail.folder.folder && (tail.stream === undefined || tail.stream === item.stream);
}
