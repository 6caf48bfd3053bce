/** Which epochs are valid, which is current, and whether one is owed (`spec/05 §4`). */

import {
  type DeviceId,
  type EpochId,
  type EpochRecord,
  entryHashBytes,
  type PersonId,
  type Rank,
  type SealedBox,
  toEpochId,
} from '../model/index.js';
import { isBefore, type Node } from './causality.js';
import type { OwnRemoval } from './devices.js';
import type { MemberPass } from './members.js';
import type { People } from './people.js';
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
interface Receiver extends Recipient {
  readonly isStore: boolean;
}

function recipientsOf(receivers: readonly Receiver[]): Recipients {
  const sorted = [...receivers].sort((a, b) => (a.person < b.person ? -1 : 1));
  const toRecipient = ({ person, boxKey }: Receiver): Recipient => ({ person, boxKey });
  return {
    key: sorted.filter(({ isStore }) => !isStore).map(toRecipient),
    discovery: sorted.filter(({ isStore }) => isStore).map(toRecipient),
  };
}

interface ValidEpoch extends Epoch {
  readonly node: Node;
}

/** Judges epochs after members, each by what it had seen. */
export class EpochPass {
  readonly #pass: MemberPass;
  readonly #people: People;
  readonly #valid: ValidEpoch[] = [];
  /** Epochs of persons who were put out before them: they seal nothing new, and what they sealed stays readable. */
  readonly #fallen: ValidEpoch[] = [];
  readonly #exits: readonly Node[];

  constructor(pass: MemberPass, people: People) {
    this.#pass = pass;
    this.#people = people;
    this.#exits = exitsOf(pass, people);
  }

  run(verdicts: Verdicts): void {
    const { graph, recordsOf } = this.#pass.case;
    for (const node of graph.order) {
      for (const [index, record] of recordsOf(node).entries()) {
        if (record.kind !== 'epoch') continue;
        const epoch = { id: epochIdOf(node), author: node.entry.header.device, record: record.value, node };
        const before = verdicts.reasonOf(node.entry.hash, index);
        if (before === 'removed' || before === 'fork') this.#fallen.push(epoch);
        const reason = before ?? this.#trouble(node, record.value);
        if (reason === undefined) this.#valid.push(epoch);
        else verdicts.void(node.entry.hash, index, record.type, reason);
      }
    }
    this.#valid.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Valid ones by id. */
  get epochs(): readonly Epoch[] {
    return this.#valid.map(toEpoch);
  }

  /** Those whose authors were put out before them. */
  get fallen(): readonly Epoch[] {
    return this.#fallen.map(toEpoch);
  }

  /** Of those that have seen every exit, and that no other such has seen, the one with the smallest id. */
  get current(): EpochId | undefined {
    const able = this.#valid.filter(({ node }) => this.#exits.every((exit) => isBefore(exit, node)));
    return able.find((epoch) => !able.some((other) => isBefore(epoch.node, other.node)))?.id;
  }

  /** Whether a new epoch is called for. */
  get isOwed(): boolean {
    return this.#isOwed(undefined, this.#valid);
  }

  /** For whom an epoch is that had seen what `node` had; without one, everything. */
  recipients(node?: Node): Recipients {
    const { owners, genesis } = this.#pass.case;
    const isHere = (person: PersonId): boolean => this.#people.joined.some((each) => each.person === person);
    const unjoined = owners.filter((person) => !isHere(person));
    const receivers = unjoined.flatMap((person): readonly Receiver[] => {
      const keys = genesis.owners[owners.indexOf(person)];
      return keys === undefined ? [] : this.#receiver(person, keys.personBox, [], node);
    });
    for (const { person, keys, ownRemovals, node: first } of this.#people.joined) {
      const isIn = owners.includes(person) || node === undefined || isBefore(first, node) || first === node;
      if (isIn) receivers.push(...this.#receiver(person, keys.personBox, ownRemovals, node));
    }
    return recipientsOf(receivers);
  }

  /** Whether the epoch's policy and past let a member have its key who joined with `joined`. */
  mayHold(id: EpochId, joined: Node, rank: Rank): boolean {
    const epoch = [...this.#valid, ...this.#fallen].find((each) => each.id === id);
    if (epoch === undefined || rank === 'store') return false;
    const { history } = this.#pass.policyIn(epoch.node);
    return rank === 'owner' || history === 'all' || isBefore(joined, epoch.node) || joined === epoch.node;
  }

  /** Whether the policy in an epoch's past opens its key to those who come after. */
  isShared(id: EpochId): boolean {
    const epoch = [...this.#valid, ...this.#fallen].find((each) => each.id === id);
    return epoch !== undefined && this.#pass.policyIn(epoch.node).history === 'all';
  }

  /** A person as an epoch would see them, if it would be sealed to them. */
  #receiver(
    person: PersonId,
    box: Uint8Array,
    own: readonly OwnRemoval[],
    node: Node | undefined,
  ): readonly Receiver[] {
    const rank = this.#pass.levels.in(person, node);
    const isSeen = (each: { readonly node: Node }): boolean => node === undefined || isBefore(each.node, node);
    const others = this.#pass.removals.filter((each) => each.person === person && isSeen(each));
    const ended = own.filter(isSeen);
    const isOut = [...others, ...ended].some(({ log }) => log === undefined);
    if (rank === undefined || isOut) return [];
    const boxKey = newestBox(box, ended, [...others, ...ended]);
    return boxKey === undefined ? [] : [{ person, boxKey, isStore: rank === 'store' }];
  }

  #trouble(node: Node, record: EpochRecord): VoidReason | undefined {
    if (this.#valid.some((other) => other.node === node)) return 'misplaced';
    const { history } = this.#pass.policyIn(node);
    if (history === 'since-join' && record.earlier.length > 0) return 'not-allowed';
    const expected = this.recipients(node);
    const isRight = isFor(record.keyBoxes, expected.key) && isFor(record.discoveryBoxes, expected.discovery);
    if (!isRight) return 'wrong-recipients';
    const earlier = this.#valid.filter((other) => isBefore(other.node, node));
    return this.#isOwed(node, earlier) ? undefined : 'not-owed';
  }

  /** Whether none of these had seen all that calls for an epoch. */
  #isOwed(node: Node | undefined, epochs: readonly ValidEpoch[]): boolean {
    const isSeen = (each: Node): boolean => node === undefined || isBefore(each, node) || each === node;
    const calls = [...this.#exits, ...this.#pass.rotates, ...this.#joins(node)].filter(isSeen);
    return !epochs.some((epoch) => calls.every((each) => each === epoch.node || isBefore(each, epoch.node)));
  }

  /** Joins after which an epoch is due, as the policy is that an entry had seen. */
  #joins(node: Node | undefined): readonly Node[] {
    if (this.#pass.policyIn(node).history === 'all') return [];
    const { owners } = this.#pass.case;
    return this.#people.joined.flatMap((each) => (owners.includes(each.person) ? [] : [each.node]));
  }
}

/** The box key that is newer than all removals of the person's devices; none after two that had not seen each other. */
function newestBox(
  first: Uint8Array,
  renewals: readonly OwnRemoval[],
  removals: readonly { readonly node: Node }[],
): Uint8Array | undefined {
  if (removals.length === 0) return first;
  const newest = renewals.find(
    ({ node, next }) => next !== undefined && removals.every((each) => each.node === node || isBefore(each.node, node)),
  );
  return newest?.next?.personBox;
}

/** What must not read what comes after: removals, leaves, demotions to a store peer, and reports of forks. */
function exitsOf(pass: MemberPass, people: People): readonly Node[] {
  const { graph, recordsOf } = pass.case;
  const own = people.joined.flatMap(({ ownRemovals }) => ownRemovals.map(({ node }) => node));
  const nodes = new Set([...pass.removals.map(({ node }) => node), ...own]);
  for (const node of graph.order) {
    for (const [index, record] of recordsOf(node).entries()) {
      const isExit = record.kind === 'fork' || (record.kind === 'rank' && record.value.rank === 'store');
      if (isExit && pass.counts(node, index)) nodes.add(node);
    }
  }
  return [...nodes];
}

function toEpoch({ id, author, record }: ValidEpoch): Epoch {
  return { id, author, record };
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
