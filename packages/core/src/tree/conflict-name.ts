/** Names of conflict copies, the same on every device (`spec/07 §5`). */

import { utf8 } from '../bytes.js';
import { pathBytesMax, pathPartBytesMax } from '../limits.js';
import type { Version } from './types.js';
import { directoryContent } from './versions.js';

export const conflictDigitsMin = 8;
export const conflictDigitsMax = 64;

const oldSuffix = / \(conflict \d{8}-\d{6} [0-9a-f]{6} [0-9a-f]{8,64}\)$/;
const extensionBytesMax = 16;
/** The last millisecond of the year 9999. */
const namedMsMax = 253_402_300_799_999;

type Named = Pick<Version, 'content' | 'mtimeUs' | 'stamp'>;

/**
 * The name beside `path` at which `version` is shown, with that many digits of its content id; `undefined` when no name
 * within the limits is left.
 */
export function conflictName(path: string, version: Named, digits: number): string | undefined {
  const slash = path.lastIndexOf('/');
  const parent = path.slice(0, slash + 1);
  const { stem, extension } = splitName(path.slice(slash + 1));
  const device = version.stamp.device.slice(0, 6);
  const suffix = ` (conflict ${versionTime(version)} ${device} ${contentDigits(version, digits)})`;
  const bytesLeft = Math.min(pathPartBytesMax, pathBytesMax - utf8(parent).length);
  const stemBytes = bytesLeft - utf8(suffix).length - utf8(extension).length;
  const cut = cutText(stem, stemBytes);
  return cut === '' ? undefined : `${parent}${cut}${suffix}${extension}`;
}

/** Whether a name has the form of a conflict copy's. */
export function isConflictName(path: string): boolean {
  return oldSuffix.test(splitExtension(path.slice(path.lastIndexOf('/') + 1)).stem);
}

/** The path whose copy a name of that form is, as far as the name says; any other path as it is. */
export function originalPath(path: string): string {
  if (!isConflictName(path)) return path;
  const slash = path.lastIndexOf('/') + 1;
  const { stem, extension } = splitName(path.slice(slash));
  return `${path.slice(0, slash)}${stem}${extension}`;
}

function splitName(name: string): { readonly stem: string; readonly extension: string } {
  const { stem, extension } = splitExtension(name);
  return { stem: stem.replace(oldSuffix, '') || stem, extension };
}

/** An extension is short, without spaces, and not the whole name. */
function splitExtension(name: string): { readonly stem: string; readonly extension: string } {
  const dot = name.lastIndexOf('.');
  const extension = name.slice(dot);
  if (dot <= 0 || extension.includes(' ') || utf8(extension).length > extensionBytesMax) {
    return { stem: name, extension: '' };
  }
  return { stem: name.slice(0, dot), extension };
}

function contentDigits(version: Named, digits: number): string {
  return (version.content ?? directoryContent).slice(0, digits);
}

/** `YYYYMMDD-HHMMSS` in UTC: of the stamp, or of the file where the stamp says nothing. */
function versionTime(version: Named): string {
  const { hlc } = version.stamp;
  const ms = hlc === 0n ? Math.floor(version.mtimeUs / 1000) : Number(hlc >> 16n);
  const iso = new Date(Math.min(Math.max(ms, 0), namedMsMax)).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', '')}-${iso.slice(11, 19).replaceAll(':', '')}`;
}

/** The longest prefix of whole code points with at most that many bytes of UTF-8. */
function cutText(text: string, bytesMax: number): string {
  if (bytesMax <= 0) return '';
  let bytesUsed = 0;
  let cut = '';
  for (const point of text) {
    bytesUsed += utf8(point).length;
    if (bytesUsed > bytesMax) break;
    cut += point;
  }
  return cut;
}
