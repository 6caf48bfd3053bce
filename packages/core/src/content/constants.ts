/** Folder constants: the keys that stay the same for a folder's life, whatever epochs come (`spec/06 §2`). */

import { equalSecret } from '../bytes.js';
import { type Codec, fixed, struct } from '../codec/index.js';
import { type Crypto, domainHash } from '../crypto/index.js';
import { check } from '../errors.js';

/** What content is cut and sealed with. */
export interface ContentKeys {
  /** Gives the gear table. */
  readonly gear: Uint8Array;
  /** Gives chunk keys and the ids of short content. */
  readonly convergence: Uint8Array;
}

/** All of them, 32 random bytes each, secret. */
export interface FolderConstants extends ContentKeys {
  /** Keys the fingerprint of a folder's view. */
  readonly fingerprint: Uint8Array;
}

/** Bytes of the constants as they are sealed under an epoch's key. */
export const folderConstantsCodec: Codec<FolderConstants> = struct({
  gear: [0, fixed(32)],
  convergence: [1, fixed(32)],
  fingerprint: [2, fixed(32)],
});

/** Constants of a new folder; `random` gives that many random bytes. */
export function newFolderConstants(random: (bytes: number) => Uint8Array): FolderConstants {
  return { gear: random(32), convergence: random(32), fingerprint: random(32) };
}

/** What the genesis carries of them: it binds them and, as they are random, tells nothing of them. */
export function constantsCommitment(crypto: Crypto, constants: FolderConstants): Uint8Array {
  const { gear, convergence, fingerprint } = constants;
  return domainHash(crypto, 'folder constants', gear, convergence, fingerprint);
}

/** Throws `bad-mac` unless these are the constants that the genesis committed to. */
export function checkConstants(crypto: Crypto, constants: FolderConstants, commitment: Uint8Array): void {
  check(
    equalSecret(constantsCommitment(crypto, constants), commitment),
    'bad-mac',
    'These keys do not belong to this folder.',
  );
}
