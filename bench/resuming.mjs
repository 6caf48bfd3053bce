// W1 with a receiver that is killed in the middle: what comes after that.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Remote, withPair } from './pair.mjs';
import { mib } from './stats.mjs';
import { expectEqual } from './work.mjs';

const lookMs = 20;
const countedMs = 1_500;

export async function resuming({ root, bytes, write }) {
  console.log(`\nW1r one random file of ${mib(bytes)}, the receiver killed half-way and started again`);
  const place = fs.mkdtempSync(path.join(root, 'resume-'));
  await withPair(place, async (pair) => {
    const { one, other, paths, folder } = pair;
    const staged = path.join(place, 'staged');
    write(staged);
    fs.renameSync(staged, path.join(paths.one, 'work'));
    const before = await until(other, bytes / 2);
    await other.killed();
    const again = await Remote.start(path.join(place, 'other.home'));
    try {
      for (const device of [one, again]) await device.call('inStep', folder);
      expectEqual(paths.one, paths.other);
      // What has come is counted once a second.
      await pause(countedMs);
      const after = await cameTo(again);
      const peak = mib(await again.call('peakBytes'));
      console.log(`  ${mib(before)} had come when it was killed · ${mib(after)} came afterwards · peak memory ${peak}`);
    } finally {
      await again.close();
    }
  });
  fs.rmSync(place, { recursive: true, force: true });
}

/** What has come once that is so much, as far as it was counted. */
async function until(device, bytes) {
  for (;;) {
    const came = await cameTo(device);
    if (came >= bytes) return came;
    await pause(lookMs);
  }
}

async function cameTo(device) {
  return (await device.call('peers')).reduce((sum, peer) => sum + peer.in, 0);
}
