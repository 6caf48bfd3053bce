/**
 * A directory in memory as `Files` would show it, with what people do to it. Synchronous, so that a test decides
 * every order.
 */

import { ContentBuilder, encryptChunk, faultOf, gearTable, openChunk, shortRef } from '../../../src/content/index.js';
import type { Crypto } from '../../../src/crypto/index.js';
import { type ChunkId, foldCase } from '../../../src/model/index.js';
import type {
  ArchivedFile,
  ChunkSource,
  ChunkTarget,
  ContentKeys,
  DiskTraits,
  FileOperation,
  FileResult,
  FileStamp,
  HashOutcome,
  LoadOutcome,
  PlacedChunk,
  ReadOutcome,
  RootState,
  StoreOutcome,
} from '../../../src/ports/index.js';
import { type DiskRow, Rules, type RuleTexts } from '../../../src/tree/index.js';
import { equal, type Node, sameStamp, stampOf } from './node.js';

type Chunk = Omit<PlacedChunk, 'offset'>;

export class TestDisk {
  readonly nodes = new Map<string, Node>();
  readonly temps = new Map<string, Uint8Array>();
  readonly archive = new Map<string, Node>();
  /** What was copied out of the folder, by path. */
  readonly exported = new Map<string, Uint8Array>();
  readonly unreadable = new Set<string>();
  /** Names that a listing of their directory keeps back, as where others move in it meanwhile. */
  readonly unlisted = new Set<string>();
  readonly unwritable = new Set<string>();
  /** A file system that keeps no executable bit and whole seconds only. */
  coarse = false;
  full = false;
  /** Operations that such a disk would have done to another name, or not at all. */
  collisions = 0;
  #traits: DiskTraits | undefined;
  rootState: RootState = { state: 'ok', nonce: 'n', place: '1' };
  /** Chunks that were written because a peer sent them. */
  received = 0;
  readonly #crypto: Crypto;
  #clock = 1_000_000;
  #inode = 0;

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  /** Makes it a disk that can't do everything; before it is claimed. */
  set traits(traits: DiskTraits) {
    this.#traits = traits;
    this.rootState = { state: 'ok', nonce: 'n', place: '1', traits };
  }

  /** Whether a name can't be made because another one, but for `from`, is the same to a disk blind to case. */
  #collides(path: string, from: string | undefined): boolean {
    if (this.#traits?.caseBlind !== true || this.nodes.has(path)) return false;
    const twins = [...this.nodes.keys()].filter((other) => foldCase(other) === foldCase(path));
    const collides = twins.some((other) => other !== from || this.#traits?.renamesCase === false);
    if (collides) this.collisions += 1;
    return collides;
  }

  tick(): number {
    this.#clock += 1_000;
    return this.#clock;
  }

  // People.

  write(path: string, content: Uint8Array | string, executable = false): void {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    this.mkdirs(path);
    const old = this.nodes.get(path);
    const time = this.tick();
    if (old?.kind === 'file') Object.assign(old, { bytes, mtimeUs: time, ctimeUs: time });
    else this.#put(path, { kind: 'file', bytes, executable });
  }

  /** Bytes go bad, without a trace in what the file looks like. */
  rot(path: string, at = 0): void {
    const node = this.nodes.get(path) as Node;
    node.bytes = node.bytes.slice();
    node.bytes[at] = (node.bytes[at] as number) ^ 0x40;
  }

  append(path: string, text: string): void {
    const old = this.nodes.get(path)?.bytes ?? new Uint8Array(0);
    const more = new TextEncoder().encode(text);
    const bytes = new Uint8Array(old.length + more.length);
    bytes.set(old);
    bytes.set(more, old.length);
    this.write(path, bytes);
  }

  /** Keeps a file open; the returned function writes over all of it, wherever it is by then. */
  open(path: string): (content: Uint8Array | string) => void {
    const node = this.nodes.get(path) as Node;
    return (content) => {
      const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      const time = this.tick();
      Object.assign(node, { bytes, mtimeUs: time, ctimeUs: time });
    };
  }

  /** Text of what lies in the archive, in order. */
  archived(): readonly string[] {
    return [...this.archive.values()].map(({ bytes }) => new TextDecoder().decode(bytes));
  }

  mkdir(path: string): void {
    this.mkdirs(path);
    if (!this.nodes.has(path)) this.#put(path, { kind: 'directory' });
  }

  mkdirs(path: string): void {
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      const above = path.slice(0, slash);
      if (this.nodes.get(above)?.kind !== 'directory') {
        this.nodes.delete(above);
        this.#put(above, { kind: 'directory' });
      }
    }
  }

  symlink(path: string, target: string): void {
    this.mkdirs(path);
    this.remove(path);
    this.#put(path, { kind: 'symlink', target });
  }

  chmod(path: string, executable: boolean): void {
    const node = this.nodes.get(path);
    if (node !== undefined) Object.assign(node, { executable, ctimeUs: this.tick() });
  }

  remove(path: string): void {
    for (const each of this.below(path)) this.nodes.delete(each);
  }

  rename(from: string, to: string): void {
    const moved = this.below(from).map((path) => [path, this.nodes.get(path) as Node] as const);
    for (const [path] of moved) this.nodes.delete(path);
    this.remove(to);
    this.mkdirs(to);
    for (const [path, node] of moved) {
      node.ctimeUs = this.tick();
      this.nodes.set(to + path.slice(from.length), node);
    }
  }

  text(path: string): string | undefined {
    const node = this.nodes.get(path);
    return node?.kind === 'file' ? new TextDecoder().decode(node.bytes) : undefined;
  }

  /** A path and its content a line, sorted. */
  listing(): readonly string[] {
    return [...this.nodes]
      .map(
        ([path, node]) =>
          `${path} ${node.kind} ${node.target ?? this.#digest(node.bytes)}${node.executable ? ' x' : ''}`,
      )
      .sort();
  }

  #digest(bytes: Uint8Array): string {
    return bytes.length < 64
      ? new TextDecoder().decode(bytes)
      : `${bytes.length}:${[...this.#crypto.blake3(bytes).slice(0, 6)].join('.')}`;
  }

  below(path: string): string[] {
    return [...this.nodes.keys()].filter((each) => each === path || each.startsWith(`${path}/`)).sort();
  }

  // Files.

  scan(paths: readonly string[] | 'all', texts?: RuleTexts): DiskRow[] {
    const rules = texts && new Rules(texts);
    if (this.rootState.state !== 'ok') return [];
    const found =
      paths === 'all'
        ? [...this.nodes.keys()]
        : paths.flatMap((path) => (this.nodes.has(path) ? this.below(path) : [path]));
    return [...new Set(found)].sort().flatMap((path) => {
      if (rules !== undefined && directoriesAbove(path).some((each) => rules.judge(each, true).rule !== 'sync'))
        return [];
      const isUnlisted = [...this.unlisted].some((each) => path === each || path.startsWith(`${each}/`));
      if (isUnlisted && !(paths !== 'all' && paths.includes(path))) return [];
      const closed = [...this.unreadable].find((each) => path.startsWith(`${each}/`));
      return closed === undefined ? [this.row(path)] : [];
    });
  }

  row(path: string): DiskRow {
    const node = this.nodes.get(path);
    if (node === undefined) return { path, kind: 'absent', size: 0, mtimeUs: 0, ctimeUs: 0, inode: '' };
    const { kind, bytes, mtimeUs, ctimeUs, inode, executable, target } = node;
    if (this.unreadable.has(path))
      return { path, kind: 'unreadable', size: 0, mtimeUs: 0, ctimeUs: 0, inode: '', reason: 'no permission' };
    const row = { path, kind, size: bytes.length, mtimeUs, ctimeUs, inode };
    if (kind === 'symlink') return { ...row, target };
    return kind === 'file' && !this.coarse ? { ...row, executable } : row;
  }

  hash(path: string, expected: FileStamp, keys: ContentKeys): HashOutcome {
    return this.#hash(this.row(path), this.nodes.get(path), expected, keys);
  }

  hashArchived(name: string, expected: FileStamp, keys: ContentKeys): HashOutcome {
    const node = this.archive.get(name);
    const row = node === undefined ? this.row('') : { path: name, ...stampOf(node), executable: node.executable };
    return this.#hash(row, node, expected, keys);
  }

  #hash(row: DiskRow, node: Node | undefined, expected: FileStamp, keys: ContentKeys): HashOutcome {
    if (node === undefined || !sameStamp(row, expected)) return { outcome: 'changed' };
    const { bytes } = node;
    if (bytes.length <= 1_024) {
      const content = shortRef(this.#crypto, keys.convergence, bytes);
      return { outcome: 'hashed', row: { ...row, content: content.id }, content, nodes: [] };
    }
    const nodes: { id: ChunkId; bytes: Uint8Array }[] = [];
    const builder = new ContentBuilder(
      this.#crypto,
      { gear: gearTable(this.#crypto, keys.gear), convergence: keys.convergence },
      {
        chunk: () => undefined,
        node: ({ id, ciphertext }) => nodes.push({ id, bytes: ciphertext.slice() }),
      },
    );
    builder.push(bytes);
    const content = builder.finish();
    return { outcome: 'hashed', row: { ...row, content: content.id }, content, nodes };
  }

  read(path: string, bytesMax: number): ReadOutcome {
    const row = this.row(path);
    if (row.kind === 'absent') return { outcome: 'absent' };
    if (row.kind !== 'file') return { outcome: 'unreadable', reason: row.reason ?? 'It is no file.' };
    return { outcome: 'read', row, bytes: (this.nodes.get(path) as Node).bytes.slice(0, bytesMax) };
  }

  load({ id, key, length }: Chunk, sources: readonly ChunkSource[]): LoadOutcome {
    let found = false;
    for (const { from, offset } of sources) {
      const bytes =
        'temp' in from
          ? this.temps.get(from.temp)
          : ('path' in from ? this.nodes.get(from.path) : this.archive.get(from.archived))?.bytes;
      if (bytes === undefined || offset + length > bytes.length) continue;
      found = true;
      const ciphertext = encryptChunk(this.#crypto, key, bytes.slice(offset, offset + length));
      if (equal(this.#crypto.blake3(ciphertext), id)) return { outcome: 'loaded', bytes: ciphertext };
    }
    return { outcome: found ? 'changed' : 'missing' };
  }

  store(chunk: Chunk, keys: ContentKeys, ciphertext: Uint8Array, targets: readonly ChunkTarget[]): StoreOutcome {
    if (this.full) return { outcome: 'failed', code: 'disk-full', reason: 'The disk is full.' };
    let plain: Uint8Array;
    try {
      plain = openChunk(this.#crypto, chunk, keys.convergence, ciphertext);
    } catch (error) {
      return { outcome: 'refused', fault: faultOf(error) ?? 'peer' };
    }
    for (const { temp, offset, size } of targets) {
      const file = this.temps.get(temp) ?? new Uint8Array(size);
      file.set(plain, offset);
      this.temps.set(temp, file);
    }
    return { outcome: 'stored' };
  }

  copy(
    chunk: Chunk,
    keys: ContentKeys,
    sources: readonly ChunkSource[],
    targets: readonly ChunkTarget[],
  ): StoreOutcome | { outcome: 'missing' } {
    const loaded = this.load(chunk, sources);
    return loaded.outcome === 'loaded' ? this.store(chunk, keys, loaded.bytes, targets) : { outcome: 'missing' };
  }

  recheck(names: readonly string[]): (FileStamp | undefined)[] {
    return names.map((name) => {
      const node = this.archive.get(name);
      return node === undefined ? undefined : stampOf(node);
    });
  }

  listArchived(groups: readonly string[]): ArchivedFile[] {
    return [...this.archive].flatMap(([name, node]) => {
      if (!groups.includes(name.split('/')[0] as string)) return [];
      return [{ name, stamp: stampOf(node), executable: node.executable, target: node.target }];
    });
  }

  apply(operations: readonly FileOperation[], group = 'group'): FileResult[] {
    if (this.rootState.state !== 'ok' || this.rootState.nonce !== 'n')
      return operations.map(() => ({ outcome: 'failed', code: 'io', reason: 'the root is not ours' }));
    return operations.map((operation) => this.#apply(operation, group));
  }

  #apply(operation: FileOperation, group: string): FileResult {
    const replaced = this.nodes.get(operation.path);
    const result = this.#perform(operation);
    if (
      result.outcome !== 'done' ||
      (replaced?.kind !== 'file' && replaced?.kind !== 'symlink') ||
      operation.type === 'set-metadata'
    )
      return result;
    const name = `${group}/${operation.path}`;
    this.archive.set(name, replaced);
    replaced.ctimeUs = this.tick();
    return { ...result, archived: { name, stamp: stampOf(replaced) } };
  }

  #perform(operation: FileOperation): FileResult {
    const { path } = operation;
    if (this.unwritable.has(path)) return { outcome: 'failed', code: 'io', reason: 'no permission' };
    const there = this.nodes.get(path);
    const parent = path.lastIndexOf('/') < 0 ? undefined : this.nodes.get(path.slice(0, path.lastIndexOf('/')));
    if (path.includes('/') && parent?.kind !== 'directory') return { outcome: 'changed' };
    if ('expected' in operation && !sameStamp(this.row(path), operation.expected)) return { outcome: 'changed' };
    const makes = operation.type !== 'remove' && operation.type !== 'remove-directory';
    if (makes && this.#collides(path, operation.type === 'rename' ? operation.from : undefined))
      return { outcome: 'changed' };
    if (operation.type === 'place-symlink' && this.#traits?.symlinks === false)
      return { outcome: 'failed', code: 'not-supported', reason: 'This disk has no links.' };
    switch (operation.type) {
      case 'make-directory':
        if (there !== undefined) return { outcome: 'changed' };
        this.#put(path, { kind: 'directory' });
        break;
      case 'place-file': {
        if (this.full) return { outcome: 'failed', code: 'disk-full', reason: 'The disk is full.' };
        const archived = this.archive.get(operation.archived ?? '')?.bytes;
        const bytes = operation.bytes ?? archived ?? this.temps.get(operation.temp ?? '');
        if (bytes === undefined) return { outcome: 'failed', code: 'io', reason: `no temp ${operation.temp}` };
        if (operation.temp !== undefined) this.temps.delete(operation.temp);
        const { executable } = operation;
        const mtimeUs = this.coarse ? Math.floor(operation.mtimeUs / 1e6) * 1e6 : operation.mtimeUs;
        this.#put(path, { kind: 'file', bytes, executable: this.coarse ? false : executable, mtimeUs });
        break;
      }
      case 'place-symlink':
        this.#put(path, { kind: 'symlink', target: operation.target });
        break;
      case 'rename': {
        const node = this.nodes.get(operation.from);
        if (node === undefined || !sameStamp(this.row(operation.from), operation.expectedFrom))
          return { outcome: 'changed' };
        this.nodes.delete(operation.from);
        node.ctimeUs = this.tick();
        this.nodes.set(path, node);
        break;
      }
      case 'set-metadata': {
        const node = there as Node;
        node.mtimeUs = this.coarse ? Math.floor(operation.mtimeUs / 1e6) * 1e6 : operation.mtimeUs;
        if (!this.coarse) node.executable = operation.executable;
        node.ctimeUs = this.tick();
        break;
      }
      case 'remove':
        this.nodes.delete(path);
        return { outcome: 'done', row: undefined };
      case 'remove-directory':
        if (there?.kind !== 'directory' || this.below(path).length > 1) return { outcome: 'changed' };
        this.nodes.delete(path);
        return { outcome: 'done', row: undefined };
    }
    return { outcome: 'done', row: this.row(path) };
  }

  #put(path: string, node: Partial<Node> & Pick<Node, 'kind'>): void {
    const time = this.tick();
    const inode = `${++this.#inode}`;
    this.nodes.set(path, { bytes: new Uint8Array(0), executable: false, mtimeUs: time, ctimeUs: time, inode, ...node });
  }
}

function directoriesAbove(path: string): readonly string[] {
  return path.split('/').flatMap((_, i, parts) => (i === 0 ? [] : [parts.slice(0, i).join('/')]));
}
