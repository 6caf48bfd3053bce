import { compareBytes, toHex } from '../bytes.js';
import type { Crypto } from '../crypto/index.js';
import { acceptedDays, dayOf, pairRendezvous, rendezvous } from '../membership/index.js';
import type { DeviceId, FolderId } from '../model/index.js';
import type { Connections, Link } from './connections.js';
import type { Door, Effect } from './effects.js';
import type { FolderEngine } from './folder.js';
import type { Home } from './home.js';
import type { SeededRandom } from './random.js';
import { earlier } from './times.js';

const dialTimeoutMs = 10_000;
const retryMsMin = 250;
const retryMsMax = 30_000;
const addressesMax = 8;
/** Pre-shared keys of pairs that are kept, not to be derived again. */
const pairsKept = 4_096;
const dayMs = 86_400_000;

/** A member's device that we want to be connected with. */
interface Target {
  readonly folder: FolderId;
  readonly device: DeviceId;
  attempts: number;
  nextMs: number;
  dial: number | undefined;
  reason: string;
}

export interface DialerOptions {
  readonly crypto: Crypto;
  readonly random: SeededRandom;
  readonly home: Home;
  readonly connections: Connections;
  readonly folders: () => readonly FolderEngine[];
  now(): number;
  emit(effect: Effect): void;
  newDial(): number;
}

/**
 * Keeps a connection to every member's device whose address is known: dials, and dials again with growing, jittered
 * pauses.
 */
export class Dialer {
  readonly #options: DialerOptions;
  readonly #targets = new Map<string, Target>();
  readonly #pairs = new Map<string, Uint8Array>();

  constructor(options: DialerOptions) {
    this.#options = options;
  }

  /** Doors of a folder's members: yesterday's, today's and tomorrow's keys. */
  doors(): readonly Door[] {
    const days = acceptedDays(this.#options.now());
    return this.#options
      .folders()
      .filter((folder) => folder.ending === undefined)
      .flatMap((folder) => days.flatMap((day) => [...this.#door(folder, day), ...this.#pairDoors(folder, day)]));
  }

  /** Members or addresses changed. */
  refresh(): void {
    const wanted = new Set<string>();
    for (const folder of this.#options.folders()) {
      for (const device of otherDevices(folder)) {
        if (this.#options.home.addresses(folder.folder, device) === undefined) continue;
        const key = folder.folder + device;
        wanted.add(key);
        if (this.#targets.has(key)) continue;
        const target = {
          folder: folder.folder,
          device,
          attempts: 0,
          nextMs: this.#options.now(),
          dial: undefined,
          reason: '',
        };
        this.#targets.set(key, target);
      }
    }
    for (const key of this.#targets.keys()) if (!wanted.has(key)) this.#targets.delete(key);
  }

  /** A device proved itself: keep its addresses and, of two connections with it, one. */
  proved(link: Link, folder: FolderEngine, device: DeviceId, listen: readonly string[]): void {
    const dialled = link.initiator ? [link.address] : [];
    const before = this.#options.home.addresses(folder.folder, device)?.addresses ?? [];
    const addresses = [...new Set([...dialled, ...listen, ...before])].slice(0, addressesMax);
    if (addresses.length > 0) {
      this.#options.home.putAddresses(folder.folder, device, { addresses, seenMs: this.#options.now() });
    }
    this.refresh();
    const target = this.#targets.get(folder.folder + device);
    if (target !== undefined) Object.assign(target, { attempts: 0, dial: undefined, reason: '' });
    this.#settleTwins(link, folder.folder, device);
  }

  dialFailed(dial: number, reason: string): void {
    for (const target of this.#targets.values()) if (target.dial === dial) this.#retry(target, reason);
  }

  /** The connection is gone: those it served are dialled anew. */
  closed(link: Link): void {
    for (const [folder, device] of link.proved) {
      const target = this.#targets.get(folder + device);
      if (target !== undefined && !this.#connected(target)) this.#retry(target, 'the connection was lost');
    }
  }

  /** A dial got through; it counts once the device has proved itself, and if it never does the next try comes. */
  connected(dial: number | undefined): void {
    for (const target of this.#targets.values()) {
      if (dial !== undefined && target.dial === dial) this.#retry(target, 'the device there is another one');
    }
  }

  wake(nowMs: number): void {
    for (const target of this.#targets.values()) {
      // A pause that is longer than any was set before the clock went back.
      const due = target.nextMs <= nowMs || target.nextMs > nowMs + retryMsMax;
      if (target.dial === undefined && due && !this.#connected(target)) this.#dial(target);
    }
  }

  nextWake(): number {
    let wake = (dayOf(this.#options.now()) + 1) * dayMs;
    for (const target of this.#targets.values()) {
      if (target.dial === undefined && !this.#connected(target)) wake = earlier(wake, target.nextMs) as number;
    }
    return wake;
  }

  /** Why a device is not connected, for people. */
  reason(folder: FolderId, device: DeviceId): string | undefined {
    return this.#targets.get(folder + device)?.reason;
  }

  #dial(target: Target): void {
    const folder = this.#options.folders().find((each) => each.folder === target.folder);
    const row = this.#options.home.addresses(target.folder, target.device);
    const [door] = folder === undefined ? [] : this.#doorsTo(folder, target);
    if (row === undefined || door === undefined) return this.#retry(target, 'no address or key is known');
    target.dial = this.#options.newDial();
    this.#options.emit({ type: 'dial', dial: target.dial, addresses: row.addresses, door, timeoutMs: dialTimeoutMs });
  }

  #retry(target: Target, reason: string): void {
    const longest = Math.min(retryMsMax, retryMsMin * 2 ** Math.min(target.attempts, 16));
    const [chance = 0] = this.#options.random.bytes(1);
    target.attempts += 1;
    target.dial = undefined;
    target.reason = reason;
    target.nextMs = this.#options.now() + Math.round((longest * (128 + chance / 2)) / 256);
  }

  #connected(target: Target): boolean {
    return this.#options.connections.all().some((link) => link.proved.get(target.folder) === target.device);
  }

  #door(folder: FolderEngine, day: number): readonly Door[] {
    const epoch = folder.logs.current();
    if (epoch === undefined) return [];
    const { psk } = rendezvous(this.#options.crypto, epoch.discovery, day);
    return [{ via: { kind: 'folder', folder: folder.folder }, psk, staticSecret: folder.row.agreementSecret }];
  }

  /** For those who have not heard of the current epoch, or we of theirs: a place of two persons' own. */
  #pairDoors(folder: FolderEngine, day: number): readonly Door[] {
    const { key, discovery } = folder.logs.membership.recipients();
    return [...key, ...discovery].map(({ boxKey }) => this.#pairDoor(folder, boxKey, day));
  }

  #pairDoor({ folder, row }: FolderEngine, boxKey: Uint8Array, day: number): Door {
    const { crypto } = this.#options;
    const key = `${folder} ${toHex(boxKey)} ${toHex(row.personBoxSecret)} ${day}`;
    const known = this.#pairs.get(key);
    const psk = known ?? pairRendezvous(crypto, folder, row.personBoxSecret, boxKey, day).psk;
    if (this.#pairs.size >= pairsKept) this.#pairs.clear();
    this.#pairs.set(key, psk);
    return { via: { kind: 'folder', folder }, psk, staticSecret: row.agreementSecret };
  }

  /** Which way to try next: every other time the place of the pair, as either may lack the other's epoch. */
  #doorsTo(folder: FolderEngine, { device, attempts }: Target): readonly Door[] {
    const { membership } = folder.logs;
    const today = dayOf(this.#options.now());
    const { key, discovery } = membership.recipients();
    const person = membership.memberOf(device)?.person;
    const other = [...key, ...discovery].find((each) => each.person === person);
    const pair = other === undefined ? [] : [this.#pairDoor(folder, other.boxKey, today)];
    const common = this.#door(folder, today);
    return attempts % 2 === 0 ? [...common, ...pair] : [...pair, ...common];
  }

  /**
   * Two connections with one device. Made about the same time, by either side, for one folder or for several: the
   * one with the smaller
   * handshake hash stays, which both compute alike. Else, where one side made both, it has lost the older: the
   * newer stays.
   */
  #settleTwins(link: Link, folder: FolderId, device: DeviceId): void {
    for (const other of this.#options.connections.all()) {
      if (link.leaving) return;
      if (other === link || other.leaving || other.proved.get(folder) !== device || other.via.kind === 'code') continue;
      const again = other.initiator === link.initiator && Math.abs(link.sinceMs - other.sinceMs) >= dialTimeoutMs;
      const keepLink = again ? link.sinceMs > other.sinceMs : isSmaller(link, other);
      const loser = keepLink ? other : link;
      loser.leaving = true;
      this.#options.emit({
        type: 'close',
        connection: loser.connection,
        reason: 'another connection with the same device stays',
      });
    }
  }
}

function otherDevices(folder: FolderEngine): readonly DeviceId[] {
  if (folder.ending !== undefined) return [];
  const members = folder.logs.membership.members.flatMap((member) => member.devices.map(({ device }) => device));
  return members.filter((device) => device !== folder.device);
}

function isSmaller(a: Link, b: Link): boolean {
  return compareBytes(a.handshakeHash, b.handshakeHash) < 0;
}
