import { decode, encode, fixed, struct } from '../codec/index.js';
import type { Crypto } from '../crypto/index.js';
import { CloudlessError } from '../errors.js';
import {
  type Epoch,
  type Membership,
  type OpenedEpoch,
  openEarlier,
  openEpoch,
  openGivenKey,
} from '../membership/index.js';
import {
  type DeviceId,
  type Entry,
  type EpochId,
  epochIdBytes,
  type FolderId,
  openBody,
  type PersonId,
  type RawRecord,
  toEpochId,
} from '../model/index.js';
import type { Store } from '../ports/index.js';

const keyCodec = struct({ key: [0, fixed(32)] });

/** The epoch keys that this device holds in a folder; each was checked against its commitment when it came. */
export class KeyRing {
  readonly #crypto: Crypto;
  readonly #store: Store;
  readonly #folder: FolderId;
  readonly #person: { readonly person: PersonId; readonly boxSecret: Uint8Array };
  readonly #keys = new Map<EpochId, Uint8Array>();
  readonly #opened = new Map<EpochId, OpenedEpoch>();

  constructor(
    crypto: Crypto,
    store: Store,
    folder: FolderId,
    person: { readonly person: PersonId; readonly boxSecret: Uint8Array },
  ) {
    this.#crypto = crypto;
    this.#store = store;
    this.#folder = folder;
    this.#person = person;
    for (const row of store.scan('epochs', { limit: 65_536 })) {
      this.#keys.set(toEpochId(row.key), decode(keyCodec, row.value, 64).key);
    }
  }

  /** Tries all it holds and all boxes sealed to it on epochs that are valid by now. True when a key was learned. */
  learn(membership: Membership): boolean {
    const { genesis } = membership;
    if (genesis === undefined) return false;
    const before = this.#opened.size;
    for (const epoch of readable(membership)) {
      if (this.#opened.has(epoch.id)) continue;
      const key = this.#keys.get(epoch.id);
      const opened = attempt(() =>
        key === undefined
          ? openEpoch(this.#crypto, this.#folder, genesis, epoch, this.#person)
          : openGivenKey(this.#crypto, genesis, epoch, key),
      );
      if (opened !== undefined) this.#keep(membership, epoch, opened);
    }
    return this.#opened.size > before;
  }

  /** Takes a key that a member handed over. False when it is not that epoch's key. */
  give(membership: Membership, id: EpochId, key: Uint8Array): boolean {
    const epoch = membership.epoch(id);
    const { genesis } = membership;
    if (epoch === undefined || genesis === undefined) return false;
    if (this.#opened.has(id)) return true;
    const opened = attempt(() => openGivenKey(this.#crypto, genesis, epoch, key));
    if (opened !== undefined) this.#keep(membership, epoch, opened);
    return opened !== undefined;
  }

  opened(id: EpochId): OpenedEpoch | undefined {
    return this.#opened.get(id);
  }

  /** Whether a key has to come before entries under it can be read: not one that this device is never to have. */
  isAwaited(membership: Membership, id: EpochId, device: DeviceId): boolean {
    if (this.#opened.has(id)) return false;
    const isMember = membership.rankOf(device) !== undefined;
    return membership.epoch(id) === undefined || !isMember || membership.mayHold(id, device);
  }

  all(): readonly OpenedEpoch[] {
    return [...this.#opened.values()];
  }

  /** Epochs whose key is not here. */
  missing(membership: Membership): readonly EpochId[] {
    return readable(membership)
      .filter((epoch) => !this.#opened.has(epoch.id))
      .map((epoch) => epoch.id);
  }

  #keep(membership: Membership, epoch: Epoch, opened: OpenedEpoch): void {
    this.#opened.set(epoch.id, opened);
    this.#keys.set(epoch.id, opened.key);
    this.#store.put('epochs', epochIdBytes(epoch.id), encode(keyCodec, { key: opened.key }));
    for (const earlier of openEarlier(this.#crypto, opened, epoch.record))
      this.give(membership, earlier.epoch, earlier.key);
  }
}

/** Epochs under which members wrote: valid ones, and those whose authors were put out before them. */
function readable({ epochs, fallenEpochs }: Membership): readonly Epoch[] {
  return [...epochs, ...fallenEpochs];
}

/** The value, or `undefined` where a box, key or commitment does not fit. */
function attempt<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof CloudlessError && error.code !== 'internal') return undefined;
    throw error;
  }
}

/** Records of the sealed part; none where there is none or it does not open (its author's fault: void). */
export function openRecords(crypto: Crypto, ring: KeyRing, { header, sealedBytes }: Entry): readonly RawRecord[] {
  const opened = header.epoch === undefined ? undefined : ring.opened(header.epoch);
  if (opened === undefined || sealedBytes === undefined) return [];
  return attempt(() => openBody(crypto, opened.key, header, sealedBytes)) ?? [];
}
