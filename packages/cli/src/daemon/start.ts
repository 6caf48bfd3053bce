import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { escapeText } from '../escape.js';
import { Failure } from '../failure.js';
import type { Home } from '../home.js';
import { type Client, connectClient } from '../rpc/client.js';

const logBytesMax = 1_048_576;
const startTimeoutMs = 30_000;
const retries = 40;
const retryMs = 50;
const shownLines = 3;
const main = fileURLToPath(new URL('../main.js', import.meta.url));

/** A client of the home's daemon, which is started if it isn't running. Rejects with why it did not start. */
export async function connectDaemon(home: Home, args: readonly string[] = []): Promise<Client> {
  const running = await connectRunning(home);
  if (running !== undefined) return running;
  const failure = await startDaemon(home, args);
  if (failure === undefined) return connectClient(home.socket);
  // Another command may have started one at the same moment: it has the home, and will serve in a moment.
  for (let i = 0; i < retries && failure.busy; i++) {
    const other = await connectRunning(home);
    if (other !== undefined) return other;
    await pause(retryMs);
  }
  throw new Failure('io', `The daemon did not start: ${failure.why}`);
}

/** A client of the daemon if one is running. It has answered: one that is about to end still takes connections. */
export async function connectRunning(home: Home): Promise<Client | undefined> {
  let client: Client | undefined;
  try {
    client = await connectClient(home.socket);
    await client.call('info');
    return client;
  } catch {
    client?.close();
    return undefined;
  }
}

/**
 * MiB for what lives only for a moment, twice, and for all the rest, of which a few are in use: the larger these are,
 * the farther Node grows beyond what is in use. They are the main thread's; the others have theirs (`daemon/run.ts`).
 */
const smallHeap = ['--max-semi-space-size=2', '--max-old-space-size=512'];
/** Each thread of ours and of Node's would keep freed memory for itself; glibc reads this, and others let it be. */
const fewArenas = { MALLOC_ARENA_MAX: '2' };

interface StartFailure {
  readonly busy: boolean;
  readonly why: string;
}

/** Starts a daemon that outlives this process; resolves once it serves, or with why it does not. */
async function startDaemon(home: Home, args: readonly string[]): Promise<StartFailure | undefined> {
  const log = openSync(home.log, 'a', 0o600);
  if (fstatSync(log).size > logBytesMax) ftruncateSync(log);
  const from = fstatSync(log).size;
  const daemon = ['up', '--foreground', '--json', '--home', home.path, ...args];
  const child = spawn(process.execPath, [...smallHeap, ...process.execArgv, main, ...daemon], {
    cwd: home.path,
    env: { ...process.env, ...fewArenas },
    detached: true,
    windowsHide: true,
    stdio: ['ignore', 'pipe', log],
  });
  closeSync(log);
  const trouble = await serving(child);
  child.removeAllListeners();
  child.stdout?.destroy();
  child.unref();
  if (trouble === undefined) return undefined;
  const said = readFileSync(home.log).subarray(from).toString('utf8').trim().split('\n').slice(-shownLines);
  const busy = said.some((line) => line.includes('Another program uses the home'));
  return { busy, why: escapeText([trouble, ...said].filter((line) => line !== '').join(' | ')) };
}

/** Resolves when the child says that it serves, or with what happened instead. */
function serving(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => end('no answer in time'), startTimeoutMs);
    const end = (trouble: string | undefined): void => {
      clearTimeout(timer);
      resolve(trouble);
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(`it ended with ${signal ?? `exit code ${code}`}`));
    child.stdout?.once('data', () => end(undefined));
  });
}
