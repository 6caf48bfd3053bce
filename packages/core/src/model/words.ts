/** Twelve words for 128 bits, by BIP-39 in English: to be read out or written down (`spec/02 §3`). */

import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { CloudlessError, invariant } from '../errors.js';
import { codeSecretBytes } from '../limits.js';

const wordCount = 12;
const prefixLength = 4;

/** Twelve words, a space between them, for 16 bytes. */
export function formatWords(secret: Uint8Array): string {
  invariant(secret.length === codeSecretBytes, 'twelve words hold 16 bytes');
  return entropyToMnemonic(secret, wordlist);
}

/**
 * The 16 bytes of twelve words. Case and what stands between the words do not matter; the first four letters of a word
 * are enough. Throws `code-mistyped`; the place of a wrong word, from 1, is in `details.word` where it is known.
 */
export function parseWords(text: string): Uint8Array {
  const typed = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  const words = typed.map(completed);
  if (words.length !== wordCount) {
    throw mistyped(`There are ${words.length} words, and ${wordCount} are needed.`);
  }
  try {
    return mnemonicToEntropy(words.join(' '), wordlist);
  } catch (cause) {
    throw mistyped('The words do not belong together: one is wrong, or two are exchanged.', {}, cause);
  }
}

function completed(word: string, index: number): string {
  if (wordlist.includes(word)) return word;
  const whole = word.length === prefixLength ? wordlist.find((each) => each.startsWith(word)) : undefined;
  if (whole !== undefined) return whole;
  throw mistyped(`Word ${index + 1}, ${JSON.stringify(word)}, is not one of the words.`, { word: index + 1 });
}

function mistyped(message: string, details: Readonly<Record<string, unknown>> = {}, cause?: unknown): CloudlessError {
  return new CloudlessError('code-mistyped', message, { details, cause });
}
