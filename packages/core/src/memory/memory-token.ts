import { toHex, utf8, utf8Text } from '../bytes.js';
import type { Crypto } from '../crypto/index.js';
import { CloudlessError } from '../errors.js';
import type { FolderId } from '../model/index.js';
import type { ClaimOptions, RootState } from '../ports/index.js';
import { diskError, missing } from './disk-rows.js';
import type { MemoryDisk } from './memory-disk.js';

const tokenPattern = /^cloudless 1 ([0-9a-f]{64}) ([0-9a-f]+)\n$/;

/** The disk's path of what the program keeps in a root for itself. */
export function privatePath(root: string, name: string): string {
  return `${root}/.cloudless/${name}`;
}

/** Whose a root is, and what the last life of the program left there: files in its private directory. */
export class MemoryToken {
  readonly #disk: MemoryDisk;
  readonly #root: string;
  readonly #crypto: Crypto;

  constructor(disk: MemoryDisk, root: string, crypto: Crypto) {
    this.#disk = disk;
    this.#root = root;
    this.#crypto = crypto;
  }

  claim(folder: FolderId, create: boolean, { take, life }: ClaimOptions = {}): RootState {
    const state = this.look(folder);
    const isThere = state.state === 'ok';
    const isEmpty = state.state === 'missing' && this.#disk.find(this.#root)?.kind === 'directory';
    const isNew = (isThere && (create || take === true)) || (create && isEmpty);
    const claimed = isNew ? this.#draw(folder, state) : state;
    if (claimed.state !== 'ok') return claimed;
    if (life !== undefined) this.#leave(`${claimed.nonce} ${life}`);
    return this.look(folder);
  }

  release(): void {
    if (this.#disk.find(this.#path('life')) !== undefined) this.#disk.unlink(this.#path('life'));
    this.#disk.unlink(this.#path('root'));
    this.#disk.sync();
  }

  look(folder: FolderId): RootState {
    try {
      const there = this.#disk.find(this.#root);
      if (there?.kind !== 'directory') return missing('The directory is not there.');
      if (this.#disk.find(this.#path('root')) === undefined) return missing('The directory has no token.');
      const text = utf8Text(this.#disk.readFile(this.#path('root'))) ?? '';
      const [, owner, nonce] = tokenPattern.exec(text) ?? [];
      if (owner === folder && nonce !== undefined) {
        return { state: 'ok', nonce, place: `${there.number}`, ...this.#life(nonce) };
      }
      return { state: 'foreign', reason: 'The directory belongs to another folder.' };
    } catch (error) {
      return { state: 'unreadable', reason: `The directory cannot be read: ${diskError(error).code}.` };
    }
  }

  /** Throws `not-found` where the root is not the folder's. */
  check(folder: FolderId): void {
    const state = this.look(folder);
    if (state.state !== 'ok') throw new CloudlessError('not-found', state.reason);
  }

  #draw(folder: FolderId, state: RootState): RootState {
    for (const name of ['temps', 'archive']) this.#disk.makeDirectories(this.#path(name));
    const before = state.state === 'ok' ? state.nonce : '';
    const seed = utf8(`${this.#root} ${this.#disk.get(this.#root).number} ${before}`);
    this.#write('root', `cloudless 1 ${folder} ${toHex(this.#crypto.sha256(seed).subarray(0, 16))}\n`);
    return this.look(folder);
  }

  /** What was left for the token with this nonce. */
  #life(nonce: string): { readonly life?: string } {
    const left = this.#disk.find(this.#path('life'));
    const [token, ...rest] = (left === undefined ? '' : (utf8Text(left.bytes) ?? '')).split(' ');
    return token === nonce ? { life: rest.join(' ') } : {};
  }

  /** A disk that takes nothing now keeps what was left there before. */
  #leave(text: string): void {
    try {
      this.#write('life', text);
    } catch (error) {
      diskError(error);
    }
  }

  #write(name: string, text: string): void {
    const temp = this.#path(`${name}.new`);
    if (this.#disk.find(temp) === undefined) this.#disk.makeFile(temp);
    this.#disk.setBytes(temp, utf8(text));
    this.#disk.flush(temp);
    this.#disk.rename(temp, this.#path(name));
    this.#disk.sync();
  }

  #path(name: string): string {
    return privatePath(this.#root, name);
  }
}
