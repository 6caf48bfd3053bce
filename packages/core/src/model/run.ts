/**
 * The gate: entries count only after `verifyRun` or `verifyGenesis` let them through, and the verdict depends on the
 * entries alone, not on how they arrived (`spec/04 §6`).
 */

import { equalBytes } from '../bytes.js';
import { type Crypto, signDomain, verifyDomain } from '../crypto/index.js';
import { check, invariant } from '../errors.js';
import { protocolVersion, runEntriesMax } from '../limits.js';
import {
  decodeHeader,
  type Entry,
  encodeHeader,
  type Header,
  headerHash,
  type LogName,
  type PartReference,
  partReference,
} from './entry.js';
import { checkGenesisEntry } from './genesis.js';
import { deviceIdBytes, type EntryHash, entryHashBytes, type FolderId, toDeviceId } from './ids.js';
import { decodeRecords } from './records.js';
import { brandSigned, brandVerified, type Signed, type Verified } from './signed.js';

/** A header before its parts are hashed into it. */
export type HeaderDraft = Omit<Header, 'version' | 'publicPart' | 'sealedPart'>;

export interface EntryDraft {
  readonly header: HeaderDraft;
  readonly publicBytes?: Uint8Array | undefined;
  readonly sealedBytes?: Uint8Array | undefined;
}

/** Where a run is to continue a log: after `seq` (0 before the first entry) with this hash. */
export interface RunStart {
  readonly folder: FolderId;
  readonly name: LogName;
  readonly seq: number;
  /** Absent at seq 0 only. */
  readonly hash: EntryHash | undefined;
}

/** The header that a draft gets; `sealBody` needs it before the sealed part exists. */
export function draftHeader(crypto: Crypto, draft: EntryDraft): Header {
  const { header, publicBytes, sealedBytes } = draft;
  return {
    ...header,
    version: protocolVersion,
    ...(publicBytes === undefined ? {} : { publicPart: partReference(crypto, publicBytes) }),
    ...(sealedBytes === undefined ? {} : { sealedPart: partReference(crypto, sealedBytes) }),
  };
}

/** Makes an entry of an own log. Throws what a receiver would refuse it as. */
export function signEntry(crypto: Crypto, deviceSeed: Uint8Array, draft: EntryDraft): Signed<Entry> {
  const own = toDeviceId(crypto.ed25519Public(deviceSeed));
  invariant(draft.header.device === own, 'an entry is signed by the key of its log');
  const headerBytes = encodeHeader(draftHeader(crypto, draft));
  const hash = headerHash(crypto, headerBytes);
  return brandSigned({
    header: decodeHeader(headerBytes),
    headerBytes,
    hash,
    publicBytes: draft.publicBytes,
    sealedBytes: draft.sealedBytes,
    signature: signDomain(crypto, deviceSeed, 'entry', entryHashBytes(hash)),
  });
}

/**
 * Proves that `run` continues a log: hash chain, parts, and one signature, on the last entry. Earlier signatures are
 * neither needed nor looked at, and are taken off: an entry is as good as the chain after it.
 *
 * `isProved`: the last one is known to be its log's by other means, and needs none (`spec/04 §9`).
 *
 * Refuses with `over-limit`, `wrong-folder`, `bad-chain`, `malformed`, `bad-hash` or `bad-signature`, by the first rule
 * broken in the order of `spec/04 §6`; a run counts whole or not at all.
 */
export function verifyRun(
  crypto: Crypto,
  run: readonly Entry[],
  after: RunStart,
  isProved = false,
): readonly Verified<Entry>[] {
  check(run.length <= runEntriesMax, 'over-limit', `A run has at most ${runEntriesMax} entries.`);
  invariant((after.seq === 0) === (after.hash === undefined), 'a log continues from a hash, or from nothing');
  const last = run.at(-1);
  if (last === undefined) return [];
  checkChain(run, after);
  for (const entry of run) checkEntryParts(crypto, entry);
  if (!isProved) checkSignature(crypto, last);
  for (const entry of run) if (entry.header.folder === undefined) checkGenesisEntry(crypto, entry);
  return run.map((entry) => brandVerified(entry === last && !isProved ? entry : { ...entry, signature: undefined }));
}

/** Proves one signed entry to be the genesis of `folder`. Refuses as `verifyRun` does. */
export function verifyGenesis(crypto: Crypto, folder: FolderId, entry: Entry): Verified<Entry> {
  const name: LogName = { device: entry.header.device, log: 'membership' };
  const [genesis] = verifyRun(crypto, [entry], { folder, name, seq: 0, hash: undefined });
  const isGenesis = genesis !== undefined && genesis.header.folder === undefined;
  check(isGenesis, 'malformed', 'This entry is not the first of its folder.');
  return genesis;
}

function checkChain(run: readonly Entry[], after: RunStart): void {
  let { seq, hash } = after;
  for (const entry of run) {
    checkFolder(entry, after.folder);
    const { header } = entry;
    check(
      header.device === after.name.device && header.log === after.name.log,
      'bad-chain',
      'This entry stands in another log.',
    );
    check(header.seq === seq + 1, 'bad-chain', `Entry ${header.seq} does not follow entry ${seq}.`);
    check(
      header.previous === hash,
      'bad-chain',
      `Entry ${header.seq} follows another entry ${seq} than the one known.`,
    );
    seq = header.seq;
    hash = entry.hash;
  }
}

/** An entry is of the folder that it names; the one that names none must be what the folder is named by. */
function checkFolder(entry: Entry, folder: FolderId): void {
  const named: string = entry.header.folder ?? entry.hash;
  check(named === folder, 'wrong-folder', 'This entry belongs to another folder.');
}

/** Parts are those that the header names; a sealed one may be absent. */
function checkEntryParts(crypto: Crypto, entry: Entry): void {
  const { header, publicBytes, sealedBytes } = entry;
  check(
    publicBytes !== undefined || header.publicPart === undefined,
    'malformed',
    'The public part of this entry is absent.',
  );
  checkPart(crypto, publicBytes, header.publicPart);
  checkPart(crypto, sealedBytes, header.sealedPart);
  if (header.log === 'membership' && publicBytes !== undefined) decodeRecords(publicBytes);
}

function checkPart(crypto: Crypto, part: Uint8Array | undefined, named: PartReference | undefined): void {
  if (part === undefined) return;
  check(named !== undefined, 'malformed', 'This entry has a part that its header does not name.');
  check(part.length === named.lengthBytes, 'bad-hash', 'A part of this entry has another length than its header says.');
  const { hash } = partReference(crypto, part);
  check(equalBytes(hash, named.hash), 'bad-hash', 'A part of this entry is not what its header names.');
}

function checkSignature(crypto: Crypto, entry: Entry): void {
  check(isSigned(crypto, entry), 'bad-signature', 'The last entry of this run is not signed by the key of its log.');
}

/** Whether a valid signature of its log's key stands on the entry itself. */
export function isSigned(crypto: Crypto, entry: Entry): boolean {
  const { signature, hash, header } = entry;
  if (signature === undefined) return false;
  return verifyDomain(crypto, deviceIdBytes(header.device), signature, 'entry', entryHashBytes(hash));
}

/** Two entries that claim one place of a log. */
export interface Fork<E extends Entry = Entry> {
  readonly first: E;
  readonly second: E;
}

/** The lowest place of a log at which `a` and `b` have different headers; they may start anywhere. */
export function findFork<E extends Entry>(a: readonly E[], b: readonly E[]): Fork<E> | undefined {
  const places = new Map(b.map((entry) => [placeKey(entry), entry]));
  let found: Fork<E> | undefined;
  for (const first of a) {
    const second = places.get(placeKey(first));
    if (second === undefined || second.hash === first.hash) continue;
    if (found === undefined || first.header.seq < found.first.header.seq) found = { first, second };
  }
  return found;
}

function placeKey({ header }: Entry): string {
  return `${header.device} ${header.log} ${header.seq}`;
}
