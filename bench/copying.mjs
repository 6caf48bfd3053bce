// W1 and W2: a directory is there on one side → equal on the other; and what other programs take for that.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { costOf, withPair } from './pair.mjs';
import { mebibyte, median } from './stats.mjs';
import { expectEqual } from './work.mjs';

/** Seconds from the work being there on one side to its being equal on the other, with what that cost. */
export async function ours(root, write, during = async () => undefined) {
  const place = fs.mkdtempSync(path.join(root, 'run-'));
  try {
    return await withPair(place, async (pair) => {
      const staged = path.join(place, 'staged');
      write(staged);
      const before = await costOf(pair);
      const beganMs = performance.now();
      fs.renameSync(staged, path.join(pair.paths.one, 'work'));
      const transfer = { over: false };
      const settled = pair.settle().finally(() => {
        transfer.over = true;
      });
      const extra = await during(pair, transfer);
      await settled;
      const seconds = (performance.now() - beganMs) / 1_000;
      expectEqual(pair.paths.one, pair.paths.other);
      const after = await costOf(pair);
      const cost = { wireBytes: after.wireBytes - before.wireBytes, cpuMs: after.cpuMs - before.cpuMs };
      return { seconds, extra, onePeak: after.peaks[0], otherPeak: after.peaks[1], ...cost };
    });
  } finally {
    fs.rmSync(place, { recursive: true, force: true });
  }
}

/** Seconds that a program takes to copy the same kind of work, or `undefined` where it is not installed. */
function theirs(root, program, args, write) {
  const place = fs.mkdtempSync(path.join(root, 'peer-'));
  try {
    write(path.join(place, 'from'));
    const beganMs = performance.now();
    const result = spawnSync(program, [...args, path.join(place, 'from'), path.join(place, 'to')]);
    if (result.error?.code === 'ENOENT') return undefined;
    if (result.status !== 0) throw new Error(`${program} failed: ${result.stderr}`);
    return (performance.now() - beganMs) / 1_000;
  } finally {
    fs.rmSync(place, { recursive: true, force: true });
  }
}

export async function copying({ root, runs, title, write, amount, unit }) {
  console.log(`\n${title}`);
  const peers = [
    { name: 'cp', program: 'cp', args: ['-r'], seconds: [] },
    { name: 'rsync', program: 'rsync', args: ['-a'], seconds: [] },
  ];
  const results = [];
  for (let run = 0; run < runs; run++) {
    results.push(await ours(root, write));
    for (const peer of peers) {
      const seconds = theirs(root, peer.program, peer.args, write);
      if (seconds !== undefined) peer.seconds.push(seconds);
    }
  }
  const own = median(results.map(({ seconds }) => seconds));
  const rate = (seconds) => `${(amount / seconds).toFixed(0)} ${unit}`.padStart(14);
  const spread = `${rate(Math.max(...results.map(({ seconds }) => seconds))).trim()} at the slowest`;
  console.log(`  cloudless  ${own.toFixed(2).padStart(8)} s ${rate(own)}   (${spread})`);
  for (const { name, seconds } of peers) {
    if (seconds.length === 0) console.log(`  ${name.padEnd(10)} not installed`);
    else console.log(`  ${name.padEnd(10)} ${report(median(seconds), own, rate)}`);
  }
  reportCost(results);
}

function report(seconds, own, rate) {
  const ratio = (own / seconds).toFixed(1);
  return `${seconds.toFixed(2).padStart(8)} s ${rate(seconds)}   cloudless takes ${ratio} times as long`;
}

function reportCost(results) {
  const of = (name) => median(results.map((result) => result[name]));
  const [one, other, wire] = ['onePeak', 'otherPeak', 'wireBytes'].map((name) => (of(name) / mebibyte).toFixed(0));
  const cpu = (of('cpuMs') / 1_000).toFixed(1);
  console.log(
    `  peak memory ${one} MiB sending, ${other} MiB receiving · over the wire ${wire} MiB · CPU of both ${cpu} s`,
  );
}
