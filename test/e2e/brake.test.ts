import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TestDevice } from './device.js';
import { settle, twoDevices } from './kit.js';
import { expectEqualTrees, treeOf } from './tree.js';

interface Brake {
  readonly since: string;
  readonly reason: string;
  readonly holds: readonly { readonly side: string; readonly deletes: number; readonly files: number }[];
}

interface Planned {
  readonly operations: readonly { readonly path: string; readonly op: string; readonly held?: true }[];
}

function fill(directory: string): void {
  for (let i = 0; i < 90; i++) {
    fs.mkdirSync(path.join(directory, `beds/${i % 3}`), { recursive: true });
    fs.writeFileSync(path.join(directory, `beds/${i % 3}/${i}.txt`), `bed ${i}\n`);
  }
}

/** As `rm -rf garden/*`. */
function empty(directory: string): void {
  for (const name of fs.readdirSync(directory)) {
    if (name !== '.cloudless') fs.rmSync(path.join(directory, name), { recursive: true });
  }
}

/** Waits until a person is asked, and says what. */
async function asked(device: TestDevice): Promise<Brake> {
  for (;;) {
    const { code, stderr } = await device.run(['wait', 'garden', '--timeout', '60']);
    if (code === 0) continue;
    expect(stderr).toContain('cloudless approve garden');
    expect(code).toBe(3);
    const { brake, state } = (await device.status()) as unknown as { readonly brake: Brake; readonly state: string };
    expect(state).toBe('braked');
    return brake;
  }
}

describe('everything deleted at once', () => {
  it('stays with everybody else until a person approves, on each side', async () => {
    const { ada, ben, adas, bens } = await twoDevices({ fill });
    await settle(ada, ben);
    const before = treeOf(bens);
    empty(adas);
    expect(await asked(ada)).toMatchObject({ holds: [{ side: 'out', deletes: 90, files: 90 }] });
    expect(treeOf(bens)).toEqual(before);
    const { operations } = await ada.json<Planned>(['plan', 'garden']);
    expect(operations).toContainEqual({ path: 'beds/0/0.txt', op: 'delete', held: true });
    const [row] = await ada.json<readonly { readonly state: string }[]>(['folders']);
    expect(row?.state).toBe('braked');
    await ada.json(['approve', 'garden']);
    const [hold] = (await asked(ben)).holds;
    expect(hold).toMatchObject({ side: 'in', deletes: 90 });
    expect(treeOf(bens)).toEqual(before);
    await ben.kill();
    await ben.up();
    await asked(ben);
    await ben.json(['approve', 'garden']);
    await settle(ada, ben);
    expect(treeOf(bens)).toEqual({});
    const nothing = await ben.run(['approve', 'garden']);
    expect(nothing.code).toBe(1);
    expect(nothing.stderr).toContain('Nothing of "garden" waits for an answer.');
  });

  it('comes back when it is rejected', async () => {
    const { ada, ben, adas, bens } = await twoDevices({ fill });
    await settle(ada, ben);
    const before = treeOf(bens);
    empty(adas);
    await asked(ada);
    await ada.json(['reject', 'garden']);
    await settle(ada, ben);
    expect(treeOf(adas)).toEqual(before);
    expectEqualTrees(adas, bens);
    expect(await ada.json(['plan', 'garden'])).toEqual({ operations: [] });
  });

  it('comes back everywhere when somebody else rejects it', async () => {
    const { ada, ben, adas, bens } = await twoDevices({ fill });
    await settle(ada, ben);
    const before = treeOf(bens);
    empty(adas);
    await asked(ada);
    await ada.json(['approve', 'garden']);
    await asked(ben);
    await ben.json(['reject', 'garden']);
    await settle(ada, ben);
    expect(treeOf(adas)).toEqual(before);
    expect(treeOf(bens)).toEqual(before);
  });
});

it('a directory of many files is moved without a question', async () => {
  const { ada, ben, adas, bens } = await twoDevices({ fill });
  await settle(ada, ben);
  fs.renameSync(path.join(adas, 'beds'), path.join(adas, 'old beds'));
  await settle(ada, ben);
  expectEqualTrees(adas, bens);
  expect(Object.keys(treeOf(bens))).toContain('old beds/0/0.txt');
});
