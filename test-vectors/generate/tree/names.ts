import { type Case, kit } from '../testkit.js';
import { clock, content, device } from './material.js';

const { accept } = kit('name');
const made = { clock: `${clock(0)}`, device: device(0), content: content(1), mtimeUs: 0, digits: 8 };
const suffix = ' (conflict 20261122-201705 101010 a1a1a1a1)';

function name(
  title: string,
  comment: string,
  requirements: string,
  path: string,
  wanted: string | null,
  more = {},
): Case {
  return accept(title, comment, requirements, { ...made, path, ...more, name: wanted });
}

export function nameCases(): readonly Case[] {
  const cut = 255 - suffix.length - '.md'.length;
  const deep = `${`${'d'.repeat(255)}/`.repeat(15)}${'e'.repeat(230)}/`;
  return [
    name('extension', 'before the extension', 'FIL-21', 'd/letter.txt', `d/letter${suffix}.txt`),
    name('no-extension', 'at the end', 'FIL-21', 'letter', `letter${suffix}`),
    name('dot-file', 'a dot at the start begins no extension', 'FIL-21', '.profile', `.profile${suffix}`),
    name('space', 'what has a space is no extension', 'FIL-21', 'v1.2 final', `v1.2 final${suffix}`),
    name(
      'long-extension',
      '17 bytes are no extension',
      'FIL-21',
      `a.${'x'.repeat(16)}`,
      `a.${'x'.repeat(16)}${suffix}`,
    ),
    name('old-suffix', 'an old suffix is replaced', 'FIL-22', `letter${suffix}.txt`, `letter${suffix}.txt`),
    name('more-digits', 'more digits of the content', 'FIL-27', 'a', `a${suffix.slice(0, -1)}a1)`, { digits: 10 }),
    name('cut', 'the stem is cut', 'FIL-23', `${'x'.repeat(252)}.md`, `${'x'.repeat(cut)}${suffix}.md`),
    name(
      'cut-whole',
      'whole characters only',
      'FIL-23',
      `x${'ä'.repeat(126)}.md`,
      `x${'ä'.repeat((cut - 1) / 2)}${suffix}.md`,
    ),
    name('no-room', 'no name where not one character is left', 'FIL-23', `${deep}f`, null),
    name(
      'file-time',
      'stamp 0 takes the time of the file',
      'FIL-21',
      'a',
      'a (conflict 20231114-221320 101010 a1a1a1a1)',
      {
        clock: '0',
        mtimeUs: 1_700_000_000_000_000,
      },
    ),
    name('before-1970', 'no earlier than 1970', 'FIL-21', 'a', 'a (conflict 19700101-000000 101010 a1a1a1a1)', {
      clock: '0',
      mtimeUs: -5,
    }),
    name('year-10000', 'no later than 9999', 'FIL-21', 'a', 'a (conflict 99991231-235959 101010 a1a1a1a1)', {
      clock: `${(1n << 64n) - 1n}`,
    }),
  ];
}
