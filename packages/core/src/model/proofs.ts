/** What two devices sign and authenticate for one connection alone (`spec/11 §2`, `§5`): none of it fits another. */

import { concat } from '../bytes.js';
import { encode } from '../codec/index.js';
import { type Crypto, domainMac } from '../crypto/index.js';
import { type DeviceId, deviceIdBytes, type EntryHash, entryHashBytes, type FolderId, folderIdBytes } from './ids.js';
import { type MemberKeys, memberKeysCodec } from './records.js';

/** Bytes of a folder's MAC in `hello` and `prove`. */
export const folderMacBytes = 16;

/** A connection as one of its two sides sees it. */
export interface ProofSide {
  readonly handshakeHash: Uint8Array;
  /** Whether the side that the proof is of dialled. */
  readonly initiator: boolean;
}

/** Shows to who knows the folder id, and to nobody else, that a side has that folder (`spec/11 SYN-7`). */
export function folderMac(crypto: Crypto, side: ProofSide, folder: FolderId): Uint8Array {
  const mac = domainMac(crypto, folderIdBytes(folder), 'folder', side.handshakeHash, role(side));
  return mac.subarray(0, folderMacBytes);
}

/**
 * What a device signs, with purpose `prove`, to open a folder: connection, side, folder and device (`spec/11
 * SYN-9`).
 */
export function proveContext(side: ProofSide, folder: FolderId, device: DeviceId): Uint8Array {
  return concat(side.handshakeHash, role(side), folderIdBytes(folder), deviceIdBytes(device));
}

/** What a joiner signs with purpose `join`: the connection and its keys (`spec/11 SYN-30`). */
export function joinContext(handshakeHash: Uint8Array, keys: MemberKeys): Uint8Array {
  return concat(handshakeHash, encode(memberKeysCodec, keys));
}

/** What the maker of a code signs with purpose `admitted` (`spec/11 SYN-34`). */
export function admittedContext(
  handshakeHash: Uint8Array,
  folder: FolderId,
  device: DeviceId,
  admit: EntryHash,
): Uint8Array {
  return concat(handshakeHash, folderIdBytes(folder), deviceIdBytes(device), entryHashBytes(admit));
}

function role(side: ProofSide): Uint8Array {
  return new Uint8Array([side.initiator ? 0 : 1]);
}
