import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { newWorld, settle, twoDevices } from './kit.js';
import { treeOf } from './tree.js';

interface Rules {
  readonly shared: readonly string[];
  readonly local: readonly string[];
  readonly want: readonly string[];
}

interface Status {
  readonly folders: readonly [{ readonly have: number; readonly want: number; readonly state: string }];
}

describe('what is left out', () => {
  it('is ignored by all, said in a file that is synced, until it is not', async () => {
    const { ada, ben, adas, bens } = await twoDevices({ fill: (root) => write(root, 'a.txt', 'build/out', 'x.tmp') });
    await settle(ada, ben);
    expect(await ada.json<Rules>(['ignore', 'garden', 'cache/', '*.log'])).toMatchObject({
      shared: ['cache/', '*.log'],
    });
    await settle(ada, ben);
    expect(fs.readFileSync(path.join(bens, '.cloudlessignore'), 'utf8')).toBe('cache/\n*.log\n');
    write(bens, 'cache/deep/1', 'ben.log', 'b.txt');
    await settle(ada, ben);
    expect(Object.keys(treeOf(adas))).toContain('b.txt');
    expect(Object.keys(treeOf(adas))).not.toContain('ben.log');
    const why = await ben.run(['why', path.join(bens, 'cache/deep/1')]);
    expect(why.stdout).toContain('ignored by line 1 of .cloudlessignore, "cache/"');
    await ada.json(['ignore', 'garden', '--remove', 'cache/']);
    await settle(ada, ben);
    expect(Object.keys(treeOf(adas))).toContain('cache/deep/1');
  });

  it('is not sent by one that joins with a directory full of it', async () => {
    const world = newWorld();
    const [ada, ben] = [world.device('ada'), world.device('ben')];
    await Promise.all([ada.up(), ben.up()]);
    const [adas, bens] = [ada.directory('garden'), ben.directory('garden')];
    write(adas, 'a');
    fs.writeFileSync(path.join(adas, '.cloudlessignore'), 'build/\n');
    write(bens, 'b', ...Array.from({ length: 50 }, (_, i) => `build/${i}`));
    const { link } = await ada.share('garden');
    await ada.json(['why', path.join(adas, 'a')]);
    await ben.join(link, 'garden');
    await settle(ada, ben);
    expect(Object.keys(treeOf(adas)).sort()).toEqual(['.cloudlessignore', 'a', 'b']);
    expect(fs.readdirSync(path.join(bens, 'build'))).toHaveLength(50);
  });

  it('is what one device does not want, and comes back when it does', async () => {
    const { ada, ben, adas, bens } = await twoDevices({ fill: (root) => write(root, 'a', 'old/b', 'new/c') });
    await settle(ada, ben);
    expect(await ben.json<Rules>(['want', 'garden', 'new', 'a'])).toMatchObject({ want: ['new', 'a'], local: [] });
    fs.rmSync(path.join(bens, 'old'), { recursive: true });
    write(adas, 'old/d', 'new/e');
    await settle(ada, ben);
    expect(Object.keys(treeOf(bens))).toEqual(['a', 'new', 'new/c', 'new/e']);
    expect((await ben.json<Status>(['status'])).folders[0]).toMatchObject({ have: 3, want: 3, state: 'inStep' });
    expect((await ben.run(['why', path.join(bens, 'old/b')])).stdout).toContain('not among what this device wants');
    await ben.kill();
    await ben.up();
    await settle(ada, ben);
    expect(fs.existsSync(path.join(adas, 'old/b'))).toBe(true);
    await ben.json(['want', 'garden', '--remove', 'new', 'a']);
    await settle(ada, ben);
    expect(treeOf(bens)).toEqual(treeOf(adas));
  });

  it('is refused in one line where it makes no sense', async () => {
    const { ada, adas } = await twoDevices();
    const cases: readonly (readonly [readonly string[], number, string])[] = [
      [['ignore', 'garden', ''], 2, 'not empty'],
      [['ignore', 'garden', '#x'], 2, 'comment'],
      [['ignore', 'garden', 'a\nb'], 2, 'one line'],
      [['ignore', 'garden', '--remove', 'nope'], 1, 'no pattern "nope"'],
      [['ignore', 'garden', '--local', '--remove', 'nope'], 1, 'no pattern "nope"'],
      [['want', 'garden', '**/**/**/**/x'], 2, 'more than 3 times'],
      [['want', 'nowhere', 'x'], 1, 'no folder "nowhere"'],
      [['ignore'], 2, 'cloudless ignore <folder>'],
    ];
    for (const [args, code, text] of cases) {
      const outcome = await ada.run(args);
      expect(outcome, args.join(' ')).toMatchObject({ code, stdout: '' });
      expect(outcome.stderr.trim().split('\n')).toEqual([expect.stringContaining(text)]);
    }
    expect(Object.keys(treeOf(adas))).toEqual([]);
  });
});

/** Files with their own names in them. */
function write(root: string, ...names: readonly string[]): void {
  for (const name of names) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), name);
  }
}
