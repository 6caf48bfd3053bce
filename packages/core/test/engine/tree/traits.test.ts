import { describe, expect, it, test } from 'vitest';
import { foldCase } from '../../../src/model/index.js';
import type { DiskTraits } from '../../../src/ports/index.js';
import { seeded } from '../../seeded.js';
import { TestDisk } from './disk.js';
import { randomBytes } from './random-bytes.js';
import { crypto, type Device, World } from './world.js';

const blind: DiskTraits = {
  caseBlind: true,
  renamesCase: true,
  formBlind: true,
  symlinks: false,
  executable: true,
  hardLinks: false,
  timeStepUs: 2_000_000,
  nameRules: 'windows',
};

/** A device on a disk that can do everything, and one on a disk that can't. */
function pair(traits: DiskTraits, seed = 3): readonly [World, Device, Device] {
  const world = new World(seed);
  const disk = new TestDisk(crypto);
  disk.traits = traits;
  return [world, world.add(), world.add({ disk })];
}

function has(device: Device): readonly string[] {
  return [...device.disk.nodes.keys()].sort();
}

describe('a disk that is blind to case', () => {
  it.each([true, false])(
    '[FIL-93] holds the name that was first and never touches it for its twin (%s)',
    (renamesCase) => {
      const [world, a, b] = pair({ ...blind, renamesCase });
      a.disk.write('Note', randomBytes(5_000, 1));
      a.disk.write('note', 'small');
      a.disk.write('Dir/a', 'a');
      a.disk.write('dir/b', 'b');
      world.converge();
      expect(has(b)).toEqual(['Dir', 'Dir/a', 'Note']);
      expect(b.tree.why('note')).toMatchObject({ state: 'waiting' });
      expect(b.tree.why('dir/b').reason).toContain('“Dir”');
      expect(b.tree.settled()).toBe(true);
      b.crash();
      world.converge();
      expect(b.tree.status().unsyncable).toBe(3);
      a.disk.remove('note');
      a.disk.rename('Note', 'NOTE');
      world.converge();
      expect(has(b)).toEqual(['Dir', 'Dir/a', 'NOTE']);
      expect(b.disk.nodes.get('NOTE')?.bytes).toEqual(randomBytes(5_000, 1));
      a.disk.remove('Dir');
      world.converge();
      expect(has(b)).toEqual(['NOTE', 'dir', 'dir/b']);
      expect(b.disk.collisions).toBe(0);
      expect(b.tree.status().unsyncable).toBe(0);
    },
  );

  test.each([true, false])(
    '[FIL-93] whatever others do to case, it holds one of each, and tells them nothing (%s)',
    (renamesCase) => {
      for (let seed = 1; seed <= 12; seed++) {
        const rnd = seeded(seed);
        const [world, a, b] = pair({ ...blind, renamesCase }, seed);
        const pick = (): string => ['x', 'X', 'd/y', 'd/Y', 'D/y', 'D/Y', 'D/z'][Math.floor(rnd() * 7)] as string;
        for (let act = 0; act < 14; act++) {
          const [from, to] = [pick(), pick()];
          if (rnd() < 0.4) a.disk.write(to, rnd() < 0.5 ? `${act}` : randomBytes(3_000, act));
          else if (rnd() < 0.3) a.disk.remove(from);
          else if (a.disk.nodes.has(from) && from !== to && !a.disk.nodes.has(to)) a.disk.rename(from, to);
          if (rnd() < 0.4) world.converge();
          if (rnd() < 0.1) b.crash();
        }
        const made = a.disk.listing();
        world.converge();
        expect(a.disk.listing()).toEqual(made);
        expect(b.disk.collisions).toBe(0);
        const kept = has(b);
        expect(new Set(kept.map(foldCase)).size).toBe(kept.length);
        expect(
          new Set(
            has(a)
              .filter((path) => !path.includes('/'))
              .map(foldCase),
          ),
        ).toEqual(new Set(kept.filter((path) => !path.includes('/')).map(foldCase)));
        for (const path of kept) expect(b.disk.nodes.get(path)?.bytes).toEqual(a.disk.nodes.get(path)?.bytes);
      }
    },
  );
});

describe('what a disk can not hold', () => {
  it('[FIL-92] is told of, and lost for nobody', () => {
    const [world, a, b] = pair(blind);
    a.disk.symlink('link', 'x');
    a.disk.write('a:b', 'x');
    a.disk.write('x', 'x');
    world.converge();
    expect(has(b)).toEqual(['x']);
    expect(b.tree.why('link').reason).toBe('This disk can hold no links.');
    expect(b.tree.why('a:b').reason).toContain('":"');
    expect(b.tree.status()).toMatchObject({ state: 'inStep', unsyncable: 2 });
    a.disk.remove('link');
    a.disk.write('link', 'a file now');
    world.converge();
    expect(b.disk.text('link')).toBe('a file now');
    expect(b.tree.status().unsyncable).toBe(1);
  });

  it('[FIL-94] of a time does not come back as a change when the disk forgets its digits later', () => {
    const [world, a, b] = pair(blind);
    a.disk.write('x', 'x');
    world.converge();
    const node = b.disk.nodes.get('x');
    if (node !== undefined) Object.assign(node, { mtimeUs: node.mtimeUs - 1_500, ctimeUs: node.ctimeUs + 1 });
    const before = b.entrySizes.length;
    world.converge();
    expect(b.entrySizes.length).toBe(before);
    expect(a.tree.status().fingerprint).toBe(b.tree.status().fingerprint);
  });
});
