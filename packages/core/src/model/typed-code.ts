/**
 * The typed form of a code: seven groups of five characters (`spec/02 §2`). The last character of each group checks
 * the group, the last two data characters check the whole, all in the field of 32 elements; so any one wrong
 * character, any two, and any two exchanged are always found.
 */

import { CloudlessError, invariant } from '../errors.js';
import { codeSecretBytes } from '../limits.js';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const groupCount = 7;
const groupLength = 5;
const groupData = groupLength - 1;
const secretSymbols = 26;

/** Characters of the typed form without its dashes. */
export const typedCodeLength: number = groupCount * groupLength;

/** What people put between groups: any space or dash. */
export const codeSeparators: RegExp = /[\s\p{Dash}_.,]+/gu;

/** `XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XXXXX` for 16 bytes. */
export function formatTypedCode(secret: Uint8Array): string {
  invariant(secret.length === codeSecretBytes, 'a code has 16 bytes');
  const data = toSymbols(secret);
  const all = [...data, weigh(data, 1), weigh(data, 2)];
  const groups = Array.from({ length: groupCount }, (_, index) => {
    const group = all.slice(index * groupData, (index + 1) * groupData);
    return [...group, groupCheck(group, index)].map((symbol) => alphabet[symbol] as string).join('');
  });
  return groups.join('-');
}

/**
 * The 16 bytes of a typed code. Case, spaces and dashes do not matter; `O` is read as 0, `I` and `L` as 1. Throws
 * `code-mistyped`, with the wrong groups counted from 1 in `details.groups` where they are known.
 */
export function parseTypedCode(text: string): Uint8Array {
  const written = text.trim().toUpperCase();
  const characters = [...written.replace(codeSeparators, '')];
  const strange = characters.findIndex((character) => symbolOf(character) < 0);
  if (strange >= 0) throw strangeCharacter(characters, strange);
  if (characters.length !== typedCodeLength) throw wrongLength(written, characters.length);
  const symbols = characters.map(symbolOf);
  const groups = Array.from({ length: groupCount }, (_, index) =>
    symbols.slice(index * groupLength, (index + 1) * groupLength),
  );
  const wrong = groups.flatMap((group, index) => (isGroupRight(group, index) ? [] : [index + 1]));
  if (wrong.length > 0) throw wrongGroups(wrong);
  const data = groups.flatMap((group) => group.slice(0, groupData));
  return fromChecked(data.slice(0, secretSymbols), data.slice(secretSymbols));
}

function fromChecked(data: readonly number[], checks: readonly number[]): Uint8Array {
  const isRight = weigh(data, 1) === checks[0] && weigh(data, 2) === checks[1];
  const hasSpareBits = ((data[secretSymbols - 1] as number) & 3) !== 0;
  if (!isRight || hasSpareBits) throw mistyped('More than one character of the code is wrong. Compare every group.');
  return fromSymbols(data);
}

/** Sum of the symbols, each times the generator to the power of `power` times its place. */
function weigh(symbols: readonly number[], power: number): number {
  let sum = 0;
  for (let i = symbols.length - 1; i >= 0; i--) {
    for (let step = 0; step < power; step++) sum = double(sum);
    sum ^= symbols[i] as number;
  }
  return sum;
}

/** Each group adds its number, counted from 1, so that exchanged groups are found too. */
function groupCheck(data: readonly number[], index: number): number {
  return double(weigh(data, 1)) ^ (index + 1);
}

function isGroupRight(group: readonly number[], index: number): boolean {
  return groupCheck(group.slice(0, groupData), index) === group[groupData];
}

/** Times x in GF(2)[x] modulo x^5 + x^2 + 1, of which x generates all elements but zero. */
function double(element: number): number {
  const shifted = element << 1;
  return shifted & 0x20 ? shifted ^ 0x25 : shifted;
}

function symbolOf(character: string): number {
  if (character === 'O') return 0;
  if (character === 'I' || character === 'L') return 1;
  return alphabet.indexOf(character);
}

/** Five bits a symbol, the first bit first; two zero bits at the end. */
function toSymbols(bytes: Uint8Array): readonly number[] {
  return Array.from({ length: secretSymbols }, (_, index) => {
    let symbol = 0;
    for (let bit = 5 * index; bit < 5 * index + 5; bit++) symbol = (symbol << 1) | bitAt(bytes, bit);
    return symbol;
  });
}

function bitAt(bytes: Uint8Array, bit: number): number {
  return ((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1;
}

function fromSymbols(symbols: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(codeSecretBytes);
  for (let bit = 0; bit < 8 * codeSecretBytes; bit++) {
    const symbol = symbols[Math.floor(bit / 5)] as number;
    const value = (symbol >> (4 - (bit % 5))) & 1;
    bytes[bit >> 3] = (bytes[bit >> 3] as number) | (value << (7 - (bit & 7)));
  }
  return bytes;
}

function wrongGroups(groups: readonly number[]): CloudlessError {
  const which = groups.length === 1 ? `group ${groups[0]} looks wrong` : `groups ${groups.join(', ')} look wrong`;
  return mistyped(`The code is mistyped: ${which}.`, groups);
}

function strangeCharacter(characters: readonly string[], at: number): CloudlessError {
  const group = Math.min(Math.floor(at / groupLength) + 1, groupCount);
  const what = JSON.stringify(characters[at]);
  return mistyped(`The code is mistyped: ${what} in group ${group} is no character of a code.`, [group]);
}

/** Names the group of a wrong length if the person kept the groups apart. */
function wrongLength(written: string, length: number): CloudlessError {
  const groups = written.split(codeSeparators).filter((group) => group !== '');
  const wrong = groups.flatMap((group, index) => (group.length === groupLength ? [] : [index + 1]));
  if (groups.length === groupCount && wrong.length > 0) return wrongGroups(wrong);
  return mistyped(`The code is mistyped: it has ${length} characters, and ${typedCodeLength} are needed.`);
}

function mistyped(message: string, groups: readonly number[] = []): CloudlessError {
  return new CloudlessError('code-mistyped', message, { details: { groups } });
}
