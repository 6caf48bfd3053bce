import { toHex, utf8 } from '../../bytes.js';
import { ChunkBitmap, checkCiphertext, type ChunksRef, ListReader, type PlacedRef, type TreeRef } from '../../content/index.js';
import type { ChunkId, ContentId } from '../../model/index.js';
import type { ChunkSource, ChunkTarget } from '../../ports/index.js';
import { type Version, viewRow } from '../../tree/index.js';
import type { TaskResult } from '../inputs.js';
import { ChunkBoard, type OpenChunk } from './chunk-board.js';
import type { TreeCore } from './core.js';
import type { FetchedOutcome } from './outcome.js';
import { isBulk } from './tables.js';

const activeMax = 512;
const openChunksMax = 2_048;
const copyChunksMax = 64;
const copiesInFlightMax = 4;
const needsPage = 256;
const fullDiskMs = 5_000;

type BulkRef = ChunksRef | TreeRef;

/** Content that is being put together in a temp file. */
interface Transfer {
  readonly temp: string;
  readonly ref: BulkRef;
  readonly content: ContentId;
  /** Paths that are planned again when it is whole. */
  readonly paths: Set<string>;
  readonly reader: ListReader | undefined;
  readonly chunks: PlacedRef[];
  bitmap: ChunkBitmap | undefined;
  /** Chunks before this place are asked for or here. */
  next: number;
  /** The temp file may hold parts from an earlier life. */
  readonly resumed: boolean;
  bytesHere: number;
}

interface Copy {
  readonly chunk: PlacedRef;
  readonly sources: readonly ChunkSource[];
  readonly target: ChunkTarget;
}

/** Puts together what is wanted here: from files and temp files of this folder first, then from peers. */
export class Transfers {
  readonly board: ChunkBoard;
  readonly #core: TreeCore;
  readonly #active = new Map<string, Transfer>();
  /** Whole temp files, with the path that is about to get each. */
  readonly #whole = new Map<string, Transfer & { claim?: string | undefined }>();
  readonly #tempsOf = new Map<ContentId, Set<string>>();
  /** Transfers with chunks that nothing was done for yet. */
  readonly #pending = new Set<Transfer>();
  readonly #copies: Copy[] = [];
  #copying = 0;
  /** Chunks in temp files, for those who ask for them meanwhile. */
  readonly #inTemps = new Map<ChunkId, { readonly chunk: PlacedRef; readonly temp: string; readonly offset: number }>();
  /** Paths that wait until another path has the same content. */
  readonly #twins = new Map<ContentId, Set<string>>();
  /** Temp files that are being removed, with paths that wait for the name. */
  readonly #removing = new Map<string, Set<string>>();
  readonly #broken = new Set<ContentId>();
  /** Content that is put aside for others before a path loses it, by that path. */
  readonly #kept = new Map<string, ContentId>();
  #strays: Set<string> | undefined;
  #cursor: string | undefined;
  #pass = true;
  #needBytes = 0;

  constructor(core: TreeCore) {
    this.#core = core;
    this.board = new ChunkBoard(core.context, core.root);
  }

  start(): void {
    const { context, root, tables } = this.#core;
    for (let after: string | undefined; ; ) {
      const rows = tables.needsAfter(after, needsPage);
      for (const { size } of rows) this.#needBytes += size;
      after = rows.at(-1)?.path;
      if (after === undefined) break;
    }
    context.task({ task: 'list-temps', root }, (result) => {
      this.#strays = new Set(result.task === 'list-temps' ? result.temps : []);
      context.again();
    });
  }

  get idle(): boolean {
    return this.#active.size === 0 && this.#core.tables.count('need') === 0;
  }

  get bytesLeft(): number {
    let here = 0;
    for (const { bytesHere } of this.#active.values()) here += bytesHere;
    return Math.max(0, this.#needBytes - here);
  }

  nextWake(): number | undefined {
    return this.board.nextWake();
  }

  // For the planner.

  isHere(version: Version): boolean {
    if (version.ref === undefined || !isBulk(version.size)) return true;
    if (version.content === undefined) return false;
    for (const temp of this.#tempsOf.get(version.content) ?? []) if (this.#whole.has(temp)) return true;
    return this.#core.contents.paths(version.content, 1).length > 0;
  }

  isBroken(content: ContentId): boolean {
    return this.#broken.has(content);
  }

  /** A whole temp file with the content that nobody else is about to take. It stays the path's until `unclaim` or `placed`. */
  claim(content: ContentId, path: string): string | undefined {
    for (const temp of [this.#ownTemp(content, path), content]) {
      const whole = this.#whole.get(temp);
      if (whole === undefined || (whole.claim !== undefined && whole.claim !== path)) continue;
      whole.claim = path;
      return temp;
    }
    return undefined;
  }

  unclaim(temp: string): void {
    const whole = this.#whole.get(temp);
    if (whole !== undefined) whole.claim = undefined;
  }

  /** A whole temp file could not be taken: what is left of it is looked at again. */
  lost(temp: string): void {
    const whole = this.#whole.get(temp);
    if (whole === undefined) return;
    this.#forgetTemp(temp, whole.content, whole.chunks);
    this.#strays?.add(temp);
  }

  /** A temp file has become a path's file: others who want the content can have it from there. */
  placed(temp: string): void {
    const whole = this.#whole.get(temp);
    if (whole === undefined) return;
    this.#forgetTemp(temp, whole.content, whole.chunks);
    const twins = this.#twins.get(whole.content) ?? [];
    this.#twins.delete(whole.content);
    for (const path of twins) this.#begin(path);
    for (const path of whole.paths) if (path !== whole.claim) this.#core.dirty(path);
  }

  need(path: string, content: ContentId, size: number): void {
    const { tables } = this.#core;
    const known = tables.need(path);
    if (known?.content === content) {
      if (!this.#isWorkedOn(content, path)) this.#pass = true;
      return;
    }
    if (known !== undefined) this.noNeed(path);
    tables.putNeed(path, { content, size });
    this.#needBytes += size;
    if (this.#strays !== undefined && this.#active.size < activeMax) this.#begin(path);
    else if (this.#cursor === undefined || path <= this.#cursor) this.#pass = true;
  }

  noNeed(path: string): void {
    const { tables } = this.#core;
    const known = tables.need(path);
    if (known === undefined) return;
    tables.dropNeed(path);
    this.#needBytes -= known.size;
    this.#leave(path, known.content as ContentId);
  }

  /** The path wants none of the temp files with this content; what nobody wants goes. */
  #leave(path: string, content: ContentId): void {
    for (const temp of [...(this.#tempsOf.get(content) ?? [])]) {
      const whole = this.#whole.get(temp);
      if (whole?.claim === path) whole.claim = undefined;
      whole?.paths.delete(path);
      const transfer = this.#active.get(temp);
      if (transfer?.paths.delete(path) === true && transfer.paths.size === 0) this.#abandon(transfer);
    }
  }

  /** Puts content that is about to be replaced into a temp file; true once that is whole. */
  preserve(content: ContentId, path: string): boolean {
    const temps = this.#tempsOf.get(content) ?? new Set();
    for (const temp of temps) if (this.#whole.has(temp)) return true;
    this.#kept.set(path, content);
    for (const temp of temps) this.#active.get(temp)?.paths.add(path);
    const ref = this.#core.contents.ref(content);
    if (ref === undefined || (ref.kind !== 'chunks' && ref.kind !== 'tree')) return true;
    if (temps.size === 0) this.#open(content, ref, path);
    return false;
  }

  /** Nothing of this path has to be put aside any more. */
  keepNothing(path: string): void {
    const content = this.#kept.get(path);
    if (content === undefined) return;
    this.#kept.delete(path);
    if (this.#core.tables.need(path)?.content !== content) this.#leave(path, content);
  }

  // What peers ask for.

  /** A chunk in a temp file. */
  inTemp(id: ChunkId): { readonly chunk: PlacedRef; readonly source: ChunkSource } | undefined {
    const found = this.#inTemps.get(id);
    return found === undefined ? undefined : { chunk: found.chunk, source: { from: { temp: found.temp }, offset: found.offset } };
  }

  // What happens.

  holdersChanged(): void {
    this.board.holdersChanged();
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
        return outcome.fault === 'author' ? this.#break(chunk) : this.board.refused(chunk, connection);
      default:
        return this.board.refused(chunk, connection);
    }
  }

  fetchDone(fetch: number): void {
    this.board.end(fetch);
  }

  step(): void {
    if (this.#strays === undefined) return;
    this.#activate();
    for (const transfer of this.#pending) {
      if (this.board.size >= openChunksMax || this.#copies.length >= openChunksMax) break;
      this.#schedule(transfer);
    }
    while (this.#copying < copiesInFlightMax && this.#copies.length > 0) this.#copy(this.#copies.splice(0, copyChunksMax));
    this.board.step();
  }

  /** Removes temp files of earlier lives that nobody wants. Called once everything was planned. */
  sweep(): void {
    const { context, root, tables } = this.#core;
    if (this.#strays === undefined || this.#strays.size === 0) return;
    const wanted = new Set<string>();
    for (let after: string | undefined; ; ) {
      const rows = tables.needsAfter(after, needsPage);
      for (const { content } of rows) wanted.add(content);
      after = rows.at(-1)?.path;
      if (after === undefined) break;
    }
    const temps = [...this.#strays].filter((temp) => !wanted.has(temp.slice(0, 64)) && !this.#active.has(temp) && !this.#whole.has(temp));
    for (const temp of temps) this.#strays.delete(temp);
    if (temps.length > 0) context.task({ task: 'remove-temps', root, temps }, () => undefined);
  }

  // Beginning.

  #activate(): void {
    while (this.#active.size < activeMax && (this.#pass || this.#cursor !== undefined)) {
      if (this.#cursor === undefined) this.#pass = false;
      const rows = this.#core.tables.needsAfter(this.#cursor, needsPage);
      for (const { path } of rows) {
        if (this.#active.size >= activeMax) return;
        this.#cursor = path;
        this.#begin(path);
      }
      if (rows.length < needsPage) this.#cursor = undefined;
    }
  }

  #begin(path: string): void {
    const core = this.#core;
    const need = core.tables.need(path);
    if (need === undefined) return;
    const content = need.content as ContentId;
    if (this.#isWorkedOn(content, path)) return;
    const ref = viewRow(core.versions, path)?.version?.ref;
    if (ref?.id !== content || (ref.kind !== 'chunks' && ref.kind !== 'tree')) return core.dirty(path);
    this.#open(content, ref, path);
  }

  #isWorkedOn(content: ContentId, path: string): boolean {
    for (const temp of this.#tempsOf.get(content) ?? []) {
      if (this.#active.get(temp)?.paths.has(path) === true) return true;
      const whole = this.#whole.get(temp);
      if (whole?.paths.has(path) === true && (whole.claim === undefined || whole.claim === path)) return true;
    }
    return this.#twins.get(content)?.has(path) === true;
  }

  #open(content: ContentId, ref: BulkRef, path: string): void {
    const core = this.#core;
    const others = this.#tempsOf.get(content);
    let temp: string = content;
    if (others !== undefined && others.size > 0) {
      if (this.claim(content, path) !== undefined) return core.dirty(path);
      if (core.contents.paths(content, 1).length === 0) return this.#waitForTwin(content, path);
      temp = this.#ownTemp(content, path);
    }
    const removing = this.#removing.get(temp);
    if (removing !== undefined) {
      removing.add(path);
      return;
    }
    const convergence = core.context.contentKeys()?.convergence;
    if (convergence === undefined) return;
    const transfer: Transfer = {
      temp,
      ref,
      content,
      paths: new Set([path]),
      reader: ref.kind === 'tree' ? new ListReader(core.context.crypto, convergence, ref) : undefined,
      chunks: ref.kind === 'chunks' ? [...core.contents.chunks(ref)] : [],
      bitmap: ref.kind === 'chunks' ? new ChunkBitmap(ref.chunks.length) : undefined,
      next: 0,
      resumed: this.#strays?.delete(temp) === true,
      bytesHere: 0,
    };
    this.#active.set(temp, transfer);
    this.#pending.add(transfer);
    if (others === undefined) this.#tempsOf.set(content, new Set([temp]));
    else others.add(temp);
  }

  #waitForTwin(content: ContentId, path: string): void {
    const waiting = this.#twins.get(content);
    if (waiting === undefined) this.#twins.set(content, new Set([path]));
    else waiting.add(path);
  }

  #ownTemp(content: ContentId, path: string): string {
    return `${content}-${toHex(this.#core.context.crypto.blake3(utf8(path))).slice(0, 16)}`;
  }

  // Going on.

  #schedule(transfer: Transfer): void {
    if (transfer.reader !== undefined && transfer.bitmap === undefined && !this.#readList(transfer, transfer.reader)) return;
    const { chunks, bitmap, temp, ref } = transfer;
    if (bitmap === undefined) return;
    while (transfer.next < chunks.length && this.board.size < openChunksMax && this.#copies.length < openChunksMax) {
      const chunk = chunks[transfer.next++] as PlacedRef;
      const target = { temp, offset: chunk.offset, size: ref.size };
      const sources = this.#sources(transfer, chunk);
      if (sources.length > 0) this.#copies.push({ chunk, sources, target });
      else this.board.want(chunk, false, target);
    }
    if (transfer.next >= chunks.length) this.#pending.delete(transfer);
  }

  /** Reads a long list as far as its nodes are here and asks for those that are not; true when it is whole. */
  #readList(transfer: Transfer, reader: ListReader): boolean {
    try {
      while (!reader.done) {
        const given = this.#core.contents.giveNodes(reader);
        transfer.chunks.push(...reader.take());
        if (given === 0 && !reader.done) break;
      }
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

  #sources(transfer: Transfer, chunk: PlacedRef): readonly ChunkSource[] {
    const own = transfer.resumed ? [{ from: { temp: transfer.temp }, offset: chunk.offset }] : [];
    const elsewhere = this.#inTemps.get(chunk.id);
    const temps = elsewhere === undefined ? [] : [{ from: { temp: elsewhere.temp }, offset: elsewhere.offset }];
    return [...own, ...(this.#core.contents.local(chunk.id)?.sources ?? []), ...temps];
  }

  #copy(copies: readonly Copy[]): void {
    const { context, root } = this.#core;
    const keys = context.contentKeys();
    if (keys === undefined) return;
    this.#copying += 1;
    const chunks = copies.map(({ chunk: { id, key, length }, sources, target }) => ({ chunk: { id, key, length }, sources, targets: [target] }));
    context.task({ task: 'copy-chunks', root, keys, chunks }, (result) => {
      this.#copying -= 1;
      copies.forEach((copy, i) => this.#copied(copy, result, i));
      context.again();
    });
  }

  #copied(copy: Copy, result: TaskResult, index: number): void {
    const outcome = result.task === 'copy-chunks' ? result.outcomes[index]?.outcome : undefined;
    if (!this.#active.has(copy.target.temp)) return;
    if (outcome === 'stored') this.#has(copy.target, copy.chunk);
    else this.board.want(copy.chunk, false, copy.target);
  }

  #stored(chunk: OpenChunk): void {
    const { written, late } = this.board.stored(chunk);
    const [first] = written;
    for (const target of written) this.#has(target, chunk);
    if (first === undefined) return;
    const sources = [{ from: { temp: first.temp }, offset: first.offset }];
    for (const target of late) this.#copies.push({ chunk: { ...chunk, offset: target.offset }, sources, target });
  }

  #has(target: ChunkTarget, chunk: { readonly id: ChunkId; readonly key: Uint8Array; readonly length: number }): void {
    const transfer = this.#active.get(target.temp);
    if (transfer?.bitmap === undefined) return;
    const index = indexAt(transfer.chunks, target.offset);
    if (!transfer.bitmap.add(index)) return;
    transfer.bytesHere += chunk.length;
    const { id, key, length } = chunk;
    if (!this.#inTemps.has(id)) this.#inTemps.set(id, { chunk: { id, key, length, offset: target.offset }, temp: target.temp, offset: target.offset });
    if (transfer.bitmap.complete) this.#complete(transfer);
  }

  #complete(transfer: Transfer): void {
    const { temp, paths } = transfer;
    this.#active.delete(temp);
    this.#pending.delete(transfer);
    this.#whole.set(temp, transfer);
    for (const path of paths) this.#core.dirty(path);
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
    this.board.pausedUntilMs = this.#core.context.now() + fullDiskMs;
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
      this.#core.troubles.set(path, { code: 'bad-hash', reason: 'Its author announced content that can not be opened.' });
      this.noNeed(path);
    }
    if (this.#active.has(transfer.temp)) this.#abandon(transfer);
  }

  #abandon(transfer: Transfer): void {
    const { context, root } = this.#core;
    this.#active.delete(transfer.temp);
    this.#pending.delete(transfer);
    this.board.forget(transfer.temp);
    this.#forgetTemp(transfer.temp, transfer.content, transfer.chunks);
    for (const path of this.#twins.get(transfer.content) ?? []) this.#core.dirty(path);
    this.#twins.delete(transfer.content);
    this.#removing.set(transfer.temp, new Set());
    context.task({ task: 'remove-temps', root, temps: [transfer.temp] }, () => {
      const waiting = this.#removing.get(transfer.temp) ?? [];
      this.#removing.delete(transfer.temp);
      for (const path of waiting) this.#core.dirty(path);
    });
  }

  #forgetTemp(temp: string, content: ContentId, chunks: readonly PlacedRef[]): void {
    this.#whole.delete(temp);
    const temps = this.#tempsOf.get(content);
    temps?.delete(temp);
    if (temps?.size === 0) this.#tempsOf.delete(content);
    for (const { id } of chunks) if (this.#inTemps.get(id)?.temp === temp) this.#inTemps.delete(id);
  }
}

/** The chunk that begins at an offset. */
function indexAt(chunks: readonly PlacedRef[], offset: number): number {
  let low = 0;
  let high = chunks.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((chunks[middle] as PlacedRef).offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

