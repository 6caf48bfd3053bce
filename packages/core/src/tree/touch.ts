/** First touch makes it real: local acts become the records of one entry (`spec/07 §5`). */

import type { ContentRef } from '../content/index.js';
import { invariant } from '../errors.js';
import type { ContentId, DeviceId } from '../model/index.js';
import { conflictDigitsMax, conflictDigitsMin, conflictName } from './conflict-name.js';
import { countsIn } from './facts.js';
import { standingCopies } from './plan-rows.js';
import type { LocalAct, LocalPut } from './plan-types.js';
import { carriedFields, type FileRecord, typeNumberOf } from './record.js';
import type { BaseRow, ViewRow } from './rows.js';
import type { ConflictCopy, Vector, Version } from './types.js';
import {
  directoryContent,
  extendVector,
  isContentOf,
  isLiveVersion,
  joinVectors,
  meetVectors,
  vectorWithin,
} from './versions.js';

export interface TouchContext {
  /** Where the entry will stand. */
  readonly place: { readonly device: DeviceId; readonly seq: number };
  /** Content of a `put` file or symlink; its id is that of the act's disk row. */
  ref(act: LocalPut): ContentRef | undefined;
  base(path: string): BaseRow | undefined;
  /** Only to leave out copies that others have settled meanwhile. */
  view(path: string): ViewRow | undefined;
  /** How far the entry reaches, where that may be less than what base rows build on (`spec/07 FIL-6`). Default: all. */
  readonly reach?: Vector | undefined;
  /** What was there at the first join, a reset, or is shared anew after all: such versions lose every order. */
  isFound?(path: string): boolean;
}

export interface Touch {
  /** For one entry, a path at most once, sorted by path. */
  readonly records: readonly FileRecord[];
  /** To be committed with the entry. */
  readonly base: readonly BaseRow[];
}

/** The path whose state a name belongs to: itself, or the one of which it shows a copy. */
function sourceOf(act: LocalAct): string {
  return act.base?.copyOf ?? act.path;
}

/** Acts that touch one path or its copies, together; in the order of first mention. */
function groupsOf(acts: readonly LocalAct[]): ReadonlyMap<string, LocalAct[]> {
  const groups = new Map<string, LocalAct[]>();
  for (const act of acts) {
    const group = groups.get(sourceOf(act));
    if (group === undefined) groups.set(sourceOf(act), [act]);
    else group.push(act);
  }
  return groups;
}

/** Splits acts for entries of about `recordsMax` records; what must stand in one entry stays together. */
export function splitActs(
  acts: readonly LocalAct[],
  base: (path: string) => BaseRow | undefined,
  recordsMax: number,
): readonly (readonly LocalAct[])[] {
  const batches: LocalAct[][] = [];
  let batch: LocalAct[] = [];
  let records = 0;
  for (const [source, group] of groupsOf(acts)) {
    const more = group.length + 1 + (base(source)?.copies?.length ?? 0);
    if (batch.length > 0 && records + more > recordsMax) {
      batches.push(batch);
      batch = [];
      records = 0;
    }
    batch.push(...group);
    records += more;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

/**
 * The records of one entry for these acts, with this disk as the only knowledge: vectors and bases come from base rows,
 * never from the folder view.
 */
export function recordActs(acts: readonly LocalAct[], context: TouchContext): Touch {
  const recorder = new Recorder(context, acts);
  for (const [source, group] of groupsOf(acts)) recorder.group(source, group);
  return recorder.finish();
}

/** The records that make the copies of a path real that its base row knows, and leave it as it is shown. */
export function recordCopies(source: string, context: TouchContext): Touch {
  const recorder = new Recorder(context, []);
  recorder.group(source, []);
  return recorder.finish();
}

class Recorder {
  private readonly records = new Map<string, FileRecord>();
  private readonly rows = new Map<string, BaseRow>();
  private readonly context: TouchContext;
  private readonly acted: ReadonlySet<string>;

  constructor(context: TouchContext, acts: readonly LocalAct[]) {
    this.context = context;
    this.acted = new Set(acts.map((act) => act.path));
  }

  finish(): Touch {
    const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1);
    const records = [...this.records.values()].map((record) => this.within(record));
    return { records: records.sort(byPath), base: [...this.rows.values()].sort(byPath) };
  }

  /** The record over no more than its entry reaches: what is left out stands beside it. */
  private within(record: FileRecord): FileRecord {
    const { reach } = this.context;
    return reach === undefined ? record : { ...record, vector: meetVectors(record.vector, reach) };
  }

  group(source: string, acts: readonly LocalAct[]): void {
    const row = this.context.base(source);
    if (row?.copies !== undefined) {
      for (const copy of standingCopies(row, this.context.view(source))) this.keepCopy(source, copy);
      if (!this.acted.has(source) && row.leaving !== true) this.settle(row);
    }
    for (const act of acts) for (const copy of act.copies ?? []) this.keepCopy(act.path, copy);
    for (const act of acts) this.act(act);
  }

  private add(record: FileRecord, row: BaseRow): void {
    invariant(!this.records.has(record.path), `two records of one path in an entry: ${record.path}`);
    this.records.set(record.path, record);
    this.rows.set(row.path, row);
  }

  /**
   * An entry builds on all earlier ones of its log. What those put at a path and this disk did not show there is made
   * real like a copy.
   */
  private keepHidden({ path, vector, ref }: FileRecord, replaced: ContentId | undefined): void {
    const { place, view } = this.context;
    const row = view(path);
    if (row === undefined) return;
    const extended = extendVector(vector, place.device, place.seq);
    const isShown = (version: Version): boolean => isContentOf(replaced, version) || isContentOf(ref?.id, version);
    for (const version of row.versions) {
      const hidden = !vectorWithin(version.vector, vector) && vectorWithin(version.vector, extended);
      if (!hidden || !isLiveVersion(version) || isShown(version) || !countsIn(row, version)) continue;
      const name = conflictName(path, version, conflictDigitsMin);
      if (name !== undefined) this.keepCopy(path, { path: name, version });
    }
  }

  /** A copy that is not itself acted on gets a record at its name. */
  private keepCopy(source: string, copy: ConflictCopy): void {
    const path = this.copyPath(source, copy);
    if (path === undefined || this.acted.has(path)) return;
    const { version } = copy;
    const row = this.context.base(path);
    if (isReal(row, version)) return;
    const record: FileRecord = { ...carriedFields(version), path, vector: row?.vector ?? {}, made: 'copy' };
    this.records.set(path, record);
    if (row !== undefined) this.rows.set(path, this.extended({ ...row, copyOf: undefined }));
  }

  /** The copy's name; with more digits when something else of this disk has taken that meanwhile. */
  private copyPath(source: string, copy: ConflictCopy): string | undefined {
    if (this.isFree(source, copy.path, copy.version)) return copy.path;
    for (let digits = conflictDigitsMin; digits <= conflictDigitsMax; digits++) {
      const name = conflictName(source, copy.version, digits);
      if (name === undefined) return undefined;
      if (this.isFree(source, name, copy.version)) return name;
    }
    return undefined;
  }

  /** Whether a name can take this copy, or is the copy as this disk shows it. */
  private isFree(source: string, name: string, version: Version): boolean {
    if (this.records.has(name)) return false;
    const row = this.context.base(name);
    if (row === undefined) return !this.acted.has(name);
    if (row.copyOf !== undefined) return row.copyOf === source && isContentOf(row.content, version);
    return !this.acted.has(name) && (row.kind === 'absent' || isContentOf(row.content, version));
  }

  /** The path itself stays as it was shown, over all that was known of it. */
  private settle(row: BaseRow): void {
    const { device } = this.context.place;
    const { base, vector: origin } = row.shown ?? {};
    const record: FileRecord =
      row.shown === undefined
        ? { ...directoryRecord(row.path), vector: row.vector, stamp: { hlc: 0n, device }, made: 'settle' }
        : { ...carriedFields(row.shown), vector: row.vector, base, made: 'settle', origin };
    this.add(record, this.extended({ ...row, shown: undefined, copies: undefined }));
    this.keepHidden(record, row.content);
  }

  private act(act: LocalAct): void {
    const { base } = act;
    const { device } = this.context.place;
    const touched = isTimeOnly(act);
    const record: FileRecord = {
      ...(act.act === 'put' ? this.putRecord(act) : { path: act.path, typeNumber: typeNumberOf('absent') }),
      vector: joinVectors(base?.vector ?? {}, ...(act.copies ?? []).map(({ version }) => version.vector)),
      base: base?.kind === 'absent' ? undefined : base?.content,
      stamp: this.context.isFound?.(act.path) === true || touched ? { hlc: 0n, device } : undefined,
      ...(touched ? { made: 'settle', origin: base?.vector } : {}),
    };
    const row = act.act === 'put' ? putRow(act, record.ref?.id) : deleteRow(act.base);
    this.add(record, this.extended({ ...row, vector: record.vector }));
    this.keepHidden(record, base?.content);
  }

  private putRecord(act: LocalPut): Omit<FileRecord, 'vector'> {
    const { disk, path } = act;
    if (disk.kind === 'directory') return directoryRecord(path);
    const { mtimeUs } = disk;
    const ref = this.context.ref(act);
    invariant(ref !== undefined, `no bytes known for ${path}`);
    invariant(disk.content === undefined || ref.id === disk.content, `other bytes than seen at ${path}`);
    if (disk.kind === 'symlink') return { path, typeNumber: typeNumberOf('symlink'), ref, mtimeUs };
    const executable = disk.executable ?? act.base?.executable ?? false;
    return { path, typeNumber: typeNumberOf('file'), ref, mtimeUs, executable: executable ? true : undefined };
  }

  private extended(row: BaseRow): BaseRow {
    const { device, seq } = this.context.place;
    return { ...row, vector: extendVector(row.vector, device, seq) };
  }
}

/** A new time for the same bytes and mode: it gives way to whatever somebody did to the file meanwhile. */
function isTimeOnly(act: LocalAct): boolean {
  if (act.act !== 'put' || act.base?.kind !== 'file' || act.disk.kind !== 'file') return false;
  const { disk, base } = act;
  return disk.content === base.content && (disk.executable ?? base.executable) === base.executable;
}

/** Whether a file of its own at that name has the content already. */
function isReal(row: BaseRow | undefined, version: Version): boolean {
  return row !== undefined && row.copyOf === undefined && isContentOf(row.content, version);
}

function directoryRecord(path: string): Omit<FileRecord, 'vector'> {
  return { path, typeNumber: typeNumberOf('directory') };
}

function putRow(act: LocalPut, content: ContentId | undefined): BaseRow {
  const { disk, base } = act;
  const { path, size, mtimeUs, ctimeUs, inode, target } = disk;
  invariant(disk.kind === 'file' || disk.kind === 'directory' || disk.kind === 'symlink', `a put of ${disk.kind}`);
  return {
    path,
    kind: disk.kind,
    content: disk.kind === 'directory' ? directoryContent : content,
    size,
    mtimeUs: disk.kind === 'directory' ? 0 : mtimeUs,
    executable: disk.executable ?? base?.executable ?? false,
    target,
    vector: base?.vector ?? {},
    stat: { size, mtimeUs, ctimeUs, inode },
  };
}

function deleteRow(base: BaseRow): BaseRow {
  return { path: base.path, kind: 'absent', size: 0, mtimeUs: 0, executable: false, vector: base.vector };
}
