import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { setTimeout as until } from 'node:timers/promises';
import { formatLink, parseLink } from '@cloudless/core/model';
import { describe, expect, it } from 'vitest';
import type { Outcome, TestDevice } from './device.js';
import { newWorld, settle, twoDevices } from './kit.js';
import { expectEqualTrees } from './tree.js';

describe('a code', () => {
  it('that was used is refused, with that word', async () => {
    const { world, ada, ben } = await twoDevices();
    const eve = world.device('eve');
    await eve.up();
    const { link } = await ada.share('garden');
    const dan = world.device('dan');
    await dan.up();
    await dan.join(link, 'garden');
    await expectRefused(eve, link, /used/i);
    await settle(ada, ben, dan);
  });

  it('that has expired is refused, with that word', async () => {
    const { ada, eve } = await inviter();
    const { link, expires } = await ada.share('garden', '--ttl', '1s');
    await until(Date.parse(expires) - Date.now());
    await expectRefused(eve, link, /expired/i);
  });

  it('that was revoked is listed no more and refused, with that word', async () => {
    const { ada, eve } = await inviter();
    const { id, link } = await ada.share('garden');
    expect(await ada.json(['codes', 'garden'])).toMatchObject([{ id, level: 'write' }]);
    expect((await ada.run(['revoke', 'garden', id.slice(0, 8)])).code).toBe(0);
    expect(await ada.json(['codes', 'garden'])).toEqual([]);
    await expectRefused(eve, link, /revoked/i);
    for (const [wrong, code] of [
      [id, 1],
      ['ab', 2],
    ] as const) {
      const outcome = await ada.run(['revoke', 'garden', wrong]);
      expect(outcome.code).toBe(code);
      expect(outcome.stderr).toMatch(/^cloudless: .*\n$/);
    }
  });

  it('that was mistyped is refused before anything is dialled, and says where', async () => {
    const { ada, eve } = await inviter();
    const { code, words, link } = await ada.share('garden');
    const at = code.length - 2;
    const typed = `${code.slice(0, at)}${code[at] === '7' ? '8' : '7'}${code.slice(at + 1)}`;
    await expectRefused(eve, typed, /group/i);
    await expectRefused(eve, words.replace(/^\S+/, 'abacus-not-a-word'), /word|letter/i);
    await expectRefused(eve, `${link.slice(0, -3)}`, /damaged|cut off/i);
  });

  it('with another secret gets no answer, and leaves nothing behind', async () => {
    const { ada, eve } = await inviter();
    const { link } = await ada.share('garden');
    const invitation = parseLink(link);
    if (invitation.type !== 'code') throw new Error('share gives codes');
    const guessed = formatLink({ ...invitation, secret: Uint8Array.from(randomBytes(16)) });
    const outcome = await eve.run(['join', guessed, eve.path('garden'), '--timeout', '3']);
    expect(outcome.code).toBe(4);
    expect(outcome.stderr).not.toBe('');
    await expectNothing(eve);
    await eve.join(link, 'garden');
  });

  it('is refused where there would be a folder inside a folder, and stays good', async () => {
    const { world, ada, ben, bens, adas } = await twoDevices({
      fill: (directory) => fs.writeFileSync(`${directory}/plan.txt`, 'beans\n'),
    });
    await settle(ada, ben);
    const { link } = await ada.share('garden');
    const inside = `${bens}/deeper/still`;
    const outcome = await ben.run(['join', link, inside, '--timeout', '10']);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(bens);
    expect(fs.existsSync(`${bens}/deeper`)).toBe(false);
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    const dan = world.device('dan');
    await dan.up();
    await dan.join(link, 'garden');
    await settle(ada, dan);
    expectEqualTrees(adas, dan.path('garden'));
  });

  it('takes a limit for the membership, and says that there are no access secrets', async () => {
    const { ada, adas } = await inviter();
    const made = await ada.run(['share', adas, '--for', '30d', '--json']);
    expect(made.code).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({ memberMs: 30 * 86_400_000 });
    expect(made.stderr).toBe('');
    const other = ada.directory('other');
    const refused = await ada.run(['share', other, '--secret']);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/^cloudless: .*--secret.*\n$/);
    expect(fs.existsSync(`${other}/.cloudless`)).toBe(false);
  });

  it('lets in a reader who can read and not write', async () => {
    const { world, ada, adas } = await inviter();
    fs.writeFileSync(`${adas}/plan.txt`, 'beans\n');
    const { link } = await ada.share('garden', '--level', 'read');
    const rea = world.device('rea');
    await rea.up();
    expect((await rea.join(link, 'garden')).level).toBe('read');
    await settle(ada, rea);
    expectEqualTrees(adas, rea.path('garden'));
    const written = await rea.run(['log', 'append', 'garden', 'diary'], { input: 'may not\n' });
    expect(written.code).toBe(1);
    expect(written.stderr).toMatch(/level/i);
  });
});

/** Ada with a folder, and somebody with none. */
async function inviter(): Promise<{
  readonly world: ReturnType<typeof newWorld>;
  readonly ada: TestDevice;
  readonly eve: TestDevice;
  readonly adas: string;
}> {
  const world = newWorld();
  const [ada, eve] = [world.device('ada'), world.device('eve')];
  await Promise.all([ada.up(), eve.up()]);
  return { world, ada, eve, adas: ada.directory('garden') };
}

/** A join that fails with one line that says why, and changes nothing. */
async function expectRefused(device: TestDevice, code: string, why: RegExp): Promise<Outcome> {
  const outcome = await device.run(['join', code, device.path('garden'), '--timeout', '20']);
  expect(outcome.stderr).toMatch(why);
  expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
  expect(outcome.code).toBe(1);
  await expectNothing(device);
  return outcome;
}

async function expectNothing(device: TestDevice): Promise<void> {
  expect(fs.existsSync(device.path('garden'))).toBe(false);
  expect(await device.json(['folders'])).toEqual([]);
}
