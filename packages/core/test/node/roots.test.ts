import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FolderId } from '../../src/model/index.js';
import { type NodeWorld, nodeWorld } from './world.js';

let world: NodeWorld;

beforeEach(() => {
  world = nodeWorld();
});

afterEach(async () => world.close());

function prepare(path: string, create = false, otherRoots: readonly string[] = []): Promise<string> {
  return world.provider.prepareRoot(path, { create, otherRoots });
}

describe('a path that is to be a folder', () => {
  it('is taken as it is, or made if asked for', async () => {
    expect(await prepare(world.root)).toBe(world.root);
    const path = join(world.outside, 'new/deep');
    await expect(prepare(path)).rejects.toMatchObject({ code: 'not-found' });
    expect(existsSync(path)).toBe(false);
    expect(await prepare(path, true)).toBe(path);
    expect(existsSync(path)).toBe(true);
  });

  it('is the place that links lead to', async () => {
    const link = join(world.outside, 'link');
    symlinkSync(world.root, link);
    expect(await prepare(link)).toBe(world.root);
    expect(await prepare(join(link, 'below'), true)).toBe(join(world.root, 'below'));
  });

  it('is absolute, and a directory', async () => {
    await expect(prepare('some/where', true)).rejects.toMatchObject({ code: 'usage' });
    const file = join(world.outside, 'file');
    writeFileSync(file, '');
    await expect(prepare(file, true)).rejects.toMatchObject({ code: 'unsafe-path' });
    await expect(prepare(join(file, 'below'), true)).rejects.toThrow();
  });

  it('[FIL-54] does not overlap another folder, through a link neither', async () => {
    const inner = join(world.root, 'inner');
    mkdirSync(inner);
    const link = join(world.outside, 'link');
    symlinkSync(inner, link);
    for (const path of [inner, join(inner, 'new'), link, join(link, 'new')]) {
      await expect(prepare(path, true, [world.root])).rejects.toMatchObject({ code: 'nested-folder' });
    }
    expect(existsSync(join(inner, 'new'))).toBe(false);
    await expect(prepare(world.root, true, [inner])).rejects.toMatchObject({ code: 'nested-folder' });
    expect(await prepare(`${world.root}-beside`, true, [world.root])).toBe(`${world.root}-beside`);
  });

  it('[FIL-54] does not overlap a folder whose disk is not mounted', async () => {
    const gone = join(world.outside, 'gone');
    const refused = { code: 'nested-folder' };
    await expect(prepare(join(gone, 'inner'), true, [gone])).rejects.toMatchObject(refused);
    await expect(prepare(world.outside, true, [gone])).rejects.toMatchObject(refused);
    await expect(prepare(gone, true, [join(gone, 'inner')])).rejects.toMatchObject(refused);
    await expect(prepare(gone, true, [gone])).rejects.toMatchObject({
      ...refused,
      message: expect.stringContaining('mount its disk'),
    });
    await expect(prepare(gone, false, [gone])).rejects.toMatchObject(refused);
    expect(existsSync(gone)).toBe(false);
  });

  it("does not lie in a folder of another program's home", async () => {
    await world.open().claim('a5'.repeat(32) as FolderId, true);
    const inner = join(world.root, 'a/b');
    await expect(prepare(inner, true)).rejects.toMatchObject({ code: 'nested-folder' });
    expect(existsSync(join(world.root, 'a'))).toBe(false);
  });

  it('[FIL-57] holds no token but that of the folder that comes, and is no copy of another one', async () => {
    const [folder, other] = ['a5', '5b'].map((byte) => byte.repeat(32) as FolderId);
    await world.open().claim(folder as FolderId, true);
    await expect(prepare(world.root)).rejects.toMatchObject({ code: 'exists' });
    const at = (token: FolderId | 'any' | undefined): Promise<string> =>
      world.provider.prepareRoot(world.root, { create: false, otherRoots: [], token });
    await expect(at(other)).rejects.toMatchObject({ code: 'exists' });
    expect(await at(folder)).toBe(world.root);
    expect(await at('any')).toBe(world.root);
  });
});
