import { type Case, hex, kit } from '../testkit.js';

const typed = kit('typed');
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** Powers of α, found once by shifting; products are sums of logarithms. */
const powers = Array.from({ length: 31 }).reduce<number[]>((all) => {
  const next = (all.at(-1) ?? 0) << 1;
  return all.length === 0 ? [1] : [...all, next > 31 ? next ^ 37 : next];
}, []);

function times(power: number, symbol: number): number {
  return symbol === 0 ? 0 : (powers[(powers.indexOf(symbol) + power) % 31] as number);
}

function sum(symbols: readonly number[], power: (index: number) => number): number {
  return symbols.reduce((total, symbol, index) => total ^ times(power(index), symbol), 0);
}

/** The typed form by the letter of `spec/02 §2`, apart from the program's own code. */
export function typedForm(secret: Uint8Array, spareBits = '00'): string {
  const bits = [...secret].map((byte) => byte.toString(2).padStart(8, '0')).join('') + spareBits;
  const data = (bits.match(/.{5}/g) ?? []).map((five) => Number.parseInt(five, 2));
  const all = [...data, sum(data, (index) => index), sum(data, (index) => 2 * index)];
  const groups = Array.from({ length: 7 }, (_, g) => {
    const group = all.slice(4 * g, 4 * g + 4);
    return [...group, sum(group, (index) => index + 1) ^ (g + 1)].map((symbol) => alphabet[symbol]).join('');
  });
  return groups.join('-');
}

export const secrets: Readonly<Record<string, Uint8Array>> = {
  zeros: new Uint8Array(16),
  ones: new Uint8Array(16).fill(0xff),
  counting: Uint8Array.from({ length: 16 }, (_, index) => index),
  mixed: Uint8Array.from({ length: 16 }, (_, index) => (index * 151 + 43) & 0xff),
};

const mixed = secrets.mixed as Uint8Array;
const right = typedForm(mixed);
const spellings: readonly (readonly [name: string, text: string, comment: string])[] = [
  ['lower-case', right.toLowerCase(), 'Case does not matter.'],
  ['no-dashes', right.replaceAll('-', ''), 'Dashes do not matter.'],
  ['spaces', ` ${right.replaceAll('-', ' ')} `, 'Spaces do not matter.'],
  ['spread', [...right.replaceAll('-', '')].join(' '), 'Read out letter by letter.'],
  ['en-dashes', right.replaceAll('-', '\u2013'), 'As a word processor may have it.'],
];

/** `right` with the character at `at`, dashes counted, made another one of the alphabet. */
function wrong(at: number): string {
  const next = alphabet[(alphabet.indexOf(right[at] as string) + 1) % 32] as string;
  return right.slice(0, at) + next + right.slice(at + 1);
}

function refusals(): readonly Case[] {
  const groups = right.split('-');
  const refuse = (
    name: string,
    text: string,
    ids: string,
    comment: string,
    wrongGroups: readonly number[] = [],
  ): Case => typed.refuse(name, 'code-mistyped', comment, ids, { typed: text, groups: wrongGroups });
  return [
    ...[0, 2, 4].map((at) => refuse(`wrong-character-${at + 1}`, wrong(at), 'COD-4', 'One wrong character.', [1])),
    refuse('wrong-last-character', wrong(40), 'COD-4', 'One wrong character at the very end.', [7]),
    refuse(
      'wrong-groups',
      wrong(0).slice(0, 36) + wrong(36).slice(36),
      'COD-4',
      'One wrong in each of two groups.',
      [1, 7],
    ),
    refuse('exchanged-characters', exchanged(), 'COD-4', 'Two neighbours exchanged.', [1]),
    refuse(
      'exchanged-groups',
      [groups[1], groups[0], ...groups.slice(2)].join('-'),
      'COD-4',
      'Two groups exchanged.',
      [1, 2],
    ),
    refuse(
      'other-code-s-group',
      otherGroup(),
      'COD-4',
      'A group of another code: each group is right, the whole is not.',
    ),
    refuse('spare-bits', typedForm(mixed, '01'), 'COD-4', 'All checks are right, a spare bit is not zero.'),
    refuse('letter-u', `U${right.slice(1)}`, 'COD-3', 'U is not in the alphabet.', [1]),
    refuse('sign', `${right.slice(0, 12)}*${right.slice(13)}`, 'COD-3', 'Nor is a sign.', [3]),
    refuse('cut-off', right.slice(0, -1), 'COD-3', 'The last character is missing.', [7]),
    refuse('one-group-short', right.slice(0, 35), 'COD-3', 'The last group is missing.'),
    refuse('one-too-many', `${right}-0`, 'COD-3', 'A character too many.'),
    refuse('empty', '', 'COD-3', 'Nothing.'),
  ];
}

function exchanged(): string {
  return (right[1] as string) + right[0] + right.slice(2);
}

function otherGroup(): string {
  return typedForm(secrets.counting as Uint8Array).slice(0, 5) + right.slice(5);
}

export function typedCases(): readonly Case[] {
  const accepted = Object.entries(secrets).map(([name, secret]) =>
    typed.accept(name, 'The typed form of these bytes, both ways.', 'COD-2', {
      secret: hex(secret),
      typed: typedForm(secret),
      written: true,
    }),
  );
  const spelled = spellings.map(([name, text, comment]) =>
    typed.accept(name, comment, 'COD-3', { secret: hex(mixed), typed: text }),
  );
  const zeros = typedForm(new Uint8Array(16)).replaceAll('0', 'o').replaceAll('1', 'l');
  const alike = typed.accept('look-alikes', 'o is read as 0, l as 1.', 'COD-3', {
    secret: '00'.repeat(16),
    typed: zeros,
  });
  return [...accepted, ...spelled, alike, ...refusals()];
}
