/** Gives a history of the model to the product's rules: entries and records as these see them, without any bytes. */
import { causalityOf, type Node } from '../../../src/membership/causality.js';
import { type Case, MemberPass } from '../../../src/membership/members.js';
import { People } from '../../../src/membership/people.js';
import type { JudgedRecord } from '../../../src/membership/records.js';
import type {
  DeviceId,
  Entry,
  EntryHash,
  FolderId,
  GenesisRecord,
  Head,
  MemberKeys,
  PersonId,
  Policy,
  Rank,
  Verified,
} from '../../../src/model/index.js';
import type { Act, History, Id, Item, Level } from './entries.js';
import type { Outcome } from './judge.js';

const ranks: readonly Rank[] = ['owner', 'admin', 'writer', 'reader', 'store'];

/** 64 hexadecimal digits that sort as the name does. */
function hexOf(name: string): string {
  let digits = '';
  for (let i = 0; i < name.length; i++) digits += name.charCodeAt(i).toString(16);
  return digits.padEnd(64, '0');
}

/** Some key of its own for each name. */
function keyOf(name: string): Uint8Array {
  return Uint8Array.from(name, (letter) => letter.charCodeAt(0));
}

function rankOf(level: Level): Rank {
  return ranks[level] as Rank;
}

function keysOf(log: string): MemberKeys {
  const key = keyOf(log);
  return { device: hexOf(log) as DeviceId, agreement: key, personSign: keyOf(`root ${log}`), personBox: key };
}

function policyOf(invite: Level, sinceJoin: boolean): Policy {
  return { invite: rankOf(invite), history: sinceJoin ? 'since-join' : 'all', retention: 'keep' };
}

class Real {
  readonly #history: History;
  readonly #items: ReadonlyMap<Id, Item>;
  readonly #byHash: ReadonlyMap<string, Item>;

  constructor(history: History) {
    this.#history = history;
    this.#items = new Map(history.items.map((item) => [item.id, item]));
    this.#byHash = new Map(history.items.map((item) => [hexOf(item.id), item]));
  }

  get folder(): FolderId {
    const genesis = this.#history.items.find(({ act }) => act?.is === 'genesis');
    return hexOf(genesis?.id ?? '') as FolderId;
  }

  get entries(): readonly Verified<Entry>[] {
    return this.#history.items.map((item) => this.#entry(item));
  }

  itemOf(node: Node): Item {
    return this.#byHash.get(node.entry.hash) as Item;
  }

  #entry({ id, log, seq, previous, heads, act }: Item): Verified<Entry> {
    const header = {
      version: 1,
      ...(act?.is === 'genesis' ? {} : { folder: this.folder }),
      device: hexOf(log) as DeviceId,
      log: 'membership' as const,
      seq,
      ...(previous === undefined ? {} : { previous: hexOf(previous) as EntryHash }),
      heads: this.#heads(heads),
      clock: 1n,
      flags: 0,
    };
    const parts = {
      headerBytes: new Uint8Array(),
      publicBytes: undefined,
      sealedBytes: undefined,
      signature: undefined,
    };
    return { header, hash: hexOf(id) as EntryHash, ...parts } as Entry as Verified<Entry>;
  }

  #heads(ids: readonly Id[]): readonly Head[] {
    return ids.map((id): Head => {
      const { log, seq } = this.#items.get(id) ?? { log: 'z9', seq: 1 };
      return { device: hexOf(log) as DeviceId, log: 'membership', seq, hash: hexOf(id) as EntryHash };
    });
  }

  get genesis(): GenesisRecord {
    const { owners, invite, sinceJoin } = this.#history;
    const none = new Uint8Array(32);
    const common = { kind: 'files', constants: none, nonce: none, certificates: [] };
    return { ...common, owners: owners.map(keysOf), policy: policyOf(invite, sinceJoin) };
  }

  record(item: Item): readonly JudgedRecord[] {
    return item.act === undefined ? [] : [this.#record(item, item.act)];
  }

  #record({ id, log }: Item, act: Act): JudgedRecord {
    const type = 0;
    switch (act.is) {
      case 'genesis':
        return { kind: 'genesis', type, value: this.genesis };
      case 'join': {
        const value = { admit: hexOf(act.admit) as EntryHash, keys: keysOf(log), certificate: new Uint8Array() };
        return { kind: 'join', type, value, certified: act.sound, usable: true };
      }
      case 'device': {
        const keys = { device: hexOf(log) as DeviceId, agreement: keyOf(log), certificate: new Uint8Array() };
        return { kind: 'device', type, value: { ...keys, person: hexOf(act.person) as PersonId, generation: 1 } };
      }
      case 'admit': {
        const value = { keys: keysOf(act.device), rank: rankOf(act.level) };
        return { kind: 'admit', type, value, person: hexOf(act.device) as PersonId, usable: true };
      }
      case 'rank': {
        const person = hexOf(act.person) as PersonId;
        return { kind: 'rank', type, value: { person, rank: rankOf(act.level), cut: this.#heads(act.cut) } };
      }
      case 'remove': {
        const person = act.person === undefined ? undefined : (hexOf(act.person) as PersonId);
        const device = act.device === undefined ? undefined : (hexOf(act.device) as DeviceId);
        const next = act.renews ? { personSign: keyOf(id), personBox: keyOf(id) } : undefined;
        return { kind: 'remove', type, value: { person, device, cut: this.#heads(act.cut), next } };
      }
      case 'policy':
        return { kind: 'policy', type, policy: policyOf(act.invite, act.sinceJoin) };
      case 'fork': {
        const place = { device: hexOf(act.log) as DeviceId, log: 'membership' as const, seq: act.seq };
        return { kind: 'fork', type, place };
      }
      case 'leave':
      case 'rotate':
        return { kind: act.is, type };
      default:
        return { kind: 'unknown', type };
    }
  }

  /** Whether these are the keys that the act of a further device says to have been certified by. */
  isCertifiedBy(item: Item, personSign: Uint8Array): boolean {
    if (item.act?.is !== 'device') return false;
    const by = this.#items.get(item.act.certifiedBy);
    const sign = by === undefined || by.seq === 1 ? `root ${by?.log}` : by.id;
    return sign === String.fromCharCode(...personSign);
  }
}

/** What the product's rules say of a history. */
export function judgeReal(history: History): Outcome {
  const real = new Real(history);
  const graph = causalityOf(real.folder, real.entries);
  const records = new Map(graph.order.map((node) => [node, real.record(real.itemOf(node))]));
  const judged: Case = {
    graph,
    genesis: real.genesis,
    owners: history.owners.map((owner) => hexOf(owner) as PersonId),
    recordsOf: (node) => records.get(node) ?? [],
    isJudged: () => true,
    personOf: (device) => device as string as PersonId,
    isCertifiedBy: ({ first }, { personSign }) => real.isCertifiedBy(real.itemOf(first), personSign),
    isUsableDevice: () => true,
    isUsable: () => true,
  };
  const pass = new MemberPass(judged);
  pass.run();
  const people = new People(pass);
  const names = new Map(history.items.map(({ log }) => [hexOf(log), log]));
  const voids = new Set(
    people
      .verdicts()
      .sorted()
      .map(({ entry }) => entry as string),
  );
  const inside = people.joined.filter(({ isOut }) => !isOut);
  const acts = graph.order.map((node) => real.itemOf(node)).filter(({ act }) => isJudgedAct(act));
  return {
    members: new Map(inside.map(({ person, rank }) => [names.get(person) ?? '', ranks.indexOf(rank) as Level])),
    devices: inside
      .flatMap(({ devices }) =>
        devices.filter(({ isOut, isClosed }) => !isOut && !isClosed).map(({ device }) => names.get(device) ?? ''),
      )
      .sort(),
    counted: new Set(acts.filter(({ id }) => !voids.has(hexOf(id))).map(({ id }) => id)),
  };
}

function isJudgedAct(act: Act | undefined): boolean {
  return act !== undefined && !['genesis', 'join', 'device'].includes(act.is);
}
