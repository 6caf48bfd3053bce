/** Codes: single-use invitations of 128 random bits, in the forms people pass on (`spec/02`). */

import { toHex } from '../bytes.js';
import { type Crypto, deriveKey } from '../crypto/index.js';
import { CloudlessError } from '../errors.js';
import { codeMemoryMs } from '../limits.js';
import { type Invitation, isLink, parseLink } from './link.js';
import { codeSeparators, parseTypedCode, typedCodeLength } from './typed-code.js';
import { parseWords } from './words.js';

/** How an invitation was handed in. */
export type CodeForm = 'typed' | 'words' | 'link';

/** When a code lived, as kept by the device that made it. */
export interface CodeLife {
  readonly expiresMs: number;
  /** When it was burnt, if it was. */
  readonly usedMs?: number | undefined;
  /** When its maker took it back, unused, if it did. */
  readonly revokedMs?: number | undefined;
}

const codeIdBytes = 16;

/**
 * The invitation in what a person typed, pasted or scanned, and its form. Throws `code-mistyped` and for links what
 * `parseLink` throws.
 */
export function parseCode(text: string): { readonly form: CodeForm; readonly invitation: Invitation } {
  const form = codeForm(text);
  if (form === 'link') return { form, invitation: parseLink(text) };
  const secret = form === 'words' ? parseWords(text) : parseTypedCode(text);
  return { form, invitation: { type: 'code', secret, addresses: [] } };
}

/** Twelve words have at least 36 letters and no digits, which tells them from the 35 characters of a typed code. */
function codeForm(text: string): CodeForm {
  if (isLink(text)) return 'link';
  const characters = text.replace(codeSeparators, '');
  return /^\p{L}+$/u.test(characters) && characters.length !== typedCodeLength ? 'words' : 'typed';
}

/** Names a code in lists and logs: 32 hex digits from which nobody finds the code. */
export function codeId(crypto: Crypto, secret: Uint8Array): string {
  return toHex(deriveKey(crypto, secret, 'code id').subarray(0, codeIdBytes));
}

/** The pre-shared key of the connection on which a code is honoured, 32 bytes. */
export function codePsk(crypto: Crypto, secret: Uint8Array): Uint8Array {
  return deriveKey(crypto, secret, 'code psk');
}

/** Where the two devices of a code find each other, 32 bytes. */
export function codeTopic(crypto: Crypto, secret: Uint8Array): Uint8Array {
  return deriveKey(crypto, secret, 'code topic');
}

/**
 * Throws the reason why its maker does not honour a code now: `code-unknown` (it has no such code), `code-used`,
 * `code-revoked`, `code-expired`. A code that was used or taken back stays so after its time.
 */
export function checkCodeLife(life: CodeLife | undefined, nowMs: number): asserts life is CodeLife {
  if (life === undefined || isCodeForgotten(life, nowMs)) {
    throw new CloudlessError('code-unknown', 'The device that answers did not make this code. Ask for a new one.');
  }
  if (life.usedMs !== undefined) {
    throw new CloudlessError('code-used', 'This code was used already. Ask for a new one.');
  }
  if (life.revokedMs !== undefined) {
    throw new CloudlessError('code-revoked', 'This code was revoked. Ask for a new one.');
  }
  if (nowMs >= life.expiresMs) throw new CloudlessError('code-expired', 'This code has expired. Ask for a new one.');
}

/** Whether the time is over for which a burnt, revoked or expired code is remembered, so that it can be wiped. */
export function isCodeForgotten(life: CodeLife, nowMs: number): boolean {
  return nowMs >= (life.usedMs ?? life.revokedMs ?? life.expiresMs) + codeMemoryMs;
}

/** Whether its maker honours a code now (`spec/02 COD-13`). */
export function isCodeOpen(life: CodeLife, nowMs: number): boolean {
  return life.usedMs === undefined && life.revokedMs === undefined && nowMs < life.expiresMs;
}
