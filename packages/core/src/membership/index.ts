/** Who may do what in a folder, its keys, and where its members meet (`spec/03`, `spec/05`). */
export {
  admitEntry,
  createFolder,
  defaultPolicy,
  deviceEntry,
  epochEntry,
  genesisEntry,
  headOf,
  joinEntry,
  membershipEntry,
  type NewFolder,
  type Place,
  placeAfter,
} from './create.js';
export {
  acceptedDays,
  dayOf,
  lanMac,
  pairRendezvous,
  type Rendezvous,
  rendezvous,
} from './discovery.js';
export {
  discoveryOf,
  type EpochKey,
  type OpenedEpoch,
  openDiscovery,
  openEarlier,
  openEpoch,
  openGivenKey,
  sealEpoch,
} from './epoch-keys.js';
export type { Epoch, Recipient, Recipients } from './epochs.js';
export { evaluateMembership, MembershipJudge } from './evaluate.js';

export type { Ending, Member, MemberDevice, Membership } from './membership.js';
export type { Invited } from './people.js';
export { mayGive } from './rights.js';
export type { Stop, VoidReason, VoidRecord } from './verdicts.js';
