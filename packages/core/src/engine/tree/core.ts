import { utf8, utf8Text } from '../../bytes.js';
import type { ContentRef } from '../../content/index.js';
import type { ContentId } from '../../model/index.js';
import type { RootState } from '../../ports/index.js';
import {
  type BaseRow,
  type DiskRow,
  FingerprintHasher,
  ignoreFileName,
  isContentOf,
  noLocalRules,
  Rules,
  type Verdict,
  type Version,
  viewRow,
} from '../../tree/index.js';
import type { FolderContext } from '../context.js';
import { BrakeRows } from './brake/brake-rows.js';
import { Abilities } from './disk/abilities.js';
import { Contents } from './store/contents.js';
import { isBulk, Tables } from './store/tables.js';
import { type Total, Totals } from './store/totals.js';
import { VersionsTable } from './store/versions-table.js';

const tokensMax = 16;
const retryMsMin = 100;
const retryMsMax = 60_000;
/** A change of a path that is tried again this soon anyway is left to that. */
const patienceMs = 1_000;

/** Why something of a path does not go on, for a person, and whether it is tried again. */
export interface Trouble {
  readonly code: string;
  readonly reason: string;
}

interface Retry {
  readonly untilMs: number;
}

/** Under what a path can be found. */
interface Marks {
  readonly contents: ReadonlySet<ContentId>;
  readonly inodes: ReadonlySet<string>;
  /** What is below it can be reached. */
  readonly directory: boolean;
  readonly damaged: boolean;
}

/** What all parts of a tree share: its rows, and the one way in which each kind of row changes. */
export class TreeCore {
  readonly context: FolderContext;
  readonly root: string;
  readonly tables: Tables;
  readonly versions: VersionsTable;
  readonly contents: Contents;
  readonly brake: BrakeRows;
  /** What the root's disk can hold. */
  readonly abilities: Abilities;
  /** Paths that failed lately. */
  readonly troubles = new Map<string, Trouble>();
  /** Names that this disk or the protocol can't hold, with why. */
  readonly unsyncable = new Map<string, string>();
  /** Why nothing at all is done; the disk is left as it is. */
  stopped: string | undefined;
  /** What this life left in the root. */
  life: string | undefined;
  /** Which paths are synced on this device. */
  rules: Rules = new Rules({ shared: [], ...noLocalRules });
  /** Names on disk that can't be said to others, with why; nothing else is known of them. */
  readonly unnameable = new Map<string, string>();
  /** Files in which bytes were found that are not those recorded: to be read as a whole. */
  readonly doubts = new Set<string>();
  /** Paths of operations under way. */
  readonly busy = new Set<string>();
  readonly #totals: Totals;
  readonly #redirtied = new Set<string>();
  readonly #waitingOn = new Map<string, Set<string>>();
  readonly #retries = new Map<string, Retry>();
  readonly #failures = new Map<string, number>();
  #hasher: { readonly key: Uint8Array; readonly hasher: FingerprintHasher } | undefined;

  constructor(context: FolderContext, root: string) {
    this.context = context;
    this.root = root;
    this.tables = new Tables(context.store);
    this.#totals = new Totals(this.tables);
    this.brake = new BrakeRows(this.tables);
    this.abilities = new Abilities(this.tables);
    this.versions = new VersionsTable(this.tables);
    this.contents = new Contents(context.crypto, this.tables, () => context.contentKeys()?.convergence);
  }

  /** Why a root that is in this state is not ours to work in; what to do about it, for a person. */
  rootTrouble(state: RootState): string | undefined {
    if (state.state !== 'ok') return state.reason;
    const tokens = this.tokens();
    const isOwn = tokens.length === 0 || tokens.includes(state.nonce);
    if (isOwn || this.tables.number('take') === 1) return undefined;
    const hint = 'put the directory back that was here, or say with "relink" where it is';
    return `${this.root} was taken over by another installation, or is another copy of this folder: ${hint}.`;
  }

  /** The same after a scan: the root must be that of this life, not one that was put there meanwhile. */
  scanTrouble(state: RootState): string | undefined {
    const trouble = this.rootTrouble(state);
    if (trouble !== undefined || state.state !== 'ok') return trouble;
    const isOfNow = state.nonce === this.tokens().at(-1) && (state.life ?? this.life) === this.life;
    return isOfNow ? undefined : `${this.root} was replaced while the program ran: it is looked at anew.`;
  }

  /** Numbers of the root's token: the one it has, after those that it had before, as a restored disk may show. */
  tokens(): readonly string[] {
    const bytes = this.tables.bytes('root');
    return bytes === undefined ? [] : (utf8Text(bytes) ?? '').split(' ');
  }

  putTokens(tokens: readonly string[]): void {
    this.tables.putBytes('root', utf8(tokens.slice(-tokensMax).join(' ')));
  }

  hasher(): FingerprintHasher | undefined {
    const key = this.context.fingerprintKey();
    if (key === undefined) return undefined;
    if (this.#hasher?.key !== key) this.#hasher = { key, hasher: new FingerprintHasher(this.context.crypto, key) };
    return this.#hasher.hasher;
  }

  // What is to be planned.

  dirty(path: string): void {
    const retry = this.#retries.get(path);
    if (retry !== undefined && retry.untilMs - this.context.steadyMs() <= patienceMs) return;
    this.#retries.delete(path);
    if (this.busy.has(path)) this.#redirtied.add(path);
    this.tables.mark('dirty', path);
    this.context.again();
  }

  /** Planned, and nothing is under way for it. */
  clean(path: string): void {
    this.tables.unmark('dirty', path);
  }

  /** An operation on a path is over; it stays dirty if something happened meanwhile. */
  release(path: string): void {
    this.busy.delete(path);
    if (!this.#redirtied.delete(path)) this.tables.unmark('dirty', path);
  }

  /** Plans a path again when another one has changed. */
  waitFor(path: string, on: string | undefined): void {
    this.tables.mark('waiting', path);
    if (on === undefined) return;
    const waiting = this.#waitingOn.get(on);
    if (waiting === undefined) this.#waitingOn.set(on, new Set([path]));
    else waiting.add(path);
  }

  /** A path has changed, or is done: those that wait for it are planned again, but for those that just were. */
  wake(path: string, planned?: ReadonlySet<string>): void {
    const waiting = this.#waitingOn.get(path);
    if (waiting === undefined) return;
    this.#waitingOn.delete(path);
    const kept = new Set<string>();
    for (const other of waiting) {
      if (planned?.has(other) === true) {
        kept.add(other);
        continue;
      }
      this.tables.unmark('waiting', other);
      this.dirty(other);
    }
    if (kept.size > 0) this.#waitingOn.set(path, kept);
  }

  /** A path could not be done: planned again after a while that grows. */
  retryLater(path: string): void {
    const count = (this.#failures.get(path) ?? 0) + 1;
    this.#failures.set(path, count);
    const delayMs = Math.min(retryMsMin * 2 ** (count - 1), retryMsMax);
    this.#retries.set(path, { untilMs: this.context.steadyMs() + delayMs });
    this.tables.mark('waiting', path);
  }

  /** A path went well: earlier failures don't count. */
  succeeded(path: string): void {
    this.#failures.delete(path);
    this.troubles.delete(path);
  }

  /** There is nothing to do at a path: what failed there does not matter any more. */
  resolved(path: string): void {
    this.succeeded(path);
    if (this.#retries.delete(path)) this.tables.unmark('waiting', path);
  }

  isDelayed(path: string): boolean {
    return this.#retries.has(path);
  }

  /** Paths whose time has come. */
  dueRetries(): readonly string[] {
    const now = this.context.steadyMs();
    const due = [...this.#retries].filter(([, retry]) => retry.untilMs <= now).map(([path]) => path);
    for (const path of due) {
      this.#retries.delete(path);
      this.tables.unmark('waiting', path);
    }
    return due;
  }

  nextRetryMs(): number | undefined {
    let next: number | undefined;
    for (const { untilMs } of this.#retries.values()) next = Math.min(next ?? untilMs, untilMs);
    return next;
  }

  get retrying(): number {
    return this.#retries.size;
  }

  // Rows of paths.

  /** What the disk shows at a path that is not what its base row says. */
  see(row: DiskRow, ref?: ContentRef | undefined): void {
    this.#change(row.path, ref, () => this.tables.putSeen({ row, ref }));
    this.wake(row.path);
  }

  /** The disk shows what the base row says. */
  unsee(path: string): boolean {
    if (this.tables.seen(path) === undefined) return false;
    this.#change(path, undefined, () => this.tables.dropSeen(path));
    this.wake(path);
    return true;
  }

  /** Commits a base row; `seen` stays only where the disk shows something else than it says. */
  commitBase(row: BaseRow, ref: ContentRef | undefined, keepSeen = false): void {
    const isKnown = Object.keys(row.vector).length > 0 || row.copies !== undefined || row.next !== undefined;
    const empty = row.kind === 'absent' && !isKnown;
    this.#change(row.path, ref, () => {
      this.#count(row.path, -1);
      if (this.tables.unmark('aside', row.path)) this.#countAside(row.path, -1);
      if (empty) this.tables.deleteBaseRow(row.path);
      else this.tables.putBaseRow(row);
      this.#count(row.path, 1);
      if (row.kind !== 'absent' && this.isSkipped(row.path)) this.#markAside(row.path);
      if (!keepSeen) this.tables.dropSeen(row.path);
    });
    this.tables.unmark('offered', row.path);
    if (row.content !== undefined) this.tables.unlink('wanted', row.content, row.path);
    this.wake(row.path);
    // The path of a copy has now been seen with it.
    if (row.copyOf !== undefined) this.dirty(row.copyOf);
  }

  /** Looks of a name changed: content that it now wants can be found by the content. */
  want(path: string, version: Version | undefined): void {
    if (version?.type !== 'file' || !isBulk(version.size)) return;
    for (const content of [version.content, version.oldContent]) {
      if (content !== undefined) this.tables.link('wanted', content, path);
    }
  }

  /** Whether a path is to show this content and does not. */
  isWanted(content: ContentId): boolean {
    return this.tables.linked('wanted', content).some((path) => {
      const version = viewRow(this.versions, path)?.version;
      return version !== undefined && isContentOf(content, version) && this.tables.base(path)?.content !== content;
    });
  }

  // Rules.

  /** What the rules say of a path as what it is here or, where nothing is here, as what it is in the folder. */
  judge(path: string): Verdict {
    const verdict = this.rules.judge(path, false);
    if (this.rules.isEmpty) return verdict;
    const asDirectory = this.rules.judge(path, true);
    if (verdict.rule === asDirectory.rule) return verdict;
    const here = this.tables.disk(path)?.kind ?? 'absent';
    const kind = here === 'absent' ? viewRow(this.versions, path)?.kind : here;
    return kind === 'directory' ? asDirectory : verdict;
  }

  isSkipped(path: string): boolean {
    return this.judge(path).rule !== 'sync';
  }

  /** Whether a directory above is left out: nothing is known of what such a directory holds. */
  isBelowSkipped(path: string): boolean {
    const slash = path.lastIndexOf('/');
    return slash > 0 && !this.rules.isEmpty && this.rules.judge(path.slice(0, slash), true).rule !== 'sync';
  }

  /** Whether something of the path is on disk as far as its base row knows. */
  isHeld(path: string): boolean {
    const base = this.tables.base(path);
    return base !== undefined && base.kind !== 'absent';
  }

  /** A path that was held and is left out by the rules from now on: its base row stays as it is. */
  setAside(path: string): void {
    this.succeeded(path);
    if (!this.isHeld(path) || this.tables.isMarked('aside', path)) return;
    this.#markAside(path);
    this.dirty(path);
  }

  #markAside(path: string): void {
    this.#countAside(path, 1);
    this.tables.mark('aside', path);
  }

  /**
   * A path that was left out is synced again, and the disk was looked at. What is not there is no delete: nobody
   * watched over it; it comes back from the folder.
   */
  takeBack(path: string, isOnDisk: boolean): boolean {
    if (!this.tables.isMarked('aside', path) || this.isSkipped(path)) return false;
    this.#countAside(path, -1);
    this.tables.unmark('aside', path);
    if (!isOnDisk) {
      this.commitBase({ path, kind: 'absent', size: 0, mtimeUs: 0, executable: false, vector: {} }, undefined);
    }
    this.dirty(path);
    return true;
  }

  #countAside(path: string, sign: 1 | -1): void {
    const base = this.tables.base(path);
    if (base?.kind !== 'file') return;
    this.#totals.add('aside-files', sign);
    this.#totals.add('aside-bytes', sign * base.size);
  }

  #ignoreFileChanged = false;

  /** Whether the shared rules may have changed since this was last asked. */
  takeIgnoreFileChanged(): boolean {
    const changed = this.#ignoreFileChanged;
    this.#ignoreFileChanged = false;
    return changed;
  }

  #change(path: string, ref: ContentRef | undefined, mutate: () => void): void {
    if (path === ignoreFileName) this.#ignoreFileChanged = true;
    this.abilities.note(path);
    const before = this.#marks(path);
    mutate();
    const after = this.#marks(path);
    if (after.damaged !== before.damaged) this.#totals.add('damaged', after.damaged ? 1 : -1);
    if (after.directory && !before.directory) for (const below of this.tables.below('disk', path)) this.dirty(below);
    for (const content of after.contents) {
      if (!before.contents.has(content)) this.contents.hold(content, path, ref?.id === content ? ref : undefined);
    }
    for (const content of before.contents) if (!after.contents.has(content)) this.contents.release(content, path);
    for (const inode of after.inodes) if (!before.inodes.has(inode)) this.tables.linkInode(inode, path);
    for (const inode of before.inodes) if (!after.inodes.has(inode)) this.tables.unlinkInode(inode, path);
  }

  #marks(path: string): Marks {
    const contents = new Set<ContentId>();
    const inodes = new Set<string>();
    const base = this.tables.base(path);
    const seen = this.tables.seen(path)?.row;
    if (base?.kind === 'file') {
      if (base.content !== undefined && isBulk(base.size)) contents.add(base.content);
      if (base.stat !== undefined) inodes.add(base.stat.inode);
    }
    if (seen?.kind === 'file') {
      if (seen.content !== undefined && isBulk(seen.size)) contents.add(seen.content);
      inodes.add(seen.inode);
    }
    return { contents, inodes, directory: (seen ?? base)?.kind === 'directory', damaged: seen?.damaged === true };
  }

  #count(path: string, sign: 1 | -1): void {
    const base = this.tables.base(path);
    if (base === undefined || base.kind === 'absent') return;
    this.#totals.add('live', sign);
    if (base.kind !== 'file') return;
    this.#totals.add('files', sign);
    this.#totals.add('bytes', sign * base.size);
  }

  total(name: Total): number {
    return this.#totals.of(name);
  }

  /** Writes what is kept in memory for a step. */
  flush(): void {
    this.versions.flush();
    this.brake.flush();
    this.#totals.flush();
  }
}
