import { spawn } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CloudlessError } from '@cloudless/core';
import type { Home } from '../home.js';
import { Client } from '../rpc/client.js';

const logBytesMax = 1_048_576;
const startTimeoutMs = 30_000;
const main = fileURLToPath(new URL('../main.js', import.meta.url));

/** A client of the home's daemon, which is started if it isn't running. */
export async function connectDaemon(home: Home, args: readonly string[] = []): Promise<Client> {
  const running = await connectRunning(home);
  if (running !== undefined) return running;
  await startDaemon(home, args);
  return Client.connect(home.socket);
}

/** A client of the daemon if one is running. */
export async function connectRunning(home: Home): Promise<Client | undefined> {
  try {
    return await Client.connect(home.socket);
  } catch {
    return undefined;
  }
}

/** Starts a daemon that outlives this process; resolves once it serves. */
async function startDaemon(home: Home, args: readonly string[]): Promise<void> {
  const log = openSync(home.log, 'a', 0o600);
  if (fstatSync(log).size > logBytesMax) ftruncateSync(log);
  const node = process.execArgv;
  const child = spawn(process.execPath, [...node, main, 'up', '--foreground', '--json', '--home', home.path, ...args], {
    cwd: home.path,
    detached: true,
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  await new Promise<void>((resolve, reject) => {
    const fail = (why: string): void => reject(new CloudlessError('io', `The daemon did not start: ${why}. ${lastLine(home.log)}`));
    const timer = setTimeout(() => fail('no answer in time'), startTimeoutMs);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => fail(`it ended with exit code ${code}`));
    child.stdout?.once('data', () => {
      clearTimeout(timer);
      resolve();
    });
  });
  child.removeAllListeners();
  child.stdout?.destroy();
  child.unref();
}

function lastLine(log: string): string {
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  return lines.at(-1) ?? '';
}
