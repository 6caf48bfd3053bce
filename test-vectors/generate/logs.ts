import { domainPrefix } from '@cloudless/core/crypto';
import {
  draftHeader,
  type Entry,
  encodeEntry,
  encodeHeader,
  encodeRecords,
  findFork,
  type Header,
  type HeaderDraft,
  headerHash,
  type LogKind,
  type RawRecord,
  sealBody,
  sealedPartData,
  signEntry,
  toDeviceId,
  toEpochId,
  toFolderId,
} from '@cloudless/core/model';
import { crypto, seeded } from './members/folder.js';
import { type Case, flipped, hex, textHex, unhex } from './primitives/case.js';

const random = seeded('logs');
const seed = random(32);
const device = toDeviceId(crypto.ed25519Public(seed));
const folder = toFolderId(random(32));
const epoch = toEpochId(random(32));
const key = random(32);
const salt = random(32);
const records: readonly RawRecord[] = [{ type: 49, payload: unhex(textHex('ten bytes!')) }];

/** The vectors of `spec/04`. */
export function cases(): readonly Case[] {
  return [...headerCases(), ...runCases(), ...partCases(), ...forkCases(), ...bodyCases()];
}

/** A log of `count` entries with both parts; `clock` tells branches apart. */
function logOf(count: number, log: LogKind = 'content', clock: (seq: number) => bigint = BigInt): readonly Entry[] {
  const entries: Entry[] = [];
  for (let seq = 1; seq <= count; seq++) entries.push(entryOf(seq, entries.at(-1), log, clock(seq)));
  return entries;
}

function entryOf(seq: number, previous: Entry | undefined, log: LogKind, clock: bigint): Entry {
  const publicBytes = encodeRecords([{ type: 31, payload: Uint8Array.of(seq) }]);
  const base: HeaderDraft = { folder, device, log, seq, previous: previous?.hash, heads: [], clock, flags: 0 };
  if (log === 'membership') return signEntry(crypto, seed, { header: base, publicBytes });
  const header = { ...base, epoch };
  const sealedBytes = sealBody(crypto, key, salt, draftHeader(crypto, { header, publicBytes }), records);
  return signEntry(crypto, seed, { header, publicBytes, sealedBytes });
}

function unsigned(entry: Entry): Entry {
  return { ...entry, signature: undefined };
}

function headerCase(name: string, comment: string, requirement: string, expect: string, bytes: Uint8Array): Case {
  const hash = expect === 'ok' ? { hash: headerHash(crypto, bytes) } : {};
  const vector = { comment, requirements: [requirement], expect, operation: 'header', header: hex(bytes), ...hash };
  return { name: `header-${name}`, vector };
}

function headerCases(): readonly Case[] {
  const [first, second] = logOf(2) as [Entry, Entry];
  const { header } = second;
  const head = (byte: number) =>
    ({ device: toDeviceId(new Uint8Array(32).fill(byte)), log: 'membership', seq: 1, hash: first.hash }) as const;
  const changed = (change: Partial<Header>): Uint8Array => encodeHeader({ ...header, ...change });
  const part = { hash: new Uint8Array(32), lengthBytes: 0 };
  return [
    headerCase('plain', 'A content entry with both parts.', 'LOG-2', 'ok', second.headerBytes),
    headerCase('heads', 'Heads in order.', 'LOG-4', 'ok', changed({ heads: [head(1), head(2)] })),
    headerCase('truncated', 'Cut short.', 'LOG-2', 'malformed', second.headerBytes.slice(0, -1)),
    headerCase('trailing', 'A byte too many.', 'LOG-2', 'malformed', Uint8Array.of(...second.headerBytes, 0)),
    headerCase('version', 'Of another version.', 'LOG-2', 'unknown-version', changed({ version: 2 })),
    headerCase('seq-zero', 'At place 0.', 'LOG-2', 'malformed', changed({ seq: 0 })),
    headerCase(
      'first-with-previous',
      'The first entry names a previous one.',
      'LOG-2',
      'bad-chain',
      changed({ seq: 1 }),
    ),
    headerCase('no-previous', 'A later entry names none.', 'LOG-2', 'bad-chain', changed({ previous: undefined })),
    headerCase(
      'no-folder',
      'Names no folder past the first entry.',
      'LOG-2',
      'wrong-folder',
      changed({ folder: undefined }),
    ),
    headerCase('no-epoch', 'A sealed part without epoch.', 'LOG-2', 'malformed', changed({ epoch: undefined })),
    headerCase('epoch-only', 'An epoch without sealed part.', 'LOG-2', 'malformed', changed({ sealedPart: undefined })),
    headerCase(
      'sealed-membership',
      'A sealed part in a membership log.',
      'LOG-2',
      'malformed',
      changed({ log: 'membership' }),
    ),
    headerCase('empty-part', 'A part of no bytes.', 'LOG-3', 'malformed', changed({ publicPart: part })),
    headerCase(
      'long-part',
      'A part longer than allowed.',
      'LOG-3',
      'over-limit',
      changed({ publicPart: { ...part, lengthBytes: 1_048_577 } }),
    ),
    headerCase(
      'heads-order',
      'Heads in another order.',
      'LOG-4',
      'non-canonical',
      changed({ heads: [head(2), head(1)] }),
    ),
    headerCase('heads-twice', 'A log named twice.', 'LOG-4', 'non-canonical', changed({ heads: [head(1), head(1)] })),
    headerCase(
      'head-own',
      'The log names itself.',
      'LOG-4',
      'malformed',
      changed({ heads: [{ ...head(1), device, log: 'content' }] }),
    ),
    headerCase(
      'head-seq-zero',
      'A head at place 0.',
      'LOG-4',
      'malformed',
      changed({ heads: [{ ...head(1), seq: 0 }] }),
    ),
  ];
}

function runCase(
  name: string,
  comment: string,
  requirement: string,
  expect: string,
  run: readonly Entry[],
  change: object = {},
): Case {
  const start = { folder, device, log: 'content', seq: 0, ...change };
  const entries = run.map((entry) => hex(encodeEntry(entry)));
  return { name, vector: { comment, requirements: [requirement], expect, operation: 'run', ...start, entries } };
}

function runCases(): readonly Case[] {
  const [a, b, c, d] = logOf(4) as [Entry, Entry, Entry, Entry];
  const [, otherB] = logOf(2, 'content', (seq) => BigInt(seq + 7)) as [Entry, Entry];
  const wrongEarly = { ...a, signature: flipped(b.signature as Uint8Array, 0) };
  return [
    runCase('run', 'Four entries, one signature.', 'LOG-16', 'ok', [a, b, c].map(unsigned).concat(d)),
    runCase('run-later', 'From the third entry on.', 'LOG-16', 'ok', [unsigned(c), d], { seq: 2, hash: b.hash }),
    runCase('run-earlier-signature', 'A wrong signature before the end is not looked at.', 'LOG-17', 'ok', [
      wrongEarly,
      b,
    ]),
    runCase('run-no-signature', 'No signature at the end.', 'LOG-16', 'bad-signature', [a, unsigned(b)]),
    runCase('run-wrong-signature', 'A signature with a bit turned over.', 'LOG-16', 'bad-signature', [
      a,
      { ...b, signature: flipped(b.signature as Uint8Array, 40) },
    ]),
    runCase('run-other-signature', 'The signature of another entry.', 'LOG-16', 'bad-signature', [
      a,
      { ...b, signature: a.signature },
    ]),
    runCase('run-other-folder', 'In another folder.', 'LOG-14', 'wrong-folder', [a], {
      folder: hex(new Uint8Array(32)),
    }),
    runCase('run-other-log', 'In the membership log.', 'LOG-15', 'bad-chain', [a], { log: 'membership' }),
    runCase('run-other-device', 'In another device’s log.', 'LOG-15', 'bad-chain', [a], {
      device: hex(new Uint8Array(32)),
    }),
    runCase('run-gap', 'An entry left out.', 'LOG-15', 'bad-chain', [a, c]),
    runCase('run-repeated', 'An entry twice.', 'LOG-15', 'bad-chain', [a, a, b]),
    runCase('run-order', 'In another order.', 'LOG-15', 'bad-chain', [b, a]),
    runCase('run-branch', 'The second entry follows another first one.', 'LOG-15', 'bad-chain', [a, otherB]),
    runCase('run-other-start', 'After another entry than the one known.', 'LOG-15', 'bad-chain', [b], {
      seq: 1,
      hash: otherB.hash,
    }),
    runCase('run-too-long', 'One entry more than a run holds.', 'LOG-13', 'over-limit', [a], { times: 1_025 }),
  ];
}

function partCases(): readonly Case[] {
  const [a] = logOf(1) as [Entry];
  const [plain] = logOf(1, 'membership') as [Entry];
  const publicBytes = a.publicBytes as Uint8Array;
  const base: HeaderDraft = { folder, device, log: 'membership', seq: 1, heads: [], clock: 1n, flags: 0 };
  const noList = signEntry(crypto, seed, { header: base, publicBytes: Uint8Array.of(0x90) });
  const bridge = signEntry(crypto, seed, { header: base });
  const inMembership = { log: 'membership' };
  return [
    runCase('part-sealed-absent', 'The sealed part is absent.', 'LOG-19', 'ok', [{ ...a, sealedBytes: undefined }]),
    runCase('part-none', 'A membership entry that only bridges.', 'LOG-20', 'ok', [bridge], inMembership),
    runCase('part-public-absent', 'The public part is absent.', 'LOG-19', 'malformed', [
      { ...a, publicBytes: undefined },
    ]),
    runCase('part-public-changed', 'A bit of the public part turned over.', 'LOG-18', 'bad-hash', [
      { ...a, publicBytes: flipped(publicBytes, -1) },
    ]),
    runCase('part-public-shorter', 'The public part is shorter.', 'LOG-18', 'bad-hash', [
      { ...a, publicBytes: publicBytes.slice(0, -1) },
    ]),
    runCase('part-sealed-changed', 'A bit of the sealed part turned over.', 'LOG-18', 'bad-hash', [
      { ...a, sealedBytes: flipped(a.sealedBytes as Uint8Array, -1) },
    ]),
    runCase(
      'part-not-named',
      'A part that the header does not name.',
      'LOG-18',
      'malformed',
      [{ ...plain, sealedBytes: publicBytes }],
      inMembership,
    ),
    runCase(
      'part-no-records',
      'The public part is a list of no records.',
      'LOG-20',
      'malformed',
      [noList],
      inMembership,
    ),
  ];
}

function forkCases(): readonly Case[] {
  const one = logOf(3);
  const other = logOf(3, 'content', (seq) => BigInt(seq < 2 ? seq : seq + 50));
  const fork = findFork(one, other);
  if (fork === undefined) throw new Error('the branches fork');
  const inputs = [one, other].map((log) => log.map((entry) => hex(encodeEntry(entry))));
  const make = (
    name: string,
    comment: string,
    expect: string,
    branches: readonly unknown[],
    found: object = {},
  ): Case => ({
    name,
    vector: {
      comment,
      requirements: ['LOG-22'],
      expect,
      operation: 'fork',
      folder,
      device,
      log: 'content',
      branches,
      ...found,
    },
  });
  return [
    make('fork', 'Two second entries, both signed.', 'fork', inputs, {
      seq: 2,
      hashes: [fork.first.hash, fork.second.hash],
    }),
    make('fork-none', 'A log and the beginning of it.', 'ok', [inputs[0], inputs[0]?.slice(0, 2)]),
  ];
}

function bodyCase(
  name: string,
  comment: string,
  requirements: readonly string[],
  expect: string,
  sealed: Uint8Array,
  change: Partial<Header> = {},
  bodyKey: Uint8Array = key,
): Case {
  const header = encodeHeader({
    ...bodyHeader(),
    sealedPart: { hash: new Uint8Array(32), lengthBytes: sealed.length },
    ...change,
  });
  const inputs = { key: hex(bodyKey), header: hex(header), sealed: hex(sealed) };
  const outputs = expect === 'ok' ? { records: hex(encodeRecords(records)) } : {};
  return { name, vector: { comment, requirements, expect, operation: 'body', ...inputs, ...outputs } };
}

function bodyHeader(): Header {
  const header: HeaderDraft = { folder, device, log: 'content', seq: 1, heads: [], clock: 1n, epoch, flags: 0 };
  return draftHeader(crypto, { header });
}

/** Seals any plaintext as the body of `bodyHeader`. */
function sealedPlain(plaintext: Uint8Array): Uint8Array {
  const bodyKey = crypto.hkdf(key, salt, domainPrefix('body'), 32);
  const sealed = crypto.aeadSeal(bodyKey, new Uint8Array(12), sealedPartData(bodyHeader()), plaintext);
  return Uint8Array.of(...salt, ...sealed);
}

function plaintext(length: number, total: number, fill = 0): Uint8Array {
  const bytes = new Uint8Array(total).fill(fill);
  bytes.set([0, 0, 0, length]);
  bytes.set(encodeRecords(records), 4);
  return bytes;
}

function bodyCases(): readonly Case[] {
  const sealed = sealBody(crypto, key, salt, bodyHeader(), records);
  const length = encodeRecords(records).length;
  const total = sealed.length - 48;
  return [
    bodyCase('body', 'Records sealed in an entry.', ['LOG-8', 'LOG-9'], 'ok', sealed),
    bodyCase('body-other-key', 'Under another key.', ['LOG-10'], 'bad-mac', sealed, {}, flipped(key, 0)),
    bodyCase('body-other-header', 'In an entry with another clock.', ['LOG-10'], 'bad-mac', sealed, { clock: 2n }),
    bodyCase('body-other-salt', 'With a bit of the salt turned over.', ['LOG-10'], 'bad-mac', flipped(sealed, 0)),
    bodyCase('body-changed', 'With a bit of the ciphertext turned over.', ['LOG-10'], 'bad-mac', flipped(sealed, 40)),
    bodyCase('body-short', 'Too short for anything.', ['LOG-10'], 'malformed', sealed.slice(0, 40)),
    bodyCase(
      'body-padding-long',
      'Padded further than needed.',
      ['LOG-9'],
      'non-canonical',
      sealedPlain(plaintext(length, total + 2)),
    ),
    bodyCase(
      'body-padding-none',
      'Not padded.',
      ['LOG-9'],
      'non-canonical',
      sealedPlain(plaintext(length, length + 4)),
    ),
    bodyCase(
      'body-padding-ones',
      'Padded with ones.',
      ['LOG-9'],
      'non-canonical',
      sealedPlain(plaintext(length, total, 1)),
    ),
    bodyCase(
      'body-length',
      'A length past the end.',
      ['LOG-9'],
      'malformed',
      sealedPlain(plaintext(length + 90, total)),
    ),
  ];
}
