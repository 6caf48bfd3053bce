import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { newWorld, settle, twoDevices } from './kit.js';
import { expectEqualTrees } from './tree.js';

describe('the program', () => {
  it('works without native modules, and says what does the cryptography', async () => {
    const world = newWorld();
    const [ada, ben] = [world.device('ada'), world.device('ben')];
    await Promise.all([ada.up({ node: ['--no-addons'] }), ben.up()]);
    fs.writeFileSync(path.join(ada.directory('garden'), 'plan.txt'), 'beans\n');
    const { link } = await ada.share('garden');
    await ben.join(link, 'garden');
    await settle(ada, ben);
    expectEqualTrees(ada.path('garden'), ben.path('garden'));
    const [bare, full] = [await providerOf(ada), await providerOf(ben)];
    expect(bare).toMatch(/wasm|portable|javascript/i);
    expect(full).not.toBe('');
  });

  it('keeps its home to its user', async () => {
    const { ada } = await twoDevices();
    for (const file of fs.readdirSync(ada.home, { recursive: true, encoding: 'utf8' })) {
      const stat = fs.lstatSync(path.join(ada.home, file));
      expect([file, (stat.mode & 0o777).toString(8)]).toEqual([file, stat.isDirectory() ? '700' : '600']);
    }
    expect((fs.statSync(ada.home).mode & 0o777).toString(8)).toBe('700');
  });

  it.each([
    [['no-such-command'], 2],
    [['share'], 2],
    [['join'], 2],
    [['log', 'append'], 2],
    [['share', 'not-there'], 1],
    [['status', 'not-a-folder'], 1],
    [['why', 'not-in-a-folder.txt'], 1],
  ] as const)('%j ends with %i and one line', async (args, code) => {
    const ada = newWorld().device('ada');
    await ada.up();
    const outcome = await ada.run(args);
    expect(outcome.stderr.trim()).not.toMatch(/\n| {4}at /);
    expect(outcome.stderr.trim()).not.toBe('');
    expect(outcome.stdout).toBe('');
    expect(outcome.code).toBe(code);
  });

  it('keeps what it is told with flags of up, and says what nothing acts on', async () => {
    const ada = newWorld().device('ada');
    await ada.up();
    const flags = ['--no-lan', '--no-dht', '--no-portmap', '--tracker', 'wss://one', '--tracker', 'ws://two:80/t'];
    const outcome = await ada.run(['up', ...flags, '--json']);
    expect(outcome.code).toBe(0);
    expect(outcome.stderr).toMatch(/^cloudless: .*tracker.*\n$/);
    const kept = { lan: 'off', dht: 'off', portmap: 'off', tracker: 'wss://one ws://two:80/t' };
    expect(await ada.json(['config'])).toMatchObject(kept);
    expect((await ada.run(['up', '--tracker', 'two words'])).code).toBe(2);
    expect(await ada.json(['config'])).toMatchObject(kept);
  });

  it('refuses a name that no other device could give a directory', async () => {
    const ada = newWorld().device('ada');
    await ada.up();
    const outcome = await ada.run(['share', ada.directory('garden'), '--name', 'a/b']);
    expect([outcome.code, outcome.stdout]).toEqual([2, '']);
    expect(await ada.json(['folders'])).toEqual([]);
  });

  it('waits as long as it is told, and says why it waits', async () => {
    const world = newWorld();
    const ada = world.device('ada');
    await ada.up();
    ada.directory('garden');
    await ada.share('garden');
    const outcome = await ada.run(['wait', 'garden', '--timeout', '1']);
    expect(outcome.code).toBe(4);
    expect(outcome.stderr).toContain('no member is connected');
  });

  it('says why a file is where it is', async () => {
    const { ada, ben, adas } = await twoDevices({
      fill: (directory) => fs.writeFileSync(path.join(directory, 'plan.txt'), 'beans\n'),
    });
    await settle(ada, ben);
    const why = await ada.json<{ readonly state: string; readonly reason: string }>([
      'why',
      path.join(adas, 'plan.txt'),
    ]);
    expect(why.state).toBe('inStep');
    expect(why.reason).not.toBe('');
  });

  it('lets one daemon have a home', async () => {
    const world = newWorld();
    const ada = world.device('ada');
    await ada.up();
    const second = await ada.run(['up', '--foreground', '--listen', '127.0.0.1:0']);
    expect(second.code).toBe(1);
    expect(second.stderr).toMatch(/running|busy|open|use/i);
    expect(await ada.json(['folders'])).toEqual([]);
  });
});

interface Doctor {
  readonly ok: boolean;
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[];
}

async function providerOf(device: { json<T>(args: readonly string[]): Promise<T> }): Promise<string> {
  const { checks } = await device.json<Doctor>(['doctor']);
  return checks.find(({ name }) => /crypto/i.test(name))?.detail ?? '';
}
