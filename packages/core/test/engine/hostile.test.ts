import { describe, expect, it } from 'vitest';
import { toHex, utf8 } from '../../src/bytes.js';
import {
  appendCodec,
  encodeBulk,
  encodeEntry,
  encodeMessage,
  folderMac,
  type Head,
  type Message,
  record,
  signEntry,
  toDeviceId,
  toEntryHash,
} from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { providers } from '../providers.js';
import { entriesOf, folderOf, Puppet, read, type Stage, say, stage } from './stage.js';

const crypto = nodeCrypto();
const strangerSeed = new Uint8Array(32).fill(0x77);

/** A puppet that is the member Betty, with the folder open. */
function asBetty({ wire, amy, betty, folder }: Stage): Puppet {
  const puppet = new Puppet(wire, crypto, amy);
  puppet.say(puppet.hello(folder), puppet.proof(folder, folderOf(betty).row.deviceSeed));
  return puppet;
}

/** A puppet with a key that nobody let in, with the folder open. */
function asStranger({ wire, amy, folder }: Stage): Puppet {
  const puppet = new Puppet(wire, crypto, amy);
  puppet.say(puppet.hello(folder), puppet.proof(folder, strangerSeed));
  return puppet;
}

function content(device: Stage['amy']): { readonly device: ReturnType<typeof toDeviceId>; readonly log: 'content' } {
  return { device: folderOf(device).device, log: 'content' };
}

describe.each(providers)('opening folders with $name', (provider) => {
  it('[SYN-8] a hello holds the own MACs among random ones, in order, eight or a multiple', () => {
    const { wire, amy, folder } = stage(provider);
    const puppet = new Puppet(wire, provider, amy);
    const [hello] = puppet.take('hello');
    const macs = (hello?.folders ?? []).map(toHex);
    const own = folderMac(provider, { handshakeHash: puppet.handshakeHash, initiator: !puppet.initiator }, folder);
    expect(macs.length).toBe(8);
    expect(macs).toEqual([...macs].sort());
    expect(macs).toContain(toHex(own));
    expect(macs).not.toContain(toHex(folderMac(provider, puppet, folder)));
  });

  it('[SYN-10] the initiator proves what both have; the other side waits for that', () => {
    const { wire, amy, betty, folder } = stage(provider);
    const dialler = new Puppet(wire, provider, amy);
    dialler.say(dialler.hello(folder));
    expect(dialler.take('prove')).toEqual([]);
    dialler.say(dialler.proof(folder, folderOf(betty).row.deviceSeed));
    expect(dialler.take('prove').length).toBe(1);
    const answerer = new Puppet(wire, provider, amy, { initiator: true });
    expect(answerer.take('prove')).toEqual([]);
    answerer.say(answerer.hello(folder));
    expect(answerer.take('prove').length).toBe(1);
  });

  it('[SYN-11] a prove of another connection, of another key, or sent back is refused', () => {
    const { wire, amy, betty, folder } = stage(provider);
    const seed = folderOf(betty).row.deviceSeed;
    const proof = new Puppet(wire, provider, amy).proof(folder, seed);
    const puppets = Array.from({ length: 3 }, () => new Puppet(wire, provider, amy));
    const [replayed, forged, echoed] = puppets as [Puppet, Puppet, Puppet];
    replayed.say({ ...proof, folder: folderMac(provider, replayed, folder) });
    forged.say({ ...forged.proof(folder, strangerSeed), device: folderOf(betty).device });
    echoed.say(echoed.proof(folder, folderOf(amy).row.deviceSeed));
    expect([replayed.closedKind, forged.closedKind, echoed.closedKind]).toEqual([
      'bad-signature',
      'bad-signature',
      'protocol',
    ]);
    for (const puppet of puppets) expect(puppet.take('prove')).toEqual([]);
  });
});

describe('rules of a connection', () => {
  it('[SYN-6] another version of hello is refused', () => {
    const { wire, amy, folder } = stage(crypto);
    const puppet = new Puppet(wire, crypto, amy);
    puppet.say({ ...puppet.hello(folder), version: 2 });
    expect(puppet.closedKind).toBe('unknown-version');
  });

  it('a second hello, a second prove and a channel opened twice are refused', () => {
    const set = stage(crypto);
    const { wire, amy, betty, folder } = set;
    const seed = folderOf(betty).row.deviceSeed;
    const twice = new Puppet(wire, crypto, amy);
    twice.say(twice.hello(folder), twice.hello(folder));
    const proved = asBetty(set);
    proved.say(proved.proof(folder, seed, 2));
    expect([twice.closedKind, proved.closedKind]).toEqual(['protocol', 'protocol']);
  });

  it('a prove of a folder that is not here is passed over', () => {
    const { wire, amy } = stage(crypto);
    const puppet = new Puppet(wire, crypto, amy);
    puppet.say(puppet.proof('ab'.repeat(32) as Stage['folder'], strangerSeed));
    expect([puppet.closedFor, puppet.take('prove')]).toEqual([undefined, []]);
  });

  it('[SYN-12] every message on a channel that is not open is refused', () => {
    const set = stage(crypto);
    const log = content(set.amy);
    const messages: readonly Message[] = [
      { type: 'digest', channel: 9, digest: new Uint8Array(32), count: 0 },
      { type: 'heads', channel: 9, heads: [], complete: true },
      { type: 'get', channel: 9, log, after: 0 },
      { type: 'entries', channel: 9, entries: [], more: false },
      { type: 'unfollow', channel: 9, log },
      { type: 'keys', channel: 9, epochs: [] },
      { type: 'given', channel: 9, keys: [] },
    ];
    for (const message of messages) {
      const puppet = asBetty(set);
      puppet.say(message);
      expect([message.type, puppet.closedKind]).toEqual([message.type, 'protocol']);
    }
  });

  it('messages of a join are refused where no code was used', () => {
    const { wire, amy } = stage(crypto);
    const puppet = new Puppet(wire, crypto, amy);
    puppet.say({ type: 'refused', reason: 0 });
    expect(puppet.closedKind).toBe('protocol');
  });

  it('[SYN-3] what follows a refused message is not taken, and nothing changes', () => {
    const set = stage(crypto);
    const { wire, amy, betty, folder } = set;
    say(wire, betty, folder, 'late');
    for (const garbage of [new Uint8Array(), new Uint8Array([0xff, 0, 1]), new Uint8Array(5_000).fill(0x91)]) {
      const puppet = asBetty(set);
      const entries = entriesOf(betty, 'content', folderOf(betty).device);
      puppet.say(garbage, encodeMessage({ type: 'entries', channel: 1, entries, more: false }));
      expect(puppet.closedKind).toMatch(/^(malformed|non-canonical|over-limit)$/);
      expect(read(wire, amy, folder)).toEqual([]);
    }
    const honest = asBetty(set);
    const entries = entriesOf(betty, 'content', folderOf(betty).device);
    honest.say({ type: 'entries', channel: 1, entries, more: false });
    expect(read(wire, amy, folder)).toEqual(['late']);
  });
});

describe('[SYN-13] [SEC-1] who is no member', () => {
  it('sees membership logs and no content, live or asked for', () => {
    const set = stage(crypto);
    const { wire, amy, folder } = set;
    say(wire, amy, folder, 'secret');
    const puppet = asStranger(set);
    puppet.say({ type: 'digest', channel: 1, digest: new Uint8Array(32), count: 0 });
    const told = puppet.take('heads').flatMap(({ heads }) => heads);
    expect(new Set(told.map(({ head }) => head.log))).toEqual(new Set(['membership']));
    puppet.say({ type: 'get', channel: 1, log: content(amy), after: 0 });
    expect(puppet.take('entries')).toEqual([]);
    const { device } = folderOf(amy);
    puppet.say({ type: 'get', channel: 1, log: { device, log: 'membership' }, after: 0 });
    expect(puppet.take('entries').length).toBe(1);
    puppet.heard.length = 0;
    say(wire, amy, folder, 'another');
    expect(puppet.heard).toEqual([]);
  });

  it('gets no keys', () => {
    const set = stage(crypto);
    const epochs = folderOf(set.amy).logs.membership.epochs.map(({ id }) => id);
    const puppet = asStranger(set);
    puppet.say({ type: 'keys', channel: 1, epochs });
    expect(puppet.take('given')).toEqual([]);
    const member = asBetty(set);
    member.say({ type: 'keys', channel: 1, epochs });
    expect(member.take('given')[0]?.keys.map(({ epoch }) => epoch)).toEqual(epochs);
  });

  it('[SYN-42] gets no chunks, nor does who has not opened the folder', () => {
    const set = stage(crypto);
    const { wire, amy } = set;
    const ids = ['cd'.repeat(32)] as never;
    const unopened = new Puppet(wire, crypto, amy);
    for (const puppet of [asStranger(set), unopened, asBetty(set)]) {
      const bytes = encodeBulk({ type: 'want', channel: 1, ids });
      amy.post({ type: 'wanted', connection: puppet.connection, stream: 5, bytes });
      wire.settle();
      const served = amy.effects.filter((each) => each.type === 'serve' && each.connection === puppet.connection);
      const isMember = puppet.closedFor === undefined;
      expect(served.length).toBe(isMember ? 1 : 0);
      if (!isMember) expect(puppet.closedKind).toBe('protocol');
    }
    // Later, so that this connection takes the place of the one before.
    wire.pass(10_000);
    const rude = asBetty(set);
    const bytes = encodeBulk({ type: 'missing', id: ids[0] as never });
    amy.post({ type: 'wanted', connection: rude.connection, stream: 5, bytes });
    wire.settle();
    expect(rude.closedKind).toBe('protocol');
  });

  it('[SYN-23] has content logs that nobody takes', () => {
    const set = stage(crypto);
    const { amy, folder } = set;
    const puppet = asStranger(set);
    const device = toDeviceId(crypto.ed25519Public(strangerSeed));
    const header = { folder, device, log: 'content', seq: 1, heads: [], clock: 1n, flags: 0 } as const;
    const entry = signEntry(crypto, strangerSeed, { header });
    const head: Head = { device, log: 'content', seq: 1, hash: entry.hash };
    puppet.say({ type: 'heads', channel: 1, heads: [{ head, start: 1 }], complete: true });
    expect(puppet.take('get')).toEqual([]);
    puppet.say({ type: 'entries', channel: 1, entries: [encodeEntry(entry)], more: false });
    expect(folderOf(amy).logs.book.log({ device, log: 'content' })).toBeUndefined();
    expect(puppet.closedFor).toBeUndefined();
  });
});

describe('[SYN-22] [SEC-2] entries that are not what follows', () => {
  function offered(change: (entries: readonly Uint8Array[], set: Stage) => readonly Uint8Array[]): {
    readonly puppet: Puppet;
    readonly lines: readonly unknown[];
  } {
    const set = stage(crypto);
    for (const line of ['one', 'two', 'three']) say(set.wire, set.betty, set.folder, line);
    const puppet = asBetty(set);
    const entries = change(entriesOf(set.betty, 'content', folderOf(set.betty).device), set);
    puppet.say({ type: 'entries', channel: 1, entries, more: false });
    return { puppet, lines: read(set.wire, set.amy, set.folder) };
  }

  it('of another folder', () => {
    const { puppet, lines } = offered((_entries, { betty }) => {
      const { device, row } = folderOf(betty);
      const folder = 'ab'.repeat(32) as Stage['folder'];
      const header = { folder, device, log: 'content', seq: 1, heads: [], clock: 1n, flags: 0 } as const;
      return [encodeEntry(signEntry(crypto, row.deviceSeed, { header }))];
    });
    expect([puppet.closedKind, lines]).toEqual(['wrong-folder', []]);
  });

  it('with a gap, in another order, or of two logs', () => {
    const changes: readonly ((entries: readonly Uint8Array[], set: Stage) => readonly Uint8Array[])[] = [
      ([one, , three]) => [one, three] as Uint8Array[],
      ([one, two, three]) => [one, three, two] as Uint8Array[],
      ([one], { betty }) => [one as Uint8Array, ...entriesOf(betty, 'membership', folderOf(betty).device)],
    ];
    for (const change of changes) {
      const { puppet, lines } = offered(change);
      expect([puppet.closedKind, lines]).toEqual(['bad-chain', []]);
    }
  });

  it('that begin too late are asked for from where the log stands', () => {
    const { puppet, lines } = offered((entries) => entries.slice(1));
    expect([puppet.closedFor, lines]).toEqual([undefined, []]);
    expect(puppet.take('get').map(({ after }) => after)).toContain(0);
  });

  it('that are here already change nothing', () => {
    const { puppet, lines } = offered((entries) => entries);
    expect([puppet.closedFor, lines]).toEqual([undefined, ['one', 'two', 'three']]);
  });
});

describe('bounds', () => {
  it('[SYN-27] heads of too many logs are refused', () => {
    const puppet = asBetty(stage(crypto));
    const heads = Array.from({ length: 2_048 }, (_, i) => {
      const device = toDeviceId(crypto.sha256(utf8(`${i}`)));
      return { head: { device, log: 'content', seq: 1, hash: toEntryHash(new Uint8Array(32)) } as const, start: 1 };
    });
    const others = heads.map(({ head }) => ({ head: { ...head, log: 'membership' } as const, start: 1 }));
    puppet.say({ type: 'heads', channel: 1, heads, complete: false });
    expect(puppet.closedFor).toBeUndefined();
    puppet.say({ type: 'heads', channel: 1, heads: others, complete: false });
    const [{ head } = { head: undefined }] = heads;
    const device = toDeviceId(new Uint8Array(32).fill(1));
    const more = [{ head: { ...(head as Head), device }, start: 1 }];
    puppet.say({ type: 'heads', channel: 1, heads: more, complete: true });
    expect(puppet.closedKind).toBe('over-limit');
  });

  it('a get beyond the end, or of a log that is not here, has no answer', () => {
    const set = stage(crypto);
    const puppet = asBetty(set);
    const nobody = { device: 'ab'.repeat(32) as never, log: 'membership' } as const;
    puppet.heard.length = 0;
    puppet.say({ type: 'get', channel: 1, log: { ...content(set.amy), log: 'membership' }, after: 2 ** 53 - 1 });
    puppet.say({ type: 'get', channel: 1, log: nobody, after: 0 });
    expect([puppet.heard, puppet.closedFor]).toEqual([[], undefined]);
  });

  it('[SYN-28] a false claim about a head closes no log', () => {
    const set = stage(crypto);
    const { wire, amy, folder } = set;
    say(wire, amy, folder, 'one', 'two');
    const puppet = asBetty(set);
    const head = { ...content(amy), seq: 1, hash: toEntryHash(new Uint8Array(32).fill(7)) };
    puppet.say({ type: 'heads', channel: 1, heads: [{ head, start: 1 }], complete: false });
    expect(puppet.take('get').map(({ after }) => after)).toContain(0);
    expect([puppet.closedFor, folderOf(amy).logs.forks.size]).toEqual([undefined, 0]);
  });

  it('records that a member made up break nobody', () => {
    const { wire, amy, betty, folder } = stage(crypto);
    const { logs } = folderOf(betty);
    const far = { stream: 'notes', index: Number.MAX_SAFE_INTEGER, data: utf8('far') };
    logs.append([{ type: 49, payload: new Uint8Array([0xc1]) }], []);
    logs.append([record('append', appendCodec, far)], []);
    logs.append(
      [
        { type: 48, payload: new Uint8Array([1, 2]) },
        { type: 60_000, payload: new Uint8Array() },
      ],
      [],
    );
    wire.cut = false;
    wire.pass(60_000);
    say(wire, betty, folder, 'still here');
    expect(read(wire, amy, folder)).toContain('still here');
    expect(folderOf(amy).logs.waiting()).toEqual([]);
  });
});
