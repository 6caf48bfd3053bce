/** What a joiner makes of the answers of a code's maker. */

import { CloudlessError, check, type ErrorCode } from '../errors.js';
import { checkPath, type RefusalReason, refusalReasons } from '../model/index.js';

/**
 * Throws `bad-path` for the name of a folder that can't become the name of a directory here: it is to be one part, and
 * not one that programs look into by themselves.
 */
export function checkName(name: string): void {
  const plain = !checkPath(name).includes('/') && !name.startsWith('.');
  check(plain, 'bad-path', 'The folder has a name that no directory here can be called by.');
}

const refusalCodes: Readonly<Record<RefusalReason, readonly [ErrorCode, string]>> = {
  expired: ['code-expired', 'This code has expired. Ask for a new one.'],
  used: ['code-used', 'This code was used already. Ask for a new one.'],
  revoked: ['code-revoked', 'This code was revoked. Ask for a new one.'],
  unknown: ['code-unknown', 'The device that answers did not make this code. Ask for a new one.'],
  'not-allowed': ['not-allowed', 'The maker of this code may not invite any more. Ask somebody else.'],
};

/** What a joiner reports of a `refused`; numbers of later versions count as `unknown`. */
export function refusal(reason: number): CloudlessError {
  const [code, message] = refusalCodes[refusalReasons[reason] ?? 'unknown'];
  return new CloudlessError(code, message);
}
