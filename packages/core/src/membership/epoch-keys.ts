/** Epoch keys: sealing them for the members of a folder, and opening what others sealed (`spec/05`, §2 to §5). */

import { concat, emptyBytes, equalSecret } from '../bytes.js';
import { decode, encode } from '../codec/index.js';
import { checkConstants, type FolderConstants, folderConstantsCodec } from '../content/index.js';
import { type Crypto, deriveKey, domainHash, domainPrefix, hpkeOpen, hpkeSeal, nonceBytes } from '../crypto/index.js';
import { check } from '../errors.js';
import {
  type DeviceId,
  deviceIdBytes,
  type EpochId,
  type EpochRecord,
  epochIdBytes,
  type FolderId,
  folderIdBytes,
  type GenesisRecord,
  type PersonId,
  personIdBytes,
  type Random,
  type SealedBox,
} from '../model/index.js';
import type { Epoch, Recipient, Recipients } from './epochs.js';

/** What a member above store holds of an epoch. */
export interface OpenedEpoch {
  readonly id: EpochId;
  /** K, 32 bytes: seals entries. */
  readonly key: Uint8Array;
  /** D, 32 bytes: tells where members meet. */
  readonly discovery: Uint8Array;
  readonly constants: FolderConstants;
}

/** An epoch's key, e.g. an earlier one. */
export interface EpochKey {
  readonly epoch: EpochId;
  readonly key: Uint8Array;
}

const zeroNonce: Uint8Array = new Uint8Array(nonceBytes);
const constantsBytesMax = 256;

/** The discovery secret of an epoch. */
export function discoveryOf(crypto: Crypto, key: Uint8Array): Uint8Array {
  return deriveKey(crypto, key, 'discovery');
}

/** The record of an epoch made by `author` with the new `key`. Randomness is for the boxes: 32 bytes each. */
export function sealEpoch(
  crypto: Crypto,
  random: Random,
  options: {
    readonly folder: FolderId;
    readonly author: DeviceId;
    readonly key: Uint8Array;
    readonly recipients: Recipients;
    readonly constants: FolderConstants;
    readonly earlier: readonly EpochKey[];
  },
): EpochRecord {
  const { folder, author, key, recipients, constants, earlier } = options;
  const discovery = discoveryOf(crypto, key);
  const boxFor =
    (purpose: BoxPurpose, secret: Uint8Array) =>
    (recipient: Recipient): SealedBox => {
      const info = boxInfo(purpose, folder, author, recipient.person);
      return {
        recipient: recipient.person,
        box: hpkeSeal(crypto, recipient.boxKey, info, emptyBytes, secret, random(32)),
      };
    };
  return {
    keyBoxes: recipients.key.map(boxFor('epoch key', key)),
    discoveryBoxes: recipients.discovery.map(boxFor('epoch discovery', discovery)),
    keyCommitment: keyCommitment(crypto, key),
    discoveryCommitment: discoveryCommitment(crypto, discovery),
    constants: sealConstants(crypto, key, constants),
    earlier: earlier.map((each) => ({ epoch: each.epoch, sealed: sealEarlier(crypto, key, each) })),
  };
}

/**
 * Opens an epoch with the person's box secret. Throws `not-found` when it has no box for the person, `bad-mac` when the
 * box or the constants don't open or what is in them is not what the epoch and the genesis commit to.
 */
export function openEpoch(
  crypto: Crypto,
  folder: FolderId,
  genesis: GenesisRecord,
  epoch: Epoch,
  person: { readonly person: PersonId; readonly boxSecret: Uint8Array },
): OpenedEpoch {
  const key = openBox(crypto, folder, epoch, 'epoch key', person);
  return openGivenKey(crypto, genesis, epoch, key);
}

/** Opens an epoch with a key that another member handed over. Throws `bad-mac` when it is not that epoch's. */
export function openGivenKey(crypto: Crypto, genesis: GenesisRecord, epoch: Epoch, key: Uint8Array): OpenedEpoch {
  const isKey = equalSecret(keyCommitment(crypto, key), epoch.record.keyCommitment);
  check(isKey, 'bad-mac', 'This is not the key that this epoch committed to.');
  const discovery = discoveryOf(crypto, key);
  const isDiscovery = equalSecret(discoveryCommitment(crypto, discovery), epoch.record.discoveryCommitment);
  check(isDiscovery, 'bad-mac', 'This epoch committed to another discovery secret than its key gives.');
  const constants = openConstants(crypto, key, epoch.record.constants);
  checkConstants(crypto, constants, genesis.constants);
  return { id: epoch.id, key, discovery, constants };
}

/** The discovery secret for a store peer, refused as by `openEpoch`. */
export function openDiscovery(
  crypto: Crypto,
  folder: FolderId,
  epoch: Epoch,
  person: { readonly person: PersonId; readonly boxSecret: Uint8Array },
): Uint8Array {
  const discovery = openBox(crypto, folder, epoch, 'epoch discovery', person);
  const isDiscovery = equalSecret(discoveryCommitment(crypto, discovery), epoch.record.discoveryCommitment);
  check(isDiscovery, 'bad-mac', 'This is not the discovery secret that this epoch committed to.');
  return discovery;
}

/**
 * The earlier keys that an epoch carries; those that don't open are left out. Each still has to pass `openGivenKey`
 * with its own epoch.
 */
export function openEarlier(crypto: Crypto, opened: OpenedEpoch, record: EpochRecord): readonly EpochKey[] {
  return record.earlier.flatMap(({ epoch, sealed }) => {
    const id = epochIdBytes(epoch);
    const key = crypto.aeadOpen(deriveKey(crypto, opened.key, 'earlier key', id), zeroNonce, id, sealed);
    return key === undefined ? [] : [{ epoch, key }];
  });
}

type BoxPurpose = 'epoch key' | 'epoch discovery';

function openBox(
  crypto: Crypto,
  folder: FolderId,
  epoch: Epoch,
  purpose: BoxPurpose,
  { person, boxSecret }: { readonly person: PersonId; readonly boxSecret: Uint8Array },
): Uint8Array {
  const boxes = purpose === 'epoch key' ? epoch.record.keyBoxes : epoch.record.discoveryBoxes;
  const box = boxes.find(({ recipient }) => recipient === person)?.box;
  check(box !== undefined, 'not-found', 'This epoch has no key for this person.');
  const secret = hpkeOpen(crypto, boxSecret, boxInfo(purpose, folder, epoch.author, person), emptyBytes, box);
  check(secret.length === 32, 'malformed', 'A key is 32 bytes.');
  return secret;
}

/** Ties a box to its folder, its maker and its reader: copied into another entry it opens for nobody. */
function boxInfo(purpose: BoxPurpose, folder: FolderId, author: DeviceId, recipient: PersonId): Uint8Array {
  return concat(domainPrefix(purpose), folderIdBytes(folder), deviceIdBytes(author), personIdBytes(recipient));
}

function keyCommitment(crypto: Crypto, key: Uint8Array): Uint8Array {
  return domainHash(crypto, 'epoch key commitment', key);
}

function discoveryCommitment(crypto: Crypto, discovery: Uint8Array): Uint8Array {
  return domainHash(crypto, 'epoch discovery commitment', discovery);
}

function sealConstants(crypto: Crypto, key: Uint8Array, constants: FolderConstants): Uint8Array {
  const sealKey = deriveKey(crypto, key, 'epoch constants');
  return crypto.aeadSeal(sealKey, zeroNonce, emptyBytes, encode(folderConstantsCodec, constants));
}

function openConstants(crypto: Crypto, key: Uint8Array, sealed: Uint8Array): FolderConstants {
  const plain = crypto.aeadOpen(deriveKey(crypto, key, 'epoch constants'), zeroNonce, emptyBytes, sealed);
  check(plain !== undefined, 'bad-mac', 'The folder constants of this epoch were not sealed under its key.');
  return decode(folderConstantsCodec, plain, constantsBytesMax);
}

function sealEarlier(crypto: Crypto, key: Uint8Array, earlier: EpochKey): Uint8Array {
  const id = epochIdBytes(earlier.epoch);
  return crypto.aeadSeal(deriveKey(crypto, key, 'earlier key', id), zeroNonce, id, earlier.key);
}
