import { encode } from '../../../codec/index.js';
import { type ContentRef, symlinkRef } from '../../../content/index.js';
import { bodyAimBytes, entryPublicChunkIdsMax, entryRecordsMax } from '../../../limits.js';
import { type ChunkId, type ContentId, type RawRecord, recordTypes } from '../../../model/index.js';
import type { FileStamp, HashOutcome } from '../../../ports/index.js';
import {
  type DiskRow,
  type FileRecord,
  fileRecordCodec,
  type LocalAct,
  type LocalPut,
  recordActs,
  recordCopies,
  splitActs,
  type ViewRow,
  viewRow,
} from '../../../tree/index.js';
import type { TreeCore } from '../core.js';
import { newIdsOf, publicIds } from './public-ids.js';
import type { Scanner } from './scan.js';

const hashesInFlightMax = 64;
const hashQueueMax = 1_024;
const gatherPathsMax = 1_024;
const gatherMs = 100;
const smallBytes = 1_048_576;
const recordBytesAbout = 320;
const chunkBytesAbout = 80;

/** What was done on this disk: reads files, and records what changed in entries of a good size. */
export class LocalChanges {
  readonly #core: TreeCore;
  readonly #scanner: Scanner;
  readonly #queued = new Set<string>();
  readonly #inFlight = new Set<string>();
  /** Small files among those: what is gathered waits for them. */
  #smallInFlight = 0;
  /** Paths that were read and are not yet planned again. */
  readonly #ready = new Set<string>();
  #readySinceMs = 0;

  constructor(core: TreeCore, scanner: Scanner) {
    this.#core = core;
    this.#scanner = scanner;
  }

  get idle(): boolean {
    return this.#queued.size + this.#inFlight.size + this.#ready.size === 0;
  }

  /** So much is waiting to be read that no more should be planned. */
  get full(): boolean {
    return this.#queued.size >= hashQueueMax;
  }

  nextWake(): number | undefined {
    return this.#ready.size > 0 ? this.#readySinceMs + gatherMs : undefined;
  }

  /** Reads these files; those that are being read already are not read twice. */
  read(paths: readonly string[]): void {
    for (const path of paths) if (!this.#inFlight.has(path)) this.#queued.add(path);
  }

  step(): void {
    const keys = this.#core.context.contentKeys();
    for (const path of this.#queued) {
      if (keys === undefined || this.#inFlight.size >= hashesInFlightMax) break;
      this.#queued.delete(path);
      const row = this.#core.tables.disk(path);
      if (row?.kind !== 'file') continue;
      this.#hash(row, keys);
    }
    if (this.#ready.size > 0 && this.#isGathered()) this.#release();
  }

  #hash(row: DiskRow, keys: { readonly gear: Uint8Array; readonly convergence: Uint8Array }): void {
    const { context, root } = this.#core;
    const { path } = row;
    const small = row.size <= smallBytes;
    this.#inFlight.add(path);
    if (small) this.#smallInFlight += 1;
    context.task({ task: 'hash', root, path, expected: stampOf(row), keys }, (result) => {
      this.#inFlight.delete(path);
      if (small) this.#smallInFlight -= 1;
      if (result.task === 'hash') this.#hashed(path, result.outcome);
      else this.#unread(path, result.task === 'failed' ? result.reason : 'It could not be read.');
      context.again();
    });
  }

  #hashed(path: string, outcome: HashOutcome): void {
    const core = this.#core;
    if (outcome.outcome === 'unreadable') return this.#unread(path, outcome.reason);
    if (outcome.outcome === 'changed') {
      this.#scanner.paths([path]);
      return core.retryLater(path);
    }
    for (const node of outcome.nodes) core.contents.putNode(node.id, node.bytes);
    const row = { ...outcome.row, path, content: outcome.content.id };
    core.see(row, outcome.content);
    core.succeeded(path);
    if (this.#ready.size === 0) this.#readySinceMs = core.context.steadyMs();
    this.#ready.add(path);
  }

  #unread(path: string, reason: string): void {
    const row = this.#core.tables.disk(path) ?? { path, size: 0, mtimeUs: 0, ctimeUs: 0, inode: '' };
    this.#core.see({ ...row, kind: 'unreadable', content: undefined, reason });
    this.#core.retryLater(path);
    this.#scanner.paths([path]);
  }

  /** While more small files are being read, what was read waits for them: fewer and larger entries. */
  #isGathered(): boolean {
    if (this.#queued.size === 0 && this.#smallInFlight === 0) return true;
    return this.#ready.size >= gatherPathsMax || this.#core.context.steadyMs() >= this.#readySinceMs + gatherMs;
  }

  #release(): void {
    for (const path of this.#ready) this.#core.dirty(path);
    this.#ready.clear();
  }

  /**
   * Records acts of a plan, in as many entries as their size needs. What has to be read first is read; gives one of
   * those paths when nothing could be recorded because of it.
   */
  record(acts: readonly LocalAct[], firstJoin: boolean): string | undefined {
    const { tables } = this.#core;
    const refs = new Map<LocalPut, ContentRef>();
    const unknown = acts.filter((act) => act.act === 'put' && act.disk.kind !== 'directory' && !this.#find(act, refs));
    if (unknown.length > 0) this.read(unknown.map((act) => act.path));
    const held = new Map(unknown.map((act) => [sourceOf(act), act.path]));
    const ready = acts.filter((act) => !held.has(sourceOf(act)));
    for (const act of acts) {
      const first = held.get(sourceOf(act));
      if (first !== undefined && first !== act.path) this.#core.waitFor(act.path, first);
    }
    this.#appendAll(
      splitActs(ready, (path) => tables.base(path), 1),
      refs,
      firstJoin,
    );
    return ready.length > 0 ? undefined : unknown[0]?.path;
  }

  #appendAll(groups: Iterable<readonly LocalAct[]>, refs: ReadonlyMap<LocalPut, ContentRef>, firstJoin: boolean): void {
    // Before anything is recorded: what moves is at its old path still, where its chunks were named.
    const named = new Map([...refs].map(([act, ref]) => [act, newIdsOf(this.#core, act, ref)]));
    let batch: LocalAct[] = [];
    let bytes = 0;
    let ids: ChunkId[] = [];
    for (const group of groups) {
      const more = group.reduce((sum, act) => sum + bytesAbout(act, refs), 0);
      const moreIds = group.flatMap((act) => (act.act === 'put' ? (named.get(act) ?? []) : []));
      const isFull = bytes + more > bodyAimBytes || batch.length + group.length > entryRecordsMax / 4;
      if (batch.length > 0 && (isFull || ids.length + moreIds.length > entryPublicChunkIdsMax)) {
        this.#append(batch, refs, ids, firstJoin);
        batch = [];
        bytes = 0;
        ids = [];
      }
      batch.push(...group);
      bytes += more;
      ids.push(...moreIds);
    }
    if (batch.length > 0) this.#append(batch, refs, ids, firstJoin);
  }

  /** Whether the reference of what is put is known. */
  #find(act: LocalPut, refs: Map<LocalPut, ContentRef>): boolean {
    const ref = this.#refOf(act.disk);
    if (ref !== undefined) refs.set(act, ref);
    return ref !== undefined;
  }

  #refOf(disk: DiskRow): ContentRef | undefined {
    const { context, contents, tables } = this.#core;
    if (disk.kind === 'symlink') {
      const keys = context.contentKeys();
      return keys === undefined ? undefined : symlinkRef(context.crypto, keys.convergence, disk.target ?? '');
    }
    const seen = tables.seen(disk.path);
    if (seen?.ref !== undefined && (disk.content === undefined || seen.ref.id === disk.content)) return seen.ref;
    return disk.content === undefined ? undefined : contents.ref(disk.content);
  }

  /** Makes the conflict copies of a path files of their own. */
  keepCopies(source: string): void {
    const core = this.#core;
    const { tables, context } = core;
    const place = { device: context.device(), seq: context.nextPlace().seq };
    const view = (path: string): ViewRow | undefined => viewRow(core.versions, path);
    const reach = context.reach?.();
    const touch = recordCopies(source, { place, ref: () => undefined, base: (path) => tables.base(path), view, reach });
    if (touch.records.length === 0) return;
    context.append(touch.records.map(rawRecord), []);
    for (const row of touch.base) core.commitBase(row, undefined);
    for (const { path } of [...touch.records, ...touch.base]) core.dirty(path);
  }

  #append(
    acts: readonly LocalAct[],
    refs: ReadonlyMap<LocalPut, ContentRef>,
    ids: readonly ChunkId[],
    firstJoin: boolean,
  ): void {
    const core = this.#core;
    const { context } = core;
    const place = { device: context.device(), seq: context.nextPlace().seq };
    const base = (path: string): ReturnType<typeof core.tables.base> => core.tables.base(path);
    const view = (path: string): ViewRow | undefined => viewRow(core.versions, path);
    const reach = context.reach?.();
    const isFound = (path: string): boolean => firstJoin || core.tables.isMarked('offered', path);
    const touch = recordActs(acts, { place, ref: (act) => refs.get(act), base, view, isFound, reach });
    context.append(touch.records.map(rawRecord), publicIds(ids));
    const refByContent = new Map<ContentId, ContentRef>([...refs.values()].map((ref) => [ref.id, ref]));
    for (const row of touch.base)
      core.commitBase(row, row.content === undefined ? undefined : refByContent.get(row.content));
    for (const act of acts) {
      core.succeeded(act.path);
      core.brake.done(act.path);
      core.dirty(act.path);
    }
  }
}

function sourceOf(act: LocalAct): string {
  return act.base?.copyOf ?? act.path;
}

function bytesAbout(act: LocalAct, refs: ReadonlyMap<LocalPut, ContentRef>): number {
  const ref = act.act === 'put' ? refs.get(act) : undefined;
  const chunks = ref?.kind === 'chunks' ? ref.chunks.length : ref?.kind === 'tree' ? ref.nodes.length : 0;
  const inline = ref?.kind === 'inline' ? ref.size : 0;
  return recordBytesAbout + inline + chunks * chunkBytesAbout + act.path.length;
}

export function rawRecord(record: FileRecord): RawRecord {
  return { type: recordTypes.file, payload: encode(fileRecordCodec, record) };
}

/** What an applier or reader must find at a path. */
export function stampOf(row: DiskRow): FileStamp {
  const { kind, size, mtimeUs, ctimeUs, inode } = row;
  return { kind, size, mtimeUs, ctimeUs, inode };
}
