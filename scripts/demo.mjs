// npm run demo
// Two devices on this machine, Ada's and Ben's: a directory of real files, a code, edits on both sides, lines of a log,
// a connection that breaks and a daemon killed in the middle of a transfer. Everything goes through the program as at a
// terminal, every byte is compared, and nothing is left behind.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { formatLink, parseLink } from '../packages/core/dist/model/index.js';
import { root } from './bootstrap.mjs';
import { World } from './demo/devices.mjs';
import { compare, copySome } from './demo/trees.mjs';
import { Wire } from './demo/wire.mjs';

const mebibyte = 1_048_576;
const filesWanted = 2_200;
const filmBytes = 48 * mebibyte;
const lines = 21;
/** What may be on its way, received and not stored, when a connection or a daemon dies. */
const inFlightBytes = 16 * mebibyte;

const startMs = performance.now();
const world = new World();
const [ada, ben] = [world.device('ada'), world.device('ben')];
const garden = { ada: ada.path('garden'), ben: ben.path('garden') };

function say(text) {
  console.log(`\n# ${text}`);
}

function seconds(sinceMs) {
  return `${((performance.now() - sinceMs) / 1_000).toFixed(1)} s`;
}

/** Waits until both are in step, then compares. */
async function equal() {
  const sinceMs = performance.now();
  for (const device of [ada, ben, ada, ben]) await device.wait();
  const took = seconds(sinceMs);
  const { files, bytes, directories, links } = compare(garden.ada, garden.ben);
  const size = `${(bytes / mebibyte).toFixed(1)} MiB`;
  console.log(
    `equal, every byte compared: ${files} files (${size}), ${directories} directories, ${links} links; ${took}`,
  );
}

async function joining() {
  const count = copySome(path.join(root, 'node_modules', '.pnpm'), garden.ada, filesWanted);
  fs.mkdirSync(path.join(garden.ada, 'empty'));
  fs.symlinkSync('plan.txt', path.join(garden.ada, 'link to the plan'));
  fs.writeFileSync(path.join(garden.ada, 'plan.txt'), 'beans, then roses\n');
  say(`Ada has a directory of ${count} files and makes it a folder. The code works once.`);
  const address = await ada.up('--listen', '127.0.0.1:0');
  await ben.up('--listen', '127.0.0.1:0');
  await ada.run(['doctor']);
  const { link } = JSON.parse(await ada.run(['share', 'garden', '--json']));
  say('Ben joins with it, over a wire that can be broken.');
  const wire = await Wire.open(address);
  const sinceMs = performance.now();
  await ben.run(['join', formatLink({ ...parseLink(link), addresses: [wire.address] }), 'garden']);
  await equal();
  console.log(`from joining to equal: ${seconds(sinceMs)}`);
  return wire;
}

async function editing() {
  say('Both edit at once: new, changed, renamed, deleted, executable, at Ada’s and at Ben’s.');
  fs.appendFileSync(path.join(garden.ada, 'plan.txt'), 'and peas\n');
  fs.renameSync(path.join(garden.ada, 'empty'), path.join(garden.ada, 'still empty'));
  fs.writeFileSync(path.join(garden.ben, 'water.sh'), '#!/bin/sh\necho splash\n', { mode: 0o755 });
  fs.rmSync(path.join(garden.ben, 'link to the plan'));
  const [first, second] = fs.readdirSync(garden.ben).filter((name) => name.includes('@'));
  fs.renameSync(path.join(garden.ben, first), path.join(garden.ben, `renamed ${first}`));
  fs.rmSync(path.join(garden.ben, second), { recursive: true });
  await equal();
  await ben.run(['status', 'garden']);
}

/** Lines go one after another, each when the one before has arrived. */
async function talking() {
  say('Ben follows a log of the folder; Ada writes to it.');
  const tail = ben.start(['log', 'tail', 'garden', 'diary', '--follow']);
  const append = ada.start(['log', 'append', 'garden', 'diary']);
  const arriving = readline.createInterface({ input: tail.stdout })[Symbol.asyncIterator]();
  const latencies = [];
  for (let number = 1; number <= lines; number++) {
    const sinceMs = performance.now();
    append.stdin.write(`watered bed ${number}\n`);
    const { value } = await arriving.next();
    latencies.push(performance.now() - sinceMs);
    if (!value?.includes(`watered bed ${number}`)) throw new Error(`instead of line ${number} came ${value}`);
    if (number === 1) console.log(value);
  }
  append.stdin.end();
  tail.kill('SIGTERM');
  // The first one waited for the two commands to start.
  const rest = latencies.slice(1).sort((a, b) => a - b);
  const median = rest[rest.length >> 1];
  console.log(
    `${lines} lines; from keyboard to screen: median ${median.toFixed(1)} ms, longest ${rest.at(-1).toFixed(1)} ms`,
  );
}

async function breaking(wire) {
  say(`Ada adds a film of ${filmBytes / mebibyte} MiB. The connection breaks in the middle …`);
  const before = wire.bytes;
  const third = filmBytes / 3;
  const broken = wire.stopAfter(third);
  fs.writeFileSync(path.join(garden.ada, 'film.bin'), randomBytes(filmBytes));
  await broken;
  const stopped = wire.stopAfter(third);
  wire.mend();
  console.log(`… after ${(third / mebibyte).toFixed(0)} MiB. It comes back by itself, and Ben’s daemon is killed …`);
  await stopped;
  ben.kill();
  const crossed = wire.bytes - before;
  console.log(`… after ${(crossed / mebibyte).toFixed(0)} MiB. It starts again and goes on where it was.`);
  wire.mend();
  await ben.up();
  await equal();
  const peers = JSON.parse(await ben.run(['peers', '--json'], { quiet: true }));
  const fetched = crossed + peers.reduce((sum, peer) => sum + peer.in, 0);
  console.log(`for ${filmBytes / mebibyte} MiB there came ${(fetched / mebibyte).toFixed(1)} MiB`);
  if (fetched > filmBytes + 2 * inFlightBytes) throw new Error('something was fetched twice');
}

async function demo() {
  const wire = await joining();
  try {
    await editing();
    await talking();
    await breaking(wire);
  } finally {
    wire.close();
  }
  say(`Done in ${seconds(startMs)}. Both daemons are stopped, and everything is removed.`);
}

for (const [signal, number] of [
  ['SIGINT', 2],
  ['SIGTERM', 15],
  ['SIGHUP', 1],
]) {
  process.once(signal, () => process.exit(128 + number));
}
process.once('exit', () => world.close());

try {
  await demo();
} catch (error) {
  console.error(`\nThe demo failed: ${error.message}`);
  process.exitCode = 1;
}
// Sockets of a wire may still be open after a failure.
process.exit();
