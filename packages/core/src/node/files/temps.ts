import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { check } from '../../errors.js';
import { privateName } from '../../model/index.js';
import { Anchor, fileError } from './anchor.js';
import { privateDirectories } from './token.js';

const { O_CREAT, O_NOFOLLOW = 0, O_RDWR } = constants;
const { temps: directoryName } = privateDirectories;

/** The name of a temp file. It comes from the engine and is a plain word. */
export function tempName(temp: string): string {
  check(/^[0-9a-zA-Z-][0-9a-zA-Z.-]{0,127}$/.test(temp), 'unsafe-path', 'This is no name of a temp file.');
  return temp;
}

/** The directory of temp files, held open: nobody makes it lead elsewhere meanwhile. */
export function openTemps(root: string): Anchor {
  return Anchor.open(root, [privateName, directoryName]);
}

/** The same; somebody may have tidied the private directory, which is not made anew where it is gone as a whole. */
function makeTemps(root: string): Anchor {
  try {
    return openTemps(root);
  } catch (error) {
    if ((error as { readonly code?: string }).code !== 'not-found') throw error;
  }
  const above = Anchor.open(root, [privateName]);
  try {
    mkdirSync(above.at(directoryName), { mode: 0o700 });
    return above.below(directoryName);
  } finally {
    above.close();
  }
}

/**
 * Opens a temp file to write in it. Never kept open for later: once it is placed, the same name may stand for another
 * file, and a kept handle would write into somebody's document.
 */
export function withTemp(
  root: string,
  temp: string,
  make: boolean,
  act: (handle: number, directory: string) => void,
): void {
  const anchor = make ? makeTemps(root) : openTemps(root);
  try {
    const handle = openSync(anchor.at(tempName(temp)), O_RDWR | (make ? O_CREAT : 0) | O_NOFOLLOW, 0o600);
    try {
      check(isOurs(fstatSync(handle)), 'io', 'A temp file is also somebody’s document.');
      act(handle, anchor.base);
    } finally {
      closeSync(handle);
    }
  } finally {
    anchor.close();
  }
}

/** After a crash between the two steps of placing it, a temp file may be a file of the folder too. */
function isOurs(stats: Stats): boolean {
  return stats.isFile() && stats.nlink === 1;
}

export function flushTemps(root: string, temps: readonly string[]): void {
  for (const temp of temps) {
    try {
      withTemp(root, temp, false, (handle) => fsyncSync(handle));
    } catch (error) {
      throw fileError(error);
    }
  }
}

/** Those that are whole files of ours; what else lies there is removed. */
export function listTemps(root: string): readonly string[] {
  return inTemps(root, [], (anchor) =>
    readdirSync(anchor.base).filter((name) => {
      const path = anchor.at(name);
      if (isOurs(lstatSync(path))) return true;
      rmSync(path, { recursive: true, force: true });
      return false;
    }),
  );
}

export function removeTemps(root: string, temps: readonly string[]): void {
  inTemps(root, undefined, (anchor) => {
    for (const temp of temps) {
      try {
        unlinkSync(anchor.at(tempName(temp)));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileError(error);
      }
    }
  });
}

/** `none` where there is no such directory. */
function inTemps<T>(root: string, none: T, act: (anchor: Anchor) => T): T {
  let anchor: Anchor;
  try {
    anchor = openTemps(root);
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'not-found') return none;
    throw error;
  }
  try {
    return act(anchor);
  } finally {
    anchor.close();
  }
}
