import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Driver } from './driver.js';

const folder = 'common';
const apiKey = 'oracle';
const startMsMax = 60_000;
const pollMs = 50;

export function hasSyncthing(): boolean {
  return spawnSync('syncthing', ['--version']).status === 0;
}

interface Node {
  readonly home: string;
  readonly root: string;
  readonly port: number;
  readonly api: string;
  id: string;
  process?: ChildProcess;
}

/** Syncthing, if this machine has it: on loopback only, with nothing that asks the outside. */
export class SyncthingDriver implements Driver {
  readonly #base: string = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'oracle-syncthing-')));
  readonly #nodes: Node[] = [];

  async start(nodes: number): Promise<readonly string[]> {
    for (let index = 0; index < nodes; index++) this.#nodes.push(await this.#make(index));
    for (const node of this.#nodes) fs.writeFileSync(path.join(node.home, 'config.xml'), this.#config(node));
    for (const node of this.#nodes) {
      const env = { ...process.env, HOME: this.#base, STNOUPGRADE: '1', STNODEFAULTFOLDER: '1' };
      const args = ['serve', `--home=${node.home}`, '--no-browser', '--no-restart', '--no-upgrade', '--logfile=-'];
      node.process = spawn('syncthing', args, { stdio: 'ignore', env });
    }
    await this.#until(async () => (await this.#each((node) => this.#connected(node))).every(Boolean));
    await this.settle();
    return this.#nodes.map(({ root }) => root);
  }

  /** Looks at every disk, then waits until nobody needs anything of anybody. */
  async settle(): Promise<void> {
    await this.#until(async () => {
      await this.#each((node) => ask(node, 'POST', `/db/scan?folder=${folder}`));
      const first = await this.#quiet();
      return first !== undefined && first === (await this.#quiet());
    });
  }

  halt(node: number): void {
    this.#nodes[node]?.process?.kill('SIGSTOP');
  }

  go(node: number): void {
    this.#nodes[node]?.process?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    for (const { process: child } of this.#nodes) {
      if (child === undefined || child.exitCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    fs.rmSync(this.#base, { recursive: true, force: true });
  }

  async #make(index: number): Promise<Node> {
    const home = path.join(this.#base, `${index}.home`);
    const root = path.join(this.#base, `${index}`);
    fs.mkdirSync(path.join(root, '.stfolder'), { recursive: true });
    const env = { ...process.env, HOME: this.#base };
    const options = { env, encoding: 'utf8' } as const;
    spawnSync('syncthing', ['generate', `--home=${home}`, '--no-default-folder', '--skip-port-probing'], options);
    const id = spawnSync('syncthing', [`--home=${home}`, '--device-id'], options).stdout.trim();
    return { home, root, port: await freePort(), api: `127.0.0.1:${await freePort()}`, id };
  }

  #config(node: Node): string {
    const devices = this.#nodes
      .map(({ id, port }) => `<device id="${id}"><address>tcp://127.0.0.1:${port}</address></device>`)
      .join('');
    const shared = this.#nodes.map(({ id }) => `<device id="${id}"></device>`).join('');
    const off = ['globalAnnounceEnabled', 'localAnnounceEnabled', 'relaysEnabled', 'natEnabled', 'startBrowser'];
    return `<configuration version="36">
<folder id="${folder}" label="${folder}" path="${node.root}" type="sendreceive" fsWatcherEnabled="true"
  fsWatcherDelayS="1" rescanIntervalS="3600">${shared}<maxConflicts>-1</maxConflicts></folder>
${devices}<gui enabled="true"><address>${node.api}</address><apikey>${apiKey}</apikey></gui>
<options><listenAddress>tcp://127.0.0.1:${node.port}</listenAddress>
${off.map((name) => `<${name}>false</${name}>`).join('')}
<urAccepted>-1</urAccepted><crashReportingEnabled>false</crashReportingEnabled>
<autoUpgradeIntervalH>0</autoUpgradeIntervalH><reconnectionIntervalS>1</reconnectionIntervalS></options>
</configuration>\n`;
  }

  async #connected(node: Node): Promise<boolean> {
    const { connections } = await ask<{ connections: Record<string, { readonly connected: boolean }> }>(
      node,
      'GET',
      '/system/connections',
    );
    const others = Object.entries(connections).filter(([id]) => id !== node.id);
    return others.length === this.#nodes.length - 1 && others.every(([, { connected }]) => connected);
  }

  /** How far all logs are, when everybody is idle and complete; undefined otherwise. */
  async #quiet(): Promise<string | undefined> {
    const states = await this.#each((node) => ask<Status>(node, 'GET', `/db/status?folder=${folder}`));
    if (states.some(({ state, needTotalItems }) => state !== 'idle' || needTotalItems > 0)) return undefined;
    const counts = new Set(states.map((each) => `${each.globalFiles} ${each.globalDirectories} ${each.globalDeleted}`));
    return counts.size === 1 ? JSON.stringify(states.map(({ sequence }) => sequence)) : undefined;
  }

  #each<T>(of: (node: Node) => Promise<T>): Promise<readonly T[]> {
    return Promise.all(this.#nodes.map(of));
  }

  async #until(isSo: () => Promise<boolean>): Promise<void> {
    const endMs = Date.now() + startMsMax;
    while (!(await isSo().catch(() => false))) {
      if (Date.now() > endMs) throw new Error('Syncthing did not come to rest');
      await after(pollMs);
    }
  }
}

interface Status {
  readonly state: string;
  readonly needTotalItems: number;
  readonly globalFiles: number;
  readonly globalDirectories: number;
  readonly globalDeleted: number;
  readonly sequence: number;
}

async function ask<T>(node: Node, method: string, resource: string): Promise<T> {
  const headers = { 'X-API-Key': apiKey };
  const response = await fetch(`http://${node.api}/rest${resource}`, { method, headers });
  if (!response.ok) throw new Error(`${resource}: ${response.status}`);
  const text = await response.text();
  return (text === '' ? {} : JSON.parse(text)) as T;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
