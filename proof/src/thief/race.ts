import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { Daemon, Refused } from '../daemon.js';
import { create, join, settle } from '../pair.js';
import { Random } from '../random.js';
import { disksDiffer } from '../tree.js';

export interface RaceOptions {
  readonly repository: string;
  readonly seconds: number;
  readonly seed: number;
  /** Take the defence away, to see the race won. */
  readonly follow?: boolean;
}

export interface RaceResult {
  /** What was touched outside, or came in from there, or differs at the end; empty when all is well. */
  readonly harm: readonly string[];
  readonly swaps: number;
  /** How often the daemon met a link where it had seen a directory. */
  readonly refusals: number;
  /** Changes of the peer, and restores, that were done on the disk below. */
  readonly changes: number;
  readonly restores: number;
}

const secret = 'nobody in this folder may read this';
const directories = ['d', 'd/e', '.cloudless/tmp', '.cloudless/archive'];
const filesEach = 12;

/** Ada changes files below directories that a thief swaps for links at Ben's, who also restores old versions. */
export async function race(options: RaceOptions): Promise<RaceResult> {
  const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'cloudless-thief-')));
  const counts = path.join(base, 'refusals');
  const [ada, ben] = [new Daemon(options.repository, path.join(base, 'ada.home')), bensDaemon(options, base, counts)];
  try {
    await Promise.all([ada.up(), ben.up()]);
    return await new Race(options, base, ada, ben).run(counts);
  } finally {
    await Promise.all([ada.kill(), ben.kill()]);
    fs.rmSync(base, { recursive: true, force: true });
  }
}

function bensDaemon({ repository, follow }: RaceOptions, base: string, counts: string): Daemon {
  fs.writeFileSync(counts, '');
  const preload = path.join(repository, 'proof/dist/thief/count.js');
  const env = { THIEF_COUNT: counts, ...(follow === true && { THIEF_FOLLOW: '1' }) };
  return new Daemon(repository, path.join(base, 'ben.home'), { node: ['--import', preload], env });
}

class Race {
  readonly #options: RaceOptions;
  readonly #base: string;
  readonly #ada: Daemon;
  readonly #ben: Daemon;
  readonly #random: Random;
  readonly #adas: string;
  readonly #bens: string;
  readonly #outside: string;
  #changes = 0;
  #restores = 0;

  constructor(options: RaceOptions, base: string, ada: Daemon, ben: Daemon) {
    this.#options = options;
    this.#base = base;
    this.#ada = ada;
    this.#ben = ben;
    this.#random = new Random(options.seed);
    this.#adas = path.join(base, 'ada');
    this.#bens = path.join(base, 'ben');
    this.#outside = path.join(base, 'outside');
  }

  async run(counts: string): Promise<RaceResult> {
    fs.mkdirSync(path.join(this.#adas, 'd/e'), { recursive: true });
    for (let index = 0; index < 2 * filesEach; index++) this.#change();
    for (let index = 0; index < 50; index++) fs.writeFileSync(path.join(this.#adas, `calm-${index}`), `${index}\n`);
    const { link } = await create(this.#ada, this.#adas);
    await join(this.#ben, link, this.#bens);
    await settle([this.#ada, this.#ben]);
    this.#fillOutside();
    const before = snapshot(this.#outside);
    const swaps = await this.#raceOn();
    await settle([this.#ada, this.#ben]);
    const after = snapshot(this.#outside);
    const harm = [...differences(before, after), ...this.#broughtIn(), ...disksDiffer(this.#adas, this.#bens)];
    const refusals = fs.statSync(counts).size;
    return { harm, swaps, refusals, changes: this.#changes, restores: this.#restores };
  }

  /** The same names as in the folder, with what must neither change nor be read. */
  #fillOutside(): void {
    for (const directory of directories) {
      const outside = path.join(this.#outside, directory);
      fs.mkdirSync(outside, { recursive: true });
      for (let index = 0; index < filesEach; index++)
        fs.writeFileSync(path.join(outside, `f${index}`), `${secret} ${index}\n`);
    }
    // In the archive, the names of what is restored.
    const groups = path.join(this.#bens, '.cloudless/archive');
    if (fs.existsSync(groups)) fs.cpSync(groups, path.join(this.#outside, '.cloudless/archive'), { recursive: true });
  }

  async #raceOn(): Promise<number> {
    const pairs = directories.map((name) => `${path.join(this.#bens, name)}=${path.join(this.#outside, name)}`);
    const parking = path.join(this.#base, 'parking');
    fs.mkdirSync(parking);
    const program = path.join(this.#options.repository, 'proof/dist/thief/swap.js');
    const thief = spawn(process.execPath, [program, `${this.#options.seed}`, parking, ...pairs]);
    let said = '';
    thief.stdout.on('data', (piece: Buffer) => {
      said += piece.toString();
    });
    const endMs = Date.now() + this.#options.seconds * 1_000;
    for (let turn = 0; Date.now() < endMs; turn++) {
      for (let burst = this.#random.below(8); burst > 0; burst--) this.#change();
      if (turn % 4 === 0) await this.#restore();
      await after(this.#random.below(40));
    }
    thief.stdin.end();
    await once(thief, 'close');
    return Number(said);
  }

  /** Ada writes, replaces, removes or makes something executable. */
  #change(): void {
    const file = path.join(this.#adas, this.#name());
    this.#changes += 1;
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const kind = this.#random.below(6);
    if (kind === 0) return fs.rmSync(file, { force: true });
    if (kind === 1 && fs.existsSync(file)) return fs.chmodSync(file, this.#random.below(2) === 0 ? 0o755 : 0o644);
    if (kind === 2) return this.#replaceDirectory();
    fs.writeFileSync(file, `${this.#changes} ${'x'.repeat(this.#random.below(20_000))}\n`);
  }

  #replaceDirectory(): void {
    const directory = path.join(this.#adas, 'd', `sub${this.#random.below(3)}`);
    if (fs.existsSync(directory)) return fs.rmSync(directory, { recursive: true, force: true });
    fs.mkdirSync(directory, { recursive: true });
    fs.writeFileSync(path.join(directory, 'f0'), `${this.#changes}\n`);
  }

  async #restore(): Promise<void> {
    try {
      await this.#ben.call('restore', { path: path.join(this.#bens, this.#name()) });
      this.#restores += 1;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }

  #name(): string {
    return `${this.#random.pick(['d', 'd/e'])}/f${this.#random.below(filesEach)}`;
  }

  /** Files of either side that hold what lies outside. */
  #broughtIn(): readonly string[] {
    return [this.#adas, this.#bens].flatMap((root) =>
      filesBelow(root)
        .filter((file) => isFile(file) && fs.readFileSync(file).includes(secret))
        .map((file) => `${file} was read from outside`),
    );
  }
}

function isFile(file: string): boolean {
  return fs.lstatSync(file).isFile();
}

/** All that can be said of everything below a directory without changing it. */
function snapshot(root: string): ReadonlyMap<string, string> {
  const rows = filesBelow(root).map((file): [string, string] => [path.relative(root, file), identity(file)]);
  return new Map([['', identity(root)], ...rows]);
}

function identity(file: string): string {
  const { ino, mode, size, nlink, mtimeNs, ctimeNs } = fs.lstatSync(file, { bigint: true });
  const text = fs.lstatSync(file).isFile() ? fs.readFileSync(file, 'base64') : '';
  return [ino, mode, size, nlink, mtimeNs, ctimeNs, text].join(' ');
}

function filesBelow(root: string): readonly string[] {
  return fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).map((name) => path.join(root, name));
}

function differences(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): readonly string[] {
  const gone = [...before.keys()].filter((name) => !after.has(name)).map((name) => `outside/${name} was removed`);
  const made = [...after.keys()].filter((name) => !before.has(name)).map((name) => `outside/${name} was made`);
  const changed = [...after].filter(([name, text]) => before.has(name) && before.get(name) !== text);
  return [...gone, ...made, ...changed.map(([name]) => `outside/${name} was changed`)];
}
