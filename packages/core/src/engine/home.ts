import { fromHex, toHex, utf8, utf8Text } from '../bytes.js';
import { bool, type Codec, decode, encode, fixed, list, optional, struct, text, uint } from '../codec/index.js';
import type { Crypto } from '../crypto/index.js';
import { invariant } from '../errors.js';
import { localPatternsMax, patternBytesMax } from '../limits.js';
import {
  deviceIdOf,
  type FolderId,
  folderIdCodec,
  type PersonId,
  personIdCodec,
  personIdOf,
  type Rank,
  rankCodec,
} from '../model/index.js';
import type { Row, Store } from '../ports/index.js';
import { type LocalRules, noLocalRules } from '../tree/index.js';

/** A folder of this installation: where it is and the secrets we act with there. */
export interface FolderRow {
  readonly folder: FolderId;
  readonly name: string;
  readonly kind: string;
  /** Absent for folders without files (chats, logs only). */
  readonly root?: string | undefined;
  readonly deviceSeed: Uint8Array;
  readonly agreementSecret: Uint8Array;
  readonly personSignSeed: Uint8Array;
  readonly personBoxSecret: Uint8Array;
  /** Streams shown as files. */
  readonly viewStreams: readonly string[];
  /** Who we are, where this is not the first device key of ours in the folder. */
  readonly person?: PersonId | undefined;
  /** Device keys that this installation had in the folder before (`spec/04 §8`). */
  readonly generation?: number | undefined;
}

const folderCodec: Codec<FolderRow> = struct({
  folder: [0, folderIdCodec],
  name: [1, text(255)],
  kind: [2, text(128)],
  root: [3, optional(text(4_096))],
  deviceSeed: [4, fixed(32)],
  agreementSecret: [5, fixed(32)],
  personSignSeed: [6, fixed(32)],
  personBoxSecret: [7, fixed(32)],
  viewStreams: [8, list(text(128), 256)],
  person: [9, optional(personIdCodec)],
  generation: [10, optional(uint)],
});

/**
 * A code that this device made; kept after use or expiry, so that whoever tries it again is told what it is
 * (`spec/02 §6`).
 */
export interface CodeRow {
  readonly codeId: string;
  readonly folder: FolderId;
  readonly secret: Uint8Array;
  readonly rank: Rank;
  readonly madeMs: number;
  readonly expiresMs: number;
  /** How long the membership that it gives lasts; without end if absent. */
  readonly memberMs?: number | undefined;
  /** The device that used it. */
  readonly usedBy?: Uint8Array | undefined;
  readonly usedMs?: number | undefined;
  /** When this device took it back. */
  readonly revokedMs?: number | undefined;
}

const codeCodec: Codec<CodeRow> = struct({
  codeId: [0, text(64)],
  folder: [1, folderIdCodec],
  secret: [2, fixed(16)],
  rank: [3, rankCodec],
  madeMs: [4, uint],
  expiresMs: [5, uint],
  usedBy: [6, optional(fixed(32))],
  usedMs: [7, optional(uint)],
  memberMs: [8, optional(uint)],
  revokedMs: [9, optional(uint)],
});

/**
 * A join under way: kept from before the first byte is sent until it is through, so that a crash can't strand its
 * keys.
 */
export interface JoinRow {
  readonly codeId: string;
  readonly secret: Uint8Array;
  readonly addresses: readonly string[];
  readonly makerDevice?: Uint8Array | undefined;
  /** Where the folder goes; else in `parent` under the folder's name. */
  readonly root?: string | undefined;
  readonly parent: string;
  readonly deviceSeed: Uint8Array;
  readonly agreementSecret: Uint8Array;
  readonly personSignSeed: Uint8Array;
  readonly personBoxSecret: Uint8Array;
  readonly giveUpMs: number;
}

const joinCodec: Codec<JoinRow> = struct({
  codeId: [0, text(64)],
  secret: [1, fixed(16)],
  addresses: [2, list(text(256), 16)],
  makerDevice: [3, optional(fixed(32))],
  root: [4, optional(text(4_096))],
  deviceSeed: [5, fixed(32)],
  agreementSecret: [6, fixed(32)],
  personSignSeed: [7, fixed(32)],
  personBoxSecret: [8, fixed(32)],
  giveUpMs: [9, uint],
  parent: [10, text(4_096)],
});

/** Where a device of a folder was last reached, or said it listens. */
export interface AddressRow {
  readonly addresses: readonly string[];
  readonly seenMs: number;
}

const addressCodec: Codec<AddressRow> = struct({ addresses: [0, list(text(256), 16)], seenMs: [1, uint] });

/** What somebody set for a folder on this device. */
export interface FolderSettings extends LocalRules {
  readonly paused: boolean;
}

const defaults: FolderSettings = { ...noLocalRules, paused: false };
const patternText = text(patternBytesMax);
const settingsCodec: Codec<FolderSettings> = struct({
  ignore: [0, list(patternText, localPatternsMax)],
  want: [1, list(patternText, localPatternsMax)],
  paused: [2, bool],
});

const settingsBytesMax = 1_048_576;
export function encodeFolderRow(row: FolderRow): Uint8Array {
  return encode(folderCodec, row);
}

export function decodeFolderRow(bytes: Uint8Array): FolderRow {
  return decode(folderCodec, bytes, rowBytesMax);
}

/** Who this installation is in a folder: the person of its first device key there. */
export function personOf(crypto: Crypto, row: FolderRow): PersonId {
  return row.person ?? personIdOf(crypto, deviceIdOf(crypto, row));
}

const rowBytesMax = 65_536;
const rowsMax = 4_096;

/** The device's own rows: folders, codes, joins under way, addresses, settings. */
export class Home {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  folders(): readonly FolderRow[] {
    return this.#all('folders', folderCodec);
  }

  putFolder(row: FolderRow): void {
    this.#store.put('folders', hexKey(row.folder), encode(folderCodec, row));
  }

  /** Forgets a folder with its codes and the addresses of its members. */
  forget(folder: FolderId): void {
    this.#store.delete('folders', hexKey(folder));
    this.#store.delete('folder-settings', hexKey(folder));
    for (const code of this.codes()) if (code.folder === folder) this.removeCode(code.codeId);
    const from = hexKey(folder);
    for (const { key } of this.#store.scan('peers', { from, limit: rowsMax })) {
      if (toHex(key.subarray(0, from.length)) === folder) this.#store.delete('peers', key);
    }
  }

  folderSettings(folder: FolderId): FolderSettings {
    const value = this.#store.get('folder-settings', hexKey(folder));
    return value === undefined ? defaults : decode(settingsCodec, value, settingsBytesMax);
  }

  putFolderSettings(folder: FolderId, settings: FolderSettings): void {
    this.#store.put('folder-settings', hexKey(folder), encode(settingsCodec, settings));
  }

  codes(): readonly CodeRow[] {
    return this.#all('codes', codeCodec);
  }

  code(codeId: string): CodeRow | undefined {
    return this.#one('codes', utf8(codeId), codeCodec);
  }

  putCode(row: CodeRow): void {
    this.#store.put('codes', utf8(row.codeId), encode(codeCodec, row));
  }

  removeCode(codeId: string): void {
    this.#store.delete('codes', utf8(codeId));
  }

  joins(): readonly JoinRow[] {
    return this.#all('joins', joinCodec);
  }

  join(codeId: string): JoinRow | undefined {
    return this.#one('joins', utf8(codeId), joinCodec);
  }

  putJoin(row: JoinRow): void {
    this.#store.put('joins', utf8(row.codeId), encode(joinCodec, row));
  }

  removeJoin(codeId: string): void {
    this.#store.delete('joins', utf8(codeId));
  }

  addresses(folder: FolderId, device: string): AddressRow | undefined {
    return this.#one('peers', hexKey(folder + device), addressCodec);
  }

  putAddresses(folder: FolderId, device: string, row: AddressRow): void {
    this.#store.put('peers', hexKey(folder + device), encode(addressCodec, row));
  }

  setting(key: string): string | undefined {
    const value = this.#store.get('settings', utf8(key));
    return value === undefined ? undefined : utf8Text(value);
  }

  putSetting(key: string, value: string): void {
    this.#store.put('settings', utf8(key), utf8(value));
  }

  removeSetting(key: string): void {
    this.#store.delete('settings', utf8(key));
  }

  /** Bytes of content a second. */
  limits(): { readonly up: number | undefined; readonly down: number | undefined } {
    const of = (way: string): number | undefined => Number(this.setting(`limit-${way}`) ?? 0) || undefined;
    return { up: of('up'), down: of('down') };
  }

  putLimit(way: 'up' | 'down', bytesPerSecond: number): void {
    if (bytesPerSecond === 0) this.removeSetting(`limit-${way}`);
    else this.putSetting(`limit-${way}`, `${bytesPerSecond}`);
  }

  /** Where the stores lay when they were last opened. */
  identity(): string | undefined {
    const value = this.#store.get('identity', utf8('place'));
    return value === undefined ? undefined : utf8Text(value);
  }

  putIdentity(identity: string): void {
    this.#store.put('identity', utf8('place'), utf8(identity));
  }

  settings(): Readonly<Record<string, string>> {
    const rows = this.#store.scan('settings', { limit: rowsMax });
    return Object.fromEntries(rows.map((row) => [utf8Text(row.key) ?? '', utf8Text(row.value) ?? '']));
  }

  #all<T>(table: string, codec: Codec<T>): readonly T[] {
    return this.#store.scan(table, { limit: rowsMax }).map((row: Row) => decode(codec, row.value, rowBytesMax));
  }

  #one<T>(table: string, key: Uint8Array, codec: Codec<T>): T | undefined {
    const value = this.#store.get(table, key);
    return value === undefined ? undefined : decode(codec, value, rowBytesMax);
  }
}

function hexKey(text: string): Uint8Array {
  const key = fromHex(text);
  invariant(key !== undefined, 'ids are hex');
  return key;
}
