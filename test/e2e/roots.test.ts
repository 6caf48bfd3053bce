import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { arrives } from './arrives.js';
import type { TestDevice } from './device.js';
import { settle, twoDevices } from './kit.js';
import { expectEqualTrees } from './tree.js';

interface Standing {
  readonly state: string;
  readonly reason?: string;
}

async function standing(device: TestDevice): Promise<Standing> {
  const { code } = await device.run(['wait', '--timeout', '1']);
  expect(code).toBe(4);
  return (await device.status()) as Standing;
}

function fill(directory: string): void {
  fs.mkdirSync(path.join(directory, 'beds'));
  fs.writeFileSync(path.join(directory, 'beds/roses.txt'), 'red\n');
  fs.writeFileSync(path.join(directory, 'plan.txt'), 'dig\n');
}

describe('the directory of a folder', () => {
  it('that vanishes stops the folder, deletes nothing, and goes on when it is back', async () => {
    const { ada, ben, adas, bens } = await twoDevices({ fill });
    await settle(ada, ben);
    const away = `${bens}.away`;
    fs.renameSync(bens, away);
    expect(await standing(ben)).toMatchObject({ state: 'stopped', reason: expect.stringContaining('relink') });
    fs.mkdirSync(ada.path('orchard'));
    const { link } = await ada.share('orchard');
    const { code, stderr } = await ben.run(['join', link, bens, '--timeout', '30']);
    expect([code, stderr]).toEqual([1, expect.stringMatching(/is the place of a folder already.*mount its disk.*\n$/)]);
    expect(fs.existsSync(bens)).toBe(false);
    await ben.join(link, 'orchard');
    await ben.json(['leave', 'orchard']);
    await ada.json(['leave', 'orchard']);
    fs.mkdirSync(bens);
    expect(await standing(ben)).toMatchObject({ state: 'stopped', reason: expect.stringContaining('token') });
    fs.writeFileSync(path.join(adas, 'new.txt'), 'meanwhile\n');
    await ada.run(['wait', '--timeout', '1']);
    expect(fs.readdirSync(bens)).toEqual([]);
    fs.rmdirSync(bens);
    fs.renameSync(away, bens);
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    expect(fs.readFileSync(path.join(bens, 'new.txt'), 'utf8')).toBe('meanwhile\n');
  });

  it('[FIL-56] goes on where it was moved to, and nowhere else', async () => {
    const { ada, ben, adas, bens } = await twoDevices({ fill });
    await settle(ada, ben);
    const [moved, other, nowhere] = ['moved', 'other', 'nowhere'].map((name) => ben.path(name)) as [
      string,
      string,
      string,
    ];
    fs.renameSync(bens, moved);
    fs.mkdirSync(other);
    for (const [place, said] of [
      [nowhere, 'There is no directory'],
      [other, 'has no token'],
      [adas, 'another copy'],
      [path.join(moved, 'beds'), 'lies inside'],
    ] as const) {
      const { code, stderr } = await ben.run(['relink', 'garden', place]);
      expect([code, stderr]).toEqual([1, expect.stringContaining(said)]);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
    expect((await ben.run(['relink', 'garden'])).code).toBe(2);
    expect((await ben.run(['relink', 'orchard', moved])).code).toBe(1);
    expect(await ben.json(['relink', 'garden', moved])).toMatchObject({ name: 'garden', path: moved });
    fs.writeFileSync(path.join(adas, 'plan.txt'), 'dig, then sow\n');
    await arrives(path.join(moved, 'plan.txt'), 'dig, then sow\n');
    await ben.down();
    await ben.up();
    fs.writeFileSync(path.join(moved, 'beds/lilies.txt'), 'white\n');
    await arrives(path.join(adas, 'beds/lilies.txt'), 'white\n');
    await settle(ada, ben);
    expectEqualTrees(adas, moved);
  });

  it('is not a copy of one, and does not overlap another', async () => {
    const { ada, ben, adas, bens } = await twoDevices({ fill });
    await settle(ada, ben);
    const copy = ben.path('copy');
    fs.cpSync(bens, copy, { recursive: true });
    const link = ada.path('link');
    fs.symlinkSync(path.join(adas, 'beds'), link);
    for (const [device, command, said] of [
      [ben, ['relink', 'garden', copy], 'one is a copy'],
      [ben, ['share', copy], 'token of another folder'],
      [ada, ['share', copy], 'token of another folder'],
      [ada, ['share', path.join(bens, 'beds')], 'lies inside'],
      [ada, ['share', path.join(adas, 'beds')], 'lies inside'],
      [ada, ['share', `${copy}/../../ada/garden/beds`], 'lies inside'],
      [ada, ['share', link], 'lies inside'],
      [ada, ['share', ada.root], 'contains the folder'],
    ] as const) {
      const { code, stderr } = await device.run(command);
      expect([command, code, stderr]).toEqual([command, 1, expect.stringContaining(said)]);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
    fs.rmSync(path.join(copy, '.cloudless'), { recursive: true });
    expect((await ben.share('copy')).folder).not.toBe((await ada.share('garden')).folder);
  });
});
