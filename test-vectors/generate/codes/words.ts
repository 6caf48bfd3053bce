import { type Case, kit } from '../testkit.js';

const words = kit('words');

/** From the test vectors of BIP-39 (`trezor/python-mnemonic`, MIT). */
const published: readonly (readonly [name: string, secret: string, words: string])[] = [
  [
    'bip39-zeros',
    '00000000000000000000000000000000',
    'abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon about',
  ],
  [
    'bip39-7f',
    '7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f',
    'legal winner thank year wave sausage worth useful legal winner thank yellow',
  ],
  [
    'bip39-80',
    '80808080808080808080808080808080',
    'letter advice cage absurd amount doctor acoustic avoid letter advice cage above',
  ],
  ['bip39-ones', 'ffffffffffffffffffffffffffffffff', 'zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo zoo wrong'],
  [
    'bip39-random',
    '9e885d952ad362caeb4efe34a8e91bd2',
    'ozone drill grab fiber curtain grace pudding thank cruise elder eight picnic',
  ],
];

const secret = '7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f';
const right = 'legal winner thank year wave sausage worth useful legal winner thank yellow';

export function wordCases(): readonly Case[] {
  const refuse = (name: string, text: string, comment: string, word?: number): Case =>
    words.refuse(name, 'code-mistyped', comment, 'COD-6', { words: text, ...(word === undefined ? {} : { word }) });
  return [
    ...published.map(([name, bytes, text]) =>
      words.accept(name, 'Published with BIP-39, both ways.', 'COD-5', { secret: bytes, words: text, written: true }),
    ),
    words.accept('upper-case', 'Case does not matter.', 'COD-6', { secret, words: right.toUpperCase() }),
    words.accept('commas', 'What stands between words does not matter.', 'COD-6', {
      secret,
      words: `1. ${right.replaceAll(' ', ',\n')}.`,
    }),
    refuse('not-a-word', right.replace('sausage', 'sausages'), 'The sixth is no word of the list.', 6),
    refuse('other-language', right.replace('thank', 'merci'), 'The third is no word of the list.', 3),
    refuse('eleven', right.slice(0, right.lastIndexOf(' ')), 'The last word is missing.'),
    refuse('thirteen', `${right} zoo`, 'A word too many.'),
    refuse('wrong-word', right.replace('yellow', 'zoo'), 'A word of the list, and the check bits are wrong.'),
    refuse('exchanged', right.replace('wave sausage', 'sausage wave'), 'Two words exchanged.'),
    refuse('empty', '', 'Nothing.'),
  ];
}
