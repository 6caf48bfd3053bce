import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { arrives } from './arrives.js';
import { newWorld, settle } from './kit.js';
import { loseBit, mountNew } from './mounts.js';
import { expectEqualTrees } from './tree.js';

const found = 'the bytes that a disk loses';
const poem = `${'What is written stays.\n'.repeat(3_000)}${found}${'\nand more'.repeat(90_000)}`;

it('[FIL-120] [FIL-121] what a disk loses is told, stays with nobody to ask, and comes back', async (context) => {
  const world = newWorld();
  const [ada, ben] = [world.device('ada'), world.device('ben')];
  const trouble = mountNew('ext4', ben.root);
  if (trouble !== undefined) context.skip(trouble);
  await Promise.all([ada.up(), ben.up()]);
  const [adas, bens] = [ada.directory('garden'), ben.path('garden')];
  fs.writeFileSync(path.join(adas, 'poem'), poem);
  fs.writeFileSync(path.join(adas, 'other'), 'other');
  const { link } = await ada.share('garden');
  await ben.join(link, 'garden');
  await settle(ada, ben);

  await Promise.all([ada.down(), ben.down()]);
  const before = fs.statSync(path.join(bens, 'poem'), { bigint: true });
  loseBit(ben.root, new TextEncoder().encode(found));
  const after = fs.statSync(path.join(bens, 'poem'), { bigint: true });
  expect([after.ctimeNs, after.mtimeNs, after.ino]).toEqual([before.ctimeNs, before.mtimeNs, before.ino]);
  const damaged = fs.readFileSync(path.join(bens, 'poem'), 'utf8');
  expect(damaged).not.toBe(poem);

  await ben.up();
  const doctor = await ben.run(['doctor']);
  expect([doctor.code, doctor.stdout]).toEqual([
    1,
    expect.stringMatching(/^BAD {2}folder garden .*damaged on disk: poem/m),
  ]);
  expect(await ben.status()).toMatchObject({ damaged: 1 });
  expect((await ben.run(['status'])).stdout).toMatch(
    /poem changed on this disk, though nobody wrote there.* 1 damaged/,
  );
  expect((await ben.run(['why', path.join(bens, 'poem')])).stdout).toContain('though nobody wrote to it');
  expect(fs.readFileSync(path.join(bens, 'poem'), 'utf8')).toBe(damaged);

  await ben.down();
  await ada.up();
  await ben.up();
  await arrives(path.join(bens, 'poem'), poem);
  await settle(ada, ben);
  expectEqualTrees(adas, bens);
  expect(await ben.status()).toMatchObject({ damaged: 0, state: 'inStep', conflicts: 0 });
  const [version] = await ben.json<readonly { readonly version: string }[]>(['history', path.join(bens, 'poem')]);
  expect(fs.readFileSync(path.join(bens, '.cloudless/archive', version?.version ?? '', 'poem'), 'utf8')).toBe(damaged);
  expect((await ben.run(['doctor'])).code).toBe(0);
}, 120_000);
