import { type BigIntStats, closeSync, constants, existsSync, lstatSync, openSync, readdirSync } from 'node:fs';
import { CloudlessError } from '../../errors.js';
import { composedNames, isAscii, type Listings } from './listings.js';

const { O_DIRECTORY = 0, O_NOFOLLOW = 0, O_RDONLY } = constants;

/**
 * Whether directories can be held open and named through their handle, so that nobody can swap one for a link under
 * us.
 */
export const anchorsByHandle: boolean = existsSync('/proc/self/fd');

/** What of a disk that is blind to case counts as there. */
interface Exact {
  readonly listings: Listings;
  /** Path of the directory below the root. */
  readonly key: string;
}

/** A directory inside a root, held while something in it is looked at or changed. */
export class Anchor {
  /** Name of the directory for the system, safe from swaps while the anchor is open. */
  readonly base: string;
  readonly #handle: number | undefined;
  readonly #chain: readonly string[];
  readonly #exact: Exact | undefined;
  #composed: ReadonlyMap<string, string> | undefined;

  private constructor(base: string, handle: number | undefined, chain: readonly string[], exact: Exact | undefined) {
    this.base = base;
    this.#handle = handle;
    this.#chain = chain;
    this.#exact = exact;
  }

  /**
   * Opens the directory at `parts` below `root`, component by component, following no link. Throws `not-found` when
   * it is not there and `unsafe-path` when a component is a link or no directory. With `listings` only what is listed
   * by just that name is there.
   */
  static open(root: string, parts: readonly string[], listings?: Listings): Anchor {
    const exact = listings === undefined ? undefined : { listings, key: '' };
    const handle = anchorsByHandle ? openDirectory(root, true) : undefined;
    let anchor = new Anchor(handle === undefined ? root : `/proc/self/fd/${handle}`, handle, [], exact);
    for (const part of parts) {
      try {
        const next = anchor.below(part);
        anchor.close();
        anchor = next;
      } catch (error) {
        anchor.close();
        throw error;
      }
    }
    return anchor;
  }

  /** Opens a directory in this one. Throws as `open` does. */
  below(name: string): Anchor {
    checkPart(name);
    if (!this.#lists(name)) throw new CloudlessError('not-found', 'A directory is not there any more.');
    const exact = this.#exact && { ...this.#exact, key: this.#exact.key === '' ? name : `${this.#exact.key}/${name}` };
    if (this.#handle === undefined) {
      const path = this.at(name);
      checkDirectory(path);
      return new Anchor(path, undefined, [...this.#chain, path], exact);
    }
    const handle = openDirectory(this.at(name), false);
    return new Anchor(`/proc/self/fd/${handle}`, handle, [], exact);
  }

  /**
   * Name of an entry of the directory. What the disk has in another Unicode form keeps that; what is new gets the
   * form that it is asked for by.
   */
  at(name: string): string {
    const at = `${this.base}/${name}`;
    if (isAscii(name) || look(at) !== undefined) return at;
    this.#composed ??= composedNames(readdirSync(this.base));
    return `${this.base}/${this.#composed.get(name) ?? name}`;
  }

  /** What stands at a name; with listings only what is listed by it. */
  find(name: string): BigIntStats | undefined {
    const stats = look(this.at(name));
    return stats === undefined || this.#lists(name) ? stats : undefined;
  }

  #lists(name: string): boolean {
    return this.#exact === undefined || this.#exact.listings.has(this.#exact.key, this.base, name);
  }

  /** Makes entries made, renamed or removed here durable. */
  get handle(): number | undefined {
    return this.#handle;
  }

  /** Where directories can't be held: looks again that no component has become a link. */
  recheck(): void {
    for (const path of this.#chain) checkDirectory(path);
  }

  close(): void {
    if (this.#handle !== undefined) closeSync(this.#handle);
  }
}

/** Runs something with the directory that holds `path`, and the path's last part. */
export function withParent<T>(root: string, path: string, act: (anchor: Anchor, name: string) => T): T {
  const parts = path.split('/');
  const name = parts.pop() as string;
  checkPart(name);
  const anchor = Anchor.open(root, parts);
  try {
    const result = act(anchor, name);
    anchor.recheck();
    return result;
  } finally {
    anchor.close();
  }
}

/** What stands at a name, links not followed; `undefined` when nothing does. */
export function look(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

/** The last gate: whatever came before, nothing here goes up or elsewhere. */
function checkPart(part: string): void {
  const isName = part !== '' && part !== '.' && part !== '..' && !part.includes('/') && !part.includes('\0');
  if (!isName) throw new CloudlessError('unsafe-path', 'A path leads out of its folder.');
}

function openDirectory(path: string, followLast: boolean): number {
  try {
    return openSync(path, O_RDONLY | O_DIRECTORY | (followLast ? 0 : O_NOFOLLOW));
  } catch (error) {
    throw anchorError(error);
  }
}

function checkDirectory(path: string): void {
  const stats = look(path);
  if (stats === undefined) throw new CloudlessError('not-found', 'A directory is not there any more.');
  if (!stats.isDirectory()) throw new CloudlessError('unsafe-path', 'A directory on the way is a link or a file.');
}

function anchorError(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return new CloudlessError('not-found', 'A directory is not there any more.', { cause: error });
  if (code === 'ELOOP' || code === 'ENOTDIR') {
    return new CloudlessError('unsafe-path', 'A directory on the way is a link or a file.', { cause: error });
  }
  return error;
}

/** Our error for one of the file system. */
export function fileError(error: unknown): CloudlessError {
  if (error instanceof CloudlessError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new CloudlessError('disk-full', 'The disk is full.', { cause: error });
  if (code === 'ELOOP') return new CloudlessError('unsafe-path', 'A link stands in the way.', { cause: error });
  return new CloudlessError('io', `The file system said: ${code ?? message}`, { cause: error, details: { code } });
}
