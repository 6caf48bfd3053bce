import { concat, toHex, utf8 } from '../bytes.js';
import type { Crypto } from '../crypto/index.js';
import type { Inode } from '../memory/index.js';
import type { SimDevice } from './device.js';
import type { Prng } from './prng.js';
import type { Trace } from './trace.js';

/** What became of a version that a person wrote. */
export interface WrittenVersion {
  readonly device: string;
  readonly path: string;
  readonly what: string;
  /** Somebody who had it on their disk wrote over it or removed it. */
  superseded: boolean;
  /** Those of them at the device where it was written. */
  supersededThere: boolean;
}

/** A file that a program keeps open. */
interface OpenFile {
  readonly device: SimDevice;
  readonly life: number;
  readonly sinceMs: number;
  readonly inode: Inode;
  /** A person, and no change of others, took it from where it lay: what is written to it now is nobody's loss. */
  given: boolean;
  readonly write: (bytes: Uint8Array) => void;
}

/** For how long late writes to a file that was replaced are sure to be noticed (`spec/07`, archive). */
const lateMsMax = 25_000;
const names = ['a', 'b', 'c.txt', 'dir', 'dir/a', 'dir/b', 'dir/sub', 'dir/sub/a', 'other/a', 'other', 'Grüße.md'];
const sizes = [0, 20, 900, 5_000, 70_000] as const;
const bigBytes = 600_000;

/** People at work on the disks of all devices, and a record of every version they wrote. */
export class People {
  readonly written = new Map<string, WrittenVersion>();
  /** What a disk made of a version, and which one that was. */
  readonly #damaged = new Map<string, string>();
  acts = 0;
  /** Whether programs keep files open and write to them later. */
  readonly #opens: boolean;
  readonly #open: OpenFile[] = [];
  readonly #crypto: Crypto;
  readonly #prng: Prng;
  readonly #trace: Trace;

  constructor(crypto: Crypto, prng: Prng, trace: Trace, opens = false) {
    this.#opens = opens;
    this.#crypto = crypto;
    this.#prng = prng;
    this.#trace = trace;
  }

  /** One act of a person at a device, for whom the disk works. */
  act(device: SimDevice): void {
    this.#does(device, () => this.#act(device));
  }

  #does(device: SimDevice, act: () => void): void {
    device.onWholeDisk(() => {
      const inPlace = this.#open.filter((open) => open.device === device && pathOf(open) !== undefined);
      act();
      for (const open of inPlace) open.given ||= pathOf(open) === undefined;
    });
  }

  #act(device: SimDevice): void {
    this.acts += 1;
    if (this.#open.length > 0 && this.#prng.chance(0.1)) return this.#writeLate();
    const path = this.#prng.pick(names);
    const kind = kindAt(device, path);
    const choice = this.#prng.int(1, 100);
    if (choice <= 16) this.remove(device, path);
    else if (choice <= 28) this.#rename(device, path);
    else if (choice <= 33) this.#makeDirectory(device, path);
    else if (choice <= 36) this.#symlink(device, path);
    else if (choice <= 42 && kind === 'file') this.#chmod(device, path);
    else if (choice <= 58 && kind === 'file') this.#append(device, path);
    else if (choice <= 62 && kind === 'file' && this.#opens) this.#keepOpen(device, path);
    else this.#write(device, path);
  }

  /** A person at a device removes all there is. */
  clear(device: SimDevice): void {
    this.acts += 1;
    this.#does(device, () => {
      for (const path of device.person.paths()) if (!path.includes('/')) this.remove(device, path);
    });
  }

  /** Identity of bytes, as `written` has it. */
  digest(bytes: Uint8Array): string {
    return toHex(this.#crypto.blake3(bytes)).slice(0, 24);
  }

  #write(device: SimDevice, path: string): void {
    this.#clear(device, path, 'file');
    const size = this.#prng.chance(0.02) ? bigBytes : this.#prng.pick(sizes);
    const bytes = concat(utf8(`#${this.acts} ${device.name}\n`), this.#prng.bytes(size));
    this.#forget(device, path);
    this.#save(device, path, bytes, this.#prng.chance(0.3));
  }

  /** Saves these bytes there, in place or as a new file that is renamed over the old one. */
  save(device: SimDevice, path: string, bytes: Uint8Array, replacing = false): void {
    this.#clear(device, path, 'file');
    this.#forget(device, path);
    this.#save(device, path, bytes, replacing);
  }

  #save(device: SimDevice, path: string, bytes: Uint8Array, replacing: boolean): void {
    if (replacing && kindAt(device, path) === 'file') device.person.replace(path, bytes);
    else device.person.write(path, bytes);
    this.#wrote(device, path, bytes, 'writes');
  }

  #append(device: SimDevice, path: string): void {
    this.#forget(device, path);
    device.person.append(path, utf8(`line ${this.acts} by ${device.name}\n`));
    this.#wrote(device, path, device.person.read(path) ?? new Uint8Array(0), 'appends to');
  }

  #keepOpen(device: SimDevice, path: string): void {
    const inode = device.disk.get(`${device.root}/${path}`);
    const write = device.person.open(path);
    this.#open.push({ device, life: device.life, sinceMs: trueMs(device), inode, given: false, write });
    this.#say(device, `opens ${path}`);
  }

  /** A program writes over a file that it has had open, wherever that lies by now. */
  #writeLate(): void {
    const open = this.#open.shift();
    if (open === undefined || open.device.life !== open.life || !open.device.hasRoot) return;
    open.device.onWholeDisk(() => this.#writeTo(open));
  }

  #writeTo(open: OpenFile): void {
    const { device, inode, sinceMs, write } = open;
    const path = pathOf(open);
    // What nobody can get at any more is the program's own loss.
    if (path === undefined && (open.given || !isArchived(device, inode))) return;
    this.#supersede(device, inode.bytes);
    const bytes = concat(utf8(`#${this.acts} late ${device.name}\n`), this.#prng.bytes(20));
    write(bytes);
    this.#wrote(device, path ?? 'what was replaced', bytes, 'writes late to');
    if (path === undefined && trueMs(device) - sinceMs > lateMsMax) this.#supersede(device, bytes);
  }

  #supersede(device: SimDevice, bytes: Uint8Array): void {
    const digest = this.digest(bytes);
    const version = this.written.get(this.#damaged.get(digest) ?? digest);
    if (version === undefined) return;
    version.superseded = true;
    version.supersededThere ||= version.device === device.name;
  }

  /** A disk has made something else of these bytes. */
  damaged(before: Uint8Array, after: Uint8Array): void {
    const digest = this.digest(before);
    this.#damaged.set(this.digest(after), this.#damaged.get(digest) ?? digest);
  }

  /** Whether a disk has made something else of that version. */
  wasDamaged(digest: string): boolean {
    return [...this.#damaged.values()].includes(digest);
  }

  /** Removes what is there, with all below it. */
  remove(device: SimDevice, path: string): void {
    this.#forget(device, path);
    device.person.remove(path);
    this.#say(device, `removes ${path}`);
  }

  #rename(device: SimDevice, path: string): void {
    const all = device.person.paths();
    if (all.length === 0) return;
    const from = this.#prng.pick(all);
    if (from === path || path.startsWith(`${from}/`) || from.startsWith(`${path}/`)) return;
    this.#clear(device, path, undefined);
    if (kindAt(device, from) !== undefined) this.rename(device, from, path);
  }

  /** A person has something done that takes the place of what is there. */
  overwrites(device: SimDevice, path: string): void {
    this.#forget(device, path);
  }

  /** Moves what is at `from` over what is at `path`. */
  rename(device: SimDevice, from: string, path: string): void {
    this.#forget(device, path);
    device.person.rename(from, path);
    this.#say(device, `renames ${from} to ${path}`);
  }

  #makeDirectory(device: SimDevice, path: string): void {
    this.#clear(device, path, 'directory');
    device.person.makeDirectory(path);
    this.#say(device, `makes directory ${path}`);
  }

  #symlink(device: SimDevice, path: string): void {
    this.#clear(device, path, undefined);
    this.remove(device, path);
    device.person.symlink(path, 'c.txt');
    this.#say(device, `makes symlink ${path}`);
  }

  #chmod(device: SimDevice, path: string): void {
    device.person.setExecutable(path, this.#prng.chance(0.5));
    this.#say(device, `changes the mode of ${path}`);
  }

  /**
   * Removes what stands in the way of something of `kind` at a path: files above it, and what is of another kind
   * there.
   */
  #clear(device: SimDevice, path: string, kind: 'file' | 'directory' | undefined): void {
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      const above = kindAt(device, path.slice(0, slash));
      if (above !== undefined && above !== 'directory') this.remove(device, path.slice(0, slash));
    }
    const there = kindAt(device, path);
    if (there !== undefined && there !== kind && kind !== undefined) this.remove(device, path);
  }

  /** A person is about to write over or remove what is at a path and below it. */
  #forget(device: SimDevice, path: string): void {
    for (const each of device.person.paths()) {
      if (each !== path && !each.startsWith(`${path}/`)) continue;
      const bytes = device.person.read(each);
      if (bytes !== undefined) this.#supersede(device, bytes);
    }
  }

  #wrote(device: SimDevice, path: string, bytes: Uint8Array, what: string): void {
    const said = `${what} ${path}, ${bytes.length} bytes, ${this.digest(bytes)}`;
    const standing = { superseded: false, supersededThere: false };
    this.written.set(this.digest(bytes), { device: device.name, path, what: said, ...standing });
    this.#say(device, said);
  }

  #say(device: SimDevice, what: string): void {
    this.#trace.add(`${trueMs(device)} the person at ${device.name} ${what}`);
  }
}

function kindAt(device: SimDevice, path: string): 'file' | 'directory' | 'symlink' | undefined {
  return device.disk.find(`${device.root}/${path}`)?.kind;
}

/** Whatever the clock of the device says. */
function trueMs(device: SimDevice): number {
  return device.nowMs() - device.skewMs;
}

/** Where a file that is open lies in the folder, if it does. */
function pathOf({ device, inode }: OpenFile): string | undefined {
  return device.person.paths().find((path) => device.disk.find(`${device.root}/${path}`) === inode);
}

function isArchived(device: SimDevice, inode: Inode): boolean {
  const isBelow = (path: string): boolean => {
    const there = device.disk.find(path);
    if (there === inode) return true;
    return there?.kind === 'directory' && [...there.entries.keys()].some((name) => isBelow(`${path}/${name}`));
  };
  return isBelow(`${device.root}/.cloudless/archive`);
}
