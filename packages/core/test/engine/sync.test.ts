import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../../src/memory/index.js';
import { type Head, headsDigest, type LogName, toEntryHash } from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { entriesOf, folderOf, invite, join, Puppet, read, type Stage, say, stage } from './stage.js';

const crypto = nodeCrypto();

function asBetty({ wire, amy, betty, folder }: Stage): Puppet {
  const puppet = new Puppet(wire, crypto, amy);
  puppet.say(puppet.hello(folder), puppet.proof(folder, folderOf(betty).row.deviceSeed));
  return puppet;
}

function headsOf(device: Stage['amy']): readonly Head[] {
  return folderOf(device)
    .logs.book.logs()
    .map(({ device: author, log, seq, hash }) => ({ device: author, log, seq, hash }));
}

function own(device: Stage['amy'], log: LogName['log']): LogName {
  return { device: folderOf(device).device, log };
}

describe('what each has', () => {
  it('[SYN-14] [SYN-16] a digest comes when a folder is open; an equal one ends it, another one brings heads', () => {
    const set = stage(crypto);
    const puppet = asBetty(set);
    const [digest] = puppet.take('digest');
    const heads = headsOf(set.amy);
    expect(digest?.digest).toEqual(headsDigest(crypto, heads));
    puppet.say({ type: 'digest', channel: 1, digest: headsDigest(crypto, [...heads].reverse()), count: 9 });
    expect(puppet.heard.filter(({ message }) => message.type === 'heads')).toEqual([]);
    expect(folderOf(set.amy).inStep()).toBe(true);
    const other = asBetty(set);
    other.say({ type: 'digest', channel: 1, digest: new Uint8Array(32), count: heads.length });
    expect(other.take('heads')).toEqual([
      { type: 'heads', channel: 1, heads: heads.map((head) => ({ head, start: 1 })), complete: true },
    ]);
  });

  it('[SYN-18] new entries are told to who does not follow them', () => {
    const set = stage(crypto);
    const puppet = asBetty(set);
    puppet.heard.length = 0;
    say(set.wire, set.amy, set.folder, 'news');
    const told = puppet.take('heads');
    expect(told.map(({ complete }) => complete)).toEqual([false]);
    expect(told[0]?.heads.map(({ head }) => head)).toEqual(
      headsOf(set.amy).filter((head) => head.log === 'content' && head.device === folderOf(set.amy).device),
    );
  });

  it('[SYN-21] content is asked for only when the membership logs are here', () => {
    const set = stage(crypto);
    const puppet = asBetty(set);
    puppet.heard.length = 0;
    const hash = toEntryHash(new Uint8Array(32));
    const heads = (['content', 'membership'] as const).map((log) => {
      return { head: { ...own(set.betty, log), seq: 5, hash }, start: 1 };
    });
    puppet.say({ type: 'heads', channel: 1, heads, complete: true });
    expect(puppet.take('get').map(({ log }) => log.log)).toEqual(['membership']);
  });
});

describe('what is asked for', () => {
  it('[SYN-20] who took entries says so', () => {
    const set = stage(crypto);
    say(set.wire, set.betty, set.folder, 'one');
    const puppet = asBetty(set);
    puppet.heard.length = 0;
    const entries = entriesOf(set.betty, 'content', folderOf(set.betty).device);
    puppet.say({ type: 'entries', channel: 1, entries, more: false });
    expect(puppet.take('heads')[0]?.heads.map(({ head }) => head)).toEqual(
      headsOf(set.betty).filter((head) => head.log === 'content'),
    );
  });

  it('[SYN-24] live entries stay behind the answer until its arrival is known, then go ahead', () => {
    const set = stage(crypto);
    const { wire, amy, folder } = set;
    say(wire, amy, folder, 'one');
    const puppet = asBetty(set);
    puppet.say({ type: 'get', channel: 1, log: own(amy, 'content'), after: 0 });
    say(wire, amy, folder, 'two');
    const head = (): Head => headsOf(amy).find((each) => each.log === 'content') as Head;
    const arrived = { head: head(), start: 1 };
    say(wire, amy, folder, 'three');
    puppet.say({ type: 'heads', channel: 1, heads: [arrived], complete: false });
    say(wire, amy, folder, 'four');
    puppet.say({ type: 'heads', channel: 1, heads: [{ head: head(), start: 1 }], complete: false });
    say(wire, amy, folder, 'five');
    const lanes = puppet.heard.filter(({ message }) => message.type === 'entries').map(({ lane }) => lane);
    expect(lanes).toEqual(['catchup', 'catchup', 'catchup', 'catchup', 'control']);
  });

  it('[SYN-26] nothing comes after an unfollow', () => {
    const set = stage(crypto);
    const { wire, amy, folder } = set;
    const log = own(amy, 'membership');
    const puppet = asBetty(set);
    puppet.say({ type: 'get', channel: 1, log, after: 0 });
    expect(puppet.take('entries').map(({ more }) => more)).toEqual([false]);
    puppet.say({ type: 'unfollow', channel: 1, log });
    folderOf(amy).append('notes', [new Uint8Array(1)]);
    wire.settle();
    expect(puppet.take('entries')).toEqual([]);
    expect(read(wire, amy, folder).length).toBe(1);
  });

  it('a long log comes in pieces, each asked for', () => {
    const set = stage(crypto);
    const { wire, amy, betty, folder } = set;
    const items = Array.from({ length: 40 }, (_, i) => new Uint8Array(60_000).fill(65 + (i % 26)));
    folderOf(amy).append('notes', items);
    const pieces: boolean[] = [];
    const puppet = asBetty(set);
    for (let after = 0; pieces.at(-1) !== false; after += 1) {
      puppet.say({ type: 'get', channel: 1, log: own(amy, 'content'), after });
      const [message] = puppet.take('entries');
      pieces.push(message?.more === true);
      after += (message?.entries.length ?? 0) - 1;
    }
    expect(pieces.length).toBeGreaterThan(2);
    wire.cut = false;
    wire.pass(60_000);
    expect(read(wire, betty, folder).length).toBe(40);
  });
});

describe('what a peer says that it has of our own log', () => {
  it('[LOG-43] is asked for before any of that log is sent', () => {
    const set = stage(crypto);
    say(set.wire, set.amy, set.folder, 'one');
    const puppet = asBetty(set);
    const name = own(set.amy, 'content');
    const head: Head = { ...name, seq: 1, hash: toEntryHash(new Uint8Array(32).fill(7)) };
    puppet.say({ type: 'heads', channel: 1, heads: [{ head, start: 1 }], complete: false });
    expect(puppet.take('get')).toContainEqual({ type: 'get', channel: 1, log: name, after: 0 });
    puppet.say({ type: 'get', channel: 1, log: name, after: 0 });
    expect(puppet.take('entries')).toEqual([]);
  });
});

describe('keys', () => {
  it('a newcomer asks each member that it meets', () => {
    const set = stage(crypto);
    const { wire, amy, betty, folder } = set;
    wire.cut = false;
    wire.pass(60_000);
    say(wire, amy, folder, 'hello');
    const carl = wire.add('carl', memoryStorage());
    wire.settle();
    join(wire, carl, invite(wire, betty, folder).link);
    expect(read(wire, carl, folder)).toEqual(['hello']);
    expect(folderOf(carl).logs.ring.missing(folderOf(carl).logs.membership)).toEqual([]);
  });
});
