import type { HashOutcome } from '../../../ports/index.js';
import { type BaseRow, type DiskRow, isContentOf, viewRow } from '../../../tree/index.js';
import type { TreeCore } from '../core.js';
import { keyPath, looksOf, pathKey } from '../store/rows.js';
import { stampOf } from './local.js';
import type { Scanner } from './scan.js';

/** All that is here is read once in this time, while the program runs. */
const roundMs = 28 * 86_400_000;
const sliceMs = 3_600_000;
/** What looking at a file costs besides its bytes. */
const fileBytes = 4_096;
const atOnce = 4;
/** A program that has mapped a file writes for a while without any trace in its times. */
const quietMs = 60_000;
/** So does anybody who writes twice within a step of the disk's times. */
const coarseStepUs = 10_000;

type Hashed = Extract<HashOutcome, { readonly outcome: 'hashed' }>;

/** Files that are to be read again, one after the other. */
interface Round {
  readonly paths: Iterator<string>;
  /** Bytes after which it is enough. */
  left: number;
  /** Called once it is through. */
  readonly done: () => void;
  last: string | undefined;
  readonly damaged: string[];
}

/**
 * Bit rot: reads files again whose looks did not change, and tells damage from acts. A damaged file is recorded
 * nowhere; the planner has its content fetched anew, and what is left of it goes into the archive (`spec/07 §13`).
 */
export class Rot {
  readonly #core: TreeCore;
  readonly #scanner: Scanner;
  /** Those that somebody asked for, which go first. */
  readonly #asked: Round[] = [];
  readonly #reading = new Set<string>();
  #slice: Round | undefined;

  constructor(core: TreeCore, scanner: Scanner) {
    this.#core = core;
    this.#scanner = scanner;
  }

  /** Reads everything now; calls back with what is damaged when that is through. */
  readAll(done: (damaged: readonly string[]) => void): void {
    const damaged: string[] = [];
    const paths = this.#core.tables.paths('base');
    const left = Number.POSITIVE_INFINITY;
    this.#asked.push({ paths, left, done: () => done(damaged), last: undefined, damaged });
    this.#core.context.again();
  }

  /** Damaged files, in order, at most `limit`. */
  damaged(limit: number): readonly string[] {
    const { tables } = this.#core;
    const found: string[] = [];
    if (this.#core.total('damaged') === 0) return found;
    for (const path of tables.paths('disk')) {
      if (found.length === limit) break;
      if (tables.seen(path)?.row.damaged === true) found.push(path);
    }
    return found;
  }

  nextWake(): number | undefined {
    if (this.#slice !== undefined) return undefined;
    const dueMs = this.#core.tables.number('reread-due');
    // What is overdue waits for a quiet moment.
    const leftMs = dueMs - this.#core.context.now();
    return leftMs <= 0 ? undefined : this.#core.context.steadyMs() + leftMs;
  }

  /** `quiet`: there is nothing else to do. */
  step(quiet: boolean): void {
    const { doubts, context } = this.#core;
    if (context.contentKeys() === undefined) {
      for (const { done } of this.#asked.splice(0)) done();
      return;
    }
    for (const path of doubts) {
      if (this.#reading.size >= atOnce) return;
      doubts.delete(path);
      this.#read(path);
    }
    const [asked] = this.#asked;
    if (asked !== undefined) return this.#go(asked, atOnce);
    if (this.#slice === undefined && quiet) this.#slice = this.#newSlice();
    if (this.#slice !== undefined) this.#go(this.#slice, 1);
  }

  #go(round: Round, atOnceMax: number): void {
    while (this.#reading.size < atOnceMax) {
      const { value: path, done } = round.left > 0 ? round.paths.next() : { value: undefined, done: true };
      if (done === true || path === undefined) {
        if (this.#reading.size > 0) return;
        if (round === this.#slice) this.#slice = undefined;
        else this.#asked.shift();
        if (round.left > 0) round.last = undefined;
        round.done();
        return this.#core.context.again();
      }
      round.last = path;
      round.left -= this.#read(path) + fileBytes;
    }
  }

  /** The share of this hour. */
  #newSlice(): Round | undefined {
    const { context, tables } = this.#core;
    const now = context.now();
    const dueMs = tables.number('reread-due');
    if (dueMs === 0 || dueMs > now + roundMs) tables.putNumber('reread-due', now + sliceMs);
    if (dueMs === 0 || dueMs > now) return undefined;
    const from = tables.bytes('reread-from') ?? new Uint8Array(0);
    if (from.length === 0) tables.putNumber('reread-began', now);
    const all = this.#core.total('bytes') + this.#core.total('files') * fileBytes;
    const slice: Round = {
      paths: this.#pathsAfter(keyPath(from)),
      left: Math.max(1, Math.ceil((all * sliceMs) / roundMs)),
      done: () => this.#sliced(slice),
      last: undefined,
      damaged: [],
    };
    return slice;
  }

  /** The next one begins behind the last path of this one; none where that was all. */
  #sliced({ last }: Round): void {
    const { context, tables } = this.#core;
    const next = last === undefined ? tables.number('reread-began') + roundMs : 0;
    tables.putBytes('reread-from', pathKey(last ?? ''));
    tables.putNumber('reread-due', Math.max(next, context.now() + sliceMs));
  }

  *#pathsAfter(after: string): Generator<string> {
    const { tables } = this.#core;
    for (let [path] = tables.pathsFrom('base', pathKey(`${after}\0`), 1); path !== undefined; ) {
      yield path;
      [path] = tables.pathsFrom('base', pathKey(`${path}\0`), 1);
    }
  }

  /** Reads a file, if it is one that is as it was left; gives its size, 0 for what is not read. */
  #read(path: string): number {
    const { context, root, tables } = this.#core;
    const base = tables.base(path);
    const row = tables.disk(path);
    const keys = context.contentKeys();
    if (keys === undefined || row === undefined || !this.#isAsLeft(path, base) || this.#reading.has(path)) return 0;
    this.#reading.add(path);
    const expected = stampOf(row);
    context.task({ task: 'hash', root, path, expected, keys }, (result) => {
      this.#reading.delete(path);
      if (result.task === 'hash') this.#judge(path, tables.base(path), result.outcome);
      context.again();
    });
    return row.size;
  }

  /** Whether the disk showed at the last look what the base row says. */
  #isAsLeft(path: string, base: BaseRow | undefined): boolean {
    const { busy, tables } = this.#core;
    if (base?.kind !== 'file' || base.stat === undefined || busy.has(path) || this.#core.isSkipped(path)) return false;
    const seen = tables.seen(path);
    return seen === undefined || seen.row.damaged === true;
  }

  #judge(path: string, base: BaseRow | undefined, outcome: HashOutcome): void {
    const core = this.#core;
    const { tables } = core;
    if (base === undefined || !this.#isAsLeft(path, base)) return;
    if (outcome.outcome !== 'hashed') return this.#scanner.paths([path]);
    const row = { ...outcome.row, path, content: outcome.content.id };
    const seen = tables.seen(path)?.row;
    const isUntouched = tables.isUntouched(row, pathKey(path));
    if (!isUntouched && (seen === undefined || looksOf(seen) !== looksOf(row))) return this.#scanner.paths([path]);
    if (row.content === (seen ?? base).content) return;
    if (isUntouched && row.content === base.content) core.unsee(path);
    else this.#see(row, outcome, isUntouched && !this.#mayBeAct(base));
    core.dirty(path);
  }

  #see(row: DiskRow, { content, nodes }: Hashed, damaged: boolean): void {
    const core = this.#core;
    const { path } = row;
    for (const node of nodes) core.contents.putNode(node.id, node.bytes);
    if (!damaged) return core.see(row, content);
    core.see({ ...row, damaged }, content);
    for (const { damaged } of this.#asked) damaged.push(path);
    const { context } = core;
    context.emit({ type: 'event', event: { event: 'damaged', folder: context.folder, path } });
  }

  /** Whether it was recorded here, and may have been written to after that without any trace in its times. */
  #mayBeAct({ path, content, stat }: BaseRow): boolean {
    const { abilities, context, versions } = this.#core;
    const isFine = (abilities.traits?.timeStepUs ?? 1) < coarseStepUs;
    if (isFine && Math.abs(context.now() - (stat?.ctimeUs ?? 0) / 1_000) >= quietMs) return false;
    const version = viewRow(versions, path)?.version;
    return version !== undefined && isContentOf(content, version) && version.stamp.device === context.device();
  }
}
