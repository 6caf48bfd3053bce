/**
 * Names of things: 32 bytes on the wire, 64 lower-case hex digits in memory (`spec/00 §3`). Each kind has a type of its
 * own, so that one is never taken for another.
 */

import { type Codec, fixed, mapped } from '../codec/index.js';
import { CloudlessError } from '../errors.js';

type Id<Kind extends string> = string & { readonly idOf: Kind };

/** Hash of the genesis header of a folder. */
export type FolderId = Id<'folder'>;
/** Ed25519 public key of a device in one folder. */
export type DeviceId = Id<'device'>;
/** Hash of the first device key that a person had in a folder. */
export type PersonId = Id<'person'>;
/** Hash of an entry's header. */
export type EntryHash = Id<'entry'>;
/** Names the content of a file, whatever its path. */
export type ContentId = Id<'content'>;
/** BLAKE3 of a chunk's ciphertext. */
export type ChunkId = Id<'chunk'>;
/** Hash of the header that made an epoch. */
export type EpochId = Id<'epoch'>;

const idBytes = 32;
const idPattern = /^[0-9a-f]{64}$/;
const hexOfByte: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** The `to…` functions name an id by its 32 bytes; another number of bytes is `malformed`. */
export function toFolderId(bytes: Uint8Array): FolderId {
  return toId(bytes);
}

export function toDeviceId(bytes: Uint8Array): DeviceId {
  return toId(bytes);
}

export function toPersonId(bytes: Uint8Array): PersonId {
  return toId(bytes);
}

export function toEntryHash(bytes: Uint8Array): EntryHash {
  return toId(bytes);
}

export function toContentId(bytes: Uint8Array): ContentId {
  return toId(bytes);
}

export function toChunkId(bytes: Uint8Array): ChunkId {
  return toId(bytes);
}

export function toEpochId(bytes: Uint8Array): EpochId {
  return toId(bytes);
}

/** The `…Bytes` functions give the 32 bytes of an id. */
export function folderIdBytes(id: FolderId): Uint8Array {
  return fromId(id);
}

export function deviceIdBytes(id: DeviceId): Uint8Array {
  return fromId(id);
}

export function personIdBytes(id: PersonId): Uint8Array {
  return fromId(id);
}

export function entryHashBytes(id: EntryHash): Uint8Array {
  return fromId(id);
}

export function contentIdBytes(id: ContentId): Uint8Array {
  return fromId(id);
}

export function chunkIdBytes(id: ChunkId): Uint8Array {
  return fromId(id);
}

export function epochIdBytes(id: EpochId): Uint8Array {
  return fromId(id);
}

/** The `parse…` functions take an id as text, as people and programs hand it in; anything else is `malformed`. */
export function parseFolderId(text: string): FolderId {
  return parseId(text, 'a folder id');
}

export function parseDeviceId(text: string): DeviceId {
  return parseId(text, 'a device id');
}

export function parsePersonId(text: string): PersonId {
  return parseId(text, 'a person id');
}

export function parseContentId(text: string): ContentId {
  return parseId(text, 'a content id');
}

export const folderIdCodec: Codec<FolderId> = idCodec();
export const deviceIdCodec: Codec<DeviceId> = idCodec();
export const personIdCodec: Codec<PersonId> = idCodec();
export const entryHashCodec: Codec<EntryHash> = idCodec();
export const contentIdCodec: Codec<ContentId> = idCodec();
export const chunkIdCodec: Codec<ChunkId> = idCodec();
export const epochIdCodec: Codec<EpochId> = idCodec();

function idCodec<T extends Id<string>>(): Codec<T> {
  return mapped(fixed(idBytes), (bytes) => toId<T>(bytes), fromId);
}

function toId<T extends Id<string>>(bytes: Uint8Array): T {
  if (bytes.length !== idBytes)
    throw new CloudlessError('malformed', `An id of ${bytes.length} bytes, not ${idBytes}.`);
  let text = '';
  for (let i = 0; i < idBytes; i++) text += hexOfByte[bytes[i] as number] as string;
  return text as T;
}

function fromId(id: string): Uint8Array {
  const bytes = new Uint8Array(idBytes);
  for (let i = 0; i < idBytes; i++) bytes[i] = (nibble(id.charCodeAt(2 * i)) << 4) | nibble(id.charCodeAt(2 * i + 1));
  return bytes;
}

/** The value of a hex digit, `0-9` or `a-f`. */
function nibble(unit: number): number {
  return unit <= 0x39 ? unit - 0x30 : unit - 0x57;
}

function parseId<T extends Id<string>>(text: string, what: string): T {
  const lower = text.trim().toLowerCase();
  if (!idPattern.test(lower)) throw new CloudlessError('malformed', `This is not ${what}: 64 hex digits are needed.`);
  return lower as T;
}
