import type { Case } from '../testkit.js';
import { type AcceptRow, accepted, type RefuseRow, refused, times } from './rows.js';

const anyBytes = { bytes: [100_000, 0] } as const;
const anyText = { text: 100_000 } as const;

const good: readonly AcceptRow[] = [
  ['bytes-none', anyBytes, 'c400', '', 'ENC-2', 'No bytes are bytes.'],
  ['bytes-255', anyBytes, `c4ff${times(255, '07')}`, times(255, '07'), 'ENC-2', 'The longest with a one-byte length.'],
  ['bytes-256', anyBytes, `c50100${times(256, '07')}`, times(256, '07'), 'ENC-2', 'The first with a two-byte length.'],
  ['bytes-at-max', { bytes: [2, 1] }, 'c4020102', '0102', 'ENC-9', 'As many as are allowed.'],
  ['bytes-at-min', { bytes: [2, 1] }, 'c40101', '01', 'ENC-9', 'As few as are allowed.'],
  ['fixed', { fixed: 4 }, 'c40401020304', '01020304', 'ENC-7', 'Exactly as many as there must be.'],
  ['text-none', anyText, 'a0', '', 'ENC-2', 'No characters are text.'],
  ['text-31', anyText, `bf${times(31, '61')}`, times(31, 'a'), 'ENC-2', 'The longest with its length in the head.'],
  ['text-32', anyText, `d920${times(32, '61')}`, times(32, 'a'), 'ENC-2', 'The first with a one-byte length.'],
  ['text-256', anyText, `da0100${times(256, '61')}`, times(256, 'a'), 'ENC-2', 'The first with a two-byte length.'],
  ['text-counts-bytes', { text: 4 }, 'a4f09f9880', '😀', 'ENC-4', 'The bound counts bytes, not characters.'],
  ['text-byte-order-mark', anyText, 'a4efbbbf61', '\ufeffa', 'ENC-4', 'A byte order mark is a character and stays.'],
  ['text-not-normalized', anyText, 'a365cc81', 'e\u0301', 'ENC-4', 'Nothing is normalized.'],
  ['text-zero', anyText, 'a100', '\u0000', 'ENC-4', 'Zero is a character.'],
  ['text-noncharacter', anyText, 'a3efbfbf', '\uffff', 'ENC-4', 'Noncharacters are well-formed.'],
];

const bad: readonly RefuseRow[] = [
  ['bytes-truncated', anyBytes, 'c4020a', 'malformed', 'ENC-3', 'One byte of two.'],
  ['bytes-trailing', anyBytes, 'c4010a0b', 'malformed', 'ENC-3', 'One byte too many.'],
  ['bytes-long-2', anyBytes, 'c5000107', 'non-canonical', 'ENC-2', 'One byte with a two-byte length.'],
  ['bytes-long-4', anyBytes, 'c60000000107', 'non-canonical', 'ENC-2', 'One byte with a four-byte length.'],
  ['bytes-over-max', { bytes: [2, 1] }, 'c403010203', 'over-limit', 'ENC-9', 'One more than is allowed.'],
  ['bytes-under-min', { bytes: [2, 1] }, 'c400', 'malformed', 'ENC-7', 'Fewer than are needed.'],
  [
    'bytes-over-max-absent',
    { bytes: [2, 1] },
    'c6ffffffff',
    'over-limit',
    'ENC-9 ENC-10',
    'The bound is looked at first.',
  ],
  [
    'bytes-long-and-over-max',
    { bytes: [2, 1] },
    'c50003010203',
    'non-canonical',
    'ENC-10',
    'The form before the bound.',
  ],
  ['bytes-are-text', anyBytes, 'a161', 'malformed', 'ENC-7', 'Text is not bytes.'],
  ['fixed-short', { fixed: 4 }, 'c403010203', 'malformed', 'ENC-7', 'One too few.'],
  ['fixed-long', { fixed: 4 }, 'c4050102030405', 'malformed', 'ENC-7', 'One too many.'],
  ['text-are-bytes', anyText, 'c40161', 'malformed', 'ENC-7', 'Bytes are not text.'],
  ['text-truncated', anyText, 'a261', 'malformed', 'ENC-3', 'One byte of two.'],
  ['text-long-1', anyText, `d91f${times(31, '61')}`, 'non-canonical', 'ENC-2', '31 bytes with a length of its own.'],
  ['text-long-2', anyText, `da0020${times(32, '61')}`, 'non-canonical', 'ENC-2', '32 bytes with a two-byte length.'],
  ['text-long-4', anyText, `db00000100${times(256, '61')}`, 'non-canonical', 'ENC-2', '256 with a four-byte length.'],
  ['text-over-max', { text: 4 }, 'a6c3a9c3a9c3a9', 'over-limit', 'ENC-9', 'Three characters, six bytes.'],
  ['text-continuation', anyText, 'a180', 'malformed', 'ENC-4', 'A continuation byte alone.'],
  ['text-cut-character', anyText, 'a2e282', 'malformed', 'ENC-4', 'Two bytes of a character of three.'],
  ['text-overlong', anyText, 'a2c0af', 'malformed', 'ENC-4', 'A slash in two bytes.'],
  ['text-surrogate', anyText, 'a3eda080', 'malformed', 'ENC-4', 'Half of a character of UTF-16.'],
  ['text-above-10ffff', anyText, 'a4f4908080', 'malformed', 'ENC-4', 'Past the last code point.'],
  ['text-latin-1', anyText, 'a4636166e9', 'malformed', 'ENC-4', 'Latin-1.'],
];

export function stringCases(): readonly Case[] {
  return [...good.map(accepted), ...bad.map(refused)];
}
