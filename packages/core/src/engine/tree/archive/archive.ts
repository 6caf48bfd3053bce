import type { ContentId, DeviceId } from '../../../model/index.js';
import type { ArchivedFile, FileOperation, FileResult, FileStamp } from '../../../ports/index.js';
import { compareVersions, vectorWithin } from '../../../tree/index.js';
import type { TreeCore } from '../core.js';
import { ArchiveRows, groupOf, type NamedRow, pathOf } from './archive-rows.js';
import { archiveCaps } from './caps.js';
import type { LateWrites } from './late.js';

const groupDigits = 6;
const groupsListedMax = 64;
/** However much there is: a mistake is noticed within a day. */
const ageMsMin = 86_400_000;
const lookEveryMs = 3_600_000;
const historyMax = 10_000;

/**
 * What was replaced or removed: an index of what the root's archive holds, and its bounds in age and size. Nothing ever
 * goes because a disk is full.
 */
export class Archive {
  readonly rows: ArchiveRows;
  readonly #core: TreeCore;
  readonly #late: LateWrites;
  #dueMs = 0;
  #listing = false;
  #trimming = false;

  constructor(core: TreeCore, late: LateWrites) {
    this.#core = core;
    this.#late = late;
    this.rows = new ArchiveRows(core.tables, core.contents);
  }

  nextWake(): number | undefined {
    return this.#trimming ? undefined : this.#dueMs;
  }

  /**
   * Changes of the disk are about to be made, by a peer or by the device itself: remembers what they replace, and gives
   * the name of their group in the archive. So a crash finds all that may lie there.
   */
  prepare(operations: readonly FileOperation[], by?: DeviceId): string | undefined {
    const made = new Set(operations.filter(({ type }) => type !== 'remove').map(({ path }) => path));
    let group: string | undefined;
    for (const operation of operations) {
      const stamp = replacedBy(operation);
      if (stamp === undefined) continue;
      group ??= this.#newGroup();
      const { path } = operation;
      this.#put(`${group}/${path}`, stamp, made.has(path) ? 'replaced' : 'removed', by ?? this.#author(path));
      if (stamp.kind === 'file') this.#late.remember(`${group}/${path}`, stamp);
    }
    return group;
  }

  /** What came of them; no results when that is not known. */
  applied(group: string, operations: readonly FileOperation[], results: readonly FileResult[]): void {
    for (const [i, { path }] of operations.entries()) {
      const name = `${group}/${path}`;
      const [row, result] = [this.rows.get(name), results[i]];
      if (row === undefined || result === undefined) continue;
      if (result.outcome !== 'done' || result.archived === undefined) this.rows.drop(name);
    }
    this.#late.applied(group, operations, results);
    if (this.rows.bytes > archiveCaps(this.#core.context).bytes) this.#dueMs = 0;
  }

  /** What lay at a path, or below it; the latest first. */
  history(path: string): readonly NamedRow[] {
    return this.rows.of(path, historyMax);
  }

  step(): void {
    if (!this.#listing) this.#list();
    if (!this.#trimming && this.#core.context.steadyMs() >= this.#dueMs) this.#trim();
  }

  #put(name: string, stamp: FileStamp, why: 'replaced' | 'removed', by: DeviceId | undefined): void {
    const { context, tables } = this.#core;
    const base = tables.base(pathOf(name));
    const seen = tables.seen(pathOf(name))?.row;
    const known = seen ?? base;
    const looks = seen ?? base?.stat;
    const isKnown = looks?.size === stamp.size && looks.mtimeUs === stamp.mtimeUs;
    this.rows.put(name, {
      timeMs: context.now(),
      kind: stamp.kind === 'symlink' ? 'symlink' : 'file',
      size: stamp.size,
      mtimeUs: stamp.mtimeUs,
      executable: known?.executable ?? false,
      target: known?.target,
      why,
      by,
      content: isKnown && stamp.kind === 'file' ? known?.content : undefined,
    });
  }

  /** Who made the version that the disk does not show yet. */
  #author(path: string): DeviceId | undefined {
    const vector = this.#core.tables.base(path)?.vector ?? {};
    const versions = this.#core.versions.versions(path).filter((version) => !vectorWithin(version.vector, vector));
    return [...versions].sort((a, b) => compareVersions(b, a))[0]?.at.device;
  }

  /** Names sort by their time. */
  #newGroup(): string {
    const { context, tables } = this.#core;
    const number = tables.number('archive-groups') + 1;
    tables.putNumber('archive-groups', number);
    const time = new Date(context.now()).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-');
    return `${time}-${`${number}`.padStart(groupDigits, '0')}`;
  }

  // What lies there and is not in the index: a database that was lost or is older, or an earlier program.

  #list(): void {
    const { context, root } = this.#core;
    this.#listing = true;
    context.task({ task: 'archive-groups', root }, (result) => {
      const groups = result.task === 'archive-groups' ? result.groups : [];
      this.#listNext(groups.filter((group) => !this.rows.hasGroup(group)));
    });
  }

  #listNext(groups: readonly string[]): void {
    const { context, root } = this.#core;
    if (groups.length === 0) return;
    context.task({ task: 'list-archived', root, groups: groups.slice(0, groupsListedMax) }, (result) => {
      for (const file of result.task === 'list-archived' ? result.files : []) this.#found(file);
      this.#listNext(groups.slice(groupsListedMax));
    });
  }

  #found({ name, stamp, executable, target }: ArchivedFile): void {
    if (this.rows.get(name) !== undefined) return;
    const { size, mtimeUs } = stamp;
    const kind = stamp.kind === 'symlink' ? 'symlink' : 'file';
    const timeMs = timeOf(groupOf(name)) ?? Math.max(0, Math.floor(mtimeUs / 1_000));
    const row = { timeMs, kind, size, mtimeUs, executable, target, why: 'found', by: undefined } as const;
    this.rows.put(name, { ...row, content: undefined });
  }

  // Bounds.

  #trim(): void {
    const { context, root } = this.#core;
    const names = this.#surplus();
    this.#dueMs = context.steadyMs() + lookEveryMs;
    if (names.length === 0) return;
    this.#trimming = true;
    context.task({ task: 'remove-archived', root, names }, (result) => {
      this.#trimming = false;
      if (result.task === 'failed') return;
      for (const name of names) this.rows.drop(name);
      this.#dueMs = 0;
      context.again();
    });
  }

  /** Whether a path is still to get it, which may be nowhere else. */
  #isNeeded(content: ContentId | undefined): boolean {
    return content !== undefined && this.#core.isWanted(content) && this.#core.contents.paths(content, 1).length === 0;
  }

  /** The oldest that are past the bounds; never what somebody may still be writing to, or a path is to get. */
  #surplus(): readonly string[] {
    const { context, tables } = this.#core;
    const { ageMs, bytes: bytesMax } = archiveCaps(context);
    let { bytes } = this.rows;
    for (let after: string | undefined; ; ) {
      const page = this.rows.oldest(after);
      const names: string[] = [];
      for (const { name, timeMs, size, content } of page) {
        const age = context.now() - timeMs;
        if (age <= ageMsMin || (age <= ageMs && bytes <= bytesMax)) return names;
        if (tables.late(name) !== undefined || this.#isNeeded(content)) continue;
        names.push(name);
        bytes -= size;
      }
      if (names.length > 0 || page.length === 0) return names;
      after = page.at(-1)?.name;
    }
  }
}

/** What a change takes away from its path. */
function replacedBy(operation: FileOperation): FileStamp | undefined {
  if (!('expected' in operation) || operation.type === 'set-metadata') return undefined;
  const { expected } = operation;
  return expected?.kind === 'file' || expected?.kind === 'symlink' ? expected : undefined;
}

/** The time in the name of a group. */
function timeOf(group: string): number | undefined {
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)-/.exec(group) ?? [];
  const ms = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}
