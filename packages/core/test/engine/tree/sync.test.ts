import { describe, expect, test } from 'vitest';
import { isConflictName } from '../../../src/tree/index.js';
import { randomBytes } from './random-bytes.js';
import { type Device, World } from './world.js';

function pair(seed = 7): readonly [World, Device, Device] {
  const world = new World(seed);
  return [world, world.add(), world.add()];
}

function shared(set: (device: Device) => void): readonly [World, Device, Device] {
  const [world, a, b] = pair();
  set(a);
  world.converge();
  expect(b.disk.listing()).toEqual(a.disk.listing());
  return [world, a, b];
}

describe('two trees', () => {
  test('files, directories, links and modes arrive', () => {
    const [, a, b] = shared(({ disk }) => {
      disk.write('a.txt', 'hello');
      disk.write('dir/big', randomBytes(500_000, 3));
      disk.write('dir/run', 'echo', true);
      disk.write('nothing', '');
      disk.mkdir('empty/inside');
      disk.symlink('dir/link', '../a.txt');
    });
    expect(b.disk.listing()).toHaveLength(8);
    expect(b.disk.nodes.get('a.txt')?.mtimeUs).toBe(a.disk.nodes.get('a.txt')?.mtimeUs);
    expect(b.tree.status()).toMatchObject({ state: 'inStep', have: 4, want: 4, bytesLeft: 0, conflicts: 0 });
    expect(b.tree.status().fingerprint).toBe(a.tree.status().fingerprint);
  });

  test('edits, appends, modes, deletes and kinds that change follow', () => {
    const [world, a, b] = shared(({ disk }) => {
      disk.write('edit', 'one');
      disk.write('log', 'line 1\n');
      disk.write('run', 'x');
      disk.write('gone/deep/file', 'x');
      disk.write('becomes-dir', randomBytes(3_000, 1));
      disk.write('becomes-file/inside', randomBytes(3_000, 2));
      disk.symlink('link', 'edit');
    });
    a.disk.write('edit', 'two');
    a.disk.append('log', 'line 2\n');
    a.disk.chmod('run', true);
    a.disk.remove('gone');
    a.disk.remove('becomes-dir');
    a.disk.write('becomes-dir/x', randomBytes(2_000, 5));
    a.disk.remove('becomes-file');
    a.disk.write('becomes-file', randomBytes(2_000, 6));
    a.disk.symlink('link', 'run');
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(b.disk.text('log')).toBe('line 1\nline 2\n');
    expect(b.disk.nodes.has('gone')).toBe(false);
    expect(b.tree.status().conflicts).toBe(0);
  });

  test('the whole tree is looked at once more after an hour, and once only', () => {
    const [world, a] = shared(({ disk }) => disk.write('f', 'one'));
    world.settle();
    const before = a.tasks['scan'] ?? 0;
    world.nowMs += 3_600_000;
    world.settle();
    expect(a.tasks['scan']).toBe(before + 1);
  });

  test('a hint alone brings a change over', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('dir/f', 'one'));
    a.disk.write('dir/f', 'two');
    a.disk.write('new/sub/g', 'three');
    a.disk.mkdir('bare');
    a.hint('dir/f', 'new/sub/g', 'bare');
    world.settle();
    world.exchange();
    world.settle();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    a.disk.remove('new');
    a.hint('new');
    world.settle();
    world.exchange();
    world.settle();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(b.disk.nodes.has('new')).toBe(false);
  });

  test('a file and a directory that are renamed move no chunk', () => {
    const [world, a, b] = shared(({ disk }) => {
      disk.write('file', randomBytes(300_000, 1));
      for (let i = 0; i < 20; i++) disk.write(`dir/sub/${i}`, randomBytes(20_000 + i, i));
    });
    const before = b.chunksReceived;
    a.disk.rename('file', 'elsewhere/renamed');
    a.disk.rename('dir', 'moved');
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(b.chunksReceived).toBe(before);
    expect(b.disk.archive.size).toBe(0);
  });

  test('content that is here in part or whole is not fetched', () => {
    const big = randomBytes(3_000_000, 9);
    const [world, a, b] = shared(({ disk }) => disk.write('big', big));
    const before = b.chunksReceived;
    a.disk.write('copy', big);
    a.disk.write('copies/one', big);
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(b.chunksReceived).toBe(before);
    const edited = big.slice();
    edited.fill(7, 1_500_000, 1_500_100);
    a.disk.write('big', edited);
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(b.chunksReceived - before).toBeLessThanOrEqual(3);
    expect(b.chunksReceived - before).toBeGreaterThan(0);
  });

  test('two files that swap their names keep their content without a transfer', () => {
    const [world, a, b] = shared(({ disk }) => {
      disk.write('one', randomBytes(100_000, 1));
      disk.write('two', randomBytes(100_000, 2));
    });
    const before = b.chunksReceived;
    a.disk.rename('one', 'three');
    a.disk.rename('two', 'one');
    a.disk.rename('three', 'two');
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(b.chunksReceived).toBe(before);
  });

  test('a long list goes over by its nodes', () => {
    const [, , b] = shared(({ disk }) => disk.write('long', randomBytes(80_000_000, 4)));
    expect(b.chunksReceived).toBeGreaterThan(256);
    expect(b.tree.status()).toMatchObject({ state: 'inStep', files: 1, bytes: 80_000_000 });
  }, 60_000);

  test('concurrent edits give one conflict copy of the same name on both sides, and both contents stay', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f.txt', 'base'));
    a.disk.write('f.txt', 'from a');
    b.disk.write('f.txt', randomBytes(70_000, 2));
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    const copies = [...a.disk.nodes.keys()].filter(isConflictName);
    expect(copies).toHaveLength(1);
    expect(a.tree.status()).toMatchObject({ conflicts: 1, state: 'inStep' });
    expect(a.tree.conflictsList()).toMatchObject([{ path: 'f.txt', copies: copies.map((path) => ({ path })) }]);
    expect(a.tree.why('f.txt').reason).toContain(copies[0]);
    const contents = [...a.disk.nodes.values()].map((node) => node.bytes.length).sort();
    expect(contents).toEqual([6, 70_000]);
    b.disk.remove(copies[0] as string);
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect([...a.disk.nodes.keys()]).toEqual(['f.txt']);
    expect(a.tree.status().conflicts).toBe(0);
  });

  test('an edit wins over a delete that did not know of it', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'base'));
    a.disk.remove('f');
    b.disk.write('f', 'edited');
    world.converge();
    expect(a.disk.text('f')).toBe('edited');
    expect(b.disk.text('f')).toBe('edited');
  });

  test('first join merges: what is equal is adopted, what differs becomes a copy, nothing is erased', () => {
    const world = new World(3);
    const a = world.add();
    a.disk.write('same', randomBytes(50_000, 1));
    a.disk.write('differs', 'of a');
    a.disk.write('only-a', 'a');
    world.converge();
    world.nowMs += 60_000;
    const b = world.add({ founded: false });
    b.disk.write('same', randomBytes(50_000, 1));
    b.disk.write('differs', 'of b');
    b.disk.write('only-b', 'b');
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(b.chunksReceived + a.chunksReceived).toBe(0);
    expect(a.disk.text('only-b')).toBe('b');
    const texts = [...a.disk.nodes.values()].map((node) => new TextDecoder().decode(node.bytes));
    expect(texts).toContain('of a');
    expect(texts).toContain('of b');
  });

  test('a joiner whose content differs gives the name to the older folder', () => {
    const world = new World(3);
    const a = world.add();
    a.disk.write('differs', 'of a');
    world.converge();
    const b = world.add({ founded: false });
    b.disk.write('differs', 'of b');
    world.converge();
    expect(a.disk.text('differs')).toBe('of a');
    expect(b.disk.text('differs')).toBe('of a');
  });

  test('a disk that keeps no modes and whole seconds comes to rest and changes nothing for others', () => {
    const [world, a, b] = pair();
    b.disk.coarse = true;
    a.disk.write('run', 'x', true);
    a.disk.write('f', randomBytes(5_000, 1));
    world.converge();
    world.converge();
    expect(b.applied()).toBe(a.applied());
    expect(b.entrySizes).toEqual([]);
    b.disk.append('run', 'y');
    world.converge();
    expect(a.disk.nodes.get('run')?.executable).toBe(true);
    expect(a.disk.text('run')).toBe('xy');
  });

  test('what can not be read is left alone, and what is above it', () => {
    const [world, a, b] = shared(({ disk }) => {
      disk.write('dir/secret/f', 'x');
      disk.write('dir/plain', 'y');
    });
    b.disk.unreadable.add('dir/secret');
    world.converge();
    a.disk.remove('dir');
    world.converge();
    expect(b.disk.nodes.has('dir/secret/f')).toBe(true);
    expect(b.disk.nodes.has('dir/plain')).toBe(false);
    expect(b.tree.why('dir/secret').state).toBe('waiting');
    expect(a.disk.nodes.has('dir')).toBe(false);
    b.disk.unreadable.clear();
    world.converge();
    expect(b.disk.listing()).toEqual([]);
  });

  test('[FIL-100] what a listing keeps back is not deleted, and what is gone below it is', () => {
    const [world, a, b] = shared(({ disk }) => {
      disk.write('dir/kept', 'kept');
      disk.write('dir/sub/inside', 'inside');
      disk.write('dir/gone', 'gone');
    });
    a.disk.unlisted.add('dir/kept').add('dir/sub');
    a.disk.remove('dir/gone');
    a.disk.remove('dir/sub/inside');
    const before = a.applied();
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(b.disk.text('dir/kept')).toBe('kept');
    expect(b.disk.nodes.has('dir/sub/inside')).toBe(false);
    expect(b.disk.archive.size).toBe(2);
    expect(before).not.toBe(a.applied());
  });

  test('a root that is gone stops everything and deletes nothing', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'x'));
    b.disk.rootState = { state: 'missing', reason: 'gone' };
    const kept = new Map(b.disk.nodes);
    b.disk.nodes.clear();
    b.look();
    world.settle();
    expect(b.tree.status()).toMatchObject({ state: 'stopped', reason: 'gone' });
    expect(b.tree.settled()).toBe(false);
    world.exchange();
    world.settle();
    expect(a.disk.text('f')).toBe('x');
    b.disk.rootState = { state: 'ok', nonce: 'n', place: '1' };
    for (const [path, node] of kept) b.disk.nodes.set(path, node);
    world.nowMs += 60_000;
    world.converge();
    expect(b.tree.status().state).toBe('inStep');
    expect(b.disk.text('f')).toBe('x');
  });

  test('a device that may not write keeps its changes to itself and goes on receiving', () => {
    const [world, a, b] = shared(({ disk }) => disk.write('f', 'x'));
    b.writer = false;
    b.disk.write('f', 'mine');
    b.disk.write('g', 'mine too');
    a.disk.write('h', 'new');
    world.converge();
    expect(b.disk.text('f')).toBe('mine');
    expect(b.disk.text('h')).toBe('new');
    expect(a.disk.nodes.has('g')).toBe(false);
    expect(b.tree.why('g').reason).toContain('may not write');
    expect(b.tree.status().reason).toContain('2 changed here');
    b.writer = true;
    world.converge();
    expect(a.disk.text('f')).toBe('mine');
    expect(a.disk.text('g')).toBe('mine too');
  });

  test('what a device changed that may not write is taken back, and lies in its archive', () => {
    const [world, a, b] = shared(({ disk }) => {
      for (const name of ['f', 'd/e', 'gone']) disk.write(name, `${name} of all`);
    });
    world.converge();
    b.writer = false;
    b.disk.write('f', 'mine');
    b.disk.write('d/e', 'mine as well');
    b.disk.write('d/new', 'mine alone');
    b.disk.remove('gone');
    world.converge();
    expect(b.tree.status().local).toBe(4);
    expect(b.tree.plan(undefined).operations.every(({ local }) => local === true)).toBe(true);
    const reverted: number[] = [];
    b.handle(() => b.tree.revert(['d'], (count) => reverted.push(count)));
    world.converge();
    expect([b.disk.text('d/e'), b.disk.text('d/new'), b.disk.text('f')]).toEqual(['d/e of all', undefined, 'mine']);
    b.handle(() => b.tree.revert([''], (count) => reverted.push(count)));
    world.converge();
    expect([b.disk.text('f'), b.disk.text('gone')]).toEqual(['f of all', 'gone of all']);
    expect(reverted).toEqual([2, 2]);
    expect(b.tree.status()).toMatchObject({ local: 0, state: 'inStep' });
    expect(
      b.tree
        .history('')
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['d/e', 'd/new', 'f']);
    expect([a.disk.text('f'), a.disk.text('d/new')]).toEqual(['f of all', undefined]);
  });

  test('a full disk is said, and it goes on once there is room', () => {
    const [world, a, b] = pair();
    b.disk.full = true;
    a.disk.write('f', randomBytes(200_000, 1));
    a.look();
    world.settle();
    world.exchange();
    for (let i = 0; i < 60; i++) b.turn();
    expect(b.tree.status().reason).toContain('full');
    expect(b.tree.settled()).toBe(false);
    b.disk.full = false;
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
  });

  test('nobody who has the content: it waits, says so, and comes when somebody does', () => {
    const [world, a, b] = pair();
    const c = world.add();
    a.disk.write('f', randomBytes(200_000, 1));
    a.look();
    world.settle();
    world.exchange();
    a.setOnline(false);
    c.setOnline(false);
    world.settle();
    expect(b.disk.nodes.has('f')).toBe(false);
    expect(b.tree.status()).toMatchObject({ state: 'waiting', want: 1, have: 0, bytesLeft: 200_000 });
    expect(b.tree.why('f').state).toBe('waiting');
    a.setOnline(true);
    world.settle();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    c.setOnline(true);
    a.setOnline(false);
    world.settle();
    expect(c.disk.listing()).toEqual(a.disk.listing());
  });

  test('a transfer that a crash cut off goes on: no chunk that was stored is fetched twice', () => {
    const [world, a, b] = pair();
    a.disk.write('big', randomBytes(6_000_000, 8));
    for (let i = 0; i < 50; i++) a.disk.write(`small/${i}`, randomBytes(3_000, i));
    a.look();
    world.settle();
    world.exchange();
    for (let crashes = 0; crashes < 4; crashes++) {
      b.cutAfter = 9;
      for (let i = 0; i < 2_000 && b.cutAfter > 0; i++) b.turn();
      b.crash();
    }
    b.cutAfter = Number.POSITIVE_INFINITY;
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(b.fetchedIds.length).toBeGreaterThan(60);
    expect(new Set(b.fetchedIds).size).toBe(b.fetchedIds.length);
    expect(b.disk.temps.size).toBe(0);
  });

  test('views are no part of the tree', () => {
    const [world, a, b] = pair();
    a.disk.write('log-view/x.log', 'line');
    a.disk.write('f', 'x');
    world.converge();
    expect(b.disk.listing()).toEqual(['f file x']);
    expect(a.disk.text('log-view/x.log')).toBe('line');
  });

  test('thousands of files go in few entries, groups and requests', () => {
    const [world, a, b] = pair();
    for (let i = 0; i < 3_000; i++) a.disk.write(`d${i % 30}/f${i}`, randomBytes(1_500, i + 1));
    world.converge();
    expect(b.disk.listing()).toEqual(a.disk.listing());
    expect(a.entrySizes.length).toBeLessThan(60);
    expect(b.tasks.apply).toBeLessThan(80);
    expect(a.tree.settled() && b.tree.settled()).toBe(true);
  }, 60_000);
});
