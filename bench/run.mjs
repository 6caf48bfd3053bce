// npm run bench -- [W1|W2|W3]… [--runs N] [--dir DIRECTORY]
//   W1  one random file of 1 GiB, there on one side → equal on the other
//   W2  10,000 files of 4 KiB in 100 folders
//   W3  a line appended to a log → delivered, alone and while W1 runs on the same connection
// Two devices on loopback, a process each, on one disk; cp and rsync do the same work there in the same run, with no
// network, no encryption and no care for power cuts, so ratios tell more than seconds. Prints medians; writes only
// below DIRECTORY (default: the system's place for temporary files), and removes that again.
import { spawnSync } from 'node:child_process';
import { createCipheriv, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { costOf, withPair } from './pair.mjs';

const mebibyte = 1_048_576;
const bigBytes = 1_024 * mebibyte;
const small = { folders: 100, filesEach: 100, bytes: 4_096 };
const linesAlone = 500;
const warmUpLines = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { runs: { type: 'string', default: '3' }, dir: { type: 'string', default: os.tmpdir() } },
});
const runs = Number(values.runs);
const wanted = positionals.length === 0 ? ['W1', 'W2', 'W3'] : positionals;
const root = fs.mkdtempSync(path.join(fs.realpathSync(values.dir), 'cloudless-bench-'));

function writeBig(directory) {
  fs.mkdirSync(directory, { recursive: true });
  const stream = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(mebibyte);
  const file = fs.openSync(path.join(directory, 'big.bin'), 'w');
  for (let left = bigBytes; left > 0; left -= zeros.length) fs.writeSync(file, stream.update(zeros));
  fs.fsyncSync(file);
  fs.closeSync(file);
}

function writeSmall(directory) {
  const random = randomBytes(small.folders * small.filesEach * small.bytes);
  for (let folder = 0, offset = 0; folder < small.folders; folder++) {
    const inside = path.join(directory, `d${String(folder).padStart(3, '0')}`);
    fs.mkdirSync(inside, { recursive: true });
    for (let file = 0; file < small.filesEach; file++, offset += small.bytes) {
      fs.writeFileSync(path.join(inside, `f${file}.bin`), random.subarray(offset, offset + small.bytes));
    }
  }
}

function expectEqual(one, other) {
  const result = spawnSync('diff', ['-rq', '--exclude=.cloudless', one, other], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`the sides differ: ${result.stdout}${result.stderr}`);
}

/** Seconds from the work being there on one side to its being equal on the other, with what that cost. */
async function ours(write, during = async () => undefined) {
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
      return { seconds, extra, peakBytes: after.peakBytes, ...cost };
    });
  } finally {
    fs.rmSync(place, { recursive: true, force: true });
  }
}

/** Seconds that a program takes to copy the same kind of work, or `undefined` where it is not installed. */
function theirs(program, args, write) {
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

function quantile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function median(numbers) {
  return quantile(numbers, 0.5);
}

async function copying(title, write, { amount, unit }) {
  console.log(`\n${title}`);
  const peers = [
    { name: 'cp', program: 'cp', args: ['-r'], seconds: [] },
    { name: 'rsync', program: 'rsync', args: ['-a'], seconds: [] },
  ];
  const results = [];
  for (let run = 0; run < runs; run++) {
    results.push(await ours(write));
    for (const peer of peers) {
      const seconds = theirs(peer.program, peer.args, write);
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
  const [peak, wire] = [of('peakBytes'), of('wireBytes')].map((bytes) => (bytes / mebibyte).toFixed(1));
  const cpu = (of('cpuMs') / 1_000).toFixed(1);
  console.log(`  peak memory of the larger side ${peak} MiB · over the wire ${wire} MiB · CPU of both sides ${cpu} s`);
}

/** Appends lines, each when the one before has arrived, until `done` says so; gives their latencies. */
async function talk({ one, other, folder }, done) {
  const latencies = [];
  let arrived = () => undefined;
  other.arrived = (latencyMs) => arrived(latencyMs);
  await other.call('follow', folder);
  while (!done(latencies.length)) {
    const latency = new Promise((resolve) => {
      arrived = resolve;
    });
    await one.call('append', folder);
    latencies.push(await latency);
  }
  return latencies.slice(warmUpLines);
}

async function talking() {
  console.log('\nW3  a line appended to a log → delivered, on disk first');
  const place = fs.mkdtempSync(path.join(root, 'talk-'));
  const alone = await withPair(place, (pair) => talk(pair, (count) => count >= linesAlone + warmUpLines));
  fs.rmSync(place, { recursive: true, force: true });
  reportLatencies('alone', alone);
  const { extra } = await ours(writeBig, (pair, transfer) => talk(pair, () => transfer.over));
  reportLatencies('while W1 runs', extra);
}

function reportLatencies(title, latencies) {
  const [p50, p99] = [median(latencies), quantile(latencies, 0.99)].map((ms) => `${ms.toFixed(1)} ms`);
  console.log(`  ${title.padEnd(14)} median ${p50}, 99 of 100 within ${p99}, ${latencies.length} lines`);
}

async function describe() {
  const place = fs.mkdtempSync(path.join(root, 'provider-'));
  const provider = await withPair(place, ({ one }) => one.call('provider'));
  const cpu = os.cpus()[0]?.model ?? 'unknown';
  const memory = `${(os.totalmem() / 2 ** 30).toFixed(0)} GiB`;
  console.log(`${os.cpus().length} × ${cpu}, ${memory}, ${os.type()} ${os.release()}, Node ${process.versions.node}`);
  console.log(`crypto: ${provider} · ${runs} runs, medians · in ${path.dirname(root)}`);
}

process.once('exit', () => fs.rmSync(root, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));

await describe();
if (wanted.includes('W1'))
  await copying('W1  one random file of 1 GiB', writeBig, { amount: bigBytes / mebibyte, unit: 'MiB/s' });
const smallFiles = small.folders * small.filesEach;
if (wanted.includes('W2'))
  await copying('W2  10,000 files of 4 KiB', writeSmall, { amount: smallFiles, unit: 'files/s' });
if (wanted.includes('W3')) await talking();
