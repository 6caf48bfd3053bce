import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkRoom, noRoom } from '../../src/node/files/room.js';
import { listTemps, removeTemps, withTemp } from '../../src/node/files/temps.js';
import { newPlace, type Place } from './world.js';

const mebibyte = 1_048_576n;
const gibibyte = 1_024n * mebibyte;

function space(size: bigint, free: bigint): Parameters<typeof noRoom>[0] {
  return { bsize: 4_096n, blocks: size / 4_096n, bavail: free / 4_096n };
}

let place: Place;
beforeEach(() => {
  place = newPlace();
});
afterEach(() => place.remove());

describe('room on a disk', () => {
  it('is what is free but for a hundredth', () => {
    expect(noRoom(space(10n * gibibyte, 103n * mebibyte), 524_288)).toBeUndefined();
    expect(noRoom(space(10n * gibibyte, 102n * mebibyte), 1_048_576)).toBe(
      'The disk is full: 102 MiB are free, and 102 MiB stay free for what can not wait.',
    );
  });

  it('is what is free but for a gibibyte on a large disk', () => {
    const size = 4_096n * gibibyte;
    expect(noRoom(space(size, gibibyte + 4_096n), 4_096)).toBeUndefined();
    expect(noRoom(space(size, gibibyte), 1)).toContain('1024 MiB stay free');
  });

  it('is there where nobody knows', () => {
    expect(noRoom(undefined, 1_000_000_000)).toBeUndefined();
    expect(noRoom(space(0n, 0n), 1_000_000_000)).toBeUndefined();
    expect(checkRoom(join(place.path, 'nowhere'), 1_000_000_000)).toBeUndefined();
  });

  it('is asked of the disk that the directory is on', (context) => {
    const at = join(place.path, 'mounted');
    mkdirSync(at);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', at], { stdio: 'pipe' });
    } catch {
      return context.skip('this machine lets nobody mount a file system here');
    }
    try {
      checkRoom(at, 4_194_304);
      writeFileSync(join(at, 'large'), new Uint8Array(8_388_608 - 81_920));
      expect(() => checkRoom(at, 4_096)).toThrow(expect.objectContaining({ code: 'disk-full' }));
      const left = statfsSync(at);
      expect(left.bavail * left.bsize).toBeGreaterThan(4_096);
    } finally {
      execFileSync('umount', [at]);
    }
  });
});

describe('the directory of temp files', () => {
  it('leads nowhere else, whoever puts a link in its place', () => {
    const [root, outside] = [join(place.path, 'root'), join(place.path, 'outside')];
    for (const path of [root, outside, join(root, '.cloudless'), join(outside, 'tmp')]) mkdirSync(path);
    withTemp(root, 'one', true, () => undefined);
    expect(listTemps(root)).toEqual(['one']);
    renameSync(join(root, '.cloudless'), join(root, 'aside'));
    symlinkSync(outside, join(root, '.cloudless'));
    writeFileSync(join(outside, 'tmp', 'theirs'), 'theirs');
    for (const act of [
      () => withTemp(root, 'one', true, () => undefined),
      () => withTemp(root, 'theirs', false, () => undefined),
      () => removeTemps(root, ['theirs']),
      () => listTemps(root),
    ])
      expect(act).toThrow(expect.objectContaining({ code: 'unsafe-path' }));
  });
});
