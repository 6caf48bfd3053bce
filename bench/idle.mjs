// W8: nothing happens.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Remote, withPair } from './pair.mjs';
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
    await watch('as they joined', other);
    await other.close();
    const again = await Remote.start(path.join(place, 'other.home'));
    try {
      await watch('started again', again);
    } finally {
      await again.close();
    }
  });
  fs.rmSync(place, { recursive: true, force: true });
}

async function watch(title, device) {
  await pause(calmMs);
  const before = await usedBy(device);
  await pause(watchMs);
  const after = await usedBy(device);
  const cpu = (((after.cpuMs - before.cpuMs) / watchMs) * 100).toFixed(2);
  const wire = ((after.wire - before.wire) / (watchMs / 60_000)).toFixed(0);
  console.log(
    `  ${title.padEnd(14)} ${mib(after.bytes)} · CPU ${cpu} % · ` +
      `${after.connections} connections · ${wire} bytes a minute`,
  );
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
