/** Logs to verify; everything follows from a seed. */
import { utf8 } from '../../src/bytes.js';
import type { Crypto } from '../../src/crypto/index.js';
import {
  type DeviceId,
  type Entry,
  encodeRecords,
  type FolderId,
  type HeaderDraft,
  type LogKind,
  type LogName,
  type RawRecord,
  type RunStart,
  type Signed,
  signEntry,
  toDeviceId,
  toEpochId,
  toFolderId,
} from '../../src/model/index.js';

/** A log of one device that grows. */
export class TestLog {
  readonly crypto: Crypto;
  readonly seed: Uint8Array;
  readonly folder: FolderId;
  readonly name: LogName;
  readonly entries: Signed<Entry>[] = [];

  constructor(crypto: Crypto, log: LogKind = 'content', seed = 'device') {
    this.crypto = crypto;
    this.seed = crypto.blake3(utf8(seed));
    this.folder = toFolderId(crypto.blake3(utf8('folder')));
    this.name = { device: this.device, log };
  }

  get device(): DeviceId {
    return toDeviceId(this.crypto.ed25519Public(this.seed));
  }

  get start(): RunStart {
    return { folder: this.folder, name: this.name, seq: 0, hash: undefined };
  }

  header(change: Partial<HeaderDraft> = {}): HeaderDraft {
    const last = this.entries.at(-1);
    const seq = this.entries.length + 1;
    const base = {
      ...this.name,
      folder: this.folder,
      seq,
      previous: last?.hash,
      heads: [],
      clock: BigInt(seq),
      flags: 0,
    };
    return { ...base, ...change };
  }

  append(
    change: Partial<HeaderDraft> = {},
    parts: { publicBytes?: Uint8Array; sealedBytes?: Uint8Array } = {},
  ): Signed<Entry> {
    const epoch = toEpochId(this.crypto.blake3(utf8('epoch')));
    const header = this.header({ ...(parts.sealedBytes === undefined ? {} : { epoch }), ...change });
    const entry = signEntry(this.crypto, this.seed, { header, ...parts });
    this.entries.push(entry);
    return entry;
  }

  grow(count: number): this {
    for (let i = 0; i < count; i++) {
      const publicBytes = encodeRecords([someRecord(i)]);
      this.append({}, this.name.log === 'content' ? { publicBytes, sealedBytes: publicBytes } : { publicBytes });
    }
    return this;
  }
}

export function someRecord(number: number): RawRecord {
  return { type: 31, payload: Uint8Array.of(number & 0xff, (number >> 8) & 0xff) };
}

export function unsigned(entry: Entry): Entry {
  return { ...entry, signature: undefined };
}
