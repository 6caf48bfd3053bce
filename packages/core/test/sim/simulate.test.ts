import { describe, expect, test } from 'vitest';
import { nodeCrypto } from '../../src/node/crypto.js';
import { type SimResult, simulate } from '../../src/sim/index.js';

const crypto = nodeCrypto();

function run(seed: number, acts: number, faults: boolean): SimResult {
  return simulate({ crypto, seed, acts, faults });
}

describe('a seeded world', () => {
  test('comes to rest with equal folders where nothing goes wrong', () => {
    for (let seed = 1; seed <= 12; seed++) expect(run(seed, 30, false).crashes).toBe(0);
  }, 60_000);

  test('comes to rest with equal folders, nothing lost and every line once, whatever goes wrong', () => {
    const seeds = [1_000, 2_000].flatMap((first) => Array.from({ length: 30 }, (_, index) => first + index));
    const results = seeds.map((seed) => run(seed, 25, true));
    const sum = (of: (result: SimResult) => number): number => results.reduce((total, result) => total + of(result), 0);
    expect(sum(({ acts }) => acts)).toBeGreaterThan(1_000);
    expect(sum(({ lines }) => lines)).toBeGreaterThan(100);
    expect(sum(({ crashes }) => crashes)).toBeGreaterThan(20);
  }, 300_000);

  test('is the same each time for the same seed, and another for another', () => {
    expect(run(7, 20, true)).toEqual(run(7, 20, true));
    expect(run(7, 20, true).trace).not.toBe(run(8, 20, true).trace);
  });

  test('holds where people remove everything at once, and others decide what becomes of that', () => {
    for (let seed = 1; seed <= 10; seed++) {
      expect(simulate({ crypto, seed, acts: 25, clears: true }).acts).toBeGreaterThan(10);
    }
  }, 120_000);

  test('of two devices with many acts holds too', () => {
    expect(simulate({ crypto, seed: 3, acts: 150, devices: 2 }).devices).toBe(2);
  }, 60_000);
});

describe('a world of backups and of disks that come and go', () => {
  test('loses nothing that was written, and comes to rest with equal folders', () => {
    for (let seed = 1; seed <= 20; seed++) expect(simulate({ crypto, seed, acts: 30, restores: true }).seed).toBe(seed);
  }, 120_000);
});

describe('a world of disks that go wrong', () => {
  test('loses nothing where they refuse one thing and not another, and lose names whose bytes they keep', () => {
    for (let seed = 1; seed <= 10; seed++) expect(simulate({ crypto, seed, acts: 25, disks: true }).seed).toBe(seed);
  }, 120_000);

  test('repairs files whose bits turned, and takes none of that for an edit', () => {
    for (let seed = 4; seed <= 9; seed++) expect(simulate({ crypto, seed, acts: 25, rots: true }).seed).toBe(seed);
  }, 120_000);
});

describe('worlds that once failed', () => {
  test('a file replaced by a directory while others show one there becomes no copy that nobody has', () => {
    expect(run(3, 30, false).devices).toBe(3);
  });

  test.each([
    [103, 25, 'fetched, and then not needed any more'],
    [111, 25, 'fetched, and then not needed any more'],
    [118, 25, 'fetched, and then not needed any more'],
    [149, 25, 'of an earlier life, listed when all else was done'],
    [150, 25, 'of an earlier life, listed when all else was done'],
    [2016, 25, 'put aside for a path that did not take it'],
    [3000, 60, 'written to once more after it was removed'],
  ])('no temp file is left in world %i of %i acts: %s', (seed, acts) => {
    expect(run(seed, acts, true).seed).toBe(seed);
  });

  test.each([1022, 2012, 3017])('an act settles no copies that its disk has not seen: world %i', (seed) => {
    expect(run(seed, 25, true).seed).toBe(seed);
  });

  test('trouble with a path ends with its cause', () => {
    expect(run(1025, 25, true).seed).toBe(1025);
  });

  test('what ends in the same plan as something is recorded is waited for no more', () => {
    expect(run(5007, 25, true).seed).toBe(5007);
  });

  test.each([
    [12, 40],
    [70_060, 60],
  ])('a path that waits for its directory is planned again once that is done: world %i of %i acts', (seed, acts) => {
    expect(run(seed, acts, true).seed).toBe(seed);
  });

  test('a file that somebody said to put back where it was may lie in an archive', () => {
    expect(run(70_080, 30, true).seed).toBe(70_080);
  });

  test.each([
    [400_075, 12],
    [70_098, 30],
    [70_130, 100],
  ])('content that nobody has is told of, and waited for no more: world %i of %i acts', (seed, acts) => {
    expect(simulate({ crypto, seed, acts, clears: true }).seed).toBe(seed);
  });

  test('what was written upon the other branch of a log replaces nothing of ours: world 300009', () => {
    expect(simulate({ crypto, seed: 300_009, acts: 60, restores: true }).seed).toBe(300_009);
  });

  test.each([
    [300_031, 60],
    [601_163, 100],
  ])('[LOG-42] logs that part are read alike, also where two disks lost some: world %i of %i acts', (seed, acts) => {
    expect(simulate({ crypto, seed, acts, restores: true }).seed).toBe(seed);
  });

  test.each([
    [300_199, 60],
    [300_235, 60],
    [300_239, 60],
    [300_307, 100],
  ])('temp files go once the directory is back: world %i of %i acts', (seed, acts) => {
    expect(simulate({ crypto, seed, acts, restores: true }).seed).toBe(seed);
  });

  test('[LOG-25] a directory that a database of before does not know is its own all the same: world 300156', () => {
    expect(simulate({ crypto, seed: 300_156, acts: 60, restores: true }).seed).toBe(300_156);
  });

  test('a temp file of an earlier life goes with the wish for its content: world 600721', () => {
    expect(simulate({ crypto, seed: 600_721, acts: 40, disks: true }).seed).toBe(600_721);
  });

  test('what a paused folder hears is whole after a kill: world 56', () => {
    expect(run(56, 40, true).seed).toBe(56);
  });

  test('nobody waits for the time that a clock showed before it was set back: world 125', () => {
    expect(run(125, 40, true).seed).toBe(125);
  });

  test('what a watcher says late is looked at before the world is judged', () => {
    expect(run(2043, 25, true).seed).toBe(2043);
  });
});
