import { concat, utf8 } from '../bytes.js';
import { decode, encode, struct, uint } from '../codec/index.js';
import { type DeviceId, deviceIdBytes } from '../model/index.js';
import type { Store } from '../ports/index.js';
import type { StreamItem } from './commands.js';
import type { TaskResult } from './inputs.js';
import type { StreamRun, Streams } from './streams.js';

const rowCodec = struct({ nextIndex: [0, uint], offset: [1, uint] });
const pageRuns = 64;
const writeBytesMax = 1_048_576;
/** A disk that took nothing is asked again after so long, milliseconds. */
const retryMs = 10_000;
const newline = new Uint8Array([10]);

/** What the views need of their folder. */
export interface LogViewsOptions {
  readonly store: Store;
  readonly streams: Streams;
  /** Streams that are shown as files. */
  shown(): readonly string[];
  items(stream: string, run: StreamRun): readonly StreamItem[];
  /** Absent for folders without a directory. */
  readonly write:
    | ((
        work: { readonly path: string; readonly offset: number; readonly bytes: Uint8Array },
        done: (result: TaskResult) => void,
      ) => void)
    | undefined;
  again(): void;
  now(): number;
}

interface FileView {
  readonly stream: string;
  readonly device: DeviceId;
  nextIndex: number;
  offset: number;
  readonly lines: Uint8Array[];
}

/**
 * Logs shown as files: `NAME/DEVICE.log`, a line an item, grown only by appending. Local views outside the tree.
 * How far a file
 * is written is kept after the write, and a write names its offset, so a crash repeats a write and never doubles a
 * line.
 */
export class LogViews {
  readonly #options: LogViewsOptions;
  readonly #files = new Map<string, FileView>();
  /** Streams to be walked from a cursor: on start, when switched on, when an item came out of turn. */
  readonly #walks = new Map<string, Uint8Array | undefined>();
  #writing = false;
  /** Streams with a file that could not be written, and when that is tried again. */
  readonly #failed = new Set<string>();
  #retryMs: number | undefined;

  constructor(options: LogViewsOptions) {
    this.#options = options;
  }

  start(): void {
    for (const stream of this.#options.shown()) this.walk(stream);
  }

  /** Brings all files of a stream up to date. */
  walk(stream: string): void {
    this.#walks.set(stream, undefined);
    this.#options.again();
  }

  /** Whether a path is one of ours. */
  covers(path: string): boolean {
    const [top] = path.split('/');
    return this.#options.write !== undefined && this.#options.shown().includes(top ?? '');
  }

  applied(items: readonly StreamItem[]): void {
    for (const item of items) {
      if (this.#options.write === undefined || !this.#options.shown().includes(item.stream)) continue;
      if (!this.#add(item) && !this.#walks.has(item.stream)) this.walk(item.stream);
    }
    this.#options.again();
  }

  nextWake(): number | undefined {
    return this.#retryMs;
  }

  /** Starts the next write, if none is under way. */
  step(): void {
    this.#retry();
    if (this.#writing || this.#options.write === undefined) return;
    // What was read is written before more is: a long log does not pile up here.
    if (![...this.#files.values()].some((file) => file.lines.length > 0)) this.#walkOn();
    for (const [path, file] of this.#files) {
      if (file.lines.length === 0) continue;
      this.#write(path, file);
      return;
    }
  }

  /** Also when the clock was set back meanwhile. */
  #retry(): void {
    if (this.#retryMs === undefined) return;
    const leftMs = this.#retryMs - this.#options.now();
    if (leftMs > 0 && leftMs <= retryMs) return;
    for (const stream of this.#failed) this.#walks.set(stream, undefined);
    this.#failed.clear();
    this.#retryMs = undefined;
  }

  #walkOn(): void {
    for (const [stream, cursor] of this.#walks) {
      const { runs, next } = this.#options.streams.page(stream, cursor, pageRuns);
      for (const run of runs) {
        if (run.firstIndex + run.count <= this.#file(stream, run.device).nextIndex) continue;
        for (const item of this.#options.items(stream, run)) this.#add(item);
      }
      if (next === undefined) this.#walks.delete(stream);
      else this.#walks.set(stream, next);
      if (this.#walks.size > 0) this.#options.again();
      return;
    }
  }

  /** False when the item is not the next of its file. */
  #add(item: StreamItem): boolean {
    const file = this.#file(item.stream, (item.branch ?? item.device) as DeviceId);
    if (item.index < file.nextIndex) return true;
    if (item.index > file.nextIndex) return false;
    file.lines.push(concat(item.data, newline));
    file.nextIndex += 1;
    return true;
  }

  #write(path: string, file: FileView): void {
    const taken: Uint8Array[] = [];
    for (let total = 0; file.lines.length > 0 && total < writeBytesMax; ) {
      const part = file.lines.shift() as Uint8Array;
      taken.push(part);
      total += part.length;
    }
    const bytes = concat(...taken);
    const nextIndex = file.nextIndex - file.lines.length;
    this.#writing = true;
    this.#options.write?.({ path, offset: file.offset, bytes }, (result) => {
      this.#writing = false;
      if (result.task !== 'write-view') return this.#forget(file);
      file.offset += bytes.length;
      this.#options.store.put('views', viewKey(file), encode(rowCodec, { nextIndex, offset: file.offset }));
      this.#options.again();
    });
  }

  /** What could not be written is found again by a walk. */
  #forget(file: FileView): void {
    this.#failed.add(file.stream);
    this.#retryMs ??= this.#options.now() + retryMs;
    const row = this.#row(file);
    file.nextIndex = row.nextIndex;
    file.offset = row.offset;
    file.lines.length = 0;
  }

  #file(stream: string, device: DeviceId): FileView {
    const path = viewPath(stream, device);
    let file = this.#files.get(path);
    if (file === undefined) {
      file = { stream, device, ...this.#row({ stream, device }), lines: [] };
      this.#files.set(path, file);
    }
    return file;
  }

  #row(file: { readonly stream: string; readonly device: DeviceId }): {
    readonly nextIndex: number;
    readonly offset: number;
  } {
    const row = this.#options.store.get('views', viewKey(file));
    return row === undefined ? { nextIndex: 0, offset: 0 } : decode(rowCodec, row, 32);
  }
}

function viewPath(stream: string, device: DeviceId): string {
  return `${stream}/${device.slice(0, 12)}.log`;
}

function viewKey(file: { readonly stream: string; readonly device: DeviceId }): Uint8Array {
  return concat(utf8(file.stream), new Uint8Array([0]), deviceIdBytes(file.device));
}
