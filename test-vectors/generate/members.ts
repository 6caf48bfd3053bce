import { encode } from '@cloudless/core/codec';
import { defaultPolicy, genesisEntry } from '@cloudless/core/membership';
import {
  certify,
  encodeEntry,
  type GenesisRecord,
  joinCodec,
  memberKeysCodec,
  record,
  recordTypes,
} from '@cloudless/core/model';
import { crypto, Folder, judged, type Somebody, somebody } from './members/folder.js';
import { removalCases } from './members/removals.js';
import { type Case, flipped, hex } from './primitives/case.js';

/** The vectors of `spec/03`. */
export function cases(): readonly Case[] {
  return [
    ...genesisCases(),
    ...certificateCases(),
    ...memberCases(),
    ...voidCases(),
    ...stopCases(),
    ...removalCases(),
  ];
}

function genesisCase(
  name: string,
  comment: string,
  requirements: readonly string[],
  expect: string,
  change: Partial<GenesisRecord> = {},
): Case {
  const folder = new Folder('genesis');
  const entry = genesisEntry(crypto, folder.owner.device, { ...folder.genesis, ...change }, 131_072n);
  const vector = {
    comment,
    requirements,
    expect,
    operation: 'genesis',
    folder: entry.hash,
    entry: hex(encodeEntry(entry)),
  };
  return { name, vector };
}

function genesisCases(): readonly Case[] {
  const { genesis } = new Folder('genesis');
  const [maker] = genesis.owners;
  const [certificate] = genesis.certificates;
  if (maker === undefined || certificate === undefined) throw new Error('a genesis has an owner');
  const stranger = somebody('stranger').keys;
  const low = { ...maker, personBox: new Uint8Array(32) };
  const twice = { ...maker, personSign: somebody('other').keys.personSign };
  const folder = new Folder('genesis', 3);
  const entry = hex(encodeEntry(folder.owner.log[0] as Somebody['log'][0]));
  const three = { comment: 'A folder with three owners.', requirements: ['MEM-1', 'MEM-3'], expect: 'ok' };
  const other = { comment: 'Looked for under another folder id.', requirements: ['MEM-1'], expect: 'wrong-folder' };
  return [
    genesisCase('genesis', 'The first entry of a folder with one owner.', ['MEM-1', 'MEM-3', 'MEM-6'], 'ok'),
    { name: 'genesis-three-owners', vector: { ...three, operation: 'genesis', folder: folder.id, entry } },
    { name: 'genesis-other-folder', vector: { ...other, operation: 'genesis', folder: hex(genesis.nonce), entry } },
    genesisCase('genesis-other-maker', 'Made by a device that is not the first owner’s.', ['MEM-3'], 'malformed', {
      owners: [stranger],
    }),
    genesisCase('genesis-certificate-count', 'Two certificates for one owner.', ['MEM-3'], 'malformed', {
      certificates: [certificate, certificate],
    }),
    genesisCase('genesis-store-invites', 'Policy lets store peers invite.', ['MEM-3'], 'malformed', {
      policy: { ...defaultPolicy, invite: 'store' },
    }),
    genesisCase('genesis-shared-key', 'Two owners with the same device key.', ['MEM-4'], 'malformed', {
      owners: [maker, twice],
      certificates: [certificate, certificate],
    }),
    genesisCase('genesis-low-order-box', 'A box key of small order.', ['MEM-5'], 'bad-key', { owners: [low] }),
    genesisCase('genesis-certificate', 'A certificate with a bit turned over.', ['MEM-6'], 'bad-signature', {
      certificates: [flipped(certificate, 3)],
    }),
    genesisCase('genesis-certificate-nonce', 'A certificate for another nonce.', ['MEM-6', 'MEM-8'], 'bad-signature', {
      nonce: new Uint8Array(32),
    }),
  ];
}

function certificateCases(): readonly Case[] {
  const folder = new Folder('certificates');
  const anna = somebody('anna');
  const scope = { folder: folder.id };
  const right = certify(crypto, anna.person.signSeed, scope, anna.keys);
  const make = (name: string, comment: string, expect: string, certificate: Uint8Array, generation = 0): Case => {
    const keys = hex(encode(memberKeysCodec, anna.keys));
    const fields = { folder: folder.id, generation, keys, certificate: hex(certificate) };
    return { name, vector: { comment, requirements: ['MEM-8'], expect, operation: 'certificate', ...fields } };
  };
  const inGenesis = certify(crypto, anna.person.signSeed, { nonce: Buffer.from(folder.id, 'hex') }, anna.keys);
  const bert = somebody('bert');
  return [
    make('certificate', 'A person certifies a device in a folder.', 'ok', right),
    make('certificate-generation', 'Of another generation.', 'bad-signature', right, 1),
    make('certificate-genesis', 'Made for a genesis whose nonce is the folder id.', 'bad-signature', inGenesis),
    make(
      'certificate-other-folder',
      'Made for another folder.',
      'bad-signature',
      certify(crypto, anna.person.signSeed, { folder: new Folder('elsewhere').id }, anna.keys),
    ),
    make(
      'certificate-other-person',
      'Made by another person.',
      'bad-signature',
      certify(crypto, bert.person.signSeed, scope, anna.keys),
    ),
    make(
      'certificate-other-box',
      'Made for another box key.',
      'bad-signature',
      certify(crypto, anna.person.signSeed, scope, { ...anna.keys, personBox: bert.keys.personBox }),
    ),
  ];
}

function memberCases(): readonly Case[] {
  const ranks = new Folder('ranks');
  const admin = ranks.member(ranks.owner, 'admin');
  const writer = ranks.member(admin, 'writer');
  ranks.member(writer, 'reader');
  ranks.member(writer, 'store');
  const owners = new Folder('owners', 3);
  owners.join(owners.people[1] as Somebody, (owners.owner.log[0] as Somebody['log'][0]).hash);
  const invited = new Folder('invited');
  invited.admit(invited.owner, { keys: somebody('invited').keys, rank: 'writer', expiresMs: 1_800_000_000_000 });
  const waiting = new Folder('waiting');
  const anna = waiting.member(waiting.owner, 'writer', 'anna');
  waiting.member(anna, 'writer', 'bert');
  anna.log.splice(0, 1);
  const power = new Folder('power');
  const late = power.member(power.member(power.owner, 'writer'), 'reader');
  power.member(power.owner, 'admin');
  power.say(late, []);
  return [
    judged('members-ranks', 'Each let in by one who may.', ['MEM-2', 'MEM-14', 'MEM-15'], ranks),
    judged('members-owners', 'The second of three owners has countersigned.', ['MEM-9'], owners),
    judged('members-invited', 'Let in and not yet countersigned.', ['MEM-14'], invited),
    judged('members-waiting', 'The first entry of a log is not here.', ['MEM-20'], waiting),
    judged('members-power', 'An admin let in after others comes before them.', ['MEM-13'], power),
  ];
}

function voidCases(): readonly Case[] {
  const rights = new Folder('rights');
  const [admin, writer] = [rights.member(rights.owner, 'admin'), rights.member(rights.owner, 'writer')];
  const [reader, store] = [rights.member(rights.owner, 'reader'), rights.member(rights.owner, 'store')];
  const tries = [
    [rights.owner, 'owner'],
    [admin, 'admin'],
    [writer, 'admin'],
    [reader, 'reader'],
    [store, 'store'],
  ] as const;
  for (const [author, rank] of tries) rights.admit(author, { keys: somebody(`${rank} guest`).keys, rank });
  const strangers = new Folder('strangers');
  const stranger = strangers.newcomer('stranger');
  const guest = strangers.newcomer('guest');
  strangers.join(guest, strangers.admit(stranger, { keys: guest.keys, rank: 'admin' }).hash);
  return [
    judged('void-rights', 'Admits above the author’s right.', ['MEM-15'], rights),
    judged('void-strangers', 'A stranger lets somebody in.', ['MEM-16'], strangers),
    judged(
      'void-joins',
      'Joins without their admit in the past, of other keys, with another certificate.',
      ['MEM-11', 'MEM-14'],
      joins(),
    ),
    judged('void-keys', 'An admit of a box key of small order.', ['MEM-5', 'MEM-17'], badKeys()),
    judged('void-misplaced', 'A second genesis and a second join.', ['MEM-18'], misplaced()),
    judged('void-unknown', 'An unknown record and a broken one beside a good one.', ['MEM-22'], unknown()),
  ];
}

function joins(): Folder {
  const folder = new Folder('joins');
  const [unseen, thief, forger] = [folder.newcomer('unseen'), folder.newcomer('thief'), folder.newcomer('forger')];
  const first = folder.admit(folder.owner, { keys: unseen.keys, rank: 'writer' });
  folder.join(unseen, first.hash, []);
  folder.join(thief, folder.admit(folder.owner, { keys: somebody('victim').keys, rank: 'writer' }).hash);
  const { hash } = folder.admit(folder.owner, { keys: forger.keys, rank: 'writer' });
  const certificate = certify(crypto, forger.person.signSeed, { folder: new Folder('elsewhere').id }, forger.keys);
  folder.say(forger, [record('join', joinCodec, { admit: hash, keys: forger.keys, certificate })]);
  return folder;
}

function badKeys(): Folder {
  const folder = new Folder('bad keys');
  const { keys } = somebody('low');
  folder.admit(folder.owner, { keys: { ...keys, personBox: new Uint8Array(32) }, rank: 'writer' });
  folder.admit(folder.owner, { keys: { ...keys, personSign: new Uint8Array(32) }, rank: 'writer' });
  return folder;
}

function misplaced(): Folder {
  const folder = new Folder('misplaced');
  const anna = folder.member(folder.owner, 'writer', 'anna');
  const certificate = certify(crypto, anna.person.signSeed, { folder: folder.id }, anna.keys);
  const admit = (folder.owner.log[1] as Somebody['log'][0]).hash;
  folder.say(anna, [record('join', joinCodec, { admit, keys: anna.keys, certificate })]);
  return folder;
}

function unknown(): Folder {
  const folder = new Folder('unknown');
  const broken = { type: recordTypes.admit, payload: Uint8Array.of(1) };
  folder.say(folder.owner, [{ type: 31, payload: Uint8Array.of(7) }, broken]);
  folder.member(folder.owner, 'writer');
  return folder;
}

function stopCases(): readonly Case[] {
  const offer = { type: recordTypes.offer, payload: Uint8Array.of(0x80) };
  const stop = new Folder('offer');
  const reader = stop.member(stop.owner, 'reader');
  stop.say(reader, [offer]);
  const denied = judged('void-offer', 'A reader may not make offers, so nothing stops.', ['MEM-23'], stop);
  stop.say(stop.owner, [offer], []);
  stop.admit(stop.owner, { keys: somebody('after').keys, rank: 'reader' });
  return [
    denied,
    judged('stop-offer', 'A record that is not judged, and what comes after it.', ['MEM-23'], stop),
    judged(
      'fork',
      'Two entries at one place of an admin’s log that nobody had seen.',
      ['MEM-24', 'MEM-42'],
      parted(false),
    ),
    judged('fork-seen', 'The same, and the owner had seen one of them.', ['MEM-24'], parted(true)),
  ];
}

function parted(seen: boolean): Folder {
  const folder = new Folder('fork');
  const anna = folder.member(folder.owner, 'admin', 'anna');
  const branch = folder.admit(anna, { keys: somebody('left').keys, rank: 'reader' }, []);
  anna.log.pop();
  folder.admit(anna, { keys: somebody('right').keys, rank: 'reader' }, []);
  if (seen) folder.say(folder.owner, [], [anna]);
  folder.people.push({ ...anna, log: [anna.log[0] as Somebody['log'][0], branch] });
  return folder;
}
