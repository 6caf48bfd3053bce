import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { Driver } from './driver.js';
import { PersonsFolder, type Written } from './folder.js';
import { explain, type Observation } from './model.js';
import { type Act, files, type Script } from './script.js';

export interface Outcome {
  /** Why no order of hidden steps explains what was seen; undefined when one does. */
  readonly wrong: string | undefined;
  readonly observations: number;
  readonly conflicts: number;
  /** Acts that met the program in the middle of replacing a file. */
  readonly races: number;
}

const settleMsMax = 60_000;
const valueLength = 32;

/** Started nodes, on which any number of scripts can be played, each in a directory of its own. */
export class Stage {
  readonly #driver: Driver;
  readonly #roots: readonly string[];
  #plays = 0;

  constructor(driver: Driver, roots: readonly string[]) {
    this.#driver = driver;
    this.#roots = roots;
  }

  async play(script: Script): Promise<Outcome> {
    this.#plays += 1;
    const play = new Play(this.#driver, this.#roots, `run-${process.pid}-${this.#plays}`);
    await play.begin();
    try {
      for (const act of script) await play.do(act);
      return play.judge();
    } catch (error) {
      if (error instanceof Wrong) return { ...play.judge(), wrong: error.message };
      throw error;
    } finally {
      await play.end();
    }
  }
}

/** Something that no model needs to be asked about. */
class Wrong extends Error {}

class Play {
  readonly #driver: Driver;
  readonly #roots: readonly string[];
  readonly #people: readonly PersonsFolder[];
  readonly #halted = new Set<number>();
  readonly #seen = new Map<string, Observation[]>(files.map((file) => [file, []]));
  #values = 0;
  #conflicts = 0;
  #races = 0;

  constructor(driver: Driver, roots: readonly string[], name: string) {
    this.#driver = driver;
    this.#roots = roots.map((root) => path.join(root, name));
    this.#people = this.#roots.map((root, node) => new PersonsFolder(root, besideOf(roots[node] ?? '')));
  }

  /** Everybody has the directory of the run before anything happens in it. */
  async begin(): Promise<void> {
    fs.mkdirSync(this.#roots[0] ?? '');
    await this.#atRest();
  }

  async do(act: Act): Promise<void> {
    if (act.act === 'pause') return after(act.ms);
    if (act.act === 'stabilise') return this.#stabilise();
    if (act.act === 'halt') return this.#halt(act.node);
    if (act.act === 'go') return this.#go(act.node);
    if (act.act === 'read') return this.#note(act.path, { type: 'read', node: act.node, value: this.#read(act) });
    if (act.act === 'delete') return this.#delete(act.node, act.path);
    const value = this.#value(act.node, act.path);
    const person = this.#person(act.node);
    const written = act.how === 'replace' ? person.replace(act.path, value) : person.writeInPlace(act.path, value);
    this.#wrote(act.node, act.path, value, written);
  }

  judge(): Outcome {
    const counts = { conflicts: this.#conflicts, races: this.#races };
    const observations = [...this.#seen.values()].reduce((sum, seen) => sum + seen.length, 0);
    for (const [file, seen] of this.#seen) {
      const verdict = explain(this.#roots.length, seen);
      if (verdict.explained) continue;
      const lines = seen.map((each, index) => `${index === verdict.upTo ? '> ' : '  '}${JSON.stringify(each)}`);
      return { wrong: `nothing explains what was seen of ${file}:\n${lines.join('\n')}`, observations, ...counts };
    }
    return { wrong: undefined, observations, ...counts };
  }

  async end(): Promise<void> {
    for (const node of this.#halted) this.#driver.go(node);
    fs.rmSync(this.#roots[0] ?? '', { recursive: true, force: true });
  }

  #wrote(node: number, file: string, value: string, { old, fate }: Written): void {
    if (fate !== 'seen') this.#races += 1;
    if (fate === 'late') {
      this.#note(file, { type: 'late', node, value });
      return;
    }
    this.#note(file, { type: 'write', node, old, value, ...(fate === 'blind' && { blind: true }) });
  }

  #delete(node: number, name: string): void {
    const found = this.#person(node).remove(name);
    const known = files.filter((file) => file === name || file.startsWith(`${name}/`));
    for (const file of known) this.#note(file, { type: 'delete', node, old: found.get(file) });
    for (const [file, text] of found) if (!isFile(file)) this.#copyGone(text);
  }

  #copyGone(text: string): void {
    const file = fileOf(text);
    if (file !== undefined) this.#note(file, { type: 'drop', value: text });
  }

  async #stabilise(): Promise<void> {
    for (const node of this.#halted) this.#driver.go(node);
    this.#halted.clear();
    const shown = await this.#atRest();
    const copies = new Map<string, string[]>(files.map((file) => [file, []]));
    for (const [name, text] of shown) {
      if (isFile(name)) continue;
      const list = copies.get(fileOf(text) ?? '');
      if (list === undefined) throw new Wrong(`${name} holds what nobody wrote: ${JSON.stringify(text)}`);
      list.push(text);
      this.#conflicts += 1;
    }
    for (const [file, texts] of copies)
      this.#note(file, { type: 'stable', value: shown.get(file), copies: texts.sort() });
  }

  /** Waits until all say that they are in step and the disks are equal. */
  async #atRest(): Promise<ReadonlyMap<string, string>> {
    const endMs = Date.now() + settleMsMax;
    for (;;) {
      await this.#driver.settle();
      const [first = new Map<string, string>(), ...others] = this.#people.map((person) => person.all());
      const isThere = this.#roots.every((root) => fs.existsSync(root));
      if (isThere && others.every((other) => isSame(first, other))) return first;
      if (Date.now() > endMs) throw new Wrong(`the disks stay different:\n${this.#disks()}`);
    }
  }

  #disks(): string {
    return this.#people.map((person, node) => `${node}: ${JSON.stringify([...person.all()])}`).join('\n');
  }

  #halt(node: number): void {
    this.#halted.add(node);
    this.#driver.halt(node);
  }

  #go(node: number): void {
    this.#halted.delete(node);
    this.#driver.go(node);
  }

  #read(act: { readonly node: number; readonly path: string }): string | undefined {
    return this.#person(act.node).read(act.path);
  }

  #person(node: number): PersonsFolder {
    const person = this.#people[node];
    if (person === undefined) throw new Error(`no node ${node}`);
    return person;
  }

  #note(file: string, seen: Observation): void {
    this.#seen.get(file)?.push(seen);
  }

  /** A text that nobody wrote before, always of the same length, so that writing it in place is one step. */
  #value(node: number, file: string): string {
    this.#values += 1;
    return `${file} by ${node}, ${this.#values} `.padEnd(valueLength - 1, '.').concat('\n');
  }
}

function besideOf(root: string): string {
  return `${root}.beside`;
}

function isFile(name: string): boolean {
  return (files as readonly string[]).includes(name);
}

/** The file that a text was written to. */
function fileOf(text: string): string | undefined {
  const name = text.slice(0, text.indexOf(' by '));
  return text.length === valueLength && isFile(name) ? name : undefined;
}

function isSame(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([name, text]) => b.get(name) === text);
}
