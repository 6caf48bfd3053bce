import { newFolderConstants } from '@cloudless/core/content';
import { pairRendezvous, rendezvous } from '@cloudless/core/membership';
import { decodeRecords, type Entry, encodeEntry, epochCodec, payloadOf, record } from '@cloudless/core/model';
import { crypto, Folder, judgement, type Somebody, seeded, somebody } from './members/folder.js';
import { type Case, flipped, hex, type Vector } from './primitives/case.js';

/** The vectors of `spec/05`. */
export function cases(): readonly Case[] {
  return [...judgedCases(), ...openCases(), ...givenCases(), ...meetingCases()];
}

function judged(name: string, comment: string, requirements: readonly string[], folder: Folder): Case {
  const vector: Vector = { comment, requirements, expect: 'ok', ...(judgement(folder) as { operation: string }) };
  return { name, vector };
}

function judgedCases(): readonly Case[] {
  const first = new Folder('first epoch', 2);
  first.member(first.owner, 'reader');
  first.member(first.owner, 'store');
  first.epoch(first.owner);
  const owed = new Folder('owed');
  owed.epoch(owed.owner);
  owed.epoch(owed.owner);
  const rights = new Folder('epoch rights');
  rights.epoch(rights.member(rights.owner, 'reader'));
  rights.epoch(rights.member(rights.owner, 'store'));
  rights.epoch(rights.newcomer('stranger'));
  const both = new Folder('concurrent epochs');
  const writer = both.member(both.owner, 'writer');
  const recipients = both.judge().recipients();
  const seen = [...both.people];
  const heads = seen.map(({ log, ...rest }): Somebody => ({ ...rest, log: [...log] }));
  both.epoch(both.owner, { recipients, seen: heads });
  both.epoch(writer, { recipients, seen: heads });
  return [
    judged(
      'first',
      'The genesis owes an epoch, and owners receive it before they join.',
      ['EPO-2', 'EPO-9', 'EPO-11'],
      first,
    ),
    judged('not-owed', 'A second epoch that nothing called for.', ['EPO-9'], owed),
    judged('not-allowed', 'By a reader, a store peer and a stranger.', ['EPO-10'], rights),
    judged('concurrent', 'Of two that had not seen each other the smallest id is current.', ['EPO-13'], both),
    judged(
      'wrong-recipients',
      'Too many, too few, twice, in another order, at another rank.',
      ['EPO-2', 'EPO-11'],
      wrong(),
    ),
    judged(
      'since-join',
      'A join owes the next epoch; one with earlier keys is void.',
      ['EPO-9', 'EPO-12'],
      sinceJoin(),
    ),
    judged('two-in-one', 'Two epochs in one entry.', ['EPO-8'], twoInOne()),
  ];
}

function wrong(): Folder {
  const folder = new Folder('wrong recipients');
  folder.member(folder.owner, 'writer');
  folder.member(folder.owner, 'store');
  const right = folder.judge().recipients();
  const stranger = somebody('stranger');
  const extra = { person: stranger.personId, boxKey: stranger.keys.personBox };
  const sorted = [...right.key, extra].sort((a, b) => (a.person < b.person ? -1 : 1));
  for (const recipients of [
    { ...right, key: sorted },
    { ...right, key: right.key.slice(1) },
    { ...right, key: [...right.key].reverse() },
    { ...right, discovery: [] },
    { ...right, discovery: [...right.discovery, ...right.discovery] },
    { ...right, discovery: right.key },
  ]) {
    folder.epoch(folder.owner, { recipients });
  }
  return folder;
}

function sinceJoin(): Folder {
  const folder = new Folder('since join', 1, { history: 'since-join' });
  const first = folder.epoch(folder.owner);
  const writer = folder.member(folder.owner, 'writer');
  folder.epoch(folder.owner, { earlier: [{ epoch: first.id, key: first.key }] });
  folder.epoch(writer);
  folder.member(folder.owner, 'reader');
  return folder;
}

function twoInOne(): Folder {
  const folder = new Folder('two in one');
  folder.epoch(folder.owner);
  const made = folder.owner.log.pop() as Entry;
  const raw = record('epoch', epochCodec, epochOf(made));
  folder.say(folder.owner, [raw, raw]);
  return folder;
}

function epochOf(entry: Entry): ReturnType<typeof epochCodec.read> {
  const [raw] = decodeRecords(entry.publicBytes ?? new Uint8Array());
  if (raw === undefined) throw new Error('an epoch entry has a record');
  return payloadOf(epochCodec, raw);
}

/** A folder whose owner made an epoch, with the entries that opening it needs. */
function opened(): { folder: Folder; anna: Somebody; fields: Readonly<Record<string, unknown>>; key: Uint8Array } {
  const folder = new Folder('opened');
  const anna = folder.member(folder.owner, 'writer', 'anna');
  const epoch = folder.epoch(folder.owner);
  const genesis = hex(encodeEntry(folder.owner.log[0] as Entry));
  const entry = hex(encodeEntry(folder.owner.log.at(-1) as Entry));
  return { folder, anna, fields: { folder: folder.id, genesis, entry }, key: epoch.key };
}

function secretsOf(folder: Folder, epoch: ReturnType<Folder['epoch']>): Readonly<Record<string, string>> {
  const { gear, convergence, fingerprint } = folder.constants;
  const constants = { gear: hex(gear), convergence: hex(convergence), fingerprint: hex(fingerprint) };
  return { key: hex(epoch.key), discovery: hex(epoch.discovery), ...constants };
}

function openCases(): readonly Case[] {
  const folder = new Folder('opened');
  const anna = folder.member(folder.owner, 'writer', 'anna');
  const epoch = folder.epoch(folder.owner);
  const { fields } = opened();
  const make = (
    name: string,
    comment: string,
    expect: string,
    who: { personId: string; boxSecret: Uint8Array },
    change: Readonly<Record<string, unknown>> = {},
  ): Case => {
    const reader = { person: who.personId, boxSecret: hex(who.boxSecret) };
    const secrets = expect === 'ok' ? secretsOf(folder, epoch) : {};
    const requirements = expect === 'ok' ? ['EPO-1', 'EPO-3', 'EPO-4'] : ['EPO-3'];
    return {
      name,
      vector: { comment, requirements, expect, operation: 'open', ...fields, ...reader, ...secrets, ...change },
    };
  };
  const own = { personId: anna.personId, boxSecret: anna.person.boxSecret };
  const stranger = somebody('stranger');
  return [
    make('open', 'A member opens the key, the discovery secret and the constants.', 'ok', own),
    make('open-wrong-key-box', 'With the box secret of another.', 'bad-mac', {
      ...own,
      boxSecret: stranger.person.boxSecret,
    }),
    make('open-other-box', 'The box of another recipient, with the own secret.', 'bad-mac', {
      personId: folder.owner.personId,
      boxSecret: own.boxSecret,
    }),
    make('open-other-folder', 'As if it were another folder.', 'bad-mac', own, { folder: new Folder('elsewhere').id }),
  ];
}

/** The entry of the epoch of `opened`, with its record changed. */
function changedEntry(change: (value: ReturnType<typeof epochOf>) => Partial<ReturnType<typeof epochOf>>): string {
  const { folder } = opened();
  const value = epochOf(folder.owner.log.pop() as Entry);
  return hex(encodeEntry(folder.say(folder.owner, [record('epoch', epochCodec, { ...value, ...change(value) })])));
}

function givenCases(): readonly Case[] {
  const { fields, key } = opened();
  const make = (name: string, comment: string, requirement: string, expect: string, change: object = {}): Case => {
    const inputs = { ...fields, key: hex(key), ...change };
    return { name, vector: { comment, requirements: [requirement], expect, operation: 'given', ...inputs } };
  };
  const foreign = new Folder('opened');
  foreign.member(foreign.owner, 'writer', 'anna');
  foreign.epoch(foreign.owner, { constants: newFolderConstants(seeded('foreign')) });
  const genesis = hex(encodeEntry(foreign.owner.log[0] as Entry));
  const foreignKey = opened().key;
  const entry = hex(encodeEntry(foreign.owner.log.at(-1) as Entry));
  return [
    make('given', 'A key handed over on a connection.', 'EPO-17', 'ok'),
    make('given-other-key', 'Another key than the one committed to.', 'EPO-5', 'bad-mac', {
      key: hex(flipped(key, 0)),
    }),
    make('given-key-commitment', 'A changed key commitment.', 'EPO-5', 'bad-mac', {
      entry: changedEntry(({ keyCommitment }) => ({ keyCommitment: flipped(keyCommitment, 5) })),
    }),
    make('given-discovery-commitment', 'A changed discovery commitment.', 'EPO-5', 'bad-mac', {
      entry: changedEntry(({ discoveryCommitment }) => ({ discoveryCommitment: flipped(discoveryCommitment, 5) })),
    }),
    make('given-constants', 'Sealed constants with a bit turned over.', 'EPO-6', 'bad-mac', {
      entry: changedEntry(({ constants }) => ({ constants: flipped(constants, 5) })),
    }),
    make('given-foreign-constants', 'Constants that the genesis does not commit to.', 'EPO-6', 'bad-mac', {
      genesis,
      entry,
      key: hex(foreignKey),
    }),
  ];
}

function meetingCases(): readonly Case[] {
  const secret = seeded('discovery')(32);
  const [one, other] = [somebody('one'), somebody('other')];
  const folder = new Folder('meeting').id;
  const { agreementSecret } = one.device;
  const hexed = (place: ReturnType<typeof rendezvous>): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(place).map(([name, value]) => [name, hex(value)]));
  const pair = { operation: 'pair', folder, agreementSecret: hex(agreementSecret), day: 20_500 };
  return [
    {
      name: 'meeting',
      vector: {
        comment: 'Where members meet on a day.',
        requirements: ['EPO-19'],
        expect: 'ok',
        operation: 'meeting',
        secret: hex(secret),
        day: 20_500,
        ...hexed(rendezvous(crypto, secret, 20_500)),
      },
    },
    {
      name: 'meeting-pair',
      vector: {
        comment: 'Where two devices meet.',
        requirements: ['EPO-20'],
        expect: 'ok',
        ...pair,
        otherAgreement: hex(other.keys.agreement),
        ...hexed(pairRendezvous(crypto, folder, agreementSecret, other.keys.agreement, 20_500)),
      },
    },
    {
      name: 'meeting-pair-low-order',
      vector: {
        comment: 'An agreement key of small order.',
        requirements: ['EPO-20'],
        expect: 'bad-key',
        ...pair,
        otherAgreement: hex(new Uint8Array(32)),
      },
    },
  ];
}
