import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { signHostile } from './hostile.js';
import { settle, twoDevices } from './kit.js';
import { expectEqualTrees, treeOf } from './tree.js';

describe('a member whose program was changed', () => {
  it('places nothing outside the folder, whatever names and links it signs', async () => {
    const { world, ada, ben, adas, bens } = await twoDevices({
      fill: (directory) => fs.writeFileSync(path.join(directory, 'plan.txt'), 'beans\n'),
    });
    await settle(ada, ben);
    const outside = path.join(world.root, 'outside');
    fs.mkdirSync(outside);
    await ben.down();
    const signed = signHostile(ben.home, [
      { path: '../../outside/up' },
      { path: `${outside}/absolute` },
      { path: 'a/../../../outside/through' },
      { path: 'nul\0name' },
      { path: './dot' },
      { path: 'two//slashes' },
      { path: '' },
      { path: '.cloudless/root' },
      { path: 'x'.repeat(300) },
      { path: 'up', symlink: '../../outside' },
      { path: 'far', symlink: outside },
      { path: 'up/planted', text: 'planted\n' },
      { path: 'far/planted', text: 'planted\n' },
    ]);
    expect(signed).toBe(13);
    await ben.up();
    await ben.run(['log', 'append', 'garden', 'diary'], { input: 'after all that\n' });
    fs.writeFileSync(path.join(adas, 'after.txt'), 'still in step\n');
    await ada.inStep();
    const { stdout } = await ada.run(['log', 'tail', 'garden', 'diary', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ data: 'after all that' });
    expect(fs.readdirSync(outside)).toEqual([]);
    expect(fs.readdirSync(world.root).sort()).toEqual(['ada', 'ada.home', 'ben', 'ben.home', 'outside']);
    expect(fs.readdirSync(ada.root)).toEqual(['garden']);
    const rows = treeOf(adas);
    expect(rows).toMatchObject({ 'plan.txt': { type: 'file' }, 'after.txt': { type: 'file' } });
    expect(Object.values(rows).filter(({ type }) => type === 'symlink')).toEqual([]);
    expect(fs.existsSync(bens)).toBe(true);
  });
});

describe('a link on the disk that leads out of the folder', () => {
  it('is never followed, for reading or for writing', async () => {
    const { world, ada, ben, adas, bens } = await twoDevices({
      fill: (directory) => {
        fs.mkdirSync(path.join(directory, 'photos'));
        fs.writeFileSync(path.join(directory, 'photos', 'one.jpg'), 'one');
      },
    });
    await settle(ada, ben);
    const outside = path.join(world.root, 'outside');
    fs.mkdirSync(outside);
    fs.writeFileSync(path.join(outside, 'secret.txt'), 'secret\n');
    await ben.down();
    fs.rmSync(path.join(bens, 'photos'), { recursive: true });
    fs.symlinkSync(outside, path.join(bens, 'photos'));
    fs.writeFileSync(path.join(adas, 'photos', 'two.jpg'), 'two');
    fs.writeFileSync(path.join(adas, 'after.txt'), 'still in step\n');
    await ben.up();
    await ada.inStep();
    await ben.inStep();
    expect(fs.readdirSync(outside)).toEqual(['secret.txt']);
    expect(fs.readFileSync(path.join(bens, 'after.txt'), 'utf8')).toBe('still in step\n');
    expect(JSON.stringify(treeOf(adas))).not.toContain('secret');
    expect((await ben.status()).unsyncable).toBeGreaterThan(0);
  });

  it('stays where it is, said to be unsyncable, while the rest goes on', async () => {
    const { ada, ben, adas, bens } = await twoDevices({
      fill: (directory) => {
        fs.symlinkSync('/etc/hostname', path.join(directory, 'absolute'));
        fs.symlinkSync('../../elsewhere', path.join(directory, 'relative'));
        fs.writeFileSync(path.join(directory, 'plan.txt'), 'beans\n');
      },
    });
    await settle(ada, ben);
    expect(Object.keys(treeOf(bens))).toEqual(['plan.txt']);
    expect((await ada.status()).unsyncable).toBe(2);
    const why = await ada.json<{ readonly reason: string }>(['why', path.join(adas, 'absolute')]);
    expect(why.reason).toMatch(/link/i);
    fs.rmSync(path.join(adas, 'absolute'));
    fs.rmSync(path.join(adas, 'relative'));
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
  });
});
