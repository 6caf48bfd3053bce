import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { newWorld, settle, type WiredTwo, wiredDevices } from './kit.js';
import { conflictCopies, expectEqualTrees } from './tree.js';

const mebibyte = 1_048_576;
const fileBytes = 48 * mebibyte;
const halfBytes = 32 * mebibyte;
/** What may be under way, received and not yet stored, when a daemon is killed (`spec/09`, in flight from one peer). */
const inFlightBytes = 16 * mebibyte;

describe('a daemon that is killed in the middle of a transfer', () => {
  it.each(['sender', 'receiver'] as const)('the %s goes on where it was', async (side) => {
    const { ada, ben, adas, bens, wire } = await halfway();
    const before = wire.bytesToDialler;
    const victim = side === 'sender' ? ada : ben;
    await victim.kill();
    wire.thaw();
    const start = wire.bytesToDialler;
    await victim.up();
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
    expect(conflictCopies(bens)).toEqual([]);
    const direct = (await ben.peers()).filter((peer) => peer.address !== wire.address);
    const after = wire.bytesToDialler - start + direct.reduce((sum, peer) => sum + peer.in, 0);
    expect(before).toBeGreaterThanOrEqual(halfBytes);
    expect(before + after).toBeLessThan(fileBytes + inFlightBytes + 2 * mebibyte);
  });

  it('shows the old file until the new one is whole', async () => {
    const { ada, ben, adas, bens, wire } = await wiredDevices({
      fill: (directory) => fs.writeFileSync(path.join(directory, 'film.bin'), randomBytes(mebibyte)),
    });
    await settle(ada, ben);
    const old = fs.readFileSync(path.join(bens, 'film.bin'));
    const frozen = wire.freezeAfter(wire.bytesToDialler + 8 * mebibyte);
    fs.writeFileSync(path.join(adas, 'film.bin'), randomBytes(24 * mebibyte));
    await frozen;
    await ben.kill();
    expect(fs.readFileSync(path.join(bens, 'film.bin')).equals(old)).toBe(true);
    wire.thaw();
    await ben.up();
    await settle(ada, ben);
    expectEqualTrees(adas, bens);
  });
});

describe('a daemon that started by itself', () => {
  it('is found, killed and started again by the next command', async () => {
    const world = newWorld();
    const ada = world.device('ada');
    const garden = ada.directory('garden');
    fs.writeFileSync(path.join(garden, 'plan.txt'), 'beans\n');
    try {
      const { pid } = await ada.json<{ readonly pid: number }>(['up', '--listen', '127.0.0.1:0']);
      const again = await ada.json<{ readonly pid: number }>(['up']);
      expect(again.pid).toBe(pid);
      await ada.share('garden');
      process.kill(pid, 'SIGKILL');
      const folders = await ada.json<readonly { readonly name: string; readonly path: string }[]>(['folders']);
      expect(folders).toMatchObject([{ name: 'garden', path: garden }]);
      const { pid: next } = await ada.json<{ readonly pid: number }>(['up']);
      expect(next).not.toBe(pid);
    } finally {
      await ada.json(['down']);
    }
  });
});

/** Ben in the middle of fetching a file from Ada, over a wire that has stopped. */
async function halfway(): Promise<WiredTwo> {
  const two = await wiredDevices({
    fill: (directory) => fs.writeFileSync(path.join(directory, 'film.bin'), randomBytes(fileBytes)),
  });
  await two.wire.freezeAfter(halfBytes);
  return two;
}
