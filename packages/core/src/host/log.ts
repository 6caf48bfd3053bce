import { utf8 } from '../bytes.js';
import type { StreamItem } from '../engine/index.js';
import type { Folder } from './folder.js';

/** A stream of a folder: what each device appends, in order, seen by all members. */
export class Log {
  readonly folder: Folder;
  readonly name: string;

  /** For `Folder.log`. */
  constructor(folder: Folder, name: string) {
    this.folder = folder;
    this.name = name;
  }

  /** Appends one item, of at most 64 KiB; it is on disk when this resolves. */
  async append(data: string | Uint8Array): Promise<{ readonly seq: number; readonly index: number }> {
    return this.appendAll([data]);
  }

  /** Appends many at once, which costs little more than one. */
  async appendAll(items: readonly (string | Uint8Array)[]): Promise<{ readonly seq: number; readonly index: number }> {
    const bytes = items.map((item) => (typeof item === 'string' ? utf8(item) : item));
    const { device, id } = this.folder;
    const place = await device.run({ command: 'append', folder: id, stream: this.name, items: bytes });
    return place as { readonly seq: number; readonly index: number };
  }

  /** All items that are here; with `follow` also those to come. */
  items(options: { readonly follow?: boolean | undefined } = {}): AsyncIterableIterator<StreamItem> {
    return this.folder.device.tail(this.folder.id, { stream: this.name, follow: options.follow });
  }
}
