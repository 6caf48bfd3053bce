import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import { root as repository } from '../tidy/source.js';

const program = path.join(repository, 'packages', 'cli', 'dist', 'main.js');
const commandTimeoutMs = 100_000;

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly input?: string;
  /** Arguments of Node, before the program. */
  readonly node?: readonly string[];
}

/** An installation in a home of its own. Its daemon is a child of the test, so that its end is an event. */
export class TestDevice {
  readonly name: string;
  /** Where its folders are. */
  readonly root: string;
  readonly home: string;
  /** Where it listens, once it has been up; it comes back to the same place. */
  address = '127.0.0.1:0';
  readonly #children = new Set<ChildProcess>();
  #daemon: ChildProcess | undefined;

  constructor(name: string, root: string) {
    this.name = name;
    this.root = root;
    this.home = `${root}.home`;
    fs.mkdirSync(root);
  }

  get pid(): number {
    return this.#daemon?.pid ?? -1;
  }

  path(...parts: readonly string[]): string {
    return path.join(this.root, ...parts);
  }

  /** Makes a directory of that name. */
  directory(name: string): string {
    const directory = this.path(name);
    fs.mkdirSync(directory, { recursive: true });
    return directory;
  }

  /** Starts the daemon; resolves when it can be used. */
  async up(options: RunOptions = {}): Promise<void> {
    const daemon = this.start(['up', '--foreground', '--json', '--listen', this.address], options);
    this.#daemon = daemon;
    const listen = listenOf(await firstLine(daemon));
    this.address = listen[0] ?? this.address;
  }

  /** Ends the daemon as a service manager would. */
  async down(): Promise<void> {
    await this.#endDaemon('SIGTERM');
  }

  /** Ends the daemon as a power cut would. */
  async kill(): Promise<void> {
    await this.#endDaemon('SIGKILL');
  }

  /** Starts the program and leaves it running. */
  start(args: readonly string[], options: RunOptions = {}): ChildProcess {
    const env = { ...process.env, CLOUDLESS_HOME: this.home, NO_COLOR: '1' };
    const child = spawn(process.execPath, [...(options.node ?? []), program, ...args], { cwd: this.root, env });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    child.stdin.on('error', () => undefined);
    return child;
  }

  /** Runs one command to its end. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
    const child = this.start(args, options);
    const timer = setTimeout(() => child.kill('SIGKILL'), commandTimeoutMs);
    child.stdin?.end(options.input ?? '');
    const [stdout, stderr] = [textOf(child.stdout), textOf(child.stderr)];
    await once(child, 'close');
    clearTimeout(timer);
    return { code: child.exitCode, stdout: stdout(), stderr: stderr() };
  }

  /** Runs a command that must succeed, and gives what it says to programs. */
  async json<T>(args: readonly string[], options: RunOptions = {}): Promise<T> {
    const { code, stdout, stderr } = await this.run([...args, '--json'], options);
    if (code !== 0)
      throw new Error(`${this.name}: ${args.join(' ')} ended with ${code}\n${stderr}${this.#daemonLog()}`);
    return JSON.parse(stdout) as T;
  }

  /** Shares a directory of this device. */
  share(name: string, ...options: readonly string[]): Promise<Shared> {
    return this.json<Shared>(['share', this.path(name), ...options]);
  }

  join(code: string, name: string): Promise<{ readonly name: string; readonly path: string; readonly level: string }> {
    return this.json(['join', code, this.path(name), '--timeout', '60']);
  }

  /** Waits until in step with all that are connected; gives the fingerprint. */
  async inStep(seconds = 90): Promise<string> {
    const { fingerprint } = await this.json<{ readonly fingerprint: string }>(['wait', '--timeout', `${seconds}`]);
    return fingerprint;
  }

  peers(): Promise<readonly Peer[]> {
    return this.json(['peers']);
  }

  /** The one folder of this device, as in `status`. */
  async status(): Promise<FolderStatus> {
    const { folders } = await this.json<{ readonly folders: readonly FolderStatus[] }>(['status']);
    const [folder] = folders;
    if (folder === undefined) throw new Error(`${this.name} has no folder`);
    return folder;
  }

  /** Leaves nothing running. */
  async end(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all([...this.#children].map((child) => once(child, 'exit')));
  }

  async #endDaemon(signal: NodeJS.Signals): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === undefined) return;
    this.#daemon = undefined;
    daemon.kill(signal);
    if (daemon.exitCode === null && daemon.signalCode === null) await once(daemon, 'exit');
  }

  #daemonLog(): string {
    const file = path.join(this.home, 'daemon.log');
    return fs.existsSync(file) ? `\nlog:\n${fs.readFileSync(file, 'utf8').slice(-2_000)}` : '';
  }
}

export interface Shared {
  readonly folder: string;
  readonly id: string;
  readonly code: string;
  readonly words: string;
  readonly link: string;
  readonly expires: string;
}

export interface Peer {
  readonly device: string;
  readonly path: string;
  readonly address: string;
  readonly in: number;
  readonly out: number;
}

export interface FolderStatus {
  readonly state: string;
  readonly have: number;
  readonly want: number;
  readonly bytesLeft: number;
  readonly conflicts: number;
  readonly unsyncable: number;
  readonly fingerprint: string;
}

function textOf(stream: NodeJS.ReadableStream | null): () => string {
  const pieces: Buffer[] = [];
  stream?.on('data', (piece: Buffer) => pieces.push(piece));
  return () => Buffer.concat(pieces).toString('utf8');
}

/** The first line a child prints, or an error with what it said instead. */
async function firstLine(child: ChildProcess): Promise<string> {
  const errors = textOf(child.stderr);
  if (child.stdout === null) throw new Error('the child has no output');
  const lines = readline.createInterface({ input: child.stdout });
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  lines.once('line', resolve);
  child.once('exit', (code) => reject(new Error(`ended with ${code} before a word: ${errors()}`)));
  return promise;
}

function listenOf(line: string): readonly string[] {
  return (JSON.parse(line) as { readonly listen: readonly string[] }).listen;
}
