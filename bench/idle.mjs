// W8: nothing happens.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { withPair } from './pair.mjs';
import { mib } from './stats.mjs';

const folders = 30;
/** Until threads that have nothing to do have ended, and the collectors have been. */
const calmMs = 60_000;
const watchMs = 60_000;

export async function idling({ root }) {
  console.log(`\nW8  ${folders} folders that two devices share, and nothing happens`);
  const place = fs.mkdtempSync(path.join(root, 'idle-'));
  await withPair(place, async ({ one, other, paths, settle }) => {
    for (let count = 2; count <= folders; count++) await share({ one, other, paths }, count);
    await settle();
    await pause(calmMs);
    const before = await usedBy(other);
    await pause(watchMs);
    const after = await usedBy(other);
    const share_ = ((after.cpuMs - before.cpuMs) / watchMs) * 100;
    const minutes = watchMs / 60_000;
    console.log(
      `  memory ${mib(after.bytes)} · CPU ${share_.toFixed(2)} % · ${after.connections} connections · ` +
        `${((after.wire - before.wire) / minutes).toFixed(0)} bytes a minute`,
    );
  });
  fs.rmSync(place, { recursive: true, force: true });
}

async function share({ one, other, paths }, count) {
  const [here, there] = [`${paths.one}-${count}`, `${paths.other}-${count}`];
  fs.mkdirSync(here);
  fs.writeFileSync(path.join(here, 'hello'), `${count}`);
  const folder = await one.call('create', here);
  await other.call('join', await one.call('invite', folder), there);
}

async function usedBy(device) {
  const peers = await device.call('peers');
  const wire = peers.reduce((sum, peer) => sum + peer.in + peer.out, 0);
  return { bytes: await device.call('bytes'), cpuMs: await device.call('cpuMs'), connections: peers.length, wire };
}
