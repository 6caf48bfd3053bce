import { type BigIntStats, closeSync, constants, existsSync, lstatSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { CloudlessError } from '../../errors.js';

const { O_DIRECTORY = 0, O_NOFOLLOW = 0, O_RDONLY } = constants;

/**
 * Whether directories can be held open and named through their handle, so that nobody can swap one for a link under
 * us.
 */
export const anchorsByHandle: boolean = existsSync('/proc/self/fd');

/** A directory inside a root, held while something in it is looked at or changed. */
export class Anchor {
  /** Name of the directory for the system, safe from swaps while the anchor is open. */
  readonly base: string;
  readonly #handle: number | undefined;
  readonly #chain: readonly string[];

  private constructor(base: string, handle: number | undefined, chain: readonly string[]) {
    this.base = base;
    this.#handle = handle;
    this.#chain = chain;
  }

  /**
   * Opens the directory at `parts` below `root`, component by component, following no link. Throws `not-found` when
   * it is not there and `unsafe-path` when a component is a link or no directory.
   */
  static open(root: string, parts: readonly string[]): Anchor {
    for (const part of parts) checkPart(part);
    return anchorsByHandle ? Anchor.#byHandle(root, parts) : Anchor.#byChain(root, parts);
  }

  /** Opens a directory in this one. Throws as `open` does. */
  below(name: string): Anchor {
    checkPart(name);
    if (this.#handle === undefined) {
      const path = join(this.base, name);
      checkDirectory(path);
      return new Anchor(path, undefined, [...this.#chain, path]);
    }
    const handle = openDirectory(`${this.base}/${name}`, false);
    return new Anchor(`/proc/self/fd/${handle}`, handle, []);
  }

  /** Name of an entry of the directory. */
  at(name: string): string {
    return `${this.base}/${name}`;
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

  static #byHandle(root: string, parts: readonly string[]): Anchor {
    let handle = openDirectory(root, true);
    for (const part of parts) {
      try {
        const next = openDirectory(`/proc/self/fd/${handle}/${part}`, false);
        closeSync(handle);
        handle = next;
      } catch (error) {
        closeSync(handle);
        throw error;
      }
    }
    return new Anchor(`/proc/self/fd/${handle}`, handle, []);
  }

  static #byChain(root: string, parts: readonly string[]): Anchor {
    const chain: string[] = [];
    let path = root;
    for (const part of parts) {
      path = join(path, part);
      checkDirectory(path);
      chain.push(path);
    }
    return new Anchor(path, undefined, chain);
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
