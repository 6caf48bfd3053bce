/** Which epochs are valid, which is current, and whether one is owed (`spec/05 §4`). */

import {
  compareRanks,
  type DeviceId,
  type EpochId,
  type EpochRecord,
  entryHashBytes,
  type GenesisRecord,
  type MemberKeys,
  type PersonId,
  type SealedBox,
  toEpochId,
} from '../model/index.js';
import { type Causality, hasSeen, isBefore, type Node } from './causality.js';
import type { Joined, RecordsOf } from './members.js';
import type { Verdicts, VoidReason } from './verdicts.js';

/** A valid epoch. */
export interface Epoch {
  /** Hash of the header of the entry that made it. */
  readonly id: EpochId;
  readonly author: DeviceId;
  readonly record: EpochRecord;
}

/** Whom an epoch is sealed to. */
export interface Recipient {
  readonly person: PersonId;
  /** X25519 public key. */
  readonly boxKey: Uint8Array;
}

/** Recipients of the key, and of the discovery secret alone (store peers); each by person id. */
export interface Recipients {
  readonly key: readonly Recipient[];
  readonly discovery: readonly Recipient[];
}

/** A person who receives boxes. */
export interface Receiver {
  readonly person: PersonId;
  readonly keys: MemberKeys;
  readonly isStore: boolean;
}

export function recipientsOf(receivers: readonly Receiver[]): Recipients {
  const sorted = [...receivers].sort((a, b) => (a.person < b.person ? -1 : 1));
  const toRecipient = ({ person, keys }: Receiver): Recipient => ({ person, boxKey: keys.personBox });
  return {
    key: sorted.filter(({ isStore }) => !isStore).map(toRecipient),
    discovery: sorted.filter(({ isStore }) => isStore).map(toRecipient),
  };
}

interface ValidEpoch extends Epoch {
  readonly node: Node;
}

/** Judges epochs after members. Owners receive boxes from the genesis on, others from their join. */
export class EpochPass {
  readonly #graph: Causality;
  readonly #genesis: GenesisRecord;
  readonly #owners: readonly Receiver[];
  readonly #joined: readonly Joined[];
  readonly #valid: ValidEpoch[] = [];

  constructor(options: {
    readonly graph: Causality;
    readonly genesis: GenesisRecord;
    readonly owners: readonly Receiver[];
    readonly joined: readonly Joined[];
  }) {
    this.#graph = options.graph;
    this.#genesis = options.genesis;
    this.#owners = options.owners;
    this.#joined = options.joined;
  }

  run(recordsOf: RecordsOf, isJudged: (node: Node, index: number) => boolean, verdicts: Verdicts): void {
    const authors = new Map(this.#joined.map((joined) => [joined.node.log, joined]));
    for (const node of this.#graph.order) {
      const author = authors.get(node.log);
      if (author === undefined) continue;
      for (const [index, record] of recordsOf(node).entries()) {
        if (record.kind !== 'epoch' || !isJudged(node, index)) continue;
        const reason = this.#trouble(author, node, record.value);
        if (reason !== undefined) verdicts.void(node.entry.hash, index, record.type, reason);
        else this.#valid.push({ id: epochIdOf(node), author: author.keys.device, record: record.value, node });
      }
    }
    this.#valid.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Valid ones by id. */
  get epochs(): readonly Epoch[] {
    return this.#valid.map(({ id, author, record }) => ({ id, author, record }));
  }

  /** Of those that no other has seen, the one with the smallest id. */
  get current(): EpochId | undefined {
    const isSeen = (epoch: ValidEpoch): boolean => this.#valid.some((other) => isBefore(epoch.node, other.node));
    return this.#valid.find((epoch) => !isSeen(epoch))?.id;
  }

  /** Whether a new epoch is called for: there is none, or policy asks for one after a join that none has seen. */
  get isOwed(): boolean {
    return this.#isOwed(this.#joined, this.#valid);
  }

  /** Whether the epoch had seen the member's join, so that the member was among its recipients. */
  hadSeen(epoch: EpochId, member: Joined): boolean {
    const node = this.#valid.find(({ id }) => id === epoch)?.node;
    return node !== undefined && hasSeen(node, member.node.log, 1);
  }

  #trouble(author: Joined, node: Node, record: EpochRecord): VoidReason | undefined {
    if (compareRanks(author.rank, 'writer') > 0) return 'not-allowed';
    if (this.#valid.some((other) => other.node === node)) return 'misplaced';
    if (this.#genesis.policy.history === 'since-join' && record.earlier.length > 0) return 'not-allowed';
    const members = this.#joined.filter((joined) => hasSeen(node, joined.node.log, 1));
    const expected = recipientsOf([...this.#owners, ...members.filter(isReceiver).map(toReceiver)]);
    const isRight = isFor(record.keyBoxes, expected.key) && isFor(record.discoveryBoxes, expected.discovery);
    if (!isRight) return 'wrong-recipients';
    const earlier = this.#valid.filter((other) => isBefore(other.node, node));
    return this.#isOwed(members, earlier) ? undefined : 'not-owed';
  }

  #isOwed(members: readonly Joined[], epochs: readonly ValidEpoch[]): boolean {
    if (epochs.length === 0) return true;
    if (this.#genesis.policy.history === 'all') return false;
    const isNew = (member: Joined): boolean => !epochs.some(({ node }) => hasSeen(node, member.node.log, 1));
    return members.filter(isReceiver).some(isNew);
  }
}

function epochIdOf(node: Node): EpochId {
  return toEpochId(entryHashBytes(node.entry.hash));
}

/** Boxes stand by recipient, one each. */
function isFor(boxes: readonly SealedBox[], expected: readonly Recipient[]): boolean {
  return (
    boxes.length === expected.length && boxes.every(({ recipient }, index) => recipient === expected[index]?.person)
  );
}

/** Owners receive boxes from the genesis on, a person one box whatever the number of devices. */
export function isReceiver({ rank, first }: Joined): boolean {
  return rank !== 'owner' && first === undefined;
}

export function toReceiver({ person, keys, rank }: Joined): Receiver {
  return { person, keys, isStore: rank === 'store' };
}
