/** What commands do with the codes of this device: listing and revoking them. */

import { check } from '../errors.js';
import type { Codes } from './codes.js';
import type { FolderEngine } from './folder.js';
import type { CodeRow } from './home.js';
import { levelOf } from './reports.js';

const idPrefixMin = 4;

/** The open codes of a folder that this device made; never the codes themselves. */
export function listCodes(codes: Codes, folder: FolderEngine): readonly Readonly<Record<string, unknown>>[] {
  return codes.open(folder.folder).map(describeCode);
}

/**
 * Takes back an open code, named by its id or the beginning of it. Throws `not-found` when this device has no such open
 * code, and `usage` when there are several.
 */
export function revokeCode(codes: Codes, folder: FolderEngine, text: string): Readonly<Record<string, unknown>> {
  const wanted = text.trim().toLowerCase();
  check(wanted.length >= idPrefixMin, 'usage', `At least ${idPrefixMin} characters of the code's id are needed.`);
  const found = codes.open(folder.folder).filter(({ codeId }) => codeId.startsWith(wanted));
  check(found.length <= 1, 'usage', `Several open codes begin with "${text}"; use more of the id.`);
  const [code] = found;
  const none = `This device has no open code "${text}" for "${folder.row.name}"; "codes" lists them.`;
  check(code !== undefined, 'not-found', none);
  codes.revoke(code);
  return describeCode(code);
}

function describeCode(code: CodeRow): Readonly<Record<string, unknown>> {
  return {
    folder: code.folder,
    id: code.codeId,
    level: levelOf(code.rank),
    made: new Date(code.madeMs).toISOString(),
    expires: new Date(code.expiresMs).toISOString(),
    ...(code.memberMs === undefined ? {} : { memberMs: code.memberMs }),
  };
}
