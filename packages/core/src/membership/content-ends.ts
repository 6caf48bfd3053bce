/** Up to where what somebody wrote counts who may write no more (`spec/03 §9`). */

import { compareRanks, type DeviceId, type Head, type Rank } from '../model/index.js';
import type { Node } from './causality.js';
import type { MemberPass } from './members.js';
import type { People, Person } from './people.js';

/**
 * The last seq that counts in the content log of a device; no end where it may write, or its person left; 0 where
 * nothing ever counted. Of several records that end it the largest cut holds.
 */
export function contentEnd(pass: MemberPass, people: People, device: DeviceId): number {
  const log = pass.case.graph.logOf.get(device);
  const claim = log === undefined ? undefined : pass.claims.of(log);
  const person = people.joined.find((each) => each.person === claim?.person);
  if (person === undefined) return 0;
  const isOut = person.isOut || person.devices.some((each) => each.device === device && each.isOut);
  if (!isOut && isWriter(person.rank)) return Number.POSITIVE_INFINITY;
  if (!couldWrite(pass, person)) return 0;
  const enders = endersOf(pass, person, log, isOut);
  if (enders.length === 0) return isOut ? Number.POSITIVE_INFINITY : 0;
  const heads = enders.flatMap((node) => cutsIn(pass, node));
  const own = heads.filter((head) => head.log === 'content' && head.device === device);
  return Math.max(0, ...own.map(({ seq }) => seq));
}

function isWriter(rank: Rank): boolean {
  return compareRanks(rank, 'writer') <= 0;
}

function couldWrite({ levels, case: judged }: MemberPass, { person }: Person): boolean {
  return judged.owners.includes(person) || levels.of(person).some(({ rank }) => isWriter(rank));
}

/** The entries that took the right to write: removals by others, by own devices, or else rank records. */
function endersOf(pass: MemberPass, person: Person, log: number | undefined, isOut: boolean): readonly Node[] {
  const isHit = (each: { readonly log: number | undefined }): boolean => each.log === undefined || each.log === log;
  if (!isOut) {
    const ranks = pass.levels.of(person.person).filter(({ cut, rank }) => cut !== undefined && !isWriter(rank));
    return ranks.map(({ node }) => node);
  }
  const others = pass.removals.filter((each) => each.person === person.person && isHit(each));
  const own = person.ownRemovals.filter((each) => each.log !== undefined && each.log === log);
  return [...others, ...own].map(({ node }) => node);
}

function cutsIn(pass: MemberPass, node: Node): readonly Head[] {
  return pass.case
    .recordsOf(node)
    .flatMap((record) => (record.kind === 'remove' || record.kind === 'rank' ? record.value.cut : []));
}
