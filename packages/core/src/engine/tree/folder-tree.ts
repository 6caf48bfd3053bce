import { type CloudlessError, check } from '../../errors.js';
import type { ChunkId, ContentId, RawRecord } from '../../model/index.js';
import type { WatchHint } from '../../ports/index.js';
import { type RecordPlace, viewRow } from '../../tree/index.js';
import type { Keep } from '../commands.js';
import type { FolderContext } from '../context.js';
import type { MissingChunk, ServedChunk } from '../effects.js';
import { Archive } from './archive/archive.js';
import { type ArchiveRow, groupOf, pathOf } from './archive/archive-rows.js';
import { LateWrites } from './archive/late.js';
import { Restorer } from './archive/restore.js';
import { Brake } from './brake/brake.js';
import { TreeCore } from './core.js';
import { diskReport } from './disk/disk-report.js';
import { Edits } from './disk/edits.js';
import { LocalChanges } from './disk/local.js';
import { Root } from './disk/root.js';
import { Rot } from './disk/rot.js';
import { Scanner } from './disk/scan.js';
import type { FetchedOutcome } from './fetch/outcome.js';
import { Transfers } from './fetch/transfers.js';
import { type PlanPage, preview } from './preview.js';
import { type Reach, readVersion } from './read-version.js';
import { Applier } from './remote.js';
import { type ConflictRow, Resolver } from './resolver.js';
import { revert } from './revert.js';
import { IgnoreFile } from './rules/ignore-file.js';
import { RuleBook } from './rules/rule-book.js';
import { statusOf, type TreeStatus } from './tree-status.js';
import { type Explanation, explain } from './why.js';

const damagedShown = 20;

/** A version in the archive. */
export interface HistoryItem extends Pick<ArchiveRow, 'timeMs' | 'mtimeUs' | 'size' | 'kind' | 'why' | 'by'> {
  readonly path: string;
  readonly version: string;
}

/** What a peer's want is answered with. */
export interface Served {
  readonly chunks: readonly ServedChunk[];
  readonly missing: readonly MissingChunk[];
  readonly unsure: readonly ChunkId[];
  readonly nodes: readonly { readonly id: ChunkId; readonly bytes: Uint8Array }[];
}

/**
 * The files of one folder: looks at the disk, records what was done here, plans and applies what was done elsewhere,
 * fetches and serves content. Sans-IO: all that happens comes in through the methods, all that is to be done leaves
 * through the context.
 */
export class FolderTree {
  readonly #core: TreeCore;
  /** Looks at the disk. */
  readonly scanner: Scanner;
  /** The directory. */
  readonly root: Root;
  readonly #local: LocalChanges;
  /** Finds files whose bytes changed although nobody wrote to them. */
  readonly rot: Rot;
  readonly #transfers: Transfers;
  readonly #late: LateWrites;
  readonly #archive: Archive;
  /** Asks before so much is taken away at once. */
  readonly brake: Brake;
  readonly #applier: Applier;
  readonly #rules: RuleBook;
  /** The shared rules as they are on disk. */
  readonly ignoreFile: IgnoreFile;
  readonly #resolver: Resolver;
  readonly #restorer: Restorer;
  #couldWrite = false;
  /** Nothing was planned since temp files that nobody wants were removed. */
  #swept = false;

  constructor(context: FolderContext, root: string) {
    this.#core = new TreeCore(context, root);
    this.scanner = new Scanner(this.#core);
    this.root = new Root(this.#core, () => this.#begin());
    this.#local = new LocalChanges(this.#core, this.scanner);
    this.rot = new Rot(this.#core, this.scanner);
    this.#transfers = new Transfers(this.#core);
    this.#late = new LateWrites(this.#core, this.scanner);
    this.#archive = new Archive(this.#core, this.#late);
    this.#rules = new RuleBook(this.#core, this.scanner);
    const edits = new Edits(this.#core, this.scanner, this.#archive);
    this.ignoreFile = new IgnoreFile(this.#core, edits);
    this.brake = new Brake(this.#core, () => this.#isQuiet());
    const { brake } = this;
    this.#applier = new Applier(this.#core, this.scanner, this.#local, this.#transfers, this.#archive, brake);
    this.#restorer = new Restorer(this.#core, this.#archive, this.#applier, edits);
    this.#resolver = new Resolver(this.#core, this.#applier, this.#local, edits);
  }

  /** Claims the root, then looks at all of it and watches it. */
  start(): void {
    const { tables } = this.#core;
    tables.moveAll('waiting', 'dirty');
    this.#couldWrite = this.#core.context.mayWrite();
    this.brake.start();
    for (const part of [this.#late, this.#applier]) part.start();
    this.root.step();
  }

  /** A file record, in causal order; also our own. One that is no version or builds on more than `reach` is void. */
  record(raw: RawRecord, place: RecordPlace, how: 'own' | 'again' | 'first', reach?: Reach): void {
    const core = this.#core;
    const hasher = core.hasher();
    const version = readVersion(raw, place, reach);
    if (version === undefined || hasher === undefined) return;
    const conflicts = core.versions.conflicts();
    const names = core.versions.add(version, hasher);
    for (const name of names) {
      if (core.context.isView(name)) continue;
      core.abilities.note(name);
      if (how !== 'own') core.want(name, viewRow(core.versions, name)?.version);
      core.dirty(name);
    }
    if (how === 'first' && version.content !== undefined)
      this.#transfers.shelf.told(version.content, version.at.device);
    if (core.versions.conflicts() > conflicts && how !== 'again') {
      this.brake.conflict(version);
      const event = { event: 'conflict', folder: core.context.folder, path: version.path } as const;
      core.context.emit({ type: 'event', event });
    }
  }

  /** The watcher saw something; absent paths mean anything. */
  hint({ paths, blind }: WatchHint): void {
    if (blind !== undefined) this.scanner.blind(blind);
    if (!this.root.good) return;
    if (paths === undefined) this.scanner.all();
    else this.scanner.paths(paths);
  }

  /** Bytes were read at these paths for a peer that are not those recorded. */
  misread(paths: readonly string[]): void {
    for (const path of paths) this.#core.doubts.add(path);
    this.#core.context.again();
  }

  /** The rules of this device have changed. */
  rulesChanged(): void {
    this.#rules.reread();
  }

  /** A peer came or went. */
  holdersChanged(): void {
    for (const part of [this.#transfers.shelf, this.#transfers.board]) part.holdersChanged();
    this.#core.context.again();
  }

  fetched(fetch: number, id: ChunkId, outcome: FetchedOutcome): void {
    this.#transfers.fetched(fetch, id, outcome);
  }

  fetchDone(fetch: number): void {
    this.#transfers.board.end(fetch);
  }

  /** Where what a peer wants lies. */
  serve(ids: readonly ChunkId[]): Served {
    const chunks: ServedChunk[] = [];
    const [missing, unsure]: [MissingChunk[], ChunkId[]] = [[], []];
    // Before all was looked at, nothing can be said not to be here.
    const isSure = this.root.good && this.scanner.complete && this.#rules.isSettled;
    const nodes: { readonly id: ChunkId; readonly bytes: Uint8Array }[] = [];
    for (const id of ids) {
      const node = this.#core.contents.node(id);
      const chunk = node === undefined ? this.#served(id) : undefined;
      if (node !== undefined) nodes.push({ id, bytes: node });
      else if (chunk !== undefined) chunks.push(chunk);
      else if (isSure && !this.#transfers.board.has(id)) missing.push({ id, also: this.#transfers.shelf.deniedBy(id) });
      else unsure.push(id);
    }
    return { chunks, missing, unsure, nodes };
  }

  /** One slice of work, of about so many rows; true when there is more to do now. */
  step(rowsMax: number): boolean {
    const core = this.#core;
    this.root.step();
    if (!this.root.good) {
      this.#rules.expire();
      return false;
    }
    if (!this.#couldWrite && core.context.mayWrite()) core.tables.moveAll('unrecorded', 'dirty');
    this.#couldWrite = core.context.mayWrite();
    for (const path of core.dueRetries()) core.dirty(path);
    const going = this.#rules.step(rowsMax);
    if (!this.#rules.isKnown) return going;
    let more = this.scanner.step(rowsMax);
    this.#local.step();
    if (this.#mayPlan()) {
      this.#late.step();
      this.#archive.step();
      if (core.tables.count('dirty') > 0) this.#swept = false;
      if (this.#late.sure) more = this.#applier.step(this.#isFirst()) || more;
      this.#local.step();
      more = this.brake.step() || more;
      this.#transfers.step();
      this.#afterAll();
    }
    this.rot.step(!more && this.#isQuiet());
    return more;
  }

  /** Writes into the store what is gathered in memory; called before each commit, whether there was a step or not. */
  flush(): void {
    this.#core.flush();
  }

  /** When to `step` at the latest, Unix ms. */
  nextWake(): number | undefined {
    if (!this.root.good) return this.root.nextWake();
    const times = [this.root, this.scanner, this.#local, this.rot, this.#transfers, this.brake].map((part) =>
      part.nextWake(),
    );
    const later = this.#mayPlan() ? [this.#late.nextWake(), this.#archive.nextWake()] : [];
    const known = [...times, this.#core.nextRetryMs(), ...later].filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  /** Calls back when a scan that began after this call is through; what it found is then pending or recorded. */
  look(done: () => void): void {
    this.root.look();
    this.scanner.look(done);
  }

  /** Whether a group of changes is under way. */
  get isApplying(): boolean {
    return this.#applier.isApplying;
  }

  /** What is still to be called back. */
  get looks(): readonly (() => void)[] {
    return this.scanner.looks;
  }

  #begin(): void {
    this.#transfers.listTemps(() => {
      this.#swept = false;
    });
    this.scanner.all();
  }

  #isQuiet(): boolean {
    const { tables } = this.#core;
    if (!this.#rules.isSettled || tables.count('dirty') > 0) return false;
    return this.scanner.idle && this.#local.idle && this.#applier.idle;
  }

  /** Nothing is pending: not scanned, not recorded, not fetched, not applied. */
  settled(): boolean {
    const { tables, retrying } = this.#core;
    if (!this.scanner.complete || !this.scanner.calm || !this.#local.idle || !this.#applier.idle) return false;
    if (!this.#late.idle || !this.#rules.isSettled || !this.brake.idle || this.brake.held > 0) return false;
    return tables.count('dirty') === 0 && retrying === 0 && this.#transfers.idle;
  }

  status(): TreeStatus {
    return statusOf(this.#core, {
      scanner: this.scanner,
      rot: this.rot,
      brake: this.brake,
      local: this.#local,
      transfers: this.#transfers,
      applier: this.#applier,
      rules: this.#rules,
      movedMs: this.root.movedMs,
      isUnheard: this.#isUnheard(),
      isSettled: this.settled(),
    });
  }

  /** The one state of a path, the reason, and what would change it. */
  why(path: string): Explanation {
    if (this.#core.stopped !== undefined) return { state: 'stopped', reason: this.#core.stopped };
    return explain(this.#core, this.#applier, path);
  }

  /** Whether a path waits for content that every member said not to have. */
  isLost(path: string): boolean {
    const need = this.#core.tables.need(path);
    return need !== undefined && this.#transfers.shelf.isLost(need.content as ContentId);
  }

  /** What the disk lost, as `found` and as is still known, what it can't do, and what can't be synced; for a person. */
  diskReport(found: readonly string[]): string {
    const { abilities, unsyncable, unnameable } = this.#core;
    const damaged = new Set([...found.slice(0, damagedShown), ...this.rot.damaged(damagedShown)]);
    return diskReport(abilities.traits, new Map([...unsyncable, ...unnameable]), damaged);
  }

  /** What sync would do at paths after one, in order; a page of it. */
  plan(after: string | undefined): PlanPage {
    return preview(this.#core, this.#applier, after);
  }

  /** Paths that have conflict copies, at most `limit`. */
  conflictsList(limit = 10_000): readonly ConflictRow[] {
    return this.#resolver.list(limit);
  }

  /** Settles a conflict. Throws, or hands over, what is in the way. */
  resolve(path: string, keep: Keep, done: (error: CloudlessError | undefined) => void): void {
    const { stopped } = this.#core;
    check(stopped === undefined, 'io', stopped ?? '');
    this.#resolver.resolve(path, keep, done);
  }

  /** Takes back what was changed here alone, at paths or below them (`revert`); looks at the disk first. */
  revert(paths: readonly string[], done: (count: number) => void): void {
    this.look(() => done(revert(this.#core, paths)));
  }

  /** What lay at a path, or below it, and was replaced or removed; the latest first. */
  history(path: string): readonly HistoryItem[] {
    return this.#archive.history(path).map(({ name, timeMs, mtimeUs, size, kind, why, by }) => {
      return { path: pathOf(name), version: groupOf(name), timeMs, mtimeUs, size, kind, why, by };
    });
  }

  /** Brings a version back, the latest where none is named. Throws what is wrong with the request. */
  restore(...args: Parameters<Restorer['restore']>): void {
    this.#restorer.restore(...args);
  }

  #served(id: ChunkId): ServedChunk | undefined {
    const local = this.#core.contents.local(id);
    const temp = this.#transfers.inTemp(id);
    if (temp === undefined) return local;
    const { key, length } = temp.chunk;
    return { id, key, length, sources: [...(local?.sources ?? []), temp.source] };
  }

  /** Whether what is found on disk was there before this device joined. */
  #isFirst(): boolean {
    const { context, tables } = this.#core;
    return tables.number('merged') === 0 && (tables.number('reset') === 1 || context.founded?.() === false);
  }

  /** What is here is merged with what the folder has, rules of it first; so that has to be known. */
  #isUnheard(): boolean {
    const { context, tables } = this.#core;
    return this.#isFirst() && tables.number('reset') !== 1 && context.heard?.() === false;
  }

  /** The disk was looked at, what others did can be read, and who was just met has said what it has. */
  #mayPlan(): boolean {
    if (!(this.#core.context.ready?.() ?? true) || this.#isUnheard()) return false;
    return this.scanner.complete && this.#rules.isSettled && this.#core.hasher() !== undefined;
  }

  #afterAll(): void {
    const { tables } = this.#core;
    if (this.#swept || tables.count('dirty') > 0 || !this.#local.idle || !this.#applier.idle) return;
    if (tables.number('merged') === 0) tables.putNumber('merged', 1);
    this.#swept = this.#transfers.sweep();
  }
}
