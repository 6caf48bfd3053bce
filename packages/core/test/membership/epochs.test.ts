import { describe, expect, test } from 'vitest';
import { constantsCommitment, newFolderConstants } from '../../src/content/index.js';
import {
  createFolder,
  type Epoch,
  epochEntry,
  evaluateMembership,
  headOf,
  openDiscovery,
  openEarlier,
  openEpoch,
  openGivenKey,
  placeAfter,
} from '../../src/membership/index.js';
import {
  decodeRecords,
  deviceIdOf,
  type Entry,
  type EpochRecord,
  epochCodec,
  freshDeviceKeys,
  freshPersonKeys,
  payloadOf,
  personIdOf,
} from '../../src/model/index.js';
import { providers } from '../providers.js';
import { type Somebody, seeded, World } from './world.js';

function code(name: string): unknown {
  return expect.objectContaining({ code: name });
}

function recordOf(entry: Entry): EpochRecord {
  const [raw] = decodeRecords(entry.publicBytes ?? new Uint8Array());
  if (raw === undefined) throw new Error('an epoch entry has a record');
  return payloadOf(epochCodec, raw);
}

function reader(somebody: Somebody): { readonly person: Somebody['personId']; readonly boxSecret: Uint8Array } {
  return { person: somebody.personId, boxSecret: somebody.person.boxSecret };
}

describe.each(providers.map((crypto) => ({ name: crypto.name, crypto })))('epochs with $name', ({ crypto }) => {
  function currentOf(world: World): Epoch {
    return world.judge().currentEpoch() as Epoch;
  }

  test('a new folder comes with an epoch that its owner opens', () => {
    const random = seeded(crypto, 'folder');
    const [device, person] = [freshDeviceKeys(random), freshPersonKeys(random)];
    const made = createFolder(crypto, random, { kind: 'chat', device, person, clock: 65_536n });
    const membership = evaluateMembership(crypto, made.folder, [made.genesis, made.epochEntry]);
    const current = membership.currentEpoch() as Epoch;
    const id = personIdOf(crypto, deviceIdOf(crypto, device));
    expect(current.id).toBe(made.epoch.id);
    expect(membership.epochOwed()).toBe(false);
    if (membership.genesis === undefined) throw new Error('no genesis');
    const opened = openEpoch(crypto, made.folder, membership.genesis, current, {
      person: id,
      boxSecret: person.boxSecret,
    });
    expect(opened).toEqual(made.epoch);
    expect(constantsCommitment(crypto, opened.constants)).toEqual(membership.genesis.constants);
  });

  test('[EPO-9] [EPO-22] the genesis owes the first epoch, and then none is owed', () => {
    const world = new World(crypto);
    expect(world.judge().epochOwed()).toBe(true);
    expect(world.judge().currentEpoch()).toBeUndefined();
    const first = world.epoch(world.owner);
    expect(world.judge().epochOwed()).toBe(false);
    const second = world.epoch(world.owner);
    expect(world.reasons(second.entry)).toEqual(['not-owed']);
    expect(currentOf(world).id).toBe(first.epoch.id);
  });

  test('[EPO-2] every member above store opens the key, a store peer the discovery secret alone', () => {
    const world = new World(crypto, { owners: 2 });
    const [writer, reading, store] = (['writer', 'reader', 'store'] as const).map((rank) =>
      world.member(world.owner, rank),
    );
    const { epoch } = world.epoch(writer as Somebody);
    const current = currentOf(world);
    for (const somebody of [...world.owners, writer as Somebody, reading as Somebody]) {
      expect(openEpoch(crypto, world.folder, world.genesisRecord, current, reader(somebody))).toEqual(epoch);
    }
    const peer = reader(store as Somebody);
    expect(openDiscovery(crypto, world.folder, current, peer)).toEqual(epoch.discovery);
    expect(() => openEpoch(crypto, world.folder, world.genesisRecord, current, peer)).toThrow(code('not-found'));
  });

  test('[EPO-10] readers, store peers and strangers make none', () => {
    const world = new World(crypto);
    const [reading, store] = [world.member(world.owner, 'reader'), world.member(world.owner, 'store')];
    const stranger = world.newcomer();
    for (const somebody of [reading, store]) {
      expect(world.reasons(world.epoch(somebody).entry)).toEqual(['not-allowed']);
    }
    expect(world.reasons(world.epoch(stranger).entry)).toEqual(['not-member']);
    expect(world.judge().epochOwed()).toBe(true);
  });

  test('[EPO-11] boxes for other than the members its author had seen make it void', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    const store = world.member(world.owner, 'store');
    const right = world.judge().recipients();
    expect(world.reasons(world.epoch(anna, { recipients: right, seen: [] }).entry)).toEqual(['wrong-recipients']);
    const stranger = world.fresh();
    const extra = { person: stranger.personId, boxKey: stranger.keys.personBox };
    const sorted = [...right.key, extra].sort((a, b) => (a.person < b.person ? -1 : 1));
    for (const recipients of [
      { ...right, key: sorted },
      { ...right, key: right.key.slice(1) },
      { ...right, key: [...right.key].reverse() },
      { ...right, discovery: [] },
      { key: [...right.key, ...right.discovery].sort((a, b) => (a.person < b.person ? -1 : 1)), discovery: [] },
      { ...right, discovery: [...right.discovery, ...right.discovery] },
    ]) {
      expect(world.reasons(world.epoch(anna, { recipients }).entry)).toEqual(['wrong-recipients']);
    }
    expect(world.reasons(world.epoch(store, { recipients: right }).entry)).toEqual(['not-allowed']);
    expect(world.reasons(world.epoch(world.owner, { recipients: right }).entry)).toEqual([]);
  });

  test('[EPO-13] of concurrent epochs the smallest id is current, whoever sees them', () => {
    const world = new World(crypto, { owners: 2 });
    const second = world.owners[1] as Somebody;
    world.join(second, headOf(world.owner.log[0] as Somebody['log'][0]).hash);
    const recipients = world.judge().recipients();
    const one = world.epoch(world.owner, { recipients, seen: [] });
    const other = world.epoch(second, { recipients, seen: [] });
    const ids = [one.epoch.id, other.epoch.id].sort();
    expect(world.judge().epochs.map(({ id }) => id)).toEqual(ids);
    expect(currentOf(world).id).toBe(ids[0]);
  });

  test('[EPO-12] since-join policy owes an epoch after a join, and newcomers get no earlier key', () => {
    const world = new World(crypto, { policy: { history: 'since-join' } });
    const first = world.epoch(world.owner).epoch;
    const anna = world.member(world.owner, 'writer');
    expect(world.judge().epochOwed()).toBe(true);
    expect(world.judge().mayHold(first.id, anna.id)).toBe(false);
    expect(world.judge().mayHold(first.id, world.owner.id)).toBe(true);
    const { epoch: second } = world.epoch(world.owner);
    const membership = world.judge();
    expect([membership.epochOwed(), membership.currentEpoch()?.id]).toEqual([false, second.id]);
    expect(membership.mayHold(second.id, anna.id)).toBe(true);
    const telling = world.epoch(anna, { earlier: [{ epoch: second.id, key: second.key }] });
    expect(world.reasons(telling.entry)).toEqual(['not-allowed']);
  });

  test('[EPO-16] under the history policy any member above store may hold any valid epoch', () => {
    const world = new World(crypto);
    const { epoch } = world.epoch(world.owner);
    const [reading, store] = [world.member(world.owner, 'reader'), world.member(world.owner, 'store')];
    const membership = world.judge();
    expect([reading, store, world.fresh()].map(({ id }) => membership.mayHold(epoch.id, id))).toEqual([
      true,
      false,
      false,
    ]);
    expect(openGivenKey(crypto, world.genesisRecord, currentOf(world), epoch.key)).toEqual(epoch);
  });

  test('[EPO-5] [EPO-17] a key that is not the committed one is refused', () => {
    const world = new World(crypto);
    world.epoch(world.owner);
    const current = currentOf(world);
    const wrong = crypto.blake3(new Uint8Array(3));
    expect(() => openGivenKey(crypto, world.genesisRecord, current, wrong)).toThrow(code('bad-mac'));
  });

  test('[EPO-5] [EPO-6] an epoch whose commitments or constants do not fit is refused', () => {
    const world = new World(crypto);
    const { epoch } = world.epoch(world.owner);
    const current = currentOf(world);
    const changed = (change: Partial<EpochRecord>): Epoch => ({ ...current, record: { ...current.record, ...change } });
    for (const other of [
      changed({ keyCommitment: current.record.discoveryCommitment }),
      changed({ discoveryCommitment: current.record.keyCommitment }),
      changed({ constants: current.record.constants.map((byte) => byte ^ 1) }),
    ]) {
      expect(() => openGivenKey(crypto, world.genesisRecord, other, epoch.key)).toThrow(code('bad-mac'));
    }
  });

  test('[EPO-6] constants other than those of the genesis are refused', () => {
    const world = new World(crypto);
    const { epoch } = world.epoch(world.owner, { constants: newFolderConstants(world.random) });
    const current = currentOf(world);
    expect(() => openGivenKey(crypto, world.genesisRecord, current, epoch.key)).toThrow(code('bad-mac'));
  });

  test('[EPO-3] a box opens for its recipient, author and folder only', () => {
    const world = new World(crypto);
    const anna = world.member(world.owner, 'writer');
    world.epoch(world.owner);
    const current = currentOf(world);
    const open = (epoch: Epoch, folder = world.folder, boxSecret = anna.person.boxSecret): unknown =>
      openEpoch(crypto, folder, world.genesisRecord, epoch, { person: anna.personId, boxSecret });
    expect(open(current)).toBeDefined();
    expect(() => open({ ...current, author: anna.id })).toThrow(code('bad-mac'));
    expect(() => open(current, new World(crypto, { seed: 'other' }).folder)).toThrow(code('bad-mac'));
    expect(() => open(current, world.folder, world.owner.person.boxSecret)).toThrow(code('bad-mac'));
    const keyBoxes = current.record.keyBoxes.map((box) => ({ ...box, recipient: anna.personId }));
    const swapped = keyBoxes.filter((_, index) => current.record.keyBoxes[index]?.recipient !== anna.personId);
    expect(() => open({ ...current, record: { ...current.record, keyBoxes: swapped } })).toThrow(code('bad-mac'));
  });

  test('[EPO-7] an epoch carries earlier keys, each to be checked against its own', () => {
    const world = new World(crypto);
    const earlier = world.epoch(world.owner).epoch;
    const random = seeded(crypto, 'later');
    const place = placeAfter(world.folder, world.owner.log.at(-1) as Somebody['log'][0], [], 9n);
    const recipients = world.judge().recipients();
    const keys = [{ epoch: earlier.id, key: earlier.key }];
    const made = epochEntry(crypto, random, world.owner.device, place, {
      recipients,
      constants: world.constants,
      earlier: keys,
    });
    world.owner.log.push(made.entry);
    expect(world.reasons(made.entry)).toEqual(['not-owed']);
    const sealed = recordOf(made.entry);
    expect(openEarlier(crypto, made.epoch, sealed)).toEqual(keys);
    expect(openEarlier(crypto, earlier, sealed)).toEqual([]);
  });
});
