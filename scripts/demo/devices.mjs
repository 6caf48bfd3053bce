// Devices of the demo: homes and directories of their own, driven through the program as at a terminal.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from '../bootstrap.mjs';

const main = path.join(root, 'packages', 'cli', 'dist', 'main.js');
const commandMsMax = 50_000;
const shownMax = 100;

/** A directory that goes away again, with everything that runs in it. */
export class World {
  root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'cloudless-demo-')));
  #devices = [];

  device(name) {
    const device = new Device(name, path.join(this.root, name));
    this.#devices.push(device);
    return device;
  }

  /** Synchronous, so that it is done even when the demo is interrupted. */
  close() {
    for (const device of this.#devices) device.end();
    fs.rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

class Device {
  #name;
  #children = new Set();
  #pid = 0;

  constructor(name, root) {
    this.#name = name;
    this.root = root;
    this.home = `${root}.home`;
    fs.mkdirSync(root);
  }

  path(...parts) {
    return path.join(this.root, ...parts);
  }

  /** Starts the daemon, or finds it running. Returns its address. */
  async up(...options) {
    const { pid, listen } = JSON.parse(await this.run(['up', '--json', ...options], { quiet: true }));
    this.#pid = pid;
    return listen[0];
  }

  get pid() {
    return this.#pid;
  }

  /** Ends the daemon as a power cut would. */
  kill() {
    console.log(`${this.#name}$ kill -KILL ${this.#pid}`);
    process.kill(this.#pid, 'SIGKILL');
  }

  /** Starts a command that goes on. */
  start(args) {
    console.log(`${this.#name}$ cloudless ${args.map(shown).join(' ')} &`);
    return this.#spawn(args);
  }

  /** Runs a command to its end, shows both, and returns what it printed. */
  async run(args, { input = '', quiet = false } = {}) {
    if (!quiet) console.log(`${this.#name}$ cloudless ${args.map(shown).join(' ')}`);
    const child = this.#spawn(args);
    const timer = setTimeout(() => child.kill('SIGKILL'), commandMsMax);
    child.stdin.end(input);
    const printed = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr']) {
      child[stream].setEncoding('utf8').on('data', (text) => {
        printed[stream] += text;
      });
    }
    await once(child, 'close');
    clearTimeout(timer);
    if (!quiet && printed.stdout !== '') console.log(printed.stdout.trimEnd());
    if (child.exitCode === 0) return printed.stdout;
    throw new Error(`"${args.map(shown).join(' ')}" ended with ${child.exitCode}: ${printed.stderr.trim()}`);
  }

  /** Waits until in step, quietly. */
  wait() {
    return this.run(['wait', '--timeout', '45'], { quiet: true });
  }

  end() {
    for (const child of this.#children) child.kill('SIGKILL');
    if (!fs.existsSync(this.home)) return;
    spawnSync(process.execPath, [main, 'down'], { env: this.#environment(), timeout: 5_000 });
    if (isRunning(this.#pid, this.home)) process.kill(this.#pid, 'SIGKILL');
  }

  #spawn(args) {
    const child = spawn(process.execPath, [main, ...args], { cwd: this.root, env: this.#environment() });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    child.stdin.on('error', () => undefined);
    return child;
  }

  #environment() {
    return { ...process.env, CLOUDLESS_HOME: this.home, NO_COLOR: '1' };
  }
}

/** A process id may have gone to somebody else's process since. */
function isRunning(pid, home) {
  try {
    process.kill(pid, 0);
    const environment = `/proc/${pid}/environ`;
    return !fs.existsSync(environment) || fs.readFileSync(environment, 'utf8').includes(home);
  } catch {
    return false;
  }
}

function shown(text) {
  const short = text.length > shownMax ? `${text.slice(0, shownMax)}…` : text;
  return /[^\w./:=,@%+…-]/.test(short) ? `'${short}'` : short;
}
