import { crc32 } from 'node:zlib';
import { type Case, flipped, kit, textHex, unhex } from '../testkit.js';

const link = kit('link');

const secret = '000102030405060708090a0b0c0d0e0f';
const maker = 'd1'.repeat(32);
const folder = 'f0'.repeat(32);
const seed = '5e'.repeat(32);
const address = '192.0.2.7:4242';
const addressText = `ae${textHex(address)}`;

/** Fields 1, 2 and 3 of a code. */
const codeFields = `01c410${secret} 02c420${maker} 0391${addressText}`;
const right = `84 0000 ${codeFields}`;

/** The characters of a link whose version, invitation and check are these. */
function written(invitation: string, version = '01'): string {
  const payload = unhex(version + invitation.replaceAll(' ', ''));
  return encoded(payload, crc32(payload));
}

function encoded(payload: Uint8Array, check: number): string {
  const all = Buffer.concat([payload, unhex(check.toString(16).padStart(8, '0'))]);
  return `cloudless:${all.toString('base64url')}`;
}

function withAddresses(...texts: readonly string[]): string {
  const items = texts.map(
    (text) => (text.length < 32 ? byte(0xa0 | text.length) : `d9${byte(text.length)}`) + textHex(text),
  );
  return written(`83 0000 01c410${secret} 03${byte(0x90 | texts.length)}${items.join('')}`);
}

function byte(value: number): string {
  return value.toString(16).padStart(2, '0');
}

function acceptances(): readonly Case[] {
  const code = { type: 'code', secret, maker, addresses: [address] };
  const access = { type: 'access', folder, seed, addresses: [] };
  return [
    link.accept('code', 'A code with all it can say, both ways.', 'COD-7', {
      link: written(right),
      invitation: code,
      written: true,
    }),
    link.accept('code-bare', 'Without maker and addresses.', 'COD-7', {
      link: written(`83 0000 01c410${secret} 0390`),
      invitation: { type: 'code', secret, addresses: [] },
      written: true,
    }),
    link.accept('access', 'An access secret.', 'COD-7', {
      link: written(`84 0001 01c420${folder} 02c420${seed} 0490`),
      invitation: access,
      written: true,
    }),
    link.accept('scheme-upper-case', 'The scheme in upper case.', 'COD-9', {
      link: written(right).replace('cloudless', 'CLOUDLESS'),
      invitation: code,
    }),
    link.accept('unknown-field', 'A field of a later program is passed over.', 'COD-7', {
      link: written(`85 0000 ${codeFields} 04a568656c6c6f`),
      invitation: code,
    }),
    link.accept('addresses', 'Names and both kinds of addresses.', 'COD-11', {
      link: withAddresses('home.example.org:443', '[2001:db8::1]:65535', '192.0.2.7:1'),
      invitation: { type: 'code', secret, addresses: ['home.example.org:443', '[2001:db8::1]:65535', '192.0.2.7:1'] },
      written: true,
    }),
  ];
}

function mistyped(): readonly Case[] {
  const text = written(right);
  const refuse = (name: string, wrong: string, comment: string): Case =>
    link.refuse(name, 'code-mistyped', comment, 'COD-9', { link: wrong });
  const bytes = Buffer.from(text.slice('cloudless:'.length), 'base64url');
  const bare = written(`83 0000 01c410${secret} 0390`);
  return [
    refuse('other-scheme', text.replace('cloudless', 'cloud'), 'Another scheme.'),
    refuse('no-scheme', text.slice('cloudless:'.length), 'No scheme.'),
    refuse('empty', 'cloudless:', 'Nothing behind the scheme.'),
    refuse('cut-off', text.slice(0, -3), 'The end is missing.'),
    refuse(
      'wrong-character',
      `${text.slice(0, 30)}${text[30] === 'A' ? 'B' : 'A'}${text.slice(31)}`,
      'One wrong character.',
    ),
    refuse('case-lost', text.toLowerCase(), 'All in lower case.'),
    refuse('padding', `${text}=`, 'Padding is not used.'),
    refuse('space-inside', `${text.slice(0, 40)} ${text.slice(40)}`, 'A space in the middle.'),
    refuse(
      'standard-alphabet',
      `${text.slice(0, 20)}+${text.slice(21)}`,
      'A character of base64, and not of base64url.',
    ),
    refuse('impossible-length', `${'cloudless:'}AAAAAAAAA`, 'Nine characters are no whole number of bytes.'),
    refuse('left-over-bits', leftOver(bare), 'The last character has a bit that is no byte\u2019s.'),
    refuse('check-only', encoded(new Uint8Array(), 0), 'A check of nothing.'),
    refuse('wrong-check', `cloudless:${Buffer.from(flipped(bytes, -1)).toString('base64url')}`, 'The check is wrong.'),
  ];
}

/** The link with the lowest bit of its last character set, where that bit belongs to no byte. */
function leftOver(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const count = text.length - 'cloudless:'.length;
  if (count % 4 === 0) throw new Error('this link has no bits left over');
  return text.slice(0, -1) + alphabet[alphabet.indexOf(text.at(-1) as string) | 1];
}

function others(): readonly Case[] {
  const refuse = (name: string, kind: string, ids: string, text: string, comment: string): Case =>
    link.refuse(name, kind, comment, ids, { link: text });
  const noMaker = `01c410${secret}`;
  return [
    refuse('later-version', 'unknown-version', 'COD-12 ENC-18', written(right, '02'), 'A link of a later program.'),
    refuse(
      'version-0',
      'unknown-version',
      'COD-12 ENC-18',
      written('', '00'),
      'The version is looked at before all else.',
    ),
    refuse('later-variant', 'unknown-version', 'COD-12', written('81 0002'), 'An invitation of a later program.'),
    refuse('no-invitation', 'malformed', 'COD-12', written(''), 'A version and nothing more.'),
    refuse('no-secret', 'malformed', 'COD-12', written('82 0000 0390'), 'The secret is missing.'),
    refuse('short-secret', 'malformed', 'COD-12', written(`83 0000 01c40f${secret.slice(2)} 0390`), 'A byte too few.'),
    refuse('short-maker', 'malformed', 'COD-12', written(`84 0000 ${noMaker} 02c41f${maker.slice(2)} 0390`), 'No key.'),
    refuse('trailing', 'malformed', 'COD-12', written(`83 0000 ${noMaker} 0390 00`), 'A byte behind the invitation.'),
    refuse(
      'not-canonical',
      'non-canonical',
      'COD-12',
      written(`83 0000 ${noMaker} 03dc0000`),
      'A count in a long form.',
    ),
    refuse('too-long', 'over-limit', 'COD-10', `cloudless:${'A'.repeat(2_039)}`, '2,049 characters.'),
    refuse('nine-addresses', 'over-limit', 'COD-11', withAddresses(...Array<string>(9).fill('a:1')), 'One too many.'),
    ...['a', 'a:0', 'a:65536', 'a:01', 'A:1', ':1', '::1:1', '[fe80::1%1]:1', 'a:1/b', 'a b:1'].map((wrong, index) =>
      refuse(`bad-address-${index + 1}`, 'malformed', 'COD-11', withAddresses(wrong), `${wrong} is no address.`),
    ),
  ];
}

export function linkCases(): readonly Case[] {
  return [...acceptances(), ...mistyped(), ...others()];
}
