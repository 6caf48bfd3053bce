import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { arrives } from './arrives.js';
import type { TestDevice } from './device.js';
import { settle, type Two, twoDevices } from './kit.js';
import { conflictCopies, expectEqualTrees } from './tree.js';

function fill(directory: string): void {
  fs.mkdirSync(path.join(directory, 'beds'));
  for (const name of ['beds/roses.txt', 'plan.txt', 'edited.txt', 'gone.txt']) {
    fs.writeFileSync(path.join(directory, name), `the first ${name}\n`);
  }
}

/** A backup of what Ada has; after it she and Ben write, and both have all of it. */
async function afterBackup(): Promise<Two & { readonly backup: string }> {
  const two = await twoDevices({ fill });
  const { ada, ben, adas, bens } = two;
  await settle(ada, ben);
  await append(ada, 'one');
  await ada.down();
  const backup = `${ada.root}.backup`;
  fs.cpSync(ada.home, path.join(backup, 'home'), { recursive: true, filter: (file) => !file.endsWith('.sock') });
  fs.cpSync(adas, path.join(backup, 'garden'), { recursive: true, preserveTimestamps: true });
  await ada.up();
  await settle(ada, ben);
  fs.writeFileSync(path.join(adas, 'plan.txt'), 'by Ada, after the backup\n');
  fs.writeFileSync(path.join(adas, 'new.txt'), 'new\n');
  fs.rmSync(path.join(adas, 'gone.txt'));
  await append(ada, 'two');
  await settle(ada, ben);
  fs.writeFileSync(path.join(bens, 'edited.txt'), 'by Ben, after the backup\n');
  fs.writeFileSync(path.join(bens, 'plan.txt'), 'by Ben, after Ada\n');
  await settle(ada, ben);
  return { ...two, backup };
}

async function append(device: TestDevice, line: string): Promise<void> {
  const { code } = await device.run(['log', 'append', 'garden', 'notes'], { input: `${line}\n` });
  expect(code).toBe(0);
}

async function lines(device: TestDevice): Promise<readonly string[]> {
  return (await device.run(['log', 'tail', 'garden', 'notes'])).stdout.trim().split('\n').sort();
}

/** Puts a backup of the databases in the place of the databases, into the same files. */
function restoreDatabases(device: TestDevice, backup: string): void {
  const [from, to] = [path.join(backup, 'home/stores'), path.join(device.home, 'stores')];
  for (const name of fs.readdirSync(to)) if (!name.endsWith('.db')) fs.rmSync(path.join(to, name));
  for (const name of fs.readdirSync(from).filter((each) => each.endsWith('.db'))) {
    fs.writeFileSync(path.join(to, name), fs.readFileSync(path.join(from, name)));
  }
}

function restoreDisk(adas: string, backup: string): void {
  fs.rmSync(adas, { recursive: true });
  fs.cpSync(path.join(backup, 'garden'), adas, { recursive: true, preserveTimestamps: true });
}

/** What was written last stands everywhere, and both go on writing. */
async function expectNewest({ ada, ben, adas, bens }: Two): Promise<void> {
  await settle(ada, ben);
  expectEqualTrees(adas, bens);
  expect(fs.readFileSync(path.join(adas, 'plan.txt'), 'utf8')).toBe('by Ben, after Ada\n');
  expect(fs.readFileSync(path.join(adas, 'edited.txt'), 'utf8')).toBe('by Ben, after the backup\n');
  expect(fs.readFileSync(path.join(adas, 'new.txt'), 'utf8')).toBe('new\n');
  expect(await lines(ada)).toEqual(await lines(ben));
  fs.writeFileSync(path.join(adas, 'beds/lilies.txt'), 'white\n');
  await arrives(path.join(bens, 'beds/lilies.txt'), 'white\n');
  fs.writeFileSync(path.join(bens, 'beds/lilies.txt'), 'white and tall\n');
  await arrives(path.join(adas, 'beds/lilies.txt'), 'white and tall\n');
}

describe('what comes back from a backup', () => {
  it('the databases alone: nothing old wins, nothing new is lost, what was deleted stays so', async () => {
    const two = await afterBackup();
    const { ada, adas } = two;
    await ada.down();
    restoreDatabases(ada, two.backup);
    fs.writeFileSync(path.join(adas, 'offline.txt'), 'written before the program ran again\n');
    await ada.up();
    await append(ada, 'three');
    await expectNewest(two);
    expect(await lines(two.ben)).toEqual(['one', 'three', 'two']);
    expect(fs.readFileSync(path.join(two.bens, 'offline.txt'), 'utf8')).toBe('written before the program ran again\n');
    expect(fs.existsSync(path.join(adas, 'gone.txt'))).toBe(false);
    expect(conflictCopies(adas)).toEqual([]);
  });

  it('the disk alone: nothing old wins, whatever it is', async () => {
    const two = await afterBackup();
    const { ada, adas, backup } = two;
    await ada.down();
    restoreDisk(adas, backup);
    await ada.up();
    await expectNewest(two);
  });

  it('both, as of one moment: what others have of the own log is kept', async () => {
    const two = await afterBackup();
    const { ada, ben, adas, backup } = two;
    await ada.down();
    await ben.down();
    restoreDatabases(ada, backup);
    restoreDisk(adas, backup);
    await ada.up();
    await append(ada, 'alone');
    fs.writeFileSync(path.join(adas, 'alone.txt'), 'written alone\n');
    await ada.run(['wait', '--timeout', '1']);
    await ben.up();
    await expectNewest(two);
    expect(await lines(ben)).toEqual(['alone', 'one', 'two']);
    expect(fs.readFileSync(path.join(two.bens, 'alone.txt'), 'utf8')).toBe('written alone\n');
  });

  it('a copy of the home takes the directory over, and the first one says so', async () => {
    const two = await twoDevices({ fill });
    const { ada, ben, adas, bens, world } = two;
    await settle(ada, ben);
    const copy = world.device('copy');
    await ada.down();
    fs.cpSync(ada.home, copy.home, { recursive: true, filter: (file) => !file.endsWith('.sock') });
    await ada.up();
    await settle(ada, ben);
    await copy.up();
    const { code } = await copy.run(['wait', '--timeout', '60']);
    expect(code).toBe(0);
    expect(await ada.run(['wait', '--timeout', '5'])).toMatchObject({ code: 4 });
    expect(await ada.status()).toMatchObject({ state: 'stopped', reason: expect.stringContaining('taken over') });
    fs.writeFileSync(path.join(adas, 'plan.txt'), 'sent by the copy\n');
    await arrives(path.join(bens, 'plan.txt'), 'sent by the copy\n');
    expectEqualTrees(adas, bens);
  });
});

describe('leaving', () => {
  it('a folder keeps its files, and joining again in the same place merges', async () => {
    const { ada, ben, adas, bens } = await twoDevices({ fill });
    await settle(ada, ben);
    expect(await ben.json(['leave', 'garden'])).toMatchObject({ name: 'garden', path: bens, erased: false });
    expect(await ben.json(['folders'])).toEqual([]);
    fs.writeFileSync(path.join(adas, 'plan.txt'), 'newer at Ada\n');
    fs.rmSync(path.join(adas, 'gone.txt'));
    fs.writeFileSync(path.join(bens, 'edited.txt'), 'changed at Ben while out\n');
    fs.writeFileSync(path.join(bens, 'only-ben.txt'), 'only at Ben\n');
    await ada.run(['wait', '--timeout', '1']);
    await ben.join((await ada.share('garden')).link, 'garden');
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    expect(fs.readFileSync(path.join(bens, 'plan.txt'), 'utf8')).toBe('newer at Ada\n');
    expect(fs.readFileSync(path.join(adas, 'only-ben.txt'), 'utf8')).toBe('only at Ben\n');
    const copies = conflictCopies(adas).map((name) => fs.readFileSync(path.join(adas, name), 'utf8'));
    expect(copies).toContain('changed at Ben while out\n');
  });

  it('deletes the files only when a person says so', async () => {
    const { ada, ben, adas, bens } = await twoDevices({ fill });
    await settle(ada, ben);
    const asked = await ben.run(['leave', 'garden', '--delete']);
    expect([asked.code, asked.stderr]).toEqual([3, expect.stringContaining('--yes')]);
    expect((await ben.run(['leave', 'orchard'])).code).toBe(1);
    expect((await ben.run(['leave'])).code).toBe(2);
    expect(fs.existsSync(path.join(bens, 'plan.txt'))).toBe(true);
    fs.mkdirSync(path.join(bens, 'inner/.cloudless'), { recursive: true });
    fs.writeFileSync(path.join(bens, 'inner/.cloudless/root'), 'of somebody else');
    const refused = await ben.run(['leave', 'garden', '--delete', '--yes']);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('folder of its own')]);
    expect(fs.existsSync(path.join(bens, 'plan.txt'))).toBe(true);
    await ada.run(['wait', '--timeout', '1']);
    expect(fs.existsSync(path.join(adas, 'plan.txt'))).toBe(true);
  });
});
