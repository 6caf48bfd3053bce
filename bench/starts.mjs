// W7 and W10: a start with many files that nobody changed.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Remote } from './pair.mjs';
import { median, mib } from './stats.mjs';

const lookMs = 5;

export async function starting({ root, runs, files, write }) {
  console.log(`\nW7  a start with ${files} files of 4 KiB that nobody changed → ready`);
  const place = fs.mkdtempSync(path.join(root, 'start-'));
  const [home, directory] = [path.join(place, 'home'), path.join(place, 'files')];
  write(directory);
  const first = await begin(home, (device) => device.call('create', directory));
  const bytes = sizeOf(path.join(home, 'stores'));
  console.log(`  first of all   ${line(first)}, each file read`);
  console.log(`  database       ${mib(bytes)}, ${(bytes / files).toFixed(0)} bytes a file`);
  const again = [];
  for (let run = 0; run < runs; run++) again.push(await begin(home));
  const of = (name) => median(again.map((each) => each[name]));
  const typical = { seconds: of('seconds'), cpuMs: of('cpuMs'), peak: of('peak') };
  console.log(`  from then on   ${line(typical)}, median of ${runs}`);
  fs.rmSync(place, { recursive: true, force: true });
}

function line({ seconds, cpuMs, peak }) {
  return `${seconds.toFixed(2)} s, CPU ${(cpuMs / 1_000).toFixed(1)} s, peak memory ${mib(peak)}`;
}

/** From the start of the process until its only folder was looked at and everything in it is recorded. */
async function begin(home, act = async () => undefined) {
  const beganMs = performance.now();
  const device = await Remote.start(home);
  await act(device);
  while ((await device.call('states')).some((state) => state !== 'inStep')) await pause(lookMs);
  const seconds = (performance.now() - beganMs) / 1_000;
  const result = { seconds, cpuMs: await device.call('cpuMs'), peak: await device.call('peakBytes') };
  await device.close();
  return result;
}

function sizeOf(directory) {
  return fs.readdirSync(directory).reduce((sum, name) => sum + fs.statSync(path.join(directory, name)).size, 0);
}
