// Two devices, a process each, with a folder in common; for bench/run.mjs.
import { fork } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const closeMs = 5_000;
const program = fileURLToPath(new URL('device.mjs', import.meta.url));
/** How `cloudless up` starts Node. */
const asTheDaemon = {
  execArgv: [...process.execArgv, '--max-semi-space-size=2', '--max-old-space-size=512'],
  env: { ...process.env, MALLOC_ARENA_MAX: '2' },
};

/** A device in a process of its own. */
export class Remote {
  #child;
  #calls = new Map();
  #counter = 0;
  #over = Promise.withResolvers();
  #isOver = false;
  /** Gets the latency of each line that arrives. */
  arrived = () => undefined;

  static async start(home) {
    const remote = new Remote();
    const { promise, resolve, reject } = Promise.withResolvers();
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'];
    remote.#child = fork(program, [home], { ...asTheDaemon, stdio });
    remote.#child.once('exit', (code) => remote.#exited(code, reject));
    remote.#child.on('message', (message) => (message.ready === true ? resolve() : remote.#message(message)));
    await promise;
    return remote;
  }

  call(call, ...args) {
    if (this.#isOver) return Promise.reject(new Error('a device that has ended is asked'));
    return new Promise((resolve, reject) => {
      const id = ++this.#counter;
      this.#calls.set(id, { resolve, reject });
      this.#child.send({ id, call, args });
    });
  }

  kill() {
    this.#child.kill('SIGKILL');
  }

  /** Kills it and waits until it is gone. */
  async killed() {
    this.kill();
    await this.#over.promise;
  }

  /** Closes it and waits until it is gone. */
  async close() {
    this.call('close').catch(() => undefined);
    await Promise.race([this.#over.promise, after(closeMs)]);
    this.kill();
  }

  #message({ id, result, error, latencyMs, failed }) {
    if (latencyMs !== undefined) return this.arrived(latencyMs);
    if (failed !== undefined) return console.error(`following the log failed: ${failed}`);
    const { resolve, reject } = this.#calls.get(id);
    this.#calls.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  }

  #exited(code, reject) {
    const error = new Error(`a device ended with ${code}`);
    this.#isOver = true;
    this.#over.resolve();
    reject(error);
    for (const waiting of this.#calls.values()) waiting.reject(error);
  }
}

/** Calls `work` with two devices that share an empty folder; both are gone afterwards. */
export async function withPair(root, work) {
  const devices = [];
  try {
    for (const name of ['one', 'other']) devices.push(await Remote.start(path.join(root, `${name}.home`)));
    const [one, other] = devices;
    const paths = { one: path.join(root, 'one'), other: path.join(root, 'other') };
    fs.mkdirSync(paths.one);
    const folder = await one.call('create', paths.one);
    await other.call('join', await one.call('invite', folder), paths.other);
    const settle = async () => {
      for (const device of devices) await device.call('inStep', folder);
    };
    await settle();
    return await work({ one, other, paths, folder, settle });
  } finally {
    await Promise.all(devices.map((device) => device.close()));
  }
}

function after(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}

/** What both devices used so far. */
export async function costOf({ one, other }) {
  const devices = [one, other];
  const peaks = await Promise.all(devices.map((device) => device.call('peakBytes')));
  const cpu = await Promise.all(devices.map((device) => device.call('cpuMs')));
  const peers = await other.call('peers');
  return {
    peaks,
    cpuMs: cpu[0] + cpu[1],
    wireBytes: peers.reduce((sum, peer) => sum + peer.in + peer.out, 0),
  };
}
