import { describe, expect, test } from 'vitest';
import { randomBytes } from './random-bytes.js';
import { type Device, World } from './world.js';

const file = '.cloudlessignore';

/** Two devices in step with what the first was given. */
function shared(set: (device: Device) => void, seed = 5): readonly [World, Device, Device] {
  const world = new World(seed);
  const [a, b] = [world.add(), world.add()];
  set(a);
  world.converge();
  expect(b.disk.listing()).toEqual(a.disk.listing());
  return [world, a, b];
}

function has(device: Device, path: string): boolean {
  return device.disk.nodes.has(path);
}

describe('the shared ignore file', () => {
  test('[FIL-70] is synced like any file, and what it names is neither recorded nor sent', () => {
    const [, a, b] = twoWith((disk) => {
      disk.write(file, '# what is built\nbuild/\n*.tmp\n!keep.tmp\n');
      disk.write('build/deep/out', randomBytes(2_000, 1));
      disk.write('x.tmp', 'x');
      disk.write('keep.tmp', 'k');
      disk.write('src/a', 'a');
    });
    expect(b.disk.listing().map((line) => line.split(' ')[0])).toEqual([file, 'keep.tmp', 'src', 'src/a']);
    expect(has(a, 'build/deep/out') && has(a, 'x.tmp')).toBe(true);
    expect(a.tree.status()).toMatchObject({ state: 'inStep', have: 3, want: 3 });
    expect(a.tree.why('build/deep/out').reason).toContain('line 2 of .cloudlessignore, "build/"');
    expect(a.tree.why('x.tmp').reason).toContain('line 3');
    expect(a.tree.why('keep.tmp').reason).toContain('the same here as in the folder');
    expect(a.tasks.hash).toBe(3);
  });

  test('concerns those who have only just got it', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('a', 'a'));
    a.disk.write(file, 'cache\n');
    world.converge();
    b.disk.write('cache/1', 'mine');
    a.disk.write('cache/1', 'other');
    world.converge();
    expect([a.disk.text('cache/1'), b.disk.text('cache/1')]).toEqual(['other', 'mine']);
    expect(a.tree.status()).toMatchObject({ conflicts: 0, state: 'inStep' });
  });

  test('ignoring what is synced leaves it everywhere; a delete of it is told to nobody', () => {
    const [world, a, b] = shared(({ disk }) => {
      disk.write('d/x.log', 'one');
      disk.write('d/y', 'y');
    });
    a.disk.write(file, '*.log\n');
    world.converge();
    expect(has(b, 'd/x.log')).toBe(true);
    a.disk.remove('d/x.log');
    b.disk.write('d/x.log', 'two');
    world.converge();
    expect([a.disk.text('d/x.log'), b.disk.text('d/x.log')]).toEqual([undefined, 'two']);
    expect(b.tree.status()).toMatchObject({ have: 2, want: 2 });
    a.disk.write(file, '');
    world.converge();
    expect([a.disk.text('d/x.log'), b.disk.text('d/x.log')]).toEqual(['two', 'two']);
    expect(b.tree.status()).toMatchObject({ have: 3, want: 3, conflicts: 0 });
  });

  test('a directory that a peer deletes stays with what is ignored in it, and goes when that goes', () => {
    const [world, a, b] = shared(({ disk }) => {
      disk.write(file, '*.tmp\n');
      disk.write('d/f', 'f');
    });
    b.disk.write('d/x.tmp', 'x');
    world.converge();
    a.disk.remove('d');
    world.converge();
    expect(b.disk.listing().map((line) => line.split(' ')[0])).toEqual([file, 'd', 'd/x.tmp']);
    expect(b.tree.why('d')).toMatchObject({ state: 'waiting' });
    expect(b.tree.why('d').reason).toMatch(/not empty.*d\/x\.tmp.*line 1 of \.cloudlessignore/);
    b.disk.remove('d/x.tmp');
    world.converge();
    expect(has(b, 'd')).toBe(false);
    expect(has(a, 'd')).toBe(false);
  });

  test('a tree that is ignored costs a row, not one for each file', () => {
    const [world, a] = shared(({ disk }) => disk.write(file, 'modules\n'));
    for (let i = 0; i < 300; i++) a.disk.write(`modules/${i}/index`, `${i}`);
    const hashed = a.tasks.hash;
    world.converge();
    expect(a.tasks.hash).toBe(hashed);
    expect(a.rows('disk')).toEqual(['modules']);
  });

  test('[FIL-75] lines that can not be used are left out and said; a file too long is read to its bound', () => {
    const [world, a] = shared(({ disk }) => disk.write('a', 'a'));
    a.disk.write(file, `${'x'.repeat(2_000)}\n**/**/**/**/x\n*.tmp\n`);
    a.disk.write('y.tmp', 'y');
    world.converge();
    expect(a.tree.why('y.tmp').reason).toContain('line 3');
    expect(a.tree.status().reason).toContain('Line 1 of .cloudlessignore is left out: it is longer than 1024 bytes');
    a.disk.write(file, `${'# long\n'.repeat(20_000)}*.never\n`);
    world.converge();
    expect(a.tree.status().reason).toContain('up to 65536 bytes');
    expect(a.tree.why('y.tmp').reason).toContain('the same here as in the folder');
  });

  test('[FIL-76] one that can not be read is not taken for an empty one, over a restart too', () => {
    const [world, a, b] = shared(({ disk }) => disk.write(file, '*.tmp\n'));
    a.disk.write('x.tmp', 'x');
    a.disk.unreadable.add(file);
    world.converge();
    a.crash();
    world.converge();
    expect(a.tree.status().reason).toContain('what it said before holds');
    expect(has(b, 'x.tmp')).toBe(false);
    a.disk.unreadable.clear();
    a.disk.write(file, '');
    world.converge();
    expect(has(b, 'x.tmp')).toBe(true);
  });

  test('two that wrote it apart have a copy of it, and the one shown holds', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'f'));
    a.disk.write(file, '*.a\n');
    b.disk.write(file, '*.b\n');
    world.converge();
    expect(a.disk.text(file)).toBe(b.disk.text(file));
    expect(a.disk.listing()).toEqual(b.disk.listing());
    expect(a.disk.nodes.size).toBe(3);
    const held = a.disk.text(file) === '*.a\n' ? 'a' : 'b';
    expect(a.tree.why(`x.${held}`).reason).toContain('line 1');
  });
});

describe('rules of one device', () => {
  test('[FIL-71] what one ignores and another syncs stays as it is, and meets again as edit, fetch or copy', () => {
    const [world, a, b] = shared(({ disk }) => {
      for (const name of ['same', 'mine', 'theirs', 'both', 'gone']) disk.write(`d/${name}`, randomBytes(3_000, 1));
    });
    a.setRules({ ignore: ['d/'] });
    world.converge();
    a.disk.write('d/mine', 'a');
    a.disk.write('d/both', 'a');
    a.disk.write('d/new', 'a');
    b.disk.write('d/theirs', 'b');
    b.disk.write('d/both', 'b');
    b.disk.remove('d/gone');
    world.converge();
    expect(a.disk.text('d/both')).toBe('a');
    expect(has(a, 'd/gone') && !has(b, 'd/new')).toBe(true);
    a.setRules({ ignore: [] });
    world.converge();
    expect(a.disk.listing()).toEqual(b.disk.listing());
    const texts = ['d/mine', 'd/theirs', 'd/new', 'd/gone'].map((path) => b.disk.text(path));
    expect(texts).toEqual(['a', 'b', 'a', undefined]);
    expect(a.tree.status().conflicts).toBe(1);
  });

  test('[FIL-72] only what is wanted is fetched and counted, with the directories on the way', () => {
    const world = new World(3);
    const [a, b] = [world.add(), world.add({ founded: false })];
    b.setRules({ want: ['photos/2024', '*.md'] });
    a.disk.write('photos/2024/x', randomBytes(200_000, 1));
    a.disk.write('photos/2023/y', randomBytes(200_000, 2));
    a.disk.write('photos/notes.md', 'n');
    a.disk.write('music/z', randomBytes(200_000, 3));
    world.converge();
    const names = b.disk.listing().map((line) => line.split(' ')[0]);
    expect(names).toEqual(['music', 'photos', 'photos/2023', 'photos/2024', 'photos/2024/x', 'photos/notes.md']);
    expect(b.tree.status()).toMatchObject({ state: 'inStep', have: 2, want: 2 });
    expect(b.tree.status().fingerprint).toBe(a.tree.status().fingerprint);
    expect(b.tree.why('music/z').reason).toContain('not among what this device wants');
  });

  test('a name without a wildcard is one path, and nothing but the way to it is held', () => {
    const world = new World(3);
    const [a, b] = [world.add(), world.add()];
    b.setRules({ want: ['photos/2024/'] });
    for (const path of ['photos/2024/x', 'photos/2023/y', 'music/photos/2024/z']) a.disk.write(path, path);
    world.converge();
    expect(b.disk.listing().map((line) => line.split(' ')[0])).toEqual(['photos', 'photos/2024', 'photos/2024/x']);
  });

  test('[FIL-73] wanting it again fetches what was removed to make room, and deletes nothing elsewhere', () => {
    const [world, a, b] = shared(({ disk }) => {
      disk.write('keep', 'k');
      disk.write('big/one', randomBytes(100_000, 1));
      disk.write('big/two', randomBytes(100_000, 2));
      disk.mkdir('big/empty');
    });
    b.setRules({ want: ['keep'] });
    world.converge();
    expect(has(b, 'big/one')).toBe(true);
    b.disk.remove('big');
    world.converge();
    expect(b.tree.status()).toMatchObject({ have: 1, want: 1 });
    a.disk.write('big/one', randomBytes(100_000, 4));
    world.converge();
    expect(has(b, 'big')).toBe(false);
    b.setRules({ want: [] });
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(has(a, 'big/empty')).toBe(true);
    expect(b.rows('aside')).toEqual([]);
    expect(b.tree.status()).toMatchObject({ have: 3, want: 3 });
  });

  test('what is under way when it is no longer wanted is dropped', () => {
    const world = new World(3);
    const [a, b] = [world.add(), world.add()];
    a.disk.write('f', randomBytes(900_000, 1));
    a.look();
    world.settle();
    b.setOnline(false);
    b.take(a);
    world.settle();
    expect(b.needs()).toHaveLength(1);
    b.setRules({ want: ['other'] });
    world.settle();
    expect(b.needs()).toHaveLength(0);
    expect(b.tree.settled()).toBe(true);
  });

  test('[FIL-74] a conflict copy goes with the path that it is a copy of', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('plan.txt', 'p'));
    const c = world.add();
    c.setRules({ want: ['plan.txt'] });
    a.disk.write('plan.txt', 'a');
    b.disk.write('plan.txt', 'b');
    world.converge();
    expect(c.disk.nodes.size).toBe(2);
    expect(c.disk.listing()).toEqual(a.disk.listing());
  });

  test('a crash while paths are gone through loses nothing of it', () => {
    for (let turns = 0; turns < 40; turns += 3) {
      const [world, a, b] = shared(({ disk }) => {
        for (let i = 0; i < 30; i++) disk.write(`d/${i}`, `${i}`);
      }, turns);
      a.setRules({ ignore: ['d/1*'] });
      for (let i = 0; i < turns; i++) a.turn();
      a.crash();
      world.converge();
      a.disk.remove('d/11');
      world.converge();
      a.setRules({ ignore: [] });
      for (let i = 0; i < turns; i++) a.turn();
      a.crash();
      world.converge();
      expect(a.disk.listing()).toEqual(b.disk.listing());
      expect(has(b, 'd/11')).toBe(true);
    }
  });
});

function twoWith(set: (disk: Device['disk']) => void): readonly [World, Device, Device] {
  const world = new World(5);
  const [a, b] = [world.add(), world.add()];
  set(a.disk);
  world.converge();
  return [world, a, b];
}
