import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat } from '../../src/bytes.js';
import { codeMemoryMs } from '../../src/limits.js';
import { checkCodeLife, codeId, codePsk, codeTopic, isCodeForgotten, parseCode } from '../../src/model/code.js';
import { formatTypedCode, parseTypedCode } from '../../src/model/typed-code.js';
import { formatWords, parseWords } from '../../src/model/words.js';
import { providers } from '../providers.js';
import { refusalOf } from './refused.js';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const secrets = fc.uint8Array({ minLength: 16, maxLength: 16 });
const some: readonly Uint8Array[] = [
  new Uint8Array(16),
  new Uint8Array(16).fill(0xff),
  Uint8Array.from({ length: 16 }, (_, index) => index * 17),
  Uint8Array.from({ length: 16 }, (_, index) => (index * 151 + 43) & 0xff),
];

function groupAt(index: number): number {
  return Math.floor(index / 6) + 1;
}

describe('typed codes', () => {
  test('come back from any way of typing them', () => {
    fc.assert(
      fc.property(secrets, fc.constantFrom('', ' ', '-', ' – ', '\n', '  '), fc.boolean(), (secret, between, lower) => {
        const written = formatTypedCode(secret).replaceAll('-', between);
        const typed = lower ? written.toLowerCase() : written;
        expect(parseTypedCode(typed)).toEqual(secret);
        expect(parseTypedCode(typed.replaceAll('0', 'o').replaceAll('1', 'l'))).toEqual(secret);
        expect(parseTypedCode(typed.replaceAll('0', 'O').replaceAll('1', 'i'))).toEqual(secret);
      }),
    );
  });

  test.each(some)('[COD-4] any one wrong character of code %# is found and its group named', (secret) => {
    const right = formatTypedCode(secret);
    for (let at = 0; at < right.length; at++) {
      if (right[at] === '-') continue;
      for (const character of [...alphabet, 'U', '*', 'é']) {
        if (character === right[at]) continue;
        const error = refusalOf(() => parseTypedCode(right.slice(0, at) + character + right.slice(at + 1)));
        expect(error.code).toBe('code-mistyped');
        expect(error.details).toEqual({ groups: [groupAt(at)] });
        expect(error.message).toContain(`group ${groupAt(at)}`);
      }
    }
  });

  test.each(some)('[COD-4] any two exchanged characters or groups of code %# are found', (secret) => {
    const right = formatTypedCode(secret);
    for (let a = 0; a < right.length; a++) {
      for (let b = a + 1; b < right.length; b++) {
        if (right[a] === right[b] || right[a] === '-' || right[b] === '-') continue;
        const typed = [...right]
          .with(a, right[b] as string)
          .with(b, right[a] as string)
          .join('');
        expect(refusalOf(() => parseTypedCode(typed)).code).toBe('code-mistyped');
      }
    }
    const groups = right.split('-');
    for (let a = 0; a < groups.length; a++) {
      for (let b = a + 1; b < groups.length; b++) {
        const typed = groups
          .with(a, groups[b] as string)
          .with(b, groups[a] as string)
          .join('-');
        expect(refusalOf(() => parseTypedCode(typed)).details).toEqual({ groups: [a + 1, b + 1] });
      }
    }
  });

  test('[COD-4] any two wrong characters are found', () => {
    const places = fc.nat(34);
    fc.assert(
      fc.property(secrets, places, places, fc.nat(31), fc.nat(31), (secret, a, b, first, second) => {
        const right = [...formatTypedCode(secret).replaceAll('-', '')];
        const typed = right.with(a, alphabet[first] as string).with(b, alphabet[second] as string);
        if (typed.join('') === right.join('')) return;
        expect(refusalOf(() => parseTypedCode(typed.join(''))).code).toBe('code-mistyped');
      }),
      { numRuns: 5_000 },
    );
  });

  test.each([
    ['', 'it has 0 characters'],
    ['ABCDE', 'it has 5 characters'],
    [`${formatTypedCode(some[0] as Uint8Array)}-0`, 'it has 36 characters'],
    [formatTypedCode(some[0] as Uint8Array).slice(0, 39), 'group 7 looks wrong'],
    [formatTypedCode(some[0] as Uint8Array).slice(1), 'group 1 looks wrong'],
  ])('[COD-3] %j: %s', (typed, why) => {
    expect(refusalOf(() => parseTypedCode(typed)).message).toContain(why);
  });
});

describe('words', () => {
  test('come back, in any case and by four letters', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const words = formatWords(secret);
        expect(words.split(' ').length).toBe(12);
        expect(parseWords(words.toUpperCase().replaceAll(' ', ',  '))).toEqual(secret);
        expect(parseWords(words.replaceAll(/([a-z]{4})[a-z]*/g, '$1'))).toEqual(secret);
      }),
      { numRuns: 50 },
    );
  });

  test('[COD-6] a word that is none is named with its place', () => {
    const words = formatWords(some[2] as Uint8Array).split(' ');
    const error = refusalOf(() => parseWords(words.with(4, 'cloudless').join(' ')));
    expect(error.code).toBe('code-mistyped');
    expect(error.details).toEqual({ word: 5 });
    expect(error.message).toBe('Word 5, "cloudless", is not one of the words.');
  });

  test('[COD-6] too few, too many and exchanged words are found', () => {
    const words = formatWords(some[3] as Uint8Array).split(' ');
    for (const wrong of [words.slice(1), [...words, 'zoo'], words.toReversed(), []]) {
      expect(refusalOf(() => parseWords(wrong.join(' '))).code).toBe('code-mistyped');
    }
  });
});

describe('what a person hands in', () => {
  test('is told apart by itself', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        const invitation = { type: 'code', secret, addresses: [] };
        expect(parseCode(formatTypedCode(secret))).toEqual({ form: 'typed', invitation });
        expect(parseCode(` ${formatWords(secret)}\n`)).toEqual({ form: 'words', invitation });
      }),
      { numRuns: 50 },
    );
  });

  test('is refused with one code, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        expect(refusalOf(() => parseCode(text)).code).toBe('code-mistyped');
      }),
    );
  });
});

describe.each(providers)('derivations with $name', (crypto) => {
  test('[COD-8] each is its own, and depends on every bit', () => {
    const secret = some[2] as Uint8Array;
    const all = (bytes: Uint8Array) => [
      codeId(crypto, bytes),
      `${codePsk(crypto, bytes)}`,
      `${codeTopic(crypto, bytes)}`,
    ];
    const seen = new Set(all(secret));
    for (let bit = 0; bit < 128; bit++) {
      const other = Uint8Array.from(secret);
      other[bit >> 3] = (other[bit >> 3] as number) ^ (1 << (bit & 7));
      for (const each of all(other)) seen.add(each);
    }
    expect(seen.size).toBe(3 * 129);
  });

  test('[COD-8] nothing of the code or its key stands in its id', () => {
    const secret = some[3] as Uint8Array;
    const id = codeId(crypto, secret);
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    const others = concat(secret, codePsk(crypto, secret), codeTopic(crypto, secret));
    expect(Buffer.from(others).toString('hex')).not.toContain(id);
  });
});

describe('the life of a code', () => {
  const life = { expiresMs: 1_000 };

  test('[COD-13] used, expired and unknown are told apart', () => {
    checkCodeLife(life, 999);
    expect(refusalOf(() => checkCodeLife(life, 1_000)).code).toBe('code-expired');
    expect(refusalOf(() => checkCodeLife({ ...life, usedMs: 500 }, 600)).code).toBe('code-used');
    expect(refusalOf(() => checkCodeLife({ ...life, usedMs: 500 }, 2_000)).code).toBe('code-used');
    expect(refusalOf(() => checkCodeLife(undefined, 0)).code).toBe('code-unknown');
  });

  test('[COD-14] after thirty days it is forgotten', () => {
    expect(refusalOf(() => checkCodeLife(life, 999 + codeMemoryMs)).code).toBe('code-expired');
    expect(refusalOf(() => checkCodeLife(life, 1_000 + codeMemoryMs)).code).toBe('code-unknown');
    expect(isCodeForgotten({ ...life, usedMs: 10 }, 9 + codeMemoryMs)).toBe(false);
    expect(isCodeForgotten({ ...life, usedMs: 10 }, 10 + codeMemoryMs)).toBe(true);
  });
});
