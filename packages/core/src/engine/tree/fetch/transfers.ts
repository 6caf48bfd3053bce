import { ChunkBitmap, type ChunkRef, checkCiphertext, ListReader } from '../../../content/index.js';
import type { ChunkId, ContentId } from '../../../model/index.js';
import type { ChunkTarget } from '../../../ports/index.js';
import { type Version, viewRow } from '../../../tree/index.js';
import type { TreeCore } from '../core.js';
import { isBulk } from '../store/tables.js';
import { ChunkBoard, type OpenChunk } from './chunk-board.js';
import { type Copy, LocalCopies } from './local-copies.js';
import { Needs } from './needs.js';
import type { FetchedOutcome } from './outcome.js';
import { Removals } from './removals.js';
import { Shelf } from './shelf.js';
import { Temps } from './temps.js';
import { type BulkRef, indexAt, newTransfer, nodesOf, readOn, stuckOn, type Transfer } from './transfer.js';
import { Twins } from './twins.js';

const activeMax = 512;
const copiesQueuedMax = 2_048;
const fullDiskMs = 5_000;

/** Puts together what is wanted here: from files and temp files of this folder first, then from peers. */
export class Transfers {
  readonly board: ChunkBoard;
  readonly #core: TreeCore;
  readonly #active = new Map<string, Transfer>();
  readonly #temps: Temps;
  /** Transfers with chunks that nothing was done for yet. */
  readonly #pending = new Set<Transfer>();
  readonly #copies: LocalCopies;
  readonly #removals: Removals;
  /** What nobody has who is connected. */
  readonly shelf: Shelf;
  /** Paths that wait until another path has the same content. */
  readonly #twins = new Twins();
  readonly #broken = new Set<ContentId>();
  readonly #needs: Needs;

  constructor(core: TreeCore) {
    this.#core = core;
    this.board = new ChunkBoard(core.context, core.root);
    this.#temps = new Temps(core.context.crypto);
    this.shelf = new Shelf(core.context);
    this.#needs = new Needs(core.tables);
    this.#copies = new LocalCopies(core.context, core.root, (copy, stored) => this.#copied(copy, stored));
    this.#removals = new Removals(core, (temp) => this.board.isWriting(temp) || this.#copies.isWriting(temp));
  }

  /** The root is there: what earlier lives left in it is taken up again, or removed. */
  listTemps(listed: () => void): void {
    const { context, root } = this.#core;
    context.task({ task: 'list-temps', root }, (result) => {
      this.#temps.found(result.task === 'list-temps' ? result.temps : []);
      listed();
      context.again();
    });
  }

  /** Nothing is to come that can be had. */
  get idle(): boolean {
    for (const { content } of this.#active.values()) if (!this.shelf.isLost(content)) return false;
    return this.#needs.count === this.shelf.counts.lost;
  }

  nextWake(): number | undefined {
    const next = this.board.nextWake();
    const again = this.shelf.nextWake();
    return next === undefined || again === undefined ? (next ?? again) : Math.min(next, again);
  }

  get bytesLeft(): number {
    const here = [...this.#active.values()].reduce((sum, { bytesHere }) => sum + bytesHere, 0);
    return Math.max(0, this.#needs.bytes - here);
  }

  isHere(version: Version): boolean {
    if (version.ref === undefined || !isBulk(version.size)) return true;
    if (version.content === undefined) return false;
    return this.#temps.hasWhole(version.content) || this.#core.contents.isHere(version.content);
  }

  isBroken(content: ContentId): boolean {
    return this.#broken.has(content);
  }

  /** A whole temp file with the content that nobody else takes; the path's until `unclaim` or `placed`. */
  claim(content: ContentId, path: string): string | undefined {
    return this.#temps.claim(content, path);
  }

  unclaim(temp: string): void {
    this.#temps.unclaim(temp);
  }

  /** A whole temp file could not be taken: what is left of it is looked at again. */
  lost(temp: string): void {
    this.#temps.lost(temp);
  }

  /** A temp file has become a path's file: others who want the content can have it from there. */
  placed(temp: string): void {
    const whole = this.#temps.whole(temp);
    if (whole === undefined) return;
    this.#temps.drop(whole);
    for (const path of this.#twins.take(whole.content)) this.#begin(path);
    for (const path of whole.paths) if (path !== whole.claim) this.#core.dirty(path);
  }

  need(path: string, content: ContentId, size: number): void {
    if (this.#needs.of(path) === content) {
      if (!this.#isWorkedOn(content, path) && !this.shelf.holds(content, path)) this.#needs.again();
      return;
    }
    this.noNeed(path);
    this.#needs.add(path, content, size);
    if (this.#temps.listed && this.#active.size < activeMax) this.#begin(path);
    else this.#needs.pass(path);
  }

  noNeed(path: string): void {
    const content = this.#needs.drop(path);
    if (content !== undefined) this.#leave(path, content);
  }

  /** The path wants none of the temp files with this content; what nobody wants goes. */
  #leave(path: string, content: ContentId): void {
    const part = this.shelf.leave(content, path);
    if (part !== undefined) this.#abandon(part);
    for (const temp of this.#temps.of(content)) {
      this.#temps.leave(temp, path);
      const transfer = this.#active.get(temp);
      if (transfer?.paths.delete(path) === true && transfer.paths.size === 0) this.#abandon(transfer);
    }
    // A whole file that this path did not take is free for one that waited for it.
    if (this.#temps.isFree(content)) for (const twin of this.#twins.take(content)) this.#core.dirty(twin);
  }

  /** Puts content that is about to be replaced into a temp file; true once that is whole. */
  preserve(content: ContentId, path: string): boolean {
    if (this.#temps.hasWhole(content)) return true;
    const temps = this.#temps.of(content);
    this.#temps.kept.set(path, content);
    for (const temp of temps) this.#active.get(temp)?.paths.add(path);
    const ref = this.#core.contents.ref(content);
    if (ref === undefined || (ref.kind !== 'chunks' && ref.kind !== 'tree')) return true;
    if (temps.every((temp) => !this.#active.has(temp))) this.#open(content, ref, path);
    return false;
  }

  /** Nothing of this path has to be put aside any more. */
  keepNothing(path: string): void {
    const content = this.#temps.kept.get(path);
    if (content === undefined) return;
    this.#temps.kept.delete(path);
    if (this.#needs.of(path) !== content) this.#leave(path, content);
  }

  /** A chunk in a temp file. */
  inTemp(id: ChunkId): ReturnType<Temps['chunk']> {
    return this.#temps.chunk(id);
  }

  fetched(fetch: number, id: ChunkId, outcome: FetchedOutcome): void {
    const connection = this.board.connectionOf(fetch);
    const chunk = this.board.answered(fetch, id);
    if (chunk === undefined) return;
    switch (outcome.outcome) {
      case 'stored':
        return this.#stored(chunk);
      case 'node':
        return this.#node(chunk, outcome.bytes, connection);
      case 'failed':
        return this.#notStored(chunk, outcome);
      case 'refused':
        return outcome.fault === 'author' ? this.#break(chunk) : this.board.notGiven(chunk, connection, undefined);
      case 'lost':
        return this.board.refused(chunk, connection);
      default:
        return this.board.notGiven(chunk, connection, outcome.outcome === 'missing' ? outcome.also : undefined);
    }
  }

  step(): void {
    if (!this.#temps.listed) return;
    if (this.shelf.step()) this.#needs.again();
    this.#activate();
    for (const transfer of this.#pending) {
      if (this.board.isFull || this.#copies.queued >= copiesQueuedMax) break;
      this.#schedule(transfer);
    }
    this.#copies.step();
    this.board.step();
    if (this.board.takeParked()) this.#rest();
    this.#removals.step();
  }

  /** What is missing of these nobody gives who is connected: they make room. */
  #rest(): void {
    for (const transfer of this.#active.values()) {
      const missing = this.#copies.isFor(transfer.temp) ? undefined : stuckOn(transfer, this.board);
      if (missing === undefined) continue;
      const { content, temp, bytesHere, paths } = transfer;
      const waiting = [...paths, ...this.#twins.take(content)].filter((path) => this.#needs.of(path) === content);
      if (waiting.length === 0) continue;
      this.shelf.put(transfer, waiting, missing);
      this.#putAside(transfer);
      // An earlier life, or a chunk that is on its way, may have left a file of that name.
      if (bytesHere === 0 || temp !== content) this.#temps.stray(transfer);
      this.#core.context.again();
    }
    this.board.keepNodes(nodesOf(this.#active.values()));
  }

  /** Removes temp files that nobody wants. Called when nothing is planned or under way; false: it is too early. */
  sweep(): boolean {
    if (!this.#temps.listed) return false;
    this.#removals.add(this.#temps.takeUnwanted((content) => this.#core.isWanted(content)));
    if (this.#needs.count === 0 && this.#temps.isEmpty) this.#core.contents.sweepNodes();
    return true;
  }

  #activate(): void {
    while (this.#active.size < activeMax) {
      const path = this.#needs.next();
      if (path === undefined) return;
      this.#begin(path);
    }
  }

  #begin(path: string): void {
    const core = this.#core;
    const content = this.#needs.of(path);
    if (content === undefined) return;
    if (this.#isWorkedOn(content, path) || this.shelf.holds(content, path)) return;
    const ref = viewRow(core.versions, path)?.version?.ref;
    if (ref?.id !== content || (ref.kind !== 'chunks' && ref.kind !== 'tree')) return core.dirty(path);
    this.#open(content, ref, path);
  }

  #isWorkedOn(content: ContentId, path: string): boolean {
    for (const temp of this.#temps.of(content)) {
      if (this.#active.get(temp)?.paths.has(path) === true || this.#temps.isFor(temp, path)) return true;
    }
    return this.#twins.has(content, path);
  }

  #open(content: ContentId, ref: BulkRef, path: string): void {
    const core = this.#core;
    const part = this.shelf.takePart(content);
    if (part !== undefined) return this.#goOn(part, path);
    let temp: string = content;
    if (this.#temps.of(content).length > 0) {
      if (this.claim(content, path) !== undefined) return core.dirty(path);
      if (!core.contents.isHere(content)) return this.#twins.add(content, path);
      temp = this.#temps.ownName(content, path);
    }
    if (this.#removals.waitFor(temp, path)) return;
    const convergence = core.context.contentKeys()?.convergence;
    if (convergence === undefined) return;
    const reader = ref.kind === 'tree' ? new ListReader(core.context.crypto, convergence, ref) : undefined;
    const chunks = ref.kind === 'chunks' ? core.contents.list(ref).chunks : [];
    this.#temps.add(temp, content);
    this.#work(newTransfer(temp, path, ref, chunks, reader, this.#temps.resume(temp)));
  }

  /** With what is here of it; the rest is asked for again. */
  #goOn(part: Transfer, path: string): void {
    this.#work({ ...part, paths: new Set([...part.paths, path]), next: 0, resumed: false });
  }

  #work(transfer: Transfer): void {
    this.#active.set(transfer.temp, transfer);
    this.#pending.add(transfer);
  }

  #schedule(transfer: Transfer): void {
    if (transfer.reader !== undefined && transfer.bitmap === undefined && !this.#readList(transfer, transfer.reader))
      return;
    const { chunks, bitmap, temp, ref } = transfer;
    if (bitmap === undefined) return;
    while (transfer.next < chunks.length && !this.board.isFull && this.#copies.queued < copiesQueuedMax) {
      const chunk = chunks[transfer.next++];
      if (chunk === undefined) break;
      if (bitmap.has(transfer.next - 1)) continue;
      const target = { temp, offset: chunk.offset, size: ref.size };
      const inTemps = this.#temps.sources(chunk, transfer.resumed ? temp : undefined);
      const sources = [...inTemps, ...(this.#core.contents.local(chunk.id)?.sources ?? [])];
      if (sources.length > 0) this.#copies.add({ chunk, sources, target });
      else this.board.want(chunk, false, target);
    }
    if (transfer.next >= chunks.length) this.#pending.delete(transfer);
  }

  /** Reads a long list as far as its nodes are here and asks for those that are not; true when it is whole. */
  #readList(transfer: Transfer, reader: ListReader): boolean {
    try {
      readOn(reader, transfer.chunks, this.#core.contents);
    } catch {
      this.#fail(transfer);
      return false;
    }
    if (!reader.done) {
      for (const node of reader.wanted()) this.board.want(node, true, undefined);
      this.#pending.delete(transfer);
      return false;
    }
    transfer.bitmap = new ChunkBitmap(transfer.chunks.length);
    return true;
  }

  #copied({ chunk, sources, target }: Copy, stored: boolean): void {
    if (!this.#active.has(target.temp)) return;
    if (stored) return this.#has(target, chunk);
    for (const { from } of sources) if ('path' in from) this.#core.doubts.add(from.path);
    this.board.want(chunk, false, target);
  }

  #stored(chunk: OpenChunk): void {
    const { written, late } = this.board.stored(chunk);
    const [first] = written;
    for (const target of written) this.#has(target, chunk);
    if (first === undefined) return;
    const sources = [{ from: { temp: first.temp }, offset: first.offset }];
    for (const target of late) this.#copies.add({ chunk, sources, target });
  }

  #has(target: ChunkTarget, chunk: ChunkRef): void {
    const transfer = this.#active.get(target.temp);
    if (transfer?.bitmap === undefined) return;
    if (!transfer.bitmap.add(indexAt(transfer.chunks, target.offset))) return;
    transfer.bytesHere += chunk.length;
    for (const path of transfer.paths) this.#core.troubles.delete(path);
    this.#temps.put(chunk, target);
    if (transfer.bitmap.complete) this.#complete(transfer);
  }

  #complete(transfer: Transfer): void {
    this.#active.delete(transfer.temp);
    this.#pending.delete(transfer);
    this.#temps.complete(transfer);
    const { paths, part } = this.shelf.take(transfer.content);
    if (part !== undefined) this.#abandon(part);
    for (const path of [...transfer.paths, ...paths]) this.#core.dirty(path);
  }

  #node(chunk: OpenChunk, bytes: Uint8Array, connection: number | undefined): void {
    try {
      checkCiphertext(this.#core.context.crypto, chunk.id, bytes);
    } catch {
      return this.board.refused(chunk, connection);
    }
    this.#core.contents.putNode(chunk.id, bytes);
    this.board.stored(chunk);
    for (const transfer of this.#active.values()) if (transfer.bitmap === undefined) this.#pending.add(transfer);
    this.#core.context.again();
  }

  #notStored(chunk: OpenChunk, failure: { readonly code: string; readonly reason: string }): void {
    for (const { temp } of chunk.targets) {
      for (const path of this.#active.get(temp)?.paths ?? []) this.#core.troubles.set(path, failure);
    }
    this.board.refused(chunk, undefined);
    this.board.pausedUntilMs = this.#core.context.steadyMs() + fullDiskMs;
  }

  /** The author's fault: the content can't be had from anybody. */
  #break(chunk: OpenChunk): void {
    const temps = new Set(chunk.targets.map(({ temp }) => temp));
    this.board.stored(chunk);
    for (const temp of temps) {
      const transfer = this.#active.get(temp);
      if (transfer !== undefined) this.#fail(transfer);
    }
  }

  #fail(transfer: Transfer): void {
    this.#broken.add(transfer.content);
    for (const path of [...transfer.paths]) {
      this.#core.troubles.set(path, {
        code: 'bad-hash',
        reason: 'Its author announced content that can not be opened.',
      });
      this.noNeed(path);
    }
    if (this.#active.has(transfer.temp)) this.#abandon(transfer);
  }

  #putAside(transfer: Transfer): void {
    this.#active.delete(transfer.temp);
    this.#pending.delete(transfer);
    this.board.forget(transfer.temp);
  }

  #abandon(transfer: Transfer): void {
    this.#putAside(transfer);
    this.#copies.forget(transfer.temp);
    this.#temps.drop(transfer);
    for (const path of this.#twins.take(transfer.content)) this.#core.dirty(path);
    this.#removals.add([transfer.temp]);
  }
}
