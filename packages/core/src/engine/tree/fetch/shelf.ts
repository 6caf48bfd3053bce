import { missingAlsoMax } from '../../../limits.js';
import type { ChunkId, ContentId, DeviceId } from '../../../model/index.js';
import type { FolderContext } from '../../context.js';
import { shortDevice } from '../brake/brake-text.js';
import type { OpenChunk } from './chunk-board.js';
import type { Transfer } from './transfer.js';

const againMsMin = 500;
const againMsMax = 30_000;
/** Where all members said that they have nothing of it. */
const lostMsMax = 600_000;
/** Of much content no more than this is asked for again in a second. */
const askedPerSecond = 100;

interface Resting {
  /** That want it. */
  readonly paths: Set<string>;
  /** What is missing of it, and the devices that said they don't have that. */
  readonly chunk: ChunkId;
  readonly denied: Set<DeviceId>;
  /** In which it was last asked for in vain. */
  round: number;
  /** What is here of it. */
  part: Transfer | undefined;
}

interface Counted {
  readonly resting: number;
  readonly lost: number;
}

/**
 * Content that nobody who is connected has: it gives way to other content, and is asked for again now and then, when
 * somebody comes, and when somebody tells of it. What every other member said not to have is lost (`spec/07
 * FIL-86`).
 */
export class Shelf {
  readonly #context: FolderContext;
  readonly #resting = new Map<ContentId, Resting>();
  /** By what is missing of it. */
  readonly #byChunk = new Map<ChunkId, ContentId>();
  #here: ReadonlySet<DeviceId> = new Set();
  /** All is asked for once in each. */
  #round = 1;
  #begun = false;
  #againAtMs: number | undefined;
  #delayMs = againMsMin;
  /** What `count` found, until something changes. */
  #counted: (Counted & { readonly others: string }) | undefined;

  constructor(context: FolderContext) {
    this.#context = context;
  }

  /** Puts content aside of which a chunk is missing, for these paths. */
  put(part: Transfer, paths: Iterable<string>, { id, denied }: OpenChunk): void {
    const { content, temp, bytesHere } = part;
    const known = this.#drop(content);
    this.#byChunk.set(id, content);
    const kept = temp === content && bytesHere > 0 ? part : known?.part;
    this.#resting.set(content, {
      paths: new Set([...(known?.paths ?? []), ...paths]),
      chunk: id,
      denied: new Set([...(known?.chunk === id ? known.denied : []), ...denied]),
      round: this.#round,
      part: kept,
    });
    this.#counted = undefined;
    if (this.#againAtMs === undefined) this.#againLater();
  }

  #againLater(): void {
    const { resting, lost } = this.#count();
    this.#againAtMs = this.#context.steadyMs() + Math.max(this.#delayMs, (resting * 1_000) / askedPerSecond);
    this.#delayMs = Math.min(2 * this.#delayMs, resting === lost ? lostMsMax : againMsMax);
  }

  /** Whether the path has to wait for this content. */
  holds(content: ContentId, path: string): boolean {
    const found = this.#resting.get(content);
    if (found === undefined) return false;
    if (!found.paths.has(path)) this.#counted = undefined;
    found.paths.add(path);
    return found.round === this.#round;
  }

  /** What is here of content that is asked for again: to go on with. */
  takePart(content: ContentId): Transfer | undefined {
    const found = this.#resting.get(content);
    const part = found?.part;
    if (found !== undefined) found.part = undefined;
    return part;
  }

  /** The path wants it no more. Gives what is here of what nobody wants any more. */
  leave(content: ContentId, path: string): Transfer | undefined {
    const found = this.#resting.get(content);
    if (found?.paths.delete(path) !== true) return undefined;
    found.part?.paths.delete(path);
    this.#counted = undefined;
    if (found.paths.size > 0) return undefined;
    this.#drop(content);
    return found.part;
  }

  /** It is here: gives the paths that waited, and what else was here of it. */
  take(content: ContentId): { readonly paths: Iterable<string>; readonly part?: Transfer | undefined } {
    const found = this.#drop(content);
    if (found !== undefined) this.#counted = undefined;
    this.#delayMs = againMsMin;
    return found ?? { paths: [] };
  }

  #drop(content: ContentId): Resting | undefined {
    const found = this.#resting.get(content);
    if (found === undefined) return undefined;
    this.#resting.delete(content);
    if (this.#byChunk.get(found.chunk) === content) this.#byChunk.delete(found.chunk);
    return found;
  }

  /** Devices that said of a chunk to have it not, where it is what is missing; not more than an answer names. */
  deniedBy(id: ChunkId): readonly DeviceId[] {
    const content = this.#byChunk.get(id);
    const found = content === undefined ? undefined : this.#resting.get(content);
    return [...(found?.denied ?? [])].slice(0, missingAlsoMax);
  }

  /** A device told of this content: it has it. */
  told(content: ContentId, device: DeviceId): void {
    const found = this.#resting.get(content);
    if (found === undefined) return;
    found.denied.delete(device);
    this.#begin();
  }

  /** Who came may have anything: all is asked for again. */
  holdersChanged(): void {
    const here = new Set(this.#context.holders().map(({ device }) => device));
    const came = [...here].filter((device) => !this.#here.has(device));
    this.#here = here;
    if (came.length === 0) return;
    for (const { denied } of this.#resting.values()) for (const device of came) denied.delete(device);
    this.#begin();
  }

  #begin(): void {
    this.#round += 1;
    this.#begun = true;
    this.#counted = undefined;
    this.#againAtMs = undefined;
    this.#delayMs = againMsMin;
  }

  /** Whether all is to be asked for again from now on. */
  step(): boolean {
    if (this.#againAtMs !== undefined && this.#context.steadyMs() >= this.#againAtMs) {
      this.#againAtMs = undefined;
      this.#round += 1;
      this.#begun = true;
    }
    const begun = this.#begun && this.#resting.size > 0;
    this.#begun = false;
    return begun;
  }

  /** When all is to be asked for again, Unix ms. */
  nextWake(): number | undefined {
    return this.#resting.size === 0 ? undefined : this.#againAtMs;
  }

  /** Whether every other member said that it has it not. */
  isLost(content: ContentId): boolean {
    const found = this.#resting.get(content);
    return found !== undefined && isDeniedBy(found, this.#others());
  }

  /** Paths that want what nobody has who is connected, and those of them whose content is lost. */
  get counts(): Counted {
    return this.#count();
  }

  /** For a person, where something can not be had. */
  reason(): string | undefined {
    const { resting, lost } = this.#count();
    if (lost > 0) return `The content of ${lost} files is on no device of the folder.`;
    return resting === 0 ? undefined : `The content of ${resting} files is with nobody who is connected.`;
  }

  /** The same of one content, that a device told of. */
  reasonOf(content: ContentId, device: DeviceId): string | undefined {
    if (!this.#resting.has(content)) return undefined;
    const who = device === this.#context.device() ? 'This device' : `Device ${device.slice(0, shortDevice)}`;
    return this.isLost(content)
      ? `Its content is on no device of the folder: all were asked. ${who} told of it. It comes once one has it again.`
      : `Nobody who is connected has its content: it comes with who has it. ${who} told of it.`;
  }

  #others(): readonly DeviceId[] | undefined {
    return this.#context.others?.();
  }

  #count(): Counted {
    const devices = this.#others();
    const others = devices?.join() ?? '';
    if (this.#counted?.others === others) return this.#counted;
    let [resting, lost] = [0, 0];
    for (const each of this.#resting.values()) {
      resting += each.paths.size;
      if (isDeniedBy(each, devices)) lost += each.paths.size;
    }
    this.#counted = { resting, lost, others };
    return this.#counted;
  }
}

function isDeniedBy({ denied }: Resting, others: readonly DeviceId[] | undefined): boolean {
  return others?.every((device) => denied.has(device)) === true;
}
