/** The first entry of a folder: its header's hash is the folder's id (`spec/03 §2`). */

import { toHex } from '../bytes.js';
import type { Crypto } from '../crypto/index.js';
import { check } from '../errors.js';
import type { Entry } from './entry.js';
import { entryHashBytes, type FolderId, toFolderId } from './ids.js';
import { checkMemberKeys, isCertified } from './keys.js';
import { compareRanks, decodeRecords, type GenesisRecord, genesisCodec, payloadOf, recordTypes } from './records.js';

/** The id of the folder that begins with this entry. */
export function folderIdOf(genesis: Entry): FolderId {
  return toFolderId(entryHashBytes(genesis.hash));
}

/** The record of a genesis that the gate let through. */
export function genesisRecordOf(genesis: Entry): GenesisRecord {
  check(genesis.publicBytes !== undefined, 'malformed', 'A genesis has a public part.');
  const [raw, ...more] = decodeRecords(genesis.publicBytes);
  const alone = raw !== undefined && raw.type === recordTypes.genesis && more.length === 0;
  check(alone, 'malformed', 'A genesis holds the genesis record and no other.');
  return payloadOf(genesisCodec, raw);
}

/**
 * Checks what is special about the first entry of a folder; the gate does the rest. Throws `malformed`, `bad-key`, or
 * `bad-signature` for an owner's certificate that doesn't hold.
 */
export function checkGenesisEntry(crypto: Crypto, genesis: Entry): void {
  check(genesis.header.heads.length === 0, 'malformed', 'A genesis names nothing as seen.');
  const record = genesisRecordOf(genesis);
  const [maker] = record.owners;
  check(maker?.device === genesis.header.device, 'malformed', 'The first owner makes the genesis.');
  check(record.certificates.length === record.owners.length, 'malformed', 'A genesis has a certificate an owner.');
  check(compareRanks(record.policy.invite, 'reader') <= 0, 'malformed', 'Store peers do not invite.');
  checkDistinct(record);
  for (const [index, keys] of record.owners.entries()) {
    checkMemberKeys(crypto, keys);
    const certificate = record.certificates[index] as Uint8Array;
    const certified = isCertified(crypto, { nonce: record.nonce }, keys, certificate);
    check(certified, 'bad-signature', `Owner ${index + 1} of this genesis did not certify these keys.`);
  }
}

function checkDistinct(record: GenesisRecord): void {
  const keys = record.owners.flatMap((owner) => [
    owner.device,
    toHex(owner.agreement),
    toHex(owner.personSign),
    toHex(owner.personBox),
  ]);
  check(new Set(keys).size === keys.length, 'malformed', 'Owners do not share keys.');
}
