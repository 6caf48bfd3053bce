import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/bytes.js';
import { type Crypto, signDomain } from '../../src/crypto/index.js';
import { memoryStorage } from '../../src/memory/index.js';
import {
  codeId,
  decodeMessage,
  encodeMessage,
  formatLink,
  freshDeviceKeys,
  freshPersonKeys,
  joinContext,
  type MemberKeys,
  type Message,
  type MessageOf,
  memberKeysOf,
  parseCode,
} from '../../src/model/index.js';
import { nodeCrypto } from '../../src/node/crypto.js';
import { providers } from '../providers.js';
import { create, folderOf, invite, join, Puppet, prepareRoots, result, type Stage, stage } from './stage.js';
import { Wire, type WiredDevice } from './wire.js';

const crypto = nodeCrypto();

function secretOf(link: string): Uint8Array {
  return (parseCode(link).invitation as { readonly secret: Uint8Array }).secret;
}

/** A puppet that comes to Amy with a code, and the keys it will name. */
class Joiner {
  readonly keys: MemberKeys;
  readonly seed: Uint8Array;
  readonly puppet: Puppet;
  readonly #provider: Crypto;

  constructor(provider: Crypto, { wire, amy }: Stage, link: string, seed = 3) {
    const random = (length: number): Uint8Array => provider.sha256(new Uint8Array([seed, ++count])).slice(0, length);
    let count = 0;
    const device = freshDeviceKeys(random);
    this.#provider = provider;
    this.seed = device.deviceSeed;
    this.keys = memberKeysOf(provider, device, freshPersonKeys(random));
    const via = { kind: 'code', codeId: codeId(provider, secretOf(link)) } as const;
    this.puppet = new Puppet(wire, provider, amy, { via, remoteStatic: this.keys.agreement });
  }

  ask(keys: MemberKeys = this.keys, seed: Uint8Array = this.seed): MessageOf<'join'> {
    const proof = signDomain(this.#provider, seed, 'join', joinContext(this.puppet.handshakeHash, keys));
    return { type: 'join', keys, proof };
  }
}

function members({ amy }: Stage): number {
  const { membership } = folderOf(amy).logs;
  return membership.members.length + membership.invited.length;
}

describe.each(providers)('honouring a code with $name', (provider) => {
  it('[SYN-31] a joiner with bad keys, a bad proof or another agreement key is refused, and nothing is burnt', () => {
    const set = stage(provider);
    const { link } = invite(set.wire, set.amy, set.folder);
    const other = new Joiner(provider, set, link, 9);
    const cases: readonly (readonly [string, (joiner: Joiner) => Message])[] = [
      ['bad-key', (joiner) => joiner.ask({ ...joiner.keys, personBox: joiner.keys.agreement })],
      ['bad-signature', (joiner) => joiner.ask(joiner.keys, other.seed)],
      ['bad-key', (joiner) => joiner.ask({ ...joiner.keys, agreement: other.keys.agreement })],
    ];
    for (const [kind, message] of cases) {
      const joiner = new Joiner(provider, set, link);
      joiner.puppet.say(message(joiner));
      expect([joiner.puppet.closedKind, joiner.puppet.heard]).toEqual([kind, []]);
    }
    expect(members(set)).toBe(2);
    expect(set.amy.engine.home.codes().filter((row) => row.usedBy !== undefined).length).toBe(1);
  });

  it('[SYN-33] the same device gets its admit again, on any connection; another is told that it is used', () => {
    const set = stage(provider);
    const { link } = invite(set.wire, set.amy, set.folder);
    const admits = [1, 2, 3].map(() => {
      const joiner = new Joiner(provider, set, link);
      joiner.puppet.say(joiner.ask(), joiner.ask());
      return joiner.puppet.take('admitted').map(({ admit }) => admit);
    });
    expect(new Set(admits.flat()).size).toBe(1);
    expect(admits.flat().length).toBe(6);
    const late = new Joiner(provider, set, link, 4);
    late.puppet.say(late.ask());
    expect(late.puppet.take('refused')).toEqual([{ type: 'refused', reason: 1 }]);
    expect(members(set)).toBe(3);
  });

  it('[SYN-38] nothing is said before the joiner is let in, whatever it sends', () => {
    const set = stage(provider);
    const { link } = invite(set.wire, set.amy, set.folder);
    const { puppet } = new Joiner(provider, set, link);
    expect(puppet.heard).toEqual([]);
    puppet.say(puppet.proof(set.folder, new Uint8Array(32).fill(5)));
    expect([puppet.heard, puppet.closedKind]).toEqual([[], 'protocol']);
    const hello = new Joiner(provider, set, link).puppet;
    hello.say(hello.hello(set.folder));
    expect([hello.heard, hello.closedKind]).toEqual([[], 'protocol']);
  });
});

describe('refusing a code', () => {
  it('[SYN-32] unknown, then used and expired, each in its words, and nothing is written', () => {
    const set = stage(crypto);
    const { wire, amy, folder } = set;
    const expired = invite(wire, amy, folder, 1_000);
    wire.pass(2_000);
    const joiner = new Joiner(crypto, set, expired.link);
    joiner.puppet.say(joiner.ask());
    expect(joiner.puppet.take('refused')).toEqual([{ type: 'refused', reason: 0 }]);
    const nobody = formatLink({ type: 'code', secret: new Uint8Array(16).fill(9), addresses: [] });
    const stranger = new Joiner(crypto, set, nobody);
    stranger.puppet.say(stranger.ask());
    expect(stranger.puppet.take('refused')).toEqual([{ type: 'refused', reason: 2 }]);
    expect(members(set)).toBe(2);
  });
});

/** Amy with a folder, Mallory with another, and Betty, who has a link. */
function three(): { wire: Wire; amy: WiredDevice; mallory: WiredDevice; betty: WiredDevice; folder: string } {
  const wire = new Wire(crypto);
  const [amy, mallory, betty] = ['amy', 'mallory', 'betty'].map((name) => wire.add(name, memoryStorage())) as [
    WiredDevice,
    WiredDevice,
    WiredDevice,
  ];
  wire.settle();
  const folder = create(wire, amy);
  create(wire, mallory);
  return { wire, amy, mallory, betty, folder };
}

describe('the joiner', () => {
  it('[SYN-35] refuses another device than the maker of its link, even one that knows the code', () => {
    const { wire, mallory, betty, amy, folder } = three();
    const { link } = invite(wire, mallory, folderOf(mallory).folder);
    const forged = formatLink({
      type: 'code',
      secret: secretOf(link),
      maker: folderOf(amy).device,
      addresses: ['mallory:1'],
    });
    const id = join(wire, betty, forged);
    expect([betty.engine.folders(), betty.replies.has(id), folder.length]).toEqual([[], false, 64]);
    wire.pass(70_000);
    expect(betty.replies.get(id)?.code).toBe('timeout');
    expect(betty.engine.home.folders()).toEqual([]);
  });

  it('refuses a name that leads elsewhere or into what programs read by themselves', () => {
    for (const name of ['.ssh', 'a/b', '..', '']) {
      const { wire, amy, betty, folder } = three();
      const { link } = invite(wire, amy, folder);
      wire.tap = (_from, bytes) => {
        const message = decodeMessage(bytes);
        return message?.type === 'admitted' ? encodeMessage({ ...message, name }) : bytes;
      };
      join(wire, betty, link);
      expect(betty.effects.filter((effect) => effect.type === 'task')).toEqual([]);
      expect(betty.engine.folders()).toEqual([]);
    }
  });

  it('[SYN-36] writes nothing before it has seen its admit in the logs of who answered', () => {
    const { wire, amy, betty, folder } = three();
    const { link } = invite(wire, amy, folder);
    wire.tap = (from, bytes) => (from === amy && decodeMessage(bytes)?.type === 'entries' ? undefined : bytes);
    const id = join(wire, betty, link);
    const { logs } = folderOf(betty);
    expect(logs.book.log({ device: logs.device, log: 'membership' })).toBeUndefined();
    wire.tap = (_from, bytes) => bytes;
    wire.break();
    wire.pass(30_000);
    prepareRoots(wire, betty);
    expect(result<{ name: string }>(betty, id).name).toBe('talk');
    expect(logs.book.log({ device: logs.device, log: 'membership' })?.seq).toBe(1);
  });

  it('[SEC-3] has other keys in each folder', () => {
    const { wire, mallory, amy, betty, folder } = three();
    const second = folderOf(mallory).folder;
    join(wire, betty, invite(wire, amy, folder).link);
    join(wire, betty, invite(wire, mallory, second).link);
    const rows = betty.engine.home.folders();
    const secrets = rows.flatMap((row) => [
      row.deviceSeed,
      row.agreementSecret,
      row.personSignSeed,
      row.personBoxSecret,
    ]);
    expect([rows.length, new Set(secrets.map(String)).size]).toEqual([2, 8]);
  });

  it('is told when it has that folder already, and keeps it', () => {
    const { wire, amy, betty, folder } = three();
    result(betty, join(wire, betty, invite(wire, amy, folder).link));
    const id = join(wire, betty, invite(wire, amy, folder).link);
    expect(betty.replies.get(id)?.code).toBe('exists');
    expect(betty.engine.home.folders().length).toBe(1);
  });

  it('a code with a wrong character is refused at once, and nobody is asked', () => {
    const { wire, amy, betty, folder } = three();
    const { code } = invite(wire, amy, folder);
    const wrong = code.replace(/^./, (first) => (first === '7' ? '8' : '7'));
    let heard = 0;
    wire.tap = (_from, bytes) => {
      heard += 1;
      return bytes;
    };
    const id = join(wire, betty, wrong);
    expect([betty.replies.get(id)?.code, heard]).toEqual(['code-mistyped', 0]);
    expect(fromHex(folder)?.length).toBe(32);
  });
});
