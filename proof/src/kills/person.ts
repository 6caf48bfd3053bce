import fs from 'node:fs';
import path from 'node:path';
import { PersonsFolder } from '../oracle/folder.js';
import type { Random } from '../random.js';
import type { Ledger } from './ledger.js';

const names = ['a', 'b', 'notes/c', 'notes/d', 'notes/more/e', 'films/f', 'films/g', 'h'];
const sizes = [20, 800, 5_000, 90_000, 400_000, 2_500_000];

/** Somebody who works in a folder, and enters in the ledger what is written, replaced and removed. */
export class Person {
  readonly #name: string;
  readonly #root: string;
  readonly #folder: PersonsFolder;
  readonly #random: Random;
  readonly #ledger: Ledger;
  #acts = 0;
  bytes = 0;

  constructor(name: string, root: string, random: Random, ledger: Ledger) {
    this.#name = name;
    this.#root = root;
    this.#folder = new PersonsFolder(root, `${root}.beside`);
    this.#random = random;
    this.#ledger = ledger;
  }

  get acts(): number {
    return this.#acts;
  }

  act(): void {
    this.#acts += 1;
    const name = this.#random.pick(names);
    const choice = this.#random.below(10);
    if (choice < 5) this.#write(name, this.#fresh());
    else if (choice < 7) this.#write(name, `${this.#folder.read(name) ?? ''}${this.#title()}\n`);
    else if (choice < 8) this.#rename(name, this.#random.pick(names));
    else this.#remove(this.#random.below(6) === 0 ? 'notes' : name);
  }

  #write(name: string, content: string): void {
    this.bytes += content.length;
    this.#ledger.wrote(content, `${this.#name}'s ${name}`);
    const { old, fate } = this.#folder.replace(name, content);
    if (old !== undefined && fate === 'seen') this.#ledger.gone(old);
  }

  /** As `mv` does: what stands at the new name gives way. */
  #rename(from: string, to: string): void {
    const content = this.#folder.read(from);
    if (content === undefined || from === to) return;
    // Two steps of a person who saw both: what they meet in between is theirs to see too.
    for (const [, text] of this.#folder.remove(from)) this.#ledger.gone(text);
    this.#write(to, content);
  }

  #remove(name: string): void {
    for (const [, text] of this.#folder.remove(name)) this.#ledger.gone(text);
    const above = path.join(this.#root, path.dirname(name));
    if (!fs.existsSync(above)) fs.mkdirSync(above, { recursive: true });
  }

  /** A content that nobody wrote before. */
  #fresh(): string {
    const size = this.#random.pick(sizes);
    let content = `${this.#title()}\n`;
    for (let line = 0; content.length < size; line++) content += `${line} ${this.#random.next()} `.repeat(8);
    return content;
  }

  #title(): string {
    return `${this.#name} ${this.#acts} ${this.#random.next()}`;
  }
}
