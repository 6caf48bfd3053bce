import { type Case, hex, kit, textHex } from './testkit.js';

const path = kit('path');
const symlink = kit('symlink');
const field = kit('path-field');

type Good = readonly [name: string, path: string, comment: string, requirement?: string];
type Bad = readonly [name: string, path: string, fault: string, comment: string];

const part255 = 'x'.repeat(255);
const goodPaths: readonly Good[] = [
  ['plain', 'photos/2026/sea.jpg', 'Three parts.'],
  ['one-letter', 'a', 'The shortest.'],
  ['hidden', '.config/..hidden', 'Dots at the start are a name.'],
  ['three-dots', '.../x', 'Three dots are a name.'],
  ['spaces', ' leading and trailing ', 'Spaces are characters.'],
  ['backslash', 'a\\b', 'A backslash is a character.'],
  ['colon', 'a/c:d', 'A colon is a character.'],
  ['control', 'a\tb\nc', 'Control characters are characters.'],
  ['windows-device', 'CON', 'What one system cannot hold is no fault of the path.'],
  ['composed', 'caf\u00e9', 'Composed form.'],
  ['not-decomposable', 'e\u0323\u030a'.normalize('NFC'), 'What has no composed character stays as it is.'],
  ['emoji', '\u{1f600}', 'Four bytes of UTF-8.'],
  ['right-to-left', 'a\u202eb', 'Shown with care, and allowed.'],
  ['part-255', part255, 'The longest part.'],
  ['part-255-bytes', '\u00e9'.repeat(127), 'The bound counts bytes.'],
  ['depth-128', Array(128).fill('d').join('/'), 'The deepest.'],
  ['longest', Array(16).fill(part255).join('/'), '4,095 bytes, one fewer than the bound.'],
  ['private-deeper', 'a/.cloudless', 'The private name is private at the root only.', 'ENC-15'],
  ['private-ignore-file', '.cloudlessignore', 'The ignore file is shared.', 'ENC-15'],
  ['private-longer', '.cloudless2', 'Another name.', 'ENC-15'],
  ['private-space-before', ' .cloudless', 'No file system drops spaces at the start.', 'ENC-15'],
];
const badPaths: readonly Bad[] = [
  ['empty', '', 'empty', 'The root has no path.'],
  ['root', '/', 'absolute', 'A slash alone.'],
  ['absolute', '/etc/passwd', 'absolute', 'From the root of a disk.'],
  ['double-slash', 'a//b', 'empty-part', 'An empty part.'],
  ['trailing-slash', 'a/', 'empty-part', 'An empty part at the end.'],
  ['dot', '.', 'dot', 'The root by another name.'],
  ['dot-inside', 'a/./b', 'dot', 'One path, one spelling.'],
  ['dot-dot', '..', 'dot-dot', 'Out of the folder.'],
  ['dot-dot-start', '../x', 'dot-dot', 'Out of the folder.'],
  ['dot-dot-inside', 'a/../b', 'dot-dot', 'Even where it would stay inside.'],
  ['dot-dot-end', 'a/..', 'dot-dot', 'At the end.'],
  ['nul', 'a\u0000b', 'nul', 'Where C ends the name.'],
  ['nul-extension', 'a.txt\u0000.jpg', 'nul', 'Two names in one.'],
  ['surrogate', 'a\ud800', 'not-text', 'Half a character.'],
  ['surrogate-pair-reversed', '\ude00\ud83d', 'not-text', 'Two halves in the wrong order.'],
  ['decomposed', 'cafe\u0301', 'not-nfc', 'Decomposed form, as HFS+ gives it.'],
  ['decomposed-hangul', '\u1112\u1161\u11ab', 'not-nfc', 'Three letters of one syllable.'],
  ['angstrom', '\u212b', 'not-nfc', 'A sign that normalizes to a letter.'],
  ['kelvin', 'loo\u212a', 'not-nfc', 'A sign that normalizes to K.'],
  ['part-256', 'x'.repeat(256), 'part-too-long', 'One byte more than a disk takes.'],
  ['part-256-bytes', '\u00e9'.repeat(128), 'part-too-long', '128 characters, 256 bytes.'],
  ['depth-129', Array(129).fill('d').join('/'), 'too-deep', 'One part more than allowed.'],
  ['too-long', `${Array(16).fill(part255).join('/')}/x`, 'path-too-long', '4,097 bytes.'],
  ['first-check-counts', '/..//', 'absolute', 'The checks are made in order.'],
  ['first-part-counts', 'a/\u0000/..', 'nul', 'The parts are looked at from the first on.'],
];
const privateNames: readonly Good[] = [
  ['private', '.cloudless', 'The private directory.'],
  ['private-inside', '.cloudless/token', 'In the private directory.'],
  ['private-case', '.CloudLess/x', 'A disk that is blind to case.'],
  ['private-long-s', '.cloudle\u017fs', 'Folding takes the long s for an s.'],
  ['private-dots', '.cloudless...', 'Windows drops dots at the end.'],
  ['private-space', '.cloudless ', 'Windows drops spaces at the end.'],
  ['private-stream', '.cloudless::$INDEX_ALLOCATION', 'NTFS opens the directory by its stream.'],
  ['private-ignorable', '.cloud\u200cless', 'HFS+ ignores a zero width non-joiner.'],
  ['private-ignorable-start', '\ufeff.cloudless', 'HFS+ ignores a zero width space.'],
];

const goodTargets: readonly (readonly [name: string, path: string, target: string, comment: string])[] = [
  ['sibling', 'a/link', 'file', 'In the same directory.'],
  ['up-and-down', 'a/b/link', '../c/file', 'One up, two down.'],
  ['to-root', 'a/link', '..', 'The root is inside.'],
  ['not-plain', 'a/link', './b//c/', 'Empty parts and dots do no harm.'],
  ['not-nfc', 'link', 'cafe\u0301', 'A target is kept as it stands.'],
  ['dangling', 'link', 'nowhere', 'What it leads to need not be there.'],
  ['longest', 'link', `${Array(16).fill(part255).join('/')}/`, '4,096 bytes.'],
];
const badTargets: readonly (readonly [name: string, path: string, target: string, fault: string, comment: string])[] = [
  ['empty', 'link', '', 'empty', 'No target.'],
  ['absolute', 'link', '/etc/passwd', 'absolute', 'From the root of a disk.'],
  ['absolute-slashes', 'link', '//server/share', 'absolute', 'A network path.'],
  ['outside', 'link', '..', 'outside', 'The link is in the root.'],
  ['outside-deeper', 'a/b/link', '../../../x', 'outside', 'Three up where there are two.'],
  ['outside-dots', 'a/link', './.././../x', 'outside', 'Hidden behind dots.'],
  ['dot-dot-after-name', 'a/link', 'b/../c', 'dot-dot-after-name', 'The name may be another link.'],
  ['dot-dot-after-name-far', 'link', 'a/b/../../..', 'dot-dot-after-name', 'Out by way of names.'],
  ['nul', 'link', 'a\u0000b', 'nul', 'Where C ends the name.'],
  ['surrogate', 'link', '\ud800', 'not-text', 'Half a character.'],
  ['too-long', 'link', `${Array(16).fill(part255).join('/')}/x`, 'too-long', '4,097 bytes.'],
  ['private', 'a/link', '../.cloudless/token', 'private', 'Into the private directory.'],
  ['private-case', 'link', '.CLOUDLESS', 'private', 'Into the private directory, on some disks.'],
];

/** Text of up to 65,535 bytes in its encoding as a field. */
function encoded(bytes: string): string {
  const length = bytes.length / 2;
  if (length < 32) return hex(Uint8Array.of(0xa0 | length)) + bytes;
  return length < 256 ? `d9${byte(length)}${bytes}` : `da${byte(length >> 8)}${byte(length & 255)}${bytes}`;
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

function fieldCases(): readonly Case[] {
  const long = `${Array(16).fill(part255).join('/')}/x`;
  return [
    field.accept('plain', 'A path as it stands in a record.', 'ENC-14', {
      bytes: encoded(textHex('a/b')),
      path: 'a/b',
    }),
    field.refuse('too-long', 'over-limit', 'The bound of the field comes first.', 'ENC-14', {
      bytes: encoded(textHex(long)),
    }),
    field.refuse('latin-1', 'malformed', 'No UTF-8.', 'ENC-4 ENC-14', { bytes: encoded('636166e9') }),
    field.refuse('overlong-slash', 'malformed', 'A slash in two bytes.', 'ENC-4 ENC-14', {
      bytes: encoded('61c0af62'),
    }),
    field.refuse('dot-dot', 'bad-path', 'Text of the right form, and no path.', 'ENC-14', {
      bytes: encoded(textHex('a/../b')),
    }),
  ];
}

/** The vectors of `spec/00 §5`. */
export function cases(): readonly Case[] {
  return [
    ...goodPaths.map(([name, text, comment, id]) => path.accept(name, comment, id ?? 'ENC-14', { path: text })),
    ...badPaths.map(([name, text, fault, comment]) =>
      path.refuse(name, 'bad-path', comment, 'ENC-14', { path: text, fault }),
    ),
    ...privateNames.map(([name, text, comment]) =>
      path.refuse(`is-${name}`, 'bad-path', comment, 'ENC-15', { path: text, fault: 'private' }),
    ),
    ...goodTargets.map(([name, link, target, comment]) =>
      symlink.accept(name, comment, 'ENC-16', { path: link, target }),
    ),
    ...badTargets.map(([name, link, target, fault, comment]) =>
      symlink.refuse(name, 'bad-path', comment, 'ENC-16', { path: link, target, fault }),
    ),
    ...fieldCases(),
  ];
}
