import type { Case } from '../testkit.js';
import { type AcceptRow, accepted, type RefuseRow, refused, type Type, times } from './rows.js';

const numbers: Type = { list: ['uint', 20, 1] };
const pair: Type = { tuple: ['u8', { text: 5 }] };
const anyItem: Type = { raw: 70_000 };

const good: readonly AcceptRow[] = [
  ['list', numbers, '92 05 cc80', [5, 128], 'ENC-2', 'Two numbers.'],
  ['list-15', numbers, `9f${times(15, '01')}`, Array(15).fill(1), 'ENC-2', 'The longest with its count in the head.'],
  ['list-16', numbers, `dc0010${times(16, '01')}`, Array(16).fill(1), 'ENC-2', 'The first with a two-byte count.'],
  ['list-at-max', numbers, `dc0014${times(20, '01')}`, Array(20).fill(1), 'ENC-9', 'As many as are allowed.'],
  ['tuple', pair, '92 05 a161', [5, 'a'], 'ENC-7', 'A place for each.'],
  ['raw-number', anyItem, 'cc80', 'cc80', 'ENC-8', 'Any item, kept as it is.'],
  ['raw-map', anyItem, '82 00 9105 07 a161', '8200910507a161', 'ENC-8', 'With what is in it.'],
  ['raw-u64', anyItem, 'cfffffffffffffffff', 'cfffffffffffffffff', 'ENC-8', 'Past what a uint holds.'],
  ['raw-int64', anyItem, 'd38000000000000000', 'd38000000000000000', 'ENC-8', 'Past what an int holds.'],
  [
    'raw-depth-16',
    anyItem,
    `${times(15, '91')}90`,
    `${times(15, '91')}90`,
    'ENC-6',
    'Sixteen lists within one another.',
  ],
  ['raw-map-128', anyItem, `de0080${keys(128)}`, `de0080${keys(128)}`, 'ENC-5', 'A map with all keys.'],
];

const bad: readonly RefuseRow[] = [
  ['list-truncated', numbers, '92 05', 'malformed', 'ENC-3', 'One item of two.'],
  ['list-long-2', numbers, 'dc000105', 'non-canonical', 'ENC-2', 'One item with a two-byte count.'],
  ['list-long-4', numbers, `dd00000010${times(16, '01')}`, 'non-canonical', 'ENC-2', '16 with a four-byte count.'],
  ['list-over-max', numbers, `dc0015${times(21, '01')}`, 'over-limit', 'ENC-9', 'One more than is allowed.'],
  ['list-over-max-absent', numbers, 'ddffffffff', 'over-limit', 'ENC-9 ENC-10', 'Refused for its count, nothing read.'],
  ['list-under-min', numbers, '90', 'malformed', 'ENC-7', 'Fewer than are needed.'],
  [
    'list-count-past-bytes',
    { list: ['uint', 4_294_967_295, 0] },
    'ddffffffff01',
    'malformed',
    'ENC-9',
    'More than there can be.',
  ],
  ['list-wrong-item', numbers, '92 05 c3', 'malformed', 'ENC-7', 'A boolean among numbers.'],
  ['list-first-fault-counts', numbers, '92 cc05 c3', 'non-canonical', 'ENC-10', 'The first fault is the one reported.'],
  ['list-is-map', numbers, '81 00 05', 'malformed', 'ENC-7', 'A map is no list.'],
  ['tuple-short', pair, '91 05', 'malformed', 'ENC-7', 'A place is empty.'],
  ['tuple-long', pair, '93 05 a161 05', 'over-limit', 'ENC-9', 'There is no place for the third.'],
  ['raw-depth-17', anyItem, `${times(16, '91')}90`, 'over-limit', 'ENC-6', 'Seventeen lists within one another.'],
  [
    'raw-depth-huge',
    anyItem,
    times(60_000, '91'),
    'over-limit',
    'ENC-6',
    'So deep that a careless reader overflows its stack.',
  ],
  ['raw-depth-maps', anyItem, `${times(16, '8100')}80`, 'over-limit', 'ENC-6', 'Maps count like lists.'],
  ['raw-nil', anyItem, '92 05 c0', 'malformed', 'ENC-1', 'Nil, where any item may stand.'],
  ['raw-float', anyItem, '91 cb3ff0000000000000', 'malformed', 'ENC-1', 'A float, where any item may stand.'],
  ['raw-extension', anyItem, 'c70101ff', 'malformed', 'ENC-1', 'An extension, where any item may stand.'],
  ['raw-long-form', anyItem, '91 cc05', 'non-canonical', 'ENC-2', 'What is passed over is canonical too.'],
  ['raw-bad-text', anyItem, '91 a1ff', 'malformed', 'ENC-4', 'What is passed over is UTF-8 too.'],
  [
    'raw-key-order',
    anyItem,
    '82 01 05 00 05',
    'non-canonical',
    'ENC-5',
    'What is passed over has its keys in order too.',
  ],
  ['raw-text-key', anyItem, '81 a161 05', 'malformed', 'ENC-5', 'A text as key.'],
  ['raw-negative-key', anyItem, '81 ff 05', 'malformed', 'ENC-5', 'A negative key.'],
  ['raw-key-128', anyItem, '81 cc80 05', 'malformed', 'ENC-5', 'A key past the last.'],
  ['raw-map-129', anyItem, `de0081${keys(128)}cc8001`, 'over-limit', 'ENC-5', 'More fields than there are keys.'],
  ['raw-map-count-past-bytes', anyItem, 'de0080 00 05', 'malformed', 'ENC-9', 'Each field needs two bytes.'],
  ['raw-map-long', anyItem, 'de0001 00 05', 'non-canonical', 'ENC-2', 'One field with a two-byte count.'],
  ['raw-too-long', { raw: 3 }, '93010203', 'over-limit', 'ENC-9', 'Four bytes where three are allowed.'],
];

/** The fields 0, 1, … each with the value 1. */
function keys(count: number): string {
  return Array.from({ length: count }, (_, key) => `${key.toString(16).padStart(2, '0')}01`).join('');
}

export function listCases(): readonly Case[] {
  return [...good.map(accepted), ...bad.map(refused)];
}
