import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { describe, expect, it } from 'vitest';
import { arrives } from './arrives.js';
import type { TestDevice } from './device.js';
import { settle, twoDevices, wiredDevices } from './kit.js';
import { expectEqualTrees } from './tree.js';

const mebibyte = 1_048_576;

interface Item {
  readonly device: string;
  readonly seq: number;
  readonly index: number;
  readonly time: string;
  readonly data: string;
}

describe('a log', () => {
  it('brings each line to whoever follows it, both ways, in order', async () => {
    const { ada, ben } = await twoDevices();
    const [atAda, atBen] = [follow(ada), follow(ben)];
    const lines = ['first', 'ünïcödé 🌱', ' spaces stay ', 'x'.repeat(40_000)];
    await append(ada, lines);
    expect(await atBen.next(lines.length)).toEqual(lines);
    expect(await atAda.next(lines.length)).toEqual(lines);
    await append(ben, ['answer']);
    expect(await atAda.next(1)).toEqual(['answer']);
  });

  it('delivers while a bulk transfer runs, which neither waits for nor stops it', async () => {
    const { ada, ben, adas, bens, wire } = await wiredDevices({
      fill: (directory) => fs.writeFileSync(path.join(directory, 'film.bin'), randomBytes(64 * mebibyte)),
    });
    const atBen = follow(ben);
    await append(ada, ['on the way']);
    expect(await atBen.next(1)).toEqual(['on the way']);
    expect(wire.bytesToDialler).toBeLessThan(64 * mebibyte);
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
  });

  it('sends later what was appended while the other was away', async () => {
    const { ada, ben } = await twoDevices();
    await settle(ada, ben);
    await ben.down();
    await append(ada, ['one', 'two']);
    await ben.up();
    await settle(ada, ben);
    const { stdout } = await ben.run(['log', 'tail', 'garden', 'diary', '--json']);
    const items = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Item);
    expect(items.map(({ data, index }) => [data, index])).toEqual([
      ['one', 0],
      ['two', 1],
    ]);
    expect(items.every(({ time }) => !Number.isNaN(Date.parse(time)))).toBe(true);
  });

  it('is shown as files that grow, outside the tree', async () => {
    const { ada, ben, adas, bens } = await twoDevices();
    await ben.json(['log', 'files', 'garden', 'diary', 'on']);
    await append(ada, ['rain', 'sun']);
    await settle(ada, ben);
    const { stdout } = await ben.run(['log', 'tail', 'garden', 'diary', '--json']);
    const { device } = JSON.parse(stdout.split('\n')[0] ?? '') as Item;
    await arrives(path.join(bens, 'diary', `${device.slice(0, 12)}.log`), 'rain\nsun\n');
    await append(ada, ['snow']);
    await arrives(path.join(bens, 'diary', `${device.slice(0, 12)}.log`), 'rain\nsun\nsnow\n');
    await settle(ada, ben);
    expect(fs.readdirSync(adas).filter((name) => name !== '.cloudless')).toEqual([]);
  });

  it('shows nothing to a terminal that could steer it, and everything to a program', async () => {
    const { ada, ben } = await twoDevices();
    const evil = '\u001b[2Jgone\u0007\u009b31m\u202e';
    await append(ada, [evil]);
    await settle(ada, ben);
    const { stdout } = await ben.run(['log', 'tail', 'garden', 'diary']);
    expect(stdout).toContain('gone');
    expect(stdout).not.toMatch(/\p{Cc}(?<!\n)|\u202e/u);
    const exact = await ben.run(['log', 'tail', 'garden', 'diary', '--json']);
    expect((JSON.parse(exact.stdout) as Item).data).toBe(evil);
  });
});

async function append(device: TestDevice, lines: readonly string[]): Promise<void> {
  const input = lines.map((line) => `${line}\n`).join('');
  const { code, stderr } = await device.run(['log', 'append', 'garden', 'diary'], { input });
  expect([code, stderr]).toEqual([0, '']);
}

/** Follows the diary; `next` gives the data of the lines to come. */
function follow(device: TestDevice): { next(count: number): Promise<readonly string[]> } {
  const child = device.start(['log', 'tail', 'garden', 'diary', '--follow', '--json']);
  if (child.stdout === null) throw new Error('the child has no output');
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    next: async (count) => {
      const data: string[] = [];
      while (data.length < count) {
        const line = await lines.next();
        if (line.done === true) throw new Error(`the log ended after ${JSON.stringify(data)}`);
        data.push((JSON.parse(line.value) as Item).data);
      }
      return data;
    },
  };
}
