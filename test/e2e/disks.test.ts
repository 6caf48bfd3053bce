import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { nodeFilesProvider } from '@cloudless/core/node';
import { describe, expect, it, type TestContext } from 'vitest';
import { arrives } from './arrives.js';
import type { TestDevice } from './device.js';
import { newWorld, settle, type Two } from './kit.js';
import { type FileSystem, mountNew } from './mounts.js';
import { expectEqualTrees, treeOf } from './tree.js';

interface Checks {
  readonly checks: readonly { readonly name: string; readonly detail: string }[];
}

/** Ada on a plain disk, and Ben on a new one of that kind; the test is over where this machine can't mount it. */
async function onDisk(kind: FileSystem, fill: (root: string) => void, context: TestContext): Promise<Two> {
  const world = newWorld();
  const [ada, ben] = [world.device('ada'), world.device('ben')];
  const trouble = mountNew(kind, ben.root);
  if (trouble !== undefined) {
    context.skip(trouble);
  }
  await Promise.all([ada.up(), ben.up()]);
  const adas = ada.directory('garden');
  fill(adas);
  const { link } = await ada.share('garden');
  await ben.join(link, 'garden');
  await settle(ada, ben);
  return { world, ada, ben, adas, bens: ben.path('garden') };
}

function names(root: string): readonly string[] {
  return fs.readdirSync(root).filter((name) => name !== '.cloudless');
}

function write(root: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), text);
  }
}

async function why(device: TestDevice, file: string): Promise<string> {
  return (await device.run(['why', file])).stdout;
}

const large = 'The quick brown fox jumps over the lazy dog.\n'.repeat(500);

describe.each(['exfat', 'vfat', 'casefold'] as const)('a disk that is blind to case: %s', (kind) => {
  it('[FIL-93] [FIL-94] holds one of two names, renames case, and takes nothing from others', async (context) => {
    const { ada, ben, adas, bens } = await onDisk(
      kind,
      (root) => {
        write(root, { Readme: large, Twin: 'upper', twin: 'lower', 'Dir/a': 'a', 'dir/b': 'b', 'run.sh': 'true' });
        fs.chmodSync(path.join(root, 'run.sh'), 0o755);
        fs.symlinkSync('Readme', path.join(root, 'link'));
        fs.utimesSync(path.join(root, 'Twin'), 1_600_000_001.234567, 1_600_000_001.234567);
      },
      context,
    );
    const before = treeOf(adas);
    expect(treeOf(bens)).toMatchObject({ Readme: { bytes: large.length }, Twin: { bytes: 5 }, 'Dir/a': { bytes: 1 } });
    expect(names(bens)).not.toContain('twin');
    expect(await why(ben, path.join(bens, 'dir/b'))).toContain('tell it from');
    expect(await why(ben, path.join(bens, 'twin'))).toContain('tell it from “Twin”');
    expect((await ben.status()).unsyncable).toBeGreaterThanOrEqual(3);
    expect((await ben.json<Checks>(['doctor'])).checks.some(({ detail }) => detail.includes('blind to case'))).toBe(
      true,
    );

    await ben.down();
    await ben.up();
    await settle(ada, ben);
    expect(treeOf(adas)).toEqual(before);

    for (const [from, to] of [
      ['Readme', 'README'],
      ['README', 'rEADME'],
      ['rEADME', 'readme'],
    ] as const) {
      fs.renameSync(path.join(adas, from), path.join(adas, to));
      await settle(ada, ben);
      expect(names(bens)).toContain(to);
      expect(names(bens)).not.toContain(from);
    }
    expect(fs.readFileSync(path.join(bens, 'readme'), 'utf8')).toBe(large);
    fs.renameSync(path.join(bens, 'readme'), path.join(bens, 'between'));
    fs.renameSync(path.join(bens, 'between'), path.join(bens, 'ReadMe'));
    fs.writeFileSync(path.join(bens, 'run.sh'), 'false');
    await settle(ada, ben);
    expect(fs.readFileSync(path.join(adas, 'ReadMe'), 'utf8')).toBe(large);
    expect(fs.existsSync(path.join(adas, 'readme'))).toBe(false);
    expect(treeOf(adas)).toMatchObject({ 'run.sh': { executable: true, bytes: 5 }, link: { target: 'Readme' } });

    fs.rmSync(path.join(adas, 'Twin'));
    fs.rmSync(path.join(adas, 'dir'), { recursive: true });
    await settle(ada, ben);
    expect(fs.readFileSync(path.join(bens, 'twin'), 'utf8')).toBe('lower');
    expect(names(bens)).not.toContain('Twin');
    expect(fs.readFileSync(path.join(bens, 'Dir/a'), 'utf8')).toBe('a');
    expect((await ben.status()).conflicts).toBe(0);
  }, 120_000);
});

describe('a disk without hard links', () => {
  it('[FIL-96] keeps what is written on into a file right after it was replaced', async (context) => {
    const world = newWorld();
    const root = world.device('ben').root;
    const trouble = mountNew('exfat', root);
    if (trouble !== undefined) context.skip(trouble);
    const provider = nodeFilesProvider({ workers: 'inline' });
    const files = provider.open(root);
    await files.claim('a5'.repeat(32) as Parameters<typeof files.claim>[0], true);
    fs.writeFileSync(path.join(root, 'diary'), 'one\n');
    const open = fs.openSync(path.join(root, 'diary'), 'r+');
    const bytes = new TextEncoder().encode('of a peer');
    const [expected] = await files.look(['diary']);
    const change = { type: 'place-file', path: 'diary', bytes, size: bytes.length } as const;
    const [result] = await files.apply([{ ...change, mtimeUs: 1_000_000, executable: false, expected }], 'group');
    expect(result?.outcome === 'done' && result.archived?.stamp.size).toBe(4);
    const copy = path.join(root, '.cloudless/archive/group/diary');
    expect(fs.readFileSync(copy, 'utf8')).toBe('one\n');
    fs.writeSync(open, 'one\ntwo\n', 0);
    fs.closeSync(open);
    await arrives(copy, 'one\ntwo\n');
    expect(fs.readFileSync(path.join(root, 'diary'), 'utf8')).toBe('of a peer');
    expect((await files.recheck(['group/diary']))[0]?.size).toBe(8);
    await provider.close();
  });
});

describe.each(['btrfs', 'tmpfs'] as const)('a disk that holds everything: %s', (kind) => {
  it('shows what the other shows, times and links too', async (context) => {
    const { ada, ben, adas, bens } = await onDisk(
      kind,
      (root) => {
        write(root, { Twin: 'upper', twin: 'lower', 'deep/er/file': large, 'a:b ': 'odd' });
        fs.symlinkSync('Twin', path.join(root, 'link'));
        fs.utimesSync(path.join(root, 'twin'), 1_600_000_001.234567, 1_600_000_001.234567);
      },
      context,
    );
    fs.renameSync(path.join(bens, 'deep'), path.join(bens, 'DEEP'));
    fs.linkSync(path.join(bens, 'Twin'), path.join(bens, 'second'));
    await settle(ada, ben);
    fs.writeFileSync(path.join(adas, 'second'), 'apart');
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    expect(fs.readFileSync(path.join(bens, 'Twin'), 'utf8')).toBe('upper');
  }, 120_000);
});

describe('a subvolume in a folder', () => {
  it('[FIL-55] is not part of it', async (context) => {
    const { ada, ben, adas, bens } = await onDisk('btrfs', (root) => write(root, { plan: 'dig' }), context);
    const volume = path.join(bens, 'volume');
    const { status } = spawnSync('btrfs', ['subvolume', 'create', volume], { encoding: 'utf8' });
    expect(status).toBe(0);
    write(volume, { private: 'of the other volume' });
    write(bens, { beside: 'of the folder' });
    await arrives(path.join(adas, 'beside'), 'of the folder');
    await settle(ada, ben);
    expect(await why(ben, volume)).toContain('mounted');
    expect(names(adas)).not.toContain('volume');
  }, 120_000);
});
