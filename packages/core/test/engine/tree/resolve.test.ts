import { describe, expect, test } from 'vitest';
import type { CloudlessError } from '../../../src/errors.js';
import { isConflictName } from '../../../src/tree/index.js';
import { type Device, World } from './world.js';

/** Three devices; what each wrote to `f.txt` apart, in order. The third only looks on. */
function conflict(...texts: readonly string[]): readonly [World, ...Device[]] {
  const world = new World(9);
  const devices = texts.map(() => world.add());
  devices[0]?.disk.write('f.txt', 'first');
  world.converge();
  for (const [i, text] of texts.entries()) devices[i]?.disk.write('f.txt', text);
  world.converge();
  return [world, ...devices];
}

function copiesOf(device: Device): readonly string[] {
  return [...device.disk.nodes.keys()].filter(isConflictName);
}

function settle(device: Device, path: string, keep: 'this' | 'copy' | 'both'): void {
  let error: CloudlessError | undefined;
  device.handle(() => device.tree.resolve(path, keep, (outcome) => (error = outcome)));
  device.world.converge();
  expect(error).toBeUndefined();
}

function refusal(device: Device, path: string, keep: 'this' | 'copy' | 'both'): string {
  try {
    device.handle(() => device.tree.resolve(path, keep, () => undefined));
    return 'none';
  } catch (error) {
    return (error as CloudlessError).code;
  }
}

function expectSettled(world: World, texts: Readonly<Record<string, string>>): void {
  for (const { disk, tree } of world.devices) {
    expect(Object.fromEntries([...disk.nodes.keys()].map((path) => [path, disk.text(path)]))).toEqual(texts);
    expect(tree.status()).toMatchObject({ conflicts: 0, state: 'inStep' });
    expect(tree.conflictsList()).toEqual([]);
  }
}

function archived({ disk }: Device): readonly string[] {
  return [...disk.archive.values()].map(({ bytes }) => new TextDecoder().decode(bytes));
}

describe('settling a conflict', () => {
  test('this: what is shown stays, and the copies lie in the archive', () => {
    const [world, a, b] = conflict('from a', 'from b') as [World, Device, Device];
    const shown = a.disk.text('f.txt') as string;
    const other = shown === 'from a' ? 'from b' : 'from a';
    expect(a.tree.conflictsList()).toMatchObject([{ path: 'f.txt', copies: [{ path: copiesOf(a)[0], size: 6 }] }]);
    settle(a, 'f.txt', 'this');
    expectSettled(world, { 'f.txt': shown });
    expect([archived(a), archived(b)]).toEqual([expect.arrayContaining([other]), expect.arrayContaining([other])]);
  });

  test('copy: the copy takes the place, named by itself or as the only one', () => {
    for (const byName of [true, false]) {
      const [world, a] = conflict('from a', 'from b') as [World, Device];
      const [copy] = copiesOf(a) as [string];
      const text = a.disk.text(copy) as string;
      settle(a, byName ? copy : 'f.txt', 'copy');
      expectSettled(world, { 'f.txt': text });
      expect(archived(a)).toHaveLength(2);
    }
  });

  test('copy: of several one is named, and the others go', () => {
    const [world, a] = conflict('from a', 'from b', 'from c') as [World, Device];
    const [, second] = copiesOf(a) as [string, string];
    expect(refusal(a, 'f.txt', 'copy')).toBe('usage');
    const text = a.disk.text(second) as string;
    settle(a, second, 'copy');
    expectSettled(world, { 'f.txt': text });
  });

  test('both: the copies are files of their own, at the names they had', () => {
    const [world, a] = conflict('from a', 'from b', 'from c') as [World, Device];
    const names = ['f.txt', ...copiesOf(a)];
    const texts = Object.fromEntries(names.map((path) => [path, a.disk.text(path) as string]));
    const before = archived(a);
    settle(a, 'f.txt', 'both');
    expectSettled(world, texts);
    expect(archived(a)).toEqual(before);
  });

  test('what another does to a copy meanwhile is not lost', () => {
    for (const keep of ['this', 'copy', 'both'] as const) {
      const [world, a, b] = conflict('from a', 'from b') as [World, Device, Device];
      const [copy] = copiesOf(a) as [string];
      b.disk.write(copy, 'more');
      b.look();
      a.handle(() => a.tree.resolve('f.txt', keep, () => undefined));
      world.converge();
      expect(a.disk.listing()).toEqual(b.disk.listing());
      expect([...a.disk.nodes.keys()].map((path) => a.disk.text(path))).toContain('more');
    }
  });

  test('is refused where there is none, where not all is here, and by who may not write', () => {
    const [world, a, b] = conflict('a'.repeat(2_000), 'b'.repeat(2_000)) as [World, Device, Device];
    expect(refusal(a, 'other', 'this')).toBe('not-found');
    b.writer = false;
    expect(refusal(b, 'f.txt', 'this')).toBe('not-allowed');
    const late = world.add();
    late.setOnline(false);
    late.take(a);
    world.settle();
    expect(refusal(late, 'f.txt', 'this')).toBe('busy');
    a.setRules({ ignore: ['f.txt'] });
    world.settle();
    expect(refusal(a, 'f.txt', 'both')).toBe('usage');
  });

  test('a directory with things in it gives way to no copy', () => {
    const world = new World(4);
    const [a, b] = [world.add(), world.add()];
    a.disk.write('p', 'a file');
    b.disk.write('p/inside', 'x');
    world.converge();
    expect(refusal(a, 'p', 'copy')).toBe('usage');
    settle(a, 'p', 'this');
    expectSettled(world, { p: undefined as unknown as string, 'p/inside': 'x' });
  });

  test('a crash at any moment leaves one of both, and all alike', () => {
    for (let turns = 0; turns < 12; turns++) {
      for (const keep of ['this', 'copy', 'both'] as const) {
        const [world, a, b] = conflict('from a', 'from b') as [World, Device, Device];
        a.handle(() => a.tree.resolve('f.txt', keep, () => undefined));
        for (let i = 0; i < turns; i++) a.turn();
        a.crash();
        world.converge();
        expect(a.disk.listing()).toEqual(b.disk.listing());
        const kept = [...archived(a), ...archived(b), ...[...a.disk.nodes.keys()].map((path) => a.disk.text(path))];
        expect(kept).toEqual(expect.arrayContaining(['from a', 'from b']));
      }
    }
  });
});
