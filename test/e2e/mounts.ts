import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { onTestFinished } from 'vitest';

/** File systems that a test may mount. */
export type FileSystem = 'exfat' | 'vfat' | 'casefold' | 'ext4' | 'btrfs' | 'tmpfs';

interface Outcome {
  readonly ok: boolean;
  readonly said: string;
}

interface Recipe {
  /** MiB of the image; none where the file system lives in memory. */
  readonly mib?: number;
  readonly make?: readonly string[];
  /** Ways to mount it, of which the first that works is taken; `DISK` and `AT` are filled in. */
  readonly mount: readonly (readonly string[])[];
  readonly after?: readonly string[];
}

const recipes: Readonly<Record<FileSystem, Recipe>> = {
  exfat: {
    mib: 24,
    make: ['mkfs.exfat', 'DISK'],
    mount: [
      ['mount', '-i', '-t', 'exfat', 'DISK', 'AT'],
      ['mount.exfat-fuse', 'DISK', 'AT'],
    ],
  },
  vfat: { mib: 24, make: ['mkfs.vfat', 'DISK'], mount: [['mount', '-t', 'vfat', '-o', 'utf8', 'DISK', 'AT']] },
  casefold: {
    mib: 32,
    make: ['mkfs.ext4', '-q', '-O', 'casefold', 'DISK'],
    mount: [['mount', '-t', 'ext4', 'DISK', 'AT']],
    after: ['chattr', '+F', 'AT'],
  },
  ext4: { mib: 32, make: ['mkfs.ext4', '-q', 'DISK'], mount: [['mount', '-t', 'ext4', 'DISK', 'AT']] },
  btrfs: { mib: 114, make: ['mkfs.btrfs', '-q', 'DISK'], mount: [['mount', '-t', 'btrfs', 'DISK', 'AT']] },
  tmpfs: { mount: [['mount', '-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', 'AT']] },
};

/** Mounts a new file system at a directory until the test is over; why not, where this machine can't. */
export function mountNew(kind: FileSystem, at: string): string | undefined {
  if (process.getuid?.() !== 0) return 'only the superuser may mount';
  const { mib, make, mount, after } = recipes[kind];
  const image = `${at}.img`;
  let disk = '';
  if (mib !== undefined && make !== undefined) {
    fs.closeSync(fs.openSync(image, 'w'));
    fs.truncateSync(image, mib * 1_048_576);
    const loop = run(['losetup', '-f', '--show', image]);
    if (!loop.ok) return `no loop device: ${loop.said}`;
    disk = loop.said.trim();
    onTestFinished(() => void run(['losetup', '-d', disk]));
    const made = run(filled(make, disk, at));
    if (!made.ok) return `${make[0]}: ${made.said}`;
  }
  const outcomes = [];
  for (const way of mount) {
    const mounted = run(filled(way, disk, at));
    outcomes.push(mounted.said);
    if (!mounted.ok) continue;
    onTestFinished(() => void run(['umount', '-l', at]));
    const done = after === undefined ? mounted : run(filled(after, disk, at));
    return done.ok ? undefined : done.said;
  }
  return `this machine can't mount ${kind}: ${outcomes.join('; ')}`;
}

/** Shows a directory at another one too, until the test is over; why not, where this machine can't. */
export function mountAgain(from: string, at: string): string | undefined {
  const { ok, said } = run(['mount', '--bind', from, at]);
  if (ok) onTestFinished(() => void run(['umount', '-l', at]));
  return ok ? undefined : said;
}

/** Ends what is mounted at a directory. */
export function unmount(at: string): void {
  must(['umount', '-l', at]);
}

/**
 * Turns over a bit of what is mounted at a directory, where these bytes lie on its disk, behind the back of the file
 * system. Nobody may have a file open there.
 */
export function loseBit(at: string, bytes: Uint8Array): void {
  const disk = must(['findmnt', '-n', '-o', 'SOURCE', at]).trim();
  must(['umount', at]);
  const image = fs.openSync(`${at}.img`, 'r+');
  const place = fs.readFileSync(image).indexOf(bytes);
  if (place < 0) throw new Error('these bytes are not on the disk');
  fs.writeSync(image, Uint8Array.of((bytes[0] as number) ^ 1), 0, 1, place);
  fs.fsyncSync(image);
  fs.closeSync(image);
  must(['mount', disk, at]);
}

/** Lets nobody change a file until the test is over or it is let go; why not, where this machine can't. */
export function freeze(file: string, frozen: boolean): string | undefined {
  const { ok, said } = run(['chattr', frozen ? '+i' : '-i', file]);
  if (ok && frozen) onTestFinished(() => void run(['chattr', '-i', file]));
  return ok ? undefined : said;
}

function must(command: readonly string[]): string {
  const { ok, said } = run(command);
  if (!ok) throw new Error(`${command.join(' ')}: ${said}`);
  return said;
}

function filled(command: readonly string[], disk: string, at: string): readonly string[] {
  return command.map((word) => (word === 'DISK' ? disk : word === 'AT' ? at : word));
}

function run([command = '', ...args]: readonly string[]): Outcome {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 20_000 });
  return { ok: status === 0, said: error?.message ?? (status === 0 ? stdout : stderr.trim()) };
}
