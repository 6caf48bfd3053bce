import { CloudlessError } from '../../errors.js';
import type { FolderId } from '../../model/index.js';
import type { ClaimOptions, Files, RootState, TakeRows, WatchHint } from '../../ports/index.js';
import type { DiskRow, RuleTexts } from '../../tree/index.js';
import type { Caller } from './calls.js';
import type { RootOwner } from './folder-files.js';

/** The files of one directory, by calls to wherever they are carried out. */
export class RootFiles implements Files {
  readonly #caller: Caller;
  readonly #root: string;
  #folder: FolderId | undefined;
  #nonce = '';
  #watches = 0;

  constructor(caller: Caller, root: string) {
    this.#caller = caller;
    this.#root = root;
  }

  async claim(folder: FolderId, create: boolean, more: ClaimOptions = {}): Promise<RootState> {
    this.#folder = folder;
    const state = await this.#call<RootState>('claim', folder, create, more);
    if (state.state === 'ok' && isOwn(state.nonce, create, more)) this.#nonce = state.nonce;
    return state;
  }

  release(): Promise<void> {
    return this.#call('release');
  }

  erase(): Promise<void> {
    return this.#call('erase');
  }

  scan(paths: readonly string[] | 'all', rows: TakeRows, rules?: RuleTexts | undefined): Promise<RootState> {
    const call = { root: this.#root, method: 'scan', args: [this.#owner().folder, paths, rules] };
    return this.#caller.call(call, (slice) => rows(slice as readonly DiskRow[])) as Promise<RootState>;
  }

  look(...args: Parameters<Files['look']>): ReturnType<Files['look']> {
    return this.#call('look', ...args);
  }

  hash(...args: Parameters<Files['hash']>): ReturnType<Files['hash']> {
    return this.#call('hash', ...args);
  }

  hashArchived(...args: Parameters<Files['hashArchived']>): ReturnType<Files['hashArchived']> {
    return this.#call('hashArchived', ...args);
  }

  readFile(...args: Parameters<Files['readFile']>): ReturnType<Files['readFile']> {
    return this.#call('readFile', ...args);
  }

  loadChunk(...args: Parameters<Files['loadChunk']>): ReturnType<Files['loadChunk']> {
    return this.#call('loadChunk', ...args);
  }

  storeChunk(...args: Parameters<Files['storeChunk']>): ReturnType<Files['storeChunk']> {
    return this.#call('storeChunk', ...args);
  }

  copyChunk(...args: Parameters<Files['copyChunk']>): ReturnType<Files['copyChunk']> {
    return this.#call('copyChunk', ...args);
  }

  flushTemps(...args: Parameters<Files['flushTemps']>): ReturnType<Files['flushTemps']> {
    return this.#call('flushTemps', ...args);
  }

  listTemps(): ReturnType<Files['listTemps']> {
    return this.#call('listTemps');
  }

  removeTemps(...args: Parameters<Files['removeTemps']>): ReturnType<Files['removeTemps']> {
    return this.#call('removeTemps', this.#owner(), ...args);
  }

  apply(...args: Parameters<Files['apply']>): ReturnType<Files['apply']> {
    return this.#call('apply', this.#owner(), ...args);
  }

  writeView(...args: Parameters<Files['writeView']>): ReturnType<Files['writeView']> {
    return this.#call('writeView', this.#owner(), ...args);
  }

  recheck(...args: Parameters<Files['recheck']>): ReturnType<Files['recheck']> {
    return this.#call('recheck', this.#owner(), ...args);
  }

  removeArchived(...args: Parameters<Files['removeArchived']>): ReturnType<Files['removeArchived']> {
    return this.#call('removeArchived', this.#owner(), ...args);
  }

  archiveGroups(...args: Parameters<Files['archiveGroups']>): ReturnType<Files['archiveGroups']> {
    return this.#call('archiveGroups', ...args);
  }

  listArchived(...args: Parameters<Files['listArchived']>): ReturnType<Files['listArchived']> {
    return this.#call('listArchived', ...args);
  }

  exportArchived(...args: Parameters<Files['exportArchived']>): ReturnType<Files['exportArchived']> {
    return this.#call('exportArchived', ...args);
  }

  async watch(hint: (hint: WatchHint) => void): Promise<() => Promise<void>> {
    const watch = `${++this.#watches}`;
    await this.#caller.call({ root: this.#root, method: 'watch', args: [watch] }, (item) => hint(item as WatchHint));
    return () => this.#call('unwatch', watch);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Whom the directory was claimed for. */
  #owner(): RootOwner {
    if (this.#folder === undefined) throw new CloudlessError('usage', 'A directory is claimed before anything else.');
    return { folder: this.#folder, nonce: this.#nonce };
  }

  #call<T>(method: string, ...args: readonly unknown[]): Promise<T> {
    return this.#caller.call({ root: this.#root, method, args }) as Promise<T>;
  }
}

/** Whether the caller takes the token with this nonce for its own. */
function isOwn(nonce: string, create: boolean, { own, take }: ClaimOptions): boolean {
  return create || take === true || own === undefined || own.includes(nonce);
}
