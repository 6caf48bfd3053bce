import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { arrives } from './arrives.js';
import { settle, twoDevices } from './kit.js';
import { conflictCopies, expectEqualTrees } from './tree.js';

/** Keeps a file open; each call writes over all of it, wherever it is by then. */
function opened(file: string): (text: string) => void {
  const handle = fs.openSync(file, 'r+');
  return (text) => {
    fs.ftruncateSync(handle, 0);
    fs.writeSync(handle, text, 0);
  };
}

describe('a program that has a file open', () => {
  it('keeps what it writes after somebody else replaced or removed the file', async () => {
    const { ada, ben, adas, bens } = await twoDevices({
      fill: (directory) => {
        for (const name of ['draft.txt', 'list.txt']) fs.writeFileSync(path.join(directory, name), 'old\n');
      },
    });
    await settle(ada, ben);
    const writeDraft = opened(path.join(bens, 'draft.txt'));
    const writeList = opened(path.join(bens, 'list.txt'));
    fs.writeFileSync(path.join(adas, 'draft.txt'), 'by Ada\n');
    fs.rmSync(path.join(adas, 'list.txt'));
    await arrives(path.join(bens, 'draft.txt'), 'by Ada\n');
    await arrives(path.join(bens, 'list.txt'), undefined);
    writeDraft('by Ben, who had it open\n');
    writeList('milk\n');
    await arrives(path.join(adas, 'draft.txt'), 'by Ben, who had it open\n');
    await arrives(path.join(adas, 'list.txt'), 'milk\n');
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    const copies = conflictCopies(adas);
    expect(copies).toHaveLength(1);
    expect(fs.readFileSync(path.join(adas, copies[0] as string), 'utf8')).toBe('by Ada\n');
  });
});

interface Version {
  readonly version: string;
  readonly path: string;
  readonly time: string;
  readonly size: number;
  readonly why: string;
}

describe('history and restore', () => {
  it('show what others replaced and removed, and bring it back for everybody', async () => {
    const { ada, ben, adas, bens } = await twoDevices({
      fill: (directory) => {
        fs.mkdirSync(path.join(directory, 'beds'));
        for (const name of ['plan.txt', 'beds/one.txt']) fs.writeFileSync(path.join(directory, name), `${name}\n`);
      },
    });
    await settle(ada, ben);
    fs.writeFileSync(path.join(adas, 'plan.txt'), 'worse\n');
    fs.rmSync(path.join(adas, 'beds'), { recursive: true });
    await settle(ada, ben);
    const [plan, one] = [path.join(bens, 'plan.txt'), path.join(bens, 'beds/one.txt')];
    const [version] = await ben.json<readonly Version[]>(['history', plan]);
    expect(version).toMatchObject({ path: plan, why: 'replaced', size: 9 });
    expect(Math.abs(Date.parse(version?.time ?? '') - Date.now())).toBeLessThan(600_000);
    const all = await ben.json<readonly Version[]>(['history', bens]);
    expect(all.map(({ path: each, why }) => `${each} ${why}`).sort()).toEqual([`${one} removed`, `${plan} replaced`]);

    const copy = ben.path('copy.txt');
    await ben.json(['restore', plan, '--version', version?.version ?? '', '--to', copy]);
    expect(fs.readFileSync(copy, 'utf8')).toBe('plan.txt\n');
    expect(await ben.json(['restore', plan])).toEqual({ path: plan, version: version?.version, files: 1, size: 9 });
    expect(await ben.json(['restore', path.dirname(one), '--to', ben.path('beds')])).toMatchObject({ files: 1 });
    expect(fs.readFileSync(ben.path('beds', 'one.txt'), 'utf8')).toBe('beds/one.txt\n');
    expect(await ben.json(['restore', path.dirname(one)])).toMatchObject({ path: path.dirname(one), files: 1 });
    await ben.json(['restore', plan, '--version', version?.version ?? '', '--to', path.join(bens, 'beds')]);
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    for (const name of ['plan.txt', 'beds/plan.txt'])
      expect(fs.readFileSync(path.join(adas, name), 'utf8')).toBe('plan.txt\n');
    expect(fs.readFileSync(path.join(adas, 'beds/one.txt'), 'utf8')).toBe('beds/one.txt\n');
    expect(await ben.json<readonly Version[]>(['history', plan])).toMatchObject([{ size: 6 }, { size: 9 }]);
    expect(conflictCopies(adas)).toEqual([]);
  });

  it('say in one line what is wrong', async () => {
    const { ada, ben, adas, bens } = await twoDevices({
      fill: (directory) => fs.writeFileSync(path.join(directory, 'plan.txt'), 'old\n'),
    });
    await settle(ada, ben);
    fs.writeFileSync(path.join(adas, 'plan.txt'), 'new\n');
    await settle(ada, ben);
    const plan = path.join(bens, 'plan.txt');
    const cases: readonly (readonly [readonly string[], number])[] = [
      [['history'], 2],
      [['history', ben.home], 1],
      [['restore', path.join(bens, 'nothing')], 1],
      [['restore', plan, '--version', 'none'], 1],
      [['restore', plan, '--to', plan.replace('plan.txt', 'no/../.cloudless/x')], 1],
      [['restore', plan, '--to', ben.path('no', 'where')], 1],
      [['restore', plan, '--to', '/dev/null'], 1],
      [['restore', bens], 2],
      [['restore', path.join(bens, 'no-directory')], 1],
      [['config', 'archive-days', 'many'], 2],
      [['config', 'archive-size', '10'], 2],
    ];
    for (const [args, code] of cases) {
      const outcome = await ben.run(args);
      expect([args, outcome.code]).toEqual([args, code]);
      expect(outcome.stderr.trim()).toMatch(/^cloudless: [^\n]+$/);
      expect(outcome.stdout).toBe('');
    }
    expect(await ben.run(['history', path.join(bens, 'nothing')])).toMatchObject({ code: 0 });
    expect(await ben.json(['history', path.join(bens, 'nothing')])).toEqual([]);
    expect(fs.readFileSync(plan, 'utf8')).toBe('new\n');
  });
});
