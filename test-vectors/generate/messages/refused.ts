import { type Case, kit } from '../testkit.js';
import { admitted, device, folder, head, hello, id, memberKeys, other, prove } from './accepted.js';
import { type Fields, type Item, pack, raw } from './pack.js';

const message = kit('message');
const bulk = kit('bulk');

type Row = readonly [name: string, kind: string, comment: string, ids: string, bytes: string];

function without(fields: Fields, key: number): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([each]) => Number(each) !== key));
}

function many(count: number, item: Item): readonly Item[] {
  return Array.from({ length: count }, () => item);
}

function missingFields(): readonly Row[] {
  const whole: Readonly<Record<string, Fields>> = {
    hello,
    prove,
    digest: { 0: 2, 1: 1, 2: folder.bytes, 3: 1 },
    heads: { 0: 3, 1: 1, 2: [head], 3: true },
    get: { 0: 4, 1: 1, 2: { 0: device.bytes, 1: 0 }, 3: 0 },
    entries: { 0: 5, 1: 1, 2: [], 3: false },
    unfollow: { 0: 6, 1: 1, 2: { 0: device.bytes, 1: 0 } },
    keys: { 0: 7, 1: 1, 2: [] },
    given: { 0: 8, 1: 1, 2: [] },
    join: { 0: 10, 1: memberKeys, 2: new Uint8Array(64) },
    admitted,
    refused: { 0: 12, 1: 0 },
  };
  return Object.entries(whole).flatMap(([name, fields]) =>
    Object.keys(fields)
      .slice(1)
      .map((key): Row => {
        const bytes = pack(without(fields, Number(key)));
        return [`${name}-without-${key}`, 'malformed', `No field ${key}.`, 'SYN-4', bytes];
      }),
  );
}

function shapes(): readonly Row[] {
  const refused = pack({ 0: 12, 1: 0 });
  return [
    ['empty', 'malformed', 'No bytes.', 'SYN-4', ''],
    ['no-map', 'malformed', 'A list.', 'SYN-4', pack([12, 0])],
    ['no-type', 'malformed', 'A map that does not say its type.', 'SYN-4', pack({ 1: 0 })],
    ['no-fields', 'malformed', 'An empty map.', 'SYN-4', pack({})],
    ['type-is-text', 'malformed', 'A type is a number.', 'SYN-4', pack({ 0: 'hello' })],
    ['cut-off', 'malformed', 'The last byte is not here.', 'SYN-4', refused.slice(0, -2)],
    ['trailing', 'malformed', 'A byte behind the message.', 'SYN-4', `${refused}00`],
    ['long-type', 'non-canonical', 'The type in two bytes.', 'SYN-4', pack({ 0: raw('cc0c'), 1: 0 })],
    ['long-number', 'non-canonical', 'A channel in three bytes.', 'SYN-4', pack({ 0: 7, 1: raw('cd0001'), 2: [] })],
    ['fields-exchanged', 'non-canonical', 'Field 1 once more, behind field 2.', 'SYN-4', '840007010102900101'],
    ['field-twice', 'non-canonical', 'Field 1 stands twice.', 'SYN-4', '83000c01000100'],
    ['unknown-field-float', 'malformed', 'What is passed over is checked too.', 'SYN-2', '83000c010002ca00000000'],
    ['unknown-field-long', 'non-canonical', 'What is passed over is checked too.', 'SYN-2', '83000c010002cc01'],
  ];
}

function fields(): readonly Row[] {
  const { bytes } = device;
  return [
    ['hello-short-mac', 'malformed', 'A MAC has 16 bytes.', 'SYN-4', pack({ ...hello, 3: [new Uint8Array(15)] })],
    ['hello-version-text', 'malformed', 'A version is a number.', 'SYN-4', pack({ ...hello, 1: '1' })],
    ['hello-version-256', 'malformed', 'A version has 8 bits.', 'SYN-4', pack({ ...hello, 1: 256 })],
    ['prove-channel-65536', 'malformed', 'A channel has 16 bits.', 'SYN-4', pack({ ...prove, 1: 65_536 })],
    ['prove-short-device', 'malformed', 'A device id has 32 bytes.', 'SYN-4', pack({ ...prove, 3: bytes.slice(1) })],
    ['prove-long-signature', 'malformed', '65 bytes.', 'SYN-4', pack({ ...prove, 5: new Uint8Array(65) })],
    ['prove-listen-bytes', 'malformed', 'An address is text.', 'SYN-4', pack({ ...prove, 4: [bytes] })],
    ['prove-listen-not-utf8', 'malformed', 'Broken text.', 'SYN-4', pack({ ...prove, 4: [raw('a2c328')] })],
    ['get-log-2', 'malformed', 'A log is 0 or 1.', 'SYN-4', pack({ 0: 4, 1: 1, 2: { 0: bytes, 1: 2 }, 3: 0 })],
    [
      'get-after-2-53',
      'malformed',
      'Past 2^53 - 1.',
      'SYN-4',
      pack({ 0: 4, 1: 1, 2: { 0: bytes, 1: 1 }, 3: raw('cf0020000000000000') }),
    ],
    [
      'get-after-negative',
      'malformed',
      'Before the first.',
      'SYN-4',
      pack({ 0: 4, 1: 1, 2: { 0: bytes, 1: 1 }, 3: raw('ff') }),
    ],
    [
      'entries-as-list',
      'malformed',
      'An entry is a byte string here.',
      'SYN-4',
      pack({ 0: 5, 1: 1, 2: [[]], 3: false }),
    ],
    ['heads-complete-1', 'malformed', 'Neither true nor false.', 'SYN-4', pack({ 0: 3, 1: 1, 2: [], 3: 1 })],
    [
      'head-unknown-field',
      'malformed',
      'Heads are closed structs.',
      'SYN-2',
      pack({ 0: 3, 1: 1, 2: [{ ...head, 2: 0 }], 3: true }),
    ],
    ['given-short-key', 'malformed', '31 bytes.', 'SYN-4', pack({ 0: 8, 1: 1, 2: [{ 0: bytes, 1: bytes.slice(1) }] })],
    ['join-short-proof', 'malformed', '63 bytes.', 'SYN-4', pack({ 0: 10, 1: memberKeys, 2: new Uint8Array(63) })],
    [
      'join-three-keys',
      'malformed',
      'No box key.',
      'SYN-4',
      pack({ 0: 10, 1: without(memberKeys, 3), 2: new Uint8Array(64) }),
    ],
    ['admitted-rank-5', 'malformed', 'There are five ranks, from 0.', 'SYN-4', pack({ ...admitted, 3: 5 })],
    ['refused-256', 'malformed', 'A reason has 8 bits.', 'SYN-4', pack({ 0: 12, 1: 256 })],
  ];
}

function limits(): readonly Row[] {
  const { bytes } = device;
  const mac = new Uint8Array(16);
  const announced = (count: string): Item => raw(`dc${count}`);
  return [
    ['hello-513-folders', 'over-limit', 'At most 512.', 'SYN-4', pack({ ...hello, 3: many(513, mac) })],
    ['hello-33-extensions', 'over-limit', 'At most 32.', 'SYN-4', pack({ ...hello, 2: many(33, 'x') })],
    ['hello-long-extension', 'over-limit', 'At most 64 bytes.', 'SYN-4', pack({ ...hello, 2: ['x'.repeat(65)] })],
    ['prove-17-addresses', 'over-limit', 'At most 16.', 'SYN-4', pack({ ...prove, 4: many(17, 'a:1') })],
    ['prove-long-address', 'over-limit', 'At most 256 bytes.', 'SYN-4', pack({ ...prove, 4: ['a'.repeat(257)] })],
    [
      'heads-2049',
      'over-limit',
      'The count is enough; what it announces is never read.',
      'SYN-4',
      pack({ 0: 3, 1: 1, 2: announced('0801') }),
    ],
    ['entries-1025', 'over-limit', 'The count is enough.', 'SYN-4', pack({ 0: 5, 1: 1, 2: announced('0401') })],
    [
      'entries-four-gigabytes',
      'over-limit',
      'The length is enough.',
      'SYN-4',
      pack({ 0: 5, 1: 1, 2: [raw('c6ffffffff')] }),
    ],
    ['keys-65', 'over-limit', 'At most 64.', 'SYN-4', pack({ 0: 7, 1: 1, 2: many(65, bytes) })],
    ['given-65', 'over-limit', 'At most 64.', 'SYN-4', pack({ 0: 8, 1: 1, 2: many(65, { 0: bytes, 1: bytes }) })],
    ['admitted-long-name', 'over-limit', 'At most 255 bytes.', 'SYN-4', pack({ ...admitted, 5: 'n'.repeat(256) })],
    [
      'head-17-deep',
      'over-limit',
      'A field that is passed over, too deep.',
      'SYN-2',
      pack({ 0: 12, 1: 0, 2: raw(`${'91'.repeat(16)}00`) }),
    ],
  ];
}

function bulkRows(): readonly Row[] {
  const { bytes } = other;
  return [
    ['want-none', 'malformed', 'At least one.', 'SYN-4', pack({ 0: 0, 1: 1, 2: [] })],
    ['want-257', 'over-limit', 'At most 256.', 'SYN-4', pack({ 0: 0, 1: 1, 2: many(257, bytes) })],
    ['want-short-id', 'malformed', '31 bytes.', 'SYN-4', pack({ 0: 0, 1: 1, 2: [bytes.slice(1)] })],
    [
      'chunk-empty',
      'malformed',
      'A chunk has a byte at least.',
      'SYN-4',
      pack({ 0: 1, 1: bytes, 2: new Uint8Array() }),
    ],
    ['chunk-too-long', 'over-limit', 'The length is enough.', 'SYN-4', pack({ 0: 1, 1: bytes, 2: raw('c600100001') })],
    ['chunk-without-id', 'malformed', 'No id.', 'SYN-4', pack({ 0: 1, 2: bytes })],
    ['missing-without-id', 'malformed', 'No id.', 'SYN-4', pack({ 0: 2 })],
    ['missing-also-none', 'malformed', 'Left out where there is none.', 'SYN-4', pack({ 0: 2, 1: bytes, 2: [] })],
    ['missing-also-65', 'over-limit', 'At most 64.', 'SYN-4', pack({ 0: 2, 1: bytes, 2: many(65, bytes) })],
    ['missing-also-short', 'malformed', '31 bytes.', 'SYN-4', pack({ 0: 2, 1: bytes, 2: [bytes.slice(1)] })],
    ['changed-trailing', 'malformed', 'A byte behind.', 'SYN-4', `${pack({ 0: 3, 1: bytes })}00`],
    ['long-type', 'non-canonical', 'The type in two bytes.', 'SYN-4', pack({ 0: raw('cc02'), 1: bytes })],
  ];
}

function ignored(): readonly Case[] {
  const comment = 'A type of a later version: passed over, whatever its fields.';
  const later = { 1: 1, 2: 'anything', 3: id(9).bytes };
  const unknown = [9, 13, 100, 200].map((type) =>
    message.accept(`unknown-type-${type}`, comment, 'SYN-2', { bytes: pack({ 0: type, ...later }), ignored: true }),
  );
  const bulkUnknown = bulk.accept('unknown-type', comment, 'SYN-2', { bytes: pack({ 0: 4, ...later }), ignored: true });
  return [...unknown, bulkUnknown];
}

/** What a receiver refuses, and what it passes over. */
export function refusedCases(): readonly Case[] {
  const rows = [...missingFields(), ...shapes(), ...fields(), ...limits()];
  const refused = rows.map(([name, kind, comment, ids, bytes]) => message.refuse(name, kind, comment, ids, { bytes }));
  const bulkRefused = bulkRows().map(([name, kind, comment, ids, bytes]) => {
    return bulk.refuse(name, kind, comment, ids, { bytes });
  });
  return [...refused, ...bulkRefused, ...ignored()];
}
