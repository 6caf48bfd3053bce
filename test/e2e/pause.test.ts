import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { arrives } from './arrives.js';
import { settle, twoDevices } from './kit.js';
import { expectEqualTrees } from './tree.js';

interface Folder {
  readonly name: string;
  readonly state: string;
  readonly peers: number;
}

describe('pause and resume', () => {
  it('leave one folder alone over a restart, while another goes on, and catch up', async () => {
    const { ada, ben, adas, bens } = await twoDevices();
    const others = ada.directory('other');
    const { link } = await ada.share('other');
    await ben.join(link, 'other');
    await settle(ada, ben);
    expect(await ben.json<readonly Folder[]>(['pause', 'garden'])).toMatchObject([{ name: 'garden', state: 'paused' }]);
    fs.writeFileSync(path.join(adas, 'by-ada'), 'a');
    fs.writeFileSync(path.join(bens, 'by-ben'), 'b');
    fs.writeFileSync(path.join(others, 'meanwhile'), 'm');
    await arrives(ben.path('other', 'meanwhile'), 'm');
    await ben.kill();
    await ben.up();
    fs.writeFileSync(path.join(others, 'after'), 'x');
    await arrives(ben.path('other', 'after'), 'x');
    expect(fs.existsSync(path.join(bens, 'by-ada')) || fs.existsSync(path.join(adas, 'by-ben'))).toBe(false);
    const waiting = await ben.run(['wait', 'garden', '--timeout', '1']);
    expect(waiting).toMatchObject({ code: 4, stderr: expect.stringContaining('paused') as string });
    const rows = await ben.json<readonly Folder[]>(['folders']);
    expect(rows.find(({ name }) => name === 'garden')).toMatchObject({ state: 'paused', peers: 0 });
    await ben.json(['resume']);
    await arrives(path.join(bens, 'by-ada'), 'a');
    await arrives(path.join(adas, 'by-ben'), 'b');
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
  });
});

describe('limit', () => {
  it('slows content down both ways, is kept, and says what it does not take', async () => {
    const { ada, ben, adas, bens } = await twoDevices();
    await settle(ada, ben);
    expect(await ada.json(['limit', '--up', '1M'])).toEqual({ up: 1_000_000, down: null });
    await ada.kill();
    await ada.up();
    expect((await ada.run(['limit'])).stdout).toBe('up 976.6 KiB/s, down no limit\n');
    await settle(ada, ben);
    const started = performance.now();
    fs.writeFileSync(path.join(adas, 'big'), randomBytes(4_000_000));
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    expect(performance.now() - started).toBeGreaterThan(3_000);
    expect(await ada.json(['limit', '--up', 'off'])).toEqual({ up: null, down: null });
    for (const rate of ['0', '-1', 'fast', '10', '1.5.1M']) {
      const outcome = await ada.run(['limit', `--down=${rate}`]);
      expect(outcome, rate).toMatchObject({ code: 2, stdout: '' });
      expect(outcome.stderr.trim().split('\n')).toEqual([expect.stringContaining('500k or 2M')]);
    }
    expect((await ada.run(['pause', 'nowhere'])).code).toBe(1);
  });
});
