import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { Daemon } from '../daemon.js';
import { create, join, settle } from '../pair.js';
import { Random } from '../random.js';
import { disksDiffer } from '../tree.js';
import { Ledger } from './ledger.js';
import { Person } from './person.js';

export interface KillsOptions {
  readonly repository: string;
  readonly seconds: number;
  readonly seed: number;
}

export interface KillsResult {
  /** What was lost or invented, and what differs at the end; empty when all is well. */
  readonly harm: readonly string[];
  readonly kills: number;
  readonly acts: number;
  readonly contents: number;
  readonly bytes: number;
}

const livesMsMax = 2_500;
const deadMsMax = 400;
const actsMsMax = 60;

/** Two people work on both sides of a folder while both daemons are killed again and again; then all is counted. */
export async function killLoop({ repository, seconds, seed }: KillsOptions): Promise<KillsResult> {
  const base = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'cloudless-kills-')));
  const daemons = ['ada', 'ben'].map((name) => new Daemon(repository, path.join(base, `${name}.home`)));
  const roots = ['ada', 'ben'].map((name) => path.join(base, name));
  try {
    await begin(daemons, roots);
    const ledger = new Ledger();
    const people = roots.map((root, index) => {
      return new Person(path.basename(root), root, new Random(seed * 2 + index), ledger);
    });
    const random = new Random(seed);
    const endMs = Date.now() + seconds * 1_000;
    const [...kills] = await Promise.all([
      ...daemons.map((daemon) => killed(daemon, random, endMs)),
      ...people.map((person) => working(person, random, endMs)),
    ]);
    await Promise.all(daemons.map((daemon) => daemon.up()));
    await settle(daemons);
    const [one = '', other = ''] = roots;
    const sum = (of: (person: Person) => number): number => people.reduce((total, person) => total + of(person), 0);
    return {
      harm: [...disksDiffer(one, other), ...ledger.audit(roots)],
      kills: kills.reduce((total, count) => total + count, 0),
      acts: sum(({ acts }) => acts),
      contents: ledger.contents,
      bytes: sum(({ bytes }) => bytes),
    };
  } finally {
    await Promise.all(daemons.map((daemon) => daemon.kill()));
    fs.rmSync(base, { recursive: true, force: true });
  }
}

async function begin(daemons: readonly Daemon[], roots: readonly string[]): Promise<void> {
  const [ada, ben] = daemons;
  const [adas = '', bens = ''] = roots;
  if (ada === undefined || ben === undefined) throw new Error('two daemons');
  await Promise.all([ada.up(), ben.up()]);
  fs.mkdirSync(adas);
  const { link } = await create(ada, adas);
  await join(ben, link, bens);
  await settle(daemons);
}

/** Kills a daemon at any moment of its life, its start included; gives how often. It is down at the end. */
async function killed(daemon: Daemon, random: Random, endMs: number): Promise<number> {
  let kills = 0;
  while (Date.now() < endMs) {
    await after(random.below(livesMsMax));
    await daemon.kill();
    kills += 1;
    await after(random.below(deadMsMax));
    // A daemon that is killed before it said that it is up says so by ending.
    const up = daemon.up().catch(() => undefined);
    if (random.below(4) > 0) await up;
  }
  await daemon.kill();
  return kills + 1;
}

async function working(person: Person, random: Random, endMs: number): Promise<number> {
  while (Date.now() < endMs) {
    person.act();
    await after(random.below(actsMsMax));
  }
  return 0;
}
