import { type Case, hex, kit, textHex, unhex } from '../testkit.js';
import { type Fields, pack } from './pack.js';

const message = kit('message');
const bulk = kit('bulk');

/** 32 bytes, as hex and as themselves. */
export function id(byte: number): { readonly hex: string; readonly bytes: Uint8Array } {
  const bytes = new Uint8Array(32).fill(byte);
  return { hex: hex(bytes), bytes };
}

export const folder = id(0xf0);
export const device = id(0xd1);
export const other = id(0xd2);
const hash = id(0xaa);
const epoch = id(0xee);
const key = id(0x4b);
const chunk = id(0xc0);
const mac = new Uint8Array(16).fill(0x1c);
const signature = new Uint8Array(64).fill(0x51);
const entry = unhex(textHex('an entry'));

export const hello: Fields = { 0: 0, 1: 1, 2: [], 3: Array.from({ length: 8 }, (_, i) => mac.with(15, i)) };
export const prove: Fields = { 0: 1, 1: 1, 2: mac, 3: device.bytes, 4: ['198.51.100.7:4100'], 5: signature };
export const head: Fields = { 0: { 0: device.bytes, 1: 1, 2: 300, 3: hash.bytes }, 1: 1 };
export const memberKeys: Fields = { 0: device.bytes, 1: id(2).bytes, 2: id(3).bytes, 3: id(4).bytes };
export const admitted: Fields = {
  0: 11,
  1: folder.bytes,
  2: hash.bytes,
  3: 2,
  4: device.bytes,
  5: 'Holiday',
  6: signature,
};

type Row = readonly [name: string, comment: string, ids: string, fields: Fields, value: object];
const log = { device: device.hex, log: 'content' };
const logFields: Fields = { 0: device.bytes, 1: 1 };

function opening(): readonly Row[] {
  const folders = (hello[3] as readonly Uint8Array[]).map(hex);
  const opened = { type: 'prove', channel: 1, folder: hex(mac), device: device.hex };
  const proved = { ...opened, listen: ['198.51.100.7:4100'], signature: hex(signature) };
  return [
    ['hello', 'Eight MACs.', 'SYN-5', hello, { type: 'hello', version: 1, extensions: [], folders }],
    [
      'hello-extensions',
      'Names of extensions, an official and a private one.',
      'SYN-5 SYN-2',
      { ...hello, 2: ['fast', 'org.example.slow'] },
      { type: 'hello', version: 1, extensions: ['fast', 'org.example.slow'], folders },
    ],
    ['prove', 'Opens a folder.', 'SYN-9', prove, proved],
    [
      'prove-silent',
      'A device that cannot be dialled; the greatest channel.',
      'SYN-9',
      { ...prove, 1: 65_535, 4: [] },
      { ...proved, channel: 65_535, listen: [] },
    ],
    [
      'unknown-field',
      'A field of a later version is passed over.',
      'SYN-2',
      { ...prove, 6: 'later', 127: [1] },
      proved,
    ],
  ];
}

function syncing(): readonly Row[] {
  const served = { head: { ...log, seq: 300, hash: hash.hex }, start: 1 };
  const run = { type: 'entries', channel: 1, entries: [hex(entry), hex(entry)] };
  const digest: Fields = { 0: 2, 1: 1, 2: hash.bytes, 3: 200 };
  return [
    ['digest', 'Of 200 heads.', 'SYN-15', digest, { type: 'digest', channel: 1, digest: hash.hex, count: 200 }],
    [
      'heads',
      'One log, all that there is.',
      'SYN-17',
      { 0: 3, 1: 1, 2: [head], 3: true },
      { type: 'heads', channel: 1, heads: [served], complete: true },
    ],
    [
      'heads-none',
      'A folder in which nothing is known yet.',
      'SYN-17',
      { 0: 3, 1: 1, 2: [], 3: true },
      { type: 'heads', channel: 1, heads: [], complete: true },
    ],
    [
      'get',
      'From the beginning.',
      'SYN-19',
      { 0: 4, 1: 1, 2: logFields, 3: 0 },
      { type: 'get', channel: 1, log, after: 0 },
    ],
    [
      'entries',
      'Entries are byte strings here; what they hold is judged later.',
      'SYN-19',
      { 0: 5, 1: 1, 2: [entry, entry], 3: true },
      { ...run, more: true },
    ],
    [
      'entries-last',
      'Nothing follows but what is live.',
      'SYN-19',
      { 0: 5, 1: 1, 2: [entry, entry], 3: false },
      { ...run, more: false },
    ],
    ['unfollow', 'Takes a get back.', 'SYN-26', { 0: 6, 1: 1, 2: logFields }, { type: 'unfollow', channel: 1, log }],
    [
      'keys',
      'Asks for one key.',
      'SYN-29',
      { 0: 7, 1: 1, 2: [epoch.bytes] },
      { type: 'keys', channel: 1, epochs: [epoch.hex] },
    ],
    [
      'given',
      'Hands one key over.',
      'SYN-29',
      { 0: 8, 1: 1, 2: [{ 0: epoch.bytes, 1: key.bytes }] },
      { type: 'given', channel: 1, keys: [{ epoch: epoch.hex, key: key.hex }] },
    ],
  ];
}

function joining(): readonly Row[] {
  const keys = { device: device.hex, agreement: id(2).hex, personSign: id(3).hex, personBox: id(4).hex };
  const told = { type: 'admitted', folder: folder.hex, admit: hash.hex, rank: 'writer', device: device.hex };
  return [
    [
      'join',
      'Keys and a proof; whether they fit is judged later.',
      'SYN-30',
      { 0: 10, 1: memberKeys, 2: signature },
      { type: 'join', keys, proof: hex(signature) },
    ],
    ['admitted', 'A writer.', 'SYN-34', admitted, { ...told, name: 'Holiday', signature: hex(signature) }],
    ...['expired', 'used', 'unknown', 'not-allowed', 'revoked'].map((word, reason): Row => {
      return [`refused-${word}`, `The word for ${word}.`, 'SYN-37', { 0: 12, 1: reason }, { type: 'refused', reason }];
    }),
    [
      'refused-later',
      'A reason of a later version is no fault; it is reported as unknown.',
      'SYN-37',
      { 0: 12, 1: 200 },
      { type: 'refused', reason: 200 },
    ],
  ];
}

function chunks(): readonly Row[] {
  const bytes = unhex(textHex('ciphertext'));
  return [
    ['want', 'One chunk.', 'SYN-40', { 0: 0, 1: 1, 2: [chunk.bytes] }, { type: 'want', channel: 1, ids: [chunk.hex] }],
    [
      'chunk',
      'Its ciphertext.',
      'SYN-41',
      { 0: 1, 1: chunk.bytes, 2: bytes },
      { type: 'chunk', id: chunk.hex, bytes: hex(bytes) },
    ],
    ['missing', 'Not here.', 'SYN-41', { 0: 2, 1: chunk.bytes }, { type: 'missing', id: chunk.hex }],
    [
      'missing-also',
      'Not here, nor with two others, as they said.',
      'SYN-41',
      { 0: 2, 1: chunk.bytes, 2: [id(3).bytes, id(4).bytes] },
      { type: 'missing', id: chunk.hex, also: [id(3).hex, id(4).hex] },
    ],
    [
      'changed',
      'The file is another one by now.',
      'SYN-41',
      { 0: 3, 1: chunk.bytes },
      { type: 'changed', id: chunk.hex },
    ],
    [
      'unknown-field',
      'A field of a later version is passed over.',
      'SYN-2',
      { 0: 2, 1: chunk.bytes, 3: 'later' },
      { type: 'missing', id: chunk.hex },
    ],
  ];
}

/** Every type of message, as bytes and as fields. */
export function acceptedCases(): readonly Case[] {
  const rows = [...opening(), ...syncing(), ...joining()];
  const accepted = rows.map(([name, comment, ids, fields, value]) => {
    const written = !name.endsWith('unknown-field');
    return message.accept(name, comment, ids, { bytes: pack(fields), message: value, written });
  });
  const bulkAccepted = chunks().map(([name, comment, ids, fields, value]) => {
    return bulk.accept(name, comment, ids, { bytes: pack(fields), message: value, written: name !== 'unknown-field' });
  });
  return [...accepted, ...bulkAccepted];
}
