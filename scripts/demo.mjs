// npm run demo
// Two devices on this machine, each with a home of its own: one shares a folder, the other joins it with the code, a
// file and a line of a log go over. Everything happens through the program, as at a terminal.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './bootstrap.mjs';

const main = path.join(root, 'packages', 'cli', 'dist', 'main.js');
const stepMsMax = 60_000;

const world = fs.mkdtempSync(path.join(os.tmpdir(), 'cloudless-demo-'));

function place(...parts) {
  return path.join(world, ...parts);
}

function say(text) {
  console.log(`\n${text}`);
}

/** Runs one command of one device and shows it; what it prints is returned and shown. */
function cloudless(device, args, input = '') {
  console.log(`${device}$ cloudless ${args.map(quoted).join(' ')}`);
  const result = spawnSync(process.execPath, [main, ...args], {
    cwd: place(device),
    env: { ...process.env, CLOUDLESS_HOME: place(device, '.home') },
    input,
    encoding: 'utf8',
    timeout: stepMsMax,
  });
  const printed = result.stdout.trim();
  if (printed !== '') console.log(printed);
  if (result.status !== 0) throw new Error(`${args[0]} failed: ${result.stderr.trim() || `exit ${result.status}`}`);
  return printed;
}

function quoted(text) {
  return /\s/.test(text) ? `'${text}'` : text;
}

function demo() {
  for (const device of ['ada', 'ben']) fs.mkdirSync(place(device));

  say('Ada has a directory and makes it a folder. The code works once.');
  fs.mkdirSync(place('ada', 'garden'));
  fs.writeFileSync(place('ada', 'garden', 'plan.txt'), 'beans, then roses\n');
  const shared = JSON.parse(cloudless('ada', ['share', 'garden', '--json']));

  say('Ben joins with it.');
  cloudless('ben', ['join', shared.link, 'garden', '--timeout', '30']);
  cloudless('ben', ['wait', 'garden', '--timeout', '30']);
  expectFile(place('ben', 'garden', 'plan.txt'), 'beans, then roses\n');

  say('Ben changes the plan, and Ada has it.');
  fs.writeFileSync(place('ben', 'garden', 'plan.txt'), 'roses, then beans\n');
  cloudless('ben', ['wait', 'garden', '--timeout', '30']);
  cloudless('ada', ['wait', 'garden', '--timeout', '30']);
  expectFile(place('ada', 'garden', 'plan.txt'), 'roses, then beans\n');

  say('Ada appends a line to a log of the folder; it is in every copy.');
  cloudless('ada', ['log', 'append', 'garden', 'diary'], 'watered everything\n');
  cloudless('ben', ['wait', 'garden', '--timeout', '30']);
  const lines = cloudless('ben', ['log', 'tail', 'garden', 'diary']);
  if (!lines.includes('watered everything')) throw new Error('the line did not arrive');

  say('Done: both copies are equal.');
}

function expectFile(file, text) {
  const found = fs.readFileSync(file, 'utf8');
  if (found !== text) throw new Error(`${file} holds ${JSON.stringify(found)}`);
  console.log(`${path.relative(world, file)}: ${text.trim()}`);
}

/** A daemon that never started has nothing to stop; the demo's verdict does not depend on it. */
function stopDaemons() {
  for (const device of ['ada', 'ben']) {
    const env = { ...process.env, CLOUDLESS_HOME: place(device, '.home') };
    if (fs.existsSync(place(device, '.home'))) spawnSync(process.execPath, [main, 'down'], { env, timeout: stepMsMax });
  }
}

try {
  demo();
} catch (error) {
  console.error(`\nThe demo failed: ${error.message}`);
  process.exitCode = 1;
} finally {
  stopDaemons();
  fs.rmSync(world, { recursive: true, force: true });
}
