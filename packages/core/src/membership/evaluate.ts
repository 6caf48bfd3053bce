/** Judges membership: a pure function of the set of entries, whatever order they came in (`spec/03 §6`). */

import type { Crypto } from '../crypto/index.js';
import {
  type Entry,
  type EntryHash,
  type FolderId,
  type GenesisRecord,
  genesisRecordOf,
  personIdOf,
  type Verified,
} from '../model/index.js';
import { type Causality, causalityOf, isBefore, type Node } from './causality.js';
import { EpochPass, type Receiver } from './epochs.js';
import { MemberPass, type Members } from './members.js';
import { Membership } from './membership.js';
import { type JudgedRecord, judgedRecords } from './records.js';
import { type Stop, Verdicts } from './verdicts.js';

interface Genesis {
  readonly node: Node;
  readonly record: GenesisRecord;
}

interface MembersJudged {
  readonly stops: Members['stops'];
  readonly isJudged: (node: Node, index: number) => boolean;
  readonly verdicts: Verdicts;
  readonly members: Members;
}

/** Judges the growing set of one folder's entries; remembers what it found of each alone. */
export class MembershipJudge {
  readonly #crypto: Crypto;
  readonly #folder: FolderId;
  readonly #records = new Map<EntryHash, readonly JudgedRecord[]>();

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
    const genesis = this.#genesisOf(graph);
    return genesis === undefined ? this.#judgeNobody(graph) : this.#judge(graph, genesis);
  }

  #judgeNobody(graph: Causality): Membership {
    const verdicts = new Verdicts();
    for (const node of graph.order) this.#voidEntry(verdicts, node.entry, 'not-member');
    for (const entry of graph.forked) this.#voidEntry(verdicts, entry, 'fork');
    return new Membership({ ...nobody, folder: this.#folder, graph, voids: verdicts.sorted() });
  }

  #judge(graph: Causality, genesis: Genesis): Membership {
    const { stops, isJudged, verdicts, members } = this.#judgeMembers(graph, genesis);
    const { joined, invited } = members;
    const owners = this.#ownersOf(genesis.record);
    const epochs = new EpochPass({ graph, genesis: genesis.record, owners, joined });
    epochs.run((node) => this.#recordsOf(node.entry), isJudged, verdicts);
    for (const entry of graph.forked) this.#voidEntry(verdicts, entry, 'fork');
    return new Membership({
      folder: this.#folder,
      graph,
      genesis: genesis.record,
      owners,
      joined,
      invited,
      epochs,
      voids: verdicts.sorted(),
      stopped: firstStop(stops, forksOf(graph, joined)),
    });
  }

  /** A first pass finds what stops judging; where something does, a second one leaves out what comes after it. */
  #judgeMembers(graph: Causality, genesis: Genesis): MembersJudged {
    const everything = (): boolean => true;
    const all = new Verdicts();
    const members = this.#memberPass(graph, genesis, everything, all);
    const { stops } = members;
    if (stops.length === 0) return { stops, isJudged: everything, verdicts: all, members };
    const isJudged = notAfter(stops);
    const verdicts = new Verdicts();
    return { stops, isJudged, verdicts, members: this.#memberPass(graph, genesis, isJudged, verdicts) };
  }

  #memberPass(
    graph: Causality,
    genesis: Genesis,
    isJudged: (node: Node, index: number) => boolean,
    verdicts: Verdicts,
  ): Members {
    const recordsOf = (node: Node): readonly JudgedRecord[] => this.#recordsOf(node.entry);
    return new MemberPass({ crypto: this.#crypto, graph, genesis, recordsOf, isJudged, verdicts }).run();
  }

  #genesisOf(graph: Causality): Genesis | undefined {
    const node = graph.order.find(({ entry }) => entry.header.folder === undefined);
    return node === undefined ? undefined : { node, record: genesisRecordOf(node.entry) };
  }

  #ownersOf(genesis: GenesisRecord): readonly Receiver[] {
    return genesis.owners.map((keys) => ({ person: personIdOf(this.#crypto, keys.device), keys, isStore: false }));
  }

  #recordsOf(entry: Entry): readonly JudgedRecord[] {
    const known = this.#records.get(entry.hash);
    if (known !== undefined) return known;
    const records = judgedRecords(this.#crypto, this.#folder, entry);
    this.#records.set(entry.hash, records);
    return records;
  }

  #voidEntry(verdicts: Verdicts, entry: Entry, reason: 'not-member' | 'fork'): void {
    for (const [index, { type }] of this.#recordsOf(entry).entries()) verdicts.void(entry.hash, index, type, reason);
  }
}

/** Judges one set of entries, as `MembershipJudge` does. */
export function evaluateMembership(crypto: Crypto, folder: FolderId, entries: readonly Verified<Entry>[]): Membership {
  return new MembershipJudge(crypto, folder).evaluate(entries);
}

const nobody = {
  genesis: undefined,
  owners: [],
  joined: [],
  invited: [],
  epochs: undefined,
  stopped: undefined,
} as const;

/** What is neither such a record, nor after one in its entry, nor has seen one. */
function notAfter(stops: Members['stops']): (node: Node, index: number) => boolean {
  return (node, index) => !stops.some((stop) => (stop.node === node ? index >= stop.index : isBefore(stop.node, node)));
}

/** Forks of members: a stranger's stop nothing. */
function forksOf(graph: Causality, joined: Members['joined']): readonly Stop[] {
  const members = new Set(joined.map(({ keys }) => keys.device));
  const own = graph.forked.filter(({ header }) => members.has(header.device));
  return own.map(({ hash }) => ({ entry: hash, cause: 'fork' }));
}

/** One of them, the same for everybody. */
function firstStop(stops: Members['stops'], forks: readonly Stop[]): Stop | undefined {
  const records = stops.map(({ node, type }): Stop => ({ entry: node.entry.hash, cause: 'record', type }));
  return [...records, ...forks].sort((a, b) => (a.entry < b.entry ? -1 : 1))[0];
}
