// npm run bench -- [W1|W2|W3]… [--runs N] [--dir DIRECTORY] [--size 4GiB] [--files 100000]
//   W1  one random file of 1 GiB, or of --size, there on one side → equal on the other
//   W2  10,000 files of 4 KiB, or as many as --files says, in folders of 100
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
const units = { KiB: 1_024, MiB: mebibyte, GiB: 1_024 * mebibyte };
const small = { filesEach: 100, bytes: 4_096 };
const linesAlone = 500;
const warmUpLines = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '3' },
    dir: { type: 'string', default: os.tmpdir() },
    size: { type: 'string', default: '1GiB' },
    files: { type: 'string', default: '10000' },
  },
});
const runs = whole('--runs', values.runs);
const bigBytes = sizeOf(values.size);
const smallFiles = whole('--files', values.files);
const wanted = positionals.length === 0 ? ['W1', 'W2', 'W3'] : positionals;
const root = fs.mkdtempSync(path.join(fs.realpathSync(values.dir), 'cloudless-bench-'));

function whole(option, text) {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${option} takes a whole number, not ${text}`);
  return Number(text);
}

function sizeOf(text) {
  const [, count, unit] = /^(\d+)([KMG]iB)$/.exec(text) ?? [];
  if (unit === undefined) throw new Error(`--size takes whole KiB, MiB or GiB, as in 4GiB, not ${text}`);
  return Number(count) * units[unit];
}

function writeBig(directory) {
  fs.mkdirSync(directory, { recursive: true });
  const stream = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(mebibyte);
  const file = fs.openSync(path.join(directory, 'big.bin'), 'w');
  for (let left = bigBytes; left > 0; left -= zeros.length) {
    fs.writeSync(file, stream.update(zeros.subarray(0, left)));
  }
  fs.fsyncSync(file);
  fs.closeSync(file);
}

function writeSmall(directory) {
  for (let begin = 0; begin < smallFiles; begin += small.filesEach) {
    const inside = path.join(directory, `d${String(begin / small.filesEach).padStart(3, '0')}`);
    const count = Math.min(small.filesEach, smallFiles - begin);
    const random = randomBytes(count * small.bytes);
    fs.mkdirSync(inside, { recursive: true });
    for (let file = 0; file < count; file++) {
      fs.writeFileSync(
        path.join(inside, `f${file}.bin`),
        random.subarray(file * small.bytes, (file + 1) * small.bytes),
      );
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
      return { seconds, extra, onePeak: after.peaks[0], otherPeak: after.peaks[1], ...cost };
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
  const [one, other, wire] = ['onePeak', 'otherPeak', 'wireBytes'].map((name) => (of(name) / mebibyte).toFixed(0));
  const cpu = (of('cpuMs') / 1_000).toFixed(1);
  console.log(
    `  peak memory ${one} MiB sending, ${other} MiB receiving · over the wire ${wire} MiB · CPU of both ${cpu} s`,
  );
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
  await copying(`W1  one random file of ${values.size}`, writeBig, { amount: bigBytes / mebibyte, unit: 'MiB/s' });
if (wanted.includes('W2'))
  await copying(`W2  ${smallFiles} files of 4 KiB`, writeSmall, { amount: smallFiles, unit: 'files/s' });
if (wanted.includes('W3')) await talking();
