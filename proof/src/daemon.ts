import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';

const startMsMax = 60_000;

/** What the daemon answers when it can't do what it is asked. */
export class Refused extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface DaemonOptions {
  /** Arguments of Node, before the program. */
  readonly node?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: { readonly message: string; readonly data?: { readonly code?: string } };
}

/** A real daemon of this checkout in a home of its own, asked through its socket (`docs/control-api.md`). */
export class Daemon {
  readonly home: string;
  readonly #program: string;
  readonly #options: DaemonOptions;
  #address = '127.0.0.1:0';
  #child: ChildProcess | undefined;
  #socket: net.Socket | undefined;
  #calls = 0;
  readonly #waiting = new Map<number, (answer: Answer) => void>();

  constructor(repository: string, home: string, options: DaemonOptions = {}) {
    this.#program = path.join(repository, 'packages/cli/dist/main.js');
    this.home = home;
    this.#options = options;
  }

  /** Where it listens, once it has been up; it comes back to the same place. */
  get address(): string {
    return this.#address;
  }

  get pid(): number {
    return this.#child?.pid ?? -1;
  }

  /** Starts it; resolves when it can be asked. */
  async up(): Promise<void> {
    const { node = [], env = {} } = this.#options;
    const command = ['up', '--foreground', '--json', '--home', this.home, '--listen', this.#address];
    const child = spawn(process.execPath, [...node, this.#program, ...command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#child = child;
    let errors = '';
    child.stderr.on('data', (piece: Buffer) => {
      errors = `${errors}${piece.toString()}`.slice(-2_000);
    });
    const lines = readline.createInterface({ input: child.stdout });
    const timer = setTimeout(() => child.kill('SIGKILL'), startMsMax);
    const line = await Promise.race([once(lines, 'line'), once(child, 'exit')]);
    clearTimeout(timer);
    if (typeof line[0] !== 'string') throw new Error(`the daemon ended before a word: ${errors}`);
    const { listen } = JSON.parse(line[0]) as { readonly listen: readonly string[] };
    this.#address = listen[0] ?? this.#address;
    await this.#connect();
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends it as a service manager would. */
  async down(): Promise<void> {
    if (this.#child !== undefined) this.#child.kill('SIGCONT');
    await this.#end('SIGTERM');
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  /** Calls a method of the control API; throws `Refused`. */
  async call<T>(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<T> {
    const id = ++this.#calls;
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(id, resolve);
    this.#socket?.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    const { result, error } = await promise;
    if (error !== undefined) throw new Refused(error.data?.code ?? '', error.message);
    return result as T;
  }

  async #connect(): Promise<void> {
    const socket = net.connect(socketPath(this.home));
    await once(socket, 'connect');
    this.#socket = socket;
    const lines = readline.createInterface({ input: socket });
    lines.on('line', (line) => this.#answered(JSON.parse(line) as Answer));
    // A daemon that is killed resets the connection, which its end says too.
    for (const each of [socket, lines]) each.on('error', () => undefined);
    socket.on('close', () => this.#closed());
  }

  #answered(answer: Answer): void {
    const resolve = this.#waiting.get(answer.id ?? -1);
    this.#waiting.delete(answer.id ?? -1);
    resolve?.(answer);
  }

  #closed(): void {
    const error = { message: 'the daemon has ended', data: { code: 'closed' } };
    for (const resolve of this.#waiting.values()) resolve({ error });
    this.#waiting.clear();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    this.#socket?.destroy();
    this.#closed();
  }
}

function socketPath(home: string): string {
  const said = path.join(home, 'socket-path');
  return fs.existsSync(said) ? fs.readFileSync(said, 'utf8').trim() : path.join(home, 'control.sock');
}
