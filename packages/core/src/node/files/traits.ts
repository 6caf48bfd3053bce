import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { privateName } from '../../model/index.js';
import type { DiskTraits } from '../../ports/index.js';
import { look } from './anchor.js';
import { privatePath } from './token.js';

const prefix = 'probe-';
/** What a probe left that was stopped is older than this. */
const leftMs = 60_000;
/** A time of day with digits at every place, microseconds since 1970. */
const sampleUs = 1_600_000_001_234_567;
const steps: readonly number[] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 2_000_000];

/**
 * Tries out what the disk of a root can hold, in the private directory. What could not be tried, as on a full disk, is
 * taken for possible; that names are blind to case is seen all the same.
 */
export function probeDisk(root: string): DiskTraits {
  const directory = privatePath(root, `${prefix}${randomBytes(6).toString('hex')}`);
  try {
    removeLeft(root);
    mkdirSync(directory, { mode: 0o700 });
    return probe((name) => `${directory}/${name}`);
  } catch {
    return { ...everything, caseBlind: look(`${root}/${privateName.toUpperCase()}`) !== undefined };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const everything: DiskTraits = {
  caseBlind: false,
  renamesCase: true,
  formBlind: false,
  symlinks: true,
  executable: true,
  hardLinks: true,
  timeStepUs: 1,
  nameRules: 'posix',
};

/** In a directory of its own, where whatever is found at another name is what was made. */
function probe(at: (name: string) => string): DiskTraits {
  const file = at('aB');
  writeFileSync(file, '', { mode: 0o600 });
  const caseBlind = look(at('Ab')) !== undefined;
  const timeStepUs = stepOf(file);
  const executable = keepsMode(file);
  const hardLinks = works(() => linkSync(file, at('link')));
  const symlinks = works(() => symlinkSync('aB', at('symlink')));
  const formBlind = works(() => writeFileSync(at('e\u0301'), '')) && look(at('\u00e9')) !== undefined;
  const nameRules = works(() => writeFileSync(at('a:b'), '')) && isListed(at, 'a:b') ? 'posix' : 'windows';
  const renamesCase = !caseBlind || (works(() => renameSync(file, at('Ab'))) && isListed(at, 'Ab'));
  return { caseBlind, renamesCase, formBlind, symlinks, executable, hardLinks, timeStepUs, nameRules };
}

function works(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

function isListed(at: (name: string) => string, name: string): boolean {
  return readdirSync(at('')).includes(name);
}

function stepOf(file: string): number {
  const seconds = (sampleUs + 0.5) / 1_000_000;
  utimesSync(file, seconds, seconds);
  const timeUs = Number((look(file)?.mtimeNs ?? 0n) / 1_000n);
  const fits = (step: number): boolean => Math.abs(timeUs - sampleUs) < step && timeUs % step === 0;
  return steps.find(fits) ?? (steps.at(-1) as number);
}

function keepsMode(file: string): boolean {
  return [0o700, 0o600].every((mode) => {
    return works(() => chmodSync(file, mode)) && (Number(look(file)?.mode ?? 0n) & 0o100) === (mode & 0o100);
  });
}

/** A probe that was stopped half way has left its directory. */
function removeLeft(root: string): void {
  for (const name of readdirSync(privatePath(root))) {
    const ageMs = Date.now() - Number(look(privatePath(root, name))?.mtimeMs ?? Date.now());
    if (name.startsWith(prefix) && ageMs > leftMs) rmSync(privatePath(root, name), { recursive: true, force: true });
  }
}
