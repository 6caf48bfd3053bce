/** Targets of symbolic links that come from others (`spec/00 §5`). Links are objects: nothing here follows one. */

import { utf8 } from '../bytes.js';
import { CloudlessError } from '../errors.js';
import { symlinkTargetBytesMax } from '../limits.js';
import { isPrivateName, pathDepth, type WirePath } from './path.js';

/** Why a target is refused. */
export type TargetFault =
  | 'empty'
  | 'too-long'
  | 'not-text'
  | 'nul'
  | 'absolute'
  | 'dot-dot-after-name'
  | 'outside'
  | 'private';

/**
 * Throws `bad-path`, whose `details.fault` is a `TargetFault`, unless `target`, seen from the link at `path`, is
 * relative and stays inside the folder whatever other such links there are.
 */
export function checkSymlinkTarget(path: WirePath, target: string): void {
  const fault = symlinkFault(path, target);
  if (fault === undefined) return;
  throw new CloudlessError('bad-path', `The target of the symbolic link is not allowed: ${faultTexts[fault]}.`, {
    details: { fault },
  });
}

/** What is wrong with a target, the first in the order of `spec/00 §5`; nothing for one that is allowed. */
export function symlinkFault(path: WirePath, target: string): TargetFault | undefined {
  if (target === '') return 'empty';
  if (target.length > symlinkTargetBytesMax || utf8(target).length > symlinkTargetBytesMax) return 'too-long';
  if (!target.isWellFormed()) return 'not-text';
  if (target.includes('\0')) return 'nul';
  if (target.startsWith('/')) return 'absolute';
  return stepsFault(
    pathDepth(path) - 1,
    path,
    target.split('/').filter((part) => part !== '' && part !== '.'),
  );
}

/** Steps up are allowed at the start only: behind a name, which may be another link, they could lead anywhere. */
function stepsFault(depth: number, path: WirePath, steps: readonly string[]): TargetFault | undefined {
  const named = steps.findIndex((step) => step !== '..');
  const ups = named < 0 ? steps.length : named;
  if (ups > depth) return 'outside';
  const names = steps.slice(ups);
  if (names.includes('..')) return 'dot-dot-after-name';
  const first = [...path.split('/').slice(0, depth - ups), ...names][0];
  return first !== undefined && isPrivateName(first) ? 'private' : undefined;
}

const faultTexts: Readonly<Record<TargetFault, string>> = {
  empty: 'it is empty',
  'too-long': `it is longer than ${symlinkTargetBytesMax} bytes`,
  'not-text': 'it has half a character in it',
  nul: 'it has a zero character in it',
  absolute: 'it begins with a slash',
  'dot-dot-after-name': 'it steps up behind a name',
  outside: 'it leads out of the folder',
  private: 'it leads into the private directory',
};
