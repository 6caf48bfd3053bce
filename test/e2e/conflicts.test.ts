import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { settle, type Two, twoDevices } from './kit.js';
import { conflictCopies, expectEqualTrees } from './tree.js';

interface Conflict {
  readonly path: string;
  readonly copies: readonly { readonly path: string; readonly size: number; readonly time: string }[];
}

/** Ada and Ben, who each wrote `plan.txt` while the other was away. */
async function apart(): Promise<Two> {
  const two = await twoDevices({ fill: (root) => fs.writeFileSync(path.join(root, 'plan.txt'), 'first') });
  const { ada, ben, adas, bens } = two;
  await settle(ada, ben);
  await ben.down();
  fs.writeFileSync(path.join(adas, 'plan.txt'), 'by Ada');
  fs.writeFileSync(path.join(bens, 'plan.txt'), 'by Ben!');
  await ben.up();
  await settle(ada, ben);
  expect(conflictCopies(adas)).toHaveLength(1);
  return two;
}

describe('conflicts', () => {
  it('are listed, and settled by what is shown or by a copy', async () => {
    const { ada, ben, adas, bens } = await apart();
    const file = path.join(bens, 'plan.txt');
    const [conflict] = await ben.json<readonly Conflict[]>(['conflicts', 'garden']);
    const [copy] = conflict?.copies ?? [];
    expect(conflict?.path).toBe(file);
    const text = fs.readFileSync(copy?.path as string, 'utf8');
    expect(copy).toMatchObject({ size: text.length, time: expect.stringMatching(/^\d{4}-.*Z$/) as string });
    expect(await ben.json(['resolve', copy?.path as string, '--keep', 'copy'])).toEqual({
      path: copy?.path,
      keep: 'copy',
    });
    await settle(ada, ben);
    expect(fs.readFileSync(file, 'utf8')).toBe(text);
    expect(conflictCopies(adas)).toEqual([]);
    expectEqualTrees(adas, bens);
    expect(await ada.json(['conflicts'])).toEqual([]);
  });

  it('are left as files of their own, and what makes no sense is refused in one line', async () => {
    const { ada, ben, adas, bens } = await apart();
    const file = path.join(adas, 'plan.txt');
    const cases: readonly (readonly [readonly string[], number, string])[] = [
      [['resolve', file], 2, '--keep this, copy or both'],
      [['resolve', file, '--keep', 'none'], 2, 'Choices'],
      [['resolve', path.join(adas, 'other'), '--keep', 'this'], 1, 'in no conflict'],
      [['resolve', '/nowhere/x', '--keep', 'this'], 1, 'no folder'],
      [['resolve', adas, '--keep', 'this'], 2, 'no file or directory in a folder'],
      [['conflicts', 'nowhere'], 1, 'no folder "nowhere"'],
    ];
    for (const [args, code, text] of cases) {
      const outcome = await ada.run(args);
      expect(outcome, args.join(' ')).toMatchObject({ code, stdout: '' });
      expect(outcome.stderr.trim().split('\n')).toEqual([expect.stringContaining(text)]);
    }
    const copies = conflictCopies(adas);
    expect((await ada.run(['resolve', file, '--keep', 'both'])).stdout).toContain('files of their own');
    await settle(ada, ben);
    expect(conflictCopies(bens)).toEqual(copies);
    expect(await ben.json(['conflicts'])).toEqual([]);
    expectEqualTrees(adas, bens);
  });
});
