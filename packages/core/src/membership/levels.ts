/** Ranks that were given, and what somebody's is in an entry (`spec/03 §6`). */

import {
  type AdmitRecord,
  compareRanks,
  type DeviceId,
  type PersonId,
  type Rank,
  sameMemberKeys,
} from '../model/index.js';
import { isBefore, type Node } from './causality.js';
import type { Claims } from './claims.js';
import { type Cut, isWithin } from './cuts.js';

/** Place of the author among the owners, seq, hash and place of the record: the order in which admins are judged. */
export type PowerKey = readonly [number, number, string, number];

/** An admit or a rank record that counts; a rank record has a cut. */
export interface Assignment {
  readonly node: Node;
  readonly index: number;
  readonly by: DeviceId;
  readonly person: PersonId;
  readonly rank: Rank;
  readonly key: PowerKey;
  readonly admit?: AdmitRecord | undefined;
  readonly cut?: Cut | undefined;
}

export class Levels {
  readonly #claims: Claims;
  readonly #owners: readonly PersonId[];
  readonly #byPerson = new Map<PersonId, Assignment[]>();
  /** Persons of whom there is a rank record. */
  readonly #ranked = new Set<PersonId>();
  /** By person, the admit that the join names, found among so many assignments. */
  readonly #roots = new Map<PersonId, { readonly of: number; readonly root: Assignment | undefined }>();

  constructor(claims: Claims, owners: readonly PersonId[]) {
    this.#claims = claims;
    this.#owners = owners;
  }

  add(assignment: Assignment): void {
    if (assignment.cut !== undefined) this.#ranked.add(assignment.person);
    const others = this.#byPerson.get(assignment.person);
    if (others === undefined) this.#byPerson.set(assignment.person, [assignment]);
    else others.push(assignment);
  }

  of(person: PersonId): readonly Assignment[] {
    return this.#byPerson.get(person) ?? [];
  }

  /** Every admit that counts. */
  get admits(): readonly Assignment[] {
    return [...this.#byPerson.values()].flat().filter(({ admit }) => admit !== undefined);
  }

  /** The admit that the person's join names, if it counts. */
  rootOf(person: PersonId): Assignment | undefined {
    const { length } = this.of(person);
    const known = this.#roots.get(person);
    if (known?.of === length) return known.root;
    const root = this.#findRoot(person);
    this.#roots.set(person, { of: length, root });
    return root;
  }

  #findRoot(person: PersonId): Assignment | undefined {
    const claim = this.#claims.root(person);
    if (claim?.record.kind !== 'join') return undefined;
    const { value } = claim.record;
    return this.of(person).find(
      ({ node, admit }) =>
        node.entry.hash === value.admit &&
        admit !== undefined &&
        sameMemberKeys(admit.keys, value.keys) &&
        isBefore(node, claim.first),
    );
  }

  /** A person's rank as an entry had seen it; without an entry, as all tells. */
  in(person: PersonId, node?: Node): Rank | undefined {
    const isSeen = (each: Assignment): boolean => node === undefined || isBefore(each.node, node);
    const given = this.#ranked.has(person) ? this.#lastRank(person, isSeen) : undefined;
    if (given !== undefined) return given;
    if (this.#owners.includes(person)) return 'owner';
    const root = this.rootOf(person);
    return root !== undefined && isSeen(root) ? root.rank : undefined;
  }

  /** The lowest of the rank records that no later one had seen. */
  #lastRank(person: PersonId, isSeen: (each: Assignment) => boolean): Rank | undefined {
    const ranks = this.of(person).filter((each) => each.cut !== undefined && isSeen(each));
    const last = ranks.filter((each) => !ranks.some((later) => isBefore(each.node, later.node)));
    return last.length === 0 ? undefined : last.map(({ rank }) => rank).reduce(lower);
  }

  /** A person's rank in an own entry: what it had seen, and no more than what it was cut down to. */
  at(person: PersonId, node: Node): Rank | undefined {
    const rank = this.in(person, node);
    if (rank === undefined || !this.#ranked.has(person)) return rank;
    const own = this.of(person);
    const seen = own.filter((each) => isBefore(each.node, node));
    const bounds = own.filter(({ cut, node: by }) => {
      if (cut === undefined || isBefore(by, node) || isWithin(cut, node)) return false;
      return !seen.some((later) => isBefore(by, later.node));
    });
    return bounds.map((each) => each.rank).reduce(lower, rank);
  }

  /** Records of owners that made somebody an admin, by power. */
  firstAdmins(): ReadonlyMap<PersonId, PowerKey> {
    const keys = new Map<PersonId, PowerKey>();
    for (const [person, given] of this.#byPerson) {
      const admin = given.filter(({ rank }) => rank === 'admin').map(({ key }) => key);
      const [first] = admin.sort(compareKeys);
      if (first !== undefined) keys.set(person, first);
    }
    return new Map([...keys].sort(([, a], [, b]) => compareKeys(a, b)));
  }
}

function lower(a: Rank, b: Rank): Rank {
  return compareRanks(a, b) < 0 ? b : a;
}

export function compareKeys(a: PowerKey, b: PowerKey): number {
  return a[0] - b[0] || a[1] - b[1] || (a[2] === b[2] ? a[3] - b[3] : a[2] < b[2] ? -1 : 1);
}
