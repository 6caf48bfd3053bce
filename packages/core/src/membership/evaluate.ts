/** Judges membership: a pure function of the set of entries, whatever order they came in (`spec/03 §6`). */

import { toHex } from '../bytes.js';
import { type Crypto, checkEd25519Key, checkX25519Key } from '../crypto/index.js';
import { CloudlessError } from '../errors.js';
import {
  type DeviceId,
  type DeviceRecord,
  type Entry,
  type EntryHash,
  type FolderId,
  type GenesisRecord,
  genesisRecordOf,
  isCertified,
  type NextKeys,
  type PersonId,
  personIdOf,
  type Verified,
} from '../model/index.js';
import { type Causality, causalityOf, isBefore, type Node } from './causality.js';
import { EpochPass } from './epochs.js';
import { type Case, MemberPass } from './members.js';
import { Membership } from './membership.js';
import { People } from './people.js';
import { areUsable, type JudgedRecord, judgedRecords } from './records.js';
import { type Stop, Verdicts } from './verdicts.js';

type Stops = MemberPass['stops'];

/** Judges the growing set of one folder's entries; remembers what it found of each alone. */
export class MembershipJudge {
  readonly #crypto: Crypto;
  readonly #folder: FolderId;
  readonly #records = new Map<EntryHash, readonly JudgedRecord[]>();
  readonly #persons = new Map<DeviceId, PersonId>();
  /** By certificate and keys, whether they fit. */
  readonly #certified = new Map<string, boolean>();

  constructor(crypto: Crypto, folder: FolderId) {
    this.#crypto = crypto;
    this.#folder = folder;
  }

  /**
   * Judges the set `entries`; content entries and repeats make no difference. Throws `wrong-folder` for an entry of
   * another folder.
   */
  evaluate(entries: readonly Verified<Entry>[]): Membership {
    const graph = causalityOf(this.#folder, entries);
    const genesis = genesisOf(graph);
    return genesis === undefined ? this.#judgeNobody(graph) : this.#judge(graph, genesis);
  }

  #judgeNobody(graph: Causality): Membership {
    const verdicts = new Verdicts();
    for (const { entry } of graph.order) {
      for (const [index, { type }] of this.#recordsOf(entry).entries()) {
        verdicts.void(entry.hash, index, type, 'not-member');
      }
    }
    return new Membership({ folder: this.#folder, graph, voids: verdicts.sorted() });
  }

  #judge(graph: Causality, genesis: GenesisRecord): Membership {
    const pass = judgeMembers(this.#case(graph, genesis));
    const people = new People(pass);
    const verdicts = people.verdicts();
    const epochs = new EpochPass(pass, people);
    epochs.run(verdicts);
    return new Membership({
      folder: this.#folder,
      graph,
      judged: { genesis, pass, people, epochs },
      voids: verdicts.sorted(),
      stopped: firstStop(pass.stops),
    });
  }

  #case(graph: Causality, genesis: GenesisRecord): Case {
    return {
      graph,
      genesis,
      owners: genesis.owners.map(({ device }) => this.#personOf(device)),
      recordsOf: (node) => this.#recordsOf(node.entry),
      isJudged: () => true,
      personOf: (device) => this.#personOf(device),
      isCertifiedBy: ({ first, record }, keys) =>
        record.kind === 'device' && this.#isCertifiedBy(first.entry.hash, record.value, keys),
      isUsableDevice: ({ device, agreement }, { personSign, personBox }) =>
        areUsable(this.#crypto, { device, agreement, personSign, personBox }),
      isUsable: (keys) => this.#isUsable(keys),
    };
  }

  #isCertifiedBy(hash: EntryHash, record: DeviceRecord, { personSign, personBox }: NextKeys): boolean {
    const { device, agreement, certificate, generation } = record;
    const place = `${hash} ${toHex(personSign)} ${toHex(personBox)}`;
    const known = this.#certified.get(place);
    if (known !== undefined) return known;
    const keys = { device, agreement, personSign, personBox };
    const scope = { folder: this.#folder };
    const isBy = generation > 0 && isCertified(this.#crypto, scope, keys, certificate, generation);
    const fits = isBy && areUsable(this.#crypto, keys);
    this.#certified.set(place, fits);
    return fits;
  }

  /** Whether keys can be a person's: those of the person's devices are compared with them where they are used. */
  #isUsable({ personSign, personBox }: NextKeys): boolean {
    try {
      checkEd25519Key(personSign);
      checkX25519Key(this.#crypto, personBox);
      return true;
    } catch (error) {
      if (!(error instanceof CloudlessError) || error.code !== 'bad-key') throw error;
      return false;
    }
  }

  #personOf(device: DeviceId): PersonId {
    const person = this.#persons.get(device) ?? personIdOf(this.#crypto, device);
    this.#persons.set(device, person);
    return person;
  }

  #recordsOf(entry: Entry): readonly JudgedRecord[] {
    const known = this.#records.get(entry.hash);
    if (known !== undefined) return known;
    const records = judgedRecords(this.#crypto, this.#folder, entry);
    this.#records.set(entry.hash, records);
    return records;
  }
}

/** Judges one set of entries, as `MembershipJudge` does. */
export function evaluateMembership(crypto: Crypto, folder: FolderId, entries: readonly Verified<Entry>[]): Membership {
  return new MembershipJudge(crypto, folder).evaluate(entries);
}

/** A first pass finds what stops judging; where something does, a second one leaves out what comes after it. */
function judgeMembers(judged: Case): MemberPass {
  const all = new MemberPass(judged);
  all.run();
  if (all.stops.length === 0) return all;
  const { stops } = all;
  const some = new MemberPass({ ...judged, isJudged: notAfter(stops) });
  some.run();
  some.stops.push(...stops);
  return some;
}

function genesisOf(graph: Causality): GenesisRecord | undefined {
  const node = graph.order.find(({ entry }) => entry.header.folder === undefined);
  return node === undefined ? undefined : genesisRecordOf(node.entry);
}

/** What is neither such a record, nor after one in its entry, nor has seen one. */
function notAfter(stops: Stops): (node: Node, index: number) => boolean {
  return (node, index) => !stops.some((stop) => (stop.node === node ? index >= stop.index : isBefore(stop.node, node)));
}

/** One of them, the same for everybody. */
function firstStop(stops: Stops): Stop | undefined {
  const found = stops.map(({ node, type }): Stop => ({ entry: node.entry.hash, type }));
  return found.sort((a, b) => (a.entry < b.entry ? -1 : 1))[0];
}
