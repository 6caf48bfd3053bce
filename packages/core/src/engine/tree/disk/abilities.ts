import { utf8 } from '../../../bytes.js';
import { foldCase, unsyncableReason } from '../../../model/index.js';
import type { DiskTraits } from '../../../ports/index.js';
import type { DiskRow, Standing, ViewRow } from '../../../tree/index.js';
import { afterPrefix } from '../store/key-range.js';
import { keyPath } from '../store/rows.js';
import type { Tables } from '../store/tables.js';

const none = new Uint8Array(0);
const noLinks = 'This disk can hold no links.';

/** What the disk of a folder can hold, and which names it takes for one. */
export class Abilities {
  readonly #tables: Tables;
  /** What the disk did not take, with the version that this was. */
  readonly #refused = new Map<string, { readonly at: Standing | undefined; readonly reason: string }>();
  #traits: DiskTraits | undefined;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** As tried out; `undefined` before, and where the host says nothing of it. */
  get traits(): DiskTraits | undefined {
    return this.#traits;
  }

  /** The root is at a disk of these traits from now on. */
  begin(traits: DiskTraits | undefined): void {
    this.#traits = traits;
    if (this.#isBlind) {
      if (this.#tables.number('twins') === 0) this.#noteAll();
    } else if (this.#tables.number('twins') !== 0) this.#tables.putNumber('twins', 0);
  }

  get #isBlind(): boolean {
    return this.#traits?.caseBlind === true;
  }

  /** There is a row of this path. */
  note(path: string): void {
    if (this.#isBlind) this.#tables.store.put('twins', twinKey(path, path), none);
  }

  #noteAll(): void {
    for (const table of ['base', 'disk', 'versions', 'copy-at']) {
      for (const key of this.#tables.paths(table)) this.note(key.split('\0')[0] as string);
    }
    this.#tables.putNumber('twins', 1);
  }

  /** Paths that this disk can't tell from one, which is among them. */
  twins(path: string): readonly string[] {
    if (!this.#isBlind) return [];
    const prefix = twinKey(path, '');
    const to = afterPrefix(prefix);
    return this.#tables.store
      .scan('twins', { from: prefix, limit: 65_536, ...(to === undefined ? {} : { to }) })
      .map((row) => keyPath(row.key.subarray(prefix.length)));
  }

  /** Equal for names that the disk can't tell apart; none where it can. */
  get fold(): ((path: string) => string) | undefined {
    return this.#isBlind ? foldCase : undefined;
  }

  /** Why what the view wants can't be made on this disk. */
  unsyncable(path: string, disk: DiskRow | undefined, view: ViewRow | undefined): string | undefined {
    if (view === undefined || view.kind === 'absent') return undefined;
    const { version } = view;
    if (view.kind === 'symlink' && disk?.kind !== 'symlink' && this.#traits?.symlinks === false) return noLinks;
    const refused = this.#refused.get(path);
    if (refused !== undefined && version !== undefined && isSamePlace(refused.at, version.at)) return refused.reason;
    if (disk !== undefined || this.#traits === undefined) return undefined;
    return unsyncableReason(path.slice(path.lastIndexOf('/') + 1), this.#traits.nameRules);
  }

  /** The disk said that it can't hold what the view shows at a path. */
  refuse(path: string, view: ViewRow | undefined, reason: string): void {
    this.#refused.set(path, { at: view?.version?.at, reason });
  }
}

function isSamePlace(a: Standing | undefined, b: Standing): boolean {
  return a?.device === b.device && a.seq === b.seq && a.index === b.index;
}

function twinKey(path: string, name: string): Uint8Array {
  return utf8(`${foldCase(path)}\0${name}`);
}
