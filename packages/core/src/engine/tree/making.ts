import { utf8 } from '../../bytes.js';
import { type Codec, decode, encode, list, text, tuple } from '../../codec/index.js';
import type { BaseRow } from '../../tree/index.js';
import type { TreeCore } from './core.js';
import { baseCodec, rowBytesMax } from './store/rows.js';

const key = utf8('making');
const rowsMax = 65_536;
const codec: Codec<readonly (readonly [string, Omit<BaseRow, 'path'>])[]> = list(
  tuple(text(8_192), baseCodec),
  rowsMax,
);

/**
 * What the group under way makes where nothing is known to be: announced in one row for all of it, because that is most
 * of what a device does that joins (`spec/07 FIL-30`).
 */
export class Making {
  readonly #core: TreeCore;
  #rows: BaseRow[] = [];

  constructor(core: TreeCore) {
    this.#core = core;
  }

  add(row: BaseRow): void {
    this.#rows.push(row);
  }

  /** The group is about to begin. */
  write(): void {
    if (this.#rows.length === 0) return;
    const rows = this.#rows.map(({ path, ...row }) => [path, row] as const);
    this.#rows = [];
    this.#core.tables.store.put('tree', key, encode(codec, rows));
  }

  /** What came of the group is about to be committed. */
  done(): void {
    if (this.#core.tables.store.get('tree', key) !== undefined) this.#core.tables.store.delete('tree', key);
  }

  /** What a group of an earlier life was about to make may be on disk: each announcement gets its row. */
  recover(): void {
    const bytes = this.#core.tables.store.get('tree', key);
    if (bytes === undefined) return;
    for (const [path, row] of decode(codec, bytes, rowBytesMax)) {
      if (this.#core.isHeld(path)) continue;
      this.#core.commitBase({ path, ...row }, undefined, true);
      this.#core.dirty(path);
    }
    this.done();
  }
}
