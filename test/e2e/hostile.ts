import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { encode, list, optional, struct, text, tuple, u8, uint } from '@cloudless/core/codec';
import { type ContentRef, contentRefCodec, shortRef, symlinkRef } from '@cloudless/core/content';
import { DeviceEngine } from '@cloudless/core/engine';
import { deviceIdCodec, recordTypes } from '@cloudless/core/model';
import { nodeCrypto, sqliteStorage } from '@cloudless/core/node';

/** A version that an honest program would not sign: a directory, a file with that text or a link. */
export interface Claim {
  readonly path: string;
  readonly text?: string;
  readonly symlink?: string;
}

/** The fields of a file record (`spec/07 §2`) with none of its checks. */
const claimCodec = struct({
  path: [0, text(65_536)],
  typeNumber: [1, u8],
  ref: [2, optional(contentRefCodec)],
  vector: [5, list(tuple(deviceIdCodec, uint), 1)],
});
const fileType = 1;
const directoryType = 2;
const symlinkType = 3;

/** Appends claims, an entry each, to the log of a device whose daemon is down. Gives how many were signed. */
export function signHostile(home: string, claims: readonly Claim[]): number {
  const crypto = nodeCrypto();
  const storage = sqliteStorage(path.join(home, 'stores'));
  const engine = new DeviceEngine({ crypto, storage, seed: Uint8Array.from(randomBytes(32)) });
  engine.handle(Date.now(), [{ type: 'start' }]);
  const [folder] = engine.folders();
  const constants = folder?.logs.constants();
  if (folder === undefined || constants === undefined) throw new Error('the device has no folder it can write to');
  for (const claim of claims) {
    const ref = refOf(crypto, constants.convergence, claim);
    const payload = encode(claimCodec, {
      path: claim.path,
      typeNumber: typeOf(claim),
      vector: [],
      ...(ref && { ref }),
    });
    folder.logs.append([{ type: recordTypes.file, payload }], []);
  }
  engine.commit();
  engine.close();
  return claims.length;
}

function refOf(crypto: ReturnType<typeof nodeCrypto>, key: Uint8Array, claim: Claim): ContentRef | undefined {
  if (claim.symlink !== undefined) return symlinkRef(crypto, key, claim.symlink);
  if (claim.text !== undefined) return shortRef(crypto, key, new TextEncoder().encode(claim.text));
  return undefined;
}

function typeOf(claim: Claim): number {
  if (claim.symlink !== undefined) return symlinkType;
  return claim.text === undefined ? directoryType : fileType;
}
