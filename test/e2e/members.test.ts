import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TestDevice } from './device.js';
import { settle, twoDevices } from './kit.js';
import { expectEqualTrees } from './tree.js';

interface MemberRow {
  readonly person: string;
  readonly name: string;
  readonly level: string;
  readonly me: boolean;
  readonly devices: readonly string[];
  readonly since: string;
  readonly expires?: string;
}

interface Status {
  readonly folders: readonly { readonly member: boolean; readonly state: string; readonly reason?: string }[];
}

async function members(device: TestDevice): Promise<readonly MemberRow[]> {
  return (await device.json(['members', 'garden'])) as readonly MemberRow[];
}

async function personOf(device: TestDevice): Promise<string> {
  return (await members(device)).find(({ me }) => me)?.person ?? '';
}

/** Waits until a device knows that it is no member any more; says how its status puts it. */
async function isOut(device: TestDevice): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const { folders } = (await device.json(['status', 'garden'])) as Status;
    if (folders[0]?.member === false) return `${folders[0].reason}`;
  }
  throw new Error('it still takes itself for a member');
}

describe('people of a folder', () => {
  it('a group kicks a spammer, who keeps posting', async () => {
    const { world, ada, ben, adas, bens } = await twoDevices();
    const eve = world.device('eve');
    await eve.up();
    const { link } = await ada.share('garden');
    await eve.join(link, 'garden');
    fs.writeFileSync(`${eve.path('garden')}/cheap.txt`, 'buy\n');
    await settle(ada, ben, eve);
    expect(await members(ada)).toHaveLength(3);
    const spammer = await personOf(eve);

    const kicked = await ada.json(['kick', 'garden', spammer.slice(0, 10)]);
    expect(kicked).toMatchObject({ person: spammer, alsoOut: [] });
    expect(await isOut(eve)).toContain(`removed by ${(await personOf(ada)).slice(0, 8)}`);
    fs.writeFileSync(`${eve.path('garden')}/cheaper.txt`, 'buy now\n');
    fs.writeFileSync(`${bens}/among-us.txt`, 'at last\n');
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    expect(fs.existsSync(`${adas}/among-us.txt`)).toBe(true);
    expect(fs.existsSync(`${adas}/cheaper.txt`)).toBe(false);
    expect(
      fs
        .readdirSync(eve.path('garden'))
        .filter((name) => !name.startsWith('.'))
        .sort(),
    ).toEqual(expect.arrayContaining(['cheap.txt', 'cheaper.txt']));
    expect(fs.existsSync(`${eve.path('garden')}/among-us.txt`)).toBe(false);

    await eve.down();
    await eve.up();
    expect(await isOut(eve)).toContain('removed by');
    expect((await eve.run(['wait', 'garden', '--timeout', '2'])).code).toBe(4);
  });

  it('a contractor joins for a while, and is put out when it is over', async () => {
    const { world, ada, ben } = await twoDevices();
    const carl = world.device('carl');
    await carl.up();
    const { link } = await ada.share('garden', '--for', '8s');
    await carl.join(link, 'garden');
    const hired = (await members(ada)).find(({ expires }) => expires !== undefined);
    expect(Date.parse(`${hired?.expires}`)).toBeGreaterThan(Date.parse(`${hired?.since}`));
    fs.writeFileSync(`${carl.path('garden')}/invoice.txt`, 'work\n');
    expect(await isOut(carl)).toContain('removed by');
    expect(await members(ada)).toHaveLength(2);
    await settle(ada, ben);
    expect(fs.existsSync(`${carl.path('garden')}/invoice.txt`)).toBe(true);
  });

  it('[MEM-46] what only some had read of somebody who is put out gives way, and lies in their archives', async () => {
    const fill = (directory: string): void => {
      for (const name of ['plan.txt', 'note.txt']) fs.writeFileSync(`${directory}/${name}`, `${name}, as it was\n`);
    };
    const { world, ada, ben, adas, bens } = await twoDevices({ fill });
    const eve = world.device('eve');
    await eve.up();
    await eve.join((await ben.share('garden')).link, 'garden');
    const eves = eve.path('garden');
    await settle(ada, ben);
    await settle(ben, eve);
    const spammer = await personOf(eve);
    await ada.down();
    fs.writeFileSync(`${eves}/spam.txt`, 'buy\n');
    fs.writeFileSync(`${eves}/plan.txt`, 'buy instead\n');
    fs.writeFileSync(`${eves}/note.txt`, 'buy this too\n');
    fs.mkdirSync(`${eves}/offers`);
    fs.writeFileSync(`${eves}/offers/one.txt`, 'now\n');
    await settle(ben, eve);
    expect(fs.readFileSync(`${bens}/plan.txt`, 'utf8')).toBe('buy instead\n');
    fs.writeFileSync(`${bens}/note.txt`, 'no, thank you\n');
    await settle(ben, eve);
    await eve.down();
    await ben.down();
    await ada.up();
    await ada.json(['kick', 'garden', spammer]);
    await ben.up();
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    expect(fs.readdirSync(bens).sort()).toEqual(['.cloudless', 'note.txt', 'plan.txt']);
    expect(fs.readFileSync(`${adas}/note.txt`, 'utf8')).toBe('no, thank you\n');
    expect(fs.readFileSync(`${bens}/plan.txt`, 'utf8')).toBe('plan.txt, as it was\n');
    const kept = (await ben.json(['history', 'garden/spam.txt'])) as readonly unknown[];
    expect(kept).toHaveLength(1);
    fs.writeFileSync(`${bens}/plan.txt`, 'ours\n');
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
  });

  it('[FIL-130] a reader keeps what they change, is told so, and takes it back', async () => {
    const fill = (directory: string): void => {
      for (const name of ['plan.txt', 'note.txt']) fs.writeFileSync(`${directory}/${name}`, `${name}, as it was\n`);
    };
    const { ada, ben, adas, bens } = await twoDevices({ fill });
    await settle(ada, ben);
    await ada.json(['rank', 'garden', await personOf(ben), 'read']);
    await settle(ada, ben);
    fs.writeFileSync(`${bens}/plan.txt`, 'better\n');
    fs.writeFileSync(`${bens}/mine.txt`, 'mine\n');
    await settle(ada, ben);
    expect((await ben.run(['status', 'garden'])).stdout).toMatch(/2 changed here alone/);
    expect((await ben.run(['plan', 'garden'])).stdout).toMatch(/put +plan\.txt.*you may not write/);
    fs.writeFileSync(`${adas}/plan.txt`, 'still ours\n');
    fs.writeFileSync(`${adas}/new.txt`, 'new\n');
    await settle(ada, ben);
    expect(fs.readFileSync(`${bens}/plan.txt`, 'utf8')).toBe('better\n');
    expect(fs.existsSync(`${bens}/new.txt`)).toBe(true);
    expect(fs.existsSync(`${adas}/mine.txt`)).toBe(false);
    const refused = await ada.run(['revert', adas]);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/is shared: "history"/)]);
    expect((await ben.run(['revert', `${bens}/note.txt`])).code).toBe(1);
    expect(await ben.json(['revert', `${bens}/plan.txt`, `${bens}/mine.txt`])).toEqual({ reverted: 2 });
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    expect(await ben.json(['history', `${bens}/plan.txt`])).toHaveLength(1);
    const back = `${ben.home}-mine.txt`;
    expect((await ben.run(['restore', `${bens}/mine.txt`, '--to', back])).code).toBe(0);
    expect(fs.readFileSync(back, 'utf8')).toBe('mine\n');
  });

  it('what makes no sense gets one line and its exit code', async () => {
    const { ada, ben } = await twoDevices();
    await settle(ada, ben);
    const [adas, bens] = [await personOf(ada), await personOf(ben)];
    const refused: readonly (readonly [TestDevice, readonly string[], number, RegExp])[] = [
      [ada, ['kick', 'garden', adas], 2, /you/],
      [ben, ['kick', 'garden', adas], 1, /below/],
      [ada, ['kick', 'garden', 'nobody'], 1, /no member "nobody"/],
      [ada, ['rank', 'garden', bens, 'king'], 2, /level/i],
      [ben, ['policy', 'garden', 'invite', 'admin'], 1, /owners/],
      [ada, ['policy', 'garden', 'colour', 'red'], 2, /colour/],
      [ben, ['rotate', 'garden'], 1, /admins/],
    ];
    for (const [device, args, code, line] of refused) {
      const outcome = await device.run(args);
      expect([args[0], outcome.code, outcome.stdout]).toEqual([args[0], code, '']);
      expect(outcome.stderr).toMatch(line);
    }
    expect(await ada.json(['rank', 'garden', bens, 'read'])).toMatchObject({ level: 'read', before: 'write' });
    await settle(ada, ben);
    expect((await members(ben)).find(({ me }) => me)?.level).toBe('read');
    expect(await ben.json(['leave', 'garden'])).toMatchObject({ told: 1 });
    for (let tries = 0; tries < 100 && (await members(ada)).length > 1; tries++) expect(tries).toBeLessThan(99);
    expect(await members(ada)).toHaveLength(1);
  });
});
