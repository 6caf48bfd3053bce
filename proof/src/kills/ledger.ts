import fs from 'node:fs';
import path from 'node:path';
import { hashOf } from '../tree.js';

/** Every content that people wrote, and what became of it as far as they know. */
export class Ledger {
  /** Where each was written, by hash; `undefined` once somebody who saw it wrote over it or removed it. */
  readonly #written = new Map<string, string | undefined>();

  get contents(): number {
    return this.#written.size;
  }

  wrote(content: string, where: string): void {
    this.#written.set(hashOf(content), where);
  }

  /** Somebody saw this content and put something else in its place, or nothing. */
  gone(content: string): void {
    const hash = hashOf(content);
    if (this.#written.has(hash)) this.#written.set(hash, undefined);
  }

  /** A line for each content that is nowhere in these folders, and for each file that nobody wrote. */
  audit(roots: readonly string[]): readonly string[] {
    const shown = roots.flatMap((root) => filesBelow(root, (name) => name !== '.cloudless'));
    const kept = roots.flatMap((root) => filesBelow(path.join(root, '.cloudless/archive'), () => true));
    const invented = shown.filter((file) => !this.#written.has(hashOf(fs.readFileSync(file))));
    const here = new Set([...shown, ...kept].map((file) => hashOf(fs.readFileSync(file))));
    const lost = [...this.#written].filter(([hash, where]) => where !== undefined && !here.has(hash));
    return [
      ...invented.map((file) => `nobody wrote what is in ${file}`),
      ...lost.map(([hash, where]) => `what was written at ${where} is nowhere (${hash.slice(0, 12)})`),
    ];
  }
}

function filesBelow(root: string, isMeant: (name: string) => boolean): readonly string[] {
  if (!fs.existsSync(root)) return [];
  return fs.readdirSync(root, { withFileTypes: true }).flatMap((entry) => {
    if (!isMeant(entry.name)) return [];
    const file = path.join(root, entry.name);
    if (entry.isDirectory()) return filesBelow(file, () => true);
    return entry.isFile() ? [file] : [];
  });
}
