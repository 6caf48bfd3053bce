import type { ContentId } from '../../../model/index.js';
import {
  type BaseRow,
  type ClosureLookup,
  type DiskRow,
  isContentOf,
  type PlanInput,
  type Version,
  type ViewLookup,
  type ViewRow,
  viewRow,
} from '../../../tree/index.js';
import type { TreeCore } from '../core.js';

const holdersMax = 64;

/** Rows as they stand while one plan is made; each is read once. */
export class Snapshot implements ClosureLookup, ViewLookup {
  readonly #core: TreeCore;
  readonly #disk = new Map<string, DiskRow | undefined>();
  readonly #base = new Map<string, BaseRow | undefined>();
  readonly #view = new Map<string, ViewRow | undefined>();
  readonly #versions = new Map<string, readonly Version[]>();

  constructor(core: TreeCore) {
    this.#core = core;
  }

  disk(path: string): DiskRow | undefined {
    return cached(this.#disk, path, () => this.#core.tables.disk(path));
  }

  base(path: string): BaseRow | undefined {
    return cached(this.#base, path, () => this.#core.tables.base(path));
  }

  view(path: string): ViewRow | undefined {
    return cached(this.#view, path, () => viewRow(this, path));
  }

  versions(path: string): readonly Version[] {
    return cached(this.#versions, path, () => this.#core.versions.versions(path));
  }

  hasLiveBelow(path: string): boolean {
    return this.#core.versions.hasLiveBelow(path);
  }

  copySource(name: string): string | undefined {
    return this.#core.versions.copySource(name);
  }

  below(path: string): Iterable<string> {
    const { tables } = this.#core;
    const found = new Set<string>();
    for (const table of ['base', 'disk', 'versions']) for (const below of tables.below(table, path)) found.add(below);
    if (this.#core.versions.conflicts() > 0)
      for (const below of tables.below('copy-at', path)) found.add(below.split('\0')[0] as string);
    return found;
  }

  holding(content: ContentId): Iterable<string> {
    return this.#core.tables.linked('held', content);
  }

  /** Links of what was wanted earlier are dropped when they are met. */
  wanting(content: ContentId): Iterable<string> {
    const { tables } = this.#core;
    return tables.linked('wanted', content).filter((path) => {
      const version = this.view(path)?.version;
      const wanted = version?.content === content || version?.oldContent === content;
      if (!wanted) tables.unlink('wanted', content, path);
      return wanted;
    });
  }

  withInode(inode: string): Iterable<string> {
    return this.#core.tables.withInode(inode);
  }

  twins(path: string): Iterable<string> {
    return this.#core.abilities.twins(path);
  }

  /** A name that can't be said to others and lies in this directory or below it. */
  #unnameableIn(path: string): string | undefined {
    for (const name of this.#core.unnameable.keys()) if (name.startsWith(`${path}/`)) return name;
    return undefined;
  }

  /** Whether what went from a path is in the archive or at a path that is to have it. */
  #isKept(content: ContentId): boolean {
    const { contents } = this.#core;
    if (contents.isArchived(content)) return true;
    return contents.paths(content, holdersMax).some((path) => {
      const version = this.view(path)?.version;
      return version !== undefined && isContentOf(content, version);
    });
  }

  /** The planner's input for a closed set. */
  input(paths: ReadonlySet<string>, isHere: (version: Version) => boolean): PlanInput {
    const { context, abilities } = this.#core;
    const { fold, traits } = abilities;
    return {
      paths,
      disk: (path) => this.disk(path),
      base: (path) => this.base(path),
      view: (path) => this.view(path),
      isHere,
      isKept: (content) => this.#isKept(content),
      rule: (path) => (context.isView(path) ? 'ignored' : this.#core.judge(path).rule),
      unsyncable: (path) => abilities.unsyncable(path, this.disk(path), this.view(path)),
      ...(fold === undefined ? {} : { fold }),
      holds: (path) => this.#unnameableIn(path),
      casesRenamed: traits?.renamesCase,
      inodesTrusted: traits?.hardLinks,
      timeStepUs: traits?.timeStepUs,
    };
  }
}

function cached<T>(map: Map<string, T>, path: string, read: () => T): T {
  const found = map.get(path);
  if (found !== undefined || map.has(path)) return found as T;
  const value = read();
  map.set(path, value);
  return value;
}
