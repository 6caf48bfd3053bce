import type { Crypto } from '../crypto/index.js';
import { check } from '../errors.js';
import { entryHeadsMax } from '../limits.js';
import type { Membership, OpenedEpoch } from '../membership/index.js';
import {
  type ChunkId,
  chunksCodec,
  type DeviceId,
  draftHeader,
  type Entry,
  encodeRecords,
  type Head,
  type HeaderDraft,
  type LogName,
  logKey,
  type RawRecord,
  record,
  sealBody,
  signEntry,
} from '../model/index.js';
import type { Place } from './context.js';
import type { FolderRow } from './home.js';
import type { LogBook, LogState } from './log-book.js';
import type { LogMarks } from './log-marks.js';
import type { SeededRandom } from './random.js';

export interface OwnContentOptions {
  readonly crypto: Crypto;
  readonly random: SeededRandom;
  readonly row: FolderRow;
  readonly device: DeviceId;
  readonly book: LogBook;
  readonly marks: LogMarks;
  readonly membership: () => Membership;
  /** The epoch that new content is sealed under, opened. */
  readonly current: () => OpenedEpoch | undefined;
  /** An own entry was added, with these records. */
  readonly added: (name: LogName, entry: Entry, records: readonly RawRecord[]) => void;
}

/** Writes the own content log: each entry names what it has seen that no earlier one names. */
export class OwnContent {
  readonly #options: OwnContentOptions;

  constructor(options: OwnContentOptions) {
    this.#options = options;
  }

  /** Place and clock of the next entry with records. */
  nextPlace(): { readonly seq: number; readonly clock: bigint } {
    const { book, marks } = this.#options;
    const bridges = Math.max(0, Math.ceil(this.#unnamed().length / entryHeadsMax) - 1);
    return { seq: (book.log(this.#name)?.seq ?? 0) + 1 + bridges, clock: marks.next() };
  }

  /** Appends one entry; its records are applied at once. Throws `not-allowed` or `busy` (no key yet). */
  append(records: readonly RawRecord[], chunkIds: readonly ChunkId[]): Omit<Place, 'index'> {
    const { membership, device } = this.#options;
    check(membership().mayWrite(device), 'not-allowed', 'Your level in this folder does not allow writing.');
    const epoch = this.#options.current();
    check(epoch !== undefined, 'busy', 'The key of this folder is not here yet; it comes with the next connection.');
    for (let heads = this.#unnamed(); heads.length > entryHeadsMax; heads = this.#unnamed()) {
      this.#append(heads.slice(0, entryHeadsMax), undefined, [], []);
    }
    return this.#append(this.#unnamed(), epoch, records, chunkIds);
  }

  #append(
    heads: readonly Head[],
    epoch: OpenedEpoch | undefined,
    records: readonly RawRecord[],
    chunkIds: readonly ChunkId[],
  ): Omit<Place, 'index'> {
    const { crypto, random, row, device, book, marks } = this.#options;
    const name = this.#name;
    const state = book.log(name);
    const publicRecords = chunkIds.length === 0 ? [] : [record('chunks', chunksCodec, { ids: chunkIds })];
    const publicBytes = publicRecords.length === 0 ? undefined : encodeRecords(publicRecords);
    const header: HeaderDraft = {
      folder: row.folder,
      ...name,
      seq: (state?.seq ?? 0) + 1,
      previous: state?.hash,
      heads,
      clock: marks.tick(),
      epoch: epoch?.id,
      flags: 0,
    };
    const unsealed = draftHeader(crypto, { header, publicBytes });
    const sealedBytes =
      epoch === undefined ? undefined : sealBody(crypto, epoch.key, random.bytes(32), unsealed, records);
    const entry = signEntry(crypto, row.deviceSeed, { header, publicBytes, sealedBytes });
    book.add(name, [entry]);
    for (const head of heads) marks.name(head, head.seq);
    this.#options.added(name, entry, records);
    return { device, seq: entry.header.seq, clock: header.clock };
  }

  /** Heads that the next entry should name: membership's frontier, and content logs that went on. */
  #unnamed(): readonly Head[] {
    const { book, device, marks, membership } = this.#options;
    const content = book
      .logs()
      .filter((log) => log.log === 'content' && log.device !== device)
      .flatMap((log) => appliedHead(log) ?? []);
    const heads = [...membership().frontier(this.#name), ...content].filter((head) => head.seq > marks.named(head));
    return heads.sort((a, b) => (logKey(a) < logKey(b) ? -1 : 1));
  }

  get #name(): LogName {
    return { device: this.#options.device, log: 'content' };
  }
}

/** How far a log is applied, as a head to name. */
function appliedHead({ device, log, appliedSeq, appliedHash }: LogState): Head | undefined {
  return appliedHash === undefined ? undefined : { device, log, seq: appliedSeq, hash: appliedHash };
}
