import type { Case } from '../testkit.js';
import { type AcceptRow, accepted, type RefuseRow, refused, type Type } from './rows.js';

const fields = {
  version: [0, 'u8'],
  name: [1, { text: 255 }],
  sizes: [3, { list: ['u16', 8, 0] }, 'optional'],
} as const;
const closed: Type = { struct: fields };
const open: Type = { struct: fields, open: true };
const gap: Type = { struct: { a: [1, 'u8', 'optional'], b: [2, 'u8'], c: [127, 'bool'] } };
const act: Type = { union: { stop: [0, {}], say: [1, { text: [1, { text: 9 }], loud: [2, 'bool', 'optional'] }] } };
const openAct: Type = { union: { stop: [0, {}] }, open: true };

const good: readonly AcceptRow[] = [
  [
    'struct',
    closed,
    '83 0001 01a26162 039205cd012c',
    { version: 1, name: 'ab', sizes: [5, 300] },
    'ENC-5',
    'The example of chapter 00.',
  ],
  [
    'struct-optional-absent',
    closed,
    '82 0001 01a26162',
    { version: 1, name: 'ab' },
    'ENC-7',
    'What is optional may be absent.',
  ],
  ['struct-gap', gap, '82 0205 7fc3', { b: 5, c: true }, 'ENC-5', 'Keys need not be next to one another.'],
  [
    'struct-open',
    open,
    '83 0001 01a26162 029105',
    { version: 1, name: 'ab' },
    'ENC-8',
    'An open struct passes over what it does not know.',
  ],
  [
    'struct-open-at-end',
    open,
    '83 0001 01a26162 0405',
    { version: 1, name: 'ab' },
    'ENC-8',
    'Behind all that it knows as well.',
  ],
  ['union-empty', act, '81 0000', { type: 'stop' }, 'ENC-7', 'A variant without fields.'],
  ['union', act, '83 0001 01a26869 02c3', { type: 'say', text: 'hi', loud: true }, 'ENC-7', 'A variant with fields.'],
  ['union-open', openAct, '82 0000 0105', { type: 'stop' }, 'ENC-8', 'An open union passes over fields.'],
];

const bad: readonly RefuseRow[] = [
  ['struct-unknown-key', closed, '84 0001 01a26162 02c2 039205cd012c', 'malformed', 'ENC-8', 'Key 2 is not listed.'],
  ['struct-unknown-key-at-end', closed, '83 0001 01a26162 0405', 'malformed', 'ENC-8', 'Key 4 is not listed.'],
  [
    'struct-open-bad-unknown',
    open,
    '83 0001 01a26162 02cc05',
    'non-canonical',
    'ENC-8',
    'What is passed over is checked.',
  ],
  ['struct-open-nil-unknown', open, '83 0001 01a26162 02c0', 'malformed', 'ENC-1 ENC-8', 'Nil is not passed over.'],
  ['struct-missing-first', closed, '81 01a26162', 'malformed', 'ENC-7', 'The version is missing.'],
  ['struct-missing-last', closed, '81 0001', 'malformed', 'ENC-7', 'The name is missing.'],
  ['struct-empty', closed, '80', 'malformed', 'ENC-7', 'All is missing.'],
  [
    'struct-order',
    closed,
    '82 01a26162 0001',
    'malformed',
    'ENC-7 ENC-10',
    'A missing field is found before its late coming.',
  ],
  [
    'struct-order-optional',
    gap,
    '83 0205 0105 7fc3',
    'non-canonical',
    'ENC-5',
    'An optional field behind a greater key.',
  ],
  ['struct-twice', closed, '83 0001 0001 01a26162', 'non-canonical', 'ENC-5', 'A key twice.'],
  [
    'struct-key-long-form',
    closed,
    '82 cc0001 01a26162',
    'non-canonical',
    'ENC-2',
    'A key that is not in its shortest form.',
  ],
  ['struct-key-text', closed, '82 a3616263 01 01a26162', 'malformed', 'ENC-5', 'A text as key.'],
  [
    'struct-null-optional',
    closed,
    '83 0001 01a26162 03c0',
    'malformed',
    'ENC-1',
    'No value is written by leaving out the field.',
  ],
  ['struct-count-low', closed, '82 0001 01a26162 039105', 'malformed', 'ENC-3', 'A field behind the count.'],
  ['struct-count-high', closed, '83 0001 01a26162', 'malformed', 'ENC-3', 'A field fewer than the count.'],
  [
    'struct-count-long-form',
    closed,
    'de0002 0001 01a26162',
    'non-canonical',
    'ENC-2',
    'What some libraries write for any map.',
  ],
  ['struct-is-list', closed, '92 01 a26162', 'malformed', 'ENC-7', 'A list is no struct.'],
  ['union-unknown-variant', act, '81 0002', 'malformed', 'ENC-7', 'A variant that is not listed.'],
  ['union-no-variant', act, '81 01a26869', 'malformed', 'ENC-7', 'Key 0 is missing.'],
  ['union-empty-map', act, '80', 'malformed', 'ENC-7', 'Nothing at all.'],
  ['union-field-of-other', act, '82 0000 01a26869', 'malformed', 'ENC-8', 'A field of another variant.'],
  ['union-missing-field', act, '81 0001', 'malformed', 'ENC-7', 'The text is missing.'],
  ['union-variant-text', act, '81 00a473746f70', 'malformed', 'ENC-7', 'The variant by its name.'],
];

export function mapCases(): readonly Case[] {
  return [...good.map(accepted), ...bad.map(refused)];
}
