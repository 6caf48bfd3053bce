/** The keys of a device and of a person in one folder, and the certificate that ties them (`spec/03 §3`, `§4`). */

import { concat, toHex, uint64Bytes } from '../bytes.js';
import { type Crypto, checkEd25519Key, checkX25519Key, domainHash, signDomain, verifyDomain } from '../crypto/index.js';
import { check } from '../errors.js';
import {
  type DeviceId,
  deviceIdBytes,
  type FolderId,
  folderIdBytes,
  type PersonId,
  toDeviceId,
  toPersonId,
} from './ids.js';
import type { MemberKeys } from './records.js';

/** Bytes of randomness from the caller. */
export type Random = (lengthBytes: number) => Uint8Array;

/** Secrets of one device in one folder, 32 bytes each. They never leave the device. */
export interface DeviceKeys {
  /** Ed25519 seed: signs the device's entries. */
  readonly deviceSeed: Uint8Array;
  /** X25519 secret: the device's static key on connections. */
  readonly agreementSecret: Uint8Array;
}

/** Secrets of one person in one folder, 32 bytes each; shared among the person's own devices. */
export interface PersonKeys {
  /** Ed25519 seed: certifies the person's devices. */
  readonly signSeed: Uint8Array;
  /** X25519 secret: opens sealed boxes. */
  readonly boxSecret: Uint8Array;
}

export function freshDeviceKeys(random: Random): DeviceKeys {
  return { deviceSeed: random(32), agreementSecret: random(32) };
}

export function freshPersonKeys(random: Random): PersonKeys {
  return { signSeed: random(32), boxSecret: random(32) };
}

export function deviceIdOf(crypto: Crypto, keys: DeviceKeys): DeviceId {
  return toDeviceId(crypto.ed25519Public(keys.deviceSeed));
}

/** What others learn of the keys of a person and of the device with which the person joins. */
export function memberKeysOf(crypto: Crypto, device: DeviceKeys, person: PersonKeys): MemberKeys {
  return {
    device: deviceIdOf(crypto, device),
    agreement: crypto.x25519Public(device.agreementSecret),
    personSign: crypto.ed25519Public(person.signSeed),
    personBox: crypto.x25519Public(person.boxSecret),
  };
}

/** A person is named by the hash of the first device key they had in the folder (`spec/03 MEM-2`). */
export function personIdOf(crypto: Crypto, firstDevice: DeviceId): PersonId {
  return toPersonId(domainHash(crypto, 'person', deviceIdBytes(firstDevice)));
}

/**
 * Where a certificate counts: in a folder, or, before the folder has an id, in the genesis with this nonce.
 */
export type CertificateScope = { readonly folder: FolderId } | { readonly nonce: Uint8Array };

/** The person key's signature over the keys of a device. `generation` counts from 0 (`spec/03 MEM-8`). */
export function certify(
  crypto: Crypto,
  signSeed: Uint8Array,
  scope: CertificateScope,
  keys: MemberKeys,
  generation = 0,
): Uint8Array {
  const { purpose, message } = certificateInput(scope, keys, generation);
  return signDomain(crypto, signSeed, purpose, message);
}

/** Whether the person key in `keys` certified the rest of them for `scope`. */
export function isCertified(
  crypto: Crypto,
  scope: CertificateScope,
  keys: MemberKeys,
  certificate: Uint8Array,
  generation = 0,
): boolean {
  const { purpose, message } = certificateInput(scope, keys, generation);
  return verifyDomain(crypto, keys.personSign, certificate, purpose, message);
}

function certificateInput(
  scope: CertificateScope,
  keys: MemberKeys,
  generation: number,
): { readonly purpose: string; readonly message: Uint8Array } {
  const inFolder = 'folder' in scope;
  const place = inFolder ? folderIdBytes(scope.folder) : scope.nonce;
  const generationBytes = uint64Bytes(generation);
  return {
    purpose: inFolder ? 'device certificate' : 'genesis certificate',
    message: concat(place, deviceIdBytes(keys.device), keys.agreement, keys.personBox, generationBytes),
  };
}

/**
 * Throws `bad-key` unless all four keys can be used: the signing keys are canonical and of prime order, the agreement
 * keys give a secret, and no key stands twice (`spec/03 MEM-5`).
 */
export function checkMemberKeys(crypto: Crypto, keys: MemberKeys): void {
  checkEd25519Key(deviceIdBytes(keys.device));
  checkEd25519Key(keys.personSign);
  checkX25519Key(crypto, keys.agreement);
  checkX25519Key(crypto, keys.personBox);
  const distinct = new Set([keys.device, toHex(keys.personSign)]);
  check(distinct.size === 2, 'bad-key', 'Device and person have the same signing key.');
  check(toHex(keys.agreement) !== toHex(keys.personBox), 'bad-key', 'Device and person have the same agreement key.');
}

/** Whether two sets of public keys are the same. */
export function sameMemberKeys(a: MemberKeys, b: MemberKeys): boolean {
  return (
    a.device === b.device &&
    toHex(a.agreement) === toHex(b.agreement) &&
    toHex(a.personSign) === toHex(b.personSign) &&
    toHex(a.personBox) === toHex(b.personBox)
  );
}
