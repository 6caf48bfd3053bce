import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { CloudlessError } from '../../errors.js';
import type { ArchivedFile, FileStamp } from '../../ports/index.js';
import { Anchor, look, withParent } from './anchor.js';
import { archivedPath, copyWhole } from './archive.js';
import { rowOf, stampOf } from './rows.js';
import { syncDirectory } from './sync.js';
import { privateDirectories, privatePath } from './token.js';

const gone: readonly (string | undefined)[] = ['ENOENT', 'ENOTDIR', 'not-found', 'unsafe-path'];

/** How archived files look now. */
export function recheck(root: string, names: readonly string[]): readonly (FileStamp | undefined)[] {
  return names.map((name) =>
    unlessGone(() =>
      withParent(root, archivedPath(name), (anchor, part) => {
        const stats = look(anchor.at(part));
        return stats === undefined ? undefined : stampOf(stats);
      }),
    ),
  );
}

/** Takes files out of the archive, and directories that are left empty. */
export function removeArchived(root: string, names: readonly string[]): void {
  for (const name of names) {
    const path = archivedPath(name);
    unlessGone(() => withParent(root, path, (anchor, part) => unlinkSync(anchor.at(part))));
    for (let above = dirname(name); above !== '.'; above = dirname(above)) {
      if (!removeEmpty(root, archivedPath(above))) break;
    }
  }
}

function removeEmpty(root: string, path: string): boolean {
  try {
    withParent(root, path, (anchor, part) => rmdirSync(anchor.at(part)));
    return true;
  } catch {
    // Something else is still in it, or it is gone.
    return false;
  }
}

/** Names of groups in the archive. */
export function archiveGroups(root: string): readonly string[] {
  const directory = privatePath(root, privateDirectories.archive);
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
}

/** What lies in the archive under these groups; names that are no text are left out. */
export function listArchived(root: string, groups: readonly string[]): readonly ArchivedFile[] {
  const found: ArchivedFile[] = [];
  for (const group of groups) unlessGone(() => walk(root, group, found));
  return found;
}

function walk(root: string, directory: string, found: ArchivedFile[]): void {
  const anchor = Anchor.open(root, archivedPath(directory).split('/'));
  const below: string[] = [];
  try {
    for (const part of readdirSync(anchor.base)) {
      const [at, name] = [anchor.at(part), `${directory}/${part}`];
      const stats = look(at);
      if (stats?.isDirectory() === true) below.push(name);
      if (stats?.isFile() !== true && stats?.isSymbolicLink() !== true) continue;
      const { executable = false, target } = rowOf(name, stats, at);
      found.push({ name, stamp: stampOf(stats), executable, target });
    }
  } finally {
    anchor.close();
  }
  for (const name of below) walk(root, name, found);
}

/** Copies an archived file to a path of this machine where nothing is, with up to `above` directories on the way. */
export function exportArchived(root: string, name: string, to: string, above: number): void {
  if (lstatSync(to, { throwIfNoEntry: false }) !== undefined)
    throw new CloudlessError('exists', `${to} is there already.`);
  makeAbove(to, above);
  if (!existsSync(dirname(to))) throw new CloudlessError('not-found', `There is no directory ${dirname(to)}.`);
  const [directory, part] = [dirname(to), basename(to)];
  withParent(root, archivedPath(name), (anchor, source) => {
    const from = anchor.at(source);
    const stats = look(from);
    if (stats === undefined) throw new CloudlessError('not-found', 'That version is not in the archive any more.');
    const at = join(directory, part);
    if (stats.isSymbolicLink()) return symlinkSync(readlinkSync(from), at);
    copyWhole(from, at);
    chmodSync(at, Number(stats.mode) & 0o777);
  });
  syncDirectory(directory);
}

function makeAbove(path: string, levels: number): void {
  const directory = dirname(path);
  if (levels === 0 || existsSync(directory)) return;
  makeAbove(directory, levels - 1);
  if (existsSync(dirname(directory))) mkdirSync(directory);
}

/** `undefined` where it is not there. */
function unlessGone<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (gone.includes((error as NodeJS.ErrnoException).code)) return undefined;
    throw error;
  }
}
