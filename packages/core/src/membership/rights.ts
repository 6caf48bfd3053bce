/** Who may give what (`spec/03 §6`, `§9`). */

import { compareRanks, type Policy, type Rank } from '../model/index.js';

/** Whether somebody of this rank gives that one: never an owner's, and an admin's only as an owner. */
export function mayGive(author: Rank, rank: Rank): boolean {
  return rank !== 'owner' && (rank !== 'admin' || author === 'owner');
}

/** What holds of two policies that had not seen each other. */
export function stricter(a: Policy, b: Policy): Policy {
  return {
    invite: compareRanks(a.invite, b.invite) <= 0 ? a.invite : b.invite,
    history: a.history === 'since-join' ? 'since-join' : b.history,
    retention: 'keep',
  };
}
